//! Languages that no grammar reads yet: every statement is refused.

use super::{Class, Dialect, Span, TokenKind, Verdict};


/// A language without a grammar: the id of the rule that refuses it.
#[derive(Debug)]
pub struct Unread(&'static str);

impl Dialect for Unread {
    fn split(&self, text: &str) -> Vec<Span> {
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len();
        if start < end { vec![Span { start, end }] } else { Vec::new() }
    }

    fn classify(&self, statement: &str) -> Verdict {
        Verdict {
            class: Class::Unsure,
            rule: self.0,
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
