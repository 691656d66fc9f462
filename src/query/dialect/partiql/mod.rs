//! PartiQL as DynamoDB takes it. The rule it keeps: a statement is a read when the whole of it is a
//! SELECT of DynamoDB's grammar; the other verbs write, and the rest is refused as not understood.

mod lexer;
mod parser;
mod plan;

pub use plan::{Access, AccessKind, TableKeys, plan, table_of};

use lexer::{Fault, Kind, Token};
use parser::Refusal;

use crate::query::dialect::{Class, Dialect, Span, TokenKind, Verdict};

/// Longest statement that is judged, in bytes. (DynamoDB itself takes 8192 characters.)
const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets that is judged.
const DEEPEST: usize = 200;

/// DynamoDB's PartiQL.
pub static PARTIQL: PartiQl = PartiQl;

/// The dialect.
#[derive(Debug)]
pub struct PartiQl;

struct Verb {
    word: &'static str,
    rule: &'static str,
    why: &'static str,
}

/// First words that write.
const VERBS: &[Verb] = &[
    Verb { word: "INSERT", rule: "partiql.insert", why: "INSERT adds an item." },
    Verb { word: "UPDATE", rule: "partiql.update", why: "UPDATE changes an item." },
    Verb { word: "DELETE", rule: "partiql.delete", why: "DELETE removes an item." },
    Verb { word: "UPSERT", rule: "partiql.upsert", why: "UPSERT adds or changes an item." },
    Verb { word: "REPLACE", rule: "partiql.replace", why: "REPLACE changes an item." },
    Verb { word: "MERGE", rule: "partiql.merge", why: "MERGE changes items." },
    Verb { word: "SET", rule: "partiql.set", why: "SET changes an item." },
    Verb { word: "REMOVE", rule: "partiql.remove", why: "REMOVE changes an item." },
    Verb {
        word: "FROM",
        rule: "partiql.from",
        why: "A statement that starts with FROM changes what it finds.",
    },
    Verb { word: "CREATE", rule: "partiql.create", why: "CREATE changes the schema." },
    Verb { word: "ALTER", rule: "partiql.alter", why: "ALTER changes the schema." },
    Verb { word: "DROP", rule: "partiql.drop", why: "DROP changes the schema." },
    Verb { word: "TRUNCATE", rule: "partiql.truncate", why: "TRUNCATE removes items." },
    Verb { word: "EXEC", rule: "partiql.exec", why: "EXEC runs code that cannot be seen." },
    Verb { word: "BEGIN", rule: "partiql.transaction", why: "Transactions are for writes." },
    Verb { word: "COMMIT", rule: "partiql.transaction", why: "Transactions are for writes." },
    Verb { word: "RETURNING", rule: "partiql.returning", why: "RETURNING belongs to statements that write." },
    Verb { word: "INTO", rule: "partiql.into", why: "INTO belongs to statements that write." },
];

/// Words offered while typing; sorted.
const WORDS: &[&str] = &[
    "AND",
    "ASC",
    "BETWEEN",
    "BY",
    "DELETE",
    "DESC",
    "EXISTS",
    "FALSE",
    "FROM",
    "IN",
    "INSERT",
    "INTO",
    "IS",
    "MISSING",
    "NOT",
    "NULL",
    "OR",
    "ORDER",
    "REMOVE",
    "RETURNING",
    "SELECT",
    "SET",
    "TRUE",
    "UPDATE",
    "VALUE",
    "WHERE",
];

impl Dialect for PartiQl {
    fn split(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut open: Option<Span> = None;
        let mut content = false;
        for token in lexer::lex(text) {
            if token.kind == Kind::Operator && text_of(text, token) == ";" {
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
            .map_or_else(|refusal| refusal.verdict(statement), |_| Verdict::read("partiql.select"))
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lexer::lex(text);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map_or("", |next| text_of(text, *next));
            let dotted =
                at.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|t| text_of(text, *t) == ".");
            let word = text_of(text, *token);
            let kind = match token.kind {
                Kind::Word if !dotted && WORDS.iter().any(|w| word.eq_ignore_ascii_case(w)) => {
                    TokenKind::Keyword
                }
                Kind::Word if next == "(" => TokenKind::Function,
                Kind::Word => continue,
                Kind::Quoted => TokenKind::Quoted,
                Kind::Text => TokenKind::Text,
                Kind::Number => TokenKind::Number,
                Kind::Parameter => TokenKind::Parameter,
                Kind::Operator => TokenKind::Operator,
                Kind::Comment | Kind::Bad(Fault::Comment) => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with("/*") => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with('"') => TokenKind::Quoted,
                Kind::Bad(_) if word.starts_with('\'') => TokenKind::Text,
                Kind::Bad(_) => continue,
            };
            out.push((token.span, kind));
        }
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }
}

fn text_between(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

fn text_of(text: &str, token: Token) -> &str {
    text_between(text, token.span)
}

fn refusal(class: Class, rule: &'static str, span: Span, why: &'static str) -> Refusal {
    Refusal { class, rule, span, why, instead: None }
}

fn judge(statement: &str) -> Result<(), Refusal> {
    let whole = Span { start: 0, end: statement.len() };
    if statement.len() > LONGEST {
        let why = "The statement is longer than 1 MiB, the most that is judged.";
        return Err(refusal(Class::Unsure, "partiql.limit.length", Span { start: 0, end: 0 }, why));
    }
    let tokens: Vec<Token> = lexer::lex(statement).into_iter().filter(|t| t.kind != Kind::Comment).collect();
    check_tokens(statement, &tokens)?;
    let Some(first) =
        tokens.first().copied().filter(|_| tokens.iter().any(|t| text_of(statement, *t) != ";"))
    else {
        return Err(refusal(Class::Unsure, "partiql.empty", whole, "There is no statement here."));
    };
    let word = text_of(statement, first);
    if word.eq_ignore_ascii_case("SELECT") {
        return parser::select(statement, &tokens).map(|_| ());
    }
    if word.eq_ignore_ascii_case("EXISTS") {
        return Err(Refusal {
            instead: Some("A SELECT with the same condition shows whether an item matches."),
            ..refusal(
                Class::Write,
                "partiql.exists",
                first.span,
                "EXISTS is the condition check of a write transaction.",
            )
        });
    }
    Err(match VERBS.iter().find(|verb| word.eq_ignore_ascii_case(verb.word)) {
        Some(verb) => Refusal {
            instead: Some("A SELECT with the same WHERE shows the item."),
            ..refusal(Class::Write, verb.rule, first.span, verb.why)
        },
        None => refusal(
            Class::Unsure,
            "partiql.statement.unknown",
            first.span,
            "Statements that start like this are not known to be reads.",
        ),
    })
}

/// What is refused before any grammar: bytes that are no token, deep nesting.
fn check_tokens(statement: &str, tokens: &[Token]) -> Result<(), Refusal> {
    let mut depth = 0_usize;
    for token in tokens {
        let fault = match token.kind {
            Kind::Bad(Fault::Unterminated) => {
                Some(("partiql.unterminated", "A quote or comment is not closed."))
            }
            Kind::Bad(Fault::Stray) => {
                Some(("partiql.character", "This character has no meaning outside quotes."))
            }
            Kind::Bad(Fault::Comment) => {
                Some(("partiql.ambiguous", "Readers of PartiQL end this comment at different places."))
            }
            _ => None,
        };
        if let Some((rule, why)) = fault {
            return Err(refusal(Class::Unsure, rule, token.span, why));
        }
        match text_of(statement, *token) {
            "(" | "[" | "{" | "<<" => depth += 1,
            ")" | "]" | "}" | ">>" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            let why = "The statement nests deeper than 200 levels, the most that is judged.";
            return Err(refusal(Class::Unsure, "partiql.limit.nesting", token.span, why));
        }
    }
    Ok(())
}
