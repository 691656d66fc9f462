//! SQL over the RDS Data API, on the real PostgreSQL: types, refusals, the read-only transaction around each read and
//! its end, whichever way the read ends.

use serde_json::json;

use crate::clients::{self, Account};
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::screen;
use crate::servers::{self, eventually};

/// A cluster with the Data API on, and the secret of one user.
struct Scene {
    account: Account,
    row: String,
    secret: String,
}

impl Scene {
    async fn new(account: &'static str, id: &str, user: &str) -> Self {
        let account = Account(account);
        account.aurora(id).await;
        let secret = account.secret(id, user).await;
        Self { account, row: format!("aurora:{id}/shop"), secret }
    }

    fn arguments<'a>(&'a self, statement: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["query", &self.row, statement, "--data-api", "--secret", &self.secret];
        arguments.extend(more);
        arguments
    }

    async fn query(&self, statement: &str, more: &[&str]) -> Ended {
        dbdeck::run(&servers::aws(), self.account.0, &self.arguments(statement, more), "").await
    }
}

#[tokio::test]
async fn every_type_comes_as_what_it_is() {
    let scene = Scene::new("320000000001", "data-types", "reader").await;
    let owner = clients::postgres_superuser().await;
    let table = "create table data_types as select 7 as small, 9007199254740993::bigint as big, \
        12345678901234567890.5::numeric as exact, 1.5::float8 as double, 'Größe 日本'::text as name, \
        null::text as gone, true as yes, '\\xdeadbeef'::bytea as bytes, '{\"k\": [1, null]}'::jsonb as document, \
        timestamptz '2026-03-01 12:00:00+02' as moment, array[1, 2] as numbers, array['a', 'b,c'] as words";
    owner.batch_execute(table).await.expect("a table");
    let ended = scene.query("select * from data_types", &["--format", "json"]).await.expect(0);
    assert_eq!(
        ended.json(),
        json!([{
            "small": 7,
            "big": 9_007_199_254_740_993_i64,
            "exact": serde_json::from_str::<serde_json::Value>("12345678901234567890.5").expect("a number"),
            "double": 1.5,
            "name": "Größe 日本",
            "gone": null,
            "yes": true,
            "bytes": "deadbeef",
            "document": { "k": [1, null] },
            "moment": "2026-03-01 10:00:00",
            "numbers": [1, 2],
            "words": ["a", "b,c"],
        }])
    );
    assert!(ended.stdout.contains("12345678901234567890.5"), "every digit: {}", ended.stdout);
}

#[tokio::test]
async fn a_read_runs_in_a_read_only_transaction_as_the_secrets_user() {
    let scene = Scene::new("320000000002", "data-read", "reader").await;
    let statement = "select current_user as who, current_setting('transaction_read_only') as locked";
    let ended = scene.query(statement, &["--format", "json"]).await.expect(0);
    assert_eq!(ended.json(), json!([{ "who": "reader", "locked": "on" }]));
}

#[tokio::test]
async fn a_write_is_refused_and_an_elevated_one_is_committed() {
    let scene = Scene::new("320000000003", "data-write", "postgres").await;
    let owner = clients::postgres_superuser().await;
    owner.batch_execute("create table data_write as select 1 as id").await.expect("a table");
    let count = || async {
        let row = owner.query_one("select count(*) from data_write", &[]).await;
        row.expect("the table is there").get::<_, i64>(0)
    };
    let insert = "insert into data_write values (2), (3)";
    for statement in [insert, "select 1; drop table data_write"] {
        let refused = scene.query(statement, &[]).await.expect(4);
        assert!(refused.stderr.contains("refused by pg."), "{refused:?}");
    }
    let sealed = scene.query(insert, &["--elevate", "ticket 42", "--read-only"]).await.expect(4);
    assert_eq!(sealed.stdout, "");
    assert_eq!(count().await, 1);
    let done = scene.query(insert, &["--elevate", "ticket 42"]).await.expect(0);
    assert!(done.stderr.contains("2 changed"), "{done:?}");
    assert_eq!(count().await, 3);
}

#[tokio::test]
async fn a_bad_statement_comes_back_in_the_servers_words_and_leaves_nothing_open() {
    let scene = Scene::new("320000000004", "data-bad", "reader").await;
    let ended = scene.query("select no_such_column_71003", &[]).await.expect(1);
    assert!(ended.stdout.is_empty() && ended.stderr.contains("no_such_column_71003"), "{ended:?}");
    assert_none_left("71003").await;
    let missing = scene.query("select * from no_such_table_71004", &[]).await.expect(1);
    assert!(missing.stderr.contains("no_such_table_71004"), "{missing:?}");
    assert_none_left("71004").await;
}

#[tokio::test]
async fn a_cut_is_told() {
    let scene = Scene::new("320000000005", "data-cut", "reader").await;
    let statement = "select n from generate_series(1, 50) n";
    let ended = scene.query(statement, &["--format", "jsonl", "--max-rows", "20"]).await.expect(0);
    assert_eq!(ended.stdout.lines().count(), 20);
    assert!(ended.stderr.contains("TRUNCATED"), "{ended:?}");
    let whole = scene.query(statement, &["--format", "jsonl", "--max-rows", "50"]).await.expect(0);
    assert!(whole.stdout.lines().count() == 50 && !whole.stderr.contains("TRUNCATED"), "{whole:?}");
}

#[tokio::test]
async fn an_interrupted_read_is_rolled_back() {
    let scene = Scene::new("320000000006", "data-stop", "reader").await;
    let mut owner = clients::postgres_superuser().await;
    let watcher = clients::postgres_superuser().await;
    owner.batch_execute("create table data_stop as select 1 as id").await.expect("a table");
    // Whoever reads the table now waits.
    let lock = owner.transaction().await.expect("a transaction");
    lock.batch_execute("lock table data_stop in access exclusive mode").await.expect("a lock");
    let statement = "select id as stop_71005 from data_stop";
    let run = dbdeck::start(&servers::aws(), scene.account.0, &scene.arguments(statement, &[]), "").await;
    eventually("the read that waits", || async { (sessions(&watcher, "71005").await > 0).then_some(()) })
        .await;
    run.signal("INT").await;
    let ended = run.end().await.expect(130);
    assert_eq!(ended.stdout, "");
    lock.commit().await.expect("the table is free");
    assert_none_left("71005").await;
}

/// Waits until no other session has a statement with `mark` as its last one: a transaction left open would keep it.
async fn assert_none_left(mark: &str) {
    let watcher = clients::postgres_superuser().await;
    let gone = || async { (sessions(&watcher, mark).await == 0).then_some(()) };
    eventually("the end of the transaction", gone).await;
}

/// Sessions with a transaction whose last statement has `mark` in it.
async fn sessions(watcher: &tokio_postgres::Client, mark: &str) -> i64 {
    let asked = "select count(*) from pg_stat_activity where query like '%' || $1 || '%' and state <> 'idle' \
        and pid <> pg_backend_pid()";
    watcher.query_one(asked, &[&mark]).await.expect("an answer").get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_logs_in_by_a_secret_that_is_chosen_there() {
    let scene = Scene::new("320000000030", "data-console", "reader").await;
    let console = screen::console(&servers::aws(), &scene.account, &["-c", "aurora"]);
    let mut editor = Editor::on(console, "data-console");
    editor.command("engine");
    editor.command(&format!("secret {}", scene.secret));
    assert_eq!(editor.json("select current_user as who"), json!([{ "who": "reader" }]));
    editor.leave();
}
