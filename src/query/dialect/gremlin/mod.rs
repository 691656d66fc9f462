//! Gremlin by TinkerPop's grammar. The rule it keeps: a statement is a read when the whole of it is one traversal
//! of known reading steps, each with arguments it is known to take. What is sent in read-only access is not the
//! text as written but [`canonical_text`], printed from the tree that was judged, so no Groovy gets through.

mod check;
mod lex;
mod parse;
mod print;
mod steps;
pub mod tree;

pub use print::{canonical, step_text};

use lex::{Fault, Kind, Token};
use std::sync::LazyLock;
use tree::Traversal;

use super::{Class, Dialect, Refusal, Span, TokenKind, Verdict};

/// Longest statement that is judged, in bytes.
const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets that is judged.
const DEEPEST: usize = 200;

/// Gremlin.
pub static GREMLIN: Gremlin = Gremlin;

/// The language.
#[derive(Debug)]
pub struct Gremlin;

fn unsure(rule: &'static str, span: Span, why: &str) -> Refusal {
    Refusal { class: Class::Unsure, rule, span, why: why.to_owned(), instead: None }
}

/// Reads `statement`, which holds one traversal, reading or writing.
pub fn parse(statement: &str) -> Result<Traversal, Refusal> {
    if statement.len() > LONGEST {
        let why = "The statement is longer than 1 MiB, the most that is judged.";
        return Err(unsure("gremlin.limit.length", Span { start: 0, end: 0 }, why));
    }
    let tokens: Vec<Token> = lex::lex(statement).into_iter().filter(|t| t.kind != Kind::Comment).collect();
    check_tokens(statement, &tokens)?;
    if tokens.iter().all(|token| text_of(statement, *token) == ";") {
        let whole = Span { start: 0, end: statement.len() };
        return Err(unsure("gremlin.empty", whole, "There is no statement here."));
    }
    parse::traversal(statement, &tokens)
}

/// The text that read-only access sends for `statement`; `None` when it is not a read.
pub fn canonical_text(statement: &str) -> Option<String> {
    let traversal = parse(statement).ok()?;
    check::check(&traversal).ok()?;
    Some(canonical(&traversal))
}

fn text_of(text: &str, token: Token) -> &str {
    text.get(token.span.start..token.span.end).unwrap_or_default()
}

/// What is refused before any grammar: bytes that are no token, deep nesting.
fn check_tokens(statement: &str, tokens: &[Token]) -> Result<(), Refusal> {
    let mut depth = 0_usize;
    for token in tokens {
        if let Kind::Bad(fault) = token.kind {
            let (rule, why, instead) = match fault {
                Fault::Unterminated => ("gremlin.unterminated", "A string or comment is not closed.", None),
                Fault::Stray => ("gremlin.character", "This character has no meaning outside quotes.", None),
                Fault::Escape => {
                    ("gremlin.escape", "A backslash in quotes starts no known escape here.", None)
                }
                Fault::Hidden => {
                    ("gremlin.groovy", "Groovy may end the string or comment at an escape in it.", None)
                }
                Fault::Interpolated => (
                    "gremlin.groovy",
                    "In double quotes Groovy runs what follows a dollar sign.",
                    Some("Write the string in single quotes."),
                ),
            };
            return Err(Refusal { instead, ..unsure(rule, token.span, why) });
        }
        match text_of(statement, *token) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            let why = "The statement nests deeper than 200 levels, the most that is judged.";
            return Err(unsure("gremlin.limit.nesting", token.span, why));
        }
    }
    Ok(())
}

impl Dialect for Gremlin {
    fn split(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open: Option<Span> = None;
        let (mut depth, mut content, mut last) = (0_usize, false, "");
        for token in lex::lex(text) {
            let word = text_of(text, token);
            if word == ";" && depth == 0 {
                spans.extend(open.take().filter(|_| content));
                (content, last) = (false, "");
                continue;
            }
            // A statement may also end with its line: when nothing is open and the next one starts.
            let gap = open.and_then(|span| text.get(span.end..token.span.start)).unwrap_or_default();
            if content && depth == 0 && last != "." && word != "." && gap.contains('\n') {
                let begins = matches!(token.kind, Kind::Word | Kind::Comment);
                if token.kind == Kind::Word || (begins && next_begins(text, token.span.end)) {
                    spans.extend(open.take());
                    (content, last) = (false, "");
                }
            }
            match word {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if token.kind != Kind::Comment {
                content = true;
                last = word;
            }
            open =
                Some(Span { start: open.map_or(token.span.start, |span| span.start), end: token.span.end });
        }
        spans.extend(open.filter(|_| content));
        spans
    }

    fn classify(&self, statement: &str) -> Verdict {
        parse(statement)
            .and_then(|traversal| check::check(&traversal))
            .map_or_else(|refusal| refusal.verdict(statement), |_| Verdict::read("gremlin.traversal"))
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lex::lex(text);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map_or("", |next| text_of(text, *next));
            let word = text_of(text, *token);
            let kind = match token.kind {
                Kind::Word if matches!(word, "g" | "__" | "true" | "false" | "null" | "NaN" | "Infinity") => {
                    TokenKind::Keyword
                }
                Kind::Word if next == "(" => TokenKind::Function,
                Kind::Word if next == "." || tree::constant(None, word).is_some() => TokenKind::Keyword,
                Kind::Word => TokenKind::Parameter,
                Kind::Text => TokenKind::Text,
                Kind::Number => TokenKind::Number,
                Kind::Mark => TokenKind::Operator,
                Kind::Comment => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with('/') => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with(['\'', '"']) => TokenKind::Text,
                Kind::Bad(_) => continue,
            };
            out.push((token.span, kind));
        }
    }

    /// Names of steps, terminal steps and predicates. Case matters in this language.
    fn words(&self) -> &'static [&'static str] {
        static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
            let steps =
                steps::STEPS.iter().chain(steps::SOURCE).chain(steps::TERMINALS).map(|(name, _)| *name);
            let predicates = tree::PREDICATES.iter().chain(tree::TEXT_PREDICATES).copied();
            let mut words: Vec<_> = steps.chain(predicates).collect();
            words.sort_unstable();
            words.dedup();
            words
        });
        &WORDS
    }
}

/// Whether the first thing after `from` that is no comment is a name.
fn next_begins(text: &str, from: usize) -> bool {
    let rest = text.get(from..).unwrap_or_default();
    let mut rest = rest.trim_start();
    loop {
        let skipped = if rest.starts_with("//") {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|at| at + 2)
        } else {
            return rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        };
        match skipped.and_then(|at| rest.get(at..)) {
            Some(after) => rest = after.trim_start(),
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests;
