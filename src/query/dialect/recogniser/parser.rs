//! The cursor under the recogniser: looks at tokens, eats them, and remembers the first thing that made
//! a statement more than a read. The rule it keeps: a token is passed only by a line of grammar that
//! names it, so what the grammar does not know stops the parse.

use super::lexer::{Kind, Token};
use super::names::{Block, Columns};
use super::{Family, Tongue};
use crate::query::dialect::Class;

/// Deepest recursion of the recogniser: a few per bracket, over the brackets that the token check lets
/// through.
const DEEPEST: usize = 900;

/// The parse cannot go on; the reason is in [`Parser::refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// Outcome of a line of grammar.
pub type Parsed = Result<(), Stop>;

/// Why a statement does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Write or unsure.
    pub class: Class,
    /// Stable id.
    pub rule: &'static str,
    /// First and last byte of the construct.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// One sentence.
    pub why: String,
    /// The read that answers the same question.
    pub instead: Option<&'static str>,
}

/// The cursor.
pub struct Parser<'a> {
    /// The language.
    pub tongue: &'static Tongue,
    text: &'a str,
    tokens: Vec<Token>,
    pos: usize,
    depth: usize,
    /// The first refusal.
    pub refusal: Option<Refusal>,
    /// Query blocks that are open, the innermost last.
    pub blocks: Vec<Block>,
    /// The query just passed.
    pub passed: Block,
    /// Common tables in scope by their folded names, the innermost last.
    pub common: Vec<(String, Columns)>,
    /// Names of tables, aliases and common tables, folded.
    pub tables: Vec<String>,
    /// Places of the first tokens of qualified names.
    pub qualified: Vec<usize>,
}

impl<'a> Parser<'a> {
    /// Over the tokens of `text` without its comments.
    pub fn new(tongue: &'static Tongue, text: &'a str, tokens: Vec<Token>) -> Self {
        Self {
            tongue,
            text,
            tokens,
            pos: 0,
            depth: 0,
            refusal: None,
            blocks: Vec::new(),
            passed: Block::default(),
            common: Vec::new(),
            tables: Vec::new(),
            qualified: Vec::new(),
        }
    }

    /// Whether the language is `family`'s.
    pub fn speaks(&self, family: Family) -> bool {
        self.tongue.family == family
    }

    /// The token `ahead` of the cursor.
    pub fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.pos + ahead).copied()
    }

    /// The token at place `at`.
    pub fn token_at(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    /// The token just passed.
    pub fn last(&self) -> Option<Token> {
        self.pos.checked_sub(1).and_then(|at| self.tokens.get(at)).copied()
    }

    /// Kind of the token `ahead`.
    pub fn kind(&self, ahead: usize) -> Option<Kind> {
        self.token(ahead).map(|t| t.kind)
    }

    /// Text of a token.
    pub fn text_of(&self, token: Token) -> &'a str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    /// The bare word `ahead`, as written; empty when the token is no word.
    pub fn word(&self, ahead: usize) -> &'a str {
        match self.token(ahead) {
            Some(token) if token.kind == Kind::Word => self.text_of(token),
            _ => "",
        }
    }

    /// Whether the word `ahead` is `word`.
    pub fn is(&self, ahead: usize, word: &str) -> bool {
        self.word(ahead).eq_ignore_ascii_case(word)
    }

    /// Whether the word `ahead` is one of `set`.
    pub fn is_any(&self, ahead: usize, set: &[&str]) -> bool {
        let word = self.word(ahead);
        !word.is_empty() && set.iter().any(|w| word.eq_ignore_ascii_case(w))
    }

    /// Whether the words from the cursor are these.
    pub fn is_all(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.is(ahead, word))
    }

    /// Whether the operator `ahead` is `op`.
    pub fn is_op(&self, ahead: usize, op: &str) -> bool {
        self.token(ahead).is_some_and(|t| t.kind == Kind::Operator && self.text_of(t) == op)
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

    /// Passes one of `set` if it is next.
    pub fn eat_any(&mut self, set: &[&str]) -> bool {
        let is = self.is_any(0, set);
        if is {
            self.bump();
        }
        is
    }

    /// Passes the words in order, all or none.
    pub fn eat_all(&mut self, words: &[&str]) -> bool {
        let all = self.is_all(words);
        if all {
            words.iter().for_each(|_| self.bump());
        }
        all
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

    /// Passes one of `set` or stops.
    pub fn expect_any(&mut self, set: &[&str]) -> Parsed {
        if self.eat_any(set) { Ok(()) } else { self.unexpected() }
    }

    /// Passes `op` or stops.
    pub fn expect_op(&mut self, op: &str) -> Parsed {
        if self.eat_op(op) { Ok(()) } else { self.unexpected() }
    }

    /// Passes a token of `kind` or stops.
    pub fn expect_kind(&mut self, kind: Kind) -> Parsed {
        if self.eat_kind(kind) { Ok(()) } else { self.unexpected() }
    }

    /// Where the cursor is, to come back to.
    pub const fn mark(&self) -> usize {
        self.pos
    }

    /// Goes back, and forgets what was held against the way not taken.
    pub fn reset(&mut self, mark: usize) {
        self.pos = mark;
        self.refusal = None;
    }

    /// Whether everything was read.
    pub fn at_end(&self) -> bool {
        self.pos >= self.tokens.len()
    }

    /// Whether nothing but semicolons is left.
    pub fn ends(&self) -> bool {
        let rest = self.tokens.get(self.pos..).unwrap_or_default();
        rest.iter().all(|t| t.kind == Kind::Operator && self.text_of(*t) == ";")
    }

    /// Whether the word `ahead` may be a name.
    pub fn is_name(&self, ahead: usize) -> bool {
        match self.kind(ahead) {
            Some(Kind::Quoted) => true,
            Some(Kind::Word) => !self.tongue.reserved(self.word(ahead)),
            _ => false,
        }
    }

    /// Passes a name: a bare word that is not reserved, or a quoted one.
    pub fn name(&mut self) -> Parsed {
        if !self.is_name(0) {
            return self.unexpected();
        }
        self.bump();
        Ok(())
    }

    /// Passes a name after a dot, where reserved words are names too.
    pub fn any_name(&mut self) -> Parsed {
        if self.eat_kind(Kind::Word) || self.eat_kind(Kind::Quoted) { Ok(()) } else { self.unexpected() }
    }

    /// Passes `( name, … )`.
    pub fn names_in_brackets(&mut self) -> Parsed {
        self.expect_op("(")?;
        loop {
            self.any_name()?;
            if !self.eat_op(",") {
                return self.expect_op(")");
            }
        }
    }

    /// Runs `rule` one level deeper.
    pub fn deeper(&mut self, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth >= DEEPEST {
            let why = "The statement nests too deeply to judge.";
            return self.refuse_here(Class::Unsure, self.tongue.rules.nesting, why);
        }
        self.depth += 1;
        let outcome = rule(self);
        self.depth -= 1;
        outcome
    }

    /// Stops at the token under the cursor.
    pub fn refuse_here(&mut self, class: Class, rule: &'static str, why: &str) -> Parsed {
        self.refuse_from(self.pos, class, rule, why, None)
    }

    /// Stops for the tokens from place `from` to the cursor (the one under it when `from` is there).
    pub fn refuse_from(
        &mut self,
        from: usize,
        class: Class,
        rule: &'static str,
        why: &str,
        instead: Option<&'static str>,
    ) -> Parsed {
        let end_of_text = self.text.len();
        let first = self.tokens.get(from).map_or(end_of_text, |t| t.start);
        let last = self.pos.max(from + 1) - 1;
        let end = self.tokens.get(last).map_or(end_of_text, |t| t.end);
        if self.refusal.is_none() {
            self.refusal = Some(Refusal { class, rule, start: first, end, why: why.to_owned(), instead });
        }
        Err(Stop)
    }

    /// Stops because the grammar has no place for the token under the cursor; names the constructs
    /// that people write there.
    pub fn unexpected(&mut self) -> Parsed {
        let rules = &self.tongue.rules;
        if self.is_op(0, ";") {
            let why = "One statement at a time: what follows the semicolon would run too.";
            return self.refuse_here(Class::Write, rules.multiple, why);
        }
        if self.is_op(0, "@") {
            let why = "A database link runs on another server, where nothing here holds.";
            return self.refuse_here(Class::Unsure, rules.link, why);
        }
        if self.is(0, "FOR") && self.is(1, "UPDATE") {
            let why = "FOR UPDATE locks the rows read, and others wait for them.";
            return self.refuse_here(Class::Write, rules.locking, why);
        }
        if self.is(0, "INTO") {
            let why = "INTO puts the result somewhere instead of returning it.";
            return self.refuse_here(Class::Write, rules.into, why);
        }
        let verb = self.tongue.verb(self.word(0));
        match verb {
            // Behind a whole query a verb begins a second statement: T-SQL needs no semicolon for it.
            Some(verb) if self.pos > 0 => {
                let from = self.pos;
                self.refuse_from(from, Class::Write, verb.rule, verb.why, verb.instead)
            }
            _ if self.at_end() => {
                self.refuse_here(Class::Unsure, rules.syntax, "The statement ends before it is complete.")
            }
            _ => self.refuse_here(
                Class::Unsure,
                rules.syntax,
                "This is not part of the read-only grammar, and what is not understood is refused.",
            ),
        }
    }
}
