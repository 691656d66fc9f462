//! SELECT and VALUES with everything around them that only reads: WITH, set operations, hierarchies,
//! windows, ORDER BY, limits, FOR XML and FOR JSON. `INTO` and locking clauses have no place in this
//! grammar, so they stop it.

use super::Family;
use super::lexer::Kind;
use super::names::Block;
use super::parser::{Parsed, Parser};
use crate::query::dialect::Class;

/// Set operations.
const SETS: &[&str] = &["UNION", "INTERSECT", "EXCEPT", "MINUS"];

impl Parser<'_> {
    /// Whether a query starts here, behind any number of brackets.
    pub fn at_query(&self) -> bool {
        let mut ahead = 0;
        while self.is_op(ahead, "(") {
            ahead += 1;
        }
        self.is_any(ahead, &["SELECT", "WITH"]) || (self.is(ahead, "VALUES") && self.speaks(Family::Db2))
    }

    /// A whole query expression.
    pub fn query(&mut self) -> Parsed {
        self.deeper(|p| {
            if p.is(0, "WITH") {
                p.common_tables()?;
            }
            let block = p.query_term()?;
            p.blocks.push(Block { bare: Vec::new(), ..block });
            let rest = p.query_rest();
            let block = p.blocks.pop().unwrap_or_default();
            rest?;
            p.settle(block)
        })
    }

    /// What may follow a query term: set operations, then order, limits and what else only shapes.
    pub fn query_rest(&mut self) -> Parsed {
        while self.is_any(0, SETS) && !self.is_op(1, ".") {
            self.bump();
            self.eat_any(&["ALL", "DISTINCT"]);
            let block = self.query_term()?;
            // Names of the order belong to any of the terms.
            if let Some(whole) = self.blocks.last_mut() {
                whole.reads |= block.reads;
            }
        }
        self.tail()
    }

    /// Whether a set operation or an ending of a query follows, as after `((SELECT 1)` in brackets.
    pub fn at_query_rest(&self) -> bool {
        self.is_any(0, SETS) || self.is_any(0, &["ORDER", "OFFSET", "FETCH"])
    }

    /// `WITH [RECURSIVE] name [(columns)] AS (query) …`
    fn common_tables(&mut self) -> Parsed {
        self.expect("WITH")?;
        if self.is_any(0, &["FUNCTION", "PROCEDURE"]) && !self.is(1, "AS") && !self.is_op(1, "(") {
            let why = "A function in WITH is code, and may change data by itself.";
            return self.refuse_here(Class::Unsure, self.tongue.rules.effect, why);
        }
        if self.is(0, "XMLNAMESPACES") && self.speaks(Family::SqlServer) {
            self.bump();
            self.xml_namespaces()?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
        self.eat("RECURSIVE");
        loop {
            self.note_table(self.mark());
            self.name()?;
            if self.is_op(0, "(") {
                self.names_in_brackets()?;
            }
            self.expect("AS")?;
            self.eat_any(&["MATERIALIZED"]);
            self.apart(Self::query_in_brackets)?;
            self.search_and_cycle()?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    fn xml_namespaces(&mut self) -> Parsed {
        self.expect_op("(")?;
        loop {
            self.eat("DEFAULT");
            self.expect_kind(Kind::Text)?;
            if self.eat("AS") {
                self.any_name()?;
            }
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }

    /// Oracle: `SEARCH DEPTH FIRST BY a SET b`, `CYCLE a SET b TO 'y' DEFAULT 'n'`.
    fn search_and_cycle(&mut self) -> Parsed {
        if self.eat("SEARCH") {
            self.expect_any(&["DEPTH", "BREADTH"])?;
            self.expect("FIRST")?;
            self.expect("BY")?;
            loop {
                self.any_name()?;
                self.eat_any(&["ASC", "DESC"]);
                if !self.eat_op(",") {
                    break;
                }
            }
            self.expect("SET")?;
            self.any_name()?;
        }
        if self.eat("CYCLE") {
            loop {
                self.any_name()?;
                if !self.eat_op(",") {
                    break;
                }
            }
            self.expect("SET")?;
            self.any_name()?;
            self.expect("TO")?;
            self.operand()?;
            self.expect("DEFAULT")?;
            self.operand()?;
        }
        Ok(())
    }

    /// Runs `rule` where the names of the blocks around it are not seen.
    pub fn apart(&mut self, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        let around = std::mem::take(&mut self.blocks);
        let outcome = rule(self);
        self.blocks = around;
        outcome
    }

    /// `( query )`
    pub fn query_in_brackets(&mut self) -> Parsed {
        self.expect_op("(")?;
        self.query()?;
        self.expect_op(")")
    }

    fn query_term(&mut self) -> Result<Block, super::parser::Stop> {
        if self.is_op(0, "(") {
            self.query_in_brackets()?;
            // What stands behind it may order by any of its names.
            return Ok(Block { reads: true, ..Block::default() });
        }
        self.blocks.push(Block::default());
        let outcome = self.plain_term();
        let block = self.blocks.pop().unwrap_or_default();
        outcome?;
        self.settle(block.clone())?;
        Ok(block)
    }

    fn plain_term(&mut self) -> Parsed {
        if self.eat("SELECT") {
            return self.select();
        }
        if self.speaks(Family::Db2) && self.eat("VALUES") {
            return self.expressions();
        }
        self.unexpected()
    }

    /// A SELECT after its first word, up to its last clause that is its own.
    fn select(&mut self) -> Parsed {
        self.eat_any(&["ALL", "DISTINCT", "UNIQUE"]);
        if self.speaks(Family::SqlServer) && self.eat("TOP") {
            self.top()?;
        }
        loop {
            self.select_item()?;
            if !self.eat_op(",") {
                break;
            }
        }
        if self.is(0, "INTO") {
            return self.unexpected();
        }
        if self.eat("FROM") {
            self.table_references()?;
        }
        if self.eat("WHERE") {
            self.expr()?;
        }
        if !self.speaks(Family::SqlServer) {
            self.hierarchy()?;
        }
        if self.eat("GROUP") {
            self.expect("BY")?;
            self.eat_any(&["ALL", "DISTINCT"]);
            self.groups()?;
            if self.is(0, "WITH") && self.is_any(1, &["ROLLUP", "CUBE"]) {
                self.bump();
                self.bump();
            }
        }
        if self.eat_any(&["HAVING"]) {
            self.expr()?;
            // Oracle lets GROUP BY follow HAVING.
            if self.speaks(Family::Oracle) && self.eat_all(&["GROUP", "BY"]) {
                self.groups()?;
            }
        }
        if self.is(0, "QUALIFY") && !self.speaks(Family::SqlServer) {
            self.bump();
            self.expr()?;
        }
        if self.eat("WINDOW") {
            self.named_windows()?;
        }
        Ok(())
    }

    /// `START WITH …` and `CONNECT BY …`, in either order.
    fn hierarchy(&mut self) -> Parsed {
        for _ in 0..2 {
            if self.eat_all(&["START", "WITH"]) {
                self.expr()?;
            } else if self.eat_all(&["CONNECT", "BY"]) {
                self.eat("NOCYCLE");
                self.expr()?;
            }
        }
        Ok(())
    }

    /// `TOP 5`, `TOP (expression) PERCENT WITH TIES`.
    fn top(&mut self) -> Parsed {
        if self.is_op(0, "(") {
            self.brackets()?;
        } else {
            self.expect_kind(Kind::Number)?;
        }
        self.eat("PERCENT");
        self.eat_all(&["WITH", "TIES"]);
        Ok(())
    }

    fn select_item(&mut self) -> Parsed {
        if self.eat_op("*") {
            return Ok(());
        }
        // T-SQL's `alias = expression`, the alias in quotes; a bare one reads as a comparison.
        if self.speaks(Family::SqlServer) && self.kind(0) == Some(Kind::Text) && self.is_op(1, "=") {
            self.bump();
            self.bump();
        }
        self.expr()?;
        self.select_alias()
    }

    fn select_alias(&mut self) -> Parsed {
        let text = self.speaks(Family::SqlServer);
        if self.eat("AS") {
            if text && self.eat_kind(Kind::Text) {
                return Ok(());
            }
            self.note_alias(self.mark());
            return self.name();
        }
        if text && self.eat_kind(Kind::Text) {
            return Ok(());
        }
        if self.is_name(0) {
            self.note_alias(self.mark());
            self.bump();
        }
        Ok(())
    }

    /// What GROUP BY takes: expressions, `ROLLUP (…)`, `GROUPING SETS ((…), ())`.
    fn groups(&mut self) -> Parsed {
        loop {
            if self.is_any(0, &["ROLLUP", "CUBE"]) && self.is_op(1, "(") {
                self.bump();
                self.brackets()?;
            } else if self.is_all(&["GROUPING", "SETS"]) {
                self.bump();
                self.bump();
                self.deeper(|p| {
                    p.expect_op("(")?;
                    p.groups()?;
                    p.expect_op(")")
                })?;
            } else {
                self.expr()?;
            }
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// `ORDER [SIBLINGS] BY expression [ASC|DESC] [NULLS FIRST] , …`
    pub fn order_by(&mut self) -> Parsed {
        self.expect("ORDER")?;
        self.eat("SIBLINGS");
        self.expect("BY")?;
        loop {
            self.expr()?;
            self.eat_any(&["ASC", "DESC"]);
            if self.eat("NULLS") {
                self.expect_any(&["FIRST", "LAST"])?;
            }
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// Order, limits and what else may end a query.
    fn tail(&mut self) -> Parsed {
        if self.is(0, "ORDER") {
            self.order_by()?;
        }
        if self.speaks(Family::Db2) && self.eat("LIMIT") {
            self.count()?;
            if self.eat_op(",") {
                self.count()?;
            }
        }
        if self.eat("OFFSET") {
            self.count()?;
            self.eat_any(&["ROW", "ROWS"]);
        }
        if self.eat("FETCH") {
            self.fetch()?;
        }
        match self.tongue.family {
            Family::SqlServer => self.for_what_and_options(),
            Family::Db2 => self.db2_endings(),
            Family::Oracle => Ok(()),
        }
    }

    /// After FETCH.
    fn fetch(&mut self) -> Parsed {
        self.expect_any(&["FIRST", "NEXT"])?;
        if !self.is_any(0, &["ROW", "ROWS"]) {
            self.count()?;
            self.eat("PERCENT");
        }
        self.expect_any(&["ROW", "ROWS"])?;
        if self.eat("ONLY") || self.eat_all(&["WITH", "TIES"]) { Ok(()) } else { self.unexpected() }
    }

    /// A number of rows: an expression without a subquery's effects.
    fn count(&mut self) -> Parsed {
        match self.kind(0) {
            Some(Kind::Number | Kind::Parameter) => {
                self.bump();
                Ok(())
            }
            Some(Kind::Operator) if self.is_op(0, "(") => self.brackets(),
            _ => self.unexpected(),
        }
    }

    /// T-SQL's `FOR XML …`, `FOR JSON …`, `FOR BROWSE` and `OPTION (…)`.
    fn for_what_and_options(&mut self) -> Parsed {
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

    /// Db2's `FOR READ ONLY`, `OPTIMIZE FOR n ROWS`, `WITH UR` and their like, in any order.
    fn db2_endings(&mut self) -> Parsed {
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
        if self.is(0, "ORDER") {
            self.order_by()?;
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
            if self.speaks(Family::Db2) {
                self.eat_any(&["DAYS", "MONTHS", "YEARS", "HOURS", "MINUTES", "SECONDS"]);
            }
        }
        self.expect_any(&["PRECEDING", "FOLLOWING"])
    }
}
