//! InfluxQL, of InfluxDB 1, 2 and 3. The rule it keeps: a statement is a read when the whole of it
//! is a SELECT without INTO, a SHOW or an EXPLAIN of this grammar, and every function in it is on
//! the list. Source: InfluxDB 1.8 documentation, "InfluxQL reference".

mod grammar;

use super::series::{Kind, Language, Lexis, Rules};
use crate::query::dialect::{Dialect, Span, TokenKind, Verdict};

/// InfluxQL.
pub static INFLUXQL: InfluxQl = InfluxQl;

/// The dialect.
#[derive(Debug)]
pub struct InfluxQl;

static LANGUAGE: Language = Language {
    lexis: Lexis {
        double: Kind::Quoted,
        single: true,
        // What its scanner takes after a backslash; anything else is an error there.
        escapes: "n\\'\"",
        line_comment: "--",
        block_comment: true,
        units: &["ns", "ms", "u", "µ", "s", "m", "h", "d", "w"],
        before_pattern: &["SELECT", "FROM", "BY", "IN", "DISTINCT"],
        patterns: true,
        dates: false,
        parameter: Some(b'$'),
        long: &["=~", "!~", "<>", "<=", ">=", "!=", "::", ".."],
        short: "()[].,;=<>+-*/%&|^:",
    },
    rules: Rules {
        read: "influxql.read",
        empty: "influxql.empty",
        length: "influxql.limit.length",
        nesting: "influxql.limit.nesting",
        character: "influxql.character",
        unterminated: "influxql.unterminated",
        ambiguous: "influxql.ambiguous",
        several: "influxql.several",
        syntax: "influxql.syntax",
        function: "influxql.function.unknown",
        statement: "influxql.statement.unknown",
    },
    words: &[
        "ANALYZE",
        "AND",
        "AS",
        "ASC",
        "BY",
        "CARDINALITY",
        "CONTINUOUS",
        "DATABASES",
        "DESC",
        "DIAGNOSTICS",
        "DISTINCT",
        "EXACT",
        "EXPLAIN",
        "FIELD",
        "FOR",
        "FROM",
        "GRANTS",
        "GROUP",
        "GROUPS",
        "IN",
        "INTO",
        "KEY",
        "KEYS",
        "LIMIT",
        "MEASUREMENT",
        "MEASUREMENTS",
        "OFFSET",
        "ON",
        "OR",
        "ORDER",
        "POLICIES",
        "QUERIES",
        "RETENTION",
        "SELECT",
        "SERIES",
        "SHARD",
        "SHARDS",
        "SHOW",
        "SLIMIT",
        "SOFFSET",
        "STATS",
        "SUBSCRIPTIONS",
        "TAG",
        "USERS",
        "VALUES",
        "WHERE",
        "WITH",
    ],
    semicolons: true,
};

impl Dialect for InfluxQl {
    fn split(&self, text: &str) -> Vec<Span> {
        LANGUAGE.split(text)
    }

    fn classify(&self, text: &str) -> Verdict {
        LANGUAGE.classify(text, grammar::statement)
    }

    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>) {
        LANGUAGE.highlight(text, out);
    }

    fn words(&self) -> &'static [&'static str] {
        LANGUAGE.words
    }
}
