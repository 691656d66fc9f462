//! SQL of InfluxDB 3. The rule it keeps: a statement is a read when the whole of it is a query of
//! the grammar shared with Timestream, a SHOW, a DESCRIBE or an EXPLAIN of one, and every function
//! in it is on the list. Source: InfluxDB 3 documentation, "SQL reference".

mod functions;

use super::series::{Cursor, Judged, Kind, Language, Lexis, Rules};
use super::timestream::{Flavour, name, query, writes};
use crate::query::dialect::{Dialect, Span, TokenKind, Verdict};

/// InfluxDB 3's SQL.
pub static INFLUX_SQL: InfluxSql = InfluxSql;

/// The dialect.
#[derive(Debug)]
pub struct InfluxSql;

static FLAVOUR: Flavour = Flavour {
    functions: functions::FUNCTIONS,
    tables: &["unnest", "generate_series", "range", "last_cache", "distinct_cache"],
    types: functions::TYPES,
    lambdas: false,
    casts: true,
};

static LANGUAGE: Language = Language {
    lexis: Lexis {
        double: Kind::Quoted,
        single: true,
        escapes: "",
        line_comment: "--",
        block_comment: true,
        units: &[],
        before_pattern: &[],
        patterns: false,
        dates: false,
        parameter: Some(b'$'),
        long: &["!~*", "<>", "<=", ">=", "!=", "||", "::", "!~", "~*", "->>", "->"],
        short: "()[].,;=<>+-*/%~:",
    },
    rules: Rules {
        read: "influx-sql.read",
        empty: "influx-sql.empty",
        length: "influx-sql.limit.length",
        nesting: "influx-sql.limit.nesting",
        character: "influx-sql.character",
        unterminated: "influx-sql.unterminated",
        ambiguous: "influx-sql.ambiguous",
        several: "influx-sql.several",
        syntax: "influx-sql.syntax",
        function: "influx-sql.function.unknown",
        statement: "influx-sql.statement.unknown",
    },
    words: functions::WORDS,
    semicolons: true,
};

/// First words that change something in DataFusion, whether InfluxDB takes them or not.
const WRITES: &[(&str, &str, &str)] = &[
    ("INSERT", "influx-sql.write", "INSERT adds rows."),
    ("UPDATE", "influx-sql.write", "UPDATE changes rows."),
    ("DELETE", "influx-sql.write", "DELETE removes rows."),
    ("MERGE", "influx-sql.write", "MERGE changes rows."),
    ("CREATE", "influx-sql.write", "CREATE makes an object."),
    ("ALTER", "influx-sql.write", "ALTER changes an object."),
    ("DROP", "influx-sql.write", "DROP removes an object."),
    ("TRUNCATE", "influx-sql.write", "TRUNCATE removes rows."),
    ("COPY", "influx-sql.write", "COPY writes files."),
    ("SET", "influx-sql.write", "SET changes the session."),
    ("PREPARE", "influx-sql.write", "PREPARE keeps a statement that is run unseen."),
    ("EXECUTE", "influx-sql.write", "EXECUTE runs a statement that cannot be seen."),
];

fn statement(c: &mut Cursor<'_>) -> Judged {
    writes(c, WRITES)?;
    if c.eat("EXPLAIN") {
        c.eat("ANALYZE");
        c.eat("VERBOSE");
        writes(c, WRITES)?;
        return query(c, &FLAVOUR);
    }
    if c.eat("SHOW") {
        if c.eat("COLUMNS") {
            if !c.eat_any(&["FROM", "IN"]) {
                return Err(c.stray());
            }
            return name(c);
        }
        return c.expect("TABLES");
    }
    if c.eat_any(&["DESCRIBE", "DESC"]) {
        return name(c);
    }
    if c.is_any(&["SELECT", "WITH", "VALUES"]) || c.is_op("(") {
        return query(c, &FLAVOUR);
    }
    Err(c.unknown_statement())
}

impl Dialect for InfluxSql {
    fn split(&self, text: &str) -> Vec<Span> {
        LANGUAGE.split(text)
    }

    fn classify(&self, text: &str) -> Verdict {
        LANGUAGE.classify(text, statement)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        LANGUAGE.highlight(text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        LANGUAGE.words
    }
}
