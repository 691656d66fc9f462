//! The FROM clause: tables, joins, derived tables, PIVOT, JSON and XML tables, history, hints. A function
//! here passes only when it is on its server's list of those that read.

use super::Family;
use super::lexer::Kind;
use super::names::Columns;
use super::parser::{Parsed, Parser, Stop};
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
            p.table_factor(false)?;
            loop {
                let applies = p.is(1, "APPLY");
                if !p.join()? {
                    return Ok(());
                }
                p.table_factor(applies)?;
                p.join_condition()?;
            }
        })
    }

    /// Passes the words of a join; false when none is here.
    fn join(&mut self) -> Result<bool, Stop> {
        let mark = self.mark();
        if self.is_any(0, &["CROSS", "OUTER"]) && self.is(1, "APPLY") && !self.speaks(Family::Db2) {
            self.bump();
            self.bump();
            return Ok(true);
        }
        self.eat("NATURAL");
        if self.eat_any(&["LEFT", "RIGHT", "FULL"]) {
            self.eat("OUTER");
        } else {
            self.eat_any(&["INNER", "CROSS"]);
        }
        if self.speaks(Family::SqlServer) {
            self.eat_any(&["LOOP", "HASH", "MERGE", "REMOTE"]);
        }
        if self.eat("JOIN") {
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

    /// One table with what stands behind it. Behind APPLY a derived one sees the tables before it.
    fn table_factor(&mut self, applies: bool) -> Parsed {
        if self.is_any(0, &["FINAL", "NEW", "OLD"]) && self.is(1, "TABLE") && self.is_op(2, "(") {
            let why = "It changes the rows that it shows.";
            return self.refuse_here(Class::Write, self.tongue.rules.data_change, why);
        }
        if self.is_op(0, "(") {
            self.bracketed_tables(applies)?;
        } else if self.is(0, "LATERAL") && self.is_op(1, "(") {
            self.bump();
            self.beside(Self::query_in_brackets)?;
            self.note_derived();
        } else if self.is(0, "TABLE") && self.is_op(1, "(") && !self.speaks(Family::SqlServer) {
            self.bump();
            self.beside(Self::collection)?;
            self.note_source(Columns::any());
        } else if self.is_op(1, "(") && self.is_wrapped() {
            self.bump();
            self.bump();
            let from = self.mark();
            let parts = self.table_name()?;
            self.of_this_server(from, parts)?;
            self.note_source(self.columns_of_table(parts));
            self.note_source(Columns::one("CON_ID"));
            self.expect_op(")")?;
        } else {
            self.named_table()?;
        }
        self.after_table()
    }

    /// Whether the word under the cursor takes a table's name in brackets: `ONLY (v)`, Oracle's
    /// `CONTAINERS (t)`.
    fn is_wrapped(&self) -> bool {
        (self.is(0, "ONLY") && !self.speaks(Family::SqlServer))
            || (self.is(0, "CONTAINERS") && self.speaks(Family::Oracle))
    }

    /// Adds the columns that the query just passed gives to the block that reads it.
    fn note_derived(&mut self) {
        let columns = self.passed.gives.clone();
        self.note_source(columns);
    }

    /// PIVOT and UNPIVOT, which read the tables before them and make columns of their own.
    fn pivoted(&mut self) -> Parsed {
        self.beside(Self::pivots)?;
        self.note_source(Columns::any());
        Ok(())
    }

    /// What may stand between a table and its alias, and behind it.
    fn after_table(&mut self) -> Parsed {
        self.history()?;
        self.sample()?;
        if self.is_any(0, &["PIVOT", "UNPIVOT"]) {
            self.pivoted()?;
        }
        self.table_alias()?;
        self.history()?;
        self.sample()?;
        self.hints()?;
        // Oracle's partitioned outer join, on either side.
        if self.speaks(Family::Oracle) && self.is(0, "PARTITION") && self.is(1, "BY") {
            self.bump();
            self.bump();
            self.brackets()?;
        }
        while self.is_any(0, &["PIVOT", "UNPIVOT"])
            && (self.is_op(1, "(") || self.is_any(1, &["XML", "INCLUDE", "EXCLUDE"]))
        {
            self.pivoted()?;
            self.table_alias()?;
        }
        Ok(())
    }

    /// A table, view, or a function that reads.
    fn named_table(&mut self) -> Parsed {
        let from = self.mark();
        let special = self.word(0).to_ascii_lowercase();
        if self.is_op(1, "(") {
            match (self.tongue.family, special.as_str()) {
                (Family::SqlServer, "openjson") => return self.open_json(),
                (Family::SqlServer, "changetable") => return self.change_table(),
                (Family::Oracle | Family::Db2, "json_table" | "xmltable") => {
                    let columns = self.document_table()?;
                    self.note_source(columns);
                    return Ok(());
                }
                // Some of these names are reserved words.
                _ if self.tongue.reads_in_from(&special) || self.tongue.effect(&special).is_some() => {
                    self.bump();
                    self.beside(|p| p.table_function(from, 1))?;
                    self.note_source(Columns::any());
                    return Ok(());
                }
                _ => {}
            }
        }
        let parts = self.table_name()?;
        if self.is_op(0, "@") {
            return self.unexpected();
        }
        self.of_this_server(from, parts)?;
        let columns = self.columns_of_table(parts);
        if self.is_op(0, "(") && !self.only_hints() {
            self.beside(|p| p.table_function(from, parts))?;
            self.note_source(Columns::any());
            return Ok(());
        }
        self.note_source(columns);
        if self.speaks(Family::Oracle) && self.is_any(0, &["PARTITION", "SUBPARTITION"]) && self.is_op(1, "(")
        {
            self.bump();
            return self.names_in_brackets();
        }
        if self.speaks(Family::Oracle) && self.is_any(0, &["PARTITION", "SUBPARTITION"]) && self.is(1, "FOR")
        {
            self.bump();
            self.bump();
            return self.without_columns(Self::brackets);
        }
        Ok(())
    }

    /// Refuses a name from the token at `from` whose `parts` parts lead to another server.
    fn of_this_server(&mut self, from: usize, parts: usize) -> Parsed {
        let most = if self.speaks(Family::Db2) { 2 } else { 3 };
        if parts > most {
            let why = if self.speaks(Family::Db2) {
                "A name of three parts leads to a federated server, where nothing here holds."
            } else {
                "A name of four parts leads to a linked server, where nothing here holds."
            };
            return self.refuse_from(from, Class::Unsure, self.tongue.rules.link, why, None);
        }
        Ok(())
    }

    /// `a.b.c`, `db..t`; how many parts.
    fn table_name(&mut self) -> Result<usize, Stop> {
        self.name()?;
        let mut parts = 1;
        let sqlserver = self.speaks(Family::SqlServer);
        while self.is_op(0, ".") || (sqlserver && self.is_op(0, "..")) {
            if self.is_op(0, "..") {
                parts += 1;
            }
            self.bump();
            self.any_name()?;
            parts += 1;
        }
        self.note_table(self.mark().saturating_sub(1));
        Ok(parts)
    }

    fn table_function(&mut self, from: usize, parts: usize) -> Parsed {
        let mut name = String::new();
        for part in 0..parts {
            let Some(token) = self.token_at(from + 2 * part) else { return self.unexpected() };
            let text = self.text_of(token);
            name.push_str(if part > 0 { "." } else { "" });
            name.push_str(&text.to_ascii_lowercase());
        }
        // Db2 finds its own table functions with their schema and without.
        if let Some(own) = name.strip_prefix("sysproc.").filter(|_| self.speaks(Family::Db2)) {
            name = own.to_owned();
        }
        if let Some(effect) = self.tongue.effect(&name) {
            return self.refuse_from(from, Class::Write, self.tongue.rules.effect, effect.why, None);
        }
        if self.tongue.reads_in_from(&name) {
            return self.arguments(false);
        }
        // `column.nodes('path')`
        if self.speaks(Family::SqlServer)
            && parts > 1
            && name.ends_with(".nodes")
            && self.kind(1) == Some(Kind::Text)
        {
            self.bump();
            self.bump();
            return self.expect_op(")");
        }
        let why = "A function in FROM runs code that the guard does not know.";
        self.refuse_from(from, Class::Unsure, self.tongue.rules.from_function, why, None)
    }

    /// `TABLE ( function(…) )`, `TABLE ( query )`.
    fn collection(&mut self) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            if p.at_query() {
                p.query()?;
                return p.expect_op(")");
            }
            let from = p.mark();
            p.name()?;
            let mut parts = 1;
            while p.eat_op(".") {
                p.any_name()?;
                parts += 1;
            }
            if p.is_op(0, "(") {
                p.table_function(from, parts)?;
            } else {
                // A nested table's column, or a table function without arguments.
                if parts == 1 {
                    return p.unexpected();
                }
                let words: Vec<_> = (0..parts).filter_map(|part| p.token_at(from + 2 * part)).collect();
                let bare = words.iter().all(|t| t.kind == Kind::Word);
                let words: Vec<_> = words.iter().map(|t| p.text_of(*t).to_ascii_lowercase()).collect();
                if !(bare && p.speaks(Family::Oracle) && p.tongue.reads_in_from(&words.join("."))) {
                    p.qualified.push(from);
                }
            }
            p.expect_op(")")
        })
    }

    /// A derived table, VALUES, or joins in brackets.
    fn bracketed_tables(&mut self, applies: bool) -> Parsed {
        self.deeper(|p| {
            p.expect_op("(")?;
            if p.speaks(Family::SqlServer) && p.eat("VALUES") {
                loop {
                    p.brackets()?;
                    if !p.eat_op(",") {
                        break;
                    }
                }
            } else if p.is_op(0, "(") || !p.at_query() {
                p.table_references()?;
                if p.at_query_rest() {
                    p.apart(Self::rest_of_passed)?;
                }
            } else if applies {
                p.beside(Self::query)?;
                p.note_derived();
            } else {
                p.apart(Self::query)?;
                p.note_derived();
            }
            p.expect_op(")")
        })
    }

    fn table_alias(&mut self) -> Parsed {
        let begins_clause = self.is_any(0, &["PIVOT", "UNPIVOT"]) && self.is_op(1, "(");
        if self.eat("AS") || (self.is_name(0) && !begins_clause && !self.at_ending()) {
            self.note_table(self.mark());
            self.name()?;
            if self.is_op(0, "(") && !self.only_hints() {
                return self.columns_of_alias();
            }
        }
        Ok(())
    }

    /// Words that begin what follows a table and are no reserved words.
    fn at_ending(&self) -> bool {
        if self.is(0, "WINDOW") && self.is_name(1) && self.is(2, "AS") {
            return true;
        }
        match self.tongue.family {
            Family::SqlServer => self.is(0, "OFFSET") && self.kind(1) == Some(Kind::Number),
            Family::Oracle | Family::Db2 => {
                (self.is(0, "OFFSET") && self.kind(1) == Some(Kind::Number))
                    || (self.is_any(0, &["CROSS", "OUTER"]) && self.is(1, "APPLY"))
                    || (self.is(0, "PARTITION") && self.is(1, "BY"))
                    || (self.is_any(0, &["SAMPLE", "TABLESAMPLE"]))
                    || (self.is(0, "LIMIT") && self.kind(1).is_some_and(|k| k != Kind::Word))
                    || (self.is(0, "SKIP") && self.is(1, "LOCKED"))
                    || (self.is(0, "WAIT") && self.is(1, "FOR"))
                    || (self.is(0, "QUALIFY") && self.kind(1).is_some_and(|k| k != Kind::Operator))
                    || (self.is(0, "OPTIMIZE") && self.is(1, "FOR"))
                    || (self.is(0, "QUERYNO") && self.kind(1) == Some(Kind::Number))
            }
        }
    }

    fn columns_of_alias(&mut self) -> Parsed {
        self.expect_op("(")?;
        loop {
            self.note_source(Columns::one(&self.folded_at(self.mark())));
            self.any_name()?;
            // Db2's typed correlation: `AS t (a INTEGER)`.
            if self.speaks(Family::Db2) && !self.is_op(0, ",") && !self.is_op(0, ")") {
                self.data_type()?;
            }
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }

    /// `FOR SYSTEM_TIME AS OF …`, Oracle's `AS OF SCN …` and `VERSIONS BETWEEN …`.
    fn history(&mut self) -> Parsed {
        let period = self.is(0, "FOR") && self.is_any(1, &["SYSTEM_TIME", "BUSINESS_TIME"]);
        if period {
            self.bump();
            self.bump();
            return self.period();
        }
        if !self.speaks(Family::Oracle) {
            return Ok(());
        }
        if self.eat_all(&["VERSIONS", "BETWEEN"]) {
            self.expect_any(&["SCN", "TIMESTAMP"])?;
            self.without_columns(Self::version_bound)?;
            self.expect("AND")?;
            self.without_columns(Self::version_bound)?;
        }
        if self.eat_all(&["AS", "OF"]) {
            if self.eat_all(&["PERIOD", "FOR"]) {
                self.any_name()?;
            } else {
                self.expect_any(&["SCN", "TIMESTAMP"])?;
            }
            return self.without_columns(Self::version_bound);
        }
        Ok(())
    }

    fn version_bound(&mut self) -> Parsed {
        if self.eat_any(&["MINVALUE", "MAXVALUE"]) {
            return Ok(());
        }
        // No AND of its own: it may be the one between two bounds.
        self.operand()?;
        while ["+", "-", "*", "/"].iter().any(|sign| self.is_op(0, sign)) {
            self.bump();
            self.operand()?;
        }
        Ok(())
    }

    fn period(&mut self) -> Parsed {
        if self.eat("ALL") {
            return Ok(());
        }
        if self.eat_all(&["AS", "OF"]) {
            return self.expr();
        }
        if self.eat("BETWEEN") {
            return self.expr();
        }
        if self.eat_all(&["CONTAINED", "IN"]) {
            return self.brackets();
        }
        self.expect("FROM")?;
        self.expr()?;
        self.expect("TO")?;
        self.expr()
    }

    /// `TABLESAMPLE (10 PERCENT) REPEATABLE (1)`, `SAMPLE BLOCK (10) SEED (1)`.
    fn sample(&mut self) -> Parsed {
        if !self.is_any(0, &["TABLESAMPLE", "SAMPLE"]) || self.is_op(1, ".") {
            return Ok(());
        }
        if self.is(0, "SAMPLE") && !self.speaks(Family::Oracle) {
            return Ok(());
        }
        self.bump();
        self.eat_any(&["SYSTEM", "BERNOULLI", "BLOCK"]);
        self.expect_op("(")?;
        self.expect_kind(Kind::Number)?;
        if self.eat_op(",") {
            self.expect_kind(Kind::Number)?;
        }
        self.eat_any(&["PERCENT", "ROWS"]);
        self.expect_op(")")?;
        if self.eat_any(&["REPEATABLE", "SEED"]) {
            self.expect_op("(")?;
            self.expect_kind(Kind::Number)?;
            self.expect_op(")")?;
        }
        Ok(())
    }

    /// `PIVOT (aggregates FOR column IN (…))` and `UNPIVOT (…)`.
    fn pivots(&mut self) -> Parsed {
        let unpivot = self.is(0, "UNPIVOT");
        self.bump();
        if self.eat_any(&["INCLUDE", "EXCLUDE"]) {
            self.expect("NULLS")?;
        }
        self.eat("XML");
        self.deeper(|p| {
            p.expect_op("(")?;
            if unpivot {
                p.pivot_columns()?;
            } else {
                loop {
                    p.expr()?;
                    p.select_alias_of_pivot()?;
                    if !p.eat_op(",") {
                        break;
                    }
                }
            }
            p.expect("FOR")?;
            p.pivot_columns()?;
            p.expect("IN")?;
            p.expect_op("(")?;
            if p.at_query() {
                p.query()?;
            } else if !p.eat("ANY") {
                loop {
                    p.expr()?;
                    if p.eat("AS") && p.is_op(0, "(") {
                        p.brackets()?;
                    } else if p.last().is_some_and(|t| p.text_of(t).eq_ignore_ascii_case("AS")) {
                        if !p.eat_kind(Kind::Text) && !p.eat_kind(Kind::Number) {
                            p.any_name()?;
                        }
                    } else if p.is_name(0) {
                        p.bump();
                    }
                    if !p.eat_op(",") {
                        break;
                    }
                }
            }
            p.expect_op(")")?;
            p.expect_op(")")
        })
    }

    fn select_alias_of_pivot(&mut self) -> Parsed {
        if self.eat("AS") {
            return self.any_name();
        }
        if self.is_name(0) {
            self.bump();
        }
        Ok(())
    }

    fn pivot_columns(&mut self) -> Parsed {
        if self.is_op(0, "(") { self.names_in_brackets() } else { self.dotted_name() }
    }
}
