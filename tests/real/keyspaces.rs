//! CQL on Apache Cassandra, through the whole program: what comes back is what Cassandra's own driver reads of the
//! same statements; the endpoint's own name is verified through a tunnel; what writes never arrives.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::clients::Account;
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::{screen, servers};

/// Statements of every kind that the grammar knows and this server answers.
const STATEMENTS: &[&str] = &[
    "SELECT * FROM everything",
    "SELECT * FROM shop.everything WHERE id = 1",
    "SELECT id, t, ts, d, ti FROM everything",
    "SELECT l, st, m, mi, tp, ad, ve FROM everything",
    "SELECT de, dn, vi, do_, f, b, s, ty FROM everything",
    "SELECT a AS ascii_text, bl AS \"The Blob\" FROM everything",
    "SELECT ad.street, ad.zip FROM everything WHERE id = 1",
    "SELECT m['x'], mi[7] FROM everything",
    "SELECT du FROM everything",
    "SELECT JSON id, t, l, ad FROM everything",
    "SELECT toJson(m), toJson(ve) FROM everything WHERE id = 1",
    "SELECT count(*) FROM everything",
    "SELECT count(t) AS texts FROM everything",
    "SELECT CAST(i AS text), CAST(i AS bigint), CAST(ts AS date) FROM everything",
    "SELECT token(id), id FROM everything",
    "SELECT i + 1, i * 2, i - 3, i % 2, -(i + 1) AS negative FROM everything WHERE id = 1",
    "SELECT (int) 5, (text) 'x', (list<int>) [1, 2] FROM everything WHERE id = 1",
    "SELECT intAsBlob(i), blobAsInt(intAsBlob(7)), textAsBlob('é') FROM everything WHERE id = 1",
    "SELECT toDate(tu), toTimestamp(tu), toUnixTimestamp(tu) FROM everything WHERE id = 1",
    "SELECT map_keys(m), map_values(m), collection_count(l), collection_max(l) FROM everything WHERE id = 1",
    "SELECT abs(i), exp(do_), round(f) FROM everything WHERE id = 1",
    "SELECT mask_inner(t, 1, 1), mask_null(i), mask_default(do_) FROM everything WHERE id = 1",
    "SELECT CAST(similarity_cosine(ve, [0.5, 1, 2]) AS double) AS near FROM everything WHERE id = 1",
    "SELECT ttl(i), ttl(t) FROM everything",
    "SELECT id FROM everything WHERE l CONTAINS 3 ALLOW FILTERING",
    "SELECT id FROM everything WHERE m CONTAINS KEY 'x' ALLOW FILTERING",
    "SELECT id FROM everything WHERE m['y'] = 2 ALLOW FILTERING",
    "SELECT id FROM everything WHERE t = $$größe \"数据\" it's$$ ALLOW FILTERING",
    "SELECT id FROM everything WHERE u = 123e4567-e89b-12d3-a456-426614174000 ALLOW FILTERING",
    "SELECT id FROM everything WHERE bl = 0xcafe00 ALLOW FILTERING",
    "SELECT * FROM everything WHERE id IN (1, 2, 3)",
    "SELECT * FROM events",
    "SELECT device, day, at FROM events LIMIT 2500",
    "SELECT * FROM events WHERE device = 'dev-0' AND day = '2026-01-01'",
    "SELECT at, value FROM events WHERE device = 'dev-1' AND day = '2026-01-01' ORDER BY at ASC, seq DESC LIMIT 20",
    "SELECT at FROM events WHERE device = 'dev-2' AND day = '2026-01-01' AND at >= '2026-01-01 10:00:00+0000' AND at < '2026-01-01 10:30:00+0000'",
    "SELECT at, seq FROM events WHERE device = 'dev-0' AND day = '2026-01-01' AND (at, seq) > ('2026-01-01 23:50:00+0000', 5)",
    "SELECT at, seq FROM events WHERE device = 'dev-0' AND day = '2026-01-01' AND (at, seq) IN (('2026-01-01 00:01:00.001+0000', 1))",
    "SELECT device, count(*) FROM events WHERE device IN ('dev-0', 'dev-3') AND day = '2026-01-01' GROUP BY device, day",
    "SELECT device, day, max(value), min(value), sum(value), avg(value) FROM events GROUP BY device, day",
    "SELECT floor(at, 6h) AS slot, count(*) FROM events WHERE device = 'dev-0' AND day = '2026-01-01' GROUP BY device, day, floor(at, 6h)",
    "SELECT DISTINCT device, day, note FROM events",
    "SELECT device, at, seq FROM events PER PARTITION LIMIT 3",
    "SELECT device, at FROM events PER PARTITION LIMIT 2 LIMIT 5",
    "SELECT count(*) FROM events WHERE kind = 'alarm' ALLOW FILTERING",
    "SELECT device, at FROM events WHERE value > 740 ALLOW FILTERING",
    "SELECT device FROM events WHERE token(device, day) > 0 PER PARTITION LIMIT 1",
    "SELECT device FROM events WHERE token(device, day) <= token('dev-1', '2026-01-01') PER PARTITION LIMIT 1",
    "SELECT tags['fw'] AS firmware, kind FROM events WHERE device = 'dev-4' AND day = '2026-01-01' LIMIT 9",
    "SELECT keyspace_name, table_name FROM system_schema.tables WHERE keyspace_name = 'shop'",
    "SELECT * FROM system_schema.columns WHERE keyspace_name = 'shop' AND table_name = 'events'",
    "SELECT cluster_name, native_protocol_version, partitioner FROM system.local",
    "SELECT keyspace_name, durable_writes, replication FROM system_schema.keyspaces WHERE keyspace_name = 'shop'",
    "SELECT /* a comment; */ id -- another\nFROM everything // and a third\n",
    "SELECT id FROM everything WHERE id = 99",
    "SELECT type_name, field_names, field_types FROM system_schema.types WHERE keyspace_name = 'shop'",
];

/// Runs a statement on the keyspace, by Keyspaces' own endpoint name through a tunnel.
async fn query(who: (&str, &str), statement: &str, more: &[&str]) -> Ended {
    at(&servers::cassandra(), who, statement, more).await
}

async fn at(address: &str, (user, password): (&str, &str), statement: &str, more: &[&str]) -> Ended {
    let arguments = ["query", "keyspaces:shop/shop", statement, "--format", "csv", "--address", address];
    let login = ["--user", user, "--password-fd", "0"];
    let arguments: Vec<&str> = arguments.iter().chain(&login).chain(more).copied().collect();
    dbdeck::run(&servers::model(51), "500000000051", &arguments, &format!("{password}\n")).await
}

const OWNER: (&str, &str) = ("cassandra", "cassandra");

/// What Cassandra's driver reads of each statement, as CSV.
async fn driver() -> Vec<String> {
    let port = servers::port(&servers::cassandra()).to_string();
    let (ca, password) = (servers::ca(), servers::password());
    let mut child = Command::new(servers::cassandra_python())
        .args(["tests/servers/cassandra/client.py", &port, &ca, &password, "rows", "shop"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the driver starts");
    let asked = serde_json::to_string(STATEMENTS).expect("statements are JSON");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(asked.as_bytes()).await.expect("it reads the statements");
    drop(stdin);
    let output = child.wait_with_output().await.expect("it ends");
    assert!(output.status.success(), "the driver failed");
    serde_json::from_slice(&output.stdout).expect("a list of texts")
}

#[tokio::test]
async fn what_is_read_is_what_cassandras_own_driver_reads() {
    assert!(STATEMENTS.len() >= 50);
    let expected = driver().await;
    assert_eq!(expected.len(), STATEMENTS.len());
    let mut wrong = Vec::new();
    for (statement, expected) in STATEMENTS.iter().zip(&expected) {
        let ended = query(OWNER, statement, &[]).await;
        if ended.code != Some(0) || ended.stdout != *expected {
            wrong.push(format!(
                "{statement}\n  driver: {expected:.800}\n  dbdeck: {:.800}\n  {}",
                ended.stdout, ended.stderr
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), STATEMENTS.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_cassandras_own_driver_reads() {
    let expected = driver().await;
    let console = screen::console(&servers::model(52), &Account("500000000051"), &["-c", "keyspaces"]);
    // Any row will do: the address and the keyspace are said.
    let mut editor = Editor::on(console, "keyspaceName");
    editor.command("database shop");
    editor.command(&format!("address {}", servers::cassandra()));
    editor.command("user cassandra");
    editor.log_in("SELECT cluster_name FROM system.local", OWNER.1);
    for (statement, expected) in STATEMENTS.iter().zip(&expected) {
        assert_eq!(editor.rows(statement, "csv"), *expected, "{statement}");
    }
    editor.leave();
}

#[tokio::test]
async fn a_write_never_arrives_unless_it_was_allowed_and_then_it_does() {
    let insert = "INSERT INTO written (id, t) VALUES (77, 'written')";
    let look = "SELECT t FROM written WHERE id = 77";
    query(OWNER, insert, &[]).await.expect(4);
    assert_eq!(query(OWNER, look, &[]).await.expect(0).stdout, "t\n");
    query(OWNER, insert, &["--elevate", "a test writes"]).await.expect(0);
    assert_eq!(query(OWNER, look, &[]).await.expect(0).stdout, "t\nwritten\n");
    query(OWNER, "DELETE FROM written WHERE id = 77", &["--elevate", "a test cleans up"]).await.expect(0);
}

#[tokio::test]
async fn a_role_that_only_reads_is_told_what_it_lacks() {
    let password = servers::password();
    let reader = ("reader", &*password);
    let rows = query(reader, "SELECT id FROM everything WHERE id = 1", &[]).await.expect(0);
    assert_eq!(rows.stdout, "id\n1\n");
    let denied =
        query(reader, "DELETE FROM everything WHERE id = 1", &["--elevate", "a test"]).await.expect(3);
    assert!(denied.stderr.contains("reader"), "{}", denied.stderr);
    let wrong = query(("reader", "not-it"), "SELECT id FROM everything", &[]).await.expect(3);
    assert!(wrong.stderr.contains("service-specific credentials"), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("not-it"), "{}", wrong.stderr);
}

#[tokio::test]
async fn a_cut_is_told_and_the_servers_objections_come_in_its_own_words() {
    let cut = query(OWNER, "SELECT * FROM events", &["--max-rows", "1500"]).await.expect(0);
    assert_eq!(cut.stdout.lines().count(), 1_501);
    assert!(cut.stderr.contains("TRUNCATED"), "{}", cut.stderr);
    let filtering = query(OWNER, "SELECT * FROM events WHERE value = 1", &[]).await.expect(1);
    assert!(filtering.stderr.contains("ALLOW FILTERING"), "{}", filtering.stderr);
    let missing = query(OWNER, "SELECT * FROM nowhere", &[]).await.expect(1);
    assert!(missing.stderr.contains("nowhere does not exist"), "{}", missing.stderr);
    let marker = query(OWNER, "SELECT * FROM events WHERE device = ? AND day = ?", &[]).await;
    assert!(marker.stderr.contains("parameters"), "{}", marker.stderr);
}

#[tokio::test]
async fn a_server_under_another_name_gets_no_password() {
    let ended = at(&servers::neptune_tls(), OWNER, "SELECT * FROM events", &[]).await.expect(3);
    assert!(ended.stderr.contains("not valid for name"), "{}", ended.stderr);
}
