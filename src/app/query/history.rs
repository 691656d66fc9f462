//! Statements that ran, newest first. One list for all query tabs; on disk it is the shell's.

use super::{Ctx, QueryTab};
use crate::model::{DialectId, SafeText, Statement};
use std::collections::VecDeque;
use std::fmt;

/// The most statements kept in memory.
const MOST: usize = 2_000;
/// The longest statement kept, in bytes.
const LONGEST: usize = 64 << 10;

/// A statement that ran.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The statement.
    pub statement: Statement,
    /// Where it ran, as shown.
    pub place: SafeText,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({:?}, {})", self.statement, self.place)
    }
}

/// Statements that ran, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    entries: VecDeque<Entry>,
}

impl History {
    /// A history of `entries`, oldest first, as they stand on disk.
    pub fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut history = Self::default();
        for entry in entries {
            history.add(entry.statement, entry.place);
        }
        history
    }

    /// Keeps a statement as the newest; an equal one moves up. False when it is not kept: it
    /// carries a password, or it is too long.
    pub fn add(&mut self, statement: Statement, place: SafeText) -> bool {
        if statement.text.len() > LONGEST || may_hold_secret(&statement.text) {
            return false;
        }
        self.entries.retain(|e| e.statement != statement);
        self.entries.push_front(Entry { statement, place });
        self.entries.truncate(MOST);
        true
    }

    /// Entries in this language that contain `words`, newest first.
    pub fn search(&self, dialect: DialectId, words: &str) -> impl Iterator<Item = &Entry> {
        let words = words.to_lowercase();
        self.entries.iter().filter(move |e| {
            e.statement.dialect == dialect
                && (words.is_empty() || e.statement.text.to_lowercase().contains(&words))
        })
    }
}

impl QueryTab {
    /// Puts an earlier (or later) statement into the editor.
    pub(super) fn recall(&mut self, earlier: bool, ctx: &mut Ctx<'_>) {
        if self.editor.completion.is_some() {
            return self.step_completion(!earlier);
        }
        let next = match (self.recall, earlier) {
            (None, true) => Some(0),
            (Some(at), true) => Some(at + 1),
            (Some(at), false) => at.checked_sub(1),
            (None, false) => return,
        };
        let entry = next.and_then(|at| ctx.history.search(self.dialect_id(), "").nth(at));
        match (entry, earlier) {
            (Some(entry), _) => {
                self.editor.set_text(&entry.statement.text);
                self.recall = next;
            }
            (None, true) => {}
            (None, false) => {
                self.editor.set_text("");
                self.recall = None;
            }
        }
    }
}

/// Whether a statement may carry a password or a token, which no history keeps.
fn may_hold_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["password", "identified by", "identified with", "secret_key", "aws_secret", "passwd"]
        .iter()
        .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(text: &str) -> Statement {
        Statement { text: text.into(), dialect: DialectId::MySql }
    }

    #[test]
    fn newest_first_and_each_once() {
        let mut history = History::default();
        for text in ["select 1", "select 2", "select 1"] {
            assert!(history.add(statement(text), "x".into()));
        }
        let found: Vec<_> = history.search(DialectId::MySql, "").map(|e| &*e.statement.text).collect();
        assert_eq!(found, ["select 1", "select 2"]);
        assert_eq!(history.search(DialectId::MySql, "CT 2").count(), 1);
        assert_eq!(history.search(DialectId::PartiQl, "").count(), 0);
        assert!(!format!("{history:?}").contains("select"));
    }

    #[test]
    fn passwords_are_not_kept() {
        let mut history = History::default();
        for text in ["CREATE USER x IDENTIFIED BY 'y'", "alter role a PASSWORD 'b'"] {
            assert!(!history.add(statement(text), "x".into()));
        }
        assert_eq!(history, History::default());
    }
}
