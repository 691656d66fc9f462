//! From a fleet row to rows: what another client made is listed, queried where its endpoint leads, and a statement
//! that is interrupted ends on the server.

use mysql_async::prelude::Queryable;
use serde_json::{Value, json};

use crate::clients::{self, Account};
use crate::dbdeck::{self, Ended};
use crate::servers::{self, eventually};

/// A statement that runs for days, recognised on the server by its number. It needs the table `numbers`.
fn endless(mark: u32) -> String {
    format!(
        "select count(*) from numbers a, numbers b, numbers c, numbers d where a.n + b.n + c.n + d.n < -{mark}"
    )
}

async fn query(account: &Account, row: &str, statement: &str, user: &str, more: &[&str]) -> Ended {
    let mut arguments = vec!["query", row, statement, "--user", user, "--password-fd", "0"];
    arguments.extend(more);
    dbdeck::run(&servers::aws(), account.0, &arguments, &format!("{}\n", servers::password())).await
}

fn row<'a>(listed: &'a Value, id: &str) -> &'a Value {
    let rows = listed.as_array().expect("an array");
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id} is not in {listed}"))
}

#[tokio::test]
async fn what_another_client_made_is_listed() {
    let account = Account("200000000001");
    account.instance("listed-pg", "postgres", "postgres").await;
    account.instance("listed-maria", "mariadb", "admin").await;
    account.aurora("listed-aurora").await;
    account.table("listed-table").await;
    let ended = dbdeck::run(&servers::aws(), account.0, &["list", "--format", "json"], "").await.expect(0);
    let listed = ended.json();
    for (id, service) in [
        ("listed-pg", "rds"),
        ("listed-maria", "rds"),
        ("listed-aurora", "aurora"),
        ("listed-aurora-1", "aurora"),
        ("listed-table", "dynamodb"),
    ] {
        let row = row(&listed, id);
        assert_eq!(row["service"], service, "{row}");
        assert_eq!(row["region"], servers::REGION, "{row}");
        assert!(row["arn"].as_str().is_some_and(|arn| arn.contains(account.0)), "{row}");
        assert!(row["kind"].is_string() && row["status"].is_string(), "{row}");
    }
    assert_eq!(listed.as_array().map(Vec::len), Some(5), "nothing else: {listed}");
}

#[tokio::test]
async fn postgres_is_queried_from_its_row() {
    let account = Account("200000000002");
    account.instance("query-pg", "postgres", "postgres").await;
    let owner = clients::postgres_superuser().await;
    let scene = "create table query_pg as select 7 as id, 'Größe 日本'::text as name, null::text as gone";
    owner.batch_execute(scene).await.expect("a table");
    let statement = "select id, name, gone from query_pg";
    let ended =
        query(&account, "rds:query-pg/shop", statement, "reader", &["--format", "json"]).await.expect(0);
    assert_eq!(ended.json(), json!([{ "id": 7, "name": "Größe 日本", "gone": null }]));
}

#[tokio::test]
async fn a_replica_is_queried_where_it_is_and_an_address_can_be_given() {
    let account = Account("200000000008");
    account.instance("where-pg", "postgres", "postgres").await;
    account.replica("where-pg-replica", "where-pg").await;
    let statement = "select pg_is_in_recovery() as replica";
    let csv = ["--format", "csv"];
    let ended = query(&account, "rds:where-pg/shop", statement, "reader", &csv).await.expect(0);
    assert!(ended.stdout.to_lowercase().contains("\nf"), "{ended:?}");
    let ended = query(&account, "rds:where-pg-replica/shop", statement, "reader", &csv).await.expect(0);
    assert!(ended.stdout.to_lowercase().contains("\nt"), "{ended:?}");
    let tunnel = servers::postgres_replica();
    let more = ["--format", "csv", "--address", &tunnel];
    let ended = query(&account, "rds:where-pg/shop", statement, "reader", &more).await.expect(0);
    assert!(ended.stdout.to_lowercase().contains("\nt"), "{ended:?}");
}

#[tokio::test]
async fn a_server_nobody_vouches_for_gets_no_password() {
    let account = Account("200000000009");
    account.instance("trust-pg", "postgres", "postgres").await;
    account.instance("trust-maria", "mariadb", "admin").await;
    for row in ["rds:trust-pg/shop", "rds:trust-maria/shop"] {
        let arguments = ["query", row, "select 1", "--user", "reader", "--password-fd", "0"];
        let input = format!("{}\n", servers::password());
        let run = dbdeck::start_with(&servers::aws(), account.0, &arguments, &input, &[]).await;
        let ended = run.end().await.expect(3);
        assert!(ended.stderr.to_lowercase().contains("certificate"), "{ended:?}");
    }
}

#[tokio::test]
async fn mariadb_is_queried_from_its_row() {
    let account = Account("200000000003");
    account.instance("query-maria", "mariadb", "admin").await;
    let scene = [
        "create table query_maria (id int, name text)",
        "insert into query_maria values (7, 'zwölf'), (8, null)",
    ];
    clients::mariadb_script("admin", &scene).await;
    let statement = "select id, name from query_maria order by id";
    let ended =
        query(&account, "rds:query-maria/shop", statement, "reader", &["--format", "json"]).await.expect(0);
    assert_eq!(ended.json(), json!([{ "id": 7, "name": "zwölf" }, { "id": 8, "name": null }]));
}

#[tokio::test]
async fn a_write_is_refused_and_nothing_reaches_the_server() {
    let account = Account("200000000004");
    account.instance("refused-pg", "postgres", "postgres").await;
    let owner = clients::postgres_superuser().await;
    owner.batch_execute("create table refused_pg as select 1 as id").await.expect("a table");
    for statement in [
        "delete from refused_pg",
        "select 1; drop table refused_pg",
        "with x as (delete from refused_pg returning id) select * from x",
    ] {
        let ended = query(&account, "rds:refused-pg/shop", statement, "postgres", &[]).await.expect(4);
        assert_eq!(ended.stdout, "");
        assert!(!ended.stderr.is_empty());
    }
    let left = owner.query_one("select count(*) from refused_pg", &[]).await.expect("the table is there");
    assert_eq!(left.get::<_, i64>(0), 1);
}

#[tokio::test]
async fn exit_codes_tell_a_bad_statement_from_a_bad_login() {
    let account = Account("200000000005");
    account.instance("codes-pg", "postgres", "postgres").await;
    let bad = query(&account, "rds:codes-pg/shop", "select no_such_column", "reader", &[]).await.expect(1);
    assert!(bad.stdout.is_empty() && bad.stderr.contains("no_such_column"), "{bad:?}");
    let arguments = ["query", "rds:codes-pg/shop", "select 1", "--user", "reader", "--password-fd", "0"];
    let denied = dbdeck::run(&servers::aws(), account.0, &arguments, "wrong-word\n").await.expect(3);
    assert!(denied.stdout.is_empty() && !denied.stderr.is_empty(), "{denied:?}");
    assert!(!denied.stderr.contains("wrong-word"), "a password is never shown");
    let lost = query(&account, "rds:no-such-row", "select 1", "reader", &[]).await;
    assert!(lost.code.is_some_and(|code| (1..=3).contains(&code)) && !lost.stderr.is_empty(), "{lost:?}");
}

#[tokio::test]
async fn an_interrupted_statement_ends_on_postgres() {
    let account = Account("200000000006");
    account.instance("cancel-pg", "postgres", "postgres").await;
    let owner = clients::postgres_superuser().await;
    let scene = "create table numbers as select n from generate_series(1, 2000) n";
    owner.batch_execute(scene).await.expect("a table");
    let statement = endless(71_001);
    let arguments = ["query", "rds:cancel-pg/shop", &statement, "--user", "reader", "--password-fd", "0"];
    let input = format!("{}\n", servers::password());
    let run = dbdeck::start(&servers::aws(), account.0, &arguments, &input).await;
    let running = || async {
        let asked = "select count(*) from pg_stat_activity where query like '%< -71001%' and state = 'active' and pid <> pg_backend_pid()";
        owner.query_one(asked, &[]).await.expect("an answer").get::<_, i64>(0)
    };
    eventually("the statement on the server", || async { (running().await > 0).then_some(()) }).await;
    run.signal("INT").await;
    eventually("its end on the server", || async { (running().await == 0).then_some(()) }).await;
    let ended = run.end().await.expect(130);
    assert_eq!(ended.stdout, "");
}

#[tokio::test]
async fn an_interrupted_statement_ends_on_mariadb() {
    let account = Account("200000000007");
    account.instance("cancel-maria", "mariadb", "admin").await;
    let scene = ["create table numbers (n int)", "insert into numbers select seq from seq_1_to_2000"];
    clients::mariadb_script("admin", &scene).await;
    let statement = endless(71_002);
    let arguments = ["query", "rds:cancel-maria/shop", &statement, "--user", "reader", "--password-fd", "0"];
    let input = format!("{}\n", servers::password());
    let run = dbdeck::start(&servers::aws(), account.0, &arguments, &input).await;
    let running = || async {
        let mut watcher = clients::mariadb("admin").await.expect("a watcher");
        let asked = "select count(*) from information_schema.processlist where info like '%< -71002%' and id <> connection_id()";
        let count: Option<u64> = watcher.query_first(asked).await.expect("an answer");
        watcher.disconnect().await.expect("a clean end");
        count.unwrap_or(0)
    };
    eventually("the statement on the server", || async { (running().await > 0).then_some(()) }).await;
    run.signal("INT").await;
    eventually("its end on the server", || async { (running().await == 0).then_some(()) }).await;
    let ended = run.end().await.expect(130);
    assert_eq!(ended.stdout, "");
}
