//! The console on a real terminal in front of real servers: statements that are cancelled, networks that fail, and a
//! sealed session that nothing opens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use rustix::process::Signal;

use crate::between::{Between, Fate};
use crate::clients::{self, Account};
use crate::console::{CTRL_C, Console, ENTER, ESC, F5};
use crate::dbdeck;
use crate::doors;
use crate::servers::{self, eventually};

/// A statement cancelled from the console ends on its server within this time: what is promised, and on a machine
/// that is not busy many times what it takes.
const CANCELLED_WITHIN: Duration = Duration::from_secs(2);

/// Less than the shortest time after which a region that is silent would be given up.
const SILENCE: Duration = Duration::from_secs(50);

/// Escape as a sequence of its own: a bare one would make Alt and a key of what follows.
pub const ESCAPE: &str = "\x1b[27u";

pub fn console(endpoint: &str, account: &Account, more: &[&str]) -> Console {
    let mut arguments = vec!["--endpoint-url", endpoint, "--region", servers::REGION];
    arguments.extend(more);
    let variables = [
        ("AWS_ACCESS_KEY_ID", account.0),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CA_BUNDLE", &servers::ca()),
    ];
    Console::start_with(&arguments, 120, 40, &variables)
}

/// A console with a query tab on the one RDS row, whose first statement has run.
fn query_tab(account: &Account, row: &str) -> Console {
    let mut console = console(&servers::aws(), account, &["-c", "rds"]);
    console.shows(row);
    console.types("e");
    console.shows("type a statement");
    run(&mut console, "select 41 + 1 as answer");
    console.shows("Log in to localhost");
    console.types(&format!("{}{ENTER}", servers::password()));
    console.shows("1 rows");
    console
}

/// Replaces the editor's text and runs it.
pub fn run(console: &mut Console, statement: &str) {
    console.types(&format!("{ESCAPE}ggdGi{statement}{F5}"));
}

pub fn leave(console: Console) {
    console.signals(Signal::TERM);
    let (code, _) = console.ends();
    assert_eq!(code, 143);
}

/// A statement that runs for days.
fn endless(table: &str, mark: u32) -> String {
    format!("select count(*) from {table} a, {table} b, {table} c, {table} d where a.n + b.n + c.n < -{mark}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_on_postgres_is_cancelled_from_the_console() {
    let account = Account("330000000001");
    account.instance("stop-pg", "postgres", "reader").await;
    let owner = clients::postgres_superuser().await;
    owner
        .batch_execute("create table stop_pg as select n from generate_series(1, 2000) n")
        .await
        .expect("a table");
    let mut console = query_tab(&account, "stop-pg");
    for (keys, mark) in [(CTRL_C.to_owned(), 73_001), (format!("{ESC}{ESC}"), 73_002)] {
        let asked = format!(
            "select count(*) from pg_stat_activity where query like '%< -{mark}' and state = 'active' \
             and pid <> pg_backend_pid()"
        );
        let running = || async { owner.query_one(&asked, &[]).await.expect("an answer").get::<_, i64>(0) };
        run(&mut console, &endless("stop_pg", mark));
        eventually("the statement on the server", || async { (running().await > 0).then_some(()) }).await;
        let pressed = Instant::now();
        press(&mut console, &keys);
        eventually("its end on the server", || async { (running().await == 0).then_some(()) }).await;
        assert!(pressed.elapsed() < CANCELLED_WITHIN, "{keys:?}: {:?}", pressed.elapsed());
        console.shows("cancelled");
        // The tab goes on.
        run(&mut console, &format!("select {mark} + 1 as answer"));
        console.shows(&(mark + 1).to_string());
    }
    leave(console);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_on_mariadb_is_cancelled_from_the_console() {
    let account = Account("330000000002");
    account.instance("stop-maria", "mariadb", "reader").await;
    let scene = ["create table stop_maria (n int)", "insert into stop_maria select seq from seq_1_to_2000"];
    clients::mariadb_script("admin", &scene).await;
    let mut console = query_tab(&account, "stop-maria");
    for (keys, mark) in [(CTRL_C.to_owned(), 73_003), (format!("{ESC}{ESC}"), 73_004)] {
        let asked = format!(
            "select count(*) from information_schema.processlist where info like '%< -{mark}' \
             and id <> connection_id()"
        );
        let running = || async {
            let mut watcher = clients::mariadb("admin").await.expect("a watcher");
            let count: Option<u64> = watcher.query_first(&asked).await.expect("an answer");
            watcher.disconnect().await.expect("a clean end");
            count.unwrap_or(0)
        };
        run(&mut console, &endless("stop_maria", mark));
        eventually("the statement on the server", || async { (running().await > 0).then_some(()) }).await;
        let pressed = Instant::now();
        press(&mut console, &keys);
        eventually("its end on the server", || async { (running().await == 0).then_some(()) }).await;
        assert!(pressed.elapsed() < CANCELLED_WITHIN, "{keys:?}: {:?}", pressed.elapsed());
        console.shows("cancelled");
        run(&mut console, &format!("select {mark} + 1 as answer"));
        console.shows(&(mark + 1).to_string());
    }
    leave(console);
}

/// Presses the keys one by one: two Escs in one read are Alt-Esc.
fn press(console: &mut Console, keys: &str) {
    let mut keys = keys.chars();
    if let Some(first) = keys.next() {
        console.types(&first.to_string());
    }
    for key in keys {
        console.shows("Esc again cancels");
        console.types(&key.to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_dies_under_a_statement_leaves_its_rows_and_says_so() {
    let account = Account("330000000003");
    account.instance("cut-pg", "postgres", "reader").await;
    let mut console = query_tab(&account, "cut-pg");
    let door = doors::cut_after(servers::postgres(), 200_000).await;
    console.types(&format!("{ESCAPE}:address {}{ENTER}", door.address));
    console.shows(&format!("by way of {}", door.address));
    run(&mut console, "select n, repeat('x', 50) as wide from generate_series(1, 1000000) n");
    console.shows("Log in to localhost");
    console.types(&format!("{}{ENTER}", servers::password()));
    console.shows("the rows below are what had come");
    console.shows("closed");
    console.shows("xxxxxxxxxx");
    leave(console);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_region_and_a_silent_one_hide_nothing_of_the_others() {
    let account = Account("330000000004");
    account.instance("alive-pg", "postgres", "postgres").await;
    let between = Between::new(|asked, _| match &*asked.region {
        "eu-west-1" => Fate::Reset,
        "ap-southeast-2" => Fate::Silence,
        _ => Fate::Passes,
    })
    .await;
    let console = console(
        &between.url,
        &account,
        &["-c", "rds", "--region", "eu-west-1", "--region", "ap-southeast-2"],
    );
    let started = Instant::now();
    console.shows("alive-pg");
    assert!(started.elapsed() < SILENCE, "{:?}", started.elapsed());
    console.shows("! default/eu-west-1:");
    console.shows("nothing to show yet");
    console.shows("alive-pg");
    // The silent region holds nobody up.
    let leaving = Instant::now();
    leave(console);
    assert!(leaving.elapsed() < SILENCE, "{:?}", leaving.elapsed());
    assert!(between.asked().iter().any(|asked| asked.region == "ap-southeast-2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_that_expire_are_named_and_the_rows_stay_with_their_age() {
    let account = Account("330000000005");
    account.instance("aged-pg", "postgres", "postgres").await;
    let expired = Arc::new(AtomicBool::new(false));
    let now = expired.clone();
    let between = Between::new(move |_, _| {
        if now.load(Ordering::SeqCst) {
            let body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>\
                <Message>The security token included in the request is expired</Message></Error>\
                <RequestId>r</RequestId></ErrorResponse>";
            Fate::Answered("403 Forbidden", "text/xml", body.to_owned())
        } else {
            Fate::Passes
        }
    })
    .await;
    let mut console = console(&between.url, &account, &["-c", "rds"]);
    console.shows("aged-pg");
    console.shows("1 of 1");
    expired.store(true, Ordering::SeqCst);
    // Answers of the last seconds are still good for whoever asks again: the refresh after those is what fails.
    console.types(&format!(":refresh 5{ENTER}"));
    console.shows("ExpiredToken");
    console.shows("showing data of");
    console.shows("aged-pg");
    console.types(&format!(":errors{ENTER}"));
    console.shows("aws sso login");
    console.types(ESCAPE);
    console.hides("aws sso login");
    expired.store(false, Ordering::SeqCst);
    console.types(&format!(":refresh{ENTER}"));
    console.hides("showing data of");
    console.shows("aged-pg");
    leave(console);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_opens_no_dialog_and_the_inventory_is_whole() {
    let account = Account("330000000006");
    for id in ["slow-a", "slow-b", "slow-c"] {
        account.instance(id, "postgres", "postgres").await;
    }
    let between = Between::new(|_, before| match before {
        0 => {
            let body = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>\
                <Message>Rate exceeded</Message></Error><RequestId>r</RequestId></ErrorResponse>";
            Fate::Answered("400 Bad Request", "text/xml", body.to_owned())
        }
        _ => Fate::Passes,
    })
    .await;
    let console = console(&between.url, &account, &["-c", "rds"]);
    for id in ["slow-a", "slow-b", "slow-c", "3 of 3"] {
        console.shows(id);
    }
    console.hides("Rate exceeded");
    leave(console);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_opens_a_sealed_session() {
    let account = Account("330000000007");
    account.instance("sealed-pg", "postgres", "postgres").await;
    let between = Between::new(|_, _| Fate::Passes).await;
    let keys = dbdeck::run(&servers::aws(), account.0, &["keys"], "").await.expect(0);
    let is_name = |word: &&str| {
        let letters =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        word.split_once('.').is_some_and(|(noun, verb)| letters(noun) && letters(verb))
    };
    let mut names: Vec<&str> = keys.stdout.split_whitespace().filter(is_name).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !matches!(*name, "app.quit" | "app.suspend" | "query.edit-external" | "row.open"));
    assert!(names.len() > 60, "{names:?}");
    let mut console = console(&between.url, &account, &["-c", "rds", "--read-only"]);
    console.shows("sealed-pg");
    console.types(&format!(":elevate 15m because{ENTER}"));
    console.shows("sealed");
    for name in names {
        console.types(&format!(":{name}{ENTER}"));
        console.hides(&format!(":{name}"));
        // Whatever opened: its first entry, then back.
        console.types(&format!("{ENTER}{ESCAPE}{ESCAPE}{ESCAPE}:rds{ENTER}"));
        console.hides(":rds");
        console.until("no elevation", |screen| !screen.contains("ELEVATED"));
    }
    let operations =
        dbdeck::run(&between.url, account.0, &["op", "rds:sealed-pg", "--read-only"], "").await.expect(0);
    // A line each, beneath the heads.
    let lines = operations.stdout.lines().skip(1);
    let offered: Vec<Vec<&str>> =
        lines.map(|line| line.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect()).collect();
    assert!(offered.len() > 3, "{operations:?}");
    for operation in offered {
        let id = operation[0];
        // The last column names its fields, where it has any: all are filled in.
        let fields: Vec<String> = operation
            .get(5)
            .map_or_else(Vec::new, |fields| fields.split(' ').map(|field| format!("{field}=x")).collect());
        let mut arguments =
            vec!["op", "rds:sealed-pg", id, "--confirm", "sealed-pg", "--reason", "x", "--read-only"];
        for field in &fields {
            arguments.extend(["--set", field]);
        }
        let ended = dbdeck::run(&between.url, account.0, &arguments, "").await.expect(4);
        assert!(!ended.stderr.is_empty(), "{id}");
    }
    console.shows("sealed-pg");
    leave(console);
    let asked = between.asked();
    assert!(!asked.is_empty());
    let reads = ["Describe", "List", "Get"];
    let other: Vec<_> = asked.iter().filter(|a| !reads.iter().any(|r| a.operation.starts_with(r))).collect();
    assert!(other.is_empty(), "{other:?}");
}
