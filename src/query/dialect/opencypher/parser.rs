//! The cursor under the recogniser: looks at tokens, eats them, and remembers why a statement is
//! not a read. The rule it keeps: a token is passed only by a line of grammar that names it.

use super::lexer::{Kind, Token};
use super::words;
use crate::query::dialect::{Class, Span};

/// Why a statement does not pass.
pub type Refusal = crate::query::dialect::Refusal<&'static str>;

/// Deepest recursion of expressions: every bracket that the token check lets through and as many
/// CASE again. It fits a 2 MiB stack many times over.
const DEEPEST: usize = 400;

/// Outcome of a line of grammar.
pub type Parsed = Result<(), Box<Refusal>>;

/// A column that a RETURN or WITH gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Which RETURN or WITH gives it, counted from 0.
    pub projection: usize,
    /// Whether it is a column of the statement's own answer.
    pub own: bool,
    /// The expression.
    pub expression: Span,
    /// The alias, when it has one.
    pub alias: Option<Span>,
}

/// A call of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its name, dots included.
    pub name: Span,
    /// From the opening bracket to the closing one.
    pub arguments: Span,
}

/// A vertex or an edge of a named path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathPart {
    /// Its name, when it has one.
    pub name: Option<Span>,
    /// Where a name would go.
    pub place: usize,
    /// Whether it is an edge.
    pub edge: bool,
    /// Whether it is an edge without square brackets.
    pub bare: bool,
    /// Whether it stands for several edges.
    pub hops: bool,
}

/// `p = (a)-->(b)` in a MATCH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPath {
    /// `p`.
    pub name: Span,
    /// Vertices and edges by turns.
    pub parts: Vec<PathPart>,
}

/// What a read is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Columns of its RETURN and WITH clauses, those of every branch of a UNION; `*` is none.
    pub columns: Vec<Column>,
    /// What is ordered by: which RETURN or WITH orders, and the expression.
    pub orders: Vec<(usize, Span)>,
    /// Paths that have a name.
    pub paths: Vec<NamedPath>,
    /// Variables where they are read.
    pub names: Vec<Span>,
    /// Calls in the order in which they end.
    pub calls: Vec<Call>,
    /// Query hints, from USING on.
    pub hints: Option<Span>,
}

/// The cursor.
pub struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// For each opening bracket the place of its closing one.
    pairs: Vec<usize>,
    pos: usize,
    depth: usize,
    /// How many subqueries are open.
    pub inner: usize,
    /// How many RETURN and WITH there were.
    pub projections: usize,
    /// The parts of the pattern that is being read.
    pub parts: Vec<PathPart>,
    /// What was read so far.
    pub outline: Outline,
}

impl<'a> Parser<'a> {
    /// Over the tokens of `text` without its comments.
    pub fn new(text: &'a str, tokens: Vec<Token>) -> Self {
        let mut parser = Self {
            text,
            pairs: vec![0; tokens.len()],
            tokens,
            pos: 0,
            depth: 0,
            inner: 0,
            projections: 0,
            parts: Vec::new(),
            outline: Outline::default(),
        };
        let mut open = Vec::new();
        for at in 0..parser.tokens.len() {
            match parser.text_at(at) {
                "(" | "[" | "{" => open.push(at),
                ")" | "]" | "}" => {
                    if let Some(pair) = open.pop().and_then(|opening| parser.pairs.get_mut(opening)) {
                        *pair = at;
                    }
                }
                _ => {}
            }
        }
        parser
    }

    fn text_at(&self, at: usize) -> &'a str {
        self.tokens
            .get(at)
            .map_or("", |token| self.text.get(token.span.start..token.span.end).unwrap_or_default())
    }

    /// Kind of the token `ahead` of the cursor.
    pub fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.pos + ahead).map(|t| t.kind)
    }

    /// The bare word `ahead`, as written; empty when the token is no word.
    pub fn word(&self, ahead: usize) -> &'a str {
        if self.kind(ahead) == Some(Kind::Word) { self.text_at(self.pos + ahead) } else { "" }
    }

    /// Whether the word `ahead` is `word`.
    pub fn is(&self, ahead: usize, word: &str) -> bool {
        self.word(ahead).eq_ignore_ascii_case(word)
    }

    /// Whether the operator `ahead` is `op`.
    pub fn is_op(&self, ahead: usize, op: &str) -> bool {
        self.kind(ahead) == Some(Kind::Operator) && self.text_at(self.pos + ahead) == op
    }

    /// How far ahead the bracket that closes the one `ahead` is; 0 when it is not closed.
    pub fn closing(&self, ahead: usize) -> usize {
        self.pairs.get(self.pos + ahead).copied().unwrap_or_default().saturating_sub(self.pos)
    }

    /// Passes one token.
    pub fn bump(&mut self) {
        self.pos = (self.pos + 1).min(self.tokens.len());
    }

    /// Passes `word` if it is next.
    pub fn eat(&mut self, word: &str) -> bool {
        let is = self.is(0, word);
        if is {
            self.bump();
        }
        is
    }

    /// Passes one of `words` if it is next.
    pub fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    /// Passes `op` if it is next.
    pub fn eat_op(&mut self, op: &str) -> bool {
        let is = self.is_op(0, op);
        if is {
            self.bump();
        }
        is
    }

    /// Passes a token of `kind` if it is next.
    pub fn eat_kind(&mut self, kind: Kind) -> bool {
        let is = self.kind(0) == Some(kind);
        if is {
            self.bump();
        }
        is
    }

    /// Passes `word` or stops.
    pub fn expect(&mut self, word: &str) -> Parsed {
        if self.eat(word) { Ok(()) } else { self.unexpected() }
    }

    /// Passes `op` or stops.
    pub fn expect_op(&mut self, op: &str) -> Parsed {
        if self.eat_op(op) { Ok(()) } else { self.unexpected() }
    }

    /// Whether a variable is `ahead`: a word that is not reserved, or a quoted one.
    pub fn is_name(&self, ahead: usize) -> bool {
        match self.kind(ahead) {
            Some(Kind::Quoted) => true,
            Some(Kind::Word) => !words::reserved(self.word(ahead)),
            _ => false,
        }
    }

    /// Passes a variable.
    pub fn name(&mut self) -> Parsed {
        if self.is_name(0) {
            self.bump();
            return Ok(());
        }
        self.unexpected()
    }

    /// Passes a label, a type or a property's name, where reserved words are names too.
    pub fn any_name(&mut self) -> Parsed {
        if self.eat_kind(Kind::Word) || self.eat_kind(Kind::Quoted) { Ok(()) } else { self.unexpected() }
    }

    /// Whether everything was read.
    pub fn at_end(&self) -> bool {
        self.pos >= self.tokens.len()
    }

    /// The place of the cursor among the tokens.
    pub const fn mark(&self) -> usize {
        self.pos
    }

    /// The byte after the token before the cursor.
    pub fn after(&self) -> usize {
        self.pos.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    /// The bytes from the token at `from` to the one before the cursor.
    pub fn span_from(&self, from: usize) -> Span {
        let end_of_text = self.text.len();
        let start = self.tokens.get(from).map_or(end_of_text, |t| t.span.start);
        let last = self.pos.max(from + 1) - 1;
        Span { start, end: self.tokens.get(last).map_or(end_of_text, |t| t.span.end) }
    }

    /// Runs `rule` one level deeper.
    pub fn deeper(&mut self, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth >= DEEPEST {
            return self.refuse(self.pos, Class::Unsure, "opencypher.limit.nesting", super::TOO_DEEP);
        }
        self.depth += 1;
        let outcome = rule(self);
        self.depth -= 1;
        outcome
    }

    /// Stops for the tokens from place `from` to the cursor (the one under it when `from` is there).
    pub fn refuse(&self, from: usize, class: Class, rule: &'static str, why: &'static str) -> Parsed {
        Err(Box::new(Refusal { class, rule, span: self.span_from(from), why, instead: None }))
    }

    /// Stops because the grammar has no place for the token under the cursor; names the clauses
    /// that people write there.
    pub fn unexpected(&self) -> Parsed {
        if self.is_op(0, ";") {
            let why = "One statement at a time: what follows the semicolon would run too.";
            return self.refuse(self.pos, Class::Write, "opencypher.multiple-statements", why);
        }
        if let Some(verb) = words::verb(self.word(0)) {
            return self.refuse(self.pos, Class::Write, verb.rule, verb.why);
        }
        let why = if self.at_end() {
            "The statement ends before it is complete."
        } else {
            "This is not part of the read-only grammar, and what is not understood is refused."
        };
        self.refuse(self.pos, Class::Unsure, "opencypher.syntax", why)
    }

    /// A second look at every token, independent of the grammar: a word that changes the graph may
    /// only be a label, a type, a property's name or a map's key.
    pub fn second_look(&mut self) -> Parsed {
        for at in 0..self.tokens.len() {
            self.pos = at;
            let Some(verb) = words::verb(self.word(0)) else { continue };
            let before = at.checked_sub(1).map_or("", |before| self.text_at(before));
            let named = matches!(before, "." | ":" | "|" | "&" | "!");
            let key = matches!(before, "{" | ",") && self.is_op(1, ":");
            if !named && !key {
                return self.refuse(at, Class::Write, verb.rule, verb.why);
            }
        }
        Ok(())
    }
}
