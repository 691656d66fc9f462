//! Languages: where a statement ends, whether it only reads, how it is coloured.
//! Pure and synchronous: safe on every keystroke.

pub mod cql;
pub mod db2;
pub mod flux;
pub mod gremlin;
pub mod influx_sql;
pub mod influxql;
pub mod memcached;
pub mod mongodb;
pub mod mysql;
pub mod opencypher;
pub mod oracle;
pub mod partiql;
pub mod postgres;
mod recogniser;
pub mod redis;
pub mod redshift;
mod refusal;
mod series;
pub mod sparql;
pub mod sqlserver;
pub mod timestream;

pub use refusal::Refusal;

use crate::model::DialectId;

/// A range of bytes in a text, `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What the guard makes of a statement. Only `Read` passes in read-only access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A pure read.
    Read,
    /// Changes something, or takes a lock, or leaves the server.
    Write,
    /// Not known to be harmless: refused like a write.
    Unsure,
}

impl Class {
    /// The word in `classify`'s output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Unsure => "unsure",
        }
    }
}

/// A judgement with its reason: which rule, which construct, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The class.
    pub class: Class,
    /// Stable id of the rule that decided, as in `pg.function.unknown`.
    pub rule: &'static str,
    /// The construct that decided, in the statement's own words (raw; sanitise to show).
    pub construct: String,
    /// Byte offset of that construct in the statement.
    pub at: usize,
    /// Why, in one sentence.
    pub why: String,
    /// What to do instead, when there is a read that answers the same question.
    pub instead: Option<&'static str>,
}

/// What a token is, for colouring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A word of the language.
    Keyword,
    /// The name of a function being called.
    Function,
    /// A string.
    Text,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// A quoted name.
    Quoted,
    /// A parameter or variable.
    Parameter,
    /// An operator or punctuation.
    Operator,
}

/// A language.
pub trait Dialect: Sync {
    /// Spans of the statements of `text`, without their terminators, without surrounding
    /// blank space; comments that lead a statement belong to it. An unterminated string or
    /// comment ends at the end of the text.
    fn split(&self, text: &str) -> Vec<Span>;

    /// What `statement`, one statement as it would be sent, does. Deny by default: what is
    /// not understood is `Unsure`.
    fn classify(&self, statement: &str) -> Verdict;

    /// Appends the tokens of `text` worth colouring, in order, without overlap.
    fn highlight(&self, text: &str, out: &mut Vec<(Span, TokenKind)>);

    /// Words of the language worth offering while typing, upper case.
    fn words(&self) -> &'static [&'static str];
}

/// The language of `id`.
pub fn dialect(id: DialectId) -> &'static dyn Dialect {
    match id {
        DialectId::Postgres => &postgres::POSTGRES,
        DialectId::AuroraPostgres => &postgres::AURORA_POSTGRES,
        DialectId::MySql => &mysql::MYSQL,
        DialectId::AuroraMySql => &mysql::AURORA_MYSQL,
        DialectId::MariaDb => &mysql::MARIADB,
        DialectId::PartiQl => &partiql::PARTIQL,
        DialectId::Redshift => &redshift::REDSHIFT,
        DialectId::Gremlin => &gremlin::GREMLIN,
        DialectId::OpenCypher => &opencypher::OPENCYPHER,
        DialectId::Sparql => &sparql::SPARQL,
        DialectId::Dsql => &postgres::DSQL,
        DialectId::SqlServer => &sqlserver::SQLSERVER,
        DialectId::Oracle => &oracle::ORACLE,
        DialectId::Db2 => &db2::DB2,
        DialectId::Redis => &redis::REDIS,
        DialectId::Memcached => &memcached::MEMCACHED,
        DialectId::MongoDb => &mongodb::MONGODB,
        DialectId::Cql => &cql::CQL,
        DialectId::Timestream => &timestream::TIMESTREAM,
        DialectId::InfluxQl => &influxql::INFLUXQL,
        DialectId::Flux => &flux::FLUX,
        DialectId::InfluxSql => &influx_sql::INFLUX_SQL,
    }
}
