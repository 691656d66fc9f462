//! Sessions against servers that are written here, so that they can lie.

use super::cluster::Nodes;
use super::session::{RedisSession, Setup};
use super::{Dial, Node};
use crate::clock;
use crate::guard::{Access, LiveAccess, clear};
use crate::model::{DialectId, Failure, FailureKind, Limits, Statement, Summary, Task};
use crate::query::engine::{Session, Sink};
use crate::query::engines::Stream;
use crate::query::store::{BUDGET, RowReader, store};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

type Script = dyn Fn(&Node, &[String], usize) -> String + Send + Sync;

/// Nodes that answer as the script says: to a node, a command, and how many commands came before it.
struct Scripted {
    script: Arc<Script>,
    log: Arc<Mutex<Vec<(u16, String)>>>,
}

const HELLO: &str = "%3\r\n+server\r\n+redis\r\n+mode\r\n+cluster\r\n+role\r\n+master\r\n";
const ALONE: &str = "%3\r\n+server\r\n+redis\r\n+mode\r\n+standalone\r\n+role\r\n+master\r\n";

impl Dial for Scripted {
    fn home(&self) -> Node {
        ("home".into(), 1)
    }

    fn dial<'a>(&'a self, node: &'a Node) -> Task<'a, Box<dyn Stream>> {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (node, script, log) = (node.clone(), self.script.clone(), self.log.clone());
        tokio::spawn(async move {
            let mut far = BufReader::new(far);
            loop {
                let mut line = String::new();
                if far.read_line(&mut line).await.unwrap_or(0) == 0 {
                    return;
                }
                let count: usize = line.trim_end().trim_start_matches('*').parse().unwrap();
                let mut args = Vec::new();
                for _ in 0..count {
                    let mut len = String::new();
                    far.read_line(&mut len).await.unwrap();
                    let len: usize = len.trim_end().trim_start_matches('$').parse().unwrap();
                    let mut arg = vec![0; len + 2];
                    far.read_exact(&mut arg).await.unwrap();
                    args.push(String::from_utf8_lossy(&arg[..len]).into_owned());
                }
                let before = {
                    let mut log = log.lock().unwrap();
                    log.push((node.1, args.join(" ")));
                    log.len() - 1
                };
                let answer = script(&node, &args, before);
                if answer.is_empty() || far.get_mut().write_all(answer.as_bytes()).await.is_err() {
                    // A lost node.
                    return;
                }
            }
        });
        Box::pin(async { Ok(Box::new(near) as Box<dyn Stream>) })
    }
}

struct Scene {
    session: RedisSession,
    access: LiveAccess,
    log: Arc<Mutex<Vec<(u16, String)>>>,
}

async fn scene(script: impl Fn(&Node, &[String], usize) -> String + Send + Sync + 'static) -> Scene {
    let log = Arc::<Mutex<Vec<(u16, String)>>>::default();
    let dial = Arc::new(Scripted { script: Arc::new(script), log: log.clone() });
    let mut nodes = Nodes::meet(dial, None, None, "query cache".into()).await.unwrap();
    nodes.patience = Duration::from_secs(4);
    let access = LiveAccess::new(Access::read_only());
    let setup =
        Setup { doing: "query cache".into(), access: access.clone(), changes: false, locks: Vec::new() };
    Scene { session: RedisSession::new(nodes, setup), access, log }
}

impl Scene {
    async fn run(&mut self, text: &str) -> (Result<Summary, Failure>, RowReader) {
        let statement = Statement { text: text.into(), dialect: DialectId::Redis };
        let cleared = clear(&self.access.read(), clock::now(), statement).unwrap();
        let (writer, reader) = store(BUDGET);
        let mut sink = Sink::new(writer, |_| {});
        (self.session.run(&cleared, Limits::default(), &mut sink).await, reader)
    }

    fn sent(&self, what: &str) -> Vec<u16> {
        let log = self.log.lock().unwrap();
        log.iter().filter(|(_, command)| command == what).map(|(port, _)| *port).collect()
    }
}

fn first(reader: &RowReader) -> String {
    let mut out = String::new();
    reader.row(0, |_, v| out.push_str(&String::from_utf8_lossy(v.raw)));
    out
}

/// `COMMAND INFO GET` and `CLUSTER SLOTS`, or nothing.
fn usual(args: &[String]) -> Option<String> {
    match args.first().map(String::as_str) {
        Some("HELLO") => Some(HELLO.into()),
        Some("READONLY" | "ASKING") => Some("+OK\r\n".into()),
        Some("COMMAND") => Some("*1\r\n*6\r\n+get\r\n:2\r\n*1\r\n+readonly\r\n:1\r\n:1\r\n:1\r\n".into()),
        Some("CLUSTER") => Some(
            "*2\r\n*3\r\n:0\r\n:8191\r\n*2\r\n+home\r\n:1\r\n*3\r\n:8192\r\n:16383\r\n*2\r\n+b\r\n:2\r\n"
                .into(),
        ),
        _ => None,
    }
}

#[tokio::test]
async fn a_command_goes_to_the_node_of_its_key_and_redirections_are_followed() {
    let mut scene = scene(|node, args, _| {
        usual(args).unwrap_or_else(|| match (node.1, args.get(1).map(String::as_str)) {
            (2, Some("foo")) => "$5\r\nright\r\n".into(),
            (1, Some("bar")) => "-ASK 5061 c:3\r\n".into(),
            (3, Some("bar")) => "$5\r\nasked\r\n".into(),
            (2, Some("hello")) => "$5\r\nmoved\r\n".into(),
            _ => "-MOVED 866 b:2\r\n".into(),
        })
    })
    .await;
    // Slot 12182 is the second node's; nobody else is asked.
    let (ended, reader) = scene.run("GET foo").await;
    assert_eq!((ended.unwrap().rows, first(&reader).as_str()), (1, "right"));
    assert_eq!(scene.sent("GET foo"), [2]);
    let (ended, reader) = scene.run("GET bar").await;
    assert_eq!(first(&reader), "asked", "{ended:?}");
    assert_eq!(scene.sent("ASKING"), [3]);
    let (ended, reader) = scene.run("GET hello").await;
    assert_eq!(first(&reader), "moved");
    assert!(ended.unwrap().notes.iter().any(|n| n.as_str().contains("sent it on")));
    // What was learnt is kept: the next one goes there directly.
    scene.run("GET hello").await.0.unwrap();
    assert_eq!(scene.sent("GET hello"), [1, 2, 2]);
}

#[tokio::test]
async fn a_storm_of_redirections_ends() {
    let mut scene = scene(|node, args, _| {
        usual(args).unwrap_or_else(|| format!("-MOVED 12182 n:{}\r\n", node.1 % 7 + 1))
    })
    .await;
    let failed = scene.run("GET foo").await.0.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Garbled, "{failed}");
    assert!(scene.sent("GET foo").len() <= 17);
}

#[tokio::test]
async fn a_lost_node_is_looked_for_again_until_another_serves() {
    // The second node is lost at once; from the 12th command on the first one says who took over.
    let mut scene = scene(|node, args, before| match (node.1, args.first().map(String::as_str)) {
        (2, Some("GET")) => String::new(),
        (_, Some("CLUSTER")) if before > 12 => "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n+c\r\n:3\r\n".into(),
        (3, Some("GET")) => "$4\r\nheir\r\n".into(),
        _ => usual(args).unwrap_or_else(|| "-CLUSTERDOWN The cluster is down\r\n".into()),
    })
    .await;
    let (ended, reader) = scene.run("GET foo").await;
    assert_eq!(first(&reader), "heir", "{ended:?}");
    assert!(ended.unwrap().notes.iter().any(|n| n.as_str().contains("read anew")));
    assert!(scene.session.is_alive());
}

#[tokio::test]
async fn a_cluster_that_stays_down_is_said_to_be_down() {
    let mut scene =
        scene(|_, args, _| usual(args).unwrap_or_else(|| "-CLUSTERDOWN Hash slot not served\r\n".into()))
            .await;
    let failed = scene.run("GET foo").await.0.unwrap_err();
    assert_eq!(failed.kind, FailureKind::Unreachable, "{failed}");
    assert!(failed.to_string().contains("CLUSTERDOWN"));
}

#[tokio::test]
async fn what_the_server_marks_as_writing_is_not_sent() {
    let mut scene = scene(|_, args, _| match args.first().map(String::as_str) {
        Some("COMMAND") => "*1\r\n*6\r\n+get\r\n:2\r\n*2\r\n+write\r\n+fast\r\n:1\r\n:1\r\n:1\r\n".into(),
        Some("HELLO") => ALONE.into(),
        _ => "+OK\r\n".into(),
    })
    .await;
    let refused = scene.run("GET a").await.0.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused, "{refused}");
    assert!(scene.sent("GET a").is_empty());
    // Its arguments were found to read, so the mark does not decide.
    scene.run("SORT a").await.0.unwrap();
    assert_eq!(scene.sent("SORT a"), [1]);
}

#[tokio::test]
async fn an_old_server_is_spoken_to_in_its_own_protocol() {
    let mut scene = scene(|_, args, _| match args.first().map(String::as_str) {
        Some("HELLO") => "-ERR unknown command `HELLO`\r\n".into(),
        Some("INFO") => {
            "$61\r\n# Server\r\nredis_version:5.0.6\r\nrole:master\r\ncluster_enabled:0\r\n".into()
        }
        Some("COMMAND") => "*1\r\n*-1\r\n".into(),
        Some("HGETALL") => "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n".into(),
        _ => "-ERR\r\n".into(),
    })
    .await;
    let (ended, reader) = scene.run("HGETALL h").await;
    assert_eq!((ended.unwrap().rows, first(&reader).as_str()), (2, "a1"), "pairs, as RESP 3 has them");
}

#[tokio::test]
async fn a_cancelled_command_gives_its_connection_up() {
    let mut scene = scene(|_, args, _| match args.first().map(String::as_str) {
        Some("HELLO") => ALONE.into(),
        Some("COMMAND") => "*1\r\n*-1\r\n".into(),
        // Half an answer, and then nothing.
        _ => "*2\r\n".into(),
    })
    .await;
    let canceller = scene.session.canceller();
    let ended = {
        let run = scene.run("LRANGE l 0 -1");
        tokio::pin!(run);
        loop {
            tokio::select! {
                ended = &mut run => break ended.0,
                () = tokio::task::yield_now() => canceller.cancel().await.unwrap(),
            }
        }
    };
    assert_eq!(ended.unwrap_err().kind, FailureKind::Cancelled);
    assert!(!scene.session.is_alive());
}
