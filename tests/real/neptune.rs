//! Neptune's Gremlin on Apache's Gremlin Server, through the whole program: the control plane says where, the guard
//! says whether, and what comes back is what Apache's own client makes of the same answers.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::clients::Account;
use crate::console::{Console, ENTER};
use crate::dbdeck::{self, Ended, Run};
use crate::editor::Editor;
use crate::models;
use crate::screen::leave;
use crate::servers::{self, eventually};

/// The traversals, with the graph that each is for.
const FIXTURE: &str = include_str!("../corpus/gremlin_answers.jsonl");

/// How many of them are asked at least.
const LEAST: usize = 100;

/// Starts a traversal on the cluster `kg` of `account`.
async fn start(account: &str, graph: &str, gremlin: &str, more: &[&str]) -> Run {
    let data = format!("{}/{graph}", servers::neptune());
    let arguments = ["query", "neptune:kg", gremlin, "--language", "gremlin", "--format", "json"];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    let settings = [("AWS_ENDPOINT_URL", &*servers::aws()), ("AWS_ENDPOINT_URL_NEPTUNEDATA", &data)];
    dbdeck::start_anywhere(account, &arguments, &settings).await
}

async fn run(account: &str, graph: &str, gremlin: &str, more: &[&str]) -> Ended {
    start(account, graph, gremlin, more).await.end().await
}

/// What arrived at the data plane.
async fn calls() -> Vec<Value> {
    let address = servers::neptune().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("the front listens");
    let request = format!("GET /_front/calls HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    serde_json::from_str(body).expect("a list of calls")
}

/// The calls whose body holds `text`.
async fn calls_with(text: &str) -> Vec<Value> {
    let holds = |call: &Value| call["body"].as_str().is_some_and(|body| body.contains(text));
    calls().await.into_iter().filter(holds).collect()
}

/// What Apache's client makes of each line of `asked`.
async fn apache(asked: &str) -> Vec<Value> {
    let (python, port) = servers::gremlin();
    let mut child = Command::new(python)
        .args(["tests/servers/gremlin/client.py", &port])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Apache's client starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let asked = asked.to_owned();
    let writing = tokio::spawn(async move { stdin.write_all(asked.as_bytes()).await });
    let output = child.wait_with_output().await.expect("it ends");
    writing.await.expect("it writes").expect("all of it");
    assert!(output.status.success(), "Apache's client failed");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The same values, whatever the order of lists: sets have none.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect())
        }
        // Apache's client has one kind of number where the server has six.
        Value::Number(n) => n.as_f64().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}

/// Every fourth traversal of the fixture: its graph, its text and what Apache's client makes of the answer.
async fn traversals() -> Vec<(String, String, Value)> {
    let lines: Vec<Value> = FIXTURE.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let asked: Vec<&Value> = lines.iter().step_by(4).collect();
    let input: String = asked
        .iter()
        .map(|one| serde_json::json!({ "graph": one["graph"], "gremlin": one["gremlin"] }).to_string() + "\n")
        .collect();
    let expected = apache(&input).await;
    assert_eq!(expected.len(), asked.len());
    let text = |one: &Value, name: &str| one[name].as_str().expect("text").to_owned();
    let known = asked.into_iter().zip(expected).filter(|(_, expected)| !expected.is_null());
    known.map(|(one, expected)| (text(one, "graph"), text(one, "gremlin"), expected)).collect()
}

#[tokio::test]
async fn a_hundred_traversals_answer_as_apaches_own_client_reads_them() {
    let account = Account("100000000701");
    account.neptune("kg").await;
    let asked = traversals().await;
    let (mut same, mut wrong) = (0, Vec::new());
    for (graph, gremlin, expected) in &asked {
        let ended = run(account.0, graph, gremlin, &[]).await;
        let got = serde_json::from_str::<Value>(&ended.stdout).unwrap_or(Value::Null);
        if ended.code == Some(0) && (got == *expected || sorted(&got) == sorted(expected)) {
            same += 1;
        } else {
            wrong.push(format!("{graph} {gremlin}\n  got {got}\n  not {expected}\n  {}", ended.stderr));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), asked.len(), wrong.join("\n"));
    assert!(same >= LEAST, "only {same} were compared");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_apaches_own_client_reads() {
    let account = Account("100000000709");
    account.neptune("kg").await;
    let data = format!("{}/modern", servers::neptune());
    let variables = [
        ("AWS_ACCESS_KEY_ID", account.0),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", &servers::aws()),
        ("AWS_ENDPOINT_URL_NEPTUNEDATA", &data),
    ];
    let console = Console::start_with(&["-c", "neptune", "--region", servers::REGION], 120, 40, &variables);
    let mut editor = Editor::on(console, "kg");
    editor.command("language gremlin");
    let asked = traversals().await;
    let modern: Vec<_> = asked.iter().filter(|(graph, _, _)| graph == "modern").collect();
    assert!(modern.len() >= 50, "{}", modern.len());
    for (_, gremlin, expected) in modern {
        let got = editor.json(gremlin);
        assert!(got == *expected || sorted(&got) == sorted(expected), "{gremlin}\n{got}\nnot {expected}");
    }
    editor.leave();
}

#[tokio::test]
async fn what_is_sent_is_printed_from_the_steps_and_told_where_it_differs() {
    let account = Account("100000000702");
    account.neptune("kg").await;
    let ended = run(account.0, "modern", "g.V( ) . has(\"name\",'marko') .count( )", &[]).await.expect(0);
    assert_eq!(ended.json(), serde_json::json!([{ "result": 1 }]));
    assert!(ended.stderr.contains("sent as: g.V().has("), "{ended:?}");
    let sent = calls_with("has('name', 'marko').count()").await;
    let body: Value = serde_json::from_str(sent[0]["body"].as_str().expect("a body")).expect("JSON");
    let text = body["gremlin"].as_str().expect("a traversal");
    assert!(ended.stderr.contains(text), "{text} is not what was told: {ended:?}");
    assert!(body["queryId"].as_str().is_some_and(|id| id.len() == 36), "it can be cancelled by its id");
}

#[tokio::test]
async fn no_byte_of_a_refused_traversal_is_sent() {
    let account = Account("100000000703");
    account.neptune("kg").await;
    for gremlin in [
        "g.addV('zzrefused')",
        "g.V().has('zzrefused', 1).drop()",
        "g.V().has('zzrefused', 1).property('a', 1)",
        "g.V().map{ it.get().value('zzrefused') }",
        "g.V().has('zzrefused', 1); System.exit(0)",
        "g.inject(1).sideEffect(__.addV('zzrefused'))",
    ] {
        let ended = run(account.0, "scratch", gremlin, &[]).await.expect(4);
        assert!(ended.stderr.contains("refused"), "{ended:?}");
    }
    assert!(calls_with("zzrefused").await.is_empty(), "the wire saw a refused statement");
}

#[tokio::test]
async fn a_long_traversal_is_cancelled_on_the_server() {
    let account = Account("100000000704");
    account.neptune("kg").await;
    let long = "g.V().repeat(__.both()).times(40).count()";
    let running = start(account.0, "grateful", long, &[]).await;
    eventually("the traversal at the server", || async {
        (!calls_with("times(40)").await.is_empty()).then_some(())
    })
    .await;
    running.signal("INT").await;
    let ended = running.end().await.expect(130);
    assert!(ended.stderr.contains("The query was cancelled"), "{ended:?}");
    let cancelled = calls().await;
    let body: Value = {
        let sent = calls_with("times(40)").await;
        serde_json::from_str(sent[0]["body"].as_str().expect("a body")).expect("JSON")
    };
    let path = format!("/gremlin/status/{}", body["queryId"].as_str().expect("an id"));
    assert!(cancelled.iter().any(|call| call["path"].as_str().is_some_and(|p| p.contains(&path))), "{path}");
}

#[tokio::test]
async fn through_a_tunnel_tls_still_checks_the_endpoints_own_name() {
    let account = Account("100000000705");
    account.neptune("kg").await;
    let address = servers::neptune_tls();
    let arguments = [
        "query",
        "neptune:kg",
        "g.V().has('name', 'zztunnel').count()",
        "--language",
        "gremlin",
        "--address",
        &address,
    ];
    let aws = servers::aws();
    let ca = servers::ca();
    let trusting = [("AWS_ENDPOINT_URL_RDS", &*aws), ("AWS_CA_BUNDLE", &*ca)];
    let ended = dbdeck::start_anywhere(account.0, &arguments, &trusting).await.end().await.expect(0);
    assert!(ended.stdout.contains('0'), "{ended:?}");
    let ended = dbdeck::start_anywhere(account.0, &arguments, &trusting[..1]).await.end().await.expect(3);
    assert!(ended.stderr.contains("certificate"), "{ended:?}");
    assert_eq!(calls_with("zztunnel").await.len(), 1, "nothing is sent to whom nobody trusts");
}

/// Runs SPARQL on Oxigraph. Access is elevated: what a statement is sent as does not depend on it.
async fn sparql(account: &str, text: &str) -> Ended {
    let arguments =
        ["query", "neptune:kg", text, "--language", "sparql", "--format", "json", "--elevate", "a test"];
    let settings =
        [("AWS_ENDPOINT_URL", &*servers::aws()), ("AWS_ENDPOINT_URL_NEPTUNEDATA", &servers::oxigraph())];
    dbdeck::start_anywhere(account, &arguments, &settings).await.end().await
}

#[tokio::test]
async fn sparql_is_answered_by_oxigraph_with_typed_rows() {
    let account = Account("100000000706");
    account.neptune("kg").await;
    let insert = "INSERT DATA { <urn:ada> <urn:age> 36 ; <urn:says> \"a+b & c=d é\"@en . <urn:ada> <urn:knows> <urn:eve> }";
    sparql(account.0, insert).await.expect(0);
    let all = sparql(account.0, "SELECT ?p ?o WHERE { <urn:ada> ?p ?o } ORDER BY ?p").await.expect(0);
    assert_eq!(
        all.json(),
        serde_json::json!([
            { "p": "urn:age", "o": 36 },
            { "p": "urn:knows", "o": "urn:eve" },
            { "p": "urn:says", "o": "\"a+b & c=d é\"@en" },
        ])
    );
    let ask = sparql(account.0, "ASK { ?s <urn:knows> <urn:eve> }").await.expect(0);
    assert_eq!(ask.json(), serde_json::json!([{ "result": true }]));
    let made = sparql(account.0, "CONSTRUCT { ?s <urn:is> ?o } WHERE { ?s <urn:age> ?o }").await.expect(0);
    assert_eq!(
        made.json(),
        serde_json::json!([{ "subject": "urn:ada", "predicate": "urn:is", "object": 36 }])
    );
    let wrong = sparql(account.0, "SELECT nonsense").await.expect(1);
    assert!(wrong.stderr.contains("HTTP 400"), "{wrong:?}");
}

/// Starts SPARQL on the front of Oxigraph: it counts three times over what `mark` holds, and finds nothing.
async fn long_sparql(account: &str, mark: &str) -> Run {
    let values: Vec<String> = (0..400).map(|n| format!("<urn:{mark}:{n}> <urn:{mark}> {n}")).collect();
    sparql(account, &format!("INSERT DATA {{ {} }}", values.join(" . "))).await.expect(0);
    let long = format!(
        "SELECT (COUNT(*) AS ?n) WHERE {{ ?a <urn:{mark}> ?x . ?b <urn:{mark}> ?y . ?c <urn:{mark}> ?z \
         FILTER(?x + ?y + ?z = -1) }}"
    );
    let arguments = ["query", "neptune:kg", &long, "--language", "sparql", "--format", "json"];
    let settings =
        [("AWS_ENDPOINT_URL", &*servers::aws()), ("AWS_ENDPOINT_URL_NEPTUNEDATA", &servers::neptune())];
    let running = dbdeck::start_anywhere(account, &arguments, &settings).await;
    eventually("the query at the server", || async { (!calls_with(mark).await.is_empty()).then_some(()) })
        .await;
    running
}

/// The id that was sent with the query that holds `mark`.
async fn id_of(mark: &str) -> String {
    let sent = calls_with(mark).await;
    let body = sent[0]["body"].as_str().expect("a body").to_owned();
    body.split("queryId=").nth(1).expect("an id").split('&').next().expect("an id").to_owned()
}

#[tokio::test]
async fn long_sparql_of_our_own_is_cancelled_on_the_server() {
    let account = Account("100000000707");
    account.neptune("kg").await;
    let running = long_sparql(account.0, "zzown").await;
    running.signal("INT").await;
    let ended = running.end().await.expect(130);
    assert!(ended.stderr.contains("The query was cancelled"), "{ended:?}");
    let cancelled = format!("cancelQuery&queryId={}", id_of("zzown").await);
    assert_eq!(calls_with(&cancelled).await.len(), 1, "by its own id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sparql_of_others_is_listed_and_cancelled_by_an_operation_alone() {
    let account = Account("100000000708");
    account.neptune("kg").await;
    let running = long_sparql(account.0, "zzother").await;
    let id = id_of("zzother").await;
    let settings = [
        ("AWS_ENDPOINT_URL", &*servers::aws()),
        ("AWS_ENDPOINT_URL_NEPTUNEDATA", &*servers::neptune()),
        ("AWS_ACCESS_KEY_ID", account.0),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let mut console =
        Console::start_with(&["--region", servers::REGION, "-c", "neptune"], 160, 60, &settings);
    console.shows("kg-1");
    console.types(&format!("/kg-1{ENTER}d"));
    console.shows(&format!("{id}: SELECT (COUNT(*)"));
    leave(console);
    let cancel = format!("cancelQuery&queryId={id}");
    let set = format!("query={id}");
    let op = ["op", "neptune:kg-1", "cancel-sparql", "--set", &set];
    let sealed: Vec<&str> = ["--read-only"].into_iter().chain(op).chain(["--confirm", "kg-1"]).collect();
    for (arguments, code) in [(&op[..], 4), (&sealed[..], 4)] {
        let ended = dbdeck::start_anywhere(account.0, arguments, &settings[..2]).await.end().await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert!(calls_with(&cancel).await.is_empty(), "{arguments:?}: the wire saw what was not confirmed");
    }
    let confirmed: Vec<&str> = op.into_iter().chain(["--confirm", "kg-1"]).collect();
    let ended = dbdeck::start_anywhere(account.0, &confirmed, &settings[..2]).await.end().await.expect(0);
    assert!(ended.stdout.contains("cancelled") || ended.stderr.contains("cancelled"), "{ended:?}");
    let ended = running.end().await;
    assert!(ended.code != Some(0) && ended.stderr.contains("The query was cancelled"), "{ended:?}");
    assert_eq!(calls_with(&cancel).await.len(), 1);
    let gone = dbdeck::start_anywhere(account.0, &confirmed, &settings[..2]).await.end().await;
    assert!(gone.code != Some(0) && gone.stderr.contains("Supplied queryId is invalid"), "{gone:?}");
}

#[tokio::test]
async fn every_request_to_neptune_is_one_that_the_models_allow() {
    let graph = "neptune:g-0123456789";
    let commands: &[&[&str]] = &[
        &["list", "neptune", "--format", "json"],
        &["query", graph, "MATCH (n) RETURN n LIMIT 1", "--format", "json"],
        &["query", graph, "MATCH (n) WHERE n.x = $x RETURN n LIMIT 1", "--param", "x=[1,\"a\"]"],
        &["query", graph, "MATCH (n) RETURN n LIMIT 1", "--explain", "static"],
    ];
    let mut seen = std::collections::BTreeSet::new();
    for (command, seed) in commands.iter().zip(700..) {
        let url = servers::model(seed);
        let ended = dbdeck::run(&url, "123456789012", command, "").await;
        let calls = models::calls(&url).await;
        let wrong: Vec<_> = calls.iter().filter(|call| !call.valid).collect();
        assert!(wrong.is_empty(), "{command:?}: {wrong:#?}");
        assert!(ended.code.is_some(), "{command:?}: {ended:?}");
        seen.extend(calls.iter().filter_map(|call| call.operation.clone()));
    }
    for operation in ["DescribeDBClusters", "ListGraphs", "GetGraph"] {
        assert!(seen.contains(operation), "{operation} was never asked: {seen:?}");
    }
}

#[tokio::test]
async fn no_answer_of_neptune_is_survived_only_by_luck() {
    let hostile = |seed: u32| async move {
        let list = ["list", "neptune", "--format", "json"];
        let query = ["query", "neptune:g-0123456789", "MATCH (n) RETURN n", "--format", "json"];
        for command in [list.as_slice(), query.as_slice()] {
            let ended = dbdeck::run(&servers::hostile(seed), "123456789012", command, "").await;
            assert_eq!(ended.dirt(), None, "{command:?} seed {seed}: {ended:?}");
            assert!(matches!(ended.code, Some(0..=4)), "{command:?} seed {seed}: {ended:?}");
        }
    };
    for seed in 70_000..70_012 {
        hostile(seed).await;
    }
}

#[tokio::test]
async fn no_answer_of_the_data_plane_is_survived_only_by_luck() {
    let account = Account("100000000725");
    account.neptune("kg").await;
    let asked = [("g.V().limit(3)", "gremlin"), ("MATCH (n) RETURN n LIMIT 3", "opencypher")];
    let mut answered = 0;
    for seed in 71_000..71_016 {
        for (statement, language) in asked {
            let arguments =
                ["query", "neptune:kg", statement, "--language", language, "--iam", "--format", "json"];
            let hostile = servers::hostile(seed);
            let settings =
                [("AWS_ENDPOINT_URL", &*servers::aws()), ("AWS_ENDPOINT_URL_NEPTUNEDATA", &hostile)];
            let ended = dbdeck::start_anywhere(account.0, &arguments, &settings).await.end().await;
            assert_eq!(ended.dirt(), None, "{statement} seed {seed}: {ended:?}");
            assert!(matches!(ended.code, Some(0 | 1 | 3)), "{statement} seed {seed}: {ended:?}");
            assert!(ended.code == Some(0) || !ended.stderr.is_empty(), "{statement} seed {seed}: {ended:?}");
            answered += usize::from(ended.code == Some(0));
            let calls = models::calls(&hostile).await;
            assert!(!calls.is_empty() && calls.iter().all(|call| call.valid), "seed {seed}: {calls:#?}");
        }
    }
    assert!(answered > 0, "some of its answers are rows");
}
