//! Redshift over the Data API's whole life cycle and over the wire, the SQL run by a real PostgreSQL: typed rows,
//! the read-only transaction around each read, cancelling on the server, refusals that send nothing.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::clients::{self, Account};
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::screen;
use crate::servers::{self, eventually};

/// Accounts whose number starts with 4 have a cluster and a workgroup.
const ROWS: &[&str] = &["redshift:warehouse", "redshift:adhoc"];

async fn query(account: &str, row: &str, statement: &str, more: &[&str]) -> Ended {
    let mut arguments = vec!["query", row, statement, "--format", "json"];
    arguments.extend(more);
    dbdeck::run(&servers::aws(), account, &arguments, "").await
}

/// What reached the Data API of `account`: the statements, in order.
async fn sent(account: &str) -> Vec<String> {
    let address = servers::aws().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("the control plane listens");
    let request = format!("GET /_redshift/{account} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let log: Value = serde_json::from_str(body).expect("a log");
    let log = log.as_array().expect("a list").iter();
    log.map(|entry| entry["sql"].as_str().expect("a statement").to_owned()).collect()
}

/// How many sessions run a statement with `mark` in it.
async fn running(mark: &str) -> i64 {
    let owner = clients::postgres_superuser().await;
    let ask = "select count(*) from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid()";
    owner.query_one(ask, &[&format!("%{mark}%")]).await.expect("a count").get(0)
}

#[tokio::test]
async fn rows_keep_their_types_over_the_data_api() {
    for (row, account) in ROWS.iter().zip(["400000000001", "400000000002"]) {
        let statement = "select 7 as id, 12345678901234567890.50::numeric as price, true as yes, \
             date '2026-01-31' as day, null::varchar as gone, 'Größe 日本' as name, 1.5::float8 as part";
        let ended = query(account, row, statement, &[]).await.expect(0);
        let wanted = json!([{ "id": 7, "yes": true, "day": "2026-01-31", "gone": null, "name": "Größe 日本",
            "part": 1.5 }]);
        let mut told = ended.json();
        let price = told[0].as_object_mut().expect("a row").remove("price");
        assert!(ended.stdout.contains("12345678901234567890.50"), "the server's digits: {price:?}");
        assert_eq!(told, wanted);
        assert!(ended.stderr.contains("finished"), "the life of the statement is told: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_read_runs_inside_a_read_only_transaction_that_is_rolled_back() {
    let account = "400000000003";
    let statement = "select current_setting('transaction_read_only') as lock";
    let ended = query(account, "redshift:warehouse", statement, &[]).await.expect(0);
    assert_eq!(ended.json(), json!([{ "lock": "on" }]));
    let all = sent(account).await;
    assert_eq!(all, ["BEGIN READ ONLY", "ROLLBACK", "BEGIN READ ONLY", statement, "ROLLBACK"]);
}

#[tokio::test]
async fn a_result_of_many_pages_comes_whole() {
    let statement = "select n, repeat('x', 200) as pad from generate_series(1, 30000) as g(n)";
    let ended = query("400000000004", "redshift:warehouse", statement, &[]).await.expect(0);
    let rows = ended.json();
    let rows = rows.as_array().expect("an array");
    assert_eq!((rows.len(), &rows[29_999]["n"]), (30_000, &json!(30_000)));
    let cut = query("400000000004", "redshift:warehouse", statement, &["--max-rows", "10"]).await.expect(0);
    assert_eq!(cut.json().as_array().map(Vec::len), Some(10));
    assert!(cut.stderr.contains("TRUNCATED"), "{}", cut.stderr);
}

#[tokio::test]
async fn an_error_says_where_and_the_transaction_is_still_rolled_back() {
    let account = "400000000005";
    let ended = query(account, "redshift:warehouse", "select 1,\n nope from pg_class", &[]).await.expect(1);
    assert!(ended.stderr.contains("nope") && ended.stderr.contains("at 2:2"), "{}", ended.stderr);
    assert_eq!(sent(account).await.last().map(String::as_str), Some("ROLLBACK"));
}

#[tokio::test]
async fn what_is_refused_reaches_nobody() {
    let account = "400000000006";
    let refused = [
        "delete from t",
        "unload ('select 1') to 's3://b'",
        "copy t from 's3://b'",
        "select 1; drop table t",
        "select f_lambda(1)",
        "select pg_terminate_backend(1)",
        "show tables from schema a.b; drop table t",
    ];
    for statement in refused {
        for wire in [&[][..], &["--wire", "--iam"]] {
            query(account, "redshift:warehouse", statement, wire).await.expect(4);
        }
    }
    assert!(sent(account).await.is_empty());
    let long = format!("select '{}'", "x".repeat(110 << 10));
    let ended =
        dbdeck::run(&servers::aws(), account, &["query", "redshift:warehouse", "-"], &long).await.expect(2);
    assert!(ended.stderr.contains("100 KB"), "{}", ended.stderr);
    assert!(!sent(account).await.iter().any(|sql| sql.contains("xxx")));
}

/// Starts a statement that runs for days and interrupts it; how it ended.
async fn interrupted(account: &str, mark: u32, more: &[&str]) -> Ended {
    let statement = format!(
        "select count(*) from generate_series(1, 100000) as a(n), generate_series(1, 100000) as b(n), \
         generate_series(1, 100000) as c(n) where a.n + b.n + c.n < -{mark}"
    );
    let mut arguments = vec!["query", "redshift:warehouse", &statement];
    arguments.extend(more);
    let run = dbdeck::start(&servers::aws(), account, &arguments, "").await;
    let mark = format!("-{mark}");
    eventually("the statement on the server", || async { (running(&mark).await > 0).then_some(()) }).await;
    run.signal("INT").await;
    let ended = run.end().await;
    eventually("the statement's end", || async { (running(&mark).await == 0).then_some(()) }).await;
    ended
}

#[tokio::test]
async fn a_long_statement_is_cancelled_on_the_server() {
    let account = "400000000007";
    let ended = interrupted(account, 700_700, &[]).await.expect(130);
    assert!(ended.stderr.contains("cancelled"), "{}", ended.stderr);
    let all = eventually("the rollback", || async {
        let all = sent(account).await;
        (all.last().map(String::as_str) == Some("ROLLBACK")).then_some(all)
    });
    assert_eq!(all.await.len(), 5);
}

#[tokio::test]
async fn the_wire_reads_system_views_by_temporary_credentials_and_is_cancelled() {
    let owner = clients::postgres_superuser().await;
    let views = "create view svv_table_info as select 'shop'::text as \"database\", relname::text as \"table\", \
         'EVEN'::text as diststyle, 4.5::numeric as unsorted from pg_class where relname = 'pg_class'; \
         grant select on svv_table_info to public";
    owner.batch_execute(views).await.expect("the system views that PostgreSQL lacks");
    let statement = "select top_user.usename as who, t.\"table\", t.diststyle, t.unsorted \
         from svv_table_info t, (select usename from pg_user where usename = current_user) top_user";
    let ended = query("400000000008", "redshift:warehouse", statement, &["--wire", "--iam"]).await.expect(0);
    let row = &ended.json()[0];
    assert_eq!(
        (&row["who"], &row["table"], &row["diststyle"]),
        (&json!("reader"), &json!("pg_class"), &json!("EVEN"))
    );
    let serverless =
        query("400000000008", "redshift:adhoc", "select current_user as who", &["--wire", "--iam"]).await;
    assert_eq!(serverless.expect(0).json(), json!([{ "who": "reader" }]));
    interrupted("400000000008", 800_800, &["--wire", "--iam"]).await.expect(130);
    assert!(sent("400000000008").await.is_empty(), "the wire is no Data API");
}

/// A database user with the run's password, and a secret of `account` that knows it.
async fn analyst(account: &Account, user: &str) -> String {
    let owner = clients::postgres_superuser().await;
    let role = format!("create role {user} login password '{}'", servers::password());
    owner.batch_execute(&role).await.expect("a user");
    account.secret(user, user).await
}

#[tokio::test]
async fn a_secret_that_is_named_logs_in_to_the_data_api_as_its_user() {
    let account = Account("400000000009");
    let secret = analyst(&account, "dw_analyst").await;
    let who = "select current_user as who";
    for row in ROWS {
        let ended = query(account.0, row, who, &["--secret", &secret]).await.expect(0);
        assert_eq!(ended.json(), json!([{ "who": "dw_analyst" }]), "{row}");
    }
    let wrong = account.secret_of("dw-wrong", "dw_analyst", "not it").await;
    let ended = query(account.0, ROWS[0], who, &["--secret", &wrong]).await.expect(1);
    assert!(ended.stderr.contains("password authentication failed"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("not it"), "{}", ended.stderr);
    let ended = query(account.0, ROWS[0], who, &["--secret", "nobody/has-it"]).await;
    assert!(ended.code != Some(0) && ended.stderr.contains("Secrets Manager"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_logs_in_by_a_secret_that_is_chosen_there() {
    let account = Account("400000000010");
    let secret = analyst(&account, "dw_chosen").await;
    let console = screen::console(&servers::aws(), &account, &["-c", "redshift"]);
    let mut editor = Editor::on(console, "warehouse");
    let who = "select current_user as who";
    assert_eq!(editor.json(who), json!([{ "who": "reader" }]));
    editor.command(&format!("secret {secret}"));
    assert_eq!(editor.json(who), json!([{ "who": "dw_chosen" }]));
    editor.command("secret");
    assert_eq!(editor.json(who), json!([{ "who": "reader" }]), "and back to who IAM says");
    editor.leave();
}
