//! InfluxQL on InfluxDB 1 over TLS, through the whole program: a control plane that knows one instance says where, the
//! guard says whether, and the rows are those of InfluxDB's own client. And Timestream's two control planes and `Query`
//! by AWS's own models.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::clients::Account;
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::{models, screen, servers};

/// The identifier of the one instance.
const ID: &str = "i3x9a1b2c3";

/// A control plane that knows one InfluxDB, at `localhost` and this port.
pub async fn control_plane(port: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, port));
        }
    });
    url
}

async fn answer(mut stream: TcpStream, port: u16) {
    let (mut taken, mut buffer) = (Vec::new(), [0_u8; 4096]);
    loop {
        let text = String::from_utf8_lossy(&taken).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0_usize) {
                let target = head.lines().find_map(|line| line.strip_prefix("x-amz-target: "));
                let (status, answer) = said(target.unwrap_or_default(), port);
                let answer = answer.to_string();
                let reply = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
                    answer.len()
                );
                // A client that has gone needs no answer.
                let _ = stream.write_all(reply.as_bytes()).await;
                return;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(n) if n > 0 => taken.extend_from_slice(&buffer[..n]),
            _ => return,
        }
    }
}

fn said(target: &str, port: u16) -> (u16, Value) {
    let instance = json!({
        "id": ID, "name": "telemetry", "arn": format!("arn:aws:timestream-influxdb:us-east-1:1:db-instance/{ID}"),
        "status": "AVAILABLE", "endpoint": "localhost", "port": port,
        "dbInstanceType": "db.influx.medium", "allocatedStorage": 20, "deploymentType": "SINGLE_AZ",
        "vpcSubnetIds": [],
    });
    match target.rsplit('.').next().unwrap_or_default() {
        "getdbinstance" => (200, instance),
        "listdbinstances" => (200, json!({ "items": [instance] })),
        "listdbclusters" | "listdbbackups" => (200, json!({ "items": [] })),
        "listtagsforresource" => (200, json!({ "tags": {} })),
        _ => (400, json!({ "__type": "AccessDeniedException", "message": "not subscribed" })),
    }
}

async fn query(plane: &str, database: &str, statement: &str, more: &[&str]) -> Ended {
    let row = format!("timestream:telemetry/{database}");
    let fixed =
        ["query", &row, statement, "--language", "influxql", "--format", "json", "--password-fd", "0"];
    let arguments: Vec<&str> = fixed.iter().chain(more).copied().collect();
    dbdeck::run(plane, "300000000001", &arguments, "no-token-is-asked-for\n").await
}

/// InfluxDB's own client.
async fn influx(arguments: &[&str]) -> String {
    let port = servers::influx().to_string();
    let output = Command::new("influx")
        .args(["-host", "localhost", "-port", &port, "-ssl", "-unsafeSsl", "-precision", "rfc3339"])
        .args(arguments)
        .output()
        .await
        .expect("InfluxDB's client runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// A database of this test's own, with a day of two hosts' readings.
async fn scene() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let database = format!("scene{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file, "# DDL\nCREATE DATABASE {database}\n# DML\n# CONTEXT-DATABASE: {database}")
        .expect("written");
    for at in 0..240_i64 {
        let time = 1_763_683_200 + at * 60;
        for (host, region, base) in [("web-1", "eu", 40.0), ("web-2", "us", 61.5)] {
            let value = base + f64::from(i32::try_from(at % 17).expect("small")) * 1.25;
            let line = format!(
                "cpu,host={host},region={region} usage={value},ticks={}i,state=\"up {at}\" {time}",
                at * 3
            );
            writeln!(file, "{line}").expect("written");
        }
        writeln!(file, "disk,host=web-1 free={}i,full={} {time}", 9_007_199_254_740_993 - at, at % 2 == 0)
            .expect("written");
    }
    let path = file.path().to_string_lossy().into_owned();
    influx(&["-import", "-path", &path, "-precision", "s"]).await;
    database
}

/// The client's JSON as rows: the measurement, its tags, its columns.
fn rows(text: &str) -> Vec<BTreeMap<String, Value>> {
    let answer: Value = serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"));
    let mut all = Vec::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for series in list(&answer["results"]).iter().flat_map(|r| list(&r["series"])) {
        let columns = list(&series["columns"]);
        for values in list(&series["values"]) {
            let mut row = BTreeMap::new();
            let own = if columns.contains(&json!("name")) { "measurement" } else { "name" };
            if let Some(name) = series["name"].as_str().filter(|n| !n.is_empty()) {
                row.insert(own.to_owned(), json!(name));
            }
            for (key, value) in series["tags"].as_object().into_iter().flatten() {
                row.insert(key.clone(), value.clone());
            }
            for (column, value) in columns.iter().zip(list(&values)) {
                row.insert(column.as_str().expect("a name").to_owned(), value);
            }
            all.push(row);
        }
    }
    all
}

const STATEMENTS: &[&str] = &[
    "SELECT * FROM cpu LIMIT 5",
    "SELECT usage FROM cpu WHERE host = 'web-1' LIMIT 7",
    "SELECT usage, host FROM cpu WHERE region =~ /u.*/ LIMIT 7",
    "SELECT usage FROM cpu WHERE host !~ /1$/ LIMIT 3",
    "SELECT \"usage\", \"ticks\"::integer, \"state\" FROM \"cpu\" LIMIT 4",
    "SELECT usage * 2 + 1 FROM cpu LIMIT 4",
    "SELECT usage AS u, ticks AS t FROM cpu ORDER BY time DESC LIMIT 4",
    "SELECT * FROM disk ORDER BY time DESC LIMIT 3",
    "SELECT free FROM disk LIMIT 3",
    "SELECT full FROM disk WHERE full = true LIMIT 3",
    "SELECT * FROM /.*/ LIMIT 2",
    "SELECT mean(usage) FROM cpu",
    "SELECT mean(usage), max(usage), min(usage) FROM cpu GROUP BY host",
    "SELECT count(usage) FROM cpu GROUP BY *",
    "SELECT sum(ticks) FROM cpu GROUP BY region",
    "SELECT stddev(usage), spread(usage), median(usage), mode(usage) FROM cpu GROUP BY host",
    "SELECT percentile(usage, 95) FROM cpu GROUP BY host",
    "SELECT first(usage), last(usage) FROM cpu",
    "SELECT first(state) FROM cpu GROUP BY host",
    "SELECT top(usage, 3) FROM cpu",
    "SELECT bottom(usage, host, 2) FROM cpu",
    "SELECT distinct(usage) FROM cpu WHERE host = 'web-1'",
    "SELECT count(distinct(usage)) FROM cpu",
    "SELECT mean(usage) FROM cpu WHERE time >= '2025-11-21T00:00:00Z' AND time < '2025-11-21T01:00:00Z' GROUP BY time(10m)",
    "SELECT mean(usage) FROM cpu WHERE time >= '2025-11-21T00:00:00Z' AND time < '2025-11-21T02:00:00Z' GROUP BY time(30m), host",
    "SELECT max(usage) FROM cpu WHERE time >= '2025-11-21T00:00:00Z' AND time < '2025-11-21T08:00:00Z' GROUP BY time(1h) fill(none)",
    "SELECT max(usage) FROM cpu WHERE time >= '2025-11-21T02:00:00Z' AND time < '2025-11-21T08:00:00Z' GROUP BY time(1h) fill(0)",
    "SELECT max(usage) FROM cpu WHERE time >= '2025-11-21T02:00:00Z' AND time < '2025-11-21T08:00:00Z' GROUP BY time(1h) fill(previous)",
    "SELECT max(usage) FROM cpu WHERE time >= '2025-11-21T02:00:00Z' AND time < '2025-11-21T08:00:00Z' GROUP BY time(1h) fill(linear)",
    "SELECT derivative(usage, 1m) FROM cpu WHERE host = 'web-1' LIMIT 5",
    "SELECT non_negative_derivative(mean(usage), 5m) FROM cpu WHERE time >= '2025-11-21T00:00:00Z' AND time < '2025-11-21T01:00:00Z' GROUP BY time(5m)",
    "SELECT difference(ticks) FROM cpu WHERE host = 'web-2' LIMIT 5",
    "SELECT moving_average(usage, 3) FROM cpu WHERE host = 'web-2' LIMIT 5",
    "SELECT cumulative_sum(ticks) FROM cpu WHERE host = 'web-2' LIMIT 5",
    "SELECT elapsed(usage, 1s) FROM cpu WHERE host = 'web-1' LIMIT 5",
    "SELECT integral(usage) FROM cpu WHERE host = 'web-1'",
    "SELECT mean(m) FROM (SELECT max(usage) AS m FROM cpu WHERE time >= '2025-11-21T00:00:00Z' AND time < '2025-11-21T02:00:00Z' GROUP BY time(10m), host)",
    "SELECT m FROM (SELECT mean(usage) AS m FROM cpu GROUP BY host) WHERE m > 50",
    "SELECT usage FROM cpu WHERE usage > 75 AND (host = 'web-1' OR host = 'web-2') LIMIT 5",
    "SELECT usage FROM cpu WHERE state = 'up 7'",
    "SELECT usage FROM cpu GROUP BY host SLIMIT 1 SOFFSET 1",
    "SELECT usage FROM cpu LIMIT 3 OFFSET 5",
    "SELECT usage FROM cpu LIMIT 2 tz('Europe/Dublin')",
    "SHOW MEASUREMENTS",
    "SHOW MEASUREMENTS WITH MEASUREMENT =~ /c.*/",
    "SHOW TAG KEYS",
    "SHOW TAG KEYS FROM cpu",
    "SHOW TAG VALUES WITH KEY = \"host\"",
    "SHOW TAG VALUES FROM cpu WITH KEY IN (\"host\", \"region\")",
    "SHOW FIELD KEYS",
    "SHOW SERIES",
    "SHOW SERIES FROM cpu WHERE host = 'web-1'",
    "SHOW RETENTION POLICIES",
    "SELECT nothing FROM cpu",
];

#[tokio::test]
async fn fifty_statements_answer_as_influxdbs_own_client_reads_them() {
    let (plane, database) = (control_plane(servers::influx()).await, scene().await);
    let mut wrong = Vec::new();
    for statement in STATEMENTS {
        let wanted = told(&database, statement).await;
        let ended = query(&plane, &database, statement, &[]).await;
        let got = alike(serde_json::from_str(&ended.stdout).unwrap_or(Value::Null), &wanted);
        if ended.code != Some(0) || got != wanted {
            wrong.push(format!("{statement}\n  got {got}\n  not {wanted}\n  {}", ended.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), STATEMENTS.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_influxdbs_own_client_reads() {
    let (plane, database) = (control_plane(servers::influx()).await, scene().await);
    let console = screen::console(&plane, &Account("300000000001"), &["-c", "timestream"]);
    let mut editor = Editor::on(console, "telemetry");
    editor.command(&format!("database {database}"));
    editor.command("language influxql");
    // No user: the cursor goes on to the password.
    editor.log_in("SHOW MEASUREMENTS", "\tno-token-is-asked-for");
    for statement in STATEMENTS {
        let wanted = told(&database, statement).await;
        assert_eq!(alike(editor.json(statement), &wanted), wanted, "{statement}");
    }
    editor.leave();
}

/// What InfluxDB's own client reads of a statement.
async fn told(database: &str, statement: &str) -> Value {
    json!(rows(&influx(&["-database", database, "-format", "json", "-execute", statement]).await))
}

/// A row has every column of the result here; there it has its series' own.
fn alike(mut got: Value, wanted: &Value) -> Value {
    for (row, wanted) in got.as_array_mut().into_iter().flatten().zip(wanted.as_array().into_iter().flatten())
    {
        if let (Value::Object(row), Value::Object(wanted)) = (row, wanted) {
            row.retain(|name, value| !value.is_null() || wanted.contains_key(name));
        }
    }
    got
}

#[tokio::test]
async fn what_writes_never_reaches_influxdb_and_its_errors_are_told() {
    let (plane, database) = (control_plane(servers::influx()).await, scene().await);
    for statement in [
        "SELECT * INTO copy FROM cpu",
        "DROP MEASUREMENT cpu",
        "DELETE FROM cpu",
        "DROP SERIES FROM cpu",
        "CREATE DATABASE zz_refused",
        "SHOW DATABASES; DROP DATABASE zz",
        "KILL QUERY 1",
    ] {
        let ended = query(&plane, &database, statement, &[]).await.expect(4);
        assert!(ended.stdout.is_empty(), "{ended:?}");
    }
    let left = influx(&["-database", &database, "-format", "json", "-execute", "SHOW MEASUREMENTS"]).await;
    assert!(left.contains("cpu") && left.contains("disk") && !left.contains("copy"), "{left}");
    let ended = query(&plane, "nowhere", "SELECT * FROM cpu", &[]).await;
    assert!(ended.code != Some(0) && ended.stderr.contains("database not found"), "{ended:?}");
    let arguments =
        ["query", "timestream:telemetry", "from(bucket: \"b\") |> range(start: -1h)", "--user", "o"];
    let arguments: Vec<&str> = arguments.iter().chain(&["--password-fd", "0"]).copied().collect();
    let ended = dbdeck::run(&plane, "300000000001", &arguments, "t\n").await;
    assert!(ended.stderr.contains("404"), "this InfluxDB has no Flux API: {ended:?}");
    // Elevated, the one statement is sent: what was refused above was refused by the guard.
    query(&plane, &database, "DROP MEASUREMENT disk", &["--elevate", "a test cleans up"]).await.expect(0);
    let left = influx(&["-database", &database, "-format", "json", "-execute", "SHOW MEASUREMENTS"]).await;
    assert!(!left.contains("disk"), "{left}");
}

#[tokio::test]
async fn nobody_vouches_for_a_stranger_and_no_token_is_sent() {
    let plane = control_plane(servers::influx()).await;
    let arguments = ["query", "timestream:telemetry/x", "SHOW DATABASES", "--language", "influxql"];
    let arguments: Vec<&str> = arguments.iter().chain(&["--password-fd", "0"]).copied().collect();
    let run = dbdeck::start_with(&plane, "300000000001", &arguments, "secret\n", &[]).await;
    let ended = run.end().await;
    assert!(ended.code != Some(0) && ended.stderr.to_lowercase().contains("certificate"), "{ended:?}");
}

#[tokio::test]
async fn the_pane_and_query_ask_as_the_models_allow_and_survive_any_answer() {
    for url in [servers::model(910_001), servers::hostile(910_002), servers::hostile(910_003)] {
        let listed = dbdeck::run(&url, "300000000002", &["list", "timestream", "--format", "json"], "").await;
        assert!(listed.code.is_some_and(|code| code < 100), "{listed:?}");
        assert!(!listed.stdout.contains('\u{1b}') && !listed.stderr.contains('\u{1b}'), "{listed:?}");
        let sql =
            "SELECT model, avg(measure_value::double) FROM \"ml\".\"m\" WHERE time > ago(15m) GROUP BY model";
        let arguments = ["query", "timestream:ml", sql, "--format", "json", "--max-rows", "5"];
        let asked = dbdeck::run(&url, "300000000002", &arguments, "").await;
        assert!(asked.code.is_some_and(|code| code < 100), "{asked:?}");
        let calls = models::calls(&url).await;
        let own = |c: &&models::Call| c.service.as_deref().is_some_and(|s| s.starts_with("timestream"));
        let invalid: Vec<_> = calls.iter().filter(own).filter(|c| !c.valid).collect();
        assert!(invalid.is_empty(), "{invalid:?}");
        assert!(calls.iter().filter(own).count() > 2, "{calls:?}");
    }
}
