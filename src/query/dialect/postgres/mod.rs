//! PostgreSQL and Aurora PostgreSQL: where a statement ends, whether it only reads, how
//! it is coloured. The rule it keeps: two readers, the lexer here and PostgreSQL's
//! grammar as `squawk` writes it, must agree on the tokens before a tree is believed,
//! and in the tree only what is listed as harmless passes.

mod builtins;
pub(super) mod classify;
mod denied;
mod extensions;
mod functions;
mod kinds;
pub(super) mod lex;
mod name;
pub(super) mod script;
mod tree;

use super::{Dialect, Span, TokenKind, Verdict};

/// PostgreSQL.
pub static POSTGRES: Postgres = Postgres { flavour: Flavour::Postgres };
/// Aurora PostgreSQL.
pub static AURORA_POSTGRES: Postgres = Postgres { flavour: Flavour::Aurora };
/// Aurora DSQL.
pub static DSQL: Postgres = Postgres { flavour: Flavour::Dsql };

/// Whose PostgreSQL it is: the grammar is one, the functions are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// PostgreSQL.
    Postgres,
    /// Aurora PostgreSQL.
    Aurora,
    /// Aurora DSQL: no extensions, so a name that one has is somebody's own function there.
    Dsql,
    /// Redshift, after what its grammar has of its own was taken out.
    Redshift,
}

/// The language of PostgreSQL, with or without Aurora's functions.
#[derive(Debug)]
pub struct Postgres {
    flavour: Flavour,
}

impl Dialect for Postgres {
    fn split(&self, text: &str) -> Vec<Span> {
        script::split(text)
    }

    fn classify(&self, statement: &str) -> Verdict {
        classify::classify(statement, self.flavour)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        script::highlight(text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        script::WORDS
    }
}
