//! DynamoDB's SELECT, read in full: projection, table and index, condition, order. The rule it keeps:
//! a statement is a read when all of it is this SELECT; the condition comes out as a tree, from which
//! the cost of the statement is told before it runs.

use super::lexer::{Kind, Token};
use crate::query::dialect::{Class, Span};

/// Why a statement does not pass.
pub type Refusal = crate::query::dialect::Refusal<&'static str>;

/// Deepest recursion over an expression.
const DEEPEST: usize = 450;

/// Functions of a condition and what they are called; any case.
const FUNCTIONS: &[&str] =
    &["size", "begins_with", "contains", "attribute_type", "attribute_exists", "attribute_not_exists"];

/// Aggregates: DynamoDB answers them with an error, which harms nothing and explains itself.
const AGGREGATES: &[&str] = &["count", "sum", "min", "max", "avg"];

/// Words that cannot be names.
const RESERVED: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "ORDER",
    "BY",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "BETWEEN",
    "LIKE",
    "INTO",
    "INSERT",
    "UPDATE",
    "DELETE",
    "SET",
    "REMOVE",
    "RETURNING",
    "VALUE",
    "VALUES",
    "EXISTS",
    "JOIN",
    "UNION",
    "GROUP",
    "HAVING",
    "LIMIT",
    "OFFSET",
    "AS",
    "AT",
    "ON",
    "ALL",
    "DISTINCT",
    "CASE",
    "CREATE",
    "DROP",
    "UPSERT",
    "REPLACE",
];

/// How an attribute is compared with constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// `=`.
    Equals,
    /// `IN`.
    In,
    /// `<`, `BETWEEN`, `begins_with`.
    Range,
}

/// A condition, as far as keys go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All of them hold.
    All(Vec<Self>),
    /// One of them holds.
    Any(Vec<Self>),
    /// A top-level attribute compared with constants.
    Key(String, Test),
    /// Anything else: it filters what was read.
    Filter,
}

/// A SELECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// The table.
    pub table: String,
    /// The index after the dot.
    pub index: Option<String>,
    /// WHERE.
    pub condition: Option<Condition>,
}

/// A value in a condition.
enum Operand {
    /// A top-level attribute.
    Attribute(String),
    /// Literals and parameters only.
    Constant,
    /// A call that tests a top-level attribute against a prefix.
    Prefix(String),
    /// A condition in brackets.
    Condition(Condition),
    /// Anything else.
    Other,
}

type Read<T> = Result<T, Refusal>;

/// Reads a SELECT from the tokens of `text` without comments.
pub fn select(text: &str, tokens: &[Token]) -> Read<Select> {
    let mut parser = Parser { text, tokens, pos: 0, depth: 0 };
    parser.expect_word("SELECT")?;
    parser.projection()?;
    parser.expect_word("FROM")?;
    let table = parser.name()?;
    let index = if parser.eat(".") { Some(parser.name()?) } else { None };
    let condition = if parser.eat_word("WHERE") { Some(parser.condition()?) } else { None };
    if parser.eat_word("ORDER") {
        parser.expect_word("BY")?;
        parser.order()?;
    }
    if parser.eat_word("LIMIT") && !parser.eat_kind(Kind::Number) && !parser.eat_kind(Kind::Parameter) {
        return Err(parser.unexpected());
    }
    let semicolon = parser.is(";");
    while parser.eat(";") {}
    match parser.token() {
        None => Ok(Select { table, index, condition }),
        Some(token) if semicolon => Err(Refusal {
            class: Class::Write,
            rule: "partiql.multiple-statements",
            span: token.span,
            why: "One statement at a time.",
            instead: None,
        }),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    pos: usize,
    depth: usize,
}

impl Parser<'_> {
    fn token(&self) -> Option<Token> {
        self.tokens.get(self.pos).copied()
    }

    fn text_at(&self, ahead: usize, kind: Kind) -> &str {
        match self.tokens.get(self.pos + ahead) {
            Some(token) if token.kind == kind => {
                self.text.get(token.span.start..token.span.end).unwrap_or_default()
            }
            _ => "",
        }
    }

    fn is(&self, operator: &str) -> bool {
        self.text_at(0, Kind::Operator) == operator
    }

    fn is_word(&self, word: &str) -> bool {
        self.text_at(0, Kind::Word).eq_ignore_ascii_case(word)
    }

    fn eat(&mut self, operator: &str) -> bool {
        let is = self.is(operator);
        self.pos += usize::from(is);
        is
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        self.pos += usize::from(is);
        is
    }

    fn eat_kind(&mut self, kind: Kind) -> bool {
        let is = self.token().is_some_and(|t| t.kind == kind);
        self.pos += usize::from(is);
        is
    }

    fn expect(&mut self, operator: &str) -> Read<()> {
        if self.eat(operator) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn expect_word(&mut self, word: &str) -> Read<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Refusal {
        let end = Span { start: self.text.len(), end: self.text.len() };
        let span = self.token().map_or(end, |t| t.span);
        if self.is_word("EXISTS") {
            return Refusal {
                class: Class::Write,
                rule: "partiql.exists",
                span,
                why: "EXISTS is the condition check of a write transaction.",
                instead: Some("A SELECT with the same condition shows whether an item matches."),
            };
        }
        let verb = super::VERBS.iter().find(|verb| self.is_word(verb.word));
        Refusal {
            class: verb.map_or(Class::Unsure, |_| Class::Write),
            rule: verb.map_or("partiql.syntax", |verb| verb.rule),
            span,
            why: verb.map_or(
                "This is not part of DynamoDB's SELECT, and what is not understood is refused.",
                |v| v.why,
            ),
            instead: None,
        }
    }

    fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEEPEST {
            let span = self.unexpected().span;
            let why = "The statement nests too deeply to judge.";
            return Err(Refusal {
                class: Class::Unsure,
                rule: "partiql.limit.nesting",
                span,
                why,
                instead: None,
            });
        }
        self.depth += 1;
        let outcome = rule(self);
        self.depth -= 1;
        outcome
    }

    /// A name, without its quotes.
    fn name(&mut self) -> Read<String> {
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
        let name = word.to_owned();
        self.pos += 1;
        Ok(name)
    }

    fn projection(&mut self) -> Read<()> {
        if self.eat("*") {
            return Ok(());
        }
        loop {
            self.operand()?;
            if self.eat_word("AS") {
                self.name()?;
            }
            if !self.eat(",") {
                return Ok(());
            }
        }
    }

    fn order(&mut self) -> Read<()> {
        loop {
            self.path()?;
            if !self.eat_word("ASC") {
                self.eat_word("DESC");
            }
            if self.eat_word("NULLS") && !self.eat_word("FIRST") {
                self.expect_word("LAST")?;
            }
            if !self.eat(",") {
                return Ok(());
            }
        }
    }

    /// A path; its name when it is a top-level attribute.
    fn path(&mut self) -> Read<Option<String>> {
        let name = self.name()?;
        let mut top = true;
        loop {
            if self.eat(".") {
                // After a dot every word is a name.
                if !self.eat_kind(Kind::Word) {
                    self.name()?;
                }
            } else if self.eat("[") {
                if !self.eat_kind(Kind::Number)
                    && !self.eat_kind(Kind::Text)
                    && !self.eat_kind(Kind::Parameter)
                {
                    return Err(self.unexpected());
                }
                self.expect("]")?;
            } else {
                return Ok(top.then_some(name));
            }
            top = false;
        }
    }

    fn condition(&mut self) -> Read<Condition> {
        self.deeper(|p| {
            let mut any = vec![p.all()?];
            while p.eat_word("OR") {
                any.push(p.all()?);
            }
            Ok(if any.len() == 1 { any.pop().unwrap_or(Condition::Filter) } else { Condition::Any(any) })
        })
    }

    fn all(&mut self) -> Read<Condition> {
        let mut all = vec![self.negated()?];
        while self.eat_word("AND") {
            all.push(self.negated()?);
        }
        Ok(if all.len() == 1 { all.pop().unwrap_or(Condition::Filter) } else { Condition::All(all) })
    }

    fn negated(&mut self) -> Read<Condition> {
        let mut not = false;
        while self.eat_word("NOT") {
            not = true;
        }
        let condition = self.comparison()?;
        Ok(if not { Condition::Filter } else { condition })
    }

    fn comparison(&mut self) -> Read<Condition> {
        let left = self.sum()?;
        if let Some(test) = self.comparator() {
            let right = self.sum()?;
            return Ok(compared(left, right, test));
        }
        let not = self.eat_word("NOT");
        if self.eat_word("BETWEEN") {
            let low = self.sum()?;
            self.expect_word("AND")?;
            let high = self.sum()?;
            let constant = matches!((low, high), (Operand::Constant, Operand::Constant)) && !not;
            return Ok(key_if(left, Test::Range, constant));
        }
        if self.eat_word("IN") {
            let list = self.operand()?;
            return Ok(key_if(left, Test::In, matches!(list, Operand::Constant) && !not));
        }
        if not {
            return Err(self.unexpected());
        }
        if self.eat_word("IS") {
            self.eat_word("NOT");
            return if self.eat_word("MISSING") || self.eat_word("NULL") {
                Ok(Condition::Filter)
            } else {
                Err(self.unexpected())
            };
        }
        Ok(match left {
            Operand::Condition(condition) => condition,
            Operand::Prefix(name) => Condition::Key(name, Test::Range),
            _ => Condition::Filter,
        })
    }

    /// Passes a comparison operator: `Some(None)` is one that no key is found by.
    fn comparator(&mut self) -> Option<Option<Test>> {
        let test = match self.text_at(0, Kind::Operator) {
            "=" => Some(Test::Equals),
            "<" | "<=" | ">" | ">=" => Some(Test::Range),
            "<>" | "!=" => None,
            _ => return None,
        };
        self.pos += 1;
        Some(test)
    }

    fn sum(&mut self) -> Read<Operand> {
        let mut operand = self.operand()?;
        while self.eat("+") || self.eat("-") || self.eat("||") {
            let right = self.operand()?;
            operand = match (operand, right) {
                (Operand::Constant, Operand::Constant) => Operand::Constant,
                _ => Operand::Other,
            };
        }
        Ok(operand)
    }

    fn operand(&mut self) -> Read<Operand> {
        let sign = self.eat("-") || self.eat("+");
        if self.eat_kind(Kind::Number) || self.eat_kind(Kind::Parameter) {
            return Ok(Operand::Constant);
        }
        if sign {
            return Err(self.unexpected());
        }
        if self.eat_kind(Kind::Text) {
            return Ok(Operand::Constant);
        }
        if ["TRUE", "FALSE", "NULL", "MISSING"].iter().any(|word| self.eat_word(word)) {
            return Ok(Operand::Constant);
        }
        if self.eat("[") {
            return self.list("]");
        }
        if self.eat("<<") {
            return self.list(">>");
        }
        if self.eat("{") {
            return self.map();
        }
        if self.eat("(") {
            return self.brackets();
        }
        if self.text_at(1, Kind::Operator) == "(" && self.token().is_some_and(|t| t.kind == Kind::Word) {
            return self.call();
        }
        Ok(self.path()?.map_or(Operand::Other, Operand::Attribute))
    }

    /// A list or set after its first sign.
    fn list(&mut self, end: &str) -> Read<Operand> {
        self.deeper(|p| {
            let mut constant = true;
            if p.eat(end) {
                return Ok(Operand::Constant);
            }
            loop {
                constant &= matches!(p.sum()?, Operand::Constant);
                if !p.eat(",") {
                    p.expect(end)?;
                    return Ok(if constant { Operand::Constant } else { Operand::Other });
                }
            }
        })
    }

    fn map(&mut self) -> Read<Operand> {
        self.deeper(|p| {
            if p.eat("}") {
                return Ok(Operand::Constant);
            }
            loop {
                if !p.eat_kind(Kind::Text) {
                    p.name()?;
                }
                p.expect(":")?;
                p.sum()?;
                if !p.eat(",") {
                    p.expect("}")?;
                    return Ok(Operand::Constant);
                }
            }
        })
    }

    /// A condition in brackets, or the list of an IN.
    fn brackets(&mut self) -> Read<Operand> {
        let from = self.pos;
        let condition = self.condition()?;
        let mut list = false;
        while self.eat(",") {
            list = true;
            self.condition()?;
        }
        let inside = self.tokens.get(from..self.pos).unwrap_or_default();
        let constant = inside.iter().all(|t| match t.kind {
            Kind::Text | Kind::Number | Kind::Parameter => true,
            Kind::Operator => matches!(self.text.get(t.span.start..t.span.end), Some("," | "-" | "+")),
            _ => false,
        });
        self.expect(")")?;
        Ok(match (constant, list) {
            (true, _) => Operand::Constant,
            (false, false) => Operand::Condition(condition),
            (false, true) => Operand::Other,
        })
    }

    fn call(&mut self) -> Read<Operand> {
        let name = self.text_at(0, Kind::Word).to_ascii_lowercase();
        let known = FUNCTIONS.contains(&name.as_str());
        if !known && !AGGREGATES.contains(&name.as_str()) {
            if RESERVED.iter().any(|r| name.eq_ignore_ascii_case(r)) {
                return Err(self.unexpected());
            }
            return Err(Refusal {
                rule: "partiql.function.unknown",
                why: "This is not a function of DynamoDB's SELECT.",
                ..self.unexpected()
            });
        }
        self.pos += 2;
        if !known && self.eat("*") {
            self.expect(")")?;
            return Ok(Operand::Other);
        }
        self.deeper(|p| {
            let first = p.sum()?;
            let mut constant = true;
            while p.eat(",") {
                constant &= matches!(p.sum()?, Operand::Constant);
            }
            p.expect(")")?;
            Ok(match first {
                Operand::Attribute(attribute) if name == "begins_with" && constant => {
                    Operand::Prefix(attribute)
                }
                _ => Operand::Other,
            })
        })
    }
}

fn compared(left: Operand, right: Operand, test: Option<Test>) -> Condition {
    match (left, right, test) {
        (Operand::Attribute(name), Operand::Constant, Some(test))
        | (Operand::Constant, Operand::Attribute(name), Some(test)) => Condition::Key(name, test),
        _ => Condition::Filter,
    }
}

fn key_if(left: Operand, test: Test, holds: bool) -> Condition {
    match left {
        Operand::Attribute(name) if holds => Condition::Key(name, test),
        _ => Condition::Filter,
    }
}
