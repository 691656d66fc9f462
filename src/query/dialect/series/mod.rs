//! What the languages of time series share: tokens, a cursor over them, and how a judgement is
//! told. The grammars themselves are in `timestream`, `influx_sql`, `influxql` and `flux`.

mod cursor;
mod lex;

pub use cursor::{Cursor, Judged};
pub use lex::{Fault, Kind, Lexis, Token, lex};

use crate::query::dialect::{Class, Span, TokenKind, Verdict};

/// Why a statement does not pass.
pub type Refusal = crate::query::dialect::Refusal<&'static str>;

/// Longest statement that is judged, in bytes.
const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets that is judged.
const DEEPEST: usize = 150;

/// The stable ids of one language's rules.
#[derive(Debug)]
pub struct Rules {
    /// All of it is a read.
    pub read: &'static str,
    /// There is no statement.
    pub empty: &'static str,
    /// Too long.
    pub length: &'static str,
    /// Nested too deep.
    pub nesting: &'static str,
    /// A character without a meaning.
    pub character: &'static str,
    /// A quote or comment without its end.
    pub unterminated: &'static str,
    /// A comment or an escape that readers understand differently.
    pub ambiguous: &'static str,
    /// More than one statement.
    pub several: &'static str,
    /// Not in the grammar.
    pub syntax: &'static str,
    /// A function that is not on the list.
    pub function: &'static str,
    /// A statement that is not known.
    pub statement: &'static str,
}

/// A language, as far as the shared parts need to know it.
#[derive(Debug)]
pub struct Language {
    /// How it is cut into tokens.
    pub lexis: Lexis,
    /// Its rules' ids.
    pub rules: Rules,
    /// Words offered while typing and coloured as the language's own; upper case where case is
    /// of no matter, sorted.
    pub words: &'static [&'static str],
    /// Whether `;` and not only the end of the text ends a statement.
    pub semicolons: bool,
}

impl Language {
    fn is_word(&self, word: &str) -> bool {
        self.words.iter().any(|w| word.eq_ignore_ascii_case(w))
    }

    /// As [`crate::query::dialect::Dialect::split`].
    pub fn split(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open: Option<Span> = None;
        let mut content = false;
        for token in lex(&self.lexis, text) {
            if self.semicolons && token.kind == Kind::Operator && token.text(text) == ";" {
                spans.extend(open.take().filter(|_| content));
                content = false;
                continue;
            }
            content |= token.kind != Kind::Comment;
            open =
                Some(Span { start: open.map_or(token.span.start, |span| span.start), end: token.span.end });
        }
        spans.extend(open.filter(|_| content));
        spans
    }

    /// Judges a statement by `grammar`, which reads all its tokens.
    pub fn classify(
        &self,
        statement: &str,
        grammar: impl FnOnce(&mut Cursor<'_>) -> Result<(), Refusal>,
    ) -> Verdict {
        self.judge(statement, grammar)
            .map_or_else(|refusal| refusal.verdict(statement), |_| Verdict::read(self.rules.read))
    }

    fn judge(
        &self,
        statement: &str,
        grammar: impl FnOnce(&mut Cursor<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let unsure = |rule, span, why| Refusal { class: Class::Unsure, rule, span, why, instead: None };
        if statement.len() > LONGEST {
            let why = "The statement is longer than 1 MiB, the most that is judged.";
            return Err(unsure(self.rules.length, Span { start: 0, end: 0 }, why));
        }
        let mut tokens = lex(&self.lexis, statement);
        tokens.retain(|t| t.kind != Kind::Comment);
        let mut depth = 0_usize;
        for token in &tokens {
            if let Kind::Bad(fault) = token.kind {
                let (rule, why) = match fault {
                    Fault::Unterminated => {
                        (self.rules.unterminated, "A quote, a pattern or a comment is not closed.")
                    }
                    Fault::Stray => (self.rules.character, "This character has no meaning outside quotes."),
                    Fault::Ambiguous => {
                        (self.rules.ambiguous, "Readers of the language understand this differently.")
                    }
                };
                return Err(unsure(rule, token.span, why));
            }
            match token.text(statement) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEEPEST {
                let why = "The statement nests deeper than 150 levels, the most that is judged.";
                return Err(unsure(self.rules.nesting, token.span, why));
            }
        }
        // Statement ends at the end are none of the grammar's.
        while self.semicolons && tokens.last().is_some_and(|t| t.text(statement) == ";") {
            tokens.pop();
        }
        if tokens.is_empty() {
            let whole = Span { start: 0, end: statement.len() };
            return Err(unsure(self.rules.empty, whole, "There is no statement here."));
        }
        let mut cursor = Cursor::new(statement, &tokens, &self.rules);
        grammar(&mut cursor)?;
        cursor.end()
    }

    /// As [`crate::query::dialect::Dialect::highlight`].
    pub fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lex(&self.lexis, text);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map_or("", |next| next.text(text));
            let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |t| t.text(text));
            let word = token.text(text);
            let kind = match token.kind {
                Kind::Word if next == "(" && !self.is_word(word) => TokenKind::Function,
                Kind::Word if before != "." && self.is_word(word) => TokenKind::Keyword,
                Kind::Word => continue,
                Kind::Quoted => TokenKind::Quoted,
                Kind::Text | Kind::Pattern => TokenKind::Text,
                Kind::Number | Kind::Duration => TokenKind::Number,
                Kind::Parameter => TokenKind::Parameter,
                Kind::Operator => TokenKind::Operator,
                Kind::Comment => TokenKind::Comment,
                Kind::Bad(_)
                    if word.starts_with("/*") || word.starts_with("//") || word.starts_with("--") =>
                {
                    TokenKind::Comment
                }
                Kind::Bad(_) if word.starts_with(['\'', '"']) => TokenKind::Text,
                Kind::Bad(_) => continue,
            };
            out.push((token.span, kind));
        }
    }
}
