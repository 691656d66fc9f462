//! Statements and where they go.

use super::{Backend, Endpoint, EndpointRole, ResourceId};
use std::fmt;
use std::sync::Arc;

/// A language as one engine speaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DialectId {
    /// PostgreSQL.
    Postgres,
    /// Aurora PostgreSQL: PostgreSQL and the `aurora_*` functions.
    AuroraPostgres,
    /// MySQL 8.
    MySql,
    /// Aurora MySQL.
    AuroraMySql,
    /// MariaDB.
    MariaDb,
    /// DynamoDB's PartiQL.
    PartiQl,
    /// Redshift's SQL.
    Redshift,
    /// Gremlin traversals on Neptune.
    Gremlin,
    /// openCypher on Neptune and Neptune Analytics.
    OpenCypher,
    /// SPARQL on Neptune.
    Sparql,
    /// Aurora DSQL: PostgreSQL with less.
    Dsql,
    /// Microsoft's T-SQL.
    SqlServer,
    /// Oracle's SQL.
    Oracle,
    /// Db2's SQL.
    Db2,
    /// Commands of Redis and Valkey: ElastiCache and MemoryDB.
    Redis,
    /// Commands of Memcached.
    Memcached,
    /// MongoDB's shell words and commands: DocumentDB.
    MongoDb,
    /// CQL on Keyspaces.
    Cql,
    /// SQL of Timestream for LiveAnalytics.
    Timestream,
    /// InfluxQL on Timestream for InfluxDB.
    InfluxQl,
    /// Flux on Timestream for InfluxDB 2.
    Flux,
    /// SQL on Timestream for InfluxDB 3.
    InfluxSql,
}

impl DialectId {
    /// Every language: its own name, the language it belongs to, and the engine that speaks it.
    pub const ALL: &'static [(Self, &'static str, &'static str, &'static str)] = &[
        (Self::Postgres, "postgres", "sql", "postgres"),
        (Self::AuroraPostgres, "aurora-postgres", "sql", "aurora-postgres"),
        (Self::MySql, "mysql", "sql", "mysql"),
        (Self::AuroraMySql, "aurora-mysql", "sql", "aurora-mysql"),
        (Self::MariaDb, "mariadb", "sql", "mariadb"),
        (Self::PartiQl, "dynamodb", "partiql", "dynamodb"),
        (Self::Redshift, "redshift", "sql", "redshift"),
        (Self::Gremlin, "gremlin", "gremlin", "neptune"),
        (Self::OpenCypher, "opencypher", "opencypher", "neptune"),
        (Self::Sparql, "sparql", "sparql", "neptune"),
        (Self::Dsql, "dsql", "sql", "dsql"),
        (Self::SqlServer, "sqlserver", "sql", "sqlserver"),
        (Self::Oracle, "oracle", "sql", "oracle"),
        (Self::Db2, "db2", "sql", "db2"),
        (Self::Redis, "redis", "redis", "elasticache"),
        (Self::Memcached, "memcached", "memcached", "memcached"),
        (Self::MongoDb, "mongodb", "mongodb", "documentdb"),
        (Self::Cql, "cql", "cql", "keyspaces"),
        (Self::Timestream, "timestream", "sql", "timestream"),
        (Self::InfluxQl, "influxql", "influxql", "timestream-influxdb"),
        (Self::Flux, "flux", "flux", "timestream-influxdb"),
        (Self::InfluxSql, "influx-sql", "sql", "timestream-influxdb"),
    ];

    /// Its own name, as the history file keeps it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(id, ..)| *id == self).map_or("", |(_, name, ..)| name)
    }

    /// The language that it is a dialect of, as `--language` takes it.
    pub fn language(self) -> &'static str {
        Self::ALL.iter().find(|(id, ..)| *id == self).map_or("", |(_, _, language, _)| language)
    }

    /// The language of this own name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, n, ..)| *n == name).map(|(id, ..)| *id)
    }

    /// The dialect of `language` that `engine` speaks; with no engine, the only one there is.
    pub fn find(language: &str, engine: Option<&str>) -> Option<Self> {
        let mut found = Self::ALL
            .iter()
            .filter(|(_, _, l, e)| *l == language && engine.is_none_or(|engine| engine == *e))
            .map(|(id, ..)| *id);
        let first = found.next();
        first.filter(|_| found.next().is_none())
    }
}

/// What carries statements: a wire protocol or an AWS API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EngineId {
    /// PostgreSQL's wire protocol.
    Postgres,
    /// MySQL's wire protocol.
    MySql,
    /// The RDS Data API.
    RdsData,
    /// DynamoDB `ExecuteStatement`.
    DynamoDb,
    /// The Redshift Data API.
    RedshiftData,
    /// Neptune's HTTPS endpoint: Gremlin, openCypher, SPARQL.
    Neptune,
    /// Neptune Analytics `ExecuteQuery`.
    NeptuneAnalytics,
    /// SQL Server's wire protocol, TDS.
    SqlServer,
    /// RESP over TLS: Redis and Valkey.
    Redis,
    /// RESP in the clear: a cache whose encryption in transit is off. Nobody logs in over it.
    RedisPlain,
    /// Memcached's text protocol over TLS.
    Memcached,
    /// Memcached's text protocol in the clear.
    MemcachedPlain,
    /// MongoDB's wire protocol.
    MongoDb,
    /// CQL's native protocol.
    Cql,
    /// Timestream `Query`.
    Timestream,
    /// InfluxDB's HTTP API.
    InfluxDb,
}

impl EngineId {
    /// Whether it is a database's own wire protocol, reached at an endpoint by a login, and not
    /// an AWS API that signs each call.
    pub const fn is_wire(self) -> bool {
        !matches!(
            self,
            Self::RdsData
                | Self::DynamoDb
                | Self::RedshiftData
                | Self::Neptune
                | Self::NeptuneAnalytics
                | Self::Timestream
        )
    }

    /// Whether it is a cache: Redis, Valkey, Memcached.
    pub const fn is_cache(self) -> bool {
        matches!(self, Self::Redis | Self::RedisPlain | Self::Memcached | Self::MemcachedPlain)
    }

    /// Whether it is reached at an endpoint of the resource itself.
    pub const fn has_endpoint(self) -> bool {
        self.is_wire() || matches!(self, Self::Neptune)
    }

    /// Its name as shown.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::RdsData => "RDS Data API",
            Self::DynamoDb => "DynamoDB PartiQL",
            Self::RedshiftData => "Redshift Data API",
            Self::Neptune => "Neptune",
            Self::NeptuneAnalytics => "Neptune Analytics",
            Self::SqlServer => "SQL Server",
            Self::Redis => "Redis",
            Self::RedisPlain => "Redis without TLS",
            Self::Memcached => "Memcached",
            Self::MemcachedPlain => "Memcached without TLS",
            Self::MongoDb => "MongoDB",
            Self::Cql => "CQL",
            Self::Timestream => "Timestream",
            Self::InfluxDb => "InfluxDB",
        }
    }

    /// The TCP port that an endpoint has when AWS names none.
    pub const fn port(self) -> u16 {
        match self {
            Self::MySql => 3306,
            Self::Neptune => 8182,
            Self::SqlServer => 1433,
            Self::Redis | Self::RedisPlain => 6379,
            Self::Memcached | Self::MemcachedPlain => 11211,
            Self::MongoDb => 27017,
            Self::Cql => 9142,
            Self::InfluxDb => 8086,
            _ => 5432,
        }
    }
}

/// One statement, exactly as it will be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text.
    pub text: Arc<str>,
    /// Its language.
    pub dialect: DialectId,
}

impl Statement {
    /// A short stable hash of the text for logs: FNV-1a, 64 bits, in hex.
    pub fn fingerprint(&self) -> String {
        let hash = self
            .text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        format!("{hash:016x}")
    }
}

/// The text may hold customer data, so `Debug` shows its fingerprint.
impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({:?}, #{})", self.dialect, self.fingerprint())
    }
}

/// Where statements of a query tab go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The row it was opened from.
    pub resource: ResourceId,
    /// How that row is reached.
    pub backend: Backend,
    /// The engine in use: the backend's, or the RDS Data API when chosen.
    pub engine: EngineId,
    /// The endpoint in use; `None` for engines that are AWS APIs.
    pub endpoint: Option<Endpoint>,
    /// Connect here instead (a tunnel's near end) while TLS still checks the endpoint's name.
    pub address: Option<(Arc<str>, u16)>,
    /// Database to open.
    pub database: Option<Arc<str>>,
    /// User to log in as.
    pub user: Option<Arc<str>>,
    /// The secret in Secrets Manager that the person chose to log in by: its ARN or name. It knows
    /// its own user.
    pub secret: Option<Arc<str>>,
}

impl Target {
    /// Whether who may log in to `other` may log in here: the same row, user and way, at whichever of its
    /// endpoints.
    pub fn shares_login(&self, other: &Self) -> bool {
        *self == Self { endpoint: self.endpoint.clone(), ..other.clone() }
    }

    /// Goes from a reader to the writer of the same row. Says whether it did: an address of the
    /// person's own leads where it leads.
    pub fn turn_to_writer(&mut self) -> bool {
        let reads = self.endpoint.as_ref().is_some_and(|e| e.role == EndpointRole::Reader);
        let writer = self.backend.endpoints.iter().find(|e| e.role == EndpointRole::Writer);
        let Some(writer) = writer.filter(|_| reads && self.address.is_none()) else { return false };
        self.endpoint = Some(writer.clone());
        true
    }
}
