//! Redis, Valkey and Memcached through `dbdeck query`: answers equal to `redis-cli`'s, TLS and a user, a cluster of six
//! nodes with its redirections and a failover, refusals that send nothing.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::clients::Account;
use crate::console::{Console, ENTER};
use crate::dbdeck::{self, Ended};
use crate::editor::Editor;
use crate::screen;
use crate::servers::{self, eventually};

async fn query(account: &str, row: &str, command: &str, more: &[&str]) -> Ended {
    let mut arguments = vec!["query", row, command, "--format", "json"];
    arguments.extend(more);
    dbdeck::run(&servers::aws(), account, &arguments, "").await
}

/// What `redis-cli` prints.
async fn cli(port: &str, arguments: &[&str]) -> String {
    let output =
        Command::new("redis-cli").args(["-p", port]).args(arguments).output().await.expect("redis-cli runs");
    String::from_utf8(output.stdout).expect("it writes UTF-8").trim().to_owned()
}

/// Fills a server through `redis-cli`, which reads commands from its standard input.
async fn fill(port: &str, cluster: bool, commands: &str) {
    let mut command = Command::new("redis-cli");
    command.args(["-p", port]).args(cluster.then_some("-c"));
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("redis-cli runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(commands.as_bytes()).await.expect("commands are taken");
    drop(stdin);
    assert!(child.wait().await.expect("it ends").success());
}

/// Every leaf of a value in order, keys of objects among them.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|v| leaves(v, out)),
        Value::Object(pairs) => pairs.iter().for_each(|(key, v)| {
            out.push(key.clone());
            leaves(v, out);
        }),
        Value::String(text) => out.push(text.clone()),
        other => out.push(other.to_string()),
    }
}

/// Every leaf of the rows that dbdeck wrote.
fn cells(rows: &Value) -> Vec<String> {
    let mut out = Vec::new();
    for row in rows.as_array().expect("rows") {
        row.as_object().expect("a row").values().for_each(|v| leaves(v, &mut out));
    }
    out
}

const SEED: &str = "SET greeting \"hello world\"\nSET n 41\nSET price 12.50\nSET empty \"\"\nEXPIRE n 100000\n\
    HSET user:1 name Ada born 1815 note \"a 'quote'\"\nHSET user:2 name Grace born 1906\n\
    RPUSH queue a b c d e\nSADD tags red\nZADD board 1 ann 2.5 bob 3 cid\n\
    XADD log 1-1 event start n 1\nXADD log 2-1 event stop n 2\nXGROUP CREATE log workers 0\n\
    GEOADD places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania\n\
    SETBIT bits 7 1\nPFADD seen a b c\nSET größe 数据\nSET user:3:cart \"{\\\"items\\\":[1,2]}\"\n";

/// Commands whose answers are the same at any time.
const SAME: &[&str] = &[
    "GET greeting",
    "GET n",
    "GET empty",
    "GET nothing",
    "GET größe",
    "GET user:3:cart",
    "get \"greet\\x69ng\"",
    "STRLEN greeting",
    "GETRANGE greeting 0 4",
    "EXISTS greeting n nothing",
    "TYPE user:1",
    "OBJECT ENCODING n",
    "HGETALL user:1",
    "HGET user:1 note",
    "HKEYS user:1",
    "HVALS user:1",
    "HLEN user:1",
    "HEXISTS user:1 name",
    "HSTRLEN user:1 name",
    "HGETALL nothing",
    "LRANGE queue 0 -1",
    "LRANGE queue -2 -1",
    "LLEN queue",
    "LINDEX queue 1",
    "LPOS queue c",
    "SMEMBERS tags",
    "SCARD tags",
    "SISMEMBER tags red",
    "SMISMEMBER tags red blue",
    "ZRANGE board 0 -1",
    "ZRANGE board 0 -1 WITHSCORES",
    "ZRANGE board 0 1 REV WITHSCORES",
    "ZRANGEBYSCORE board 2 +inf WITHSCORES",
    "ZREVRANGE board 0 0",
    "ZSCORE board bob",
    "ZMSCORE board ann nobody",
    "ZRANK board cid",
    "ZCARD board",
    "ZCOUNT board 1 2",
    "XLEN log",
    "XRANGE log - +",
    "XREVRANGE log + - COUNT 1",
    "XPENDING log workers",
    "GEOPOS places Palermo",
    "GEODIST places Palermo Catania km",
    "GEOHASH places Palermo Catania",
    "GEOSEARCH places FROMMEMBER Palermo BYRADIUS 200 km ASC",
    "BITCOUNT bits",
    "BITPOS bits 1",
    "BITFIELD_RO bits GET u8 0",
    "GETBIT bits 7",
    "PFCOUNT seen",
    "LCS greeting n LEN",
    "SORT_RO queue ALPHA DESC",
    "ECHO 'FLUSHALL'",
    "PING",
    "COMMAND GETKEYS MSET a 1 b 2",
    "CONFIG GET maxmemory-policy",
    "ACL WHOAMI",
    "PUBSUB NUMPAT",
    "SCRIPT EXISTS ffffffffffffffffffffffffffffffffffffffff",
];

#[tokio::test]
async fn answers_are_those_of_redis_cli() {
    same("elasticache:cache", &servers::redis()).await;
}

#[tokio::test]
async fn answers_of_valkey_are_those_of_redis_cli() {
    let version = query("600000000001", "elasticache:valkey", "INFO server", &[]).await.expect(0);
    assert!(version.stdout.contains("valkey_version"), "{}", version.stdout);
    same("elasticache:valkey", &servers::valkey()).await;
}

/// The same commands through dbdeck on this row and through `redis-cli` at this server.
async fn same(row: &str, server: &str) {
    let port = servers::port(server).to_string();
    fill(&port, false, SEED).await;
    for command in SAME {
        let ended = query("600000000001", row, command, &[]).await.expect(0);
        assert_eq!(cells(&ended.json()), told(&port, command).await, "{command}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_redis_cli_tells() {
    the_editor_shows_the_same("600000000011", "cache", &servers::redis()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_shows_what_redis_cli_tells_of_valkey() {
    the_editor_shows_the_same("600000000012", "valkey", &servers::valkey()).await;
}

/// Types every command into a query tab of the row.
async fn the_editor_shows_the_same(account: &'static str, row: &str, address: &str) {
    let port = servers::port(address).to_string();
    fill(&port, false, SEED).await;
    let console = screen::console(&servers::aws(), &Account(account), &["-c", "elasticache"]);
    let mut editor = Editor::on(console, row);
    for command in SAME {
        assert_eq!(cells(&editor.json(command)), told(&port, command).await, "{command}");
    }
    editor.leave();
}

/// Every leaf of what `redis-cli` answers.
async fn told(port: &str, command: &str) -> Vec<String> {
    // redis-cli reads quotes from its standard input as it does from a person.
    let mut child = Command::new("redis-cli")
        .args(["-p", port, "-3", "--json"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("redis-cli runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(format!("{command}\n").as_bytes()).await.expect("a command");
    drop(stdin);
    let output = child.wait_with_output().await.expect("it ends").stdout;
    let wanted: Value = serde_json::from_slice(&output).unwrap_or_else(|e| {
        panic!("{command}: no JSON from redis-cli ({e}): {}", String::from_utf8_lossy(&output))
    });
    let mut all = Vec::new();
    leaves(&wanted, &mut all);
    all
}

#[tokio::test]
async fn replies_that_are_known_get_their_columns() {
    let port = servers::port(&servers::redis()).to_string();
    fill(&port, false, SEED).await;
    let rows = |command: &'static str| async move {
        query("600000000002", "elasticache:cache", command, &[]).await.expect(0).json()
    };
    let user = rows("HGETALL user:2").await;
    assert_eq!(user, json!([{"field": "name", "value": "Grace"}, {"field": "born", "value": "1906"}]));
    let board = rows("ZRANGE board 1 1 WITHSCORES").await;
    assert_eq!(board, json!([{"member": "bob", "score": 2.5}]));
    let several = rows("MGET n nothing").await;
    assert_eq!(several, json!([{"key": "n", "value": "41"}, {"key": "nothing", "value": null}]));
    let info = rows("INFO keyspace").await;
    assert_eq!(info[0]["section"], "Keyspace");
    let clients = rows("CLIENT LIST").await;
    assert!(clients[0]["addr"].as_str().is_some_and(|a| a.starts_with("127.0.0.1:")), "{clients}");
    let slow = rows("SLOWLOG GET 3").await;
    assert!(slow[0]["micros"].is_number() && slow[0]["command"].is_array(), "{slow}");
    let log = rows("XRANGE log - + COUNT 1").await;
    assert_eq!(log, json!([{"id": "1-1", "fields": {"event": "start", "n": "1"}}]));
    let groups = rows("XINFO GROUPS log").await;
    assert_eq!((&groups[0]["name"], &groups[0]["last-delivered-id"]), (&json!("workers"), &json!("0-0")));
    let read = rows("XREAD COUNT 5 STREAMS log 1-1").await;
    assert_eq!(read, json!([{"stream": "log", "id": "2-1", "fields": {"event": "stop", "n": "2"}}]));
    let keys = rows("BROWSE user:*").await;
    let mut names: Vec<&str> =
        keys.as_array().expect("rows").iter().filter_map(|r| r["key"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["user:1", "user:2", "user:3:cart"]);
    assert!(keys[0]["bytes"].as_u64().is_some_and(|n| n > 20) && keys[0]["ttl_ms"].is_null(), "{keys}");
    let n = rows("BROWSE n").await;
    assert!(n[0]["ttl_ms"].as_u64().is_some_and(|ms| ms > 1_000_000) && n[0]["type"] == "string", "{n}");
}

/// How often each command was called at the server of this port.
async fn calls(port: &str, name: &str) -> u64 {
    let stats = cli(port, &["INFO", "commandstats"]).await;
    let line = stats.lines().find_map(|l| l.strip_prefix(&format!("cmdstat_{name}:calls=")));
    line.and_then(|l| l.split(',').next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn what_is_refused_reaches_nobody_and_what_the_server_calls_a_write_is_a_second_look() {
    let port = servers::port(&servers::redis()).to_string();
    for command in [
        "FLUSHALL",
        "flushdb",
        "GETDEL greeting",
        "GET a\nFLUSHALL",
        "GET \"a\\r\\nFLUSHALL\"",
        "\"\\x46LUSHALL\"",
        "EVAL 'return 1' 0",
        "KEYS *",
        "CLIENT KILL TYPE normal",
        "SORT queue STORE d",
        "MONITOR",
        "XREAD BLOCK 0 STREAMS log $",
        "frobnicate",
    ] {
        query("600000000003", "elasticache:cache", command, &[]).await.expect(4);
    }
    for name in ["flushall", "flushdb", "getdel", "eval", "keys", "monitor", "frobnicate"] {
        assert_eq!(calls(&port, name).await, 0, "{name}");
    }
    let bad = query("600000000003", "elasticache:cache", "HGET board x", &[]).await.expect(1);
    assert!(bad.stderr.contains("WRONGTYPE"), "{}", bad.stderr);
    let few = query("600000000003", "elasticache:cache", "GET", &[]).await.expect(4);
    assert!(few.stderr.contains("GET takes one argument"), "{}", few.stderr);
}

#[tokio::test]
async fn elevated_access_writes_and_a_plain_cache_is_never_given_a_password() {
    let set = ["--elevate", "a test writes"];
    query("600000000004", "elasticache:cache", "SET elevated yes EX 1000", &set).await.expect(0);
    let port = servers::port(&servers::redis()).to_string();
    assert_eq!(cli(&port, &["GET", "elevated"]).await, "yes");
    let subscribe = query("600000000004", "elasticache:cache", "SUBSCRIBE c", &set).await.expect(2);
    assert!(subscribe.stderr.contains("one answer"), "{}", subscribe.stderr);
    let clear = query("600000000004", "elasticache:cache", "PING", &["--iam", "--user", "x"]).await.expect(4);
    assert!(clear.stderr.contains("in the clear"), "{}", clear.stderr);
    let other = query("600000000004", "elasticache:cache/3", "DBSIZE", &[]).await.expect(0);
    assert_eq!(other.json(), json!([{"value": 0}]));
}

#[tokio::test]
async fn a_user_logs_in_by_verified_tls_only() {
    let account = "600000000005";
    let login = |user: &'static str,
                 password: String,
                 command: &'static str,
                 more: &'static [&'static str]| async move {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        std::fs::write(&file, password).expect("a file");
        // A shell opens the file as descriptor 3.
        let mut arguments = vec!["query", "elasticache:secure", command, "--format", "json", "--user", user];
        arguments.extend(["--password-fd", "3"]);
        arguments.extend(more);
        let aws = servers::aws();
        arguments.extend(["--endpoint-url", &aws, "--region", servers::REGION]);
        let output = Command::new("/bin/sh")
            .args(["-c", "exec 3<\"$0\"; exec \"$@\""])
            .arg(&file)
            .arg(env!("CARGO_BIN_EXE_dbdeck"))
            .args(&arguments)
            .env_clear()
            .env("HOME", folder.path())
            .env("AWS_ACCESS_KEY_ID", account)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CA_BUNDLE", servers::ca())
            .output()
            .await
            .expect("dbdeck runs");
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    };
    let who = login("reader", servers::password(), "ACL WHOAMI", &[]).await.expect(0);
    assert_eq!(who.json(), json!([{"value": "reader"}]));
    let denied = login("reader", servers::password(), "CONFIG GET *", &[]).await.expect(3);
    assert!(denied.stderr.contains("NOPERM"), "{}", denied.stderr);
    let wrong = login("reader", "wrong".to_owned(), "PING", &[]).await.expect(3);
    assert!(wrong.stderr.contains("WRONGPASS") && !wrong.stderr.contains("\"wrong\""), "{}", wrong.stderr);
    let iam = query(account, "elasticache:secure", "PING", &["--iam", "--user", "reader"]).await.expect(3);
    assert!(iam.stderr.contains("WRONGPASS") && iam.stderr.contains("IAM"), "{}", iam.stderr);
    let aws = servers::aws();
    let untrusted = dbdeck::start_with(
        &aws,
        account,
        &["query", "elasticache:secure", "PING", "--iam", "--user", "reader"],
        "",
        &[],
    );
    let untrusted = untrusted.await.end().await.expect(3);
    assert!(untrusted.stderr.contains("TLS"), "{}", untrusted.stderr);
}

/// The port of the primary that serves a key, and of a replica of it, as the node at `port` sees them.
async fn nodes_of(port: &str, key: &str) -> (String, String) {
    let slot: u64 = cli(port, &["CLUSTER", "KEYSLOT", key]).await.parse().expect("a slot");
    let shards: Value =
        serde_json::from_str(&cli(port, &["-3", "--json", "CLUSTER", "SLOTS"]).await).expect("JSON");
    let range = shards
        .as_array()
        .expect("ranges")
        .iter()
        .find(|r| (r[0].as_u64().expect("from")..=r[1].as_u64().expect("to")).contains(&slot));
    let range = range.expect("a range");
    (range[2][1].to_string(), range[3][1].to_string())
}

/// The id of the node at this port.
async fn node_id(port: &str) -> String {
    cli(port, &["CLUSTER", "MYID"]).await
}

/// Hands a slot with one key from one primary to the other, as a resharding does; everybody else hears of it later.
async fn hand_over(slot: &str, key: &str, from: &str, to: &str) {
    let (giver, taker) = (node_id(from).await, node_id(to).await);
    for (port, words) in [
        (to, vec!["CLUSTER", "SETSLOT", slot, "IMPORTING", &giver]),
        (from, vec!["CLUSTER", "SETSLOT", slot, "MIGRATING", &taker]),
        (from, vec!["MIGRATE", "127.0.0.1", to, key, "0", "5000"]),
        (to, vec!["CLUSTER", "SETSLOT", slot, "NODE", &taker]),
        (from, vec!["CLUSTER", "SETSLOT", slot, "NODE", &taker]),
    ] {
        assert_eq!(cli(port, &words).await, "OK", "{words:?}");
    }
}

/// A query tab of the console on the cluster.
fn tab_on_the_cluster(account: &'static str) -> Console {
    let mut console = screen::console(&servers::aws(), &Account(account), &["-c", "elasticache"]);
    console.shows("fragments");
    console.types(&format!("/clustered{ENTER}"));
    console.shows("2 of");
    console.types("e");
    console.shows("type a statement");
    console
}

/// A slot that goes to and fro between two primaries: every answer but the first is behind a MOVED.
async fn a_storm_of_moved(console: &mut Console, ports: &[String]) {
    let key = "storm:1";
    let slot = cli(&ports[0], &["CLUSTER", "KEYSLOT", key]).await;
    let (mut here, _) = nodes_of(&ports[0], key).await;
    let (mut there, _) = nodes_of(&ports[0], "key:7").await;
    assert_ne!(here, there, "two primaries");
    let moved = |port: String| async move {
        let stats = cli(&port, &["INFO", "errorstats"]).await;
        let line = stats.lines().find_map(|l| l.strip_prefix("errorstat_MOVED:count=").map(str::to_owned));
        line.and_then(|n| n.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    let before = moved(here.clone()).await + moved(there.clone()).await;
    for round in 0..12 {
        assert_eq!(cli(&here, &["SET", key, &format!("round-{round}-here")]).await, "OK");
        screen::run(console, &format!("GET {key}"));
        console.shows(&format!("round-{round}-here"));
        hand_over(&slot, key, &here, &there).await;
        (here, there) = (there, here);
    }
    let after = moved(here.clone()).await + moved(there.clone()).await;
    assert!(after >= before + 10, "answered MOVED {before} times before and {after} after");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_is_read_across_its_nodes_and_through_a_failover() {
    let account = "600000000006";
    let ports = servers::redis_cluster();
    let seed: String = (0..300).map(|n| format!("SET key:{n} value-{n}\n")).collect();
    fill(&ports[0], true, &seed).await;
    let ask = |command: String| async move { query(account, "elasticache:clustered", &command, &[]).await };
    for n in [0, 7, 42, 123, 299] {
        let ended = ask(format!("GET key:{n}")).await.expect(0);
        assert_eq!(ended.json(), json!([{"value": format!("value-{n}")}]), "{}", ended.stderr);
    }
    let all = ask("BROWSE key:* COUNT 1000".to_owned()).await.expect(0);
    assert_eq!(all.json().as_array().map(Vec::len), Some(300), "every primary is walked");
    let apart = ask("MGET key:1 key:2".to_owned()).await.expect(1);
    assert!(apart.stderr.contains("CROSSSLOT") && apart.stderr.contains("{tag}"), "{}", apart.stderr);
    let nodes = ask("CLUSTER NODES".to_owned()).await.expect(0);
    assert_eq!(nodes.json().as_array().map(Vec::len), Some(6));
    // One tab, with the connections it once made, goes through all of it.
    let mut tab = tab_on_the_cluster(account);
    let sees = |tab: &mut Console, n: u32| {
        screen::run(tab, &format!("GET key:{n}"));
        tab.shows(&format!("value-{n}"));
    };
    sees(&mut tab, 7);
    a_storm_of_moved(&mut tab, &ports).await;

    // A failover: the replica of a shard takes over.
    let (primary, replica) = nodes_of(&ports[0], "key:7").await;
    cli(&replica, &["CLUSTER", "FAILOVER", "TAKEOVER"]).await;
    let ended = ask("GET key:7".to_owned()).await.expect(0);
    assert_eq!(ended.json(), json!([{"value": "value-7"}]), "{}", ended.stderr);
    sees(&mut tab, 42);
    sees(&mut tab, 7);

    // A primary is lost: its replica takes over after the cluster has noticed, and the read waits for that.
    eventually("the old primary as a replica", || async {
        cli(&primary, &["ROLE"]).await.starts_with("slave").then_some(())
    })
    .await;
    eventually("the replica to be in step", || async {
        cli(&primary, &["INFO", "replication"]).await.contains("master_link_status:up").then_some(())
    })
    .await;
    let (lost, _) = eventually("every node to know the new roles", || async {
        let now = nodes_of(&ports[0], "key:7").await;
        (now == (replica.clone(), primary.clone())).then_some(now)
    })
    .await;
    assert_ne!(lost, ports[0], "the endpoint's own node stays");
    let pid = cli(&lost, &["INFO", "server"]).await;
    let pid = pid.lines().find_map(|l| l.strip_prefix("process_id:")).expect("its id").trim().to_owned();
    let killed = Command::new("kill").args(["-9", &pid]).status().await.expect("kill runs");
    assert!(killed.success());
    let ended = ask("GET key:7".to_owned()).await.expect(0);
    assert_eq!(ended.json(), json!([{"value": "value-7"}]), "{}", ended.stderr);
    let again = ask("GET key:42".to_owned()).await.expect(0);
    assert_eq!(again.json(), json!([{"value": "value-42"}]), "{}", again.stderr);
    sees(&mut tab, 42);
    sees(&mut tab, 7);
    screen::leave(tab);
}

#[tokio::test]
async fn memcached_answers_from_every_node() {
    let account = "600000000007";
    let ports = servers::memcached();
    for (port, key, value) in [(&ports[0], "left", "on the first"), (&ports[1], "right", "größe")] {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await.expect("it listens");
        let set = format!("set {key} 5 0 {}\r\n{value}\r\nquit\r\n", value.len());
        stream.write_all(set.as_bytes()).await.expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert_eq!(answer, "STORED\r\n");
    }
    let got = query(account, "elasticache:fragments", "get left right nothing", &[]).await.expect(0).json();
    let rows: Vec<(&str, &str)> = got
        .as_array()
        .expect("rows")
        .iter()
        .map(|r| (r["key"].as_str().expect("a key"), r["value"].as_str().expect("a value")))
        .collect();
    assert_eq!(rows, [("left", "on the first"), ("right", "größe")]);
    assert_eq!(got[0]["node"], format!("127.0.0.1:{}", ports[0]));
    assert_eq!(got[0]["flags"], 5);
    let stats = query(account, "elasticache:fragments", "stats", &[]).await.expect(0).json();
    let pids = stats.as_array().expect("rows").iter().filter(|r| r["name"] == "pid").count();
    assert_eq!(pids, 2, "one for each node");
    let version = query(account, "elasticache:fragments", "version", &[]).await.expect(0).json();
    assert!(version[0]["answer"].as_str().is_some_and(|v| v.starts_with("VERSION 1.")), "{version}");
    for refused in ["flush_all", "delete left", "get left\r\nflush_all", "stats reset", "GET left"] {
        query(account, "elasticache:fragments", refused, &[]).await.expect(4);
    }
    let delete = ["--elevate", "a test deletes"];
    let deleted = query(account, "elasticache:fragments", "delete left", &delete).await.expect(0).json();
    assert_eq!(deleted[0]["answer"], "DELETED");
    assert_eq!(deleted[1]["answer"], "NOT_FOUND");
}
