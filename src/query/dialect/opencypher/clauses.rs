//! Whole statements and their clauses.

use super::functions::{self, Procedure};
use super::lexer::Kind;
use super::parser::{Column, Parsed, Parser};
use super::words;
use crate::query::dialect::Class;

impl Parser<'_> {
    /// One statement, to its end.
    pub fn statement(&mut self) -> Parsed {
        self.hints()?;
        if self.is(0, "EXPLAIN") || self.is(0, "PROFILE") {
            let why = "Neptune takes the kind of plan beside the statement, not in its text.";
            return self.refuse(self.mark(), Class::Unsure, "opencypher.explain", why);
        }
        if self.at_end() || self.is_op(0, ";") {
            let why = "There is no statement here.";
            return self.refuse(self.mark(), Class::Unsure, "opencypher.empty", why);
        }
        self.query()?;
        let mut ended = false;
        while self.eat_op(";") {
            ended = true;
        }
        if !self.at_end() {
            if ended {
                let why = "One statement at a time: what follows the semicolon would run too.";
                return self.refuse(self.mark(), Class::Write, "opencypher.multiple-statements", why);
            }
            return self.unexpected();
        }
        self.second_look()
    }

    /// `USING QUERY:TIMEOUTMILLISECONDS 1000`, before the first clause.
    fn hints(&mut self) -> Parsed {
        let from = self.mark();
        while self.eat("USING") {
            loop {
                self.expect("QUERY")?;
                self.expect_op(":")?;
                if !self.eat_any(&["TIMEOUTMILLISECONDS", "PLANCACHE", "ASSUMECONSISTENTDATATYPES"]) {
                    let why = "This query hint is not known to be harmless.";
                    return self.refuse(self.mark(), Class::Unsure, "opencypher.hint.unknown", why);
                }
                let value =
                    [Kind::Number, Kind::Text, Kind::Parameter].iter().any(|kind| self.eat_kind(*kind));
                if !value && !self.eat_any(&["TRUE", "FALSE"]) {
                    return self.unexpected();
                }
                if !self.eat_op(",") {
                    break;
                }
            }
            self.outline.hints = Some(self.span_from(from));
        }
        Ok(())
    }

    /// Clauses, and what UNION adds to them, up to what is no clause.
    pub fn query(&mut self) -> Parsed {
        loop {
            self.clause()?;
            while self.starts_clause() {
                self.clause()?;
            }
            if !self.eat("UNION") {
                return Ok(());
            }
            self.eat_any(&["ALL", "DISTINCT"]);
        }
    }

    /// Whether a clause of the read-only grammar is next.
    pub fn starts_clause(&self) -> bool {
        ["MATCH", "OPTIONAL", "MANDATORY", "UNWIND", "WITH", "RETURN", "CALL"]
            .iter()
            .any(|word| self.is(0, word))
    }

    fn clause(&mut self) -> Parsed {
        if self.eat_any(&["OPTIONAL", "MANDATORY"]) && !self.is(0, "MATCH") && !self.is(0, "CALL") {
            return self.unexpected();
        }
        if self.eat("MATCH") {
            self.patterns()?;
            return self.where_part();
        }
        if self.eat("UNWIND") {
            self.expression()?;
            self.expect("AS")?;
            return self.name();
        }
        if self.eat("WITH") {
            self.projection(false)?;
            return self.where_part();
        }
        if self.eat("RETURN") {
            let own = self.inner == 0;
            return self.projection(own);
        }
        if self.is(0, "CALL") {
            return self.call_clause();
        }
        self.unexpected()
    }

    /// `WHERE …`, if it is next.
    pub fn where_part(&mut self) -> Parsed {
        if self.eat("WHERE") { self.expression() } else { Ok(()) }
    }

    fn projection(&mut self, own: bool) -> Parsed {
        self.eat("DISTINCT");
        let projection = self.projections;
        self.projections += 1;
        loop {
            let from = self.mark();
            if !self.eat_op("*") {
                self.expression()?;
                let expression = self.span_from(from);
                let mut alias = None;
                if self.eat("AS") {
                    let at = self.mark();
                    self.alias()?;
                    alias = Some(self.span_from(at));
                }
                self.outline.columns.push(Column { projection, own, expression, alias });
            }
            if !self.eat_op(",") {
                break;
            }
        }
        if self.eat("ORDER") {
            self.expect("BY")?;
            loop {
                let from = self.mark();
                self.expression()?;
                self.outline.orders.push((projection, self.span_from(from)));
                self.eat_any(&["ASC", "ASCENDING", "DESC", "DESCENDING"]);
                if !self.eat_op(",") {
                    break;
                }
            }
        }
        if self.eat_any(&["SKIP", "OFFSET"]) {
            self.expression()?;
        }
        if self.eat("LIMIT") {
            self.expression()?;
        }
        Ok(())
    }

    /// A column's name. People call columns `all` and `by`, and engines let them where nothing else can be meant; a
    /// word that changes the graph is no name even there.
    fn alias(&mut self) -> Parsed {
        let closes = |p: &Self| {
            p.kind(1).is_none()
                || [",", "}", ";"].iter().any(|op| p.is_op(1, op))
                || ["ORDER", "SKIP", "OFFSET", "LIMIT", "UNION"].iter().any(|word| p.is(1, word))
        };
        if words::verb(self.word(0)).is_none() && closes(self) {
            return self.any_name();
        }
        self.name()
    }

    /// `CALL { … }`, `CALL (x) { … }` or `CALL procedure(…) YIELD …`.
    fn call_clause(&mut self) -> Parsed {
        self.bump();
        if self.is_op(0, "{") {
            return self.subquery();
        }
        if self.eat_op("(") {
            if !self.eat_op("*") {
                while self.is_name(0) {
                    self.bump();
                    self.eat_op(",");
                }
            }
            self.expect_op(")")?;
            return self.subquery();
        }
        let name = self.procedure_name()?;
        if self.eat_op("(") && !self.eat_op(")") {
            self.expressions()?;
            self.expect_op(")")?;
        }
        debug_assert!(!name.is_empty());
        if self.eat("YIELD") {
            loop {
                if !self.eat_op("*") {
                    self.any_name()?;
                    if self.eat("AS") {
                        self.name()?;
                    }
                }
                if !self.eat_op(",") {
                    break;
                }
            }
            return self.where_part();
        }
        Ok(())
    }

    fn subquery(&mut self) -> Parsed {
        self.expect_op("{")?;
        self.inner += 1;
        self.query()?;
        self.inner -= 1;
        self.expect_op("}")?;
        // `IN TRANSACTIONS` commits as it goes: it is there for writes, and finds no line of grammar.
        Ok(())
    }

    fn procedure_name(&mut self) -> Result<String, Box<super::parser::Refusal>> {
        let from = self.mark();
        let mut name = String::new();
        loop {
            let part = self.word(0);
            name.push_str(part);
            if part.is_empty() {
                break;
            }
            self.bump();
            if !self.eat_op(".") {
                break;
            }
            name.push('.');
        }
        let (class, rule, why) = match functions::procedure(&name) {
            Procedure::Reads => return Ok(name),
            Procedure::Mutates => {
                (Class::Write, "opencypher.procedure.write", "The procedure stores its result in the graph.")
            }
            Procedure::Loads => {
                (Class::Write, "opencypher.procedure.load", "The procedure loads data into the graph.")
            }
            Procedure::Leaves => (
                Class::Write,
                "opencypher.procedure.outside",
                "The procedure fetches data from outside the graph.",
            ),
            Procedure::Unknown => {
                (Class::Unsure, "opencypher.procedure.unknown", "The procedure is not known to be harmless.")
            }
        };
        self.refuse(from, class, rule, why).map(|()| name)
    }

    /// One expression or more with commas between them.
    pub fn expressions(&mut self) -> Parsed {
        self.expression()?;
        while self.eat_op(",") {
            self.expression()?;
        }
        Ok(())
    }

    /// `{ … }` after EXISTS, COUNT or COLLECT: a pattern with its WHERE, or a query.
    pub fn braced_subquery(&mut self) -> Parsed {
        self.expect_op("{")?;
        self.inner += 1;
        if self.starts_clause() {
            self.query()?;
        } else {
            self.patterns()?;
            self.where_part()?;
        }
        self.inner -= 1;
        self.expect_op("}")
    }
}
