//! Where the servers of this run are, and how a test waits for one of them to reach a state.

use std::env;
use std::future::Future;
use std::time::Duration;

/// The region every test works in.
pub const REGION: &str = "us-east-1";

/// How long a state may take to come: far longer than it does, far shorter than a person waits for a test run.
const PATIENCE: Duration = Duration::from_secs(30);

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: these tests run under tests/run"))
}

/// `HOST:PORT` of the PostgreSQL primary.
pub fn postgres() -> String {
    variable("DBDECK_TEST_POSTGRES")
}

/// `HOST:PORT` of its streaming replica.
pub fn postgres_replica() -> String {
    variable("DBDECK_TEST_POSTGRES_REPLICA")
}

/// `HOST:PORT` of MariaDB.
pub fn mariadb() -> String {
    variable("DBDECK_TEST_MARIADB")
}

/// `HOST:PORT` of MySQL 8.
pub fn mysql() -> String {
    variable("DBDECK_TEST_MYSQL")
}

/// URL of the AWS control plane.
pub fn aws() -> String {
    variable("DBDECK_TEST_AWS")
}

/// URL of the model server, which answers as AWS documents it; each seed has a log of calls of its own.
pub fn model(seed: u32) -> String {
    format!("{}/_seed/{seed}", variable("DBDECK_TEST_MODEL"))
}

/// URL of the model server with each request throttled the first time.
pub fn throttled(seed: u32) -> String {
    format!("{}/_throttled/{seed}", variable("DBDECK_TEST_MODEL"))
}

/// URL of the model server with every call's credentials expired.
pub fn expired(seed: u32) -> String {
    format!("{}/_expired/{seed}", variable("DBDECK_TEST_MODEL"))
}

/// URL of the model server as an adversary.
pub fn hostile(seed: u32) -> String {
    format!("{}/{seed}", variable("DBDECK_TEST_MODEL_HOSTILE"))
}

/// URL of Neptune's data plane in front of Gremlin Server; the path begins with the graph.
pub fn neptune() -> String {
    variable("DBDECK_TEST_NEPTUNE")
}

/// `HOST:PORT` where the same data plane speaks TLS.
pub fn neptune_tls() -> String {
    variable("DBDECK_TEST_NEPTUNE_TLS")
}

/// `HOST:PORT` of Cassandra, which has a certificate for Keyspaces' endpoint too.
pub fn cassandra() -> String {
    variable("DBDECK_TEST_CASSANDRA")
}

/// The interpreter that has Cassandra's own driver.
pub fn cassandra_python() -> String {
    variable("DBDECK_TEST_CASSANDRA_PYTHON")
}

/// URL of Oxigraph.
pub fn oxigraph() -> String {
    variable("DBDECK_TEST_OXIGRAPH")
}

/// The interpreter that has Apache's client, and the port of Gremlin Server.
pub fn gremlin() -> (String, String) {
    (variable("DBDECK_TEST_GREMLIN_PYTHON"), variable("DBDECK_TEST_GREMLIN"))
}

/// The interpreter that asks Neo4j itself, and its port.
pub fn neo4j() -> (String, String) {
    (variable("DBDECK_TEST_GREMLIN_PYTHON"), variable("DBDECK_TEST_NEO4J"))
}

/// `HOST:PORT` of Redis in the clear.
pub fn redis() -> String {
    variable("DBDECK_TEST_REDIS")
}

/// `HOST:PORT` of Valkey.
pub fn valkey() -> String {
    variable("DBDECK_TEST_VALKEY")
}

/// The ports of the six nodes of the Redis cluster.
pub fn redis_cluster() -> Vec<String> {
    variable("DBDECK_TEST_REDIS_CLUSTER").split(' ').map(str::to_owned).collect()
}

/// The ports of the two nodes of Memcached.
pub fn memcached() -> Vec<String> {
    variable("DBDECK_TEST_MEMCACHED").split(' ').map(str::to_owned).collect()
}

/// The port of InfluxDB, which speaks TLS as `localhost`.
pub fn influx() -> u16 {
    variable("DBDECK_TEST_INFLUX").parse().expect("a port")
}

/// The interpreter that has InfluxData's client of version 2, and the port of that InfluxDB, which speaks TLS as
/// `localhost`.
pub fn influx2() -> (String, u16) {
    let port = variable("DBDECK_TEST_INFLUX2").parse().expect("a port");
    (variable("DBDECK_TEST_INFLUX2_PYTHON"), port)
}

/// The interpreter that has pymssql, and the port of the TDS server.
pub fn tds() -> (String, String) {
    (variable("DBDECK_TEST_TDS_PYTHON"), variable("DBDECK_TEST_TDS"))
}

/// Where the TDS server writes down what it hears.
pub fn tds_log() -> String {
    variable("DBDECK_TEST_CERTIFICATES") + "/tds/heard"
}

/// `HOST:PORT` of the document server.
pub fn documents() -> String {
    variable("DBDECK_TEST_DOCUMENTS")
}

/// The document server behind a door that takes IAM logins: HOST:PORT.
pub fn documents_iam() -> String {
    variable("DBDECK_TEST_DOCUMENTS_IAM")
}

/// URL of what stands for AWS in front of the document server.
pub fn documents_aws() -> String {
    variable("DBDECK_TEST_DOCUMENTS_AWS")
}

/// The interpreter that has MongoDB's client.
pub fn documents_python() -> String {
    variable("DBDECK_TEST_DOCUMENTS_PYTHON")
}

/// The PEM file of the authority that signed the database servers' certificates.
pub fn ca() -> String {
    variable("DBDECK_TEST_CA")
}

/// The password of every role on every server.
pub fn password() -> String {
    variable("DBDECK_TEST_PASSWORD")
}

/// The port of a `HOST:PORT`.
pub fn port(address: &str) -> u16 {
    address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("an address ends in a port")
}

/// Asks again until the answer is there; fails with `what` when it never comes.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    let asking = async {
        loop {
            pace.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("never came: {what}"))
}
