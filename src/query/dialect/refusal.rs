//! Why a grammar does not let a statement pass, and the verdict that becomes of it.

use super::{Class, Span, Verdict};

/// The most of a construct that a verdict repeats, in characters.
const SHOWN: usize = 80;

/// Why a statement does not pass; the sentence is one that stands in the program or one made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<Why = String> {
    /// Whether it is known to write or only not known to read.
    pub class: Class,
    /// Stable id of the rule.
    pub rule: &'static str,
    /// The construct.
    pub span: Span,
    /// Why, in one sentence.
    pub why: Why,
    /// The read that answers the same question.
    pub instead: Option<&'static str>,
}

impl<Why> Refusal<Why> {
    /// A refusal that names no other way.
    pub const fn new(class: Class, rule: &'static str, span: Span, why: Why) -> Self {
        Self { class, rule, span, why, instead: None }
    }

    /// The same, naming the read that answers the same question.
    #[must_use]
    pub fn instead(self, instead: &'static str) -> Self {
        Self { instead: Some(instead), ..self }
    }
}

impl<Why: Into<String>> Refusal<Why> {
    /// The verdict on `statement`, whose construct it names.
    pub fn verdict(self, statement: &str) -> Verdict {
        let construct = statement.get(self.span.start..self.span.end).unwrap_or_default();
        Verdict {
            class: self.class,
            rule: self.rule,
            construct: construct.chars().take(SHOWN).collect(),
            at: self.span.start,
            why: self.why.into(),
            instead: self.instead,
        }
    }
}

impl Verdict {
    /// The verdict on a statement that passes by `rule`.
    pub fn read(rule: &'static str) -> Self {
        let why = "It only reads.".to_owned();
        Self { class: Class::Read, rule, construct: String::new(), at: 0, why, instead: None }
    }
}
