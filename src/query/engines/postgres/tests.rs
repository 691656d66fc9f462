//! The session against a scripted server: what it sends, and what it makes of lies.

use super::NoDialer;
use super::cancel::Request;
use super::session::{PgSession, Server, Setup};
use super::startup::{self, Wanted};
use super::wire::Wire;
use crate::guard::{Access, LiveAccess};
use crate::model::Failure;
use crate::model::{FailureKind, Limits, Summary};
use crate::query::engine::{Secret, Sink};
use crate::query::engines::cancel::Line;
use crate::query::login::Credentials;
use crate::query::store::{BUDGET, RowReader, store};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// A message with its length.
fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    out.extend_from_slice(body);
    out
}

fn column(name: &str, oid: u32) -> Vec<u8> {
    let mut body = vec![0, 1];
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(&[0; 7]);
    body.extend_from_slice(&oid.to_be_bytes());
    body.extend_from_slice(&[0; 8]);
    message(b'T', &body)
}

fn row(value: &str) -> Vec<u8> {
    let mut body = vec![0, 1];
    body.extend_from_slice(&(value.len() as u32).to_be_bytes());
    body.extend_from_slice(value.as_bytes());
    message(b'D', &body)
}

fn done(tag: &str, status: u8) -> Vec<u8> {
    [message(b'C', format!("{tag}\0").as_bytes()), message(b'Z', &[status])].concat()
}

/// Answers each message of `script` after one more message that ends a turn (`Q`, `S`, `H`),
/// and gives back all that the client sent.
async fn serve(mut stream: DuplexStream, script: Vec<Vec<u8>>) -> Vec<(u8, Vec<u8>)> {
    let mut script = script.into_iter();
    let mut got = Vec::new();
    loop {
        let mut head = [0; 5];
        if stream.read_exact(&mut head).await.is_err() {
            return got;
        }
        let len = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; len - 4];
        if stream.read_exact(&mut body).await.is_err() {
            return got;
        }
        got.push((head[0], body));
        if matches!(head[0], b'Q' | b'S' | b'H')
            && let Some(answer) = script.next()
            && stream.write_all(&answer).await.is_err()
        {
            return got;
        }
    }
}

struct Outcome {
    result: Result<Summary, Failure>,
    reader: RowReader,
    alive: bool,
    sent: Vec<(u8, Vec<u8>)>,
}

async fn run(text: &str, limits: Limits, script: Vec<Vec<u8>>) -> Outcome {
    run_on(Server::Postgres, text, limits, script).await
}

async fn run_on(server: Server, text: &str, limits: Limits, script: Vec<Vec<u8>>) -> Outcome {
    let (client, far) = tokio::io::duplex(1 << 16);
    let serving = tokio::spawn(serve(far, script));
    let setup = Setup {
        doing: "query db".into(),
        access: LiveAccess::new(Access::read_only()),
        changes: false,
        by_options: true,
        server,
        cancels: false,
        locks: Vec::new(),
    };
    let line = Arc::new(Line::new(Request { dialer: Arc::new(NoDialer), key: None }));
    let mut session = PgSession::new(Wire::new(Box::new(client), "query db".into()), line, setup);
    let (writer, reader) = store(BUDGET);
    let mut sink = Sink::new(writer, |_| {});
    let result = session.run_text(text, false, limits, &mut sink).await;
    let alive = crate::query::Session::is_alive(&session);
    drop(session);
    Outcome { result, reader, alive, sent: serving.await.expect("the server ends") }
}

/// The answers around a statement: transaction opened, `statement`, lock stood, rolled back.
fn around(statement: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut script = vec![done("BEGIN", b'T')];
    script.extend(statement);
    script.push([column("transaction_read_only", 25), row("on"), done("SHOW", b'T')].concat());
    script.push(done("ROLLBACK", b'I'));
    script.push(done("DISCARD ALL", b'I'));
    script
}

#[tokio::test]
async fn the_text_travels_once_by_the_extended_protocol_between_our_own() {
    let text = "select 1 as a -- end";
    let answer = [column("a", 23), row("1"), message(b'C', b"SELECT 1\0")].concat();
    let outcome = run(text, Limits::default(), around(vec![answer, message(b'Z', b"T")])).await;
    assert_eq!(outcome.result.expect("runs").rows, 1);
    assert!(outcome.alive);
    assert_eq!(outcome.reader.rows(), 1);
    let own: Vec<String> = outcome
        .sent
        .iter()
        .filter(|(tag, _)| *tag == b'Q')
        .map(|(_, body)| String::from_utf8_lossy(body).trim_end_matches('\0').to_owned())
        .collect();
    assert_eq!(own, ["BEGIN READ ONLY", "SHOW transaction_read_only", "ROLLBACK", "DISCARD ALL"]);
    let parsed: Vec<&[u8]> =
        outcome.sent.iter().filter(|(tag, _)| *tag == b'P').map(|(_, body)| body.as_slice()).collect();
    assert_eq!(parsed, [[b"\0", text.as_bytes(), b"\0\0\0"].concat()]);
}

#[tokio::test]
async fn redshift_is_armed_and_cleaned_in_its_own_words() {
    let own = |outcome: &Outcome| -> Vec<String> {
        let asked = outcome.sent.iter().filter(|(tag, _)| *tag == b'Q');
        asked.map(|(_, body)| String::from_utf8_lossy(body).trim_end_matches('\0').to_owned()).collect()
    };
    let answer = || [column("a", 23), row("1"), message(b'C', b"SELECT 1\0")].concat();
    let script =
        vec![done("BEGIN", b'T'), answer(), message(b'Z', b"T"), done("ROLLBACK", b'I'), done("RESET", b'I')];
    let server = Server::Redshift { tells: false };
    let outcome = run_on(server, "select 1", Limits::default(), script).await;
    assert_eq!(outcome.result.as_ref().expect("runs").rows, 1);
    assert!(outcome.alive);
    assert_eq!(own(&outcome), ["BEGIN READ ONLY", "ROLLBACK", "RESET ALL"]);
    // A statement that committed, as TRUNCATE does there, ends the session.
    let script = vec![done("BEGIN", b'T'), answer(), message(b'Z', b"I")];
    let outcome = run_on(server, "select 1", Limits::default(), script).await;
    assert!(outcome.result.is_err() && !outcome.alive);
}

#[tokio::test]
async fn a_server_that_left_the_transaction_ends_the_session() {
    for status in [b'I', b'?'] {
        let answer = [column("a", 23), row("1"), message(b'C', b"SELECT 1\0")].concat();
        let outcome =
            run("select 1", Limits::default(), around(vec![answer, message(b'Z', &[status])])).await;
        let failure = outcome.result.expect_err("a surprise");
        assert!(failure.because.as_str().contains("lock did not hold"), "{failure}");
        assert!(!outcome.alive);
    }
}

#[tokio::test]
async fn a_server_that_is_no_longer_read_only_ends_the_session() {
    let answer = [column("a", 23), row("1"), message(b'C', b"SELECT 1\0")].concat();
    let mut script = vec![done("BEGIN", b'T'), answer, message(b'Z', b"T")];
    script.push([column("transaction_read_only", 25), row("off"), done("SHOW", b'T')].concat());
    let outcome = run("select 1", Limits::default(), script).await;
    assert!(outcome.result.is_err());
    assert!(!outcome.alive);
}

#[tokio::test]
async fn lies_end_the_session_and_nothing_else() {
    let flood: Vec<u8> = (0..10_050).flat_map(|_| message(b'A', b"\0\0\0\x01c\0m\0")).collect();
    let lies: Vec<(&str, Vec<u8>)> = vec![
        ("copy in", message(b'G', b"\0\0\0")),
        ("copy both", message(b'W', b"\0\0\0")),
        ("a flood of notifications", flood),
        ("an absurd length", vec![b'D', 0x7f, 0xff, 0xff, 0xff]),
        ("a length below its own", vec![b'D', 0, 0, 0, 1]),
        ("an unknown message", message(b'~', b"")),
        ("a row before its columns", row("1")),
        (
            "a row that says more than it holds",
            [column("a", 23), message(b'D', b"\0\x01\0\0\0\x09x")].concat(),
        ),
        ("columns twice", [column("a", 23), column("a", 23)].concat()),
        ("more rows than asked for", {
            let mut all = column("a", 23);
            (0..300).for_each(|_| all.extend(row("1")));
            [all, message(b's', b"")].concat()
        }),
    ];
    for (lie, answer) in lies {
        let outcome = run("select 1", Limits::default(), vec![done("BEGIN", b'T'), answer]).await;
        assert_eq!(outcome.result.expect_err(lie).kind, FailureKind::Garbled, "{lie}");
        assert!(!outcome.alive, "{lie}");
    }
}

#[tokio::test]
async fn a_limit_cuts_the_result_and_says_so() {
    let limits = Limits { rows: 2, ..Limits::default() };
    let answer = [column("a", 23), row("1"), row("2"), row("3"), message(b's', b"")].concat();
    let outcome = run("select 1", limits, around(vec![answer, message(b'Z', b"T")])).await;
    let summary = outcome.result.expect("runs");
    assert_eq!((summary.rows, summary.truncated, outcome.reader.rows()), (2, true, 2));
    assert!(outcome.alive);
}

#[tokio::test]
async fn a_password_is_not_sent_in_clear_text_without_tls() {
    let (client, mut server) = tokio::io::duplex(1 << 16);
    let serving = tokio::spawn(async move {
        let mut got = vec![0; 4_096];
        let first = server.read(&mut got).await.expect("a startup message");
        server.write_all(&message(b'R', &[0, 0, 0, 3])).await.expect("asks");
        let mut rest = Vec::new();
        server.read_to_end(&mut rest).await.expect("the client leaves");
        got.truncate(first);
        got.extend(rest);
        got
    });
    let mut wire = Wire::new(Box::new(client), "query db".into());
    let who = Credentials { user: "app".into(), password: Some(Secret::new("hunter2")), token: true };
    let wanted = Wanted { database: None, read_only_option: true, secure: false };
    assert!(startup::log_in(&mut wire, &who, &wanted).await.is_err());
    drop(wire);
    let sent = serving.await.expect("the server ends");
    assert!(!sent.windows(7).any(|w| w == b"hunter2"));
}
