//! A cursor over the tokens of one statement: what the grammars ask, step and refuse with.

use super::{Kind, Refusal, Rules, Token};
use crate::query::dialect::{Class, Span};

/// What a step of a grammar gives.
pub type Judged<T = ()> = Result<T, Refusal>;

/// Deepest recursion of a grammar.
const DEEPEST: usize = 400;

/// Where a grammar stands in its statement.
pub struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// The ids that refusals carry.
    pub rules: &'a Rules,
}

impl<'a> Cursor<'a> {
    /// At the first token.
    pub const fn new(text: &'a str, tokens: &'a [Token], rules: &'a Rules) -> Self {
        Self { text, tokens, at: 0, depth: 0, rules }
    }

    /// The token that is `ahead` of the next one.
    fn token(&self, ahead: usize) -> Option<&'a Token> {
        self.tokens.get(self.at + ahead)
    }

    /// The kind of the token that is `ahead` of the next one.
    pub fn kind(&self, ahead: usize) -> Option<Kind> {
        self.token(ahead).map(|t| t.kind)
    }

    /// The text of the token that is `ahead` of the next one; empty behind the end.
    pub fn word(&self, ahead: usize) -> &'a str {
        self.token(ahead).map_or("", |t| t.text(self.text))
    }

    /// Whether the token that is `ahead` of the next is the bare word `word`, in any case.
    pub fn is_at(&self, ahead: usize, word: &str) -> bool {
        self.kind(ahead) == Some(Kind::Word) && self.word(ahead).eq_ignore_ascii_case(word)
    }

    /// Whether the next token is the bare word `word`.
    pub fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    /// Whether the next token is one of these bare words.
    pub fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether the token that is `ahead` of the next is this operator.
    pub fn is_op_at(&self, ahead: usize, operator: &str) -> bool {
        self.kind(ahead) == Some(Kind::Operator) && self.word(ahead) == operator
    }

    /// Whether the next token is this operator.
    pub fn is_op(&self, operator: &str) -> bool {
        self.is_op_at(0, operator)
    }

    /// Whether all tokens were read.
    pub fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Steps over one token.
    pub fn step(&mut self) {
        self.at += 1;
    }

    /// Steps over this word when it is next.
    pub fn eat(&mut self, word: &str) -> bool {
        let there = self.is(word);
        self.at += usize::from(there);
        there
    }

    /// Steps over these words when they are next, all of them.
    pub fn eat_all(&mut self, words: &[&str]) -> bool {
        let there = words.iter().enumerate().all(|(ahead, word)| self.is_at(ahead, word));
        self.at += if there { words.len() } else { 0 };
        there
    }

    /// Steps over one of these words when it is next.
    pub fn eat_any(&mut self, words: &[&str]) -> bool {
        let there = self.is_any(words);
        self.at += usize::from(there);
        there
    }

    /// Steps over this operator when it is next.
    pub fn eat_op(&mut self, operator: &str) -> bool {
        let there = self.is_op(operator);
        self.at += usize::from(there);
        there
    }

    /// Steps over a token of this kind when it is next.
    pub fn eat_kind(&mut self, kind: Kind) -> bool {
        let there = self.kind(0) == Some(kind);
        self.at += usize::from(there);
        there
    }

    /// # Errors
    /// The next token is another.
    pub fn expect(&mut self, word: &str) -> Judged {
        if self.eat(word) { Ok(()) } else { Err(self.stray()) }
    }

    /// # Errors
    /// The next token is another.
    pub fn expect_op(&mut self, operator: &str) -> Judged {
        if self.eat_op(operator) { Ok(()) } else { Err(self.stray()) }
    }

    /// # Errors
    /// The next token is another.
    pub fn expect_kind(&mut self, kind: Kind) -> Judged {
        if self.eat_kind(kind) { Ok(()) } else { Err(self.stray()) }
    }

    /// One or more of what `item` reads, with commas between.
    ///
    /// # Errors
    /// That of `item`.
    pub fn list(&mut self, mut item: impl FnMut(&mut Self) -> Judged) -> Judged {
        item(self)?;
        while self.eat_op(",") {
            item(self)?;
        }
        Ok(())
    }

    /// What `inner` reads, one level deeper.
    ///
    /// # Errors
    /// That of `inner`, or that it is too deep.
    pub fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Judged<T>) -> Judged<T> {
        if self.depth >= DEEPEST {
            let why = "The statement nests too deep to be judged.";
            return Err(self.refuse(Class::Unsure, self.rules.nesting, why));
        }
        self.depth += 1;
        let read = inner(self);
        self.depth -= 1;
        read
    }

    /// The refusal of the next token, or of the end, by a rule.
    pub fn refuse(&self, class: Class, rule: &'static str, why: &'static str) -> Refusal {
        let end = Span { start: self.text.len(), end: self.text.len() };
        let span = self.token(0).map_or(end, |t| t.span);
        Refusal { class, rule, span, why, instead: None }
    }

    /// The refusal of a token that the grammar does not have here.
    pub fn stray(&self) -> Refusal {
        let why = if self.is_done() {
            "The statement ends where the grammar of a read goes on."
        } else {
            "The grammar of a read has nothing like this here."
        };
        self.refuse(Class::Unsure, self.rules.syntax, why)
    }

    /// The refusal of a function that is not on the list.
    pub fn unknown_function(&self) -> Refusal {
        self.refuse(Class::Unsure, self.rules.function, "This function is not known to be harmless.")
    }

    /// The refusal of a statement that is not known.
    pub fn unknown_statement(&self) -> Refusal {
        let why = "Statements that start like this are not known to be reads.";
        self.refuse(Class::Unsure, self.rules.statement, why)
    }

    /// That all was read.
    ///
    /// # Errors
    /// Something is left, or another statement follows.
    pub fn end(&self) -> Judged {
        if self.is_done() {
            return Ok(());
        }
        if self.is_op(";") {
            let why = "Only one statement is taken at a time.";
            return Err(self.refuse(Class::Unsure, self.rules.several, why));
        }
        Err(self.stray())
    }
}
