//! Flux on InfluxDB 2 over TLS, through the whole program: the rows are those of InfluxData's own client, what writes
//! or leaves the server is never sent, and a cancelled script ends on the server.
//!
//! The server is InfluxDB 2.7 itself, the version that Timestream for InfluxDB 2 runs: its Flux, its tokens and its
//! organisations are the real ones. What differs: its certificate is this run's, its port is any (there 8086), AWS keeps
//! the administrator's password in a secret, where here the owner's token is given at set-up, and AWS's parameter groups
//! (query limits) are InfluxDB's defaults here.

use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::clients::Account;
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::flux_scripts::{CHANGES, HOUR, SCRIPTS, script};
use crate::influx::control_plane;
use crate::{screen, servers};

/// Counts what a script would do for hours.
const ENDLESS: &str = "import \"generate\" generate.from(count: 200000000, fn: (n) => n * n, \
    start: 2021-01-01T00:00:00Z, stop: 2021-01-02T00:00:00Z) |> map(fn: (r) => ({r with _value: r._value % 7})) |> count()";

/// A bucket of this test's own and the tokens that may read it.
struct Scene {
    plane: String,
    bucket: String,
    /// Reads the bucket and its organisation.
    token: String,
    /// Reads the bucket alone.
    narrow: String,
}

impl Scene {
    async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let bucket = format!("scene{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let said: Value = serde_json::from_str(&client(&["scene", &bucket], "").await).expect("tokens");
        let token = |name: &str| said[name].as_str().expect("a token").to_owned();
        let plane = control_plane(servers::influx2().1).await;
        Self { plane, bucket, token: token("reads"), narrow: token("reads_bucket_alone") }
    }

    async fn ask(&self, script: &str, token: &str, more: &[&str]) -> Ended {
        let fixed = ["query", "timestream:telemetry", script, "--format", "json", "--password-fd", "0"];
        let arguments: Vec<&str> = fixed.iter().chain(more).copied().collect();
        dbdeck::run(&self.plane, "300000000003", &arguments, &format!("{token}\n")).await
    }

    /// What InfluxData's client reads of each script.
    async fn told(&self) -> Vec<(String, Value)> {
        let scripts: Vec<String> = SCRIPTS.iter().map(|form| script(form, &self.bucket)).collect();
        let said = client(&["read"], &json!(scripts).to_string()).await;
        let all: Vec<Value> = serde_json::from_str(&said).expect("rows");
        assert_eq!(all.len(), scripts.len());
        scripts.into_iter().zip(all).collect()
    }

    async fn points(&self) -> String {
        client(&["count", &self.bucket], "").await
    }
}

/// `ask.py` with the owner's token.
async fn client(arguments: &[&str], input: &str) -> String {
    let (python, port) = servers::influx2();
    let mut child = Command::new(python)
        .args(["tests/servers/influx2/ask.py", &port.to_string(), &servers::ca(), &servers::password()])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("InfluxData's client");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).await.expect("it reads");
    drop(stdin);
    let said = child.wait_with_output().await.expect("it ends");
    assert!(said.status.success(), "{arguments:?}");
    String::from_utf8(said.stdout).expect("text").trim().to_owned()
}

/// Rows by what their cells mean: an empty cell of annotated CSV is a null, and 40 is 40.0. A row has every column of
/// the result here, and those of its table there. A script of several yields has several results, which InfluxDB sends
/// in any order: they are put in the order of their names.
fn alike(rows: &Value) -> Value {
    let cell = |value: &Value| match value {
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
            let double = || {
                text.parse::<f64>()
                    .map_or(text.clone(), |n| format!("{n:?}").trim_end_matches(".0").to_owned())
            };
            json!(if whole { text.clone() } else { double() })
        }
        other => other.clone(),
    };
    let row = |row: &Value| {
        let cells = row.as_object().expect("a row").iter();
        let cells = cells.filter(|(_, value)| !value.is_null() && **value != json!(""));
        Value::Object(cells.map(|(name, value)| (name.clone(), cell(value))).collect::<Map<_, _>>())
    };
    let mut rows: Vec<Value> = rows.as_array().expect("rows").iter().map(row).collect();
    rows.sort_by_key(|row| row["result"].as_str().map(str::to_owned));
    json!(rows)
}

#[tokio::test]
async fn scripts_answer_as_influxdatas_own_client_reads_them() {
    let scene = Scene::new().await;
    let mut wrong = Vec::new();
    for (script, wanted) in scene.told().await {
        let ended = scene.ask(&script, &scene.token, &["--language", "flux"]).await;
        let got: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| json!([]));
        let (got, wanted) = (alike(&got), alike(&wanted));
        if ended.code != Some(0) || got != wanted {
            wrong.push(format!("{script}\n  got {got}\n  not {wanted}\n  {}", ended.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), SCRIPTS.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_influxdatas_own_client_reads() {
    let scene = Scene::new().await;
    let told = scene.told().await;
    let console = screen::console(&scene.plane, &Account("300000000003"), &["-c", "timestream"]);
    let mut editor = Editor::on(console, "telemetry");
    // No user: the organisation is the only one that the token sees.
    editor.log_in("buckets()", &format!("\t{}", scene.token));
    for (script, wanted) in told {
        assert_eq!(alike(&editor.json(&script)), alike(&wanted), "{script}");
    }
    editor.leave();
}

#[tokio::test]
async fn what_writes_or_leaves_never_reaches_influxdb() {
    let scene = Scene::new().await;
    let before = scene.points().await;
    // The owner's token, which may write: what holds is the guard.
    for form in CHANGES {
        let script = form.replace("HOUR", HOUR).replace("BUCKET", &scene.bucket);
        let ended = scene.ask(&script, &servers::password(), &["--user", "acme"]).await.expect(4);
        assert!(ended.stdout.is_empty(), "{script}: {ended:?}");
    }
    assert_eq!(scene.points().await, before);
    // The first of them, elevated, is a write that the server takes: it was the guard that refused it.
    let script = CHANGES[0].replace("HOUR", HOUR).replace("BUCKET", &scene.bucket);
    let script = script.replace("|> to", "|> filter(fn: (r) => r._field == \"ticks\") |> to");
    let more = ["--user", "acme", "--elevate", "a test writes"];
    let denied = scene.ask(&script, &scene.token, &more).await.expect(3);
    assert!(denied.stderr.contains("not authorized to write"), "{denied:?}");
    assert_eq!(scene.points().await, before, "a token that may only read holds too");
    scene.ask(&script, &servers::password(), &more).await.expect(0);
    assert_ne!(scene.points().await, before);
}

#[tokio::test]
async fn errors_and_logins_are_told_in_influxdbs_words() {
    let scene = Scene::new().await;
    let hour = script("", &scene.bucket);
    for (script, words) in [
        (format!("{hour}|> filter(fn: (r) => r._value > \"x\" + 1)"), "expected string but found int"),
        ("from(bucket: \"nowhere\") |> range(start: 0)".to_owned(), "could not find bucket"),
        (format!("{hour}|> mean(column: \"nothing\")"), "nothing"),
        (format!("from(bucket: \"{}\")", scene.bucket), "unbounded"),
        ("die(msg: \"no more of this\")".to_owned(), "no more of this"),
    ] {
        let ended = scene.ask(&script, &scene.token, &[]).await.expect(1);
        assert!(ended.stderr.contains(words), "{script}: {ended:?}");
    }
    let denied = scene.ask("buckets()", "not-this-token", &["--user", "acme"]).await.expect(3);
    assert!(denied.stderr.contains("unauthorized") && !denied.stderr.contains("not-this"), "{denied:?}");
    let unseen = scene.ask(&hour, &scene.narrow, &[]).await;
    assert!(unseen.code != Some(0) && unseen.stderr.contains("--user ORG"), "{unseen:?}");
    let narrow =
        scene.ask(&format!("{hour}|> limit(n: 1)"), &scene.narrow, &["--user", "acme"]).await.expect(0);
    assert!(narrow.json().as_array().is_some_and(|rows| !rows.is_empty()), "{narrow:?}");
    let cut = scene.ask(&hour, &scene.token, &["--max-rows", "2"]).await;
    assert_eq!(cut.json().as_array().map(Vec::len), Some(2), "{cut:?}");
}

#[tokio::test]
async fn a_cancelled_script_ends_on_the_server() {
    let plane = control_plane(servers::influx2().1).await;
    client(&["organisation", "slow"], "").await;
    let active = || async { client(&["active", "slow"], "").await };
    let arguments = ["query", "timestream:telemetry", ENDLESS, "--user", "slow", "--password-fd", "0"];
    let input = format!("{}\n", servers::password());
    let run = dbdeck::start(&plane, "300000000004", &arguments, &input).await;
    servers::eventually("the script on the server", || async { (active().await == "1").then_some(()) }).await;
    run.signal("INT").await;
    let ended = run.end().await;
    assert!(ended.code != Some(0) && ended.stderr.contains("cancelled"), "{ended:?}");
    servers::eventually("its end on the server", || async { (active().await == "0").then_some(()) }).await;
}
