//! MySQL, Aurora MySQL and MariaDB: an exact lexer and a recogniser of the part of their grammar that
//! only reads. The rule it keeps: a statement is a read when every one of its tokens was read by a
//! grammar line that names it and every function it calls is on the list of harmless built-ins, under
//! each way a server's `sql_mode` may read its quotes. Everything else is refused.
//!
//! The grammar is wider than the servers' where that is harmless: what it lets through and the server
//! rejects changes nothing.

mod calls;
mod explained;
mod expr;
mod from;
mod functions;
mod lexer;
mod parser;
mod query;
mod show;
mod statement;
mod verbs;
mod words;

use lexer::{Fault, Kind, Reading, Token};
use parser::{Parser, Refusal};

use crate::query::dialect::{Class, Dialect, Span, TokenKind, Verdict};

/// Longest statement that is judged, in bytes.
pub const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets and CASE that is judged.
const DEEPEST: usize = 200;

/// MySQL 8.
pub static MYSQL: MySqlFamily = MySqlFamily;

/// Aurora MySQL. Its own functions are on the one list: a name that exists on one server only is an
/// error on the others.
pub static AURORA_MYSQL: MySqlFamily = MySqlFamily;

/// MariaDB.
pub static MARIADB: MySqlFamily = MySqlFamily;

/// The dialect that the three share.
#[derive(Debug)]
pub struct MySqlFamily;

impl Dialect for MySqlFamily {
    fn split(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open: Option<Span> = None;
        let mut content = false;
        for token in lexer::lex(text, Reading::DEFAULT) {
            if semicolon(text, token) {
                spans.extend(open.take().filter(|_| content));
                content = false;
                continue;
            }
            content |= token.kind != Kind::Comment;
            open = Some(Span { start: open.map_or(token.start, |span| span.start), end: token.end });
        }
        spans.extend(open.filter(|_| content));
        spans
    }

    fn classify(&self, statement: &str) -> Verdict {
        match judge(statement) {
            Ok(rule) => Verdict::read(rule),
            Err(refusal) => Verdict {
                class: refusal.class,
                rule: refusal.rule,
                construct: excerpt(statement, refusal.start, refusal.end),
                at: refusal.start,
                why: refusal.why,
                instead: refusal.instead,
            },
        }
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lexer::lex(text, Reading::DEFAULT);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1);
            let dotted = at > 0 && tokens.get(at - 1).is_some_and(|t| text.get(t.start..t.end) == Some("."));
            if let Some(kind) = colour(text, *token, next, dotted) {
                out.push((token.span(), kind));
            }
        }
    }

    fn words(&self) -> &'static [&'static str] {
        words::OFFERED
    }
}

fn semicolon(text: &str, token: Token) -> bool {
    token.kind == Kind::Operator && text.get(token.start..token.end) == Some(";")
}

fn colour(text: &str, token: Token, next: Option<&Token>, dotted: bool) -> Option<TokenKind> {
    let kind = match token.kind {
        Kind::Word => {
            let word = text.get(token.start..token.end)?;
            let called = next.is_some_and(|n| text.get(n.start..n.end) == Some("("));
            let function = called
                && matches!(
                    functions::known(word),
                    functions::Known::Harmless | functions::Known::Refused(..)
                );
            if function && !words::keyword_before_bracket(word) {
                TokenKind::Function
            } else if !dotted && words::keyword(word) {
                TokenKind::Keyword
            } else {
                return None;
            }
        }
        Kind::Quoted => TokenKind::Quoted,
        Kind::Text | Kind::DoubleQuoted => TokenKind::Text,
        Kind::Number => TokenKind::Number,
        Kind::UserVariable | Kind::SystemVariable | Kind::Parameter => TokenKind::Parameter,
        Kind::Operator => TokenKind::Operator,
        Kind::Comment | Kind::Executable => TokenKind::Comment,
        Kind::Bad(Fault::Unterminated) => match text.as_bytes().get(token.start)? {
            b'/' => TokenKind::Comment,
            b'`' => TokenKind::Quoted,
            b'@' => TokenKind::Parameter,
            _ => TokenKind::Text,
        },
        Kind::Bad(_) => return None,
    };
    Some(kind)
}

/// The words of a construct, cut to a length that fits a message.
fn excerpt(statement: &str, start: usize, end: usize) -> String {
    let words = statement.get(start..end).unwrap_or_default();
    words.chars().take(80).collect()
}

fn refusal(class: Class, rule: &'static str, start: usize, end: usize, why: &str) -> Refusal {
    Refusal { class, rule, start, end, why: why.to_owned(), instead: None }
}

/// Judges under every reading of quotes that a server may have.
fn judge(statement: &str) -> Result<&'static str, Refusal> {
    if statement.len() > LONGEST {
        return Err(refusal(
            Class::Unsure,
            "mysql.limit.length",
            0,
            0,
            "The statement is longer than 1 MiB, the most that is judged.",
        ));
    }
    let tokens = lexer::lex(statement, Reading::DEFAULT);
    let rule = judge_tokens(statement, &tokens)?;
    if statement.contains('\\') {
        for reading in [Reading::ANSI_QUOTES, Reading::NO_BACKSLASH] {
            let other = lexer::lex(statement, reading);
            // Read this way it may be broken, and a server in that mode rejects it before it runs.
            let broken =
                other.iter().any(|t| matches!(t.kind, Kind::Bad(Fault::Unterminated | Fault::Stray)));
            if other != tokens && !broken {
                judge_tokens(statement, &other).map_err(|inner| Refusal {
                    why: format!(
                        "With NO_BACKSLASH_ESCAPES or ANSI_QUOTES a quote ends elsewhere, and then: {}",
                        inner.why
                    ),
                    ..inner
                })?;
            }
        }
    }
    Ok(rule)
}

fn judge_tokens(statement: &str, tokens: &[Token]) -> Result<&'static str, Refusal> {
    check_tokens(statement, tokens)?;
    let code = tokens.iter().copied().filter(|t| t.kind != Kind::Comment).collect();
    let mut parser = Parser::new(statement, code);
    let outcome = parser.statement();
    match (outcome, parser.refusal.take()) {
        (Ok(rule), None) => Ok(rule),
        (_, Some(refusal)) => Err(refusal),
        (Err(_), None) => Err(refusal(
            Class::Unsure,
            "mysql.syntax",
            0,
            statement.len(),
            "This is not part of the read-only grammar, and what is not understood is refused.",
        )),
    }
}

/// What is refused before any grammar: executable comments, bytes that are no token, deep nesting.
fn check_tokens(statement: &str, tokens: &[Token]) -> Result<(), Refusal> {
    let mut depth = 0_usize;
    for token in tokens {
        let (start, end) = (token.start, token.end);
        match token.kind {
            Kind::Executable => {
                return Err(refusal(
                    Class::Write,
                    "mysql.executable-comment",
                    start,
                    end,
                    "The server runs the inside of this comment as code, depending on its version.",
                ));
            }
            Kind::Bad(fault) => {
                let (rule, why) = match fault {
                    Fault::Unterminated => ("mysql.unterminated", "A quote or comment is not closed."),
                    Fault::Nul => {
                        ("mysql.nul", "A NUL byte ends the statement for some readers and not for others.")
                    }
                    Fault::Stray => ("mysql.character", "This character has no meaning outside quotes."),
                    Fault::Ambiguous => ("mysql.ambiguous", "Server versions read this in different ways."),
                };
                return Err(refusal(Class::Unsure, rule, start, end, why));
            }
            Kind::Operator | Kind::Word => {
                let text = statement.get(start..end).unwrap_or_default();
                if matches!(text, "(" | "{") || text.eq_ignore_ascii_case("CASE") {
                    depth += 1;
                } else if matches!(text, ")" | "}") || text.eq_ignore_ascii_case("END") {
                    depth = depth.saturating_sub(1);
                }
                if depth > DEEPEST {
                    return Err(refusal(
                        Class::Unsure,
                        "mysql.limit.nesting",
                        start,
                        end,
                        "The statement nests deeper than 200 levels, the most that is judged.",
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
