//! Function calls: the name must be on the list, and the arguments are read with every keyword form the
//! built-ins have (`TRIM(BOTH x FROM y)`, `CAST(x AS …)`, `GROUP_CONCAT(… ORDER BY … SEPARATOR …)`).
//!
//! A blank between a built-in's name and its bracket is let through although a server without
//! `IGNORE_SPACE` then looks for a stored function of that name: the session sets `IGNORE_SPACE`.

use super::functions::{self, Known};
use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use super::words;
use crate::query::dialect::Class;

impl Parser<'_> {
    /// `name ( … )` with a bare name under the cursor.
    pub fn call(&mut self) -> Parsed {
        let name = self.word(0);
        let known = functions::known(name);
        let convert = name.eq_ignore_ascii_case("CONVERT");
        let last_insert_id = name.eq_ignore_ascii_case("LAST_INSERT_ID");
        let from = self.mark();
        self.bump();
        match known {
            Known::Harmless => {}
            Known::Refused(rule, why) => return self.refuse_from(from, Class::Write, rule, why, None),
            Known::Unknown => return self.unknown_function(from),
        }
        if last_insert_id && !self.is_op(1, ")") {
            return self.refuse_from(
                from,
                Class::Write,
                "mysql.function.state",
                "LAST_INSERT_ID with an argument sets the value for the session.",
                Some("LAST_INSERT_ID() without an argument only reads it."),
            );
        }
        self.arguments(convert)?;
        self.call_rest()
    }

    /// `schema.name ( … )` or a quoted name, with the cursor on the bracket.
    pub fn qualified_call(&mut self, from: usize) -> Parsed {
        let here = self.mark();
        self.reset(from);
        let name = |ahead| self.token(ahead).map_or("", |t| self.text_of(t).trim_matches('`'));
        let sys = name(0).eq_ignore_ascii_case("sys") && self.is_op(1, ".") && from + 3 == here;
        let harmless = sys && functions::harmless_in_sys(name(2));
        while self.mark() < here {
            self.bump();
        }
        if harmless { self.arguments(false) } else { self.unknown_function(from) }
    }

    fn unknown_function(&mut self, from: usize) -> Parsed {
        self.refuse_from(
            from,
            Class::Unsure,
            "mysql.function.unknown",
            "The function is not a built-in that is known to be harmless; stored and loaded functions can write.",
            Some("SHOW CREATE FUNCTION shows what a stored function does."),
        )
    }

    /// `( … )` after a function's name.
    fn arguments(&mut self, convert: bool) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            if p.eat_op(")") {
                return Ok(());
            }
            p.argument()?;
            while p.eat_op(",") {
                if convert {
                    p.data_type()?;
                } else {
                    p.argument()?;
                }
            }
            p.expect_op(")")
        })
    }

    fn argument(&mut self) -> Parsed {
        if self.is_op(0, "*") {
            self.bump();
            return Ok(());
        }
        self.eat_any(&["DISTINCT", "ALL"]);
        let trim = self.eat_any(&["BOTH", "LEADING", "TRAILING"]);
        let unit = words::contains(words::UNITS, self.word(0)) && (self.is_op(1, ",") || self.is(1, "FROM"));
        if unit {
            self.bump();
        } else if !(trim && self.is(0, "FROM")) {
            self.expr()?;
        }
        self.argument_rest()
    }

    /// The keyword forms that may follow an argument.
    fn argument_rest(&mut self) -> Parsed {
        loop {
            if self.eat("AS") {
                self.data_type()?;
            } else if self.eat("USING") {
                if !self.eat_any(&["BINARY", "ASCII"]) {
                    self.name_or_text()?;
                }
            } else if self.eat_any(&["FROM", "FOR", "IN"]) {
                self.expr()?;
            } else if self.eat_all(&["AT", "TIME", "ZONE"]) {
                self.eat("INTERVAL");
                self.string()?;
            } else if self.eat("ORDER") {
                self.expect("BY")?;
                self.ordered()?;
            } else if self.eat("SEPARATOR") {
                self.string()?;
            } else if self.eat("LIMIT") {
                self.limit()?;
            } else if self.eat("RETURNING") {
                self.data_type()?;
            } else if self.is(0, "ERROR") || self.is(0, "NULL") || self.is(0, "DEFAULT") {
                self.json_fallbacks()?;
            } else {
                return Ok(());
            }
        }
    }

    /// `NULL ON EMPTY`, `ERROR ON ERROR`, `DEFAULT x ON EMPTY`.
    pub fn json_fallbacks(&mut self) -> Parsed {
        while self.is_any(0, &["NULL", "ERROR", "DEFAULT"]) {
            if self.eat("DEFAULT") {
                self.operand()?;
            } else {
                self.bump();
            }
            self.expect("ON")?;
            if !self.eat_any(&["EMPTY", "ERROR"]) {
                return self.unexpected();
            }
        }
        Ok(())
    }

    /// A type: `DECIMAL(10, 2)`, `CHAR(5) CHARACTER SET utf8mb4`, `UNSIGNED INTEGER`, `DATE ARRAY`.
    pub fn data_type(&mut self) -> Parsed {
        let from = self.mark();
        loop {
            if self.eat_all(&["CHARACTER", "SET"]) || self.is_any(0, &["CHARSET", "COLLATE"]) {
                self.eat_any(&["CHARSET", "COLLATE"]);
                if !self.eat("BINARY") {
                    self.name_or_text()?;
                }
            } else if !self.word(0).is_empty() && words::contains(words::TYPES, self.word(0)) {
                self.bump();
                if self.eat_op("(") {
                    self.numbers()?;
                }
            } else if self.mark() > from && self.kind(0) == Some(Kind::Number) {
                // `LEVEL 1` of WEIGHT_STRING.
                self.bump();
            } else {
                break;
            }
        }
        if self.mark() == from { self.unexpected() } else { Ok(()) }
    }

    fn numbers(&mut self) -> Parsed {
        loop {
            if !self.eat_kind(Kind::Number) {
                return self.unexpected();
            }
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }

    /// What may follow a call: `WITHIN GROUP (…)`, `RESPECT NULLS`, `OVER (…)`.
    fn call_rest(&mut self) -> Parsed {
        if self.eat_all(&["WITHIN", "GROUP"]) {
            self.expect_op("(")?;
            self.expect("ORDER")?;
            self.expect("BY")?;
            self.ordered()?;
            self.expect_op(")")?;
        }
        if self.is(0, "FROM")
            && self.is_any(1, &["FIRST", "LAST"])
            && self.is_any(2, &["OVER", "RESPECT", "IGNORE"])
            && (self.is(2, "OVER") || self.is(3, "NULLS"))
        {
            self.bump();
            self.bump();
        }
        if self.is_any(0, &["RESPECT", "IGNORE"]) && self.is(1, "NULLS") {
            self.bump();
            self.bump();
        }
        if self.is(0, "OVER")
            && (self.is_op(1, "(") || matches!(self.kind(1), Some(Kind::Word | Kind::Quoted)))
        {
            self.bump();
            if self.is_op(0, "(") {
                self.window()?;
            } else {
                self.name()?;
            }
        }
        Ok(())
    }
}
