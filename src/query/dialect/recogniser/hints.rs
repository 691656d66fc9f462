//! T-SQL's table hints: those that lock what others wait for are refused.

use super::Family;
use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use crate::query::dialect::Class;

/// T-SQL's table hints that take no more locks than a plain read.
const HINTS: &[&str] = &[
    "NOLOCK",
    "READUNCOMMITTED",
    "READCOMMITTED",
    "READCOMMITTEDLOCK",
    "READPAST",
    "SNAPSHOT",
    "NOWAIT",
    "NOEXPAND",
    "FORCESEEK",
    "FORCESCAN",
    "ROWLOCK",
    "PAGLOCK",
    "INDEX",
];
/// Those that lock what others then wait for.
const LOCKS: &[&str] =
    &["UPDLOCK", "XLOCK", "TABLOCK", "TABLOCKX", "HOLDLOCK", "SERIALIZABLE", "REPEATABLEREAD"];

impl Parser<'_> {
    /// Whether the brackets under the cursor hold table hints alone, as in `t (NOLOCK)`.
    pub fn only_hints(&self) -> bool {
        let bracket = self.speaks(Family::SqlServer) && self.is_op(0, "(");
        bracket && self.at_hint(1) && (self.is_op(2, ")") || self.is_op(2, ","))
    }

    /// Whether the word `ahead` is a table hint.
    pub fn at_hint(&self, ahead: usize) -> bool {
        self.is_any(ahead, HINTS) || self.is_any(ahead, LOCKS)
    }

    /// T-SQL's `WITH (NOLOCK, INDEX(ix))`.
    pub fn hints(&mut self) -> Parsed {
        if !self.speaks(Family::SqlServer) {
            return Ok(());
        }
        let with = self.is(0, "WITH") && self.is_op(1, "(");
        if with {
            self.bump();
        } else if !self.only_hints() {
            return Ok(());
        }
        self.expect_op("(")?;
        self.hint_list()
    }

    /// Table hints up to the bracket that closes their list.
    pub fn hint_list(&mut self) -> Parsed {
        loop {
            if self.is_any(0, LOCKS) {
                let why = "This hint locks what is read until the transaction ends, and others wait for it.";
                return self.refuse_here(Class::Write, self.tongue.rules.locking, why);
            }
            let takes = self.is_any(0, &["INDEX", "FORCESEEK"]);
            self.expect_any(HINTS)?;
            if takes {
                self.index_of_hint()?;
            }
            // Old texts put a blank where the comma belongs.
            if !self.eat_op(",") && self.eat_op(")") {
                return Ok(());
            }
        }
    }

    fn index_of_hint(&mut self) -> Parsed {
        let assigned = self.eat_op("=");
        let bracketed = self.eat_op("(");
        if !bracketed && !assigned {
            return Ok(());
        }
        loop {
            if !self.eat_kind(Kind::Number) {
                self.any_name()?;
            }
            if bracketed && self.is_op(0, "(") {
                self.names_in_brackets()?;
            }
            if !bracketed || !self.eat_op(",") {
                break;
            }
        }
        if bracketed { self.expect_op(")") } else { Ok(()) }
    }
}
