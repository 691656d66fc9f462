//! MySQL 8 as it is, where it differs from MariaDB: its login methods, its variables, its error numbers.

use mysql_async::prelude::Queryable;
use serde_json::json;

use crate::clients::{self, Account};
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::screen;
use crate::servers::{self, eventually};

async fn query(account: &Account, row: &str, statement: &str, user: &str, more: &[&str]) -> Ended {
    let mut arguments =
        vec!["query", row, statement, "--user", user, "--password-fd", "0", "--format", "json"];
    arguments.extend(more);
    dbdeck::run(&servers::aws(), account.0, &arguments, &format!("{}\n", servers::password())).await
}

#[tokio::test]
async fn every_login_method_of_mysql_is_spoken() {
    let account = Account("350000000001");
    account.instance("login-mysql", "mysql", "admin").await;
    // The first login of a user sends the password inside TLS; the server then knows it, and the next one proves it.
    for user in ["reader", "reader", "elder", "wordy"] {
        let statement = "select current_user() as who, version() as version";
        let ended = query(&account, "rds:login-mysql/shop", statement, user, &[]).await.expect(0);
        assert_eq!(ended.json(), json!([{ "who": format!("{user}@%"), "version": "8.0.15" }]));
    }
    for user in ["reader", "elder", "wordy"] {
        let arguments = ["query", "rds:login-mysql/shop", "select 1", "--user", user, "--password-fd", "0"];
        let denied = dbdeck::run(&servers::aws(), account.0, &arguments, "wrong-word\n").await.expect(3);
        assert!(denied.stderr.contains("--user"), "the next step: {denied:?}");
        assert!(!denied.stderr.contains("wrong-word"), "a password is never shown");
    }
}

#[tokio::test]
async fn a_read_is_locked_and_an_elevated_write_is_committed() {
    let account = Account("350000000002");
    account.instance("lock-mysql", "mysql", "admin").await;
    let scene = [
        "create table lock_mysql (id int, name text, exact decimal(30, 5), bytes blob, document json)",
        "insert into lock_mysql values (7, 'zwölf', 12345678901234567890.5, x'deadbeef', '{\"k\": [1]}')",
    ];
    clients::mysql_script(&scene).await;
    let statement =
        "select id, name, exact, bytes, document, @@session.transaction_read_only as locked from lock_mysql";
    let ended = query(&account, "rds:lock-mysql/shop", statement, "admin", &[]).await.expect(0);
    let row = &ended.json()[0];
    assert_eq!((&row["id"], &row["name"], &row["locked"]), (&json!(7), &json!("zwölf"), &json!(1)));
    assert_eq!((&row["bytes"], &row["document"]), (&json!("deadbeef"), &json!({ "k": [1] })));
    assert!(ended.stdout.contains("12345678901234567890.5"), "every digit: {}", ended.stdout);
    let insert = "insert into lock_mysql (id) values (8), (9)";
    query(&account, "rds:lock-mysql/shop", insert, "admin", &[]).await.expect(4);
    let more = ["--elevate", "ticket 42"];
    let done = query(&account, "rds:lock-mysql/shop", insert, "admin", &more).await.expect(0);
    assert!(done.stderr.contains("2 changed"), "{done:?}");
    let mut watcher = clients::mysql("admin").await.expect("a watcher");
    let count: Option<u64> = watcher.query_first("select count(*) from lock_mysql").await.expect("a count");
    watcher.disconnect().await.expect("a clean end");
    assert_eq!(count, Some(3));
}

#[tokio::test]
async fn an_interrupted_statement_ends_on_mysql() {
    let account = Account("350000000003");
    account.instance("stop-mysql", "mysql", "admin").await;
    let scene = [
        "create table stop_mysql (n int)",
        "insert into stop_mysql with recursive s (n) as (select 1 union all select n + 1 from s where n < 1000) \
         select n from s",
    ];
    clients::mysql_script(&scene).await;
    let statement = "select count(*) from stop_mysql a, stop_mysql b, stop_mysql c, stop_mysql d \
        where a.n + b.n + c.n + d.n < -71006";
    let arguments = ["query", "rds:stop-mysql/shop", statement, "--user", "reader", "--password-fd", "0"];
    let input = format!("{}\n", servers::password());
    let run = dbdeck::start(&servers::aws(), account.0, &arguments, &input).await;
    let running = || async {
        let mut watcher = clients::mysql("admin").await.expect("a watcher");
        let asked = "select count(*) from information_schema.processlist where info like '%< -71006%' \
            and id <> connection_id()";
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_drawn_with_the_costs_and_rows_that_the_server_tells() {
    let table = [
        "create table shop.plan_join (id int primary key, other int)",
        "insert into shop.plan_join values (1, 2), (2, 3), (3, 1)",
    ];
    clients::mysql_script(&table).await;
    clients::mariadb_script("admin", &table).await;
    let asked = "select a.id from shop.plan_join a join shop.plan_join b on b.id = a.other where a.other > 1";
    // MariaDB 10.11 tells no costs, in JSON neither.
    for (account, row, told) in [("350000000020", "mysql", "cost "), ("350000000021", "mariadb", "rows ")] {
        let (account, name) = (Account(account), format!("plan-{row}"));
        account.instance(&name, row, "admin").await;
        let secret = account.secret(&name, "admin").await;
        let console = screen::console(&servers::aws(), &account, &["-c", "rds"]);
        let mut editor = Editor::on(console, &name);
        editor.command(&format!("secret {secret}"));
        let drawn = editor.plan(asked, " on b using PRIMARY");
        assert!(drawn.contains("nested loop") && drawn.contains(" on a") && drawn.contains(told), "{drawn}");
        editor.leave();
    }
}
