//! SQL of Timestream for LiveAnalytics: a Presto with time series. The rule it keeps: a statement
//! is a read when the whole of it is a query, a SHOW or a DESCRIBE of this grammar, and every
//! function in it is on the list. Source: Timestream developer guide, "Timestream query language".
//!
//! The grammar of queries serves InfluxDB 3's SQL as well: see [`Flavour`].

mod expr;
mod from;
mod functions;
mod query;

pub use query::query;

use super::series::{Cursor, Judged, Kind, Language, Lexis, Rules, lex};
use crate::query::dialect::{Class, Dialect, Span, TokenKind, Verdict};

/// Timestream's SQL.
pub static TIMESTREAM: Timestream = Timestream;

/// The dialect.
#[derive(Debug)]
pub struct Timestream;

/// Where the two SQLs of time series differ.
#[derive(Debug)]
pub struct Flavour {
    /// Functions that a query may call; lower case, sorted.
    pub functions: &'static [&'static str],
    /// Functions that may stand in FROM; lower case.
    pub tables: &'static [&'static str],
    /// Names of types after CAST … AS and before a string; upper case.
    pub types: &'static [&'static str],
    /// Whether there are lambdas: `x -> x + 1`.
    pub lambdas: bool,
    /// Whether `expression::type` casts.
    pub casts: bool,
}

static FLAVOUR: Flavour = Flavour {
    functions: functions::FUNCTIONS,
    tables: &["unnest"],
    types: functions::TYPES,
    lambdas: true,
    casts: false,
};

static LANGUAGE: Language = Language {
    lexis: Lexis {
        double: Kind::Quoted,
        single: true,
        escapes: "",
        line_comment: "--",
        block_comment: true,
        // Timestream developer guide, "Supported data types": what follows a number in `15m`.
        units: &["ns", "us", "ms", "mo", "s", "m", "h", "d", "w", "y"],
        before_pattern: &[],
        patterns: false,
        dates: false,
        parameter: None,
        long: &["<>", "<=", ">=", "!=", "||", "->", "::"],
        short: "()[].,;=<>+-*/%",
    },
    rules: Rules {
        read: "timestream.read",
        empty: "timestream.empty",
        length: "timestream.limit.length",
        nesting: "timestream.limit.nesting",
        character: "timestream.character",
        unterminated: "timestream.unterminated",
        ambiguous: "timestream.ambiguous",
        several: "timestream.several",
        syntax: "timestream.syntax",
        function: "timestream.function.unknown",
        statement: "timestream.statement.unknown",
    },
    words: functions::WORDS,
    semicolons: true,
};

/// Where durations such as `15m` stand in `text`.
pub fn durations(text: &str) -> Vec<Span> {
    lex(&LANGUAGE.lexis, text).iter().filter(|t| t.kind == Kind::Duration).map(|t| t.span).collect()
}

/// First words that change something here or in a relative of the language.
const WRITES: &[(&str, &str, &str)] = &[
    ("UNLOAD", "timestream.unload", "UNLOAD writes the result to an S3 bucket."),
    ("INSERT", "timestream.write", "INSERT adds rows."),
    ("UPDATE", "timestream.write", "UPDATE changes rows."),
    ("DELETE", "timestream.write", "DELETE removes rows."),
    ("MERGE", "timestream.write", "MERGE changes rows."),
    ("CREATE", "timestream.write", "CREATE makes an object."),
    ("ALTER", "timestream.write", "ALTER changes an object."),
    ("DROP", "timestream.write", "DROP removes an object."),
    ("TRUNCATE", "timestream.write", "TRUNCATE removes rows."),
    ("GRANT", "timestream.write", "GRANT gives rights."),
    ("REVOKE", "timestream.write", "REVOKE takes rights."),
    ("CALL", "timestream.write", "CALL runs a procedure that cannot be seen."),
    ("SET", "timestream.write", "SET changes the session."),
    ("COPY", "timestream.write", "COPY writes."),
];

/// The refusal of a statement whose first word writes; nothing for other words.
pub fn writes(cursor: &Cursor<'_>, all: &[(&str, &'static str, &'static str)]) -> Judged {
    match all.iter().find(|(word, ..)| cursor.is(word)) {
        Some((_, rule, why)) => Err(cursor.refuse(Class::Write, rule, why)),
        None => Ok(()),
    }
}

fn statement(c: &mut Cursor<'_>) -> Judged {
    writes(c, WRITES).map_err(|mut refusal| {
        if refusal.rule == "timestream.unload" {
            refusal.instead = Some("The SELECT inside it shows the rows; F2 or --format exports them.");
        }
        refusal
    })?;
    if c.eat("SHOW") {
        return show(c);
    }
    if c.eat_any(&["DESCRIBE", "DESC"]) {
        return name(c);
    }
    if c.is_any(&["SELECT", "WITH", "VALUES"]) || c.is_op("(") {
        return query(c, &FLAVOUR);
    }
    Err(c.unknown_statement())
}

/// `DATABASES [LIKE …]`, `TABLES [FROM database] [LIKE …]`, `MEASURES FROM database.table [LIKE …]`.
fn show(c: &mut Cursor<'_>) -> Judged {
    if c.eat("TABLES") {
        if c.eat_any(&["FROM", "IN"]) {
            name(c)?;
        }
    } else if c.eat("MEASURES") {
        if !c.eat_any(&["FROM", "IN"]) {
            return Err(c.stray());
        }
        name(c)?;
    } else if !c.eat("DATABASES") {
        return Err(c.stray());
    }
    if c.eat("LIKE") {
        c.expect_kind(Kind::Text)?;
        if c.eat("ESCAPE") {
            c.expect_kind(Kind::Text)?;
        }
    }
    Ok(())
}

/// A name of one to three parts.
pub fn name(c: &mut Cursor<'_>) -> Judged {
    loop {
        match c.kind(0) {
            Some(Kind::Word | Kind::Quoted) => c.step(),
            _ => return Err(c.stray()),
        }
        if !c.eat_op(".") {
            return Ok(());
        }
    }
}

impl Dialect for Timestream {
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
