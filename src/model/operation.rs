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
    /// The `aws` CLI form, with `{name}` for the identifier and `{field-id}` for fields.
    pub cli: &'static str,
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
