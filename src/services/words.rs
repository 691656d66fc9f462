//! AWS's words into ours, shared by the services on the RDS control plane.

use crate::clock;
use crate::model::{
    Backend, Cell, DialectId, Endpoint, EndpointRole, EngineId, Health, Problem, SafeText, Section,
};
use aws_sdk_rds::primitives::DateTime;
use aws_sdk_rds::types::{DbInstance, Tag};
use std::sync::Arc;

/// A day in ms.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The health behind an RDS status word. Source: RDS user guide, "Viewing DB instance status".
pub fn health(status: Option<&str>) -> Health {
    let word = SafeText::new(status.unwrap_or("unknown"));
    match word.as_str() {
        "available" | "storage-optimization" => Health::Good(word),
        "stopped" | "inactive" => Health::Idle(word),
        "failed"
        | "storage-full"
        | "restore-error"
        | "insufficient-capacity"
        | "inaccessible-encryption-credentials"
        | "inaccessible-encryption-credentials-recoverable"
        | "cloning-failed"
        | "migration-failed"
        | "preparing-data-migration-failed" => Health::Bad(word),
        w if w.starts_with("incompatible-") => Health::Bad(word),
        "backing-up"
        | "creating"
        | "deleting"
        | "failing-over"
        | "maintenance"
        | "modifying"
        | "rebooting"
        | "renaming"
        | "resetting-master-credentials"
        | "starting"
        | "stopping"
        | "upgrading"
        | "backtracking"
        | "promoting"
        | "moving-to-vpc"
        | "converting-to-vpc"
        | "delete-precheck"
        | "migrating"
        | "preparing-data-migration"
        | "storage-initialization"
        | "storage-config-upgrade"
        | "switching-over" => Health::Busy(word),
        w if w.starts_with("configuring-") || w.starts_with("update-") || w.ends_with("ing") => {
            Health::Busy(word)
        }
        _ => Health::Unknown(word),
    }
}

/// The language and wire protocol of an engine, when there is one here.
pub fn speech(engine: &str) -> Option<(EngineId, DialectId)> {
    match engine {
        "postgres" => Some((EngineId::Postgres, DialectId::Postgres)),
        "aurora-postgresql" => Some((EngineId::Postgres, DialectId::AuroraPostgres)),
        "mysql" => Some((EngineId::MySql, DialectId::MySql)),
        "aurora-mysql" | "aurora" => Some((EngineId::MySql, DialectId::AuroraMySql)),
        "mariadb" => Some((EngineId::MySql, DialectId::MariaDb)),
        "sqlserver-ee" | "sqlserver-se" | "sqlserver-ex" | "sqlserver-web" => {
            Some((EngineId::SqlServer, DialectId::SqlServer))
        }
        "neptune" => Some((EngineId::Neptune, DialectId::OpenCypher)),
        "docdb" => Some((EngineId::MongoDb, DialectId::MongoDb)),
        _ => None,
    }
}

/// The instance's own endpoint; none while it is being created.
pub fn endpoint(instance: &DbInstance) -> Option<Endpoint> {
    let endpoint = instance.endpoint()?;
    let port = u16::try_from(endpoint.port()?).ok().filter(|p| *p > 0)?;
    Some(Endpoint { role: EndpointRole::Instance, host: endpoint.address()?.into(), port })
}

/// Why a row without a backend has no query tab; `None` for one that has.
pub fn no_query(engine: Option<&str>, backend: Option<&Backend>) -> Option<SafeText> {
    match backend {
        Some(_) => None,
        None if engine.and_then(speech).is_some() => Some("it has no endpoint yet".into()),
        None => Some(silence(engine)),
    }
}

/// Why an engine has no query tab.
fn silence(engine: Option<&str>) -> SafeText {
    let why = match engine.unwrap_or_default() {
        // Oracle's own driver is a beta and its wire has no server to test on; Db2 has no free driver.
        e if e.starts_with("oracle") || e.starts_with("custom-oracle") => {
            "Oracle's protocol is not spoken here: no driver is fit yet"
        }
        e if e.starts_with("custom-sqlserver") => "RDS Custom has no query tab",
        e if e.starts_with("db2") => "Db2's protocol is not spoken here: there is no driver for it",
        _ => "this engine has no query tab",
    };
    SafeText::new(format!("{why}; its metrics and operations are here"))
}

/// How the database behind an instance is reached.
pub fn backend(instance: &DbInstance, endpoints: Vec<Endpoint>) -> Option<Backend> {
    let (engine, dialect) = speech(instance.engine()?)?;
    Some(Backend {
        engine,
        dialect,
        endpoints,
        database: instance.db_name().map(Arc::from),
        user: instance.master_username().map(Arc::from),
        secret_arn: instance.master_user_secret().and_then(|s| s.secret_arn()).map(Arc::from),
        iam_login: instance.iam_database_authentication_enabled().unwrap_or(false),
        data_api: None,
        keys: Vec::new(),
    })
}

/// Engine and version in one cell.
pub fn engine_cell(engine: Option<&str>, version: Option<&str>) -> Cell {
    match (engine, version) {
        (Some(engine), Some(version)) => Cell::Text(SafeText::new(format!("{engine} {version}"))),
        (engine, _) => Cell::text(engine),
    }
}

/// A time cell; `Absent` when AWS gives none or one out of range.
pub fn time(at: Option<&DateTime>) -> Cell {
    at.and_then(|at| at.to_millis().ok()).map_or(Cell::Absent, Cell::Time)
}

/// Gibibytes as bytes; `Absent` for none and for what is no size.
pub fn gibibytes(n: Option<i32>) -> Cell {
    n.and_then(|n| u64::try_from(n).ok()).map_or(Cell::Absent, |n| Cell::Bytes(n << 30))
}

/// Days of backup retention.
pub fn days(n: Option<i32>) -> Cell {
    match n {
        Some(n) if n > 0 => Cell::Text(SafeText::new(format!("{n} d"))),
        Some(0) => Cell::Text("off".into()),
        _ => Cell::Absent,
    }
}

/// Tags, sanitised.
pub fn tags(tags: &[Tag]) -> Vec<(SafeText, SafeText)> {
    tags.iter()
        .map(|t| (SafeText::new(t.key().unwrap_or("")), SafeText::new(t.value().unwrap_or(""))))
        .collect()
}

/// A section from labels and cells; absent facts are left out.
pub fn section(title: &str, facts: Vec<(&str, Cell)>) -> Section {
    let known = facts.into_iter().filter(|(_, cell)| *cell != Cell::Absent);
    Section { title: title.into(), facts: known.map(|(label, cell)| (label.into(), cell)).collect() }
}

/// Collects what is wrong with a resource.
#[derive(Default)]
pub struct Trouble(Vec<Problem>);

impl Trouble {
    /// Notes something that hurts now.
    pub fn urgent(&mut self, id: &'static str, what: impl AsRef<str>) {
        self.0.push(Problem { id, what: SafeText::new(what), urgent: true });
    }

    /// Notes a risk.
    pub fn risk(&mut self, when: bool, id: &'static str, what: impl AsRef<str>) {
        if when {
            self.0.push(Problem { id, what: SafeText::new(what), urgent: false });
        }
    }

    /// Notes an end date that is past or near.
    pub fn ends(&mut self, id: &'static str, what: &str, end_ms: Option<i64>, near_days: i64) {
        let Some(end) = end_ms else { return };
        let left = end.saturating_sub(i64::try_from(clock::now().epoch_ms()).unwrap_or(i64::MAX)) / DAY_MS;
        if left < 0 {
            self.risk(true, id, format!("{what} has ended"));
        } else if left <= near_days {
            self.risk(true, id, format!("{what} ends in {left} days"));
        }
    }

    /// What was noted, urgent first.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.0.sort_by_key(|p| !p.urgent);
        self.0
    }
}
