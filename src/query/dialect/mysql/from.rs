//! The FROM clause: tables, joins, derived tables, JSON_TABLE, index hints, history of system-versioned
//! tables. A function here is never known to be harmless.

use super::lexer::Kind;
use super::parser::{Parsed, Parser};
use crate::query::dialect::Class;

impl Parser<'_> {
    /// `table , table JOIN table …`
    pub fn table_references(&mut self) -> Parsed {
        loop {
            self.table_reference()?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    fn table_reference(&mut self) -> Parsed {
        self.deeper(|p| {
            p.table_factor()?;
            while p.join()? {
                p.table_factor()?;
                p.join_condition()?;
            }
            Ok(())
        })
    }

    /// Passes the words of a join; false when none is here.
    fn join(&mut self) -> Result<bool, super::parser::Stop> {
        if self.eat("STRAIGHT_JOIN") {
            return Ok(true);
        }
        let mark = self.mark();
        self.eat("NATURAL");
        if self.eat_any(&["LEFT", "RIGHT", "FULL"]) {
            self.eat("OUTER");
        } else {
            self.eat_any(&["INNER", "CROSS"]);
        }
        if self.eat_any(&["JOIN", "STRAIGHT_JOIN"]) {
            return Ok(true);
        }
        if self.mark() != mark {
            self.unexpected()?;
        }
        Ok(false)
    }

    /// `ON …` and `USING (…)`; several when joins were nested without brackets.
    fn join_condition(&mut self) -> Parsed {
        loop {
            if self.eat("ON") {
                self.expr()?;
            } else if self.is(0, "USING") {
                self.bump();
                self.names_in_brackets()?;
            } else {
                return Ok(());
            }
        }
    }

    fn table_factor(&mut self) -> Parsed {
        if self.eat("LATERAL") {
            self.query_in_brackets()?;
            return self.table_alias();
        }
        if self.is(0, "JSON_TABLE") && self.is_op(1, "(") {
            self.bump();
            self.json_table()?;
            return self.table_alias();
        }
        if self.is_op(0, "{") {
            self.bump();
            self.expect("OJ")?;
            self.table_reference()?;
            return self.expect_op("}");
        }
        if self.is_op(0, "(") {
            return self.bracketed_tables();
        }
        let from = self.mark();
        self.qualified_name()?;
        if self.is_op(0, "(") {
            return self.refuse_from(
                from,
                Class::Unsure,
                "mysql.function.from",
                "A function in FROM runs code that the guard does not know.",
                None,
            );
        }
        if self.eat("PARTITION") {
            self.names_in_brackets()?;
        }
        self.system_time()?;
        self.table_alias()?;
        self.index_hints()
    }

    /// A derived table, or joins in brackets.
    fn bracketed_tables(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            // `((SELECT 1) UNION …)` and `((SELECT 1) AS a JOIN b)` start alike: tables, then perhaps a rest.
            if p.is_op(0, "(") || !p.at_query() {
                p.table_references()?;
                if p.at_query_rest() {
                    p.query_rest()?;
                }
            } else {
                p.query()?;
            }
            p.expect_op(")")
        })?;
        self.table_alias()
    }

    fn table_alias(&mut self) -> Parsed {
        self.alias(false)?;
        if self.is_op(0, "(") && self.last().is_some_and(|t| t.kind != Kind::Operator) {
            self.names_in_brackets()?;
        }
        Ok(())
    }

    /// MariaDB: `FOR SYSTEM_TIME AS OF … | BETWEEN … AND … | FROM … TO … | ALL`.
    fn system_time(&mut self) -> Parsed {
        if !(self.is(0, "FOR") && self.is(1, "SYSTEM_TIME")) {
            return Ok(());
        }
        self.bump();
        self.bump();
        if self.eat("ALL") {
            return Ok(());
        }
        if self.eat_all(&["AS", "OF"]) {
            if self.is_any(0, &["TIMESTAMP", "TRANSACTION"]) && !self.is_op(1, "(") {
                self.bump();
            }
            return self.expr();
        }
        if self.eat("BETWEEN") {
            return self.expr();
        }
        self.expect("FROM")?;
        self.expr()?;
        self.expect("TO")?;
        self.expr()
    }

    fn index_hints(&mut self) -> Parsed {
        while self.eat_any(&["USE", "IGNORE", "FORCE"]) {
            if !self.eat_any(&["INDEX", "KEY"]) {
                return self.unexpected();
            }
            if self.eat("FOR")
                && !self.eat("JOIN")
                && !self.eat_all(&["ORDER", "BY"])
                && !self.eat_all(&["GROUP", "BY"])
            {
                return self.unexpected();
            }
            if self.is_op(0, "(") && self.is_op(1, ")") {
                self.bump();
                self.bump();
            } else {
                self.names_in_brackets()?;
            }
        }
        Ok(())
    }

    /// `( document, path COLUMNS ( … ) )`
    fn json_table(&mut self) -> Parsed {
        self.expect_op("(")?;
        self.expr()?;
        self.expect_op(",")?;
        self.expr()?;
        self.json_columns()?;
        self.expect_op(")")
    }

    fn json_columns(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect("COLUMNS")?;
            p.expect_op("(")?;
            loop {
                p.json_column()?;
                if !p.eat_op(",") {
                    return p.expect_op(")");
                }
            }
        })
    }

    fn json_column(&mut self) -> Parsed {
        if self.is(0, "NESTED") && (self.is(1, "PATH") || self.kind(1) == Some(Kind::Text)) {
            self.bump();
            self.eat("PATH");
            self.operand()?;
            return self.json_columns();
        }
        self.name()?;
        if self.eat_all(&["FOR", "ORDINALITY"]) {
            return Ok(());
        }
        self.data_type()?;
        self.eat("EXISTS");
        self.expect("PATH")?;
        self.operand()?;
        self.json_fallbacks()
    }
}
