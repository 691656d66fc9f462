//! Statements and where they go.

use super::{Backend, Endpoint, ResourceId};
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
}

impl DialectId {
    /// Every language, by the name of the engine that speaks it.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("postgres", Self::Postgres),
        ("aurora-postgres", Self::AuroraPostgres),
        ("mysql", Self::MySql),
        ("aurora-mysql", Self::AuroraMySql),
        ("mariadb", Self::MariaDb),
        ("dynamodb", Self::PartiQl),
    ];

    /// The name of the engine that speaks it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, id)| *id == self).map_or("", |(name, _)| name)
    }

    /// The language of the engine of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, id)| *id)
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
}
