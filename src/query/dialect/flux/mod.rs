//! Flux, of InfluxDB 2. The rule it keeps: a script is a read when the whole of it is of this
//! grammar, and every name in it means something that the script itself binds or that is on the
//! list: then no function that writes or leaves the server can be reached, by whatever way.
//! Source: Flux documentation, "Flux language specification" and "Standard library".

mod grammar;
mod names;

use super::series::{Kind, Language, Lexis, Rules};
use crate::query::dialect::{Dialect, Span, TokenKind, Verdict};

/// Flux.
pub static FLUX: Flux = Flux;

/// The dialect.
#[derive(Debug)]
pub struct Flux;

static LANGUAGE: Language = Language {
    lexis: Lexis {
        double: Kind::Text,
        single: false,
        escapes: "nrtx\\\"$",
        line_comment: "//",
        block_comment: false,
        units: &["mo", "ms", "us", "µs", "ns", "y", "w", "d", "h", "m", "s"],
        before_pattern: &["and", "or", "not", "return", "then", "else", "if"],
        patterns: true,
        dates: true,
        parameter: None,
        long: &["|>", "=>", "<-", "==", "!=", "<=", ">=", "=~", "!~"],
        short: "()[]{}.,:=<>+-*/%^",
    },
    rules: Rules {
        read: "flux.read",
        empty: "flux.empty",
        length: "flux.limit.length",
        nesting: "flux.limit.nesting",
        character: "flux.character",
        unterminated: "flux.unterminated",
        ambiguous: "flux.ambiguous",
        several: "flux.several",
        syntax: "flux.syntax",
        function: "flux.name.unknown",
        statement: "flux.statement.unknown",
    },
    words: names::WORDS,
    // A script is one: its statements share what they bind.
    semicolons: false,
};

impl Dialect for Flux {
    fn split(&self, text: &str) -> Vec<Span> {
        LANGUAGE.split(text)
    }

    fn classify(&self, text: &str) -> Verdict {
        LANGUAGE.classify(text, grammar::script)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        LANGUAGE.highlight(text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        LANGUAGE.words
    }
}
