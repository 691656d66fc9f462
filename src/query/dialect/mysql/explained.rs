//! Statements under EXPLAIN, which are planned and not run. They are read in full all the same: the
//! optimizer evaluates constant expressions, so a function in them must be known to be harmless.

use super::parser::{Parsed, Parser};

impl Parser<'_> {
    /// A query, INSERT, REPLACE, UPDATE or DELETE.
    pub fn explained(&mut self) -> Parsed {
        if self.is(0, "WITH") {
            let mark = self.mark();
            self.common_tables()?;
            if !self.is_any(0, &["UPDATE", "DELETE"]) {
                self.reset(mark);
                return self.query();
            }
        }
        if self.eat_any(&["INSERT", "REPLACE"]) {
            return self.explained_insert();
        }
        if self.eat("UPDATE") {
            self.modifiers();
            self.table_references()?;
            self.expect("SET")?;
            self.expressions()?;
            return self.explained_rest();
        }
        if self.eat("DELETE") {
            return self.explained_delete();
        }
        self.query()
    }

    fn modifiers(&mut self) {
        while self.eat_any(&["LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE"]) {}
    }

    /// WHERE, ORDER BY, LIMIT and RETURNING.
    fn explained_rest(&mut self) -> Parsed {
        if self.eat("WHERE") {
            self.expr()?;
        }
        self.order_and_limit()?;
        self.returning()
    }

    fn returning(&mut self) -> Parsed {
        if !self.eat("RETURNING") || self.eat_op("*") {
            return Ok(());
        }
        loop {
            self.expr()?;
            self.alias(true)?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    fn explained_insert(&mut self) -> Parsed {
        self.modifiers();
        self.eat("INTO");
        self.qualified_name()?;
        if self.eat("PARTITION") {
            self.names_in_brackets()?;
        }
        if self.is_op(0, "(") && !self.at_query() {
            if self.is_op(1, ")") {
                self.bump();
                self.bump();
            } else {
                self.columns()?;
            }
        }
        if self.eat("SET") {
            self.expressions()?;
        } else if (self.is(0, "VALUES") && !self.is(1, "ROW")) || self.is(0, "VALUE") {
            self.bump();
            self.rows()?;
        } else {
            self.query()?;
        }
        if self.eat("AS") {
            self.name()?;
            if self.is_op(0, "(") {
                self.names_in_brackets()?;
            }
        }
        if self.eat_all(&["ON", "DUPLICATE", "KEY", "UPDATE"]) {
            self.expressions()?;
        }
        self.returning()
    }

    fn columns(&mut self) -> Parsed {
        self.expect_op("(")?;
        loop {
            self.qualified_name()?;
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }

    /// `DELETE FROM t …`, `DELETE t1, t2 FROM …`, `DELETE FROM t1 USING …`.
    fn explained_delete(&mut self) -> Parsed {
        self.modifiers();
        if !self.is(0, "FROM") {
            self.deleted_tables()?;
            self.expect("FROM")?;
            self.table_references()?;
            return self.explained_rest();
        }
        self.bump();
        let mark = self.mark();
        if self.deleted_tables().is_ok() && self.eat("USING") {
            self.table_references()?;
            return self.explained_rest();
        }
        self.reset(mark);
        self.table_references()?;
        self.explained_rest()
    }

    fn deleted_tables(&mut self) -> Parsed {
        loop {
            self.name()?;
            while self.eat_op(".") {
                if !self.eat_op("*") {
                    self.any_name()?;
                }
            }
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }
}
