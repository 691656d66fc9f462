//! The family's words: reserved ones, verbs that are refused and why, clauses that turn a SELECT into
//! more than a read, and what to offer while typing. Lists are sorted where they are searched.

use std::cmp::Ordering;

/// Compares without regard to ASCII case; `upper` is upper case already.
pub fn compare(upper: &str, word: &str) -> Ordering {
    upper.bytes().cmp(word.bytes().map(|b| b.to_ascii_uppercase()))
}

/// Whether the sorted upper-case `list` has `word`.
pub fn contains(list: &[&str], word: &str) -> bool {
    list.binary_search_by(|entry| compare(entry, word)).is_ok()
}

/// Whether `word` cannot be a bare name. Words that only newer servers reserve (`RANK`, `GROUPS`,
/// `SYSTEM`) are left out: the grammar never needs them to tell where a name ends.
pub fn reserved(word: &str) -> bool {
    contains(RESERVED, word)
}

/// Reserved by MySQL 5.7 to 9 and MariaDB alike; sorted.
#[rustfmt::skip]
pub const RESERVED: &[&str] = &[
    "ACCESSIBLE", "ADD", "ALL", "ALTER", "ANALYZE", "AND", "AS", "ASC", "ASENSITIVE", "BEFORE", "BETWEEN",
    "BIGINT", "BINARY", "BLOB", "BOTH", "BY", "CALL", "CASCADE", "CASE", "CHANGE", "CHAR", "CHARACTER",
    "CHECK", "COLLATE", "COLUMN", "CONDITION", "CONSTRAINT", "CONTINUE", "CONVERT", "CREATE", "CROSS",
    "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "CURSOR", "DATABASE", "DATABASES",
    "DAY_HOUR", "DAY_MICROSECOND", "DAY_MINUTE", "DAY_SECOND", "DEC", "DECIMAL", "DECLARE", "DEFAULT",
    "DELAYED", "DELETE", "DESC", "DESCRIBE", "DETERMINISTIC", "DISTINCT", "DISTINCTROW", "DIV", "DOUBLE",
    "DROP", "DUAL", "EACH", "ELSE", "ELSEIF", "ENCLOSED", "ESCAPED", "EXCEPT", "EXISTS", "EXIT", "EXPLAIN",
    "FALSE", "FETCH", "FLOAT", "FLOAT4", "FLOAT8", "FOR", "FORCE", "FOREIGN", "FROM", "FULLTEXT", "GRANT",
    "GROUP", "HAVING", "HIGH_PRIORITY", "HOUR_MICROSECOND", "HOUR_MINUTE", "HOUR_SECOND", "IF", "IGNORE",
    "IN", "INDEX", "INFILE", "INNER", "INOUT", "INSENSITIVE", "INSERT", "INT", "INT1", "INT2", "INT3",
    "INT4", "INT8", "INTEGER", "INTERSECT", "INTERVAL", "INTO", "IS", "ITERATE", "JOIN", "KEY", "KEYS",
    "KILL", "LEADING", "LEAVE", "LEFT", "LIKE", "LIMIT", "LINEAR", "LINES", "LOAD", "LOCALTIME",
    "LOCALTIMESTAMP", "LOCK", "LONG", "LONGBLOB", "LONGTEXT", "LOOP", "LOW_PRIORITY", "MATCH", "MAXVALUE",
    "MEDIUMBLOB", "MEDIUMINT", "MEDIUMTEXT", "MIDDLEINT", "MINUTE_MICROSECOND", "MINUTE_SECOND", "MOD",
    "MODIFIES", "NATURAL", "NOT", "NO_WRITE_TO_BINLOG", "NULL", "NUMERIC", "ON", "OPTIMIZE", "OPTION",
    "OPTIONALLY", "OR", "ORDER", "OUT", "OUTER", "OUTFILE", "PARTITION", "PRECISION", "PRIMARY",
    "PROCEDURE", "PURGE", "RANGE", "READ", "READS", "READ_WRITE", "REAL", "RECURSIVE", "REFERENCES",
    "REGEXP", "RELEASE", "RENAME", "REPEAT", "REPLACE", "REQUIRE", "RESIGNAL", "RESTRICT", "RETURN",
    "REVOKE", "RIGHT", "RLIKE", "SCHEMA", "SCHEMAS", "SECOND_MICROSECOND", "SELECT", "SENSITIVE",
    "SEPARATOR", "SET", "SHOW", "SIGNAL", "SMALLINT", "SPATIAL", "SPECIFIC", "SQL", "SQLEXCEPTION",
    "SQLSTATE", "SQLWARNING", "SQL_BIG_RESULT", "SQL_CALC_FOUND_ROWS", "SQL_SMALL_RESULT", "SSL",
    "STARTING", "STRAIGHT_JOIN", "TABLE", "TERMINATED", "THEN", "TINYBLOB", "TINYINT", "TINYTEXT", "TO",
    "TRAILING", "TRIGGER", "TRUE", "UNDO", "UNION", "UNIQUE", "UNLOCK", "UNSIGNED", "UPDATE", "USAGE",
    "USE", "USING", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP", "VALUES", "VARBINARY", "VARCHAR",
    "VARCHARACTER", "VARYING", "WHEN", "WHERE", "WHILE", "WINDOW", "WITH", "WRITE", "XOR", "YEAR_MONTH",
    "ZEROFILL",
];

/// Reserved words that are values by themselves; sorted.
#[rustfmt::skip]
pub const CONSTANTS: &[&str] = &[
    "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DEFAULT", "FALSE", "LOCALTIME",
    "LOCALTIMESTAMP", "MAXVALUE", "NULL", "TRUE", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP",
];

/// Units of `INTERVAL`, `EXTRACT`, `TIMESTAMPADD`, `TIMESTAMPDIFF`; sorted.
#[rustfmt::skip]
pub const UNITS: &[&str] = &[
    "DAY", "DAY_HOUR", "DAY_MICROSECOND", "DAY_MINUTE", "DAY_SECOND", "HOUR", "HOUR_MICROSECOND",
    "HOUR_MINUTE", "HOUR_SECOND", "MICROSECOND", "MINUTE", "MINUTE_MICROSECOND", "MINUTE_SECOND", "MONTH",
    "QUARTER", "SECOND", "SECOND_MICROSECOND", "SQL_TSI_DAY", "SQL_TSI_HOUR", "SQL_TSI_MINUTE",
    "SQL_TSI_MONTH", "SQL_TSI_QUARTER", "SQL_TSI_SECOND", "SQL_TSI_WEEK", "SQL_TSI_YEAR", "WEEK", "YEAR",
    "YEAR_MONTH",
];

/// Words of a type in `CAST`, `CONVERT`, `RETURNING`, `JSON_TABLE`; sorted.
#[rustfmt::skip]
pub const TYPES: &[&str] = &[
    "ARRAY", "ASCII", "BIGINT", "BINARY", "BIT", "BLOB", "BOOL", "BOOLEAN", "BYTE", "CHAR", "CHARACTER",
    "CHARSET", "DATE", "DATETIME", "DEC", "DECIMAL", "DOUBLE", "FIXED", "FLOAT", "GEOMETRY",
    "GEOMETRYCOLLECTION", "INET4", "INET6", "INT", "INTEGER", "JSON", "LEVEL", "LINESTRING", "LONGBLOB",
    "LONGTEXT", "MEDIUMBLOB", "MEDIUMINT", "MEDIUMTEXT", "MULTILINESTRING", "MULTIPOINT", "MULTIPOLYGON",
    "NATIONAL", "NCHAR", "NUMERIC", "NVARCHAR", "POINT", "POLYGON", "PRECISION", "REAL", "SIGNED",
    "SMALLINT", "TEXT", "TIME", "TIMESTAMP", "TINYBLOB", "TINYINT", "TINYTEXT", "UNICODE", "UNSIGNED",
    "UUID", "VARBINARY", "VARCHAR", "VARYING", "VECTOR", "YEAR", "ZEROFILL",
];

/// A clause that makes a query more than a read.
pub struct Clause {
    /// Its first word.
    pub word: &'static str,
    /// Words that may follow and belong to it.
    pub then: &'static [&'static str],
    /// Stable id.
    pub rule: &'static str,
    /// Why, in one sentence.
    pub why: &'static str,
    /// The read instead.
    pub instead: Option<&'static str>,
}

/// The clauses, and the verbs people put inside a query.
pub const CLAUSES: &[Clause] = &[
    Clause {
        word: "INTO",
        then: &["OUTFILE", "DUMPFILE", "S3"],
        rule: "mysql.into",
        why: "INTO puts the result in a file, an S3 object or a variable instead of returning it.",
        instead: Some("Leave INTO out: the result comes back here, and can be exported from here."),
    },
    Clause {
        word: "FOR",
        then: &["UPDATE", "SHARE"],
        rule: "mysql.locking",
        why: "FOR UPDATE and FOR SHARE lock the rows read, and others wait for them.",
        instead: Some("Leave the locking clause out: the plain SELECT reads the same rows."),
    },
    Clause {
        word: "LOCK",
        then: &["IN"],
        rule: "mysql.locking",
        why: "LOCK IN SHARE MODE locks the rows read, and others wait for them.",
        instead: Some("Leave the locking clause out: the plain SELECT reads the same rows."),
    },
    Clause {
        word: "PROCEDURE",
        then: &["ANALYSE"],
        rule: "mysql.procedure",
        why: "PROCEDURE runs code of the server over the result.",
        instead: None,
    },
    Clause {
        word: "DELETE",
        then: &["FROM"],
        rule: "mysql.delete",
        why: "DELETE removes rows.",
        instead: Some("SELECT with the same WHERE shows the rows; EXPLAIN shows the plan."),
    },
    Clause {
        word: "UPDATE",
        then: &[],
        rule: "mysql.update",
        why: "UPDATE changes rows.",
        instead: Some("SELECT with the same WHERE shows the rows; EXPLAIN shows the plan."),
    },
    Clause { word: "INSERT", then: &["INTO"], rule: "mysql.insert", why: "INSERT adds rows.", instead: None },
    Clause {
        word: "REPLACE",
        then: &["INTO"],
        rule: "mysql.replace",
        why: "REPLACE deletes and adds rows.",
        instead: None,
    },
];

/// Words that are keywords although a bracket follows.
pub fn keyword_before_bracket(word: &str) -> bool {
    ["VALUES", "INTERVAL", "ROW", "DEFAULT"].iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// Whether `word` is coloured as a word of the language.
pub fn keyword(word: &str) -> bool {
    contains(OFFERED, word)
}

/// Words offered while typing and coloured as keywords; sorted.
#[rustfmt::skip]
pub const OFFERED: &[&str] = &[
    "AGAINST", "ALL", "ALTER", "ANALYZE", "AND", "ANY", "AS", "ASC", "BEGIN", "BETWEEN", "BINARY", "BY",
    "CALL", "CASE", "CAST", "COLLATE", "COLUMNS", "COMMIT", "CREATE", "CROSS", "CURRENT", "CURRENT_DATE",
    "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DATABASES", "DEFAULT", "DELETE", "DESC",
    "DESCRIBE", "DISTINCT", "DIV", "DROP", "DUAL", "DUPLICATE", "ELSE", "END", "ENGINE", "ENGINES",
    "ESCAPE", "EVENTS", "EXCEPT", "EXISTS", "EXPLAIN", "FALSE", "FETCH", "FIRST", "FOLLOWING", "FOR",
    "FORCE", "FORMAT", "FROM", "FULL", "FUNCTION", "GLOBAL", "GRANT", "GRANTS", "GROUP", "HAVING", "IF",
    "IGNORE", "IN", "INDEX", "INDEXES", "INNER", "INSERT", "INTERSECT", "INTERVAL", "INTO", "IS", "JOIN",
    "JSON_TABLE", "KEY", "LATERAL", "LEFT", "LIKE", "LIMIT", "LOCK", "MATCH", "MEMBER", "MOD", "NATURAL",
    "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER", "OUTFILE", "OVER", "PARTITION", "PRECEDING",
    "PROCEDURE", "PROCESSLIST", "RANGE", "RECURSIVE", "REGEXP", "RENAME", "REPLACE", "REPLICA", "REVOKE",
    "RIGHT", "RLIKE", "ROLLBACK", "ROLLUP", "ROW", "ROWS", "SCHEMAS", "SELECT", "SEPARATOR", "SESSION",
    "SET", "SHARE", "SHOW", "STATUS", "STRAIGHT_JOIN", "TABLE", "TABLES", "THEN", "TRIGGERS", "TRUE",
    "TRUNCATE", "UNBOUNDED", "UNION", "UPDATE", "USE", "USING", "VALUES", "VARIABLES", "VIEW", "WARNINGS",
    "WHEN", "WHERE", "WINDOW", "WITH", "XOR",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [RESERVED, CONSTANTS, UNITS, TYPES, OFFERED] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]), "{list:?}");
        }
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert!(reserved("into") && reserved("For") && reserved("PROCEDURE"));
        assert!(!reserved("rank") && !reserved("name"));
    }
}
