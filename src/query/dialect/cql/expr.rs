//! Expressions of a SELECT: columns, literals, collections, casts and calls of built-in
//! functions. Anything else that is called is refused by its name.

use super::functions::{TYPES, is_known};
use super::lexer::Kind;
use super::parser::{Parser, Read, Refusal};
use super::tree::Expr;
use crate::query::dialect::Class;

impl Parser<'_> {
    /// Sums, and products within them.
    pub fn sum(&mut self) -> Read<Expr> {
        self.deeper(|p| {
            let mut left = p.product()?;
            loop {
                let sign = if p.eat("+") {
                    '+'
                } else if p.eat("-") {
                    '-'
                } else {
                    return Ok(left);
                };
                left = Expr::Sum(Box::new(left), sign, Box::new(p.product()?));
            }
        })
    }

    fn product(&mut self) -> Read<Expr> {
        let mut left = self.signed()?;
        loop {
            let sign = if self.eat("*") {
                '*'
            } else if self.eat("/") {
                '/'
            } else if self.eat("%") {
                '%'
            } else {
                return Ok(left);
            };
            left = Expr::Sum(Box::new(left), sign, Box::new(self.signed()?));
        }
    }

    fn signed(&mut self) -> Read<Expr> {
        if self.eat("-") {
            return self.deeper(|p| Ok(Expr::Negative(Box::new(p.signed()?))));
        }
        self.operand()
    }

    /// One value with its fields and elements.
    pub fn operand(&mut self) -> Read<Expr> {
        let mut what = self.bare()?;
        loop {
            if self.eat(".") {
                what = Expr::Field(Box::new(what), self.name()?);
            } else if self.eat("[") {
                what = Expr::Element(Box::new(what), self.element()?);
            } else {
                return Ok(what);
            }
        }
    }

    /// A key or a slice, after its bracket.
    fn element(&mut self) -> Read<Vec<Expr>> {
        let mut parts = Vec::new();
        if !self.is("..") {
            parts.push(self.sum()?);
        }
        if self.eat("..") && !self.is("]") {
            parts.push(self.sum()?);
        }
        self.expect("]")?;
        Ok(parts)
    }

    /// `?` or `:name`.
    pub fn marker(&mut self) -> Read<Option<Expr>> {
        if self.take(Kind::Parameter).is_some() {
            return Ok(Some(Expr::Marker));
        }
        if self.eat(":") {
            self.name()?;
            return Ok(Some(Expr::Marker));
        }
        Ok(None)
    }

    fn bare(&mut self) -> Read<Expr> {
        if let Some(text) = self.take(Kind::Text) {
            return Ok(Expr::Text(unquoted(&text)));
        }
        if let Some(number) = self.take(Kind::Number) {
            return Ok(Expr::Number(number));
        }
        for kind in [Kind::Uuid, Kind::Blob, Kind::Duration] {
            if let Some(other) = self.take(kind) {
                return Ok(Expr::Other(other));
            }
        }
        if let Some(marker) = self.marker()? {
            return Ok(marker);
        }
        if self.eat("[") {
            return self.deeper(|p| Ok(Expr::List(p.until("]")?)));
        }
        if self.eat("{") {
            return self.deeper(Self::braces);
        }
        if self.is("(") {
            return self.deeper(Self::brackets);
        }
        self.word()
    }

    /// A word: a literal, a call or a column.
    fn word(&mut self) -> Read<Expr> {
        let bracket = self.text_at(1, Kind::Operator) == "(";
        if self.is_word("CAST") && bracket {
            return self.deeper(Self::cast);
        }
        if bracket || self.is_qualified_call() {
            return self.deeper(Self::call);
        }
        for (word, value) in [("TRUE", Expr::Bool(true)), ("FALSE", Expr::Bool(false)), ("NULL", Expr::Null)]
        {
            if self.eat_word(word) {
                return Ok(value);
            }
        }
        for word in ["NAN", "INFINITY"] {
            if self.eat_word(word) {
                return Ok(Expr::Number(word.to_owned()));
            }
        }
        Ok(Expr::Column(self.name()?))
    }

    fn is_qualified_call(&self) -> bool {
        let dot = self.text_at(1, Kind::Operator) == ".";
        dot && self.text_at(3, Kind::Operator) == "("
    }

    /// Expressions by commas up to `end`, which is passed.
    pub fn until(&mut self, end: &str) -> Read<Vec<Expr>> {
        let mut all = Vec::new();
        if self.eat(end) {
            return Ok(all);
        }
        loop {
            all.push(self.sum()?);
            if !self.eat(",") {
                self.expect(end)?;
                return Ok(all);
            }
        }
    }

    /// A set, a map or a user type, after its brace.
    fn braces(&mut self) -> Read<Expr> {
        let mut all = Vec::new();
        if self.eat("}") {
            return Ok(Expr::Braces(all));
        }
        loop {
            let key = self.sum()?;
            let value = if self.eat(":") { Some(self.sum()?) } else { None };
            all.push((key, value));
            if !self.eat(",") {
                self.expect("}")?;
                return Ok(Expr::Braces(all));
            }
        }
    }

    /// A tuple, brackets around one value, or a type before a value.
    fn brackets(&mut self) -> Read<Expr> {
        let start = self.pos;
        self.expect("(")?;
        if let Some(kind) = self.hint() {
            let value = if self.is("-") { self.signed()? } else { self.operand()? };
            return Ok(Expr::Hint(kind, Box::new(value)));
        }
        self.pos = start + 1;
        Ok(Expr::Tuple(self.until(")")?))
    }

    /// A type up to its closing bracket, when what follows can be its value.
    fn hint(&mut self) -> Option<String> {
        let kind = self.kind().ok()?;
        self.expect(")").ok()?;
        let value = self.token().is_some_and(|t| {
            matches!(
                t.kind,
                Kind::Text | Kind::Number | Kind::Uuid | Kind::Blob | Kind::Duration | Kind::Parameter
            )
        });
        let opens = ["(", "[", "{", ":"].iter().any(|o| self.is(o));
        let negative = self.is("-") && TYPES.contains(&kind.as_str());
        let word = self.token().is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted));
        let word = word && self.is_value_word();
        (value || opens || negative || word).then_some(kind)
    }

    /// Whether the word here is a value, and not what follows one in a SELECT.
    fn is_value_word(&self) -> bool {
        let follows = [
            "AS", "FROM", "AND", "IN", "IS", "NOT", "CONTAINS", "LIKE", "BETWEEN", "GROUP", "ORDER", "PER",
            "LIMIT", "ALLOW", "ASC", "DESC",
        ];
        !follows.iter().any(|word| self.is_word(word))
    }

    fn cast(&mut self) -> Read<Expr> {
        self.pos += 1;
        self.expect("(")?;
        let what = self.sum()?;
        self.expect_word("AS")?;
        let kind = self.kind()?;
        self.expect(")")?;
        Ok(Expr::Cast(Box::new(what), kind))
    }

    /// A type, in its own words without blanks.
    fn kind(&mut self) -> Read<String> {
        self.deeper(|p| {
            if let Some(class) = p.take(Kind::Text) {
                return Ok(class);
            }
            // `set` is reserved as a name, and yet a type.
            let mut kind = if p.eat_word("SET") { "set".to_owned() } else { p.name()? };
            if p.eat(".") {
                kind = format!("{kind}.{}", p.name()?);
            }
            if p.eat("<") {
                let mut parts = Vec::new();
                loop {
                    // A vector's second part is its length.
                    let part = match p.take(Kind::Number) {
                        Some(length) => length,
                        None => p.kind()?,
                    };
                    parts.push(part);
                    if !p.eat(",") {
                        break;
                    }
                }
                p.expect(">")?;
                kind = format!("{kind}<{}>", parts.join(","));
            }
            Ok(kind)
        })
    }

    fn call(&mut self) -> Read<Expr> {
        let first = self.token().map(|t| t.span);
        let qualified = self.is_qualified_call();
        let unknown = |p: &Self| Refusal {
            class: Class::Unsure,
            rule: "cql.function.unknown",
            span: first.unwrap_or(p.unexpected().span),
            why: "This is not a function of the database itself, and what others do is not known.",
            instead: None,
        };
        if qualified {
            // The database's own functions live in `system`.
            if !self.is_word("SYSTEM") {
                return Err(unknown(self));
            }
            self.pos += 2;
        }
        let name = self.text_at(0, Kind::Word).to_ascii_lowercase();
        if !is_known(&name) {
            let verb = super::VERBS.iter().any(|verb| self.is_word(verb.word));
            return Err(if verb { self.unexpected() } else { unknown(self) });
        }
        self.pos += 2;
        if name == "count" && self.eat("*") {
            self.expect(")")?;
            return Ok(Expr::CountAll);
        }
        Ok(Expr::Call(name, self.until(")")?))
    }
}

/// The characters of a string literal.
fn unquoted(text: &str) -> String {
    let dollars = text.strip_prefix("$$").and_then(|t| t.strip_suffix("$$"));
    let quotes = || text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).map(|t| t.replace("''", "'"));
    dollars.map(str::to_owned).or_else(quotes).unwrap_or_default()
}
