//! A row of the fleet and what is known about it.

use super::{Cell, DialectId, EngineId, Place, SafeText, ServiceId};
use std::sync::Arc;

/// What names one resource in the whole fleet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// The service it belongs to.
    pub service: ServiceId,
    /// The kind within the service, one of its `KindSpec::id`s: `instance`, `cluster`, `table`.
    pub kind: &'static str,
    /// Where it lives.
    pub place: Place,
    /// AWS's own identifier, raw: it goes back into calls. Show `Resource::name` instead.
    pub name: Arc<str>,
}

/// How a resource is doing, worst last, so that sorting puts trouble at one end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Serving (`available`, `ACTIVE`).
    Good(SafeText),
    /// On its way to another state (`modifying`, `CREATING`).
    Busy(SafeText),
    /// Deliberately not serving (`stopped`).
    Idle(SafeText),
    /// Wants attention (`storage-full`, `failed`, `incompatible-*`).
    Bad(SafeText),
    /// A word that AWS added after this program was written: shown as it came.
    Unknown(SafeText),
}

impl Health {
    /// AWS's own word for the status.
    pub fn word(&self) -> &SafeText {
        match self {
            Self::Good(w) | Self::Busy(w) | Self::Idle(w) | Self::Bad(w) | Self::Unknown(w) => w,
        }
    }
}

/// Something wrong with a resource that an operator would want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable short name: `public`, `unencrypted`, `no-backup`, `lag`, `throttled`, `disk-full`.
    pub id: &'static str,
    /// One line: what is wrong and, where known, by how much.
    pub what: SafeText,
    /// Whether it hurts now (true) or is a risk (false).
    pub urgent: bool,
}

/// Which way an endpoint leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EndpointRole {
    /// Takes writes (cluster endpoint, primary instance).
    Writer,
    /// Balances over the readers.
    Reader,
    /// One named instance, whatever its role.
    Instance,
    /// A custom Aurora endpoint.
    Custom,
}

/// A host and port that a database answers on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Which way it leads.
    pub role: EndpointRole,
    /// DNS name or address, raw.
    pub host: Arc<str>,
    /// TCP port.
    pub port: u16,
}

/// How statements reach the database behind a row. A row without one says why in
/// `Resource::no_query`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Backend {
    /// The engine that does the I/O by default.
    pub engine: EngineId,
    /// The language it speaks.
    pub dialect: DialectId,
    /// Endpoints, the preferred one for reading first. Empty for engines that are AWS APIs.
    pub endpoints: Vec<Endpoint>,
    /// Database to open when the person names none.
    pub database: Option<Arc<str>>,
    /// Master user name, offered as the default user.
    pub user: Option<Arc<str>>,
    /// Secrets Manager ARN of the managed master password.
    pub secret_arn: Option<Arc<str>>,
    /// Whether IAM database authentication is on.
    pub iam_login: bool,
    /// What a data API calls the database, where there is one and no network path is needed:
    /// the cluster's ARN for RDS, `cluster/ID` or `workgroup/NAME` for Redshift.
    pub data_api: Option<Arc<str>>,
    /// Key attributes of a DynamoDB table, partition key first, raw; empty for everything else.
    pub keys: Vec<Arc<str>>,
}

impl Backend {
    /// Every language that statements on it may be written in, the usual one first.
    pub fn languages(&self) -> &'static [DialectId] {
        match self.engine {
            EngineId::Neptune => &[DialectId::OpenCypher, DialectId::Gremlin, DialectId::Sparql],
            EngineId::InfluxDb if self.dialect == DialectId::InfluxSql => {
                &[DialectId::InfluxSql, DialectId::InfluxQl]
            }
            EngineId::InfluxDb => &[DialectId::Flux, DialectId::InfluxQl],
            _ => {
                let own = DialectId::ALL.iter().find(|(id, ..)| *id == self.dialect);
                own.map_or(&[], |(id, ..)| std::slice::from_ref(id))
            }
        }
    }
}

impl Backend {
    /// The AWS API that carries statements beside the wire, where the row has one.
    pub fn api(&self) -> Option<EngineId> {
        self.data_api.as_ref()?;
        Some(if self.dialect == DialectId::Redshift { EngineId::RedshiftData } else { EngineId::RdsData })
    }

    /// The wire protocol of the database, where it has one.
    pub fn wire(&self) -> Option<EngineId> {
        let engine = if self.dialect == DialectId::Redshift { EngineId::Postgres } else { self.engine };
        engine.is_wire().then_some(engine)
    }
}

/// One row of the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// What names it.
    pub id: ResourceId,
    /// Its name as shown.
    pub name: SafeText,
    /// Amazon Resource Name, raw; empty when AWS gives none.
    pub arn: Arc<str>,
    /// Status.
    pub health: Health,
    /// One cell per column of its kind's `KindSpec::columns`, in that order.
    pub cells: Vec<Cell>,
    /// Name of the cluster or source it belongs under: members are drawn beneath it.
    pub parent: Option<Arc<str>>,
    /// Where queries go.
    pub backend: Option<Backend>,
    /// Why there is no backend: shown when somebody asks for a query tab.
    pub no_query: Option<SafeText>,
    /// What is wrong, urgent first.
    pub problems: Vec<Problem>,
    /// Tags: key and value.
    pub tags: Vec<(SafeText, SafeText)>,
    /// Further facts for the detail view, already known from listing.
    pub facts: Vec<Section>,
    /// CloudWatch dimension values by dimension name, raw.
    pub dimensions: Vec<(&'static str, Arc<str>)>,
}

/// A titled group of facts in the detail view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// Heading.
    pub title: SafeText,
    /// Label and value, in reading order.
    pub facts: Vec<(SafeText, Cell)>,
}

/// Everything known about one resource after asking for it alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// The row, read anew.
    pub resource: Resource,
    /// All facts.
    pub sections: Vec<Section>,
}
