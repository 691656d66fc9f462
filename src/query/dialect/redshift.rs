//! Redshift SQL: every statement is refused until its grammar stands here.

use super::{Class, Dialect, Span, TokenKind, Verdict};

/// Redshift SQL.
pub static REDSHIFT: Redshift = Redshift;

/// The language.
#[derive(Debug)]
pub struct Redshift;

impl Dialect for Redshift {
    fn split(&self, text: &str) -> Vec<Span> {
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len();
        if start < end { vec![Span { start, end }] } else { Vec::new() }
    }

    fn classify(&self, statement: &str) -> Verdict {
        Verdict {
            class: Class::Unsure,
            rule: "redshift.unread",
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
