//! PostgreSQL and Aurora PostgreSQL: where a statement ends, whether it only reads, how
//! it is coloured. The rule it keeps: two readers, the lexer here and PostgreSQL's
//! grammar as `squawk` writes it, must agree on the tokens before a tree is believed,
//! and in the tree only what is listed as harmless passes.

mod builtins;
mod classify;
mod denied;
mod extensions;
mod functions;
mod kinds;
mod lex;
mod name;
mod script;
mod tree;

use super::{Dialect, Span, TokenKind, Verdict};

/// PostgreSQL.
pub static POSTGRES: Postgres = Postgres { aurora: false };
/// Aurora PostgreSQL.
pub static AURORA_POSTGRES: Postgres = Postgres { aurora: true };

/// The language of PostgreSQL, with or without Aurora's functions.
#[derive(Debug)]
pub struct Postgres {
    aurora: bool,
}

impl Dialect for Postgres {
    fn split(&self, text: &str) -> Vec<Span> {
        script::split(text)
    }

    fn classify(&self, statement: &str) -> Verdict {
        classify::classify(statement, self.aurora)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        script::highlight(text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        script::WORDS
    }
}
