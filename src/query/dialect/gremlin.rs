//! Gremlin: every statement is refused until its grammar stands here.

use super::{Class, Dialect, Span, TokenKind, Verdict};

/// Gremlin.
pub static GREMLIN: Gremlin = Gremlin;

/// The text of a traversal as it is sent: printed from its parsed steps. `None` for what is not
/// known to be a read.
pub fn canonical_text(_: &str) -> Option<String> {
    None
}

/// The language.
#[derive(Debug)]
pub struct Gremlin;

impl Dialect for Gremlin {
    fn split(&self, text: &str) -> Vec<Span> {
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len();
        if start < end { vec![Span { start, end }] } else { Vec::new() }
    }

    fn classify(&self, statement: &str) -> Verdict {
        Verdict {
            class: Class::Unsure,
            rule: "gremlin.unread",
            construct: statement.chars().take(40).collect(),
            at: 0,
            why: "no grammar reads this language yet".to_owned(),
            instead: None,
        }
    }

    fn highlight(&self, _: &str, _: &mut Vec<(Span, TokenKind)>) {}

    fn words(&self) -> &'static [&'static str] {
        &[]
    }
}
