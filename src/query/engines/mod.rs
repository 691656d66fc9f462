//! Engines: what carries statements to a database and rows back.
//!
//! Rules: TLS is verified before a password or token leaves; one statement per call; a session
//! opened read-only stays so; what a server says is bounded before it is believed; whatever
//! surprises an engine ends the session.

pub mod cancel;
pub mod cql;
pub mod dynamodb;
pub mod influxdb;
mod intake;
pub mod memcached;
pub mod mongodb;
pub mod mysql;
pub mod neptune;
mod net;
pub mod postgres;
pub mod rds_data;
pub mod redis;
pub mod redshift_data;
pub mod sqlserver;
pub mod timestream;
mod tls;

use super::engine::{Engine, Login};
use super::login;
use crate::aws::Reach;
use crate::model::{EngineId, Failure, FailureKind, Target, Task};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection's bytes, both ways.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Database servers inside this process: the demo estate's.
pub trait LocalServers: Send + Sync {
    /// A new connection to the PostgreSQL behind `target`; `None` when there is none, and then
    /// the engine goes over the network.
    fn postgres<'a>(&'a self, target: &'a Target) -> Option<Task<'a, Box<dyn Stream>>>;

    /// A new connection to the cache behind `target`, RESP or Memcached as its engine says; `None`
    /// when there is none.
    fn cache<'a>(&'a self, target: &'a Target) -> Option<Task<'a, Box<dyn Stream>>> {
        let _ = target;
        None
    }

    /// An engine of this process for what is behind `target`; `None` when there is none, and
    /// then the usual engine goes over the network.
    fn engine(&self, target: &Target) -> Option<Box<dyn Engine>> {
        let _ = target;
        None
    }
}

/// What engines need to know besides the target.
#[derive(Clone, Default)]
pub struct EngineOptions {
    /// A PEM file of further certificate authorities; `AWS_CA_BUNDLE` when `None`.
    pub ca_bundle: Option<PathBuf>,
    /// Servers inside this process.
    pub local: Option<Arc<dyn LocalServers>>,
}

impl EngineOptions {
    /// How to log in to `target` without asking the person; `None` when only a password helps.
    pub fn login(&self, target: &Target) -> Option<Login> {
        // What the person chose comes before what the row has.
        if let Some(secret) = &target.secret {
            return Some(Login::Secret(secret.clone()));
        }
        // The RDS Data API logs in by a secret and nothing else: it says so where there is none.
        if target.engine == EngineId::RdsData && self.local.is_none() {
            return Some(target.backend.secret_arn.clone().map_or(Login::None, Login::Secret));
        }
        // AWS APIs sign each call, and the demo estate's own servers ask for nothing.
        let api = !target.engine.is_wire();
        // A cache that no user is known of asks for nothing.
        let open = target.engine.is_cache() && target.user.is_none() && target.backend.user.is_none();
        if api || open || self.local.is_some() {
            return Some(Login::None);
        }
        // Keyspaces' signature has no user: one that is named has service-specific credentials.
        let named = target.engine == EngineId::Cql && target.user.is_some();
        if named { None } else { login::choose(&target.backend) }
    }
}

/// The engine that `target` asks for, over `reach`.
///
/// # Errors
/// When the certificate authorities cannot be read, or `target` has no endpoint that its
/// engine needs.
pub fn engine_for(
    target: &Target,
    reach: Arc<Reach>,
    options: &EngineOptions,
) -> Result<Box<dyn Engine>, Failure> {
    if let Some(engine) = options.local.as_ref().and_then(|local| local.engine(target)) {
        return Ok(engine);
    }
    Ok(match target.engine {
        EngineId::Postgres => Box::new(postgres::Postgres::new(reach, options)),
        // The name of a demo row's endpoint belongs to nobody: it must not be looked up.
        engine if engine.is_wire() && !is_local(engine) && options.local.is_some() => {
            return Err(no_local_server(target));
        }
        EngineId::MySql => Box::new(mysql::MySql::new(reach, options)),
        EngineId::RdsData => Box::new(rds_data::RdsData::new(reach)),
        EngineId::DynamoDb => Box::new(dynamodb::DynamoDb::new(reach)),
        EngineId::RedshiftData => Box::new(redshift_data::RedshiftData::new(reach)),
        EngineId::Neptune => Box::new(neptune::Neptune::new(reach)),
        EngineId::NeptuneAnalytics => Box::new(neptune::analytics::NeptuneAnalytics::new(reach)),
        EngineId::SqlServer => Box::new(sqlserver::SqlServer::new(reach, options)),
        EngineId::Redis | EngineId::RedisPlain => Box::new(redis::Redis::new(reach, options)),
        EngineId::Memcached | EngineId::MemcachedPlain => Box::new(memcached::Memcached::new(reach, options)),
        EngineId::MongoDb => Box::new(mongodb::MongoDb::new(reach, options)),
        EngineId::Cql => Box::new(cql::Cql::new(reach, options)),
        EngineId::Timestream => Box::new(timestream::Timestream::new(reach)),
        EngineId::InfluxDb => Box::new(influxdb::InfluxDb::new(reach)),
    })
}

/// Engines that ask [`LocalServers`] for their connection.
const fn is_local(engine: EngineId) -> bool {
    matches!(engine, EngineId::Postgres) || engine.is_cache()
}

fn no_local_server(target: &Target) -> Failure {
    let doing = format!("connect to {}", target.resource.name);
    Failure::new(FailureKind::Unreachable, doing, "the demo has no server behind this row")
        .hint("most rows of the demo answer: orders, model-registry, ml-features, product-cache and others")
}

/// `bytes` in lower-case hex.
fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for nibble in bytes.iter().flat_map(|b| [b >> 4, b & 15]) {
        out.extend(char::from_digit(nibble.into(), 16));
    }
    out
}
