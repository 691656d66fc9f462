//! Whole statements: what may come first, EXPLAIN and its kin, and the second look at the tokens that
//! a mistake in the grammar would have to get past as well.

use super::functions::{self, Known};
use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use super::verbs::VERBS;
use crate::query::dialect::Class;

/// First words of a query.
const QUERY: &[&str] = &["SELECT", "WITH", "TABLE", "VALUES"];

impl Parser<'_> {
    /// One statement, to its end; the rule id by which it reads.
    pub fn statement(&mut self) -> Result<&'static str, super::parser::Stop> {
        let rule = self.body()?;
        while self.eat_op(";") {}
        if !self.at_end() {
            if self.last().is_some_and(|t| self.text_of(t) == ";") {
                self.refuse_here(
                    Class::Write,
                    "mysql.multiple-statements",
                    "One statement at a time: what follows the semicolon would run too.",
                )?;
            }
            self.unexpected()?;
        }
        Ok(rule)
    }

    /// Whether nothing but semicolons is left.
    pub fn ends(&self) -> bool {
        let mut ahead = 0;
        while self.is_op(ahead, ";") {
            ahead += 1;
        }
        self.token(ahead).is_none()
    }

    fn body(&mut self) -> Result<&'static str, super::parser::Stop> {
        if self.ends() {
            self.refuse_here(Class::Unsure, "mysql.empty", "There is no statement here.")?;
        }
        if self.is_any(0, QUERY) || self.is_op(0, "(") {
            self.query()?;
            self.second_look(false)?;
            return Ok("mysql.select");
        }
        if self.is(0, "SHOW") {
            self.show()?;
            return Ok("mysql.show");
        }
        if self.eat_any(&["EXPLAIN", "DESCRIBE", "DESC"]) {
            self.explain()?;
            return Ok("mysql.explain");
        }
        if self.is(0, "ANALYZE") {
            self.analyze()?;
            return Ok("mysql.explain.analyze");
        }
        if self.eat("HELP") {
            self.name_or_text()?;
            return Ok("mysql.help");
        }
        self.refused_verb()?;
        Ok("mysql.select")
    }

    fn refused_verb(&mut self) -> Parsed {
        let from = self.mark();
        let found = VERBS.iter().find(|verb| self.is(0, verb.word));
        self.bump();
        match found {
            Some(verb) => self.refuse_from(from, Class::Write, verb.rule, verb.why, verb.instead),
            None => self.refuse_from(
                from,
                Class::Unsure,
                "mysql.statement.unknown",
                "Statements that start like this are not known to be reads.",
                None,
            ),
        }
    }

    /// MariaDB's `ANALYZE [FORMAT=x] SELECT`, which runs the statement; `ANALYZE TABLE` writes statistics.
    fn analyze(&mut self) -> Parsed {
        let from = self.mark();
        self.bump();
        if self.is_any(0, &["TABLE", "TABLES", "LOCAL", "NO_WRITE_TO_BINLOG"]) {
            self.bump();
            return self.refuse_from(
                from,
                Class::Write,
                "mysql.analyze-table",
                "ANALYZE TABLE rewrites the table's statistics.",
                Some("information_schema.statistics and mysql.innodb_table_stats show the present ones."),
            );
        }
        self.explain_format()?;
        self.analyzed(from)
    }

    /// What EXPLAIN ANALYZE or ANALYZE runs must be a read itself.
    fn analyzed(&mut self, from: usize) -> Parsed {
        if self.is_any(0, QUERY) || self.is_op(0, "(") {
            self.query()?;
            return self.second_look(false);
        }
        self.bump();
        self.refuse_from(
            from,
            Class::Write,
            "mysql.explain.analyze",
            "ANALYZE runs the statement to measure it.",
            Some("EXPLAIN without ANALYZE shows the plan and runs nothing."),
        )
    }

    /// After EXPLAIN, DESCRIBE or DESC.
    fn explain(&mut self) -> Parsed {
        let from = self.mark().saturating_sub(1);
        if self.eat("ANALYZE") {
            self.explain_format()?;
            return self.analyzed(from);
        }
        self.eat_any(&["EXTENDED", "PARTITIONS"]);
        self.explain_format()?;
        if self.eat("FOR") {
            if self.eat_any(&["SCHEMA", "DATABASE"]) {
                self.name()?;
            } else {
                self.eat("CONNECTION");
                return if self.eat_kind(Kind::Number) { Ok(()) } else { self.unexpected() };
            }
        }
        if self.is_any(0, QUERY)
            || self.is_op(0, "(")
            || self.is_any(0, &["INSERT", "REPLACE", "UPDATE", "DELETE"])
        {
            self.explained()?;
            return self.second_look(true);
        }
        self.qualified_name()?;
        if self.ends() || self.eat_kind(Kind::Text) { Ok(()) } else { self.any_name() }
    }

    /// `FORMAT = name`, and nothing for `INTO @variable`, which stores the plan.
    fn explain_format(&mut self) -> Parsed {
        if self.eat("FORMAT") {
            self.expect_op("=")?;
            self.name_or_text()?;
        }
        Ok(())
    }

    /// A second look at every token, independent of the grammar: `INTO`, locking clauses, assignments
    /// and calls of names that are known to have an effect may be nowhere. `planned` is for statements
    /// that are only explained: their own INTO names a table.
    fn second_look(&mut self, planned: bool) -> Parsed {
        let end = self.mark();
        self.reset(0);
        let mut into = usize::from(planned);
        while self.mark() < end {
            let dotted = self.last().is_some_and(|t| self.text_of(t) == ".");
            let locks = (self.is(0, "FOR") && self.is_any(1, &["UPDATE", "SHARE"]))
                || (self.is(0, "LOCK") && self.is(1, "IN"));
            let writes = self.is_op(0, ":=") || self.is_any(0, &["OUTFILE", "DUMPFILE", "PROCEDURE"]);
            if !dotted && self.is(0, "INTO") {
                if into == 0 {
                    return self.unexpected();
                }
                into -= 1;
            }
            if !dotted && (locks || writes) {
                return self.unexpected();
            }
            if self.is_op(1, "(") && matches!(functions::known(self.word(0)), Known::Refused(..)) {
                return self.refuse_here(
                    Class::Write,
                    "mysql.function.effect",
                    "This function has an effect.",
                );
            }
            self.bump();
        }
        Ok(())
    }
}
