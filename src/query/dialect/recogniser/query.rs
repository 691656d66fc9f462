//! SELECT and VALUES with everything around them that only reads: WITH, set operations, hierarchies,
//! windows, ORDER BY, limits, FOR XML and FOR JSON. `INTO` and locking clauses have no place in this
//! grammar, so they stop it.

use super::Family;
use super::lexer::Kind;
use super::names::{Block, Columns};
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
            let scope = p.common.len();
            if p.is(0, "WITH") {
                p.common_tables()?;
            }
            let block = p.query_term()?;
            p.rest_of(Block { orders: true, ..block })?;
            p.common.truncate(scope);
            Ok(())
        })
    }

    /// What may follow the query just passed in its own brackets, as in `((SELECT 1) UNION SELECT 2)`.
    pub fn rest_of_passed(&mut self) -> Parsed {
        let block = Block { orders: true, ..self.passed.again() };
        self.rest_of(block)
    }

    /// What may follow the query term that was `block`; what is passed then is the whole query.
    fn rest_of(&mut self, block: Block) -> Parsed {
        self.blocks.push(block);
        let rest = self.query_rest();
        let mut block = self.blocks.pop().unwrap_or_default();
        rest?;
        self.settle(&mut block)?;
        self.passed = block;
        Ok(())
    }

    /// What may follow a query term: set operations, then order, limits and what else only shapes.
    fn query_rest(&mut self) -> Parsed {
        while self.is_any(0, SETS) && !self.is_op(1, ".") {
            self.bump();
            self.eat_any(&["ALL", "DISTINCT"]);
            // The terms do not see each other's tables.
            let whole = self.blocks.pop();
            let term = self.query_term();
            self.blocks.extend(whole);
            term?;
            // The order of several terms goes by the names of the first list alone.
            if let Some(whole) = self.blocks.last_mut() {
                whole.sources = Columns::default();
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
            self.common_table()?;
            if !self.eat_op(",") {
                return Ok(());
            }
        }
    }

    /// `name [(columns)] AS (query)`; a table that says its columns may read itself.
    fn common_table(&mut self) -> Parsed {
        let name = self.folded_at(self.mark());
        self.note_table(self.mark());
        self.name()?;
        let mut said = None;
        if self.is_op(0, "(") {
            let first = self.mark() + 1;
            self.names_in_brackets()?;
            let mut columns = Columns::default();
            for at in (first..self.mark()).step_by(2) {
                columns.note(self.folded_at(at));
            }
            self.common.push((name.clone(), columns.clone()));
            said = Some(columns);
        }
        self.expect("AS")?;
        self.eat_any(&["MATERIALIZED"]);
        self.apart(Self::query_in_brackets)?;
        let mut columns = said.unwrap_or_else(|| self.passed.gives.clone());
        self.search_and_cycle(&mut columns)?;
        self.common.push((name, columns));
        Ok(())
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
    fn search_and_cycle(&mut self, columns: &mut Columns) -> Parsed {
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
            columns.note(self.folded_at(self.mark()));
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
            columns.note(self.folded_at(self.mark()));
            self.any_name()?;
            self.expect("TO")?;
            self.without_columns(Self::operand)?;
            self.expect("DEFAULT")?;
            self.without_columns(Self::operand)?;
        }
        Ok(())
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
            return Ok(self.passed.again());
        }
        self.blocks.push(Block::default());
        let outcome = self.plain_term();
        let mut block = self.blocks.pop().unwrap_or_default();
        outcome?;
        self.settle(&mut block)?;
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
        // A star gives what the tables have.
        if let Some(block) = self.blocks.last_mut().filter(|block| block.star) {
            let all = block.sources.clone();
            block.gives.add(all);
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
        let from = self.mark();
        if self.eat_op("*") {
            self.note_given(from);
            return Ok(());
        }
        // T-SQL's `alias = expression`, the alias in quotes; a bare one reads as a comparison.
        if self.speaks(Family::SqlServer) && self.kind(0) == Some(Kind::Text) && self.is_op(1, "=") {
            self.bump();
            self.bump();
        }
        self.expr()?;
        if !self.is(0, "AS") && !self.is_name(0) {
            self.note_given(from);
        }
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
            if self.speaks(Family::Db2) && self.eat_all(&["ORDER", "OF"]) {
                self.dotted_name()?;
            } else {
                self.expr()?;
            }
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
        if self.speaks(Family::Oracle) {
            self.eat_any(&["EXACT", "APPROX", "APPROXIMATE"]);
        }
        self.expect_any(&["FIRST", "NEXT"])?;
        if !self.is_any(0, &["ROW", "ROWS"]) {
            self.count()?;
            self.eat("PERCENT");
        }
        self.expect_any(&["ROW", "ROWS"])?;
        if self.eat("ONLY") || self.eat_all(&["WITH", "TIES"]) { Ok(()) } else { self.unexpected() }
    }

    /// A number of rows: an expression without a subquery's effects.
    pub fn count(&mut self) -> Parsed {
        match self.kind(0) {
            Some(Kind::Number | Kind::Parameter) => {
                self.bump();
                Ok(())
            }
            Some(Kind::Operator) if self.is_op(0, "(") => self.without_columns(Self::brackets),
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
