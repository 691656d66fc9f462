//! Whatever AWS may answer: dbdeck asks only what AWS's models allow, and no answer may crash it, vanish silently or
//! reach the terminal as it came.

use futures_util::StreamExt;

use crate::dbdeck::{self, Ended};
use crate::models::{self, Call};
use crate::servers;

const ACCOUNT: &str = "123456789012";

/// How many hostile worlds each command meets.
const SEEDS: u32 = 40;

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

#[tokio::test]
async fn no_listing_survives_only_by_luck() {
    survive(10_000, &["list", "--format", "json"], json_or_failure).await;
}

#[tokio::test]
async fn no_statement_survives_only_by_luck() {
    survive(20_000, &["query", "dynamodb:t", "select * from \"t\"", "--format", "json"], json_or_failure)
        .await;
}

#[tokio::test]
async fn a_table_on_the_terminal_stays_clean() {
    survive(30_000, &["query", "dynamodb:t", "select * from \"t\"", "--format", "table"], |_| ()).await;
}

/// Runs `command` in `SEEDS` hostile worlds, numbered from `first`.
async fn survive(first: u32, command: &[&str], check: fn(&Ended)) {
    let runs = (first..first + SEEDS).map(|seed| async move {
        let url = servers::hostile(seed);
        let ended = dbdeck::run(&url, ACCOUNT, command, "").await;
        (seed, ended, models::calls(&url).await)
    });
    let mut runs = futures_util::stream::iter(runs).buffer_unordered(AT_ONCE);
    let mut succeeded = 0;
    while let Some((seed, ended, calls)) = runs.next().await {
        let shown = format!("seed {seed}: {ended:?}\n{calls:#?}");
        assert!(matches!(ended.code, Some(0 | 1 | 3)), "an exit code that says something: {shown}");
        assert!(ended.code == Some(0) || !ended.stderr.is_empty(), "a failure is told: {shown}");
        let faults = calls.iter().any(|call| call.answered != "output");
        assert!(!faults || !ended.stderr.is_empty(), "no answer vanishes silently: {shown}");
        assert!(calls.iter().all(|call| call.valid), "whatever was answered before: {shown}");
        for text in [&ended.stdout, &ended.stderr] {
            let dirty = text.chars().find(|c| (c.is_control() && *c != '\n') || is_bidi(*c));
            assert_eq!(dirty, None, "the terminal stays clean: {shown}");
        }
        check(&ended);
        succeeded += u32::from(ended.code == Some(0));
    }
    assert!(succeeded > 0, "some of {SEEDS} worlds can be listed: {command:?}");
}

fn json_or_failure(ended: &Ended) {
    if ended.code == Some(0) || !ended.stdout.is_empty() {
        ended.json();
    }
}

/// Characters that turn the direction of what follows.
const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
