//! The guard tried out: each layer is asked for what it must refuse, against a listener on
//! loopback that counts what arrives. What `prove` prints is what happened, not what is hoped.

use super::gate::Gate;
use super::operations::{Effect, all};
use super::{Access, Api, LiveAccess, clear};
use crate::aws::{Meter, Reach, Reaches, Settings};
use crate::clock;
use crate::model::{DialectId, Failure, FailureKind, Place, Statement};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::TcpListener;

/// What one layer did when tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name.
    pub name: &'static str,
    /// What it refuses, in words.
    pub refuses: &'static str,
    /// How many changes were tried.
    pub tried: usize,
    /// How many of them it refused.
    pub refused: usize,
    /// How many pure reads were tried.
    pub reads: usize,
    /// How many of them it let through.
    pub allowed: usize,
    /// Connections that reached the listener while changes were tried.
    pub reached: u64,
}

impl Layer {
    /// Whether it refused all changes, sent nothing, and allowed all reads.
    pub const fn holds(&self) -> bool {
        self.tried == self.refused && self.reads == self.allowed && self.reached == 0
    }
}

/// Statements to try: language, text, whether it changes something.
const STATEMENTS: &[(DialectId, &str, bool)] = &[
    (DialectId::Postgres, "SELECT count(*) FROM pg_stat_activity", false),
    (DialectId::Postgres, "EXPLAIN DELETE FROM t", false),
    (DialectId::Postgres, "DELETE FROM t", true),
    (DialectId::Postgres, "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", true),
    (DialectId::Postgres, "EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1", true),
    (DialectId::Postgres, "SELECT pg_terminate_backend(1)", true),
    (DialectId::Postgres, "SELECT * FROM pg_read_file('/etc/passwd')", true),
    (DialectId::Postgres, "SELECT 1; DROP SCHEMA public CASCADE", true),
    (DialectId::Postgres, "SELECT * FROM t FOR UPDATE", true),
    (DialectId::MySql, "SELECT * FROM information_schema.tables", false),
    (DialectId::MySql, "SHOW FULL PROCESSLIST", false),
    (DialectId::MySql, "SELECT 1 INTO OUTFILE '/tmp/x'", true),
    (DialectId::MySql, "/*!50000 DROP TABLE t */", true),
    (DialectId::MySql, "SELECT GET_LOCK('a', 1)", true),
    (DialectId::MariaDb, "/*M! DELETE FROM t */", true),
    (DialectId::MariaDb, "ANALYZE UPDATE t SET a = 1", true),
    (DialectId::PartiQl, "SELECT * FROM \"t\" WHERE id = 'a'", false),
    (DialectId::PartiQl, "DELETE FROM \"t\" WHERE id = 'a'", true),
    (DialectId::PartiQl, "EXISTS(SELECT * FROM \"t\" WHERE id = 'a')", true),
];

/// Tries every layer that needs no database, under read-only access.
///
/// # Errors
/// When no loopback port can be opened to listen on.
pub async fn prove() -> Result<Vec<Layer>, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|e| no_port(&e))?;
    let url = format!("http://{}", listener.local_addr().map_err(|e| no_port(&e))?);
    let reached = Arc::new(AtomicU64::new(0));
    let counter = reached.clone();
    let listening = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let reaches = Reaches::new(
        Settings { endpoint_url: Some(url.clone()), ..Settings::default() },
        LiveAccess::new(Access::sealed()),
    );
    let reach = reaches.at(&Place::new("default", "us-east-1")).await?;
    let layers =
        vec![statements(), operations(), interceptor(&reach, &reached).await, gate(&url, &reached).await];
    listening.abort();
    Ok(layers)
}

fn no_port(error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Unreachable, "listen on loopback", error.to_string())
}

/// Lock 1 for statements.
fn statements() -> Layer {
    let access = Access::sealed();
    let passes = |&(dialect, text, _): &(DialectId, &str, bool)| {
        clear(&access, clock::now(), Statement { text: text.into(), dialect }).is_ok()
    };
    let (changes, reads): (Vec<_>, Vec<_>) = STATEMENTS.iter().partition(|(_, _, changes)| *changes);
    Layer {
        name: "statement grammar",
        refuses: "every statement that its grammar does not know to be a pure read",
        tried: changes.len(),
        refused: changes.iter().filter(|s| !passes(s)).count(),
        reads: reads.len(),
        allowed: reads.iter().filter(|s| passes(s)).count(),
        reached: 0,
    }
}

/// Lock 1 for operations: the whole table.
fn operations() -> Layer {
    let access = Access::sealed();
    let passes = |api: &str| clear(&access, clock::now(), Api(api)).is_ok();
    let table = all();
    let is_read = |e: &Effect| matches!(e, Effect::Read | Effect::DataRead);
    let (reads, changes): (Vec<_>, Vec<_>) = table.iter().partition(|(_, effect)| is_read(effect));
    Layer {
        name: "operation table",
        refuses: "every AWS operation that is not listed as a read",
        tried: changes.len(),
        refused: changes.iter().filter(|(api, _)| !passes(api)).count(),
        reads: reads.len(),
        allowed: reads.iter().filter(|(api, _)| passes(api)).count(),
        reached: 0,
    }
}

/// Lock 2, first half: typed calls through guarded clients.
async fn interceptor(reach: &Reach, reached: &AtomicU64) -> Layer {
    let before = reached.load(Ordering::SeqCst);
    let (rds, dynamodb, data) = (reach.rds(), reach.dynamodb(), reach.rds_data(DialectId::Postgres));
    let refused = [
        rds.delete_db_instance().db_instance_identifier("a").send().await.is_err_and(|e| is_refusal(&e)),
        rds.reboot_db_instance().db_instance_identifier("a").send().await.is_err_and(|e| is_refusal(&e)),
        rds.failover_db_cluster().db_cluster_identifier("a").send().await.is_err_and(|e| is_refusal(&e)),
        dynamodb.delete_table().table_name("abc").send().await.is_err_and(|e| is_refusal(&e)),
        dynamodb
            .execute_statement()
            .statement("DELETE FROM \"t\"")
            .send()
            .await
            .is_err_and(|e| is_refusal(&e)),
        data.execute_statement()
            .resource_arn("a")
            .secret_arn("a")
            .sql("DROP TABLE t")
            .send()
            .await
            .is_err_and(|e| is_refusal(&e)),
        data.commit_transaction()
            .resource_arn("a")
            .secret_arn("a")
            .transaction_id("a")
            .send()
            .await
            .is_err_and(|e| is_refusal(&e)),
    ];
    Layer {
        name: "AWS client interceptor",
        refuses: "typed calls that change something, and statements inside calls",
        tried: refused.len(),
        refused: refused.iter().filter(|r| **r).count(),
        reads: 0,
        allowed: 0,
        reached: reached.load(Ordering::SeqCst) - before,
    }
}

/// Lock 2, second half: clients made without the interceptor.
async fn gate(url: &str, reached: &AtomicU64) -> Layer {
    let before = reached.load(Ordering::SeqCst);
    let mut refused = 0;
    if let Ok(http) = crate::aws::http::client(None) {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(url)
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                aws_credential_types::Credentials::new("PROOF", "proof", None, None, "proof"),
            ))
            .http_client(Gate::new(http, Arc::new(Meter::default())))
            .build();
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        refused += usize::from(dynamodb.list_tables().send().await.is_err());
        refused += usize::from(dynamodb.delete_table().table_name("abc").send().await.is_err());
        refused +=
            usize::from(aws_sdk_rds::Client::new(&config).describe_db_instances().send().await.is_err());
    }
    Layer {
        name: "HTTP gate",
        refuses: "every request that the interceptor did not stamp, reads included",
        tried: 3,
        refused,
        reads: 0,
        allowed: 0,
        reached: reached.load(Ordering::SeqCst) - before,
    }
}

/// Whether the guard itself refused: any other failure would prove nothing.
fn is_refusal(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<super::Refusal>() {
            return true;
        }
        next = error.source();
    }
    false
}
