//! Oracle's SQL: where a statement ends, whether it only reads, how it is coloured. PL/SQL is code and is
//! refused whole. The rule it keeps is the recogniser's: what no line of its grammar names is refused.
//!
//! A gap that text cannot close: Oracle calls a function without arguments by its bare name. See
//! `recogniser/names.rs` for what is refused on its account and what is left.

mod lists;

use super::recogniser::lexer::{self, Kind};
use super::recogniser::{self, Effect, Family, Lists, Tongue, Verb, rules, verb, verb_or};
use super::{Dialect, Span, TokenKind, Verdict};
use std::sync::LazyLock;

/// Oracle's SQL.
pub static ORACLE: Oracle = Oracle;

/// The language.
#[derive(Debug)]
pub struct Oracle;

static TONGUE: LazyLock<Tongue> = LazyLock::new(|| {
    let lists = Lists {
        reserved: lists::RESERVED,
        constants: lists::CONSTANTS,
        harmless: lists::HARMLESS,
        tables: lists::TABLES,
        types: lists::TYPES,
    };
    Tongue::new(Family::Oracle, rules!("oracle"), &lists, VERBS, EFFECTS, lists::OFFERED)
});

impl Dialect for Oracle {
    fn split(&self, text: &str) -> Vec<Span> {
        let tokens = lexer::lex(text, Family::Oracle);
        let of = |at: usize| tokens.get(at).and_then(|t| text.get(t.start..t.end)).unwrap_or_default();
        // A slash alone on its line ends what the client has gathered.
        let slash = |at: usize| {
            let Some(token) = tokens.get(at).filter(|_| of(at) == "/") else { return false };
            let before = text.get(..token.start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
            let after = text.get(token.end..).unwrap_or_default().split('\n').next().unwrap_or_default();
            before.trim().is_empty() && after.trim().is_empty()
        };
        // The semicolons of PL/SQL are its own.
        let code = |first: usize| {
            let word = |ahead: usize| {
                let mut words = (first..tokens.len())
                    .filter(|at| tokens.get(*at).is_some_and(|t| t.kind != Kind::Comment));
                words.nth(ahead).map(of).unwrap_or_default().to_ascii_uppercase()
            };
            let made = if word(1) == "OR" { word(3) } else { word(1) };
            let made = if matches!(made.as_str(), "EDITIONABLE" | "NONEDITIONABLE") { word(4) } else { made };
            match word(0).as_str() {
                "BEGIN" | "DECLARE" => true,
                "CREATE" => {
                    matches!(
                        made.as_str(),
                        "FUNCTION" | "PROCEDURE" | "PACKAGE" | "TRIGGER" | "TYPE" | "LIBRARY"
                    )
                }
                _ => false,
            }
        };
        recogniser::split(text, &tokens, slash, code, |_, _| false)
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
const SCHEMA: &str = "It changes the schema and commits.";
const TRANSACTION: &str =
    "The transaction that keeps the session read-only is not the statement's to change.";
const CLIENT: &str = "It is a word of SQL*Plus, not of the server.";

/// The verbs.
static VERBS: &[Verb] = &[
    verb("INSERT", "oracle.insert", "INSERT adds rows."),
    verb_or("UPDATE", "oracle.update", "UPDATE changes rows.", SAME_ROWS),
    verb_or("DELETE", "oracle.delete", "DELETE removes rows.", SAME_ROWS),
    verb("MERGE", "oracle.merge", "MERGE changes rows."),
    verb("TRUNCATE", "oracle.ddl", "TRUNCATE removes every row and commits."),
    verb("CREATE", "oracle.ddl", SCHEMA),
    verb("ALTER", "oracle.ddl", "ALTER changes the schema, the session or the system."),
    verb("DROP", "oracle.ddl", SCHEMA),
    verb("RENAME", "oracle.ddl", SCHEMA),
    verb("COMMENT", "oracle.ddl", SCHEMA),
    verb("FLASHBACK", "oracle.ddl", "FLASHBACK brings a table or the database back to an earlier state."),
    verb("PURGE", "oracle.ddl", "PURGE empties the recycle bin."),
    verb("ANALYZE", "oracle.statistics", "ANALYZE rewrites statistics."),
    verb("ASSOCIATE", "oracle.statistics", "It changes how statistics are made."),
    verb("DISASSOCIATE", "oracle.statistics", "It changes how statistics are made."),
    verb("GRANT", "oracle.privileges", "It changes privileges."),
    verb("REVOKE", "oracle.privileges", "It changes privileges."),
    verb("AUDIT", "oracle.audit", "It changes what is audited."),
    verb("NOAUDIT", "oracle.audit", "It changes what is audited."),
    verb("ADMINISTER", "oracle.privileges", "It changes keys."),
    verb("LOCK", "oracle.locking", "LOCK TABLE makes other sessions wait."),
    verb("COMMIT", "oracle.transaction", TRANSACTION),
    verb("ROLLBACK", "oracle.transaction", TRANSACTION),
    verb("SAVEPOINT", "oracle.transaction", TRANSACTION),
    verb("SET", "oracle.transaction", TRANSACTION),
    verb("CALL", "oracle.code", CODE),
    verb("BEGIN", "oracle.code", CODE),
    verb("DECLARE", "oracle.code", CODE),
    verb("EXEC", "oracle.client", CLIENT),
    verb("EXECUTE", "oracle.client", CLIENT),
    verb_or(
        "EXPLAIN",
        "oracle.explain",
        "EXPLAIN PLAN writes into the plan table.",
        "DBMS_XPLAN.DISPLAY_CURSOR shows the plan of a statement that ran.",
    ),
    verb_or("DESC", "oracle.client", CLIENT, "ALL_TAB_COLUMNS lists a table's columns."),
    verb_or("DESCRIBE", "oracle.client", CLIENT, "ALL_TAB_COLUMNS lists a table's columns."),
    verb("SHOW", "oracle.client", CLIENT),
];

/// Functions with an effect.
static EFFECTS: &[Effect] = &[
    Effect {
        why: "It reaches files or other servers.",
        names:
            "bfilename httpuritype dburitype ftpuritype xdburitype utl_http.request utl_http.request_pieces
            utl_inaddr.get_host_address utl_inaddr.get_host_name utl_file.fopen dbms_xmlgen.getxml
            dbms_xmlgen.getxmltype dbms_xmlquery.getxml dbms_ldap.init",
    },
    Effect {
        why: "It runs a text as a statement.",
        names: "dbms_sql.parse dbms_sql.execute dbms_utility.exec_ddl_statement
            dbms_xmlgen.newcontext",
    },
    Effect {
        why: "It waits, locks or tells other sessions.",
        names: "dbms_lock.request dbms_lock.sleep dbms_session.sleep dbms_pipe.send_message
            dbms_pipe.receive_message dbms_alert.signal dbms_lock.allocate_unique",
    },
];
