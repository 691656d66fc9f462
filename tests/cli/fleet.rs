//! Looking at the fleet, and at the program itself.

use crate::binary::{dbdeck, dbdeck_with};
use serde_json::Value;
use std::collections::BTreeSet;

fn words<'a>(records: &'a [Value], key: &str) -> BTreeSet<&'a str> {
    records.iter().map(|r| r[key].as_str().unwrap_or_else(|| panic!("{key} in {r}"))).collect()
}

fn arn(record: &Value) -> &str {
    record["arn"].as_str().expect("an ARN")
}

/// What AWS gives no ARN; none is made up for it.
const BARE: &[[&str; 2]] = &[["dax", "node"], ["memorydb", "node"], ["timestream", "settings"]];

#[test]
fn the_fleet_is_one_json_array() {
    let ended = dbdeck(&["list", "--demo", "--format", "json"]);
    assert_eq!(ended.err, "", "nothing to say when all went well");
    let all = ended.json();
    let all = all.as_array().expect("one array");
    assert!(all.len() >= 50, "{} resources", all.len());
    for record in all {
        for key in ["service", "kind", "id", "arn", "region", "status"] {
            let none = key == "arn" && BARE.iter().any(|bare| [&record["service"], &record["kind"]] == *bare);
            assert!(record[key].as_str().is_some_and(|text| text.is_empty() == none), "{key} in {record}");
        }
        assert!(record["problems"].is_array() && record["details"].is_object(), "{record}");
    }
    assert_eq!(words(all, "region"), BTreeSet::from(["ap-southeast-2", "eu-west-1", "us-east-1"]));
    assert_eq!(
        words(all, "service"),
        BTreeSet::from([
            "aurora",
            "dax",
            "docdb",
            "dsql",
            "dynamodb",
            "elasticache",
            "keyspaces",
            "memorydb",
            "neptune",
            "rds",
            "redshift",
            "timestream"
        ])
    );
    // A global cluster has one ARN and is told by each of its regions.
    let named: Vec<_> = all.iter().filter(|r| r["arn"] != "").collect();
    let once: BTreeSet<_> = named.iter().map(|r| (arn(r), r["region"].as_str())).collect();
    assert_eq!(once.len(), named.len(), "each ARN once");
    let word = |r: &Value, key: &str| r[key].as_str().unwrap_or_default().to_owned();
    let once: BTreeSet<_> =
        all.iter().map(|r| ["service", "kind", "id", "region"].map(|key| word(r, key))).collect();
    assert_eq!(once.len(), all.len(), "each resource once");
}

#[test]
fn the_estate_is_the_same_every_time() {
    let ids = || {
        let all = dbdeck(&["list", "--demo", "--format", "json"]).json();
        all.as_array().expect("one array").iter().map(|r| r["arn"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(), ids());
}

#[test]
fn one_service_one_region_or_only_what_is_wrong() {
    for name in ["dynamodb", "ddb"] {
        let tables = dbdeck(&["list", name, "--demo", "--format", "json"]).json();
        let tables = tables.as_array().expect("one array");
        assert_eq!(words(tables, "service"), BTreeSet::from(["dynamodb"]));
        assert!(words(tables, "id").contains("ml-features"));
    }
    let here = dbdeck(&["list", "--demo", "--region", "us-east-1", "--format", "json"]).json();
    assert_eq!(words(here.as_array().expect("one array"), "region"), BTreeSet::from(["us-east-1"]));

    let all = dbdeck(&["list", "--demo", "--format", "json"]).json();
    let wrong = dbdeck(&["list", "--problems", "--demo", "--format", "json"]).json();
    let (all, wrong) = (all.as_array().expect("one array"), wrong.as_array().expect("one array"));
    let expected: Vec<_> =
        all.iter().filter(|r| r["problems"] != Value::Array(Vec::new())).map(arn).collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(wrong.iter().map(arn).collect::<Vec<_>>(), expected);
}

#[test]
fn the_same_fleet_in_every_format() {
    let json = dbdeck(&["list", "rds", "--demo", "--format", "json"]).json();
    let json = json.as_array().expect("one array");
    let jsonl = dbdeck(&["list", "rds", "--demo", "--format", "jsonl"]);
    // The demo's clock runs on between two listings, so dates differ and names do not.
    assert_eq!(jsonl.lines().iter().map(arn).collect::<Vec<_>>(), json.iter().map(arn).collect::<Vec<_>>());
    let csv = dbdeck(&["list", "rds", "--demo", "--format", "csv"]).well();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let ids: Vec<_> = reader.records().map(|r| r.expect("a record")[2].to_owned()).collect();
    assert_eq!(ids, json.iter().map(|r| r["id"].as_str().expect("an id")).collect::<Vec<_>>());
    let table = dbdeck(&["list", "rds", "--demo"]).well();
    assert_eq!(table.lines().count(), json.len() + 1, "a head and one line each");
    assert!(table.lines().next().is_some_and(|head| head.starts_with("service")));
}

#[test]
fn metrics_are_points_in_time() {
    let points = dbdeck(&["metrics", "rds:orders", "--demo", "--format", "json"]).json();
    let points = points.as_array().expect("one array");
    assert!(words(points, "metric").contains("cpu"));
    assert!(words(points, "name").contains("CPUUtilization"));
    let cpu: Vec<_> = points.iter().filter(|p| p["metric"] == "cpu").collect();
    assert!(cpu.len() > 10, "an hour has more than {} points", cpu.len());
    let times: Vec<_> = cpu.iter().map(|p| p["time"].as_str().expect("a time")).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(cpu.iter().all(|p| p["value"].as_f64().is_some_and(|v| (0.0..=100.0).contains(&v))));
    dbdeck(&["metrics", "rds:orders", "--demo", "--window", "2y"]).badly(2, &["--window", "2y", "1h"]);
}

#[test]
fn what_cannot_be_meant_is_a_usage_error() {
    dbdeck(&["--bogus"]).badly(2, &["--bogus"]);
    dbdeck(&["list", "nosuch", "--demo"]).badly(2, &["nosuch", "dynamodb"]);
    dbdeck(&["list", "--demo", "--region", "us-east-9"]).badly(2, &["--region", "eu-west-1"]);
    dbdeck(&["list", "--demo", "--region", "zz-*"]).badly(2, &["--region", "zz-*"]);
    dbdeck(&["list", "--demo-size", "7"]).badly(2, &["--demo"]);
    dbdeck(&["metrics", "orders", "--demo"]).badly(2, &["SERVICE:ID"]);
    dbdeck(&["list", "--demo", "--theme", "nosuch"]).badly(2, &["nosuch"]);
    dbdeck(&["list", "--demo", "--config", "/nonexistent/dbdeck.toml"])
        .badly(2, &["/nonexistent/dbdeck.toml"]);
    dbdeck(&["metrics", "rds:nosuch", "--demo"]).badly(1, &["rds:nosuch"]);
    dbdeck(&["--demo"]).badly(2, &["not a terminal"]);
    dbdeck(&[]).badly(2, &["--region", "--demo"]);
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "theme = \"dark\"\nno_such_setting = 1\n").expect("a file");
    let file = file.to_str().expect("a path");
    dbdeck(&["list", "--demo", "--config", file]).badly(2, &["config.toml", "2", "no_such_setting"]);
    let by_variable = dbdeck_with(&["list", "--demo"], b"", &[("DBDECK_CONFIG", file)]);
    by_variable.badly(2, &["config.toml", "no_such_setting"]);
}

#[test]
fn without_the_demo_no_region_is_a_usage_error_and_no_credentials_a_login_error() {
    let nothing = [("AWS_EC2_METADATA_DISABLED", "true")];
    dbdeck_with(&["list"], b"", &nothing).badly(2, &["region", "--demo"]);
    let ended = dbdeck_with(&["list", "rds", "--region", "eu-west-1"], b"", &nothing);
    assert_eq!(ended.code, 3, "{ended:?}");
    let ended = dbdeck_with(&["query", "rds:a", "select 1", "--region", "eu-west-1"], b"", &nothing);
    ended.badly(3, &["dbdeck:"]);
}

#[test]
fn the_program_explains_itself() {
    let info = dbdeck(&["info", "--demo"]).well();
    for word in ["version", "access", "read-only", "config.toml", "history", "demo/eu-west-1", "1511 known"] {
        assert!(info.contains(word), "{word} in {info}");
    }
    let sealed = dbdeck(&["info", "--demo", "--read-only"]).well();
    assert!(sealed.lines().any(|l| l.starts_with("access") && l.contains("sealed")), "{sealed}");
    let keys = dbdeck(&["keys"]).well();
    assert!(keys.lines().any(|l| l.contains("app.quit") && l.starts_with("global")), "{keys}");
    let markdown = dbdeck(&["keys", "--markdown"]).well();
    assert!(markdown.lines().skip(2).all(|l| l.starts_with('|') && l.ends_with('|')), "{markdown}");
    let vim = dbdeck(&["keys", "--keymap", "vim"]).well();
    assert!(vim.contains("app.quit"));
    for shell in ["bash", "zsh", "fish"] {
        let script = dbdeck(&["completion", shell]).well();
        assert!(script.contains("dbdeck") && script.contains("classify"), "{shell}");
    }
    assert!(dbdeck(&["--version"]).well().contains(env!("CARGO_PKG_VERSION")));
    assert!(dbdeck(&["--help"]).well().contains("--read-only"));
}

#[test]
fn a_reader_that_goes_away_is_not_a_failure() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_dbdeck"))
        .args(["list", "--demo", "--demo-size", "2000", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // More is written than a pipe holds, so the writer meets the closed end.
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}
