//! Servers that are not what they should be: no secret reaches them, and none of their tricks works.

use crate::clients::Account;
use crate::dbdeck::{self, Ended};
use crate::door_mysql::{self, Manner as MySql};
use crate::door_postgres::{self, Manner as Postgres, Trap};
use crate::doors::{Door, REFUSABLE, Seen};
use crate::servers;

/// Runs a statement through the door, logging in by password or by IAM.
async fn query(account: &Account, row: &str, statement: &str, door: &Door, iam: bool) -> Ended {
    let mut arguments = vec!["query", row, statement, "--user", "reader", "--address", &door.address];
    let mut input = String::new();
    if iam {
        arguments.push("--iam");
    } else {
        arguments.extend(["--password-fd", "0"]);
        input = format!("{}\n", servers::password());
    }
    dbdeck::run(&servers::aws(), account.0, &arguments, &input).await
}

/// Nothing about the person came through: no word of a login, before or inside TLS.
#[track_caller]
fn assert_nothing_told(what: &str, seen: &Seen, before_tls: usize) {
    assert_eq!(seen.clear.len(), before_tls, "{what}: {seen:?}");
    assert_eq!((&*seen.user, &seen.password), ("", &None), "{what}");
}

#[tokio::test]
async fn a_postgres_whose_certificate_does_not_hold_gets_no_password() {
    let account = Account("310000000001");
    account.instance("tls-pg", "postgres", "postgres").await;
    for (certificate, reason) in REFUSABLE {
        for iam in [false, true] {
            let door = door_postgres::open(Postgres { certificate, ..Postgres::OPEN }).await;
            let ended = query(&account, "rds:tls-pg/shop", "select 1", &door, iam).await.expect(3);
            assert!(ended.stderr.contains(reason), "{certificate}: {ended:?}");
            let seen = &door.seen(1).await[0];
            assert!(seen.tls.is_some(), "{certificate}: the handshake failed");
            assert_nothing_told(certificate, seen, 8);
        }
    }
}

#[tokio::test]
async fn a_mysql_whose_certificate_does_not_hold_gets_no_password() {
    let account = Account("310000000002");
    account.instance("tls-maria", "mariadb", "admin").await;
    for (certificate, reason) in REFUSABLE {
        for iam in [false, true] {
            let door = door_mysql::open(MySql { certificate, ..MySql::OPEN }).await;
            let ended = query(&account, "rds:tls-maria/shop", "select 1", &door, iam).await.expect(3);
            assert!(ended.stderr.contains(reason), "{certificate}: {ended:?}");
            let seen = &door.seen(1).await[0];
            assert!(seen.tls.is_some(), "{certificate}: the handshake failed");
            assert_nothing_told(certificate, seen, 32);
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_gets_no_password() {
    let account = Account("310000000003");
    account.instance("plain-pg", "postgres", "postgres").await;
    account.instance("plain-maria", "mariadb", "admin").await;
    for iam in [false, true] {
        let door = door_postgres::open(Postgres { answer: b'N', ..Postgres::OPEN }).await;
        let ended = query(&account, "rds:plain-pg/shop", "select 1", &door, iam).await.expect(3);
        assert!(ended.stderr.contains("no TLS"), "{ended:?}");
        assert_nothing_told("PostgreSQL without TLS", &door.seen(1).await[0], 8);
        let door = door_mysql::open(MySql { offers_tls: false, ..MySql::OPEN }).await;
        let ended = query(&account, "rds:plain-maria/shop", "select 1", &door, iam).await.expect(3);
        assert!(ended.stderr.contains("no TLS"), "{ended:?}");
        assert_nothing_told("MySQL without TLS", &door.seen(1).await[0], 0);
    }
    // An answer that is neither yes nor no: another protocol, or somebody in between.
    let door = door_postgres::open(Postgres { answer: b'E', ..Postgres::OPEN }).await;
    let ended = query(&account, "rds:plain-pg/shop", "select 1", &door, false).await.expect(1);
    assert!(ended.stderr.contains("not PostgreSQL"), "{ended:?}");
    assert_nothing_told("not PostgreSQL", &door.seen(1).await[0], 8);
}

#[tokio::test]
async fn a_postgres_that_floods_or_wants_data_is_left() {
    let account = Account("310000000004");
    account.instance("rogue-pg", "postgres", "postgres").await;
    for (trap, word) in
        [(Trap::Notices, "flood"), (Trap::Notifications, "flood"), (Trap::Copy, "wants to copy")]
    {
        let door = door_postgres::open(Postgres { trap, ..Postgres::OPEN }).await;
        let ended = query(&account, "rds:rogue-pg/shop", "select 'sprung'", &door, true).await.expect(1);
        assert!(ended.stderr.contains(word), "{trap:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{trap:?}");
        let seen = &door.seen(1).await[0];
        assert!(tags(&seen.after).iter().all(|tag| b"BDEHSX".contains(tag)), "{trap:?}: {:?}", seen.after);
        assert!(seen.password.is_some(), "it was a server that a person logs in to");
    }
}

#[tokio::test]
async fn a_server_whose_transaction_is_no_longer_read_only_is_left() {
    let account = Account("310000000005");
    account.instance("unlocked-pg", "postgres", "postgres").await;
    let door = door_postgres::open(Postgres { trap: Trap::Unlocked, ..Postgres::OPEN }).await;
    let ended = query(&account, "rds:unlocked-pg/shop", "select 1", &door, true).await.expect(1);
    assert!(ended.stderr.contains("no longer read-only"), "{ended:?}");
    assert!(ended.stderr.contains("connection was closed"), "{ended:?}");
    assert_eq!(ended.stdout, "");
    // The door has seen the end of the connection.
    assert_eq!(door.seen(1).await.len(), 1);
}

#[tokio::test]
async fn a_change_whose_answer_is_lost_is_not_said_to_have_failed() {
    let account = Account("310000000007");
    account.instance("lost-pg", "postgres", "postgres").await;
    let door = door_postgres::open(Postgres { trap: Trap::End, ..Postgres::OPEN }).await;
    let arguments = [
        "query",
        "rds:lost-pg/shop",
        "insert into no_such values ('sprung')",
        "--user",
        "postgres",
        "--iam",
        "--address",
        &door.address,
        "--elevate",
        "ticket 42",
    ];
    let ended = dbdeck::run(&servers::aws(), account.0, &arguments, "").await.expect(3);
    assert!(ended.stderr.contains("not known"), "{ended:?}");
    // A read changes nothing: its end is no riddle.
    let ended = query(&account, "rds:lost-pg/shop", "select 'sprung'", &door, true).await.expect(3);
    assert!(
        ended.stderr.contains("closed the connection") && !ended.stderr.contains("not known"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_mysql_that_asks_for_a_file_gets_none() {
    let account = Account("310000000006");
    account.instance("rogue-maria", "mariadb", "admin").await;
    let door = door_mysql::open(MySql { wants_file: true, ..MySql::OPEN }).await;
    let ended = query(&account, "rds:rogue-maria/shop", "select 'sprung'", &door, false).await.expect(1);
    assert!(ended.stderr.contains("a file of this machine"), "{ended:?}");
    assert_eq!(ended.stdout, "");
    assert_eq!(door.seen(1).await[0].after, [1, 0, 0, 0, 1], "nothing but the goodbye");
}

/// The kinds of the messages of a client.
fn tags(mut bytes: &[u8]) -> Vec<u8> {
    let mut tags = Vec::new();
    while let [tag, a, b, c, d, ..] = bytes {
        tags.push(*tag);
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize + 1;
        bytes = bytes.get(length..).unwrap_or_default();
    }
    tags
}
