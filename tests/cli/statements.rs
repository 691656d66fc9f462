//! Running statements, and judging them.

use crate::binary::{dbdeck, dbdeck_with};
use serde_json::{Value, json};

const ALL: &str = "SELECT * FROM \"ml-features\"";
const OF_ONE: &str = "SELECT feature_name, version FROM \"ml-features\" WHERE user_id = 'u-1'";

#[test]
fn dynamodb_answers_with_rows_and_what_they_cost() {
    let ended = dbdeck(&["query", "--demo", "dynamodb:ml-features", OF_ONE, "--format", "json"]);
    assert!(ended.err.contains("rows in ") && ended.err.contains("consumed"), "{ended:?}");
    assert!(ended.err.contains("capacity units"), "{ended:?}");
    assert!(!ended.err.contains("TRUNCATED"), "{ended:?}");
    let rows = ended.json();
    let rows = rows.as_array().expect("one array");
    assert!(rows.len() > 1);
    for row in rows {
        assert!(row["feature_name"].is_string() && row["version"].is_number(), "{row}");
    }
}

#[test]
fn the_statement_may_come_from_standard_input() {
    let by_argument = dbdeck(&["query", "--demo", "dynamodb:ml-features", OF_ONE, "--format", "csv"]).well();
    for args in [
        vec!["query", "--demo", "dynamodb:ml-features", "--format", "csv"],
        vec!["query", "--demo", "dynamodb:ml-features", "-", "--format", "csv"],
    ] {
        assert_eq!(dbdeck_with(&args, OF_ONE.as_bytes(), &[]).well(), by_argument);
    }
}

#[test]
fn the_same_rows_in_every_format() {
    let run = |format| dbdeck(&["query", "--demo", "dynamodb:ml-features", OF_ONE, "--format", format]);
    let json = run("json").json();
    let json = json.as_array().expect("one array");
    assert_eq!(&run("jsonl").lines(), json);
    let csv = run("csv").well();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let heads = reader.headers().expect("heads").clone();
    let at = heads.iter().position(|h| h == "feature_name").expect("the column");
    let names: Vec<_> = reader.records().map(|r| r.expect("a record")[at].to_owned()).collect();
    assert_eq!(names, json.iter().map(|r| r["feature_name"].as_str().expect("text")).collect::<Vec<_>>());
    let table = run("table").well();
    assert!(names.iter().all(|name| table.contains(name.as_str())), "{table}");
}

#[test]
fn a_cut_is_told() {
    let args = ["query", "--demo", "dynamodb:ml-features", ALL, "--max-rows", "2", "--format", "jsonl"];
    let ended = dbdeck(&args);
    assert_eq!(ended.lines().len(), 2);
    assert_eq!(ended.code, 0);
    assert!(ended.err.contains("TRUNCATED"), "{ended:?}");
}

#[test]
fn refusals_name_the_rule_and_the_place() {
    let query = |resource, statement| dbdeck(&["query", "--demo", resource, statement]);
    query("dynamodb:ml-features", "DELETE FROM \"ml-features\" WHERE user_id = 'u-1'")
        .badly(4, &["partiql.delete", "1:1"]);
    query("dynamodb:ml-features", "gibberish").badly(4, &["refused by partiql."]);
    query("aurora:model-registry", "SELECT 1; DROP TABLE models").badly(4, &["refused by pg."]);
    query("aurora:model-registry", "SELECT\n  pg_terminate_backend(1)")
        .badly(4, &["refused by pg.", "pg_terminate_backend", "2:3"]);
    query("rds:orders", "UPDATE orders SET total = 0").badly(4, &["refused by "]);
}

#[test]
fn an_elevated_statement_changes_data() {
    let args = [
        "query",
        "--demo",
        "dynamodb:ml-features",
        "DELETE FROM \"ml-features\" WHERE user_id = 'u-1' AND feature_name = 'churn_score'",
        "--elevate",
        "a wrong score",
    ];
    let ended = dbdeck(&args);
    assert_eq!((ended.code, &*ended.out), (0, ""), "{ended:?}");
    let mut without_reason = args;
    without_reason[5] = "  ";
    dbdeck(&without_reason).badly(4, &["reason"]);
}

#[test]
fn a_statement_the_engine_rejects_fails_with_its_words() {
    let args = ["query", "--demo", "dynamodb:ml-features", "SELECT * FROM \"nosuch\""];
    let ended = dbdeck(&args);
    assert_eq!((ended.code, &*ended.out), (1, ""), "{ended:?}");
    dbdeck(&["query", "--demo", "dynamodb:ml-features", ALL, "--language", "sql"]).badly(2, &["partiql"]);
    dbdeck(&["query", "--demo", "rds:orders", "select 1", "--address", "here"]).badly(2, &["HOST:PORT"]);
}

/// The PostgreSQL in the process is slow to open, so this test asks it for everything at once.
#[test]
fn aurora_answers_through_a_real_postgresql() {
    let statement = "SELECT current_setting('transaction_read_only') AS locked, \
         (SELECT count(*) FROM model_registry) AS models, (SELECT tags FROM model_registry ORDER BY id LIMIT 1) AS tags, 'a,\"b\"' AS awkward, NULL AS nothing, \
         '{\"k\": [1, 2]}'::jsonb AS document";
    let args = ["query", "--demo", "aurora:model-registry", statement, "--format", "json"];
    let ended = dbdeck(&args);
    assert!(ended.err.contains("1 rows in "), "{ended:?}");
    let rows = ended.json();
    let row = &rows[0];
    assert_eq!(row["locked"], "on", "lock 3 stands");
    assert!(row["models"].as_i64().is_some_and(|n| n > 0), "{row}");
    assert!(row["tags"].is_array() || row["tags"].is_string(), "{row}");
    assert_eq!(row["awkward"], "a,\"b\"");
    assert_eq!(row["nothing"], Value::Null);
    assert_eq!(row["document"], json!({"k": [1, 2]}));
}

fn classify(args: &[&str], input: &[u8]) -> crate::binary::Ended {
    dbdeck_with(&[&["classify"], args].concat(), input, &[])
}

#[test]
fn classify_keeps_the_order_and_every_line() {
    let statements: Vec<_> = (0..3_000)
        .map(|n| match n % 3 {
            0 => format!("SELECT {n}"),
            1 => format!("DELETE FROM t WHERE id = {n}"),
            _ => format!("SELECT not_a_function_{n}()"),
        })
        .collect();
    let lines: Vec<_> = statements.iter().map(|s| json!({ "statement": s }).to_string()).collect();
    let ended = classify(&["--language", "sql", "--engine", "postgres"], lines.join("\n").as_bytes());
    assert_eq!((ended.code, &*ended.err), (0, ""));
    let verdicts = ended.lines();
    assert_eq!(verdicts.len(), statements.len());
    for (n, (verdict, statement)) in verdicts.iter().zip(&statements).enumerate() {
        assert_eq!(verdict["statement"], **statement);
        let allowed = verdict["verdict"] == "read";
        assert_eq!(allowed, n % 3 == 0, "{verdict}");
        assert!(["read", "write", "unsure"].iter().any(|w| verdict["verdict"] == *w), "{verdict}");
        assert!(verdict["rule"].is_string() && verdict["why"].is_string(), "{verdict}");
    }
}

#[test]
fn classify_survives_odd_lines() {
    let mut input = Vec::new();
    for line in [
        &br#"{"statement": "select 1"}"#[..],
        b"",
        br#"{"statement": ""}"#,
        br#"{"statement": "select '\ud800'"}"#,
        b"{\"statement\": \"select '\xff'\"}",
        b"{\"statement\": \"select 2\"}\r",
        br#"{"other": 1, "statement": "select 3"}"#,
    ] {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    let ended = classify(&["--language", "sql", "--engine", "postgres"], &input);
    assert_eq!((ended.code, &*ended.err), (0, ""));
    let verdicts: Vec<_> = ended.lines().iter().map(|v| v["verdict"] == "read").collect();
    assert_eq!(verdicts, [true, false, false, false, true, true]);

    let input =
        b"{\"statement\": \"select 1\"}\nnot json\n[]\n{\"statement\": 7}\n{\"statement\": \"select 2\"}\n";
    let ended = classify(&["--language", "sql", "--engine", "postgres"], input);
    assert_eq!(ended.code, 2, "{ended:?}");
    for number in ["line 2", "line 3", "line 4"] {
        assert!(ended.err.contains(number), "{ended:?}");
    }
    let verdicts: Vec<_> = ended.lines().iter().map(|v| v["verdict"].clone()).collect();
    assert_eq!(verdicts, ["read", "unsure", "unsure", "unsure", "read"], "each line has its verdict");
}

#[test]
fn classify_speaks_every_language() {
    let verdict = |args: &[&str], statement: &str| {
        let ended = classify(args, json!({ "statement": statement }).to_string().as_bytes());
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.lines()[0]["verdict"].as_str().expect("a verdict").to_owned()
    };
    for engine in ["postgres", "aurora-postgres", "mysql", "aurora-mysql", "mariadb"] {
        let args = ["--language", "sql", "--engine", engine];
        assert_eq!(verdict(&args, "SELECT a FROM t WHERE b = 1"), "read", "{engine}");
        assert_eq!(verdict(&args, "DROP TABLE t"), "write", "{engine}");
    }
    let partiql = ["--language", "partiql", "--engine", "dynamodb"];
    assert_eq!(verdict(&partiql, OF_ONE), "read");
    assert_eq!(verdict(&partiql, "DELETE FROM \"t\" WHERE id = 'a'"), "write");
    let api = ["--language", "aws-api", "--engine", "sdk"];
    assert_eq!(verdict(&api, "rds:DescribeDBInstances"), "read");
    assert_eq!(verdict(&api, "rds:DeleteDBInstance"), "write");
    assert_ne!(verdict(&api, "rds:DescribeNothingKnown"), "read");
    assert_ne!(verdict(&api, "dynamodb:ExecuteStatement"), "read");
    classify(&["--language", "sql"], b"").badly(2, &["--engine"]);
    classify(&["--language", "cobol"], b"").badly(2, &["cobol"]);
}

#[test]
fn prove_tries_every_layer_and_all_hold() {
    let ended = dbdeck(&["prove", "--format", "json"]);
    let layers = ended.json();
    let layers = layers.as_array().expect("one array");
    assert!(layers.len() >= 4);
    for layer in layers {
        assert_eq!(layer["verdict"], "holds", "{layer}");
        assert_eq!(layer["connections"], 0, "{layer}");
    }
}
