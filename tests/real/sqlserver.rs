//! SQL Server over TDS: a row of the fleet, a login by verified TLS, and the rows that another client gets.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::clients::Account;
use crate::dbdeck::{self, Ended};
use crate::servers;

/// Statements that the TDS server of the tests knows; each column has a name, so that the rows are JSON objects.
const STATEMENTS: &[&str] = &[
    "SELECT 1 AS one, 'two' AS two",
    "SELECT * FROM people ORDER BY id",
    "SELECT name FROM people WHERE city = 'Dublin' ORDER BY name",
    "SELECT name FROM people WHERE name = 'O''Brien'",
    "SELECT name FROM people WHERE name = N'太郎'",
    "SELECT city, COUNT(*) AS n FROM people GROUP BY city ORDER BY n DESC, city",
    "SELECT city, COUNT(*) AS n FROM people GROUP BY city HAVING COUNT(*) > 1",
    "SELECT TOP 2 name, height FROM people ORDER BY height DESC",
    "SELECT AVG(height) AS mean, MIN(height) AS least, MAX(height) AS most FROM people",
    "SELECT id, UPPER(name) AS upper_name, LEN(name) AS length FROM people WHERE height IS NOT NULL ORDER BY id",
    "SELECT name FROM sys.databases",
    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES ORDER BY TABLE_NAME",
    "SELECT DISTINCT city FROM people ORDER BY city",
    "SELECT name FROM people WHERE name LIKE 'J%'",
    "WITH tall AS (SELECT * FROM people WHERE height > 1.7) SELECT name FROM tall ORDER BY name",
    "SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS r FROM people",
    "SELECT name FROM people ORDER BY id OFFSET 2 ROWS FETCH NEXT 2 ROWS ONLY",
    "SELECT name FROM people WHERE height IS NULL",
    "SELECT @@TRANCOUNT AS depth",
];

async fn query(account: &Account, statement: &str, password: &str, more: &[&str]) -> Ended {
    let mut arguments = vec![
        "query",
        "rds:crm/pysqlbridge",
        statement,
        "--user",
        "sa",
        "--password-fd",
        "0",
        "--format",
        "json",
    ];
    arguments.extend(more);
    dbdeck::run(&servers::aws(), account.0, &arguments, &format!("{password}\n")).await
}

async fn crm(account: &Account) {
    let made = account.rds().create_db_instance().db_instance_identifier("crm").engine("sqlserver-ex");
    let made = made.db_instance_class("db.t3.small").allocated_storage(20).master_username("sa");
    made.master_user_password(servers::password()).send().await.expect("an instance is made");
}

/// What pymssql says to each statement.
async fn others() -> Vec<Value> {
    let (python, port) = servers::tds();
    let mut child = tokio::process::Command::new(python)
        .args(["tests/servers/tds/ask.py", &port, &servers::password()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pymssql");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(STATEMENTS.join("\n").as_bytes()).await.expect("it reads");
    drop(input);
    let said = child.wait_with_output().await.expect("it ends");
    let text = String::from_utf8(said.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[tokio::test]
async fn rows_are_those_of_another_client() {
    let account = Account("360000000001");
    crm(&account).await;
    let others = others().await;
    assert_eq!(others.len(), STATEMENTS.len());
    for (statement, other) in STATEMENTS.iter().zip(others) {
        let ended = query(&account, statement, &servers::password(), &[]).await.expect(0);
        let columns = other["columns"].as_array().expect("columns");
        let text = |cell: &Value| match cell {
            Value::Null => Value::Null,
            Value::String(text) => json!(text),
            other => json!(other.to_string()),
        };
        let ours: Vec<Value> = ended
            .json()
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| columns.iter().map(|name| text(&row[name.as_str().expect("a name")])).collect())
            .collect();
        assert_eq!(json!(ours), other["rows"], "{statement}");
    }
}

#[tokio::test]
async fn refusals_errors_and_logins_are_told() {
    let account = Account("360000000002");
    crm(&account).await;
    let password = servers::password();
    for change in ["DELETE FROM people", "SELECT 1 DELETE FROM people", "SELECT * INTO copy FROM people"] {
        query(&account, change, &password, &[]).await.expect(4);
    }
    let wrong = query(&account, "SELECT nothing FROM people", &password, &[]).await.expect(1);
    assert!(wrong.stderr.contains("error 207") && wrong.stderr.contains("line 1"), "{wrong:?}");
    let missing = query(&account, "SELECT 1 AS one FROM nobody", &password, &[]).await.expect(1);
    assert!(missing.stderr.contains("error 208"), "{missing:?}");
    let denied = query(&account, "SELECT 1 AS one", "wrong-word", &[]).await.expect(3);
    assert!(denied.stderr.contains("18456") && !denied.stderr.contains("wrong-word"), "{denied:?}");
    let cut = query(&account, "SELECT id FROM people ORDER BY id", &password, &["--max-rows", "2"]).await;
    assert_eq!(cut.json(), json!([{ "id": 1 }, { "id": 2 }]), "{cut:?}");
}

/// A certificate that nobody vouches for ends the connection before the login.
#[tokio::test]
async fn a_server_that_is_not_trusted_gets_no_password() {
    let account = Account("360000000003");
    crm(&account).await;
    let arguments = ["query", "rds:crm/pysqlbridge", "SELECT 1 AS one", "--user", "sa", "--password-fd", "0"];
    let arguments: Vec<&str> = arguments.to_vec();
    let input = format!("{}\n", servers::password());
    let run = dbdeck::start_with(&servers::aws(), account.0, &arguments, &input, &[]).await;
    let ended = run.end().await.expect(3);
    assert!(ended.stderr.contains("TLS") && ended.stderr.contains("no password was sent"), "{ended:?}");
}
