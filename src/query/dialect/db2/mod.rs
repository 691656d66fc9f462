//! Db2's SQL: where a statement ends, whether it only reads, how it is coloured. A query that shows the rows
//! of a change (`FINAL TABLE`) changes them and is refused. The rule it keeps is the recogniser's: what no
//! line of its grammar names is refused.

mod lists;

use super::recogniser::lexer::{self, Kind};
use super::recogniser::{self, Effect, Family, Lists, Tongue, Verb, rules, verb, verb_or};
use super::{Dialect, Span, TokenKind, Verdict};
use std::sync::LazyLock;

/// Db2's SQL.
pub static DB2: Db2 = Db2;

/// The language.
#[derive(Debug)]
pub struct Db2;

static TONGUE: LazyLock<Tongue> = LazyLock::new(|| {
    let lists = Lists {
        reserved: lists::RESERVED,
        constants: lists::CONSTANTS,
        harmless: lists::HARMLESS,
        tables: lists::TABLES,
        types: lists::TYPES,
    };
    Tongue::new(Family::Db2, rules!("db2"), &lists, VERBS, EFFECTS, lists::OFFERED)
});

impl Dialect for Db2 {
    fn split(&self, text: &str) -> Vec<Span> {
        let tokens = lexer::lex(text, Family::Db2);
        // The semicolons of a compound statement are its own, up to the end of the text.
        let compound = |first: usize| {
            let token = tokens.get(first).filter(|t| t.kind == Kind::Word);
            let word = token.and_then(|t| text.get(t.start..t.end)).unwrap_or_default();
            word.eq_ignore_ascii_case("BEGIN")
        };
        recogniser::split(text, &tokens, |_| false, compound, |_, _| false)
    }

    fn classify(&self, statement: &str) -> Verdict {
        recogniser::classify(&TONGUE, statement, |_| Ok(None))
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        recogniser::highlight(&TONGUE, text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        lists::OFFERED
    }
}

const SAME_ROWS: &str = "SELECT with the same WHERE shows the rows.";
const CODE: &str = "It runs code whose effect cannot be seen from its text.";
const SCHEMA: &str = "It changes the schema.";
const TRANSACTION: &str = "The transaction around every statement is not the statement's to change.";
const UTILITY: &str = "It is a utility that works on tables or their statistics.";
const CLIENT: &str = "It is a word of the command line processor, not of the server.";

/// The verbs.
static VERBS: &[Verb] = &[
    verb("INSERT", "db2.insert", "INSERT adds rows."),
    verb_or("UPDATE", "db2.update", "UPDATE changes rows.", SAME_ROWS),
    verb_or("DELETE", "db2.delete", "DELETE removes rows.", SAME_ROWS),
    verb("MERGE", "db2.merge", "MERGE changes rows."),
    verb("TRUNCATE", "db2.truncate", "TRUNCATE removes every row."),
    verb("CREATE", "db2.ddl", SCHEMA),
    verb("ALTER", "db2.ddl", SCHEMA),
    verb("DROP", "db2.ddl", SCHEMA),
    verb("RENAME", "db2.ddl", SCHEMA),
    verb("COMMENT", "db2.ddl", SCHEMA),
    verb("LABEL", "db2.ddl", SCHEMA),
    verb("REFRESH", "db2.ddl", "REFRESH TABLE rewrites a materialized query table."),
    verb("TRANSFER", "db2.privileges", "It changes who owns an object."),
    verb("GRANT", "db2.privileges", "It changes privileges."),
    verb("REVOKE", "db2.privileges", "It changes privileges."),
    verb("AUDIT", "db2.audit", "It changes what is audited."),
    verb("LOCK", "db2.locking", "LOCK TABLE makes other sessions wait."),
    verb("COMMIT", "db2.transaction", TRANSACTION),
    verb("ROLLBACK", "db2.transaction", TRANSACTION),
    verb("SAVEPOINT", "db2.transaction", TRANSACTION),
    verb("RELEASE", "db2.transaction", TRANSACTION),
    verb("SET", "db2.set", "SET changes the session."),
    verb("CALL", "db2.code", CODE),
    verb("BEGIN", "db2.code", CODE),
    verb("DECLARE", "db2.cursor", "A cursor or a temporary table is state of the session."),
    verb("OPEN", "db2.cursor", "A cursor is state of the session."),
    verb("FETCH", "db2.cursor", "A cursor is state of the session."),
    verb("CLOSE", "db2.cursor", "A cursor is state of the session."),
    verb("PREPARE", "db2.prepared", "What it runs is decided elsewhere."),
    verb("EXECUTE", "db2.prepared", "What it runs is decided elsewhere."),
    verb_or(
        "EXPLAIN",
        "db2.explain",
        "EXPLAIN writes into the explain tables.",
        "MON_GET_PKG_CACHE_STMT shows what statements cost.",
    ),
    verb("IMPORT", "db2.utility", UTILITY),
    verb("EXPORT", "db2.utility", UTILITY),
    verb("LOAD", "db2.utility", UTILITY),
    verb("INGEST", "db2.utility", UTILITY),
    verb("REORG", "db2.utility", UTILITY),
    verb("RUNSTATS", "db2.utility", UTILITY),
    verb_or("DESCRIBE", "db2.client", CLIENT, "SYSCAT.COLUMNS lists a table's columns."),
    verb("LIST", "db2.client", CLIENT),
    verb("CONNECT", "db2.client", CLIENT),
];

/// Functions with an effect.
static EFFECTS: &[Effect] = &[
    Effect {
        why: "It reaches files or other servers.",
        names: "systools.httpgetclob systools.httpgetblob systools.httpputclob systools.httppostclob
            systools.httpdeleteclob db2xml.httpgetclob qsys2.http_get http_get http_post http_put http_delete
            mqsend mqreceive mqread mqpublish db2mq.mqsend db2mq.mqreceive db2mq.mqpublish",
    },
    Effect {
        why: "It raises an error or waits.",
        names: "dbms_alert.signal dbms_lock.sleep dbms_pipe.send_message",
    },
];
