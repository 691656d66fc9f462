//! Expressions. Which operator binds tighter is the server's matter: here an expression is operands
//! with operators between them, so that only brackets and CASE nest.

use super::functions;
use super::lexer::Kind;
use super::parser::{Call, Parsed, Parser};
use crate::query::dialect::Class;

/// Operators that are signs and stand between operands.
const SIGNS: [&str; 13] = ["=", "<>", "<", ">", "<=", ">=", "=~", "+", "-", "*", "/", "%", "^"];

impl Parser<'_> {
    /// One expression.
    pub fn expression(&mut self) -> Parsed {
        self.deeper(Self::operands)
    }

    fn operands(&mut self) -> Parsed {
        loop {
            while self.eat("NOT") || self.eat_op("-") || self.eat_op("+") {}
            self.atom()?;
            self.after_atom()?;
            if !self.eat_operator()? {
                return Ok(());
            }
        }
    }

    fn eat_operator(&mut self) -> Result<bool, Box<super::parser::Refusal>> {
        if self.eat_any(&["AND", "OR", "XOR", "IN", "CONTAINS"]) || SIGNS.iter().any(|sign| self.eat_op(sign))
        {
            return Ok(true);
        }
        if self.eat_any(&["STARTS", "ENDS"]) {
            self.expect("WITH")?;
            return Ok(true);
        }
        if self.is_op(0, "|") && self.is_op(1, "|") {
            self.bump();
            self.bump();
            return Ok(true);
        }
        Ok(false)
    }

    /// What may follow an operand: `.key`, `[…]`, `:Label`, `IS NULL`.
    fn after_atom(&mut self) -> Parsed {
        loop {
            if self.eat_op(".") {
                self.any_name()?;
            } else if self.eat_op("[") {
                self.index()?;
            } else if self.is_op(0, ":") {
                self.label_test()?;
            } else if self.eat("IS") {
                self.eat("NOT");
                self.expect("NULL")?;
            } else {
                return Ok(());
            }
        }
    }

    /// `:A:B` after a variable. No `|`: in a list it starts what is made of each entry.
    fn label_test(&mut self) -> Parsed {
        while self.eat_op(":") || self.eat_op("&") {
            while self.eat_op("!") {}
            self.any_name()?;
        }
        Ok(())
    }

    /// `1]`, `1..3]`, `..3]` after the opening bracket.
    fn index(&mut self) -> Parsed {
        if !self.is_op(0, "..") {
            self.expression()?;
        }
        if self.eat_op("..") && !self.is_op(0, "]") {
            self.expression()?;
        }
        self.expect_op("]")
    }

    fn atom(&mut self) -> Parsed {
        match self.kind(0) {
            Some(Kind::Text | Kind::Number | Kind::Parameter) => {
                self.bump();
                Ok(())
            }
            Some(Kind::Operator) => self.bracketed(),
            Some(Kind::Quoted) => self.variable(),
            Some(Kind::Word) => self.word_atom(),
            _ => self.unexpected(),
        }
    }

    fn bracketed(&mut self) -> Parsed {
        if self.is_op(0, "(") {
            if self.starts_chain() {
                // A pattern that is asked about is no part of the one around it.
                let around = std::mem::take(&mut self.parts);
                self.chain()?;
                self.parts = around;
                return Ok(());
            }
            self.bump();
            self.expression()?;
            return self.expect_op(")");
        }
        if self.is_op(0, "[") {
            return self.list();
        }
        if self.is_op(0, "{") {
            return self.map();
        }
        self.unexpected()
    }

    /// `[1, 2]`, `[x IN list WHERE … | …]`, `[(a)-->(b) WHERE … | …]`.
    fn list(&mut self) -> Parsed {
        self.expect_op("[")?;
        if self.eat_op("]") {
            return Ok(());
        }
        self.expression()?;
        if self.is_op(0, ",") {
            self.bump();
            self.expressions()?;
            return self.expect_op("]");
        }
        self.where_part()?;
        if self.eat_op("|") {
            self.expression()?;
        }
        self.expect_op("]")
    }

    /// `{ key: value, … }`.
    pub fn map(&mut self) -> Parsed {
        self.expect_op("{")?;
        if self.eat_op("}") {
            return Ok(());
        }
        loop {
            if !self.eat_kind(Kind::Text) {
                self.any_name()?;
            }
            self.expect_op(":")?;
            self.expression()?;
            if !self.eat_op(",") {
                return self.expect_op("}");
            }
        }
    }

    fn word_atom(&mut self) -> Parsed {
        if self.eat_any(&["TRUE", "FALSE", "NULL"]) {
            return Ok(());
        }
        if self.is(0, "CASE") {
            return self.case();
        }
        if self.is_op(1, "{") && ["EXISTS", "COUNT", "COLLECT"].iter().any(|word| self.is(0, word)) {
            self.bump();
            return self.braced_subquery();
        }
        if self.is_op(1, "(") || (self.is_op(1, ".") && self.is_op(3, "(")) {
            return self.call();
        }
        self.variable()
    }

    /// A variable, and the map that may be projected from it: `n {.name, other: 1, .*}`.
    fn variable(&mut self) -> Parsed {
        if self.kind(0) == Some(Kind::Quoted) && self.is_op(1, "(") {
            let why = "A function's name in backticks is not looked up: write it bare.";
            return self.refuse(self.mark(), Class::Unsure, "opencypher.function.unknown", why);
        }
        let from = self.mark();
        self.name()?;
        self.outline.names.push(self.span_from(from));
        if self.is_op(0, "{") { self.map_projection() } else { Ok(()) }
    }

    fn map_projection(&mut self) -> Parsed {
        self.expect_op("{")?;
        if self.eat_op("}") {
            return Ok(());
        }
        loop {
            if self.eat_op(".") {
                if !self.eat_op("*") {
                    self.any_name()?;
                }
            } else {
                self.any_name()?;
                if self.eat_op(":") {
                    self.expression()?;
                }
            }
            if !self.eat_op(",") {
                return self.expect_op("}");
            }
        }
    }

    fn case(&mut self) -> Parsed {
        self.bump();
        if !self.is(0, "WHEN") {
            self.expression()?;
        }
        self.expect("WHEN")?;
        loop {
            self.expressions()?;
            self.expect("THEN")?;
            self.expression()?;
            if !self.eat("WHEN") {
                break;
            }
        }
        if self.eat("ELSE") {
            self.expression()?;
        }
        self.expect("END")
    }

    /// `name(…)` or `name.part(…)`.
    fn call(&mut self) -> Parsed {
        let from = self.mark();
        if self.is(0, "shortestPath") || self.is(0, "allShortestPaths") {
            return self.shortest();
        }
        let mut name = self.word(0).to_owned();
        self.bump();
        if self.eat_op(".") {
            name.push('.');
            name.push_str(self.word(0));
            self.bump();
        }
        if !functions::harmless(&name) {
            let why = "The function is not a built-in that is known to be harmless.";
            return self.refuse(from, Class::Unsure, "opencypher.function.unknown", why);
        }
        let called = self.span_from(from);
        let open = self.mark();
        self.expect_op("(")?;
        self.arguments(&name)?;
        self.expect_op(")")?;
        self.outline.calls.push(Call { name: called, arguments: self.span_from(open) });
        Ok(())
    }

    /// What stands in the brackets: values, `*`, `x IN list WHERE …`, `total = 0, x IN list | …`,
    /// or a pattern, as in `exists((a)-->(b))`.
    fn arguments(&mut self, name: &str) -> Parsed {
        if self.is_op(0, ")") {
            return Ok(());
        }
        if name.eq_ignore_ascii_case("count") && self.eat_op("*") {
            return Ok(());
        }
        self.eat_any(&["DISTINCT", "ALL"]);
        self.expressions()?;
        self.where_part()?;
        if self.eat_op("|") {
            self.expression()?;
        }
        Ok(())
    }
}
