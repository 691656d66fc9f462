//! Lock 1: the decision on a statement or an operation, and the token that proves it was made.

use super::Access;
use super::operations::{self, Effect};
use crate::model::{Failure, FailureKind, Moment, Operation, SafeText, Statement};
use crate::query::dialect::{Class, Verdict, dialect};
use std::fmt;

/// Why something may not happen: names the rule, the construct and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable id of the rule, as in `pg.function.unknown` or `aws.write`.
    pub rule: &'static str,
    /// The construct that the rule objects to.
    pub construct: SafeText,
    /// Line and column of the construct in the statement, counted from 1.
    pub position: Option<(usize, usize)>,
    /// Why, in one sentence.
    pub why: SafeText,
    /// A read that answers the same question, or how to allow changes.
    pub instead: Option<SafeText>,
    /// Whether it is known to change something; otherwise it is only not known to read.
    pub known: bool,
}

/// What a refusal says when nothing better answers the question, in the console's words.
pub const ELEVATE: &str = ":elevate 15m REASON allows changes for a while";

impl Refusal {
    /// Whether there is no statement, more than one, or none that the grammar can read: no access
    /// mends that.
    pub fn is_unread(&self) -> bool {
        [".syntax", ".empty", ".multiple", ".multiple-statements"].iter().any(|end| self.rule.ends_with(end))
    }

    /// What allows it, in the words of whoever asks, behind what it says already.
    fn advise(&mut self, how: &str) {
        self.instead = Some(match self.instead.take() {
            Some(own) => SafeText::new(format!("{own}; {how}")),
            None => SafeText::new(how),
        });
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused by {}: {}", self.rule, self.why)?;
        if !self.construct.is_empty() {
            write!(f, " [{}", self.construct)?;
            if let Some((line, column)) = self.position {
                write!(f, " at {line}:{column}")?;
            }
            f.write_str("]")?;
        }
        if let Some(instead) = &self.instead {
            write!(f, "; {instead}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(FailureKind::Refused, "guard", refusal.to_string())
    }
}

/// Something that the guard can be asked about.
pub trait Askable {
    /// What forbids it in read-only access; `None` when it only reads.
    fn objection(&self) -> Option<Refusal>;
}

/// Proof that the guard allowed `T`. Only [`clear`] makes one; it is not `Clone`.
#[derive(PartialEq)]
pub struct Cleared<T> {
    what: T,
    epoch: u32,
    changes: bool,
}

impl<T> Cleared<T> {
    /// What was cleared.
    pub const fn get(&self) -> &T {
        &self.what
    }

    /// Whether it was cleared as a change, which only elevated access does.
    pub const fn changes(&self) -> bool {
        self.changes
    }

    /// Whether the token still holds under `access`: a change does not outlive the access it
    /// was cleared under.
    pub fn holds(&self, access: &Access, now: Moment) -> bool {
        !self.changes || (self.epoch == access.epoch() && access.allows_changes(now))
    }
}

impl<T: fmt::Debug> fmt::Debug for Cleared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cleared({:?}{})", self.what, if self.changes { ", changes" } else { "" })
    }
}

/// Allows `what` under `access` at `now`, or says why not.
///
/// # Errors
/// The refusal, when `what` is not known to be a pure read and changes are not allowed now.
pub fn clear<T: Askable>(access: &Access, now: Moment, what: T) -> Result<Cleared<T>, Refusal> {
    let epoch = access.epoch();
    match what.objection() {
        None => Ok(Cleared { what, epoch, changes: false }),
        Some(_) if access.allows_changes(now) => Ok(Cleared { what, epoch, changes: true }),
        Some(mut refusal) => {
            // Changes that are allowed do not mend what cannot be read.
            if !access.is_sealed() && !refusal.is_unread() && (refusal.known || refusal.instead.is_none()) {
                refusal.advise(ELEVATE);
            }
            Err(refusal)
        }
    }
}

impl Askable for Statement {
    fn objection(&self) -> Option<Refusal> {
        let verdict = dialect(self.dialect).classify(&self.text);
        (verdict.class != Class::Read).then(|| refusal_of(&self.text, &verdict))
    }
}

impl Askable for Operation {
    fn objection(&self) -> Option<Refusal> {
        Api(self.api).objection()
    }
}

/// An AWS operation by name alone, as in `rds:RebootDBInstance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api<'a>(pub &'a str);

impl Askable for Api<'_> {
    fn objection(&self) -> Option<Refusal> {
        match operations::effect(self.0) {
            Effect::Read | Effect::DataRead => None,
            effect => Some(Refusal {
                rule: effect.rule(),
                construct: SafeText::new(self.0),
                position: None,
                why: SafeText::new(effect.why()),
                instead: None,
                known: true,
            }),
        }
    }
}

/// The refusal that a verdict other than `Read` makes of `text`.
pub fn refusal_of(text: &str, verdict: &Verdict) -> Refusal {
    Refusal {
        rule: verdict.rule,
        construct: SafeText::new(&verdict.construct),
        position: Some(line_and_column(text, verdict.at)),
        why: SafeText::new(&verdict.why),
        instead: verdict.instead.map(SafeText::new),
        known: verdict.class == Class::Write,
    }
}

/// Line and column, both from 1, of byte `at` of `text`.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DialectId;

    fn advice(text: &str) -> String {
        let statement = Statement { text: text.into(), dialect: DialectId::Postgres };
        let refusal = clear(&Access::read_only(), Moment::default(), statement).unwrap_err();
        refusal.instead.map_or_else(String::new, |told| told.to_string())
    }

    #[test]
    fn only_what_elevation_mends_is_told_of_it() {
        assert_eq!(advice("vacuum t"), ELEVATE);
        let update = advice("update t set a = 1");
        assert!(update.contains("EXPLAIN") && update.ends_with(ELEVATE), "{update}");
        assert_eq!(advice("select 1; select 2"), "");
        assert_eq!(advice("select from where"), "");
        let sealed = Statement { text: "vacuum t".into(), dialect: DialectId::Postgres };
        assert_eq!(clear(&Access::sealed(), Moment::default(), sealed).unwrap_err().instead, None);
    }
}
