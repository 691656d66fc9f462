//! openCypher as Neptune and Neptune Analytics take it. The rule it keeps: a statement is a read
//! when every one of its tokens was read by a line of grammar that names it, in every subquery, and
//! every function and procedure it calls is on a list of harmless ones. A second look, which knows
//! nothing of the grammar, finds no word that changes the graph. The rest is refused.
//!
//! The grammar is wider than the servers' where that is harmless: what it lets through and the
//! server rejects changes nothing. It is our own: of the reads in `tests/corpus/opencypher.jsonl`
//! the crate `open-cypher` 0.5 refuses one in twenty (query hints, subqueries in CALL), which is
//! more than the one in a hundred that may be lost.

mod clauses;
mod expressions;
mod functions;
mod lexer;
mod parser;
mod patterns;
mod words;

pub use parser::{Call, Column, NamedPath, Outline, PathPart};

use lexer::{Fault, Kind, Token};
use parser::{Parser, Refusal};

use crate::query::dialect::{Class, Dialect, Span, TokenKind, Verdict};

/// Longest statement that is judged, in bytes.
const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets that is judged.
const DEEPEST: usize = 200;

const TOO_DEEP: &str = "The statement nests deeper than 200 levels, the most that is judged.";

/// openCypher.
pub static OPENCYPHER: OpenCypher = OpenCypher;

/// The language.
#[derive(Debug)]
pub struct OpenCypher;

impl Dialect for OpenCypher {
    fn split(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open: Option<Span> = None;
        let mut content = false;
        for token in lexer::lex(text) {
            if token.kind == Kind::Operator && text_of(text, token.span) == ";" {
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

    fn classify(&self, statement: &str) -> Verdict {
        judge(statement)
            .map_or_else(|refusal| refusal.verdict(statement), |_| Verdict::read("opencypher.read"))
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lexer::lex(text);
        for (at, token) in tokens.iter().enumerate() {
            let beside =
                |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |t| text_of(text, t.span));
            let (before, after) = (beside(at.checked_sub(1)), beside(Some(at + 1)));
            let word = text_of(text, token.span);
            let kind = match token.kind {
                Kind::Word if matches!(before, "." | ":") => continue,
                Kind::Word if after == "(" && functions::harmless(word) => TokenKind::Function,
                Kind::Word if words::keyword(word) => TokenKind::Keyword,
                Kind::Word => continue,
                Kind::Quoted => TokenKind::Quoted,
                Kind::Text => TokenKind::Text,
                Kind::Number => TokenKind::Number,
                Kind::Parameter => TokenKind::Parameter,
                Kind::Operator => TokenKind::Operator,
                Kind::Comment | Kind::Bad(Fault::Comment) => TokenKind::Comment,
                Kind::Bad(Fault::Unterminated) if word.starts_with('/') => TokenKind::Comment,
                Kind::Bad(Fault::Unterminated | Fault::Escape) => TokenKind::Text,
                Kind::Bad(Fault::Stray) => continue,
            };
            out.push((token.span, kind));
        }
    }

    fn words(&self) -> &'static [&'static str] {
        words::OFFERED
    }
}

/// What a read is made of: its columns, calls and hints. `None` when the statement is no read.
pub fn outline(statement: &str) -> Option<Outline> {
    judge(statement).ok()
}

/// Bytes of `text` in `span`.
fn text_of(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

fn judge(statement: &str) -> Result<Outline, Box<Refusal>> {
    if statement.len() > LONGEST {
        let why = "The statement is longer than 1 MiB, the most that is judged.";
        return Err(unsure("opencypher.limit.length", Span { start: 0, end: 0 }, why));
    }
    let tokens = lexer::lex(statement);
    check_tokens(statement, &tokens)?;
    let code = tokens.into_iter().filter(|t| t.kind != Kind::Comment).collect();
    let mut parser = Parser::new(statement, code);
    parser.statement()?;
    Ok(parser.outline)
}

fn unsure(rule: &'static str, span: Span, why: &'static str) -> Box<Refusal> {
    Box::new(Refusal { class: Class::Unsure, rule, span, why, instead: None })
}

/// What is refused before any grammar: bytes that are no token, deep nesting.
fn check_tokens(statement: &str, tokens: &[Token]) -> Result<(), Box<Refusal>> {
    let mut depth = 0_usize;
    for token in tokens {
        if let Kind::Bad(fault) = token.kind {
            let (rule, why) = match fault {
                Fault::Unterminated => ("opencypher.unterminated", "A quote or comment is not closed."),
                Fault::Stray => ("opencypher.character", "This character has no meaning here."),
                Fault::Comment => {
                    ("opencypher.ambiguous", "Readers of openCypher end this comment at different places.")
                }
                Fault::Escape => {
                    ("opencypher.ambiguous", "Readers of openCypher decode this escape at different times.")
                }
            };
            return Err(unsure(rule, token.span, why));
        }
        let word = text_of(statement, token.span);
        match token.kind {
            Kind::Operator if matches!(word, "(" | "[" | "{") => depth += 1,
            Kind::Operator if matches!(word, ")" | "]" | "}") => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(unsure("opencypher.limit.nesting", token.span, TOO_DEEP));
        }
    }
    Ok(())
}
