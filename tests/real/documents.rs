//! DocumentDB's language on a server that speaks MongoDB's wire behind TLS, through the whole program, compared with
//! MongoDB's own client on hand-written commands.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::clients::Account;
use crate::dbdeck::{self, Ended, Run};
use crate::editor::Editor;
use crate::screen;
use crate::servers::{self, eventually};

/// Statements in the shell's words, each with the command that it stands for.
const FIXTURE: &str = include_str!("../corpus/mongodb_answers.jsonl");

/// How many of them are asked at least.
const LEAST: usize = 50;

/// Starts a statement on the database `shop` of the cluster, logged in as `user`.
async fn start(user: &str, statement: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["query", "docdb:shelf/shop", statement, "--format", "json", "--user", user];
    arguments.extend(["--password-fd", "0"]);
    arguments.extend(more);
    dbdeck::start(&servers::documents_aws(), "500000000001", &arguments, &servers::password()).await
}

async fn query(user: &str, statement: &str, more: &[&str]) -> Ended {
    start(user, statement, more).await.end().await
}

/// What MongoDB's client answers to `commands`, one line of JSON each.
async fn client(commands: &str) -> Vec<Value> {
    let port = servers::port(&servers::documents()).to_string();
    let mut child = Command::new(servers::documents_python())
        .args(["tests/servers/documents_client.py", &port, &servers::ca(), &servers::password()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the client starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(commands.as_bytes()).await.expect("the commands are taken");
    drop(stdin);
    let output = child.wait_with_output().await.expect("the client ends");
    assert!(output.status.success(), "the client failed");
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[tokio::test]
async fn every_answer_is_what_mongodbs_own_client_says() {
    let expected = client(FIXTURE).await;
    assert!(expected.len() >= LEAST);
    let mut wrong = Vec::new();
    for (line, expected) in FIXTURE.lines().zip(expected) {
        let asked: Value = serde_json::from_str(line).expect("a line of the fixture");
        let statement = asked["shell"].as_str().expect("a statement");
        let ended = query("guest", statement, &[]).await.expect(0);
        if ended.json() != expected {
            wrong.push(format!("{statement}\n  here: {}\n  there: {expected}", ended.stdout));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_mongodbs_own_client_says() {
    let expected = client(FIXTURE).await;
    let console = screen::console(&servers::documents_aws(), &Account("500000000001"), &["-c", "docdb"]);
    let mut editor = Editor::on(console, "shelf");
    editor.command("database shop");
    editor.command("user guest");
    editor.log_in("db.books.countDocuments({})", &servers::password());
    for (line, expected) in FIXTURE.lines().zip(expected) {
        let asked: Value = serde_json::from_str(line).expect("a line of the fixture");
        let statement = asked["shell"].as_str().expect("a statement");
        assert_eq!(editor.json(statement), expected, "{statement}");
    }
    editor.leave();
}

#[tokio::test]
async fn digits_are_the_servers_own() {
    let ended = query("guest", "db.types.find({_id: {$in: [2, ObjectId('507f1f77bcf86cd799439011')]}})", &[])
        .await
        .expect(0);
    for digits in ["9007199254740993", "12345678901234567890.50"] {
        assert!(ended.stdout.contains(digits), "{}", ended.stdout);
    }
}

#[tokio::test]
async fn a_result_is_cut_where_it_should_be_and_says_so() {
    let ended = query("guest", "db.books.find().sort({_id: 1})", &["--max-rows", "1500"]).await.expect(0);
    let rows = ended.json();
    let rows = rows.as_array().expect("rows");
    assert_eq!((rows.len(), &rows[1_499]["_id"]), (1_500, &json!(1_499)));
    assert!(ended.stderr.contains("TRUNCATED"), "{}", ended.stderr);
}

#[tokio::test]
async fn what_is_refused_changes_nothing_and_what_is_allowed_does() {
    for statement in [
        "db.books.deleteMany({})",
        "db.books.aggregate([{$out: 'copied'}])",
        "db.books.aggregate([{$lookup: {from: 'authors', pipeline: [{$merge: 'copied'}], as: 'x'}}])",
        "db.books.find({$where: 'true'})",
        "{drop: 'books'}",
    ] {
        query("keeper", statement, &[]).await.expect(4);
    }
    let count = |statement: &'static str| async move {
        query("guest", statement, &[]).await.expect(0).json()[0]["count"].clone()
    };
    assert_eq!(count("db.books.countDocuments()").await, json!(3_000));
    assert_eq!(count("db.copied.countDocuments()").await, json!(0));
    let elevated = ["--elevate", "a test changes"];
    query("keeper", "db.notes.insertMany([{_id: 1, a: 1}, {_id: 2, a: NumberLong(2)}])", &elevated)
        .await
        .expect(0);
    let change = "db.notes.updateMany({}, {$set: {b: ISODate('2026-01-01')}})";
    let ended = query("keeper", change, &elevated).await.expect(0);
    assert!(ended.stderr.contains("2 rows changed") || ended.stdout.contains("nModified"), "{ended:?}");
    assert_eq!(count("db.notes.countDocuments({b: ISODate('2026-01-01')})").await, json!(2));
    let twice = query("keeper", "db.notes.insertOne({_id: 1})", &elevated).await.expect(1);
    assert!(twice.stderr.contains("duplicate") || twice.stderr.contains("E11000"), "{}", twice.stderr);
    query("keeper", "db.notes.drop()", &elevated).await.expect(0);
    assert_eq!(count("db.notes.countDocuments()").await, json!(0));
}

#[tokio::test]
async fn what_there_is_and_how_it_is_found_is_told() {
    let names = query("guest", "show collections", &[]).await.expect(0).json();
    let names: Vec<&str> =
        names.as_array().expect("rows").iter().filter_map(|r| r["name"].as_str()).collect();
    assert!(names.contains(&"books") && names.contains(&"types"), "{names:?}");
    let databases = query("guest", "show dbs", &[]).await.expect(0);
    assert!(databases.stdout.contains("shop"), "{}", databases.stdout);
    let plan = query("guest", "db.books.find({year: 1968}).explain()", &[]).await.expect(0).json();
    assert!(plan[0]["explain"]["queryPlanner"]["winningPlan"].is_object(), "{plan}");
    let stats = query("guest", "db.books.stats()", &[]).await.expect(0).json();
    assert_eq!(stats[0]["count"], json!(3_000));
    assert_eq!(query("guest", "db.runCommand({ping: 1})", &[]).await.expect(0).json()[0]["ok"], json!(1.0));
}

#[tokio::test]
async fn errors_and_logins_are_told_as_they_are() {
    let ended = query("guest", "db.books.aggregate([{$project: {x: {$divide: ['$price', 0]}}}])", &[])
        .await
        .expect(1);
    assert!(ended.stderr.to_lowercase().contains("zero"), "{}", ended.stderr);
    let arguments =
        ["query", "docdb:shelf/shop", "db.books.findOne()", "--user", "guest", "--password-fd", "0"];
    let wrong = dbdeck::run(&servers::documents_aws(), "500000000001", &arguments, "not-the-passw0rd").await;
    let wrong = wrong.expect(3);
    assert!(!wrong.stderr.contains("not-the-passw0rd"), "a password is never shown");
    // Without the authority nothing is sent.
    let distrust =
        dbdeck::start_with(&servers::documents_aws(), "500000000001", &arguments, &servers::password(), &[])
            .await;
    let distrust = distrust.end().await.expect(3);
    assert!(distrust.stderr.contains("TLS"), "{}", distrust.stderr);
}

/// Counts the books, logged in as the AWS identity that the secret key `secret` makes of us.
async fn count_as(secret: &str) -> Ended {
    let address = servers::documents_iam();
    let arguments = [
        "query",
        "docdb:shelf/shop",
        "db.books.countDocuments()",
        "--format",
        "json",
        "--iam",
        "--address",
        &address,
    ];
    let environment = [("AWS_CA_BUNDLE", &*servers::ca()), ("AWS_SECRET_ACCESS_KEY", secret)];
    dbdeck::start_with(&servers::documents_aws(), "500000000001", &arguments, "", &environment)
        .await
        .end()
        .await
}

#[tokio::test]
async fn an_aws_identity_logs_in_by_its_signature() {
    assert_eq!(count_as("test").await.expect(0).json(), json!([{ "count": 3_000 }]));
    let forged = count_as("a-wrong-secret-key").await.expect(3);
    assert!(forged.stderr.contains("MONGODB-AWS"), "what to do is said: {}", forged.stderr);
    assert!(!forged.stderr.contains("a-wrong-secret-key"), "a key is never shown");
}

#[tokio::test]
async fn a_tunnel_leads_to_the_server_whose_name_is_still_checked() {
    let port = servers::port(&servers::documents());
    let address = format!("127.0.0.1:{port}");
    let ended = query("guest", "db.books.countDocuments()", &["--address", &address]).await.expect(0);
    assert_eq!(ended.json(), json!([{ "count": 3_000 }]));
}

/// Whether an aggregation of `user` runs. This server tells the user and the kind of an operation, not its text.
async fn aggregates(user: &str) -> bool {
    let ended = query("keeper", "db.currentOp()", &[]).await.expect(0);
    let all = ended.json();
    all.as_array()
        .expect("operations")
        .iter()
        .any(|op| op["op"] == "aggregate" && op["effectiveUsers"][0]["user"] == user)
}

/// That the server kills the operation cannot be seen here: it names no session in `currentOp`.
#[tokio::test]
async fn a_cancelled_statement_ends_soon() {
    // Each of 3000 books with each of 3000 books: minutes of work.
    let statement = "db.books.aggregate([{$lookup: {from: 'books', let: {t: '$title'}, pipeline: [{$match: {$expr: \
        {$eq: [{$concat: ['$$t', 'x']}, '$title']}}}], as: 'x'}}, {$match: {x: {$size: 1}}}])";
    let run = start("dawdler", statement, &[]).await;
    let seen = || async { aggregates("dawdler").await.then_some(()) };
    eventually("the statement runs", seen).await;
    let asked = Instant::now();
    run.signal("INT").await;
    let ended = run.end().await;
    assert!(asked.elapsed() < Duration::from_secs(10), "{ended:?}");
    assert_ne!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("cancel"), "{}", ended.stderr);
}
