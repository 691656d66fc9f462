//! SQL Server over TDS: a row of the fleet, a login by verified TLS, and the rows that another client gets.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::clients::Account;
use crate::console::{CTRL_C, ENTER};
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::screen::{self, ESCAPE};
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
    "SELECT TOP 1 name FROM people ORDER BY id",
    "SELECT TOP (3) id, city FROM people ORDER BY id DESC",
    "SELECT COUNT(*) AS n FROM people",
    "SELECT COUNT(DISTINCT city) AS cities FROM people",
    "SELECT SUM(height) AS total FROM people",
    "SELECT city, MAX(height) AS tallest FROM people GROUP BY city ORDER BY city",
    "SELECT name FROM people WHERE height BETWEEN 1.7 AND 1.8 ORDER BY name",
    "SELECT name FROM people WHERE city IN ('Dublin', 'Tokyo') ORDER BY id",
    "SELECT name FROM people WHERE city NOT IN ('Dublin') ORDER BY id",
    "SELECT name FROM people WHERE NOT (city = 'Dublin') ORDER BY id",
    "SELECT name FROM people WHERE city = 'Dublin' AND height > 1.7",
    "SELECT name FROM people WHERE city = 'Berlin' OR city = 'Tokyo' ORDER BY name",
    "SELECT id, CASE WHEN height > 1.8 THEN 'tall' WHEN height IS NULL THEN 'unknown' ELSE 'less' END AS kind FROM people ORDER BY id",
    "SELECT ISNULL(height, 0) AS height FROM people ORDER BY id",
    "SELECT COALESCE(height, 0) AS height FROM people ORDER BY id",
    "SELECT NULLIF(city, 'Dublin') AS elsewhere FROM people ORDER BY id",
    "SELECT LOWER(city) AS city FROM people ORDER BY id",
    "SELECT LEFT(name, 2) AS start FROM people ORDER BY id",
    "SELECT RIGHT(name, 2) AS rest FROM people ORDER BY id",
    "SELECT SUBSTRING(name, 2, 3) AS part FROM people ORDER BY id",
    "SELECT REPLACE(city, 'D', 'd') AS city FROM people ORDER BY id",
    "SELECT LTRIM(RTRIM('  a  ')) AS trimmed",
    "SELECT name + ' of ' + city AS who FROM people ORDER BY id",
    "SELECT CONCAT(name, ' (', city, ')') AS who FROM people ORDER BY id",
    "SELECT id * 2 + 1 AS odd FROM people ORDER BY id",
    "SELECT id % 2 AS parity FROM people ORDER BY id",
    "SELECT ABS(-3) AS three",
    "SELECT ROUND(2.567, 1) AS r",
    "SELECT CAST(height AS INT) AS metres FROM people WHERE height IS NOT NULL ORDER BY id",
    "SELECT CAST(id AS VARCHAR(10)) AS id FROM people ORDER BY id",
    "SELECT CONVERT(VARCHAR(10), id) AS id FROM people ORDER BY id",
    "SELECT YEAR(born) AS y FROM people ORDER BY id",
    "SELECT MONTH(born) AS m, DAY(born) AS d FROM people ORDER BY id",
    "SELECT DATEDIFF(year, born, '2026-01-01') AS years FROM people ORDER BY id",
    "SELECT born FROM people WHERE born > '1985-01-01' ORDER BY born",
    "SELECT a.name, b.name AS other FROM people a JOIN people b ON a.city = b.city AND a.id < b.id",
    "SELECT a.name FROM people a LEFT JOIN people b ON a.city = b.city AND a.id <> b.id WHERE b.id IS NULL ORDER BY a.id",
    "SELECT a.id, b.id AS other FROM people a CROSS JOIN people b ORDER BY a.id, b.id",
    "SELECT name FROM people WHERE id = (SELECT MAX(id) FROM people)",
    "SELECT name FROM people WHERE id IN (SELECT id FROM people WHERE height > 1.7) ORDER BY id",
    "SELECT name FROM people p WHERE EXISTS (SELECT 1 FROM people q WHERE q.city = p.city AND q.id <> p.id) ORDER BY id",
    "SELECT name FROM people WHERE city = 'Dublin' UNION SELECT name FROM people WHERE city = 'Tokyo' ORDER BY name",
    "SELECT city FROM people UNION ALL SELECT city FROM people",
    "SELECT name FROM people EXCEPT SELECT name FROM people WHERE city = 'Dublin'",
    "SELECT city FROM people INTERSECT SELECT city FROM people WHERE id = 2",
    "SELECT id, RANK() OVER (ORDER BY city) AS r FROM people ORDER BY id",
    "SELECT id, SUM(id) OVER (ORDER BY id) AS running FROM people ORDER BY id",
    "SELECT id, COUNT(*) OVER (PARTITION BY city) AS n FROM people ORDER BY id",
    "SELECT id, LAG(name) OVER (ORDER BY id) AS before FROM people ORDER BY id",
    "SELECT t.n FROM (SELECT COUNT(*) AS n FROM people) t",
    "WITH a AS (SELECT city, COUNT(*) AS n FROM people GROUP BY city), b AS (SELECT MAX(n) AS m FROM a) SELECT a.city FROM a JOIN b ON a.n = b.m",
    "SELECT [name] AS [the name] FROM [people] ORDER BY [id]",
    "SELECT name FROM dbo.people ORDER BY id",
    "SELECT people.name FROM people ORDER BY people.id",
    "SELECT 'it''s' AS quoted, N'日本' AS unicode",
    "SELECT NULL AS nothing",
    "SELECT CHARINDEX('b', 'abc') AS at",
    "SELECT REVERSE('abc') AS r",
    "SELECT REPLICATE('ab', 2) AS r",
    "SELECT STUFF('abcdef', 2, 3, 'x') AS s",
    "SELECT IIF(1 = 1, 'yes', 'no') AS answer",
    "SELECT DB_NAME() AS db",
    "SELECT @@SERVERNAME AS server",
    "SELECT SUSER_SNAME() AS login",
    "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'people' ORDER BY ORDINAL_POSITION",
    "SELECT name FROM sys.tables",
    "SELECT name FROM sys.schemas ORDER BY name",
    "SELECT city, STRING_AGG(name, ',') AS names FROM people GROUP BY city ORDER BY city",
    "SELECT name FROM people WHERE name LIKE '%ö%' OR name LIKE '_____'",
    "SELECT DISTINCT TOP 2 city FROM people ORDER BY city",
    "SELECT name FROM people ORDER BY 1",
    "SELECT LEN(name) AS n, COUNT(*) AS c FROM people GROUP BY LEN(name) ORDER BY n",
    "SELECT id FROM people WHERE id > 1 AND id <= 3 ORDER BY id",
    "SELECT name FROM people -- a comment",
    "SELECT /* a comment */ name FROM people",
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

/// pymssql's rows, whole numbers without a point: Python shows a float with one.
fn plain(rows: &Value) -> Value {
    let cell = |cell: &Value| match cell {
        Value::String(text) => json!(text.strip_suffix(".0").unwrap_or(text)),
        other => other.clone(),
    };
    let row = |row: &Value| row.as_array().expect("a row").iter().map(cell).collect::<Value>();
    rows.as_array().expect("rows").iter().map(row).collect()
}

/// Our rows in pymssql's form: the cells as texts, in the order of its columns.
fn told(rows: &Value, columns: &Value) -> Value {
    let text = |cell: &Value| match cell {
        Value::Null => Value::Null,
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    let columns: Vec<&str> = columns.as_array().expect("columns").iter().filter_map(Value::as_str).collect();
    let row = |row: &Value| columns.iter().map(|name| text(&row[*name])).collect::<Value>();
    rows.as_array().expect("rows").iter().map(row).collect()
}

#[tokio::test]
async fn rows_are_those_of_another_client() {
    let account = Account("360000000001");
    crm(&account).await;
    let others = others().await;
    assert_eq!(others.len(), STATEMENTS.len());
    for (statement, other) in STATEMENTS.iter().zip(others) {
        let ended = query(&account, statement, &servers::password(), &[]).await.expect(0);
        assert_eq!(told(&ended.json(), &other["columns"]), plain(&other["rows"]), "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_the_rows_of_another_client() {
    let account = Account("360000000004");
    crm(&account).await;
    let others = others().await;
    let mut editor = Editor::on(screen::console(&servers::aws(), &account, &["-c", "rds"]), "crm");
    editor.command("database pysqlbridge");
    editor.command("user sa");
    editor.log_in("SELECT 1 AS one", &servers::password());
    for (statement, other) in STATEMENTS.iter().zip(others) {
        assert_eq!(told(&editor.json(statement), &other["columns"]), plain(&other["rows"]), "{statement}");
    }
    editor.leave();
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

/// Seven times the six people, paired with one another: more than a second of work for this server.
const LONG: &str = "SELECT COUNT(*) AS n FROM people a CROSS JOIN people b CROSS JOIN people c CROSS JOIN people d \
    CROSS JOIN people e CROSS JOIN people f CROSS JOIN people g WHERE a.id + g.id < ";

/// The messages that the server took from connections, as `CONNECTION KIND TEXT`.
async fn heard() -> Vec<String> {
    let log = tokio::fs::read_to_string(servers::tds_log()).await.unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

/// The connection that a statement came by, once it did.
async fn connection_of(statement: &str) -> String {
    servers::eventually("the statement on the server", || async {
        let heard = heard().await;
        let line = heard.iter().find(|line| line.contains("SQL_BATCH") && line.contains(statement))?;
        line.split(' ').next().map(str::to_owned)
    })
    .await
}

/// What came by a connection next after a statement is an attention: "stop, and say that you did".
async fn ended_by_attention(connection: &str, statement: &str) {
    servers::eventually("an attention on the server", || async {
        let heard = heard().await;
        let own = heard.iter().filter_map(|line| line.strip_prefix(connection)).map(str::trim_start);
        let next = own.skip_while(|line| !line.contains(statement)).nth(1)?;
        next.starts_with("ATTENTION").then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_statement_is_ended_by_an_attention() {
    let account = Account("360000000005");
    crm(&account).await;
    let statement = format!("{LONG}71005");
    let arguments = ["query", "rds:crm/pysqlbridge", &statement, "--user", "sa", "--password-fd", "0"];
    let input = format!("{}\n", servers::password());
    let run = dbdeck::start(&servers::aws(), account.0, &arguments, &input).await;
    let connection = connection_of(&statement).await;
    run.signal("INT").await;
    let ended = run.end().await.expect(130);
    assert_eq!(ended.stdout, "");
    ended_by_attention(&connection, &statement).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_editor_cancels_is_ended_by_an_attention_and_the_tab_goes_on() {
    let account = Account("360000000006");
    crm(&account).await;
    let mut console = screen::console(&servers::aws(), &account, &["-c", "rds"]);
    console.shows("crm");
    console.types("e");
    console.shows("type a statement");
    console.types(&format!("{ESCAPE}:database pysqlbridge{ENTER}{ESCAPE}:user sa{ENTER}"));
    screen::run(&mut console, "SELECT 1 AS one");
    console.shows("Log in to");
    console.types(&format!("{}{ENTER}", servers::password()));
    console.shows("1 rows");
    let long = format!("{LONG}71006");
    screen::run(&mut console, &long);
    let connection = connection_of(&long).await;
    console.types(CTRL_C);
    console.shows("cancelled");
    screen::run(&mut console, "SELECT 'still here' AS said");
    console.shows("still here");
    ended_by_attention(&connection, &long).await;
    screen::leave(console);
}
