//! Whatever AWS may answer: dbdeck asks only what AWS's models allow, and no answer may crash it, vanish silently or
//! reach the terminal as it came.

use futures_util::StreamExt;

use crate::clients::Account;
use crate::console::ENTER;
use crate::dbdeck::{self, Ended};
use crate::models::{self, Call};
use crate::{screen, servers};

const ACCOUNT: &str = "123456789012";

/// How many hostile worlds each command meets.
const SEEDS: u32 = 40;

/// How many of them each single service meets at a time.
const SEEDS_EACH: u32 = 12;

/// After how many no service may still wait for a world in which it is listed.
const SEEDS_MOST: usize = 48;

/// Every service that asks AWS for anything.
const SERVICES: &[&str] = &[
    "rds",
    "aurora",
    "dynamodb",
    "redshift",
    "neptune",
    "elasticache",
    "memorydb",
    "docdb",
    "timestream",
    "keyspaces",
    "dsql",
    "dax",
];

/// How many of them at once: the model server shares the machine.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn every_request_is_one_that_the_models_allow() {
    let commands: &[&[&str]] = &[
        &["list", "--format", "json"],
        &["list", "rds", "--format", "json"],
        &["list", "aurora", "--format", "json"],
        &["list", "dynamodb", "--format", "json"],
        &["list", "redshift", "--format", "json"],
        &["query", "dynamodb:Music", "select * from \"Music\" where \"Artist\" = 'No One You Know'"],
    ];
    for (command, seed) in commands.iter().zip(1..) {
        let url = servers::model(seed);
        let ended = dbdeck::run(&url, ACCOUNT, command, "").await;
        let calls = models::calls(&url).await;
        assert!(!calls.is_empty(), "{command:?} asked nothing: {ended:?}");
        let wrong: Vec<&Call> = calls.iter().filter(|call| !call.valid).collect();
        assert!(wrong.is_empty(), "{command:?}: {wrong:#?}");
        assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
    }
}

#[tokio::test]
async fn throttling_costs_time_and_nothing_else() {
    let command = ["list", "rds", "--format", "json"];
    let calm = dbdeck::run(&servers::model(50), ACCOUNT, &command, "").await.expect(0);
    let url = servers::throttled(50);
    let throttled = dbdeck::run(&url, ACCOUNT, &command, "").await.expect(0);
    assert!(models::calls(&url).await.iter().any(|call| call.answered == "throttled"));
    assert_eq!(throttled.json(), calm.json());
}

#[tokio::test]
async fn expired_credentials_are_named() {
    let ended =
        dbdeck::run(&servers::expired(1), ACCOUNT, &["list", "rds", "--format", "json"], "").await.expect(3);
    assert!(ended.stderr.contains("expired"), "{ended:?}");
}

#[tokio::test]
async fn an_endpoint_where_nobody_listens_is_named() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = held.local_addr().expect("an address").to_string();
    drop(held);
    let url = format!("http://{address}");
    let ended = dbdeck::run(&url, ACCOUNT, &["list", "rds", "--format", "json"], "").await.expect(3);
    assert!(!ended.stderr.is_empty(), "{ended:?}");
}

/// A detail view asks AWS Health when the support of the engine's version ends, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_detail_asks_aws_health_as_its_model_allows() {
    let url = servers::model(70_001);
    let mut console = screen::console(&url, &Account(ACCOUNT), &["-c", "elasticache"]);
    console.shows("clustered-redis");
    console.types(&format!("/clustered-redis{ENTER}{ENTER}"));
    let health = || async {
        let calls = models::calls(&url).await;
        let health: Vec<_> = calls.into_iter().filter(|c| c.service.as_deref() == Some("health")).collect();
        (!health.is_empty()).then_some(health)
    };
    let calls = servers::eventually("a question to AWS Health", health).await;
    assert_eq!(calls[0].operation.as_deref(), Some("DescribeServiceLifecycle"));
    assert!(calls.iter().all(|call| call.valid), "{calls:?}");
    screen::leave(console);
}

/// The fleet of every service in one listing: one bad answer among some thirty APIs fails it, so that here some rows
/// are asked for, and a world that is wholly listed of each service below.
#[tokio::test]
async fn no_listing_survives_only_by_luck() {
    let command = ["list", "--format", "json"];
    let all = survive(10_000, SEEDS, &command, json_or_failure).await;
    let rows = |ended: &&Ended| ended.stdout.lines().any(|line| line.contains("\"arn\""));
    assert!(all.iter().filter(rows).count() > 0, "some of {SEEDS} worlds show rows");
}

#[tokio::test]
async fn each_service_is_wholly_listed_in_some_world() {
    for (service, first) in SERVICES.iter().zip((40_000..).step_by(100)) {
        let command = ["list", service, "--format", "json"];
        let mut all = Vec::new();
        // Some services ask for each of their rows: more worlds pass before one is whole.
        while all.len() < SEEDS_MOST && all.iter().all(|ended: &Ended| ended.code != Some(0)) {
            let next = first + u32::try_from(all.len()).expect("a few");
            all.extend(survive(next, SEEDS_EACH, &command, json_or_failure).await);
        }
        assert_some_success(&all, &command);
    }
}

#[tokio::test]
async fn no_statement_survives_only_by_luck() {
    let command = ["query", "dynamodb:t", "select * from \"t\"", "--format", "json"];
    assert_some_success(&survive(20_000, SEEDS, &command, json_or_failure).await, &command);
}

#[tokio::test]
async fn a_table_on_the_terminal_stays_clean() {
    let command = ["query", "dynamodb:t", "select * from \"t\"", "--format", "table"];
    assert_some_success(&survive(30_000, SEEDS, &command, |_| ()).await, &command);
}

/// Runs `command` in `seeds` hostile worlds, numbered from `first`; how each ended.
async fn survive(first: u32, seeds: u32, command: &[&str], check: fn(&Ended)) -> Vec<Ended> {
    let runs = (first..first + seeds).map(|seed| async move {
        let url = servers::hostile(seed);
        let ended = dbdeck::run(&url, ACCOUNT, command, "").await;
        (seed, ended, models::calls(&url).await)
    });
    let mut runs = futures_util::stream::iter(runs).buffer_unordered(AT_ONCE);
    let mut all = Vec::new();
    while let Some((seed, ended, calls)) = runs.next().await {
        let shown = format!("{command:?}, seed {seed}: {ended:?}\n{calls:#?}");
        assert!(matches!(ended.code, Some(0 | 1 | 3)), "an exit code that says something: {shown}");
        assert!(ended.code == Some(0) || !ended.stderr.is_empty(), "a failure is told: {shown}");
        let faults = calls.iter().any(|call| call.answered != "output");
        assert!(!faults || !ended.stderr.is_empty(), "no answer vanishes silently: {shown}");
        assert!(calls.iter().all(|call| call.valid), "whatever was answered before: {shown}");
        assert_eq!(ended.dirt(), None, "the terminal stays clean: {shown}");
        check(&ended);
        all.push(ended);
    }
    all
}

#[track_caller]
fn assert_some_success(all: &[Ended], command: &[&str]) {
    let succeeded = all.iter().filter(|ended| ended.code == Some(0)).count();
    assert!(succeeded > 0, "some of {} worlds succeed: {command:?}", all.len());
}

fn json_or_failure(ended: &Ended) {
    if ended.code == Some(0) || !ended.stdout.is_empty() {
        ended.json();
    }
}
