//! Logging in as AWS means it: with a secret that rotates, and with an IAM token.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::clients::{self, Account};
use crate::dbdeck::{self, Ended};
use crate::door_mysql::{self, Manner as MySql};
use crate::door_postgres::{self, Manner as Postgres};
use crate::servers;

async fn query(account: &Account, row: &str, statement: &str, more: &[&str]) -> Ended {
    let mut arguments = vec!["query", row, statement, "--format", "json"];
    arguments.extend(more);
    dbdeck::run(&servers::aws(), account.0, &arguments, "").await
}

#[tokio::test]
async fn a_secret_logs_in_to_postgres_also_after_it_was_rotated() {
    let account = Account("300000000001");
    account.instance("secret-pg", "postgres", "postgres").await;
    let owner = clients::postgres_superuser().await;
    owner.batch_execute("create role rotated login password 'first-word'").await.expect("a role");
    let secret = account.secret_of("secret-pg", "rotated", "first-word").await;
    let statement = "select current_user as who";
    let more = ["--secret", &*secret];
    let run = || query(&account, "rds:secret-pg/shop", statement, &more);
    assert_eq!(run().await.expect(0).json(), json!([{ "who": "rotated" }]));
    owner.batch_execute("alter role rotated password 'second-word'").await.expect("a rotation");
    let between = run().await.expect(3);
    assert!(between.stderr.contains("rotation"), "the next step: {between:?}");
    assert!(!between.stderr.contains("first-word"), "a password is never shown");
    account.rotate(&secret, "rotated", "second-word").await;
    assert_eq!(run().await.expect(0).json(), json!([{ "who": "rotated" }]));
}

#[tokio::test]
async fn a_secret_logs_in_to_mariadb_also_after_it_was_rotated() {
    let account = Account("300000000002");
    account.instance("secret-maria", "mariadb", "admin").await;
    let scene = ["create user rotated@'%' identified by 'first-word'", "grant select on *.* to rotated@'%'"];
    // Only root may hand on a right over every database.
    clients::mariadb_script("root", &scene).await;
    let secret = account.secret_of("secret-maria", "rotated", "first-word").await;
    let statement = "select current_user() as who";
    let more = ["--secret", &*secret];
    let run = || query(&account, "rds:secret-maria/shop", statement, &more);
    assert_eq!(run().await.expect(0).json(), json!([{ "who": "rotated@%" }]));
    clients::mariadb_script("admin", &["alter user rotated@'%' identified by 'second-word'"]).await;
    let between = run().await.expect(3);
    assert!(between.stderr.contains("rotation"), "the next step: {between:?}");
    assert!(!between.stderr.contains("first-word"), "a password is never shown");
    account.rotate(&secret, "rotated", "second-word").await;
    assert_eq!(run().await.expect(0).json(), json!([{ "who": "rotated@%" }]));
}

#[tokio::test]
async fn a_secret_that_is_none_is_named_and_not_shown() {
    let account = Account("300000000003");
    account.instance("odd-pg", "postgres", "postgres").await;
    let odd = account.secret_text("odd-pg", "not JSON but hush-hush").await;
    let ended = query(&account, "rds:odd-pg/shop", "select 1", &["--secret", &odd]).await.expect(3);
    assert!(ended.stderr.contains("password") && !ended.stderr.contains("hush"), "{ended:?}");
    let missing = query(&account, "rds:odd-pg/shop", "select 1", &["--secret", "no-such"]).await.expect(1);
    assert!(missing.stderr.contains("read the login secret"), "{missing:?}");
}

#[tokio::test]
async fn a_profile_that_was_named_is_the_one_that_is_used() {
    let (named, exported) = (Account("300000000007"), Account("300000000008"));
    named.instance("of-the-profile", "postgres", "postgres").await;
    exported.instance("of-the-environment", "postgres", "postgres").await;
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config");
    let text = format!("[profile work]\naws_access_key_id = {}\naws_secret_access_key = x\n", named.0);
    std::fs::write(&config, text).expect("a file");
    let variables = [("AWS_CONFIG_FILE", config.to_str().expect("a path"))];
    let arguments = ["list", "rds", "--format", "json", "--profile", "work"];
    let run = dbdeck::start_with(&servers::aws(), exported.0, &arguments, "", &variables).await;
    let ended = run.end().await.expect(0);
    let ids: Vec<_> = ended.json().as_array().expect("rows").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, ["of-the-profile"]);
    let unknown = ["list", "rds", "--format", "json", "--profile", "no-such"];
    let run = dbdeck::start_with(&servers::aws(), exported.0, &unknown, "", &variables).await;
    let ended = run.end().await.expect(3);
    assert!(ended.stderr.contains("no-such") && !ended.stdout.contains("of-the"), "{ended:?}");
}

#[tokio::test]
async fn an_iam_token_logs_in_to_postgres() {
    let account = Account("300000000004");
    account.instance("iam-pg", "postgres", "postgres").await;
    let door = door_postgres::open(Postgres::OPEN).await;
    let more = ["--iam", "--user", "reader", "--address", &door.address];
    for time in 1..=2 {
        let ended = query(&account, "rds:iam-pg/shop", "select current_user as who", &more).await.expect(0);
        assert_eq!(ended.json(), json!([{ "who": "reader" }]));
        let seen = door.seen(time).await;
        assert_eq!((seen.len(), seen[time - 1].clear.len()), (time, 8), "nothing but the wish for TLS");
        assert_eq!(seen[time - 1].user, "reader");
        let token = seen[time - 1].password.clone().expect("a token");
        assert_token(&token, servers::port(&servers::postgres()), account.0);
    }
}

#[tokio::test]
async fn an_iam_token_logs_in_to_mariadb() {
    let account = Account("300000000005");
    account.instance("iam-maria", "mariadb", "admin").await;
    let door = door_mysql::open(MySql::OPEN).await;
    let more = ["--iam", "--user", "reader", "--address", &door.address];
    let ended = query(&account, "rds:iam-maria/shop", "select current_user() as who", &more).await.expect(0);
    assert_eq!(ended.json(), json!([{ "who": "reader@%" }]));
    let seen = &door.seen(1).await[0];
    assert_eq!(seen.clear.len(), 32, "nothing about the person before TLS");
    assert_eq!(seen.user, "reader");
    let token = seen.password.clone().expect("a token");
    assert_token(&token, servers::port(&servers::mariadb()), account.0);
}

#[tokio::test]
async fn no_mysql_server_gets_a_password_in_clear_text() {
    let account = Account("300000000006");
    account.instance("asking-maria", "mariadb", "admin").await;
    let door = door_mysql::open(MySql { asks: true, ..MySql::OPEN }).await;
    let input = format!("{}\n", servers::password());
    let arguments = [
        "query",
        "rds:asking-maria/shop",
        "select 1",
        "--user",
        "reader",
        "--password-fd",
        "0",
        "--address",
        &door.address,
    ];
    let ended = dbdeck::run(&servers::aws(), account.0, &arguments, &input).await.expect(3);
    assert!(ended.stderr.contains("clear text"), "{ended:?}");
    assert_eq!(door.seen(1).await[0].password, None);
}

/// The token is one that RDS takes: presigned for 15 minutes, for this endpoint and user, and its signature is the
/// one that the credentials give by AWS's Signature Version 4.
#[track_caller]
fn assert_token(token: &str, port: u16, key: &str) {
    let (host, query) = token.split_once("/?").expect("a presigned URL without its scheme");
    assert_eq!(host, format!("localhost:{port}"), "the endpoint's own name, not the tunnel's");
    let mut pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map_or("", |pair| pair.1);
    assert_eq!(value("Action"), "connect");
    assert_eq!(value("DBUser"), "reader");
    assert_eq!(value("X-Amz-Expires"), "900");
    assert_eq!(value("X-Amz-Algorithm"), "AWS4-HMAC-SHA256");
    assert_eq!(value("X-Amz-SignedHeaders"), "host");
    let (date, signature) = (value("X-Amz-Date").to_owned(), value("X-Amz-Signature").to_owned());
    let day = date.get(..8).expect("a date");
    let scope = format!("{day}/{}/rds-db/aws4_request", servers::REGION);
    assert_eq!(value("X-Amz-Credential"), format!("{key}/{scope}").replace('/', "%2F"));
    pairs.retain(|pair| pair.0 != "X-Amz-Signature");
    pairs.sort_unstable();
    let sorted: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let nothing = hex(&Sha256::digest(""));
    let request = format!("GET\n/\n{}\nhost:{host}\n\nhost\n{nothing}", sorted.join("&"));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let mut signing = b"AWS4test".to_vec();
    for part in [day, servers::REGION, "rds-db", "aws4_request"] {
        signing = hmac(&signing, part.as_bytes());
    }
    assert_eq!(signature, hex(&hmac(&signing, to_sign.as_bytes())));
}

/// HMAC-SHA256 (RFC 2104) for keys of at most one block.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
