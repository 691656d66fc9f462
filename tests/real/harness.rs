//! The servers are what the other tests take them for. When one of these fails, look at `tests/run` first.

use mysql_async::prelude::Queryable;
use tokio_postgres::config::SslMode;

use crate::clients::{self, Account, Trust};
use crate::servers::{self, eventually};

#[tokio::test]
async fn postgres_takes_tls_only_and_its_certificate_must_be_trusted() {
    let address = servers::postgres();
    let open = |ssl, trust| {
        let address = address.clone();
        async move { clients::postgres(&address, "reader", ssl, &trust).await }
    };
    let client = open(SslMode::Require, Trust::TestAuthority).await.expect("a verified login");
    let row = client.query_one("select ssl from pg_stat_ssl where pid = pg_backend_pid()", &[]).await;
    assert!(row.expect("a row").get::<_, bool>(0), "the session is encrypted");
    assert!(open(SslMode::Require, Trust::Nobody).await.is_err(), "an unknown authority is refused");
    assert!(open(SslMode::Disable, Trust::TestAuthority).await.is_err(), "plain text is refused");
}

#[tokio::test]
async fn the_reader_may_only_read() {
    let owner = clients::postgres_superuser().await;
    owner.batch_execute("create table harness_reader (id int)").await.expect("a table");
    let reader = clients::postgres(&servers::postgres(), "reader", SslMode::Require, &Trust::TestAuthority)
        .await
        .expect("the reader is let in");
    reader.query("select * from harness_reader", &[]).await.expect("reading is allowed");
    let refused =
        reader.execute("insert into harness_reader values (1)", &[]).await.expect_err("writing is not");
    assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("42501"));
}

#[tokio::test]
async fn the_replica_follows_and_refuses_writes() {
    let owner = clients::postgres_superuser().await;
    owner.batch_execute("create table harness_replica as select 42 as answer").await.expect("a table");
    let address = servers::postgres_replica();
    let replica = clients::postgres(&address, "postgres", SslMode::Require, &Trust::TestAuthority)
        .await
        .expect("the replica lets its superuser in");
    let answer = eventually("the row on the replica", || async {
        let row = replica.query_one("select answer from harness_replica", &[]).await;
        row.ok().map(|row| row.get::<_, i32>(0))
    });
    assert_eq!(answer.await, 42);
    let refused = replica.execute("insert into harness_replica values (1)", &[]).await.expect_err("a write");
    assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("25006"));
}

#[tokio::test]
async fn mariadb_speaks_tls_and_its_reader_may_only_read() {
    clients::mariadb_script("admin", &["create table harness_reader (id int)"]).await;
    let mut reader = clients::mariadb("reader").await.expect("a verified login");
    let cipher: Option<(String, String)> =
        reader.query_first("show session status like 'Ssl_cipher'").await.expect("a status");
    assert!(cipher.is_some_and(|(_, cipher)| !cipher.is_empty()), "the session is encrypted");
    reader.query_drop("select * from harness_reader").await.expect("reading is allowed");
    reader.query_drop("insert into harness_reader values (1)").await.expect_err("writing is not");
    reader.disconnect().await.expect("a clean end");
}

#[tokio::test]
async fn the_control_plane_reports_endpoints_that_lead_to_the_servers() {
    let account = Account("100000000001");
    account.instance("harness-pg", "postgres", "postgres").await;
    account.instance("harness-maria", "mariadb", "admin").await;
    account.aurora("harness-aurora").await;
    let rds = account.rds();
    account.replica("harness-pg-replica", "harness-pg").await;
    let described = rds.describe_db_instances().send().await.expect("a listing");
    let port_of = |id: &str| {
        let instance = described.db_instances().iter().find(|i| i.db_instance_identifier() == Some(id));
        instance.and_then(|i| i.endpoint()).and_then(aws_sdk_rds::types::Endpoint::port)
    };
    assert_eq!(port_of("harness-pg"), Some(servers::port(&servers::postgres()).into()));
    assert_eq!(port_of("harness-pg-replica"), Some(servers::port(&servers::postgres_replica()).into()));
    assert_eq!(port_of("harness-maria"), Some(servers::port(&servers::mariadb()).into()));
    assert_eq!(port_of("harness-aurora-1"), Some(servers::port(&servers::postgres()).into()));
    let clusters = rds.describe_db_clusters().send().await.expect("a listing");
    let cluster = clusters.db_clusters().first().expect("one cluster");
    assert_eq!(cluster.endpoint(), Some("localhost"));
    assert_eq!(cluster.port(), Some(servers::port(&servers::postgres()).into()));
}

#[tokio::test]
async fn accounts_of_the_control_plane_are_apart() {
    let account = Account("100000000002");
    let described = account.rds().describe_db_instances().send().await.expect("a listing");
    assert_eq!(described.db_instances().len(), 0);
}

#[tokio::test]
async fn the_data_api_runs_on_the_real_server() {
    let account = Account("100000000003");
    let cluster = account.aurora("harness-data").await;
    let secret = account.secret("harness-data", "reader").await;
    let answer = account
        .rds_data()
        .execute_statement()
        .resource_arn(cluster)
        .secret_arn(secret)
        .database("shop")
        .sql("select current_user::text, 6 * 7")
        .send()
        .await
        .expect("the statement runs");
    let row = answer.records().first().expect("a row");
    assert_eq!(row[0].as_string_value().map(String::as_str), Ok("reader"));
    assert_eq!(row[1].as_long_value(), Ok(&42));
}
