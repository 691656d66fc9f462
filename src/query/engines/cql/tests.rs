//! Sessions against a server that is a script: what it is asked, and what is made of its answers.

use super::frame::{Body, Wire};
use super::session::{CqlSession, Setup};
use crate::clock;
use crate::guard::{Access, LiveAccess, clear};
use crate::model::{DialectId, Failure, FailureKind, Limits, Statement, Summary};
use crate::query::engine::{Session, Sink};
use crate::query::store::{RowReader, store};
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
