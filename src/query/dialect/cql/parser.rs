//! CQL's SELECT, read in full into a tree, and the forms of DESCRIBE. The rule it keeps: a
//! statement is a read when all of it is one of these and calls built-in functions only.

use super::lexer::{Kind, Token};
use super::tree::{Relation, Select, Selector, Test};
use crate::query::dialect::{Class, Span};

/// Why a statement does not pass.
pub type Refusal = crate::query::dialect::Refusal<&'static str>;

/// Deepest recursion over an expression.
const DEEPEST: usize = 450;

/// Words that cannot be names without quotes.
const RESERVED: &[&str] = &[
    "ADD",
    "ALLOW",
    "ALTER",
    "AND",
    "APPLY",
    "ASC",
    "AUTHORIZE",
    "BATCH",
    "BEGIN",
    "BY",
    "COLUMNFAMILY",
    "CREATE",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DROP",
    "ENTRIES",
    "EXECUTE",
    "FROM",
    "FULL",
    "GRANT",
    "IF",
    "IN",
    "INDEX",
    "INFINITY",
    "INSERT",
    "INTO",
    "IS",
    "KEYSPACE",
    "LIMIT",
    "MATERIALIZED",
    "MODIFY",
    "NAN",
    "NORECURSIVE",
    "NOT",
    "NULL",
    "OF",
    "ON",
    "OR",
    "ORDER",
    "PRIMARY",
    "RENAME",
    "REVOKE",
    "SCHEMA",
    "SELECT",
    "SET",
    "TABLE",
    "TO",
    "TOKEN",
    "TRUNCATE",
    "UNLOGGED",
    "UPDATE",
    "USE",
    "USING",
    "VIEW",
    "WHERE",
    "WITH",
];

pub type Read<T> = Result<T, Refusal>;

/// Reads a SELECT from the tokens of `text` without comments.
pub fn select(text: &str, tokens: &[Token]) -> Read<Select> {
    let mut parser = Parser { text, tokens, pos: 0, depth: 0 };
    parser.expect_word("SELECT")?;
    let select = parser.select()?;
    parser.end()?;
    Ok(select)
}

/// Reads a DESCRIBE from the tokens of `text` without comments: forms that Cassandra answers
/// itself.
pub fn describe(text: &str, tokens: &[Token]) -> Read<()> {
    let mut parser = Parser { text, tokens, pos: 1, depth: 0 };
    let listed = ["KEYSPACES", "TABLES", "TYPES", "FUNCTIONS", "AGGREGATES", "CLUSTER", "SCHEMA"];
    if parser.eat_word("FULL") {
        parser.expect_word("SCHEMA")?;
    } else if listed.iter().any(|word| parser.eat_word(word)) {
    } else if parser.is_word("ONLY") || parser.is_word("KEYSPACE") {
        parser.eat_word("ONLY");
        parser.expect_word("KEYSPACE")?;
        if !parser.is_word("WITH") && parser.token().is_some() && !parser.is(";") {
            parser.name()?;
        }
    } else {
        if parser.eat_word("MATERIALIZED") {
            parser.expect_word("VIEW")?;
        } else {
            let kinds = ["TABLE", "COLUMNFAMILY", "INDEX", "TYPE", "FUNCTION", "AGGREGATE"];
            // A thing of any kind may also be named alone.
            let _ = kinds.iter().any(|word| parser.eat_word(word));
        }
        parser.name()?;
        if parser.eat(".") {
            parser.name()?;
        }
    }
    if parser.eat_word("WITH") {
        parser.expect_word("INTERNALS")?;
    }
    parser.end()
}

/// A statement being read.
pub struct Parser<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub pos: usize,
    depth: usize,
}

impl Parser<'_> {
    pub fn token(&self) -> Option<Token> {
        self.tokens.get(self.pos).copied()
    }

    pub fn text_at(&self, ahead: usize, kind: Kind) -> &str {
        match self.tokens.get(self.pos + ahead) {
            Some(token) if token.kind == kind => {
                self.text.get(token.span.start..token.span.end).unwrap_or_default()
            }
            _ => "",
        }
    }

    pub fn is(&self, operator: &str) -> bool {
        self.text_at(0, Kind::Operator) == operator
    }

    pub fn is_word(&self, word: &str) -> bool {
        self.text_at(0, Kind::Word).eq_ignore_ascii_case(word)
    }

    fn is_word_ahead(&self, ahead: usize, word: &str) -> bool {
        self.text_at(ahead, Kind::Word).eq_ignore_ascii_case(word)
    }

    pub fn eat(&mut self, operator: &str) -> bool {
        let is = self.is(operator);
        self.pos += usize::from(is);
        is
    }

    pub fn eat_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.pos += usize::from(is);
        is
    }

    /// Passes a token of this kind: its text.
    pub fn take(&mut self, kind: Kind) -> Option<String> {
        let text = self.token().filter(|t| t.kind == kind).map(|_| self.text_at(0, kind).to_owned());
        self.pos += usize::from(text.is_some());
        text
    }

    pub fn expect(&mut self, operator: &str) -> Read<()> {
        if self.eat(operator) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub fn expect_word(&mut self, word: &str) -> Read<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub fn unexpected(&self) -> Refusal {
        let end = Span { start: self.text.len(), end: self.text.len() };
        let span = self.token().map_or(end, |t| t.span);
        let verb = super::VERBS.iter().find(|verb| self.is_word(verb.word));
        Refusal {
            class: verb.map_or(Class::Unsure, |verb| verb.class),
            rule: verb.map_or("cql.syntax", |verb| verb.rule),
            span,
            why: verb
                .map_or("This is not part of CQL's SELECT, and what is not understood is refused.", |verb| {
                    verb.why
                }),
            instead: None,
        }
    }

    pub fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            let why = "The statement nests too deeply to judge.";
            return Err(Refusal {
                class: Class::Unsure,
                rule: "cql.limit.nesting",
                why,
                instead: None,
                ..self.unexpected()
            });
        }
        self.depth += 1;
        let outcome = rule(self);
        self.depth -= 1;
        outcome
    }

    /// The end of the statement, and nothing after it.
    fn end(&mut self) -> Read<()> {
        let semicolon = self.is(";");
        while self.eat(";") {}
        match self.token() {
            None => Ok(()),
            Some(token) if semicolon => Err(Refusal {
                class: Class::Write,
                rule: "cql.multiple-statements",
                span: token.span,
                why: "One statement at a time.",
                instead: None,
            }),
            Some(_) => Err(self.unexpected()),
        }
    }

    /// A name, without its quotes: bare ones fold to lower case.
    pub fn name(&mut self) -> Read<String> {
        let quoted = self.text_at(0, Kind::Quoted);
        if let Some(inner) = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')) {
            let name = inner.replace("\"\"", "\"");
            self.pos += 1;
            return Ok(name);
        }
        let word = self.text_at(0, Kind::Word);
        if word.is_empty() || RESERVED.iter().any(|r| word.eq_ignore_ascii_case(r)) {
            return Err(self.unexpected());
        }
        let name = word.to_ascii_lowercase();
        self.pos += 1;
        Ok(name)
    }

    fn select(&mut self) -> Read<Select> {
        // `json` and `distinct` may also name a column: what follows tells.
        let modifies = |p: &Self| {
            !matches!(p.text_at(1, Kind::Operator), "," | "." | "(" | "[")
                && !p.is_word_ahead(1, "FROM")
                && !p.is_word_ahead(1, "AS")
        };
        let json = self.is_word("JSON") && modifies(self) && self.eat_word("JSON");
        let distinct = self.is_word("DISTINCT") && modifies(self) && self.eat_word("DISTINCT");
        let selectors = if self.eat("*") { Vec::new() } else { self.selectors()? };
        self.expect_word("FROM")?;
        let first = self.name()?;
        let (keyspace, table) = if self.eat(".") { (Some(first), self.name()?) } else { (None, first) };
        let relations = if self.eat_word("WHERE") { self.relations()? } else { Vec::new() };
        let mut group = Vec::new();
        if self.eat_word("GROUP") {
            self.expect_word("BY")?;
            group.push(self.sum()?);
            while self.eat(",") {
                group.push(self.sum()?);
            }
        }
        let order = if self.eat_word("ORDER") { self.order()? } else { Vec::new() };
        let per_partition = if self.eat_word("PER") {
            self.expect_word("PARTITION")?;
            self.expect_word("LIMIT")?;
            Some(self.count()?)
        } else {
            None
        };
        let limit = if self.eat_word("LIMIT") { Some(self.count()?) } else { None };
        let filtering = self.eat_word("ALLOW");
        if filtering {
            self.expect_word("FILTERING")?;
        }
        Ok(Select {
            json,
            distinct,
            selectors,
            keyspace,
            table,
            relations,
            group,
            order,
            per_partition,
            limit,
            filtering,
        })
    }

    /// A number of rows, or a marker for one.
    fn count(&mut self) -> Read<super::tree::Expr> {
        use super::tree::Expr;
        if let Some(number) = self.take(Kind::Number) {
            return Ok(Expr::Number(number));
        }
        self.marker()?.ok_or_else(|| self.unexpected())
    }

    fn selectors(&mut self) -> Read<Vec<Selector>> {
        let mut all = Vec::new();
        loop {
            let start = self.token().map_or(0, |t| t.span.start);
            let what = self.sum()?;
            let end =
                self.pos.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(start, |t| t.span.end);
            let words = self.text.get(start..end).unwrap_or_default().to_owned();
            let alias = if self.eat_word("AS") { Some(self.name()?) } else { None };
            all.push(Selector { what, alias, words });
            if !self.eat(",") {
                return Ok(all);
            }
        }
    }

    fn order(&mut self) -> Read<Vec<(super::tree::Expr, bool)>> {
        self.expect_word("BY")?;
        let mut all = Vec::new();
        loop {
            let name = self.name()?;
            // Nearest neighbours of a vector.
            if self.eat_word("ANN") {
                self.expect_word("OF")?;
                self.sum()?;
            }
            let down = !self.eat_word("ASC") && self.eat_word("DESC");
            all.push((super::tree::Expr::Column(name), down));
            if !self.eat(",") {
                return Ok(all);
            }
        }
    }

    fn relations(&mut self) -> Read<Vec<Relation>> {
        let mut all = Vec::new();
        loop {
            self.relation(&mut all)?;
            if !self.eat_word("AND") {
                return Ok(all);
            }
        }
    }

    /// One condition; in brackets it may be several.
    fn relation(&mut self, all: &mut Vec<Relation>) -> Read<()> {
        use super::tree::Expr;
        if self.is("(") && !self.is_tuple_of_columns() {
            return self.deeper(|p| {
                p.expect("(")?;
                p.relation(all)?;
                while p.eat_word("AND") {
                    p.relation(all)?;
                }
                p.expect(")")
            });
        }
        if self.is_word("EXPR") && self.text_at(1, Kind::Operator) == "(" {
            self.pos += 2;
            let index = self.name()?;
            self.expect(",")?;
            let right = self.sum()?;
            self.expect(")")?;
            all.push(Relation { left: Expr::Column(index), test: Test::Index, right });
            return Ok(());
        }
        let left = self.operand()?;
        let (test, right) = self.test()?;
        all.push(Relation { left, test, right });
        Ok(())
    }

    /// Whether the bracket here holds names, and a comparison follows it: `(a, b) > (1, 2)`.
    fn is_tuple_of_columns(&self) -> bool {
        let mut depth = 0_usize;
        for (ahead, token) in self.tokens.iter().skip(self.pos).enumerate() {
            let operator = self.text_at(ahead, Kind::Operator);
            match operator {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                "," | ""
                    if depth == 1 && matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Operator) => {}
                _ => return false,
            }
            if depth == 0 {
                let next = self.text_at(ahead + 1, Kind::Operator);
                let compared = matches!(next, "=" | "<" | "<=" | ">" | ">=" | "!=");
                return compared || ["IN", "NOT", "BETWEEN"].iter().any(|w| self.is_word_ahead(ahead + 1, w));
            }
        }
        false
    }

    /// The comparison and its right side.
    fn test(&mut self) -> Read<(Test, super::tree::Expr)> {
        use super::tree::Expr;
        let test = match self.text_at(0, Kind::Operator) {
            "=" => Some(Test::Equal),
            "!=" => Some(Test::Unequal),
            "<" => Some(Test::Less),
            "<=" => Some(Test::LessOrEqual),
            ">" => Some(Test::Greater),
            ">=" => Some(Test::GreaterOrEqual),
            _ => None,
        };
        if let Some(test) = test {
            self.pos += 1;
            return Ok((test, self.sum()?));
        }
        if self.eat_word("IS") {
            self.expect_word("NOT")?;
            self.expect_word("NULL")?;
            return Ok((Test::NotNull, Expr::Null));
        }
        let not = self.eat_word("NOT");
        if self.eat_word("IN") {
            return Ok((if not { Test::NotIn } else { Test::In }, self.list()?));
        }
        if self.eat_word("CONTAINS") {
            let key = self.eat_word("KEY");
            let test = match (not, key) {
                (true, _) => Test::ContainsNot,
                (false, true) => Test::ContainsKey,
                (false, false) => Test::Contains,
            };
            return Ok((test, self.sum()?));
        }
        if not {
            return Err(self.unexpected());
        }
        if self.eat_word("LIKE") {
            return Ok((Test::Like, self.sum()?));
        }
        self.expect_word("BETWEEN")?;
        let low = self.sum()?;
        self.expect_word("AND")?;
        Ok((Test::Between, Expr::Tuple(vec![low, self.sum()?])))
    }

    /// What follows IN: values in brackets, which may be none, or a marker.
    fn list(&mut self) -> Read<super::tree::Expr> {
        use super::tree::Expr;
        if let Some(marker) = self.marker()? {
            return Ok(marker);
        }
        self.expect("(")?;
        let values = self.deeper(|p| p.until(")"))?;
        Ok(Expr::Tuple(values))
    }
}
