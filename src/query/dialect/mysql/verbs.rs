//! First words that are refused, with the reason and the read instead. A first word that is neither
//! here nor in the grammar is refused as unknown.

/// A statement that does not pass, known by its first word.
pub struct Verb {
    /// The word, upper case.
    pub word: &'static str,
    /// Stable id.
    pub rule: &'static str,
    /// Why, in one sentence.
    pub why: &'static str,
    /// The read instead.
    pub instead: Option<&'static str>,
}

const fn verb(word: &'static str, rule: &'static str, why: &'static str) -> Verb {
    Verb { word, rule, why, instead: None }
}

const fn verb_or(word: &'static str, rule: &'static str, why: &'static str, instead: &'static str) -> Verb {
    Verb { word, rule, why, instead: Some(instead) }
}

const SAME_ROWS: &str = "SELECT with the same WHERE shows the rows; EXPLAIN shows the plan.";
const TRANSACTION: &str =
    "The read-only transaction around every statement is not the statement's to change.";
const SERVER: &str = "It changes the server, not only what it answers.";
const REPLICATION: &str = "It changes replication.";
const PRIVILEGES: &str = "It changes accounts or privileges.";
const DYNAMIC: &str = "What it runs cannot be seen from its text.";

/// The verbs.
pub const VERBS: &[Verb] = &[
    verb("INSERT", "mysql.insert", "INSERT adds rows."),
    verb_or("UPDATE", "mysql.update", "UPDATE changes rows.", SAME_ROWS),
    verb_or("DELETE", "mysql.delete", "DELETE removes rows.", SAME_ROWS),
    verb("REPLACE", "mysql.replace", "REPLACE deletes and adds rows."),
    verb("MERGE", "mysql.merge", "MERGE changes rows."),
    verb("TRUNCATE", "mysql.truncate", "TRUNCATE empties the table and commits."),
    verb("LOAD", "mysql.load", "LOAD reads a file into a table or an index into memory."),
    verb("IMPORT", "mysql.import", "IMPORT creates tables from files."),
    verb("CREATE", "mysql.create", "CREATE changes the schema and commits."),
    verb("ALTER", "mysql.alter", "ALTER changes the schema and commits."),
    verb("DROP", "mysql.drop", "DROP changes the schema and commits."),
    verb("RENAME", "mysql.rename", "RENAME changes the schema and commits."),
    verb("GRANT", "mysql.grant", PRIVILEGES),
    verb("REVOKE", "mysql.revoke", PRIVILEGES),
    verb_or(
        "SET",
        "mysql.set",
        "SET changes the session or the server.",
        "SELECT @@name or SHOW VARIABLES reads it.",
    ),
    verb(
        "USE",
        "mysql.use",
        "USE changes the session's database; the connection is shared by what runs after.",
    ),
    verb_or("CALL", "mysql.call", DYNAMIC, "SHOW CREATE PROCEDURE shows what it does."),
    verb("DO", "mysql.do", "DO runs expressions for their effect only."),
    verb("HANDLER", "mysql.handler", "HANDLER keeps a table open in the session."),
    verb("LOCK", "mysql.lock", "LOCK makes other sessions wait."),
    verb("UNLOCK", "mysql.unlock", "UNLOCK commits and releases locks."),
    verb("PREPARE", "mysql.prepare", DYNAMIC),
    verb("EXECUTE", "mysql.execute", DYNAMIC),
    verb("DEALLOCATE", "mysql.deallocate", "It changes the session's prepared statements."),
    verb("BEGIN", "mysql.transaction", TRANSACTION),
    verb("START", "mysql.start", "START begins a transaction or replication."),
    verb("COMMIT", "mysql.transaction", TRANSACTION),
    verb("ROLLBACK", "mysql.transaction", TRANSACTION),
    verb("SAVEPOINT", "mysql.transaction", TRANSACTION),
    verb("RELEASE", "mysql.transaction", TRANSACTION),
    verb("XA", "mysql.transaction", TRANSACTION),
    verb("STOP", "mysql.stop", REPLICATION),
    verb("CHANGE", "mysql.change", REPLICATION),
    verb("RESET", "mysql.reset", SERVER),
    verb("PURGE", "mysql.purge", "PURGE deletes binary logs."),
    verb("BINLOG", "mysql.binlog", "BINLOG applies logged changes."),
    verb("FLUSH", "mysql.flush", SERVER),
    verb("KILL", "mysql.kill", "KILL ends another session or its statement."),
    verb("SHUTDOWN", "mysql.shutdown", "SHUTDOWN stops the server."),
    verb("RESTART", "mysql.restart", "RESTART stops and starts the server."),
    verb("CLONE", "mysql.clone", "CLONE copies data files, locally or from another host."),
    verb("BACKUP", "mysql.backup", "BACKUP holds locks for a copy of the files."),
    verb("INSTALL", "mysql.install", "INSTALL loads code into the server."),
    verb("UNINSTALL", "mysql.uninstall", "UNINSTALL removes code from the server."),
    verb("CACHE", "mysql.cache", SERVER),
    verb("OPTIMIZE", "mysql.optimize", "OPTIMIZE rebuilds the table."),
    verb("REPAIR", "mysql.repair", "REPAIR rewrites the table."),
    verb("CHECK", "mysql.check", "CHECK TABLE locks the table and can mark it as damaged."),
    verb_or(
        "CHECKSUM",
        "mysql.checksum",
        "CHECKSUM TABLE locks the table for the time of a whole scan.",
        "SELECT COUNT(*), BIT_XOR(CRC32(CONCAT_WS('#', …))) sums up the same rows without a lock.",
    ),
    verb("SIGNAL", "mysql.signal", "SIGNAL changes the diagnostics of the session."),
    verb("RESIGNAL", "mysql.signal", "RESIGNAL changes the diagnostics of the session."),
    verb_or(
        "GET",
        "mysql.diagnostics",
        "GET DIAGNOSTICS sets variables.",
        "SHOW WARNINGS and SHOW ERRORS return them.",
    ),
    verb("DELIMITER", "mysql.delimiter", "DELIMITER is a word of the mysql client, not of the server."),
    verb("SOURCE", "mysql.source", "SOURCE is a word of the mysql client, not of the server."),
    verb("DECLARE", "mysql.compound", "Compound statements run only inside stored programs."),
    verb("IF", "mysql.compound", "Compound statements hide what they run."),
    verb("CASE", "mysql.compound", "Compound statements hide what they run."),
    verb("LOOP", "mysql.compound", "Compound statements hide what they run."),
    verb("WHILE", "mysql.compound", "Compound statements hide what they run."),
    verb("REPEAT", "mysql.compound", "Compound statements hide what they run."),
    verb("FOR", "mysql.compound", "Compound statements hide what they run."),
];
