//! A change that somebody asks for.

use super::{ResourceId, SafeText};

/// How careful the confirmation must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// T1: can be undone (start, snapshot). One confirmation.
    Reversible,
    /// T2: interrupts service (reboot, failover, scale, stop). Type the last four characters.
    Disruptive,
    /// T3: loses something (delete). Type the whole identifier; a final snapshot by default.
    Loss,
}

/// What an operation asks the person for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// Stable name, also the key in `Operation::fields`: `class`, `target`, `final-snapshot`.
    pub id: &'static str,
    /// Label on the card.
    pub title: &'static str,
    /// What goes in.
    pub kind: FieldKind,
    /// Whether it may stay empty.
    pub required: bool,
}

/// A field: id, label, what goes in, and whether it is needed.
pub const fn field(id: &'static str, title: &'static str, kind: FieldKind, required: bool) -> Field {
    Field { id, title, kind, required }
}

/// What goes into a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldKind {
    /// Words.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// One of these.
    Choice(&'static [&'static str]),
    /// The name of a reader of this cluster.
    Reader,
}

/// What a running operation does to those who use the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impact(pub &'static str);

/// How to come back from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery(pub &'static str);

/// An operation that a service declares.
#[derive(Debug, PartialEq)]
pub struct OperationSpec {
    /// Stable id, the headless name: `reboot`, `failover`, `snapshot`.
    pub id: &'static str,
    /// Title in the actions menu.
    pub title: &'static str,
    /// Kinds (by `KindSpec::id`) that have it.
    pub kinds: &'static [&'static str],
    /// The AWS operation it calls, as in `rds:RebootDBInstance`: looked up in the guard's table.
    pub api: &'static str,
    /// Confirmation tier.
    pub tier: Tier,
    /// What it does to users.
    pub impact: Impact,
    /// The way back.
    pub recovery: Recovery,
    /// What it asks for.
    pub fields: &'static [Field],
    /// The `aws` CLI form, with `{name}` for the identifier (`{name.0}` and `{name.1}` for what
    /// stands before and after its first dot), `{field-id}` for fields and
    /// `[text]{?field-id}` or `[text]{!field-id}` around what depends on one: see
    /// [`OperationSpec::cli_form`].
    pub cli: &'static str,
}

impl OperationSpec {
    /// An operation, for what it does, the way back, its fields and its `aws` form to be filled in.
    pub const fn new(
        id: &'static str,
        title: &'static str,
        kinds: &'static [&'static str],
        api: &'static str,
        tier: Tier,
    ) -> Self {
        let (impact, recovery) = (Impact(""), Recovery(""));
        Self { id, title, kinds, api, tier, impact, recovery, fields: &[], cli: "" }
    }

    /// The `aws` command line for the resource called `name` with what `value` says of each
    /// field. Values are quoted for a POSIX shell. `[text]{?field}` stays when the field says
    /// something other than no, `[text]{!field}` when it does not; a field that may stay empty
    /// and did shows as its id in capitals.
    pub fn cli_form<'a>(&self, name: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
        let value = |id: &str| value(id).filter(|v| !v.is_empty());
        let says = |id: &str| value(id).is_some_and(|v| !matches!(v, "no" | "false" | "off"));
        let mut line = String::new();
        let mut rest = self.cli;
        while let Some((before, optional)) = rest.split_once('[') {
            line.push_str(before);
            let Some((text, after)) = optional.split_once("]{") else { break };
            let Some((condition, after)) = after.split_once('}') else { break };
            let kept = match condition.split_at_checked(1) {
                Some(("?", id)) => says(id),
                Some(("!", id)) => !says(id),
                _ => true,
            };
            line.push_str(if kept { text } else { "" });
            rest = after;
        }
        line.push_str(rest);
        let line = line.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let filled = |id: &str| match id {
            "name" => shell_word(name),
            // Two names in one, as in `KEYSPACE.TABLE`: what AWS takes apart.
            "name.0" => shell_word(name.split_once('.').map_or(name, |(first, _)| first)),
            "name.1" => shell_word(name.split_once('.').map_or(name, |(_, second)| second)),
            id => value(id).map_or_else(|| id.to_uppercase(), shell_word),
        };
        // One pass: what a value holds is never taken for a placeholder.
        let mut words = String::new();
        let mut rest = line.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((id, after)) = after.split_once('}') else { break };
            words.push_str(before);
            words.push_str(&filled(id));
            rest = after;
        }
        words.push_str(rest);
        words
    }
}

/// `text` as one word of a POSIX shell.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// An operation filled in for one resource: what the guard clears.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// `OperationSpec::id`.
    pub id: &'static str,
    /// The AWS operation it will call, as in `rds:RebootDBInstance`.
    pub api: &'static str,
    /// On what.
    pub on: ResourceId,
    /// Filled fields by `Field::id`.
    pub fields: Vec<(&'static str, String)>,
}

impl Operation {
    /// The value of a field; `None` when left empty.
    pub fn field(&self, id: &str) -> Option<&str> {
        self.fields.iter().find(|(k, _)| *k == id).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// Whether a yes-or-no field says yes.
    pub fn flag(&self, id: &str) -> bool {
        matches!(self.field(id), Some("yes" | "true" | "on"))
    }
}

/// One step of a job that follows an operation to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Whether the job has ended.
    pub done: bool,
    /// Where it stands: AWS's own status word or a short sentence.
    pub stage: SafeText,
    /// Share done in percent, where AWS tells.
    pub percent: Option<u8>,
    /// What was made on the way (a final snapshot's name).
    pub made: Option<SafeText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    static SPEC: OperationSpec = OperationSpec {
        id: "delete",
        title: "Delete",
        kinds: &[],
        api: "rds:DeleteDBInstance",
        tier: Tier::Loss,
        impact: Impact(""),
        recovery: Recovery(""),
        fields: &[],
        cli: "aws x --id {name} [--final {final}]{!skip} [--skip]{?skip} [--to {to}]{?to}",
    };

    #[test]
    fn the_command_line_says_what_is_filled_in() {
        let form = |fields: &[(&str, &'static str)]| {
            SPEC.cli_form("db", |id| fields.iter().find(|f| f.0 == id).map(|f| f.1))
        };
        assert_eq!(form(&[]), "aws x --id db --final FINAL");
        assert_eq!(form(&[("final", "a b"), ("skip", "no")]), "aws x --id db --final 'a b'");
        assert_eq!(form(&[("skip", "yes"), ("to", "r-1")]), "aws x --id db --skip --to r-1");
    }

    #[test]
    fn a_name_of_two_parts_is_taken_apart() {
        let spec = OperationSpec { cli: "aws x --d {name.0} --t {name.1}", ..SPEC };
        assert_eq!(spec.cli_form("db.t.1", |_| None), "aws x --d db --t t.1");
        assert_eq!(spec.cli_form("db", |_| None), "aws x --d db --t db");
    }

    #[test]
    fn values_are_words_and_never_templates() {
        let hostile = "x'; rm -rf {name} [y]{?z}";
        let line = SPEC.cli_form(hostile, |_| None);
        assert_eq!(line, r"aws x --id 'x'\''; rm -rf {name} [y]{?z}' --final FINAL");
    }
}
