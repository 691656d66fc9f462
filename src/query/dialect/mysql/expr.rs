//! Expressions. Operators are read in one flat loop: who binds tighter does not change what runs, so
//! the recogniser recurses only where brackets, CASE and INTERVAL do.

use super::lexer::Kind;
use super::parser::{Parsed, Parser, Stop};
use super::words;
use crate::query::dialect::Class;

/// Operators written with signs.
const SIGNS: &[&str] = &[
    "+", "-", "*", "/", "%", "||", "&&", "|", "&", "^", "<<", ">>", "=", "<=>", "<", ">", "<=", ">=", "<>",
    "!=",
];

/// Operators written with words, an expression on either side.
const WORDS: &[&str] = &["AND", "OR", "XOR", "DIV", "MOD", "LIKE", "RLIKE", "REGEXP", "BETWEEN", "ESCAPE"];

impl Parser<'_> {
    /// `expression , …`
    pub fn expressions(&mut self) -> Parsed {
        loop {
            self.expr()?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// One expression.
    pub fn expr(&mut self) -> Parsed {
        self.deeper(|p| {
            loop {
                p.operand()?;
                if !p.operator()? {
                    return Ok(());
                }
            }
        })
    }

    /// Passes what may follow an operand; true when another operand must come.
    fn operator(&mut self) -> Result<bool, Stop> {
        loop {
            if self.kind(0) == Some(Kind::Operator) {
                if self.is_op(0, "->") || self.is_op(0, "->>") {
                    self.bump();
                    self.string()?;
                    continue;
                }
                if !SIGNS.iter().any(|sign| self.is_op(0, sign)) {
                    return Ok(false);
                }
                self.bump();
                if self.is_any(0, &["ALL", "ANY", "SOME"]) && self.is_op(1, "(") {
                    self.bump();
                }
                return Ok(true);
            }
            if self.is(0, "NOT") && self.is_any(1, &["IN", "LIKE", "BETWEEN", "REGEXP", "RLIKE"]) {
                self.bump();
            }
            if self.eat_any(WORDS) || self.eat_all(&["SOUNDS", "LIKE"]) {
                return Ok(true);
            }
            if !self.postfix()? {
                return Ok(false);
            }
        }
    }

    /// Passes `IN (…)`, `IS NULL`, `COLLATE x`, `MEMBER OF (…)`; false when none is here.
    fn postfix(&mut self) -> Result<bool, Stop> {
        if self.is(0, "IN") && self.is_op(1, "(") {
            self.bump();
            self.brackets()?;
        } else if self.is(0, "MEMBER") && (self.is(1, "OF") || self.is_op(1, "(")) {
            self.bump();
            self.eat("OF");
            self.brackets()?;
        } else if self.eat("IS") {
            self.eat("NOT");
            if !self.eat_any(&["NULL", "TRUE", "FALSE", "UNKNOWN", "JSON"]) {
                self.unexpected()?;
            }
        } else if self.eat("COLLATE") {
            if !self.eat("BINARY") {
                self.name_or_text()?;
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// A value with the signs and words before it.
    pub fn operand(&mut self) -> Parsed {
        loop {
            let sign = ["-", "+", "!", "~"].iter().any(|sign| self.is_op(0, sign));
            if sign || self.is(0, "NOT") || (self.is(0, "BINARY") && !self.is_op(1, ",")) {
                self.bump();
            } else {
                break;
            }
        }
        match self.kind(0) {
            Some(Kind::Text | Kind::DoubleQuoted) if !self.is_op(1, ".") && !self.is_op(1, "(") => {
                self.string()
            }
            Some(Kind::Number | Kind::Parameter | Kind::UserVariable) => {
                self.bump();
                Ok(())
            }
            Some(Kind::SystemVariable) => {
                self.bump();
                while self.eat_op(".") {
                    self.any_name()?;
                }
                Ok(())
            }
            Some(Kind::Operator) if self.is_op(0, "(") => self.brackets(),
            Some(Kind::Operator) if self.is_op(0, "{") => self.odbc(),
            Some(Kind::Word) => self.word_operand(),
            Some(Kind::Quoted | Kind::DoubleQuoted) => self.column(),
            Some(Kind::Operator) if self.is_op(0, ".") => self.column(),
            _ => self.unexpected(),
        }
    }

    /// Strings one after another are one string.
    pub fn string(&mut self) -> Parsed {
        if !matches!(self.kind(0), Some(Kind::Text | Kind::DoubleQuoted | Kind::Parameter)) {
            return self.unexpected();
        }
        while matches!(self.kind(0), Some(Kind::Text | Kind::DoubleQuoted | Kind::Parameter)) {
            self.bump();
        }
        Ok(())
    }

    /// `( query )`, `( expression , … )`, `((query) UNION query)`.
    pub fn brackets(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            let values = p.is(0, "VALUES") && !p.is(1, "ROW");
            if !p.is_op(0, "(") && !values && p.at_query() {
                p.query()?;
            } else {
                p.expressions()?;
                if p.at_query_rest() {
                    p.query_rest()?;
                }
            }
            p.expect_op(")")
        })
    }

    /// `{d '2024-01-01'}`, `{fn now()}`.
    fn odbc(&mut self) -> Parsed {
        self.expect_op("{")?;
        self.name()?;
        self.expr()?;
        self.expect_op("}")
    }

    fn word_operand(&mut self) -> Parsed {
        let word = self.word(0);
        if word.eq_ignore_ascii_case("CASE") {
            return self.case();
        }
        if word.eq_ignore_ascii_case("INTERVAL") {
            return self.interval();
        }
        if word.eq_ignore_ascii_case("EXISTS") && self.is_op(1, "(") {
            self.bump();
            return self.query_in_brackets();
        }
        if word.eq_ignore_ascii_case("MATCH") {
            return self.match_against();
        }
        if self.is_any(0, &["NEXT", "PREVIOUS"]) && self.is_all_from(1, &["VALUE", "FOR"]) {
            let from = self.mark();
            (0..3).for_each(|_| self.bump());
            return self.refuse_from(
                from,
                Class::Write,
                "mysql.sequence",
                "NEXT VALUE FOR advances the sequence for everyone.",
                Some("SELECT next_not_cached_value FROM the sequence itself."),
            );
        }
        let literal = self.is_any(0, &["DATE", "TIME", "TIMESTAMP"]) || word.starts_with('_');
        if literal && matches!(self.kind(1), Some(Kind::Text | Kind::DoubleQuoted)) {
            self.bump();
            return self.string();
        }
        if word.starts_with('_') && self.kind(1) == Some(Kind::Number) {
            self.bump();
            self.bump();
            return Ok(());
        }
        if self.is_op(1, "(") {
            return self.call();
        }
        if words::contains(words::CONSTANTS, word) {
            self.bump();
            return Ok(());
        }
        self.column()
    }

    fn is_all_from(&self, first: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.is(first + ahead, word))
    }

    /// A column, `t.*`, or the name of a stored function, which is refused.
    fn column(&mut self) -> Parsed {
        let from = self.mark();
        let dotted = self.is_op(0, ".");
        if !dotted {
            self.name()?;
        }
        let mut parts = 1;
        while self.eat_op(".") {
            if self.eat_op("*") {
                return Ok(());
            }
            self.any_name()?;
            parts += 1;
        }
        if self.is_op(0, "(") {
            return self.qualified_call(from);
        }
        let last = self.last().map(|t| self.text_of(t).trim_matches(['`', '"'])).unwrap_or_default();
        if parts > 1 && (last.eq_ignore_ascii_case("nextval") || last.eq_ignore_ascii_case("currval")) {
            return self.refuse_from(
                from,
                Class::Unsure,
                "mysql.sequence",
                "With sql_mode=ORACLE this name advances a sequence.",
                None,
            );
        }
        Ok(())
    }

    fn case(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect("CASE")?;
            if !p.is(0, "WHEN") {
                p.expr()?;
            }
            while p.eat("WHEN") {
                p.expr()?;
                p.expect("THEN")?;
                p.expr()?;
            }
            if p.eat("ELSE") {
                p.expr()?;
            }
            p.expect("END")
        })
    }

    /// `INTERVAL expression unit`, or the function `INTERVAL(n, a, b)`.
    fn interval(&mut self) -> Parsed {
        self.expect("INTERVAL")?;
        self.expr()?;
        if words::contains(words::UNITS, self.word(0)) && !self.word(0).is_empty() {
            self.bump();
            return Ok(());
        }
        // Without a unit it was the function: its arguments were read as a list in brackets.
        if self.last().is_some_and(|t| self.text_of(t) == ")") { Ok(()) } else { self.unexpected() }
    }

    /// `MATCH (columns) AGAINST (expression [mode])`
    fn match_against(&mut self) -> Parsed {
        self.expect("MATCH")?;
        let bracket = self.eat_op("(");
        loop {
            self.qualified_name()?;
            if !self.eat_op(",") {
                break;
            }
        }
        if bracket {
            self.expect_op(")")?;
        }
        self.expect("AGAINST")?;
        self.expect_op("(")?;
        self.expr()?;
        if self.eat("IN")
            && !self.eat_all(&["BOOLEAN", "MODE"])
            && !self.eat_all(&["NATURAL", "LANGUAGE", "MODE"])
        {
            return self.unexpected();
        }
        if self.eat("WITH") {
            self.expect("QUERY")?;
            self.expect("EXPANSION")?;
        }
        self.expect_op(")")
    }
}
