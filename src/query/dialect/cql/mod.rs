//! CQL as Cassandra and Keyspaces take it. The rule it keeps: a statement is a read when the whole
//! of it is a SELECT, or a DESCRIBE that the server answers; the other verbs write, and the rest
//! is refused as not understood.

mod expr;
mod functions;
mod lexer;
mod parser;
pub mod tree;

use lexer::{Fault, Kind, Token};
use parser::Refusal;

use crate::query::dialect::{Class, Dialect, Span, TokenKind, Verdict};

/// Longest statement that is judged, in bytes.
const LONGEST: usize = 1 << 20;

/// Deepest nesting of brackets that is judged.
const DEEPEST: usize = 200;

/// CQL.
pub static CQL: Cql = Cql;

/// The dialect.
#[derive(Debug)]
pub struct Cql;

struct Verb {
    word: &'static str,
    class: Class,
    rule: &'static str,
    why: &'static str,
}

const fn writes(word: &'static str, rule: &'static str, why: &'static str) -> Verb {
    Verb { word, class: Class::Write, rule, why }
}

const fn of_cqlsh(word: &'static str) -> Verb {
    let why = "This is a command of cqlsh, not of the server.";
    Verb { word, class: Class::Unsure, rule: "cql.cqlsh", why }
}

/// First words that are no reads.
const VERBS: &[Verb] = &[
    writes("INSERT", "cql.insert", "INSERT writes a row."),
    writes("UPDATE", "cql.update", "UPDATE changes rows."),
    writes("DELETE", "cql.delete", "DELETE removes rows or columns."),
    writes("BEGIN", "cql.batch", "A batch holds statements that write."),
    writes("APPLY", "cql.batch", "A batch holds statements that write."),
    writes("BATCH", "cql.batch", "A batch holds statements that write."),
    writes("TRUNCATE", "cql.truncate", "TRUNCATE removes all rows."),
    writes("CREATE", "cql.create", "CREATE changes the schema."),
    writes("ALTER", "cql.alter", "ALTER changes the schema or a role."),
    writes("DROP", "cql.drop", "DROP changes the schema or a role."),
    writes("RESTORE", "cql.restore", "RESTORE makes a table."),
    writes("GRANT", "cql.grant", "GRANT changes what others may do."),
    writes("REVOKE", "cql.revoke", "REVOKE changes what others may do."),
    writes("ADD", "cql.add", "ADD changes an identity."),
    writes("COMMENT", "cql.comment", "COMMENT changes the schema."),
    writes("SECURITY", "cql.comment", "A security label changes the schema."),
    writes("USE", "cql.use", "USE changes the session's keyspace for statements after it."),
    writes("USING", "cql.using", "USING belongs to statements that write."),
    writes("INTO", "cql.into", "INTO belongs to statements that write."),
    Verb {
        word: "LIST",
        class: Class::Unsure,
        rule: "cql.list",
        why: "LIST shows roles and rights, and is not known to Keyspaces.",
    },
    of_cqlsh("CONSISTENCY"),
    of_cqlsh("COPY"),
    of_cqlsh("SOURCE"),
    of_cqlsh("CAPTURE"),
    of_cqlsh("TRACING"),
    of_cqlsh("PAGING"),
    of_cqlsh("EXPAND"),
    of_cqlsh("LOGIN"),
    of_cqlsh("SHOW"),
    of_cqlsh("HELP"),
    of_cqlsh("SERIAL"),
];

/// Words offered while typing; sorted.
const WORDS: &[&str] = &[
    "ALLOW FILTERING",
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CAST",
    "CONTAINS",
    "COUNT",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "FALSE",
    "FROM",
    "GROUP",
    "IN",
    "INSERT",
    "INTO",
    "JSON",
    "KEY",
    "KEYSPACE",
    "KEYSPACES",
    "LIKE",
    "LIMIT",
    "NULL",
    "ORDER",
    "PARTITION",
    "PER",
    "SELECT",
    "SET",
    "TABLE",
    "TABLES",
    "TOKEN",
    "TRUE",
    "TTL",
    "UPDATE",
    "USING",
    "VALUES",
    "WHERE",
    "WRITETIME",
];

/// Words coloured as the language's own.
const KEYWORDS: &[&str] = &[
    "ALLOW",
    "ALTER",
    "AND",
    "APPLY",
    "AS",
    "ASC",
    "BATCH",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CONTAINS",
    "CREATE",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "DROP",
    "EXISTS",
    "FALSE",
    "FILTERING",
    "FROM",
    "GRANT",
    "GROUP",
    "IF",
    "IN",
    "INSERT",
    "INTO",
    "IS",
    "JSON",
    "KEYSPACE",
    "KEYSPACES",
    "LIKE",
    "LIMIT",
    "NOT",
    "NULL",
    "ORDER",
    "PARTITION",
    "PER",
    "PRIMARY",
    "REVOKE",
    "SELECT",
    "SET",
    "TABLE",
    "TABLES",
    "TRUE",
    "TRUNCATE",
    "UPDATE",
    "USE",
    "USING",
    "VALUES",
    "WHERE",
    "WITH",
];

impl Dialect for Cql {
    fn split(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        let (mut open, mut content): (Option<Span>, bool) = (None, false);
        // A batch goes on to its APPLY BATCH, semicolons and all.
        let (mut batch, mut applied) = (false, false);
        for token in lexer::lex(text) {
            let word = text_of(text, token);
            if token.kind == Kind::Operator && word == ";" && (!batch || applied) {
                spans.extend(open.take().filter(|_| content));
                (content, batch, applied) = (false, false, false);
                continue;
            }
            if token.kind == Kind::Word {
                batch |= !content && word.eq_ignore_ascii_case("BEGIN");
                applied |= word.eq_ignore_ascii_case("APPLY");
            }
            content |= token.kind != Kind::Comment;
            open =
                Some(Span { start: open.map_or(token.span.start, |span| span.start), end: token.span.end });
        }
        spans.extend(open.filter(|_| content));
        spans
    }

    fn classify(&self, statement: &str) -> Verdict {
        judge(statement).map_or_else(|refusal| refusal.verdict(statement), Verdict::read)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        let tokens = lexer::lex(text);
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map_or("", |next| text_of(text, *next));
            let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |t| text_of(text, *t));
            let word = text_of(text, *token);
            let kind = match token.kind {
                Kind::Word if before != "." && KEYWORDS.iter().any(|w| word.eq_ignore_ascii_case(w)) => {
                    TokenKind::Keyword
                }
                Kind::Word if next == "(" => TokenKind::Function,
                Kind::Word => continue,
                Kind::Quoted => TokenKind::Quoted,
                Kind::Text => TokenKind::Text,
                Kind::Number | Kind::Uuid | Kind::Blob | Kind::Duration => TokenKind::Number,
                Kind::Parameter => TokenKind::Parameter,
                Kind::Operator => TokenKind::Operator,
                Kind::Comment | Kind::Bad(Fault::Comment) => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with("/*") => TokenKind::Comment,
                Kind::Bad(_) if word.starts_with('"') => TokenKind::Quoted,
                Kind::Bad(_) if word.starts_with('\'') || word.starts_with("$$") => TokenKind::Text,
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

/// Whether the first word of `statement` is SELECT: what a server prepares and pages.
pub fn is_select(statement: &str) -> bool {
    let first = lexer::lex(statement).into_iter().find(|t| t.kind != Kind::Comment);
    first.is_some_and(|t| text_of(statement, t).eq_ignore_ascii_case("SELECT"))
}

/// A statement that is a SELECT, as a tree; `None` for everything else.
pub fn parse(statement: &str) -> Option<tree::Select> {
    let tokens = tokens(statement).ok()?;
    parser::select(statement, &tokens).ok()
}

/// The tokens without comments, when every one of them can be judged.
fn tokens(statement: &str) -> Result<Vec<Token>, Refusal> {
    if statement.len() > LONGEST {
        let why = "The statement is longer than 1 MiB, the most that is judged.";
        return Err(refusal(Class::Unsure, "cql.limit.length", Span { start: 0, end: 0 }, why));
    }
    let tokens: Vec<Token> = lexer::lex(statement).into_iter().filter(|t| t.kind != Kind::Comment).collect();
    check_tokens(statement, &tokens)?;
    Ok(tokens)
}

/// The rule by which it is a read.
fn judge(statement: &str) -> Result<&'static str, Refusal> {
    let whole = Span { start: 0, end: statement.len() };
    let tokens = tokens(statement)?;
    let Some(first) =
        tokens.first().copied().filter(|_| tokens.iter().any(|t| text_of(statement, *t) != ";"))
    else {
        return Err(refusal(Class::Unsure, "cql.empty", whole, "There is no statement here."));
    };
    let word = text_of(statement, first);
    if word.eq_ignore_ascii_case("SELECT") {
        return parser::select(statement, &tokens).map(|_| "cql.select");
    }
    if word.eq_ignore_ascii_case("DESCRIBE") || word.eq_ignore_ascii_case("DESC") {
        return parser::describe(statement, &tokens).map(|()| "cql.describe");
    }
    Err(match VERBS.iter().find(|verb| word.eq_ignore_ascii_case(verb.word)) {
        Some(verb) => {
            Refusal { instead: instead(verb.rule), ..refusal(verb.class, verb.rule, first.span, verb.why) }
        }
        None => refusal(
            Class::Unsure,
            "cql.statement.unknown",
            first.span,
            "Statements that start like this are not known to be reads.",
        ),
    })
}

/// The read that answers a like question.
fn instead(rule: &str) -> Option<&'static str> {
    match rule {
        "cql.insert" | "cql.update" | "cql.delete" | "cql.batch" | "cql.truncate" => {
            Some("A SELECT with the same WHERE shows the rows.")
        }
        "cql.use" => Some("Write KEYSPACE.TABLE, or open the tab on the keyspace."),
        "cql.list" => Some("SELECT from system_auth, where the server has it."),
        "cql.create" | "cql.alter" | "cql.drop" => {
            Some("SELECT from system_schema.tables or columns shows the schema.")
        }
        _ => None,
    }
}

/// What is refused before any grammar: bytes that are no token, deep nesting.
fn check_tokens(statement: &str, tokens: &[Token]) -> Result<(), Refusal> {
    let mut depth = 0_usize;
    for token in tokens {
        let fault = match token.kind {
            Kind::Bad(Fault::Unterminated) => Some(("cql.unterminated", "A quote or comment is not closed.")),
            Kind::Bad(Fault::Stray) => Some(("cql.character", "This has no meaning outside quotes.")),
            Kind::Bad(Fault::Comment) => {
                Some(("cql.ambiguous", "Readers of CQL end this comment at different places."))
            }
            _ => None,
        };
        if let Some((rule, why)) = fault {
            return Err(refusal(Class::Unsure, rule, token.span, why));
        }
        match text_of(statement, *token) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            let why = "The statement nests deeper than 200 levels, the most that is judged.";
            return Err(refusal(Class::Unsure, "cql.limit.nesting", token.span, why));
        }
    }
    Ok(())
}
