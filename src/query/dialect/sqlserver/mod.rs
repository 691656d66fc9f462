//! Microsoft's T-SQL: where a statement ends, whether it only reads, how it is coloured. Batches need no
//! semicolons, so a verb behind a whole query is a second statement and is refused. The rule it keeps is
//! the recogniser's: what no line of its grammar names is refused.

mod lists;
mod procedures;

use super::recogniser::lexer::{self, Kind, Token};
use super::recogniser::{self, Effect, Family, Lists, Tongue, Verb, rules, verb, verb_or};
use super::{Dialect, Span, TokenKind, Verdict};
use std::sync::LazyLock;

/// T-SQL.
pub static SQLSERVER: SqlServer = SqlServer;

/// The language.
#[derive(Debug)]
pub struct SqlServer;

static TONGUE: LazyLock<Tongue> = LazyLock::new(|| {
    let lists = Lists {
        reserved: lists::RESERVED,
        constants: lists::CONSTANTS,
        harmless: lists::HARMLESS,
        tables: lists::TABLES,
        types: lists::TYPES,
    };
    Tongue::new(Family::SqlServer, rules!("sqlserver"), &lists, VERBS, EFFECTS, lists::OFFERED)
});

impl Dialect for SqlServer {
    fn split(&self, text: &str) -> Vec<Span> {
        let tokens = lexer::lex(text, Family::SqlServer);
        let counts = |at: usize| tokens.get(at).is_some_and(|t| t.kind == Kind::Number);
        let batches = |at: usize| {
            is_go(text, &tokens, at)
                || (counts(at) && at.checked_sub(1).is_some_and(|go| is_go(text, &tokens, go)))
        };
        let holds = |first: usize| word(text, &tokens, first).is_some_and(|w| is_any(w, COMPOUND));
        let begins = |first: usize, at: usize| begins(text, &tokens, first, at);
        recogniser::split(text, &tokens, batches, holds, begins)
    }

    fn classify(&self, statement: &str) -> Verdict {
        recogniser::classify(&TONGUE, statement, procedures::procedure)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        recogniser::highlight(&TONGUE, text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        lists::OFFERED
    }
}

fn word<'a>(text: &'a str, tokens: &[Token], at: usize) -> Option<&'a str> {
    let token = tokens.get(at).filter(|t| t.kind == Kind::Word)?;
    text.get(token.start..token.end)
}

fn is_any(word: &str, set: &[&str]) -> bool {
    set.iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// `GO`, alone on its line but for a count: the client's word for the end of a batch.
fn is_go(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    if !word(text, tokens, at).is_some_and(|w| w.eq_ignore_ascii_case("GO")) {
        return false;
    }
    let before = text.get(..token.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let after = text.get(token.end..).unwrap_or_default();
    let after = after.split('\n').next().unwrap_or_default().trim();
    line.trim().is_empty() && after.bytes().all(|b| b.is_ascii_digit())
}

/// First words of statements that hold others.
const COMPOUND: &[&str] = &["BEGIN", "DECLARE", "IF", "WHILE", "CREATE", "ALTER"];
/// First words of statements, where one may begin on a line of its own without a semicolon before it.
const BEGINNINGS: &[&str] = &[
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "EXEC",
    "EXECUTE",
    "DECLARE",
    "SET",
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "USE",
    "PRINT",
    "BEGIN",
    "IF",
    "WHILE",
    "GRANT",
    "REVOKE",
    "DENY",
    "DBCC",
    "BACKUP",
    "RESTORE",
    "KILL",
    "WAITFOR",
    "COMMIT",
    "ROLLBACK",
    "SAVE",
    "RAISERROR",
];

/// Whether the token at `at` begins a statement of its own behind the query that began at `first`: a verb,
/// first on its line, outside brackets, where the query is whole.
fn begins(text: &str, tokens: &[Token], first: usize, at: usize) -> bool {
    let verb = |at| word(text, tokens, at);
    let with = verb(first).is_some_and(|w| w.eq_ignore_ascii_case("WITH"));
    let query = with || verb(first).is_some_and(|w| w.eq_ignore_ascii_case("SELECT"));
    let new = verb(at)
        .is_some_and(|w| is_any(w, BEGINNINGS) || (is_any(w, &["WITH"]) && is_common(text, tokens, at)));
    if !query || !new || at <= first {
        return false;
    }
    let Some(token) = tokens.get(at) else { return false };
    let line = text.get(..token.start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let code: Vec<usize> =
        (first..at).filter(|at| tokens.get(*at).is_some_and(|t| t.kind != Kind::Comment)).collect();
    let of = |at: &usize| tokens.get(*at).and_then(|t| text.get(t.start..t.end)).unwrap_or_default();
    let depth = |until: usize| {
        let before = code.iter().take_while(|at| **at < until).map(of);
        before.fold(0_i32, |depth, text| depth + i32::from(text == "(") - i32::from(text == ")"))
    };
    let begun = !with || code.iter().any(|at| is_any(of(at), &["SELECT"]) && depth(*at) == 0);
    let joined =
        code.last().is_some_and(|at| is_any(of(at), &["UNION", "ALL", "EXCEPT", "INTERSECT", ",", "("]));
    line.trim().is_empty() && begun && !joined && depth(at) == 0
}

/// Whether WITH at `at` begins common tables: `WITH name AS (` or `WITH name (`.
fn is_common(text: &str, tokens: &[Token], at: usize) -> bool {
    let named = tokens.get(at + 1).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted));
    let then = tokens.get(at + 2).and_then(|t| text.get(t.start..t.end)).unwrap_or_default();
    named && (then == "(" || then.eq_ignore_ascii_case("AS"))
}

const SAME_ROWS: &str = "SELECT with the same WHERE shows the rows.";
const DYNAMIC: &str = "What it runs cannot be seen from its text.";
const SERVER: &str = "It changes the server, not only what it answers.";
const BATCH: &str = "It belongs to a batch of several statements, and one is sent at a time.";
const SCHEMA: &str = "It changes the schema.";
const PRIVILEGES: &str = "It changes privileges.";
const TRANSACTION: &str = "The transaction around every statement is not the statement's to change.";
const BROKER: &str = "It takes or sends messages of Service Broker.";

/// The verbs.
static VERBS: &[Verb] = &[
    verb("INSERT", "sqlserver.insert", "INSERT adds rows."),
    verb_or("UPDATE", "sqlserver.update", "UPDATE changes rows.", SAME_ROWS),
    verb_or("DELETE", "sqlserver.delete", "DELETE removes rows.", SAME_ROWS),
    verb("MERGE", "sqlserver.merge", "MERGE changes rows."),
    verb("TRUNCATE", "sqlserver.truncate", "TRUNCATE removes every row."),
    verb("BULK", "sqlserver.bulk", "BULK INSERT adds rows from a file of the server."),
    verb("UPDATETEXT", "sqlserver.update", "UPDATETEXT changes a value."),
    verb("WRITETEXT", "sqlserver.update", "WRITETEXT changes a value."),
    verb("READTEXT", "sqlserver.statement", "READTEXT needs a pointer of a batch."),
    verb("CREATE", "sqlserver.ddl", SCHEMA),
    verb("ALTER", "sqlserver.ddl", SCHEMA),
    verb("DROP", "sqlserver.ddl", SCHEMA),
    verb("RENAME", "sqlserver.ddl", SCHEMA),
    verb("ENABLE", "sqlserver.ddl", SCHEMA),
    verb("DISABLE", "sqlserver.ddl", SCHEMA),
    verb("ADD", "sqlserver.ddl", SCHEMA),
    verb("GRANT", "sqlserver.privileges", PRIVILEGES),
    verb("REVOKE", "sqlserver.privileges", PRIVILEGES),
    verb("DENY", "sqlserver.privileges", PRIVILEGES),
    verb("REVERT", "sqlserver.privileges", "It changes who the session is."),
    verb("SETUSER", "sqlserver.privileges", "It changes who the session is."),
    verb_or("EXEC", "sqlserver.exec", DYNAMIC, "sp_helptext shows what a procedure does."),
    verb_or("EXECUTE", "sqlserver.exec", DYNAMIC, "sp_helptext shows what a procedure does."),
    verb_or(
        "SET",
        "sqlserver.set",
        "SET changes the session.",
        "a plan is shown by the console's own explain, which sets SHOWPLAN around the statement",
    ),
    verb("USE", "sqlserver.use", "USE changes the session's database: open a tab on that database."),
    verb("DECLARE", "sqlserver.batch", BATCH),
    verb("PRINT", "sqlserver.batch", BATCH),
    verb("IF", "sqlserver.batch", BATCH),
    verb("WHILE", "sqlserver.batch", BATCH),
    verb("BREAK", "sqlserver.batch", BATCH),
    verb("CONTINUE", "sqlserver.batch", BATCH),
    verb("GOTO", "sqlserver.batch", BATCH),
    verb("RETURN", "sqlserver.batch", BATCH),
    verb("THROW", "sqlserver.batch", BATCH),
    verb("RAISERROR", "sqlserver.raise", "RAISERROR may write to the server's log."),
    verb("WAITFOR", "sqlserver.wait", "WAITFOR holds the session."),
    verb("BEGIN", "sqlserver.transaction", TRANSACTION),
    verb("COMMIT", "sqlserver.transaction", TRANSACTION),
    verb("ROLLBACK", "sqlserver.transaction", TRANSACTION),
    verb("SAVE", "sqlserver.transaction", TRANSACTION),
    verb("OPEN", "sqlserver.cursor", "A cursor or key is state of the session."),
    verb("CLOSE", "sqlserver.cursor", "A cursor or key is state of the session."),
    verb("FETCH", "sqlserver.cursor", "A cursor is state of the session."),
    verb("DEALLOCATE", "sqlserver.cursor", "A cursor is state of the session."),
    verb("BACKUP", "sqlserver.backup", "BACKUP writes files or keys."),
    verb("RESTORE", "sqlserver.backup", "RESTORE replaces a database."),
    verb("DUMP", "sqlserver.backup", "DUMP writes files."),
    verb("LOAD", "sqlserver.backup", "LOAD replaces a database."),
    verb_or(
        "DBCC",
        "sqlserver.dbcc",
        "This DBCC command checks, repairs or changes the server.",
        "sys.dm_db_stats_properties and sys.dm_db_stats_histogram show statistics.",
    ),
    verb("KILL", "sqlserver.kill", "KILL ends another session."),
    verb("SHUTDOWN", "sqlserver.shutdown", "SHUTDOWN stops the server."),
    verb("RECONFIGURE", "sqlserver.server", SERVER),
    verb("CHECKPOINT", "sqlserver.server", SERVER),
    verb("SEND", "sqlserver.broker", BROKER),
    verb("RECEIVE", "sqlserver.broker", BROKER),
    verb("GET", "sqlserver.broker", BROKER),
    verb("MOVE", "sqlserver.broker", BROKER),
    verb("END", "sqlserver.broker", BROKER),
    verb("COPY", "sqlserver.copy", "COPY INTO adds rows."),
    verb("GO", "sqlserver.go", "GO is a word of the client, not of the server."),
];

/// Functions with an effect.
static EFFECTS: &[Effect] = &[
    Effect {
        why: "It reads from another server or from a file of this one.",
        names: "openquery openrowset opendatasource openxml sys.fn_get_audit_file fn_get_audit_file
            sys.fn_trace_gettable fn_trace_gettable sys.fn_xe_file_target_read_file
            fn_xe_file_target_read_file sys.dm_os_enumerate_filesystem sys.dm_os_file_exists",
    },
    Effect {
        why: "It gives clear text of what was encrypted.",
        names: "decryptbykey decryptbypassphrase
        decryptbycert decryptbyasymkey decryptbykeyautocert decryptbykeyautoasymkey certprivatekey",
    },
    Effect {
        why: "It reads the log of the server.",
        names: "fn_dblog sys.fn_dblog fn_dump_dblog sys.fn_dump_dblog",
    },
];
