//! What networks and services do between dbdeck and AWS, through the headless commands: nothing is lost that came,
//! nothing hangs, and every gap is told.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::between::{Asked, Between, Fate};
use crate::clients::{self, Account};
use crate::dbdeck::{self, Ended};
use crate::doors;
use crate::servers;

const LISTING: &str = "DescribeDBInstances";

async fn list(between: &Between, account: &str, more: &[&str]) -> Ended {
    let mut arguments = vec!["list", "rds", "--format", "json"];
    arguments.extend(more);
    dbdeck::run(&between.url, account, &arguments, "").await
}

fn ids(ended: &Ended) -> Vec<String> {
    let listed = ended.json();
    let rows = listed.as_array().expect("an array");
    rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect()
}

/// An error in the form of the Query protocol.
fn refusal(status: &'static str, code: &str, message: &str) -> Fate {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>"
    );
    Fate::Answered(status, "text/xml", body)
}

#[tokio::test]
async fn a_dead_region_hides_nothing_of_the_others_and_is_told() {
    let account = Account("340000000001");
    account.instance("alive", "postgres", "postgres").await;
    let between =
        Between::new(|asked, _| if asked.region == "eu-west-1" { Fate::Reset } else { Fate::Passes }).await;
    let ended = list(&between, account.0, &["--region", "eu-west-1"]).await.expect(3);
    assert_eq!(ids(&ended), ["alive"]);
    assert!(ended.stderr.contains("eu-west-1"), "{ended:?}");
}

#[tokio::test]
async fn half_of_all_calls_throttled_lose_nothing() {
    let account = Account("340000000002");
    for id in ["one", "two", "three"] {
        account.instance(id, "mariadb", "admin").await;
    }
    let between = Between::new(|_, before| match before {
        0 => refusal("400 Bad Request", "Throttling", "Rate exceeded"),
        _ => Fate::Passes,
    })
    .await;
    let ended = list(&between, account.0, &["--region", "eu-west-1"]).await.expect(0);
    let mut listed = ids(&ended);
    listed.sort();
    assert_eq!(listed, ["one", "three", "two"]);
    assert!(
        !ended.stderr.contains("Rate exceeded"),
        "what was asked again with success is no news: {ended:?}"
    );
}

/// A page of instances.
fn page(ids: &[&str], marker: Option<&str>) -> Fate {
    let instances: String = ids
        .iter()
        .map(|id| {
            format!(
                "<DBInstance><DBInstanceIdentifier>{id}</DBInstanceIdentifier><Engine>postgres</Engine>\
                 <DBInstanceStatus>available</DBInstanceStatus></DBInstance>"
            )
        })
        .collect();
    let marker = marker.map_or_else(String::new, |marker| format!("<Marker>{marker}</Marker>"));
    let body = format!(
        "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
         <DescribeDBInstancesResult><DBInstances>{instances}</DBInstances>{marker}</DescribeDBInstancesResult>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DescribeDBInstancesResponse>"
    );
    Fate::Answered("200 OK", "text/xml", body)
}

/// The marker that a request goes on from.
fn marker(asked: &Asked) -> &str {
    asked.body.split('&').find_map(|pair| pair.strip_prefix("Marker=")).unwrap_or_default()
}

#[tokio::test]
async fn paging_ends_whatever_the_tokens_do_and_counts_each_row_once() {
    type Pages = fn(&str) -> Fate;
    let cases: &[(&str, Pages, &[&str], usize, bool)] = &[
        ("the same token forever", |_| page(&["a"], Some("A")), &["a"], 2, true),
        (
            "two tokens in turn",
            |marker| match marker {
                "" => page(&["a"], Some("A")),
                "A" => page(&["b"], Some("B")),
                _ => page(&["c"], Some("A")),
            },
            &["a", "b", "c"],
            3,
            true,
        ),
        (
            "an empty page with a token",
            |marker| if marker.is_empty() { page(&[], Some("A")) } else { page(&["a"], None) },
            &["a"],
            2,
            false,
        ),
        ("an empty token", |_| page(&["a"], Some("")), &["a"], 1, false),
        (
            "an empty last page",
            |marker| if marker.is_empty() { page(&["a"], Some("A")) } else { page(&[], None) },
            &["a"],
            2,
            false,
        ),
    ];
    for (what, pages, rows, calls, cut) in cases {
        let pages = *pages;
        let between =
            Between::new(
                move |asked, _| {
                    if asked.operation == LISTING { pages(marker(asked)) } else { Fate::Passes }
                },
            )
            .await;
        let ended = list(&between, "340000000003", &[]).await.expect(0);
        assert_eq!(ids(&ended), *rows, "{what}: {ended:?}");
        assert_eq!(ended.stderr.contains("cut"), *cut, "{what}: {ended:?}");
        let asked = between.asked().iter().filter(|asked| asked.operation == LISTING).count();
        assert_eq!(asked, *calls, "{what}");
    }
}

#[tokio::test]
async fn a_captive_portal_is_not_taken_for_aws() {
    for status in ["200 OK", "302 Found", "511 Network Authentication Required"] {
        let body = "<html><title>Wi-Fi\x1b]0;owned\x07</title><body>Log in to go on</body></html>".to_owned();
        let between = Between::new(move |_, _| Fate::Answered(status, "text/html", body.clone())).await;
        let ended = list(&between, "340000000004", &[]).await;
        assert!(matches!(ended.code, Some(1 | 3)), "{status}: {ended:?}");
        assert!(ended.stderr.contains("is the endpoint really AWS"), "{status}: {ended:?}");
        assert!(!ended.stderr.contains('\x1b'), "{status}: {ended:?}");
        assert_eq!(ended.json(), Value::Array(Vec::new()), "{status}");
    }
}

#[tokio::test]
async fn half_an_answer_is_asked_for_again_and_then_told() {
    let account = Account("340000000005");
    account.instance("whole", "postgres", "postgres").await;
    let once = Between::new(|_, before| if before == 0 { Fate::HalfAnswered } else { Fate::Passes }).await;
    let ended = list(&once, account.0, &[]).await.expect(0);
    assert_eq!(ids(&ended), ["whole"]);
    let always =
        Between::new(|asked, _| if asked.operation == LISTING { Fate::HalfAnswered } else { Fate::Passes })
            .await;
    let ended = list(&always, account.0, &[]).await;
    assert!(matches!(ended.code, Some(1 | 3)) && !ended.stderr.is_empty(), "{ended:?}");
}

#[tokio::test]
async fn an_endless_error_message_is_cut_short() {
    let long = "<![CDATA[\u{202e}".to_owned() + &"long ".repeat(2_000_000) + "]]>";
    let between = Between::new(move |_, _| refusal("400 Bad Request", "InvalidParameterValue", &long)).await;
    let ended = list(&between, "340000000006", &[]).await.expect(1);
    assert!(ended.stderr.contains("InvalidParameterValue"), "{:.300}", ended.stderr);
    assert!(ended.stderr.len() < 8_000, "{} bytes", ended.stderr.len());
    assert!(!ended.stderr.contains('\u{202e}'));
}

#[tokio::test]
async fn an_answer_that_stalls_is_given_up() {
    let between =
        Between::new(|asked, _| if asked.operation == LISTING { Fate::Stalls } else { Fate::Passes }).await;
    let started = Instant::now();
    let ended = list(&between, "340000000007", &[]).await;
    assert!(matches!(ended.code, Some(1 | 3)) && !ended.stderr.is_empty(), "{ended:?}");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_credential_process_that_hangs_is_given_up_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config");
    std::fs::write(&config, "[default]\ncredential_process = /bin/sleep 90\n").expect("a file");
    let variables = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_CONFIG_FILE", config.to_str().expect("a path")),
        ("PATH", "/usr/bin:/bin"),
    ];
    let started = Instant::now();
    let arguments = ["list", "rds", "--format", "json"];
    let ended =
        dbdeck::start_with(&servers::aws(), "", &arguments, "", &variables).await.end().await.expect(3);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(ended.stderr.contains("~/.aws/config"), "the next step: {ended:?}");
}

#[tokio::test]
async fn a_network_that_dies_under_a_statement_is_told_and_no_part_passes_for_the_whole() {
    let account = Account("340000000008");
    account.instance("cut-pg", "postgres", "reader").await;
    let door = doors::cut_after(servers::postgres(), 300_000).await;
    let statement = "select n, repeat('x', 50) as wide from generate_series(1, 1000000) n";
    let arguments = [
        "query",
        "rds:cut-pg/shop",
        statement,
        "--password-fd",
        "0",
        "--address",
        &door.address,
        "--format",
        "json",
    ];
    let input = format!("{}\n", servers::password());
    let ended = dbdeck::run(&servers::aws(), account.0, &arguments, &input).await.expect(3);
    assert_eq!(ended.stdout, "");
    assert!(ended.stderr.contains("closed"), "{ended:?}");
    // The server does not go on for nobody.
    let owner = clients::postgres_superuser().await;
    servers::eventually("its end on the server", || async {
        let asked = "select count(*) from pg_stat_activity where query like '%repeat(''x'', 50)%' \
            and state = 'active' and pid <> pg_backend_pid() and application_name = 'dbdeck'";
        let left: i64 = owner.query_one(asked, &[]).await.expect("an answer").get(0);
        (left == 0).then_some(())
    })
    .await;
}
