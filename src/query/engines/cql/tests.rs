//! Sessions against a server that is a script: what it is asked, and what is made of its answers.

use super::Cql;
use super::frame::{Body, Wire};
use super::session::{CqlSession, Setup};
use crate::aws::answers::{Answers, Reply};
use crate::aws::{Reaches, Settings};
use crate::clock;
use crate::guard::{Access, LiveAccess, clear};
use crate::model::{
    Backend, DialectId, EngineId, Failure, FailureKind, Limits, Place, ResourceId, ServiceId, Statement,
    Summary, Target,
};
use crate::query::engine::{Login, Secret, Session, Sink};
use crate::query::store::{RowReader, store};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

/// An answer: its operation and its body.
type Said = (u8, Vec<u8>);

/// A server that gives `answers` in turn and says what it was asked: operations and bodies.
fn server(mut stream: DuplexStream, answers: Vec<Said>) -> JoinHandle<Vec<(u8, Vec<u8>)>> {
    tokio::spawn(async move {
        let mut asked = Vec::new();
        for (op, body) in answers {
            let mut header = [0; 9];
            if stream.read_exact(&mut header).await.is_err() {
                break;
            }
            let length = u32::from_be_bytes([header[5], header[6], header[7], header[8]]);
            let mut question = vec![0; length as usize];
            stream.read_exact(&mut question).await.unwrap();
            asked.push((header[4], question));
            let mut answer = vec![0x84, 0, header[2], header[3], op];
            answer.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
            answer.extend(body);
            // The client may have had enough.
            let _ = stream.write_all(&answer).await;
        }
        asked
    })
}

async fn ask(
    text: &str,
    answers: Vec<Said>,
) -> (Result<Summary, Failure>, RowReader, bool, Vec<(u8, Vec<u8>)>) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = server(theirs, answers);
    let access = LiveAccess::new(Access::read_only());
    let statement = Statement { text: text.into(), dialect: DialectId::Cql };
    let cleared = clear(&access.read(), clock::now(), statement).unwrap();
    let setup = Setup { doing: "query t".into(), access, changes: false, keyspaces: true };
    let mut session = CqlSession::new(Wire::new(Box::new(ours), "query t".into()), setup);
    let (writer, reader) = store(1 << 20);
    let mut sink = Sink::new(writer, |_| {});
    let ended = session.run(&cleared, Limits::default(), &mut sink).await;
    let alive = session.is_alive();
    drop(session);
    (ended, reader, alive, server.await.unwrap())
}

/// The heading of a result with one column `n` of type int.
fn heading(body: &mut Body, next: Option<&[u8]>) {
    body.int(0x01 | if next.is_some() { 0x02 } else { 0 });
    body.int(1);
    if let Some(next) = next {
        body.long(next);
    }
    for name in ["ks", "t", "n"] {
        body.string(name);
    }
    body.short(0x09);
}

/// The account of a prepared statement.
fn prepared(columns: bool, parameters: i32) -> Said {
    let mut body = Body::default();
    body.int(4);
    body.short(2);
    body.0.extend(b"id");
    body.int(0x01);
    body.int(parameters);
    body.int(0);
    if parameters > 0 {
        for name in ["ks", "t", "p"] {
            body.string(name);
        }
        body.short(0x09);
    }
    if columns {
        heading(&mut body, None);
    } else {
        body.int(0x04);
        body.int(0);
    }
    (0x08, body.0)
}

/// A page of numbers.
fn page(numbers: &[i32], next: Option<&[u8]>) -> Said {
    let mut body = Body::default();
    body.int(2);
    heading(&mut body, next);
    body.int(i32::try_from(numbers.len()).unwrap());
    for n in numbers {
        body.long(&n.to_be_bytes());
    }
    (0x08, body.0)
}

fn error(code: i32, message: &str) -> Said {
    let mut body = Body::default();
    body.int(code);
    body.string(message);
    (0x00, body.0)
}

#[tokio::test]
async fn pages_are_asked_one_after_another_also_empty_ones() {
    let answers = vec![prepared(true, 0), page(&[1, 2], Some(b"a")), page(&[], Some(b"b")), page(&[3], None)];
    let (ended, rows, alive, asked) = ask("SELECT n FROM t", answers).await;
    assert_eq!((ended.map(|s| s.rows), rows.rows(), alive), (Ok(3), 3, true));
    let ops: Vec<u8> = asked.iter().map(|(op, _)| *op).collect();
    assert_eq!(ops, [0x09, 0x0a, 0x0a, 0x0a]);
    assert!(asked[0].1.ends_with(b"SELECT n FROM t\n"));
    // LOCAL_QUORUM, and from the second page on where to go on.
    assert_eq!(asked[1].1[4..6], [0, 6]);
    assert!(asked[2].1.ends_with(b"\0\0\0\x01a") && asked[3].1.ends_with(b"\0\0\0\x01b"));
}

#[tokio::test]
async fn what_the_server_takes_for_no_select_is_not_run() {
    let (ended, _, alive, asked) = ask("SELECT n FROM t", vec![prepared(false, 0), page(&[1], None)]).await;
    assert_eq!(ended.map_err(|f| f.kind), Err(FailureKind::Refused));
    assert!(alive && asked.len() == 1, "nothing was executed: {asked:?}");
    let (ended, ..) = ask("SELECT n FROM t WHERE n = ?", vec![prepared(true, 1), page(&[1], None)]).await;
    assert_eq!(ended.map_err(|f| f.kind), Err(FailureKind::Usage));
}

#[tokio::test]
async fn an_objection_leaves_the_session_and_nonsense_ends_it() {
    let (ended, _, alive, _) = ask("SELECT n FROM t", vec![error(0x2200, "use ALLOW FILTERING")]).await;
    assert_eq!((ended.map_err(|f| f.kind), alive), (Err(FailureKind::Rejected), true));
    let mut torn = page(&[1, 2], None);
    torn.1.truncate(torn.1.len() - 3);
    let mut liar = page(&[], None);
    let end = liar.1.len();
    liar.1[end - 4..].copy_from_slice(&i32::MAX.to_be_bytes());
    for answers in [
        vec![prepared(true, 0), torn],
        vec![prepared(true, 0), liar],
        vec![(0x08, Vec::new())],
        vec![(0x02, Vec::new())],
        vec![prepared(true, 0), page(&[], Some(b"a")), page(&[], Some(b"a"))],
    ] {
        let (ended, _, alive, _) = ask("SELECT n FROM t", answers).await;
        assert_eq!((ended.map_err(|f| f.kind), alive), (Err(FailureKind::Garbled), false));
    }
    let (ended, _, alive, _) = ask("SELECT n FROM t", Vec::new()).await;
    assert_eq!((ended.map_err(|f| f.kind), alive), (Err(FailureKind::Unreachable), false));
}

/// An account that nobody asks: it has credentials to sign with.
#[derive(Debug)]
struct Silent;

impl Answers for Silent {
    fn typed(&self, _: &Place, _: &str, _: &str, _: &Input) -> Reply {
        Reply::Unknown
    }

    fn wire(&self, _: &Place, _: &str, _: &[u8]) -> (u16, Vec<u8>) {
        (500, Vec::new())
    }
}

/// Logs in to a server that gives `answers`.
async fn log_in(login: Login, answers: Vec<Said>) -> (Result<(), Failure>, Vec<(u8, Vec<u8>)>) {
    let place = Place::new("default", "us-west-2");
    let settings = Settings { answers: Some(Arc::new(Silent)), ..Settings::default() };
    let reach = Reaches::new(settings, LiveAccess::new(Access::read_only())).at(&place).await.unwrap();
    let target = Target {
        resource: ResourceId { service: ServiceId("keyspaces"), kind: "keyspace", place, name: "ks".into() },
        backend: Backend {
            engine: EngineId::Cql,
            dialect: DialectId::Cql,
            endpoints: Vec::new(),
            database: None,
            user: None,
            secret_arn: None,
            iam_login: true,
            data_api: None,
            keys: Vec::new(),
        },
        engine: EngineId::Cql,
        endpoint: None,
        address: None,
        secret: None,
        database: None,
        user: Some("alice-at-123".into()),
    };
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let server = server(theirs, answers);
    let mut wire = Wire::new(Box::new(ours), "log in".into());
    let ended = Cql { reach, ca_bundle: None }.log_in(&mut wire, &target, &login, true).await;
    drop(wire);
    (ended, server.await.unwrap())
}

/// A step with `bytes` in it.
fn step(op: u8, bytes: &[u8]) -> Said {
    let mut body = Body::default();
    body.long(bytes);
    (op, body.0)
}

fn authenticate() -> Said {
    let mut body = Body::default();
    body.string("com.amazonaws.cassandra.auth.Authenticator");
    (0x03, body.0)
}

#[tokio::test]
async fn an_identity_logs_in_by_its_signature_over_the_servers_nonce() {
    let challenge = step(0x0e, b"nonce=91703fdc2ef562e19fbdab0f58e42fe5");
    let answers = vec![authenticate(), challenge, step(0x10, b"")];
    let (ended, asked) = log_in(Login::Iam, answers).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(asked.iter().map(|(op, _)| *op).collect::<Vec<_>>(), [0x01, 0x0f, 0x0f]);
    assert_eq!(asked[1].1[4..], *b"SigV4\0\0");
    let proof = String::from_utf8(asked[2].1[4..].to_vec()).unwrap();
    let (signature, rest) = proof.strip_prefix("signature=").unwrap().split_once(',').unwrap();
    assert!(signature.len() == 64 && rest.starts_with("access_key=DEMO,amzdate=20"), "{proof}");
}

#[tokio::test]
async fn a_password_is_sent_once_and_a_refusal_does_not_repeat_it() {
    let login = || Login::Password(Secret::new("hunter2"));
    let (ended, asked) = log_in(login(), vec![authenticate(), step(0x10, b"")]).await;
    assert_eq!(ended, Ok(()));
    assert_eq!(asked[1].1[4..], *b"\0alice-at-123\0hunter2");
    let (ended, _) = log_in(login(), vec![authenticate(), error(0x0100, "Provided username is wrong")]).await;
    let failure = ended.unwrap_err();
    assert!(failure.kind == FailureKind::Login && !failure.to_string().contains("hunter2"));
    let (ended, asked) = log_in(login(), vec![(0x02, Vec::new())]).await;
    assert!(ended.is_ok() && asked.len() == 1, "a server that asks for nothing gets nothing");
    // A challenge after a password, and a login that never ends.
    let (ended, _) = log_in(login(), vec![authenticate(), step(0x0e, b"more")]).await;
    assert_eq!(ended.map_err(|f| f.kind), Err(FailureKind::Garbled));
    let endless = (0..20).map(|_| step(0x0e, b"nonce=91703fdc2ef562e19fbdab0f58e42fe5")).collect();
    assert_eq!(log_in(Login::Iam, endless).await.0.map_err(|f| f.kind), Err(FailureKind::Garbled));
}
