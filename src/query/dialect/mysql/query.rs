//! SELECT, TABLE and VALUES with everything around them that only reads: WITH, UNION, windows, ORDER BY,
//! LIMIT. `INTO`, locking clauses and `PROCEDURE` have no place in this grammar, so they stop it.

use super::lexer::Kind;
use super::parser::{Parsed, Parser};

/// Words between SELECT and its list that do not change what it is.
const SELECT_WORDS: &[&str] = &[
    "ALL",
    "DISTINCT",
    "DISTINCTROW",
    "HIGH_PRIORITY",
    "STRAIGHT_JOIN",
    "SQL_SMALL_RESULT",
    "SQL_BIG_RESULT",
    "SQL_BUFFER_RESULT",
    "SQL_NO_CACHE",
    "SQL_CACHE",
    "SQL_CALC_FOUND_ROWS",
];

impl Parser<'_> {
    /// Whether a query starts here, behind any number of brackets. Linear over a statement because the
    /// number of brackets is limited.
    pub fn at_query(&self) -> bool {
        let mut ahead = 0;
        while self.is_op(ahead, "(") {
            ahead += 1;
        }
        self.is_any(ahead, &["SELECT", "WITH", "TABLE"])
            || (self.is(ahead, "VALUES") && (self.is(ahead + 1, "ROW") || self.is_op(ahead + 1, "(")))
    }

    /// A whole query expression.
    pub fn query(&mut self) -> Parsed {
        self.deeper(|p| {
            if p.is(0, "WITH") {
                p.common_tables()?;
            }
            p.query_term()?;
            p.query_rest()
        })
    }

    /// What may follow a query term: set operations, then ORDER BY and LIMIT.
    pub fn query_rest(&mut self) -> Parsed {
        while self.eat_any(&["UNION", "INTERSECT", "EXCEPT", "MINUS"]) {
            self.eat_any(&["ALL", "DISTINCT"]);
            self.query_term()?;
        }
        self.order_and_limit()
    }

    /// Whether a set operation or an ending of a query follows, as after `((SELECT 1)` in brackets.
    pub fn at_query_rest(&self) -> bool {
        self.is_any(0, &["UNION", "INTERSECT", "EXCEPT", "MINUS", "ORDER", "LIMIT"])
    }

    /// `WITH [RECURSIVE] name [(columns)] AS (query) …`
    pub fn common_tables(&mut self) -> Parsed {
        self.expect("WITH")?;
        self.eat("RECURSIVE");
        loop {
            self.name()?;
            if self.is_op(0, "(") {
                self.names_in_brackets()?;
            }
            self.expect("AS")?;
            self.query_in_brackets()?;
            if self.eat("CYCLE") {
                self.name()?;
                while self.eat_op(",") {
                    self.name()?;
                }
                self.expect("RESTRICT")?;
            }
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// `( query )`
    pub fn query_in_brackets(&mut self) -> Parsed {
        self.expect_op("(")?;
        self.query()?;
        self.expect_op(")")
    }

    fn query_term(&mut self) -> Parsed {
        if self.is_op(0, "(") {
            return self.query_in_brackets();
        }
        if self.eat("SELECT") {
            return self.select();
        }
        if self.eat("TABLE") {
            return self.qualified_name();
        }
        if self.eat("VALUES") {
            return self.rows();
        }
        self.unexpected()
    }

    /// `ROW(1, 2), ROW(3, 4)`, or without ROW on MariaDB.
    pub fn rows(&mut self) -> Parsed {
        loop {
            self.eat("ROW");
            self.expect_op("(")?;
            if !self.is_op(0, ")") {
                self.expressions()?;
            }
            self.expect_op(")")?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// A SELECT after its first word, up to and with WINDOW.
    fn select(&mut self) -> Parsed {
        while self.eat_any(SELECT_WORDS) {}
        loop {
            self.select_item()?;
            if !self.eat_op(",") {
                break;
            }
        }
        if self.eat("FROM") && !self.eat("DUAL") {
            self.table_references()?;
        }
        if self.eat("WHERE") {
            self.expr()?;
        }
        if self.eat("GROUP") {
            self.expect("BY")?;
            self.eat_all(&["ROLLUP"]);
            self.ordered()?;
            if self.is(0, "WITH") {
                self.bump();
                self.expect("ROLLUP")?;
            }
        }
        if self.eat_any(&["HAVING", "QUALIFY"]) {
            self.expr()?;
        }
        if self.eat("WINDOW") {
            self.named_windows()?;
        }
        Ok(())
    }

    fn select_item(&mut self) -> Parsed {
        if self.eat_op("*") {
            return Ok(());
        }
        self.expr()?;
        self.alias(true)
    }

    /// `[AS] name`.
    pub fn alias(&mut self, text: bool) -> Parsed {
        if self.eat("AS") {
            return self.name_or_text();
        }
        match self.kind(0) {
            Some(Kind::Quoted | Kind::DoubleQuoted) => self.bump(),
            Some(Kind::Text) if text => self.bump(),
            Some(Kind::Word) if !super::words::reserved(self.word(0)) && !self.at_offset() => self.bump(),
            _ => {}
        }
        Ok(())
    }

    /// MariaDB lets `OFFSET 5 ROWS` and `MINUS SELECT` follow a table directly.
    fn at_offset(&self) -> bool {
        (self.is(0, "OFFSET") && matches!(self.kind(1), Some(Kind::Number | Kind::Parameter)))
            || (self.is(0, "MINUS") && (self.is(1, "SELECT") || self.is_op(1, "(")))
            || (self.is(0, "QUALIFY") && self.token(1).is_some())
    }

    /// `expression [ASC|DESC] , …`
    pub fn ordered(&mut self) -> Parsed {
        loop {
            self.expr()?;
            self.eat_any(&["ASC", "DESC"]);
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// `[ORDER BY …] [LIMIT …] [OFFSET …] [FETCH …]`
    pub fn order_and_limit(&mut self) -> Parsed {
        if self.eat("ORDER") {
            self.expect("BY")?;
            self.ordered()?;
            if self.eat("WITH") {
                self.expect("ROLLUP")?;
            }
        }
        if self.eat("LIMIT") {
            self.limit()?;
        }
        if self.eat("OFFSET") {
            self.count()?;
            self.eat_any(&["ROW", "ROWS"]);
        }
        if self.eat("FETCH") {
            if !self.eat_any(&["FIRST", "NEXT"]) {
                return self.unexpected();
            }
            if !self.is_any(0, &["ROW", "ROWS"]) {
                self.count()?;
            }
            self.eat_any(&["ROW", "ROWS"]);
            if !self.eat("ONLY") && !self.eat_all(&["WITH", "TIES"]) {
                return self.unexpected();
            }
        }
        Ok(())
    }

    /// What follows LIMIT.
    pub fn limit(&mut self) -> Parsed {
        if !self.is(0, "ROWS") {
            self.count()?;
            if self.eat_op(",") || self.eat("OFFSET") {
                self.count()?;
            }
        }
        if self.eat("ROWS") {
            self.expect("EXAMINED")?;
            self.count()?;
        }
        Ok(())
    }

    /// A number of rows: digits, a parameter, a variable.
    fn count(&mut self) -> Parsed {
        match self.kind(0) {
            Some(Kind::Number | Kind::Parameter | Kind::UserVariable) => {
                self.bump();
                Ok(())
            }
            _ => self.unexpected(),
        }
    }

    fn named_windows(&mut self) -> Parsed {
        loop {
            self.name()?;
            self.expect("AS")?;
            self.window()?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// `( [name] [PARTITION BY …] [ORDER BY …] [frame] )`
    pub fn window(&mut self) -> Parsed {
        self.expect_op("(")?;
        if !self.is_op(0, ")") && !self.is_any(0, &["PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS"]) {
            self.name()?;
        }
        if self.eat("PARTITION") {
            self.expect("BY")?;
            self.expressions()?;
        }
        if self.eat("ORDER") {
            self.expect("BY")?;
            self.ordered()?;
        }
        if self.eat_any(&["ROWS", "RANGE", "GROUPS"]) {
            if self.eat("BETWEEN") {
                self.frame_bound()?;
                self.expect("AND")?;
            }
            self.frame_bound()?;
            if self.eat("EXCLUDE")
                && !self.eat_all(&["CURRENT", "ROW"])
                && !self.eat_all(&["NO", "OTHERS"])
                && !self.eat_any(&["GROUP", "TIES"])
            {
                return self.unexpected();
            }
        }
        self.expect_op(")")
    }

    fn frame_bound(&mut self) -> Parsed {
        if self.eat_all(&["CURRENT", "ROW"]) {
            return Ok(());
        }
        if !self.eat("UNBOUNDED") {
            self.operand()?;
        }
        if self.eat_any(&["PRECEDING", "FOLLOWING"]) { Ok(()) } else { self.unexpected() }
    }
}
