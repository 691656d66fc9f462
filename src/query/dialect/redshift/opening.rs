//! The first word of a statement: what may be a read at all, and SHOW and DESC, which list.

use crate::query::dialect::postgres::classify::refuse;
use crate::query::dialect::postgres::lex::{Lexeme, Token};
use crate::query::dialect::{Class, Verdict};

/// The word that decides whether a statement may be a read at all.
pub struct Lead {
    /// The word.
    pub token: Token,
    /// Stable id of the rule that lets it pass.
    pub rule: &'static str,
    /// Why it may.
    pub why: &'static str,
    /// Whether it is a listing, made of names only.
    pub lists: bool,
}

/// What SHOW lists in Redshift. A setting's name follows too.
const SHOWN: &[&str] = &[
    "all",
    "column",
    "columns",
    "constraints",
    "database",
    "databases",
    "datashares",
    "external",
    "function",
    "functions",
    "grants",
    "model",
    "models",
    "parameters",
    "policies",
    "procedure",
    "procedures",
    "role",
    "roles",
    "row",
    "schema",
    "schemas",
    "table",
    "tables",
    "template",
    "templates",
    "view",
    "views",
];

/// Reads the first word.
///
/// # Errors
/// The refusal of a statement that cannot be a read.
pub fn first_word(text: &str, significant: &[Token]) -> Result<Lead, Verdict> {
    let Some(first) = significant.iter().find(|token| !matches!(token.of(text), "(" | ";")) else {
        return Err(refuse(Class::Unsure, "redshift.empty", "", 0, "there is no statement"));
    };
    let word = if first.lexeme == Lexeme::Word { first.of(text).to_ascii_lowercase() } else { String::new() };
    let read = |rule, why, lists| Ok(Lead { token: *first, rule, why, lists });
    match word.as_str() {
        "select" => read("redshift.select", "every part of it only reads", false),
        "with" => read("redshift.with", "every query of it only reads", false),
        "values" => read("redshift.values", "it lists values", false),
        "table" => read("redshift.table", "it lists a table", false),
        "explain" => read("redshift.explain", "it shows a plan and runs nothing", false),
        "show" => read("redshift.show", "it lists or shows a setting", true),
        "desc" | "describe" => read("redshift.desc", "it describes a datashare or provider", true),
        _ => Err(not_a_read(text, first, &word)),
    }
}

fn not_a_read(text: &str, first: &Token, word: &str) -> Verdict {
    let (rule, why, instead) = match word {
        "insert" | "update" | "delete" | "merge" => {
            ("redshift.dml", "it changes rows", Some("EXPLAIN shows what it would do"))
        }
        "truncate" => ("redshift.dml", "it removes every row and commits at once", None),
        "copy" => ("redshift.copy", "it loads data, or makes a job that does", Some("SELECT")),
        "unload" => {
            ("redshift.unload", "it writes the result to S3", Some("the query inside it, without UNLOAD"))
        }
        "create" | "alter" | "drop" | "comment" | "attach" | "detach" | "associate" | "register" => {
            ("redshift.ddl", "it changes the schema, a datashare or an external one", None)
        }
        "refresh" => ("redshift.ddl", "it refreshes a materialized view", None),
        "grant" | "revoke" => ("redshift.privileges", "it changes privileges", None),
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" => {
            ("redshift.transaction", "it changes the transaction that keeps the session read-only", None)
        }
        "set" | "reset" | "use" | "discard" | "load" => {
            ("redshift.session", "it changes the session", Some("SHOW, or current_setting(name)"))
        }
        "prepare" | "execute" | "deallocate" => {
            ("redshift.prepared", "what it runs is decided elsewhere", Some("run the statement itself"))
        }
        "declare" | "fetch" | "move" | "close" => {
            ("redshift.cursor", "a cursor is state of the session", Some("SELECT with LIMIT and OFFSET"))
        }
        "lock" => {
            ("redshift.lock", "it takes a lock that others wait for", Some("SELECT * FROM svv_transactions"))
        }
        "cancel" => ("redshift.cancel", "it ends somebody's query", Some("SELECT * FROM sys_query_history")),
        "call" | "do" => ("redshift.code", "it runs code whose effect cannot be judged", None),
        "vacuum" | "analyze" | "analyse" => (
            "redshift.maintenance",
            "it rewrites storage or statistics, or locks a table",
            Some("SELECT * FROM svv_table_info"),
        ),
        _ => {
            let why = "it does not begin like a statement that only reads";
            return refuse(Class::Unsure, "redshift.statement", first.of(text), first.start, why);
        }
    };
    Verdict { instead, ..refuse(Class::Write, rule, first.of(text), first.start, why) }
}

/// Passes SHOW and DESC made of names, strings and numbers alone, about what Redshift lists.
///
/// # Errors
/// The refusal, with the first token that does not belong there.
pub fn only_names(text: &str, significant: &[Token], lead: &Lead) -> Result<(), Verdict> {
    let bad = |token: &Token, why| Err(refuse(Class::Unsure, lead.rule, token.of(text), token.start, why));
    let mut rest = significant.iter().skip_while(|t| t.start < lead.token.start).skip(1).peekable();
    let body: Vec<&Token> = std::iter::from_fn(|| rest.next_if(|t| t.of(text) != ";")).collect();
    if let Some(extra) = rest.find(|t| t.of(text) != ";") {
        let why = "only one statement is sent at a time";
        return Err(refuse(Class::Unsure, "redshift.multiple", extra.of(text), extra.start, why));
    }
    if significant.first().is_some_and(|t| t.of(text) == "(") {
        return bad(&lead.token, "a listing is no query");
    }
    for token in &body {
        let fits = token.closed
            && match token.lexeme {
                Lexeme::Word | Lexeme::Quoted | Lexeme::Number => true,
                Lexeme::Text => !token.of(text).starts_with('$'),
                Lexeme::Punctuation => matches!(token.of(text), "." | "," | "(" | ")"),
                _ => false,
            };
        if !fits {
            return bad(token, "a listing is made of names only");
        }
    }
    let Some(subject) = body.first() else { return bad(&lead.token, "there is nothing to show") };
    let word = subject.of(text).to_ascii_lowercase();
    let known = if lead.rule == "redshift.show" {
        SHOWN.contains(&word.as_str()) || is_setting(text, &body)
    } else {
        matches!(word.as_str(), "datashare" | "identity")
    };
    if known { Ok(()) } else { bad(subject, "Redshift has no such listing") }
}

/// One name, with parts: a setting, as in `search_path` or `aws_glue.catalog`.
fn is_setting(text: &str, body: &[&Token]) -> bool {
    body.iter()
        .enumerate()
        .all(|(at, token)| if at % 2 == 0 { token.lexeme == Lexeme::Word } else { token.of(text) == "." })
        && body.len() % 2 == 1
}
