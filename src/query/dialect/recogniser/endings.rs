//! What ends a query in one family alone: T-SQL's FOR XML, FOR JSON and OPTION, Db2's isolation and
//! promises of reading only.

use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use crate::query::dialect::Class;

impl Parser<'_> {
    /// T-SQL's `FOR XML …`, `FOR JSON …`, `FOR BROWSE` and `OPTION (…)`.
    pub fn for_what_and_options(&mut self) -> Parsed {
        if self.is(0, "FOR") && self.is_any(1, &["XML", "JSON", "BROWSE"]) {
            self.bump();
            if self.eat("BROWSE") {
                return Ok(());
            }
            self.bump();
            self.for_words()?;
        }
        if self.eat("OPTION") {
            return self.options();
        }
        Ok(())
    }

    fn for_words(&mut self) -> Parsed {
        const WORDS: &[&str] = &[
            "AUTO",
            "PATH",
            "RAW",
            "EXPLICIT",
            "ROOT",
            "ELEMENTS",
            "TYPE",
            "XSINIL",
            "ABSENT",
            "XMLDATA",
            "XMLSCHEMA",
            "INCLUDE_NULL_VALUES",
            "WITHOUT_ARRAY_WRAPPER",
            "BINARY",
            "BASE64",
        ];
        loop {
            self.expect_any(WORDS)?;
            while self.eat_any(WORDS) {}
            if self.eat_op("(") {
                self.expect_kind(Kind::Text)?;
                self.expect_op(")")?;
            }
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// Query hints that change the plan and nothing else.
    fn options(&mut self) -> Parsed {
        const WORDS: &[&str] = &[
            "HASH",
            "ORDER",
            "MERGE",
            "CONCAT",
            "LOOP",
            "GROUP",
            "UNION",
            "JOIN",
            "FORCE",
            "KEEP",
            "KEEPFIXED",
            "PLAN",
            "RECOMPILE",
            "EXPAND",
            "VIEWS",
            "ROBUST",
            "MAXDOP",
            "MAXRECURSION",
            "FAST",
            "NO_PERFORMANCE_SPOOL",
            "OPTIMIZE",
            "FOR",
            "UNKNOWN",
            "PARAMETERIZATION",
            "SIMPLE",
            "FORCED",
            "LABEL",
            "MIN_GRANT_PERCENT",
            "MAX_GRANT_PERCENT",
        ];
        self.expect_op("(")?;
        loop {
            if self.eat_all(&["USE", "HINT"]) {
                self.expect_op("(")?;
                loop {
                    self.expect_kind(Kind::Text)?;
                    if !self.eat_op(",") {
                        break;
                    }
                }
                self.expect_op(")")?;
            } else if self.eat_all(&["USE", "PLAN"]) {
                self.expect_kind(Kind::Text)?;
            } else if self.eat_all(&["TABLE", "HINT"]) {
                self.expect_op("(")?;
                self.dotted_name()?;
                if self.eat_op(",") {
                    self.hint_list()?;
                } else {
                    self.expect_op(")")?;
                }
            } else {
                self.expect_any(WORDS)?;
                while self.eat_any(WORDS) || self.eat_kind(Kind::Number) {}
                if self.eat_op("=") && !self.eat_kind(Kind::Number) && !self.eat_kind(Kind::Text) {
                    return self.unexpected();
                }
            }
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }

    /// Db2's `FOR READ ONLY`, `OPTIMIZE FOR n ROWS`, `WITH UR` and their like, in any order. `WITH RS` and
    /// `WITH RR` pass and T-SQL's hints of the same names do not: here they are the isolation of this one
    /// statement and keep share locks, which readers do not wait for, to the end of its own transaction;
    /// there UPDLOCK, TABLOCKX and their like stand in the same list. What asks for stronger locks, `USE
    /// AND KEEP`, is refused here too.
    pub fn db2_endings(&mut self) -> Parsed {
        loop {
            if self.is(0, "FOR") && self.is_any(1, &["READ", "FETCH"]) && self.is(2, "ONLY") {
                (0..3).for_each(|_| self.bump());
            } else if self.eat_all(&["OPTIMIZE", "FOR"]) {
                self.count()?;
                self.expect_any(&["ROW", "ROWS"])?;
            } else if self.is(0, "WITH") && self.is_any(1, &["UR", "CS", "RS", "RR"]) {
                self.bump();
                self.bump();
                if self.is_all(&["USE", "AND", "KEEP"]) {
                    let why = "USE AND KEEP … LOCKS locks the rows read, and others wait for them.";
                    return self.refuse_here(Class::Write, self.tongue.rules.locking, why);
                }
            } else if self.eat_all(&["SKIP", "LOCKED", "DATA"])
                || self.eat_all(&["WAIT", "FOR", "OUTCOME"])
                || self.eat_all(&["USE", "CURRENTLY", "COMMITTED"])
            {
            } else if self.eat("QUERYNO") {
                self.expect_kind(Kind::Number)?;
            } else {
                return Ok(());
            }
        }
    }
}
