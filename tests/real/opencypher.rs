//! openCypher on Neo4j behind the front of Neptune's data plane: rows equal to Neo4j's own, typed nodes and
//! relationships, a refusal that sends nothing and a cancel that ends the transaction on the server.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::clients::Account;
use crate::console::Console;
use crate::dbdeck::{self, Ended, Run};
use crate::editor::Editor;
use crate::servers::{self, eventually};

async fn start(account: &str, statement: &str, more: &[&str]) -> Run {
    let arguments = ["query", "neptune:kg", statement, "--language", "opencypher", "--format", "json"];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    let settings =
        [("AWS_ENDPOINT_URL", &*servers::aws()), ("AWS_ENDPOINT_URL_NEPTUNEDATA", &servers::neptune())];
    dbdeck::start_anywhere(account, &arguments, &settings).await
}

async fn run(account: &str, statement: &str, more: &[&str]) -> Ended {
    start(account, statement, more).await.end().await
}

/// What Neo4j itself answers: a list of values for each row.
async fn neo4j(statement: &str) -> Vec<Vec<Value>> {
    let (python, port) = servers::neo4j();
    let asked = Command::new(python).args(["tests/servers/cypher_front.py", &port, statement]).output().await;
    let output = asked.expect("Python runs");
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("rows")
}

/// The values of each row in the order of the columns.
fn values(rows: &Value) -> Vec<Vec<Value>> {
    let row = |row: &Value| row.as_object().expect("a row").values().cloned().collect();
    rows.as_array().expect("rows").iter().map(row).collect()
}

/// A small graph of its own label, made anew: four models, three datasets, who trained what on which.
async fn graph(tag: &str) {
    let made = format!(
        "MATCH (n:{tag}) DETACH DELETE n WITH count(*) AS gone \
         UNWIND range(1, 4) AS i \
         CREATE (m:model:{tag} {{name: 'model-' + i, version: i, score: i * 0.25, tags: ['a', 'b' + i], live: i % 2 = 0}}) \
         WITH collect(m) AS models \
         UNWIND range(1, 3) AS i \
         CREATE (d:dataset:{tag} {{name: 'data-' + i, size: i * 1000}}) \
         WITH models, collect(d) AS sets \
         UNWIND range(0, 3) AS i \
         WITH models[i] AS m, sets[i % 3] AS d, i \
         CREATE (m)-[:trained_on {{epochs: i + 1}}]->(d)"
    );
    neo4j(&made).await;
}

/// Statements with one answer, `TAG` for the label of the graph.
const STATEMENTS: &[&str] = &[
    "RETURN 1 AS one, 'text' AS text, true AS yes, null AS nothing, 1.5 AS float",
    "RETURN [1, 2, 3] AS list, {a: 1, b: 'x'} AS map",
    "RETURN [x IN range(1, 5) WHERE x % 2 = 1 | x * x] AS odd",
    "RETURN size('größe') AS n, toUpper('ß') AS upper, reverse('abc') AS back",
    "RETURN coalesce(null, 'b') AS c, CASE WHEN 1 < 2 THEN 'less' ELSE 'more' END AS w",
    "RETURN 7 / 2 AS i, 7 % 2 AS m, 7.0 / 2 AS f, 2 ^ 3 AS p",
    "RETURN 'ab' STARTS WITH 'a' AS s, 'ab' ENDS WITH 'a' AS e, 'ab' CONTAINS 'b' AS c",
    "RETURN split('a,b,c', ',') AS parts, substring('abcdef', 1, 3) AS mid, trim('  x ') AS t",
    "RETURN toInteger('42') AS i, toFloat('1.5') AS f, toString(7) AS s, toBoolean('true') AS b",
    "RETURN abs(-3) AS a, sign(-2) AS s, round(2.5) AS r, floor(2.7) AS f, ceil(2.1) AS c",
    "RETURN head([1, 2]) AS h, last([1, 2]) AS l, tail([1, 2, 3]) AS t",
    "RETURN 1 IN [1, 2] AS yes, 3 IN [1, 2] AS no, null IN [1] AS unknown",
    "RETURN reduce(sum = 0, x IN [1, 2, 3] | sum + x) AS sum",
    "RETURN all(x IN [1, 2] WHERE x > 0) AS a, any(x IN [1] WHERE x > 1) AS b, none(x IN [] WHERE x) AS c",
    "RETURN 'it\\'s' AS s, \"quo'te\" AS q, 'back\\\\slash' AS b",
    "UNWIND [3, 1, 2] AS n RETURN n ORDER BY n DESC",
    "UNWIND [1, 1, 2] AS n RETURN DISTINCT n ORDER BY n",
    "UNWIND range(1, 10) AS n RETURN sum(n) AS s, avg(n) AS a, min(n) AS l, max(n) AS h, count(*) AS c",
    "UNWIND [1, 2, 3] AS n WITH n WHERE n > 1 RETURN collect(n) AS big",
    "UNWIND range(1, 30) AS n RETURN n SKIP 5 LIMIT 3",
    "MATCH (n:TAG) RETURN count(n) AS n",
    "MATCH (n:TAG) RETURN labels(n)[0] AS label, count(*) AS n ORDER BY label",
    "MATCH (m:model:TAG) RETURN m.name, m.version, m.score, m.tags, m.live ORDER BY m.version",
    "MATCH (m:model:TAG) WHERE m.version > 2 RETURN m.name ORDER BY m.name",
    "MATCH (m:model:TAG {name: 'model-2'}) RETURN m.version AS v",
    "MATCH (m:model:TAG) WHERE m.name =~ 'model-[13]' RETURN m.name ORDER BY m.name DESC",
    "MATCH (m:model:TAG) WHERE m.live RETURN count(m) AS live",
    "MATCH (m:model:TAG) WHERE m.nowhere IS NULL RETURN count(m) AS n",
    "MATCH (m:model:TAG)-[:trained_on]->(d) RETURN m.name, d.name ORDER BY m.name LIMIT 20",
    "MATCH (m:model:TAG)-[t:trained_on]->(d) RETURN m.name, t.epochs, d.size ORDER BY t.epochs",
    "MATCH (d:dataset:TAG)<-[:trained_on]-(m) RETURN d.name, collect(m.name) AS by ORDER BY d.name",
    "MATCH (d:dataset:TAG)<-[t:trained_on]-() RETURN d.name, sum(t.epochs) AS epochs ORDER BY epochs DESC, d.name",
    "MATCH (a:model:TAG)-[:trained_on]->(d)<-[:trained_on]-(b) WHERE a.name < b.name RETURN a.name, b.name, d.name",
    "MATCH (m:model:TAG) OPTIONAL MATCH (m)-[:nowhere]->(x) RETURN m.name, x ORDER BY m.name",
    "MATCH (m:model:TAG) WHERE NOT (m)-[:trained_on]->(:dataset {name: 'data-1'}) RETURN m.name ORDER BY m.name",
    "MATCH (m:model:TAG) WITH m ORDER BY m.score DESC LIMIT 2 RETURN collect(m.name) AS best",
    "MATCH (m:model:TAG) RETURN m.live AS live, avg(m.score) AS score ORDER BY live",
    "MATCH (m:model:TAG) RETURN m {.name, .version} AS part ORDER BY m.name LIMIT 2",
    "MATCH (m:model:TAG)-[t]->() RETURN DISTINCT type(t) AS type",
    "MATCH p = (:model:TAG {name: 'model-1'})-[:trained_on]->() RETURN length(p) AS n",
    "MATCH (m:model:TAG)-[:trained_on*1..2]-(o:model) RETURN m.name, o.name ORDER BY m.name, o.name",
    "MATCH (m:model:TAG) RETURN keys(m)[0] IS NOT NULL AS has, size(keys(m)) AS n LIMIT 1",
    "MATCH (m:model:TAG) RETURN properties(m) AS all ORDER BY m.name LIMIT 1",
    "MATCH (m:model:TAG) RETURN m.name AS name UNION MATCH (d:dataset:TAG) RETURN d.name AS name",
    "MATCH (m:model:TAG) RETURN 1 AS one UNION ALL MATCH (d:dataset:TAG) RETURN 2 AS one",
    "MATCH (m:model:TAG) UNWIND m.tags AS tag RETURN tag, count(*) AS n ORDER BY tag",
    "MATCH (m:model:TAG) WHERE m.score >= 0.5 AND (m.version = 2 OR m.live = false) RETURN m.name ORDER BY m.name",
    "MATCH (m:model:TAG) WHERE m.version IN [1, 4] RETURN m.name ORDER BY m.name",
    "MATCH (m:model:TAG)-[t:trained_on]->(d:dataset) WITH d, max(t.epochs) AS most RETURN d.name, most ORDER BY d.name",
    "MATCH (m:model:TAG) WITH count(m) AS n, max(m.version) AS v RETURN n * v AS product",
    "MATCH (n:TAG) WITH n.name AS name ORDER BY name RETURN collect(name)[1..3] AS some",
    "MATCH (m:model:TAG) RETURN size([(m)-[:trained_on]->(d) | d]) AS trained, count(*) AS n",
];

#[tokio::test]
async fn fifty_statements_answer_as_neo4j_itself() {
    let account = Account("100000000721");
    account.neptune("kg").await;
    graph("fifty").await;
    let mut wrong = Vec::new();
    for statement in STATEMENTS {
        let statement = statement.replace("TAG", "fifty");
        let expected = neo4j(&statement).await;
        let ended = run(account.0, &statement, &[]).await;
        if ended.code != Some(0) || values(&ended.json()) != expected {
            wrong.push(format!("{statement}\n  not {expected:?}\n  {ended:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), STATEMENTS.len(), wrong.join("\n"));
    assert!(STATEMENTS.len() >= 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_neo4j_itself_answers() {
    let account = Account("100000000724");
    account.neptune("kg").await;
    graph("typed_in").await;
    let variables = [
        ("AWS_ACCESS_KEY_ID", account.0),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", &servers::aws()),
        ("AWS_ENDPOINT_URL_NEPTUNEDATA", &servers::neptune()),
    ];
    let console = Console::start_with(&["-c", "neptune", "--region", servers::REGION], 120, 40, &variables);
    let mut editor = Editor::on(console, "kg");
    editor.command("language opencypher");
    for statement in STATEMENTS {
        let statement = statement.replace("TAG", "typed_in");
        assert_eq!(values(&editor.json(&statement)), neo4j(&statement).await, "{statement}");
    }
    editor.leave();
}

#[tokio::test]
async fn nodes_and_relationships_come_typed_and_writes_stay_here() {
    let account = Account("100000000722");
    account.neptune("kg").await;
    graph("typed").await;
    let statement = "MATCH (m:model:typed {name: 'model-2'})-[t:trained_on]->(d) RETURN m, t, d";
    let row = run(account.0, statement, &[]).await.expect(0).json()[0].clone();
    assert_eq!(row["m"]["~entityType"], "node", "{row}");
    assert_eq!(row["m"]["~properties"]["tags"], json!(["a", "b2"]));
    assert_eq!((&row["t"]["~type"], &row["t"]["~start"]), (&json!("trained_on"), &row["m"]["~id"]));
    assert_eq!(row["t"]["~end"], row["d"]["~id"]);
    // A node's labels have no order.
    let labels = row["d"]["~labels"].as_array().expect("labels");
    assert!(labels.len() == 2 && labels.contains(&json!("dataset")) && labels.contains(&json!("typed")));
    for refused in ["CREATE (n:typed)", "MATCH (n:typed) SET n.x = 1", "MATCH (n:typed) DETACH DELETE n"] {
        run(account.0, refused, &[]).await.expect(4);
    }
    assert_eq!(neo4j("MATCH (n:typed) RETURN count(n), count(n.x)").await, [[json!(7), json!(0)]]);
    let wrong = run(account.0, "MATCH (n:typed) RETURN m", &[]).await.expect(1);
    assert!(wrong.stderr.contains("not defined"), "{}", wrong.stderr);
    let made = run(account.0, "CREATE (n:typed {x: 1}) RETURN n.x AS x", &["--elevate", "a test"]).await;
    assert_eq!(made.expect(0).json(), json!([{ "x": 1 }]));
}

#[tokio::test]
async fn a_long_statement_is_cancelled_on_the_server() {
    let account = Account("100000000723");
    account.neptune("kg").await;
    let long = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a * b AS long RETURN sum(long) AS long";
    let listing = "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'UNWIND range(1, 100000)' RETURN 1";
    let running = start(account.0, long, &[]).await;
    eventually("the statement at the server", || async { (neo4j(listing).await.len() == 1).then_some(()) })
        .await;
    running.signal("INT").await;
    let ended = running.end().await.expect(130);
    assert!(ended.stderr.contains("cancelled"), "{}", ended.stderr);
    eventually("its end at the server", || async { neo4j(listing).await.is_empty().then_some(()) }).await;
}
