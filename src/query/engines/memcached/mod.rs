//! Memcached: its text protocol. Each node of a cluster holds other keys, so a command goes to every one
//! of them and each row says which answered.

use super::cancel::lost;
use super::intake::Intake;
use super::redis::{Dial, Network, Node};
use super::{EngineOptions, LocalServers, Stream};
use crate::aws::Reach;
use crate::clock;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{
    Column, Endpoint, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Tag, Target, Task,
};
use crate::query::dialect::memcached::words;
use crate::query::engine::{Canceller, Engine, Login, Progress, Session, Sink};
use bytes::BytesMut;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

/// The longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Most bytes of one item: the server's own limit is 1 MB unless it was raised, to 1 GB at most.
const LARGEST: usize = 128 << 20;
/// Longest line of an answer.
const LONGEST_LINE: usize = 64 << 10;
/// Lines of one answer.
const MOST_LINES: u64 = 10_000_000;
/// Changes that are one line and one answer. Those that carry a value are two lines, which a tab does not send.
const ONE_LINE: &[&str] = &["delete", "incr", "decr", "touch", "flush_all"];

/// Opens Memcached sessions.
pub struct Memcached {
    reach: Arc<Reach>,
    ca_bundle: Option<PathBuf>,
    local: Option<Arc<dyn LocalServers>>,
}

impl Memcached {
    /// With `options`.
    pub fn new(reach: Arc<Reach>, options: &EngineOptions) -> Self {
        Self { reach, ca_bundle: options.ca_bundle.clone(), local: options.local.clone() }
    }

    async fn open_session(
        &self,
        target: &Target,
        login: &Login,
        changes: bool,
    ) -> Result<MemcachedSession, Failure> {
        let doing = format!("query {}", target.resource.name);
        if *login != Login::None {
            return Err(Failure::new(FailureKind::Usage, doing, "Memcached asks for no login")
                .hint("leave out --iam, --secret and the password"));
        }
        let secure = target.engine != EngineId::MemcachedPlain;
        let mut lines = Vec::new();
        for endpoint in nodes(target) {
            let node = (endpoint.host.clone(), endpoint.port);
            let mut at = target.clone();
            at.endpoint = Some(endpoint);
            let stream = match self.local.as_ref().and_then(|l| l.cache(&at)) {
                Some(opening) => opening.await?,
                None => {
                    let network = Network::new(&at, secure, self.ca_bundle.clone()).await?;
                    network.dial(&node).await?
                }
            };
            lines.push((node, Line { stream, buffer: BytesMut::new(), doing: doing.clone() }));
        }
        if lines.is_empty() {
            return Err(Failure::new(FailureKind::Usage, doing, "it has no endpoint"));
        }
        let mut locks: Vec<SafeText> =
            vec!["no session lock: the guard's list of commands is what holds".into()];
        if !secure {
            locks.push("not encrypted in transit".into());
        }
        let access = self.reach.access().clone();
        Ok(MemcachedSession { lines, access, changes, doing, locks, stop: Arc::default(), alive: true })
    }
}

/// The nodes to ask: all of the cluster, or the one that a tunnel leads to.
fn nodes(target: &Target) -> Vec<Endpoint> {
    match (&target.address, &target.endpoint) {
        (None, _) if !target.backend.endpoints.is_empty() => target.backend.endpoints.clone(),
        (_, endpoint) => endpoint.iter().cloned().collect(),
    }
}

impl Engine for Memcached {
    fn id(&self) -> EngineId {
        EngineId::Memcached
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("Memcached".into()));
            let session = self.open_session(target, login, changes).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}

/// One connection.
struct Line {
    stream: Box<dyn Stream>,
    buffer: BytesMut,
    doing: String,
}

impl Line {
    fn broken(&self, why: &str) -> Failure {
        Failure::new(FailureKind::Unreachable, self.doing.as_str(), why)
    }

    fn garbled(&self, what: &str) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), format!("the server sent {what}"))
    }

    async fn send(&mut self, line: &str) -> Result<(), Failure> {
        let sent = async {
            self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|e: std::io::Error| self.broken(&e.to_string()))
    }

    async fn fill(&mut self) -> Result<(), Failure> {
        let read = tokio::time::timeout(ANSWER, self.stream.read_buf(&mut self.buffer)).await;
        match read {
            Err(_) => Err(self.broken("the server did not answer in time")),
            Ok(Ok(0)) => Err(self.broken("the server closed the connection")),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(self.broken(&e.to_string())),
        }
    }

    async fn line(&mut self) -> Result<String, Failure> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                let line = self.buffer.split_to(at + 2);
                return Ok(String::from_utf8_lossy(line.get(..at).unwrap_or_default()).into_owned());
            }
            if self.buffer.len() > LONGEST_LINE {
                return Err(self.garbled("a line without an end"));
            }
            self.fill().await?;
        }
    }

    async fn bytes(&mut self, len: usize) -> Result<Vec<u8>, Failure> {
        while self.buffer.len() < len + 2 {
            self.fill().await?;
        }
        let bytes = self.buffer.split_to(len).to_vec();
        let end = self.buffer.split_to(2);
        if &*end == b"\r\n" {
            Ok(bytes)
        } else {
            Err(self.garbled("an item that does not end where it said"))
        }
    }
}

struct MemcachedSession {
    lines: Vec<(Node, Line)>,
    access: LiveAccess,
    changes: bool,
    doing: String,
    locks: Vec<SafeText>,
    stop: Arc<Stop>,
    alive: bool,
}

impl MemcachedSession {
    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        if changes && !self.changes || !statement.holds(&self.access.read(), clock::now()) {
            let why = "this session was opened read-only, or the access changed since this was allowed";
            return Err(Failure::new(FailureKind::Refused, self.doing.as_str(), why));
        }
        if !self.alive {
            return Err(Failure::new(FailureKind::Unreachable, self.doing.as_str(), "the session is closed")
                .hint("run it again: a new session is opened"));
        }
        // Stays so when this future is dropped half-way: what comes then belongs to nobody.
        self.alive = false;
        let started = Instant::now();
        let mut intake = Intake::new(sink, limits);
        intake.running();
        let stop = self.stop.clone();
        let ended = tokio::select! {
            ended = self.execute(&statement.get().text, changes, &mut intake) => ended,
            () = stop.0.notified() => {
                Err(Failure::new(FailureKind::Cancelled, self.doing.as_str(), "cancelled: the connection was closed"))
            }
        };
        intake.publish();
        let (rows, truncated) = (intake.rows, intake.full);
        match ended {
            Ok(()) => self.alive = true,
            Err(failure) => {
                let broke = matches!(
                    failure.kind,
                    FailureKind::Unreachable | FailureKind::Garbled | FailureKind::Cancelled
                );
                self.alive = !broke;
                return Err(lost(failure, changes));
            }
        }
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Summary { rows, changed: None, truncated, took_ms, notes: Vec::new() })
    }

    async fn execute(&mut self, text: &str, changes: bool, intake: &mut Intake<'_>) -> Result<(), Failure> {
        let usage = |why: &str| Failure::new(FailureKind::Usage, "run the command", why);
        let all = words(text).map_err(|(_, _, _, why)| usage(why))?;
        let name = all.first().map(|(w, _)| *w).unwrap_or_default();
        let kind = match name {
            "get" | "gets" => Kind::Items(name == "gets"),
            "stats" => Kind::Facts,
            "version" => Kind::Word,
            _ if changes && ONE_LINE.contains(&name) => Kind::Word,
            _ if changes => {
                return Err(usage("a query tab sends one line: a command that carries a value is two")
                    .hint("delete, incr, decr, touch and flush_all are one line"));
            }
            _ => return Err(usage("this command is not spoken here")),
        };
        // What the server sees is put together from the words that were judged.
        let line = all.iter().map(|(w, _)| *w).collect::<Vec<_>>().join(" ");
        let several = self.lines.len() > 1;
        intake.columns(kind.columns(several));
        for (node, connection) in &mut self.lines {
            connection.send(&line).await?;
            let whose = several.then(|| format!("{}:{}", node.0, node.1));
            kind.take(connection, whose.as_deref(), intake).await?;
        }
        Ok(())
    }
}

/// What a command answers.
#[derive(Clone, Copy)]
enum Kind {
    /// Items; with their unique number or without.
    Items(bool),
    /// `STAT name value`.
    Facts,
    /// One line.
    Word,
}

impl Kind {
    fn columns(self, several: bool) -> Vec<Column> {
        let column = |name: &str, tag| Column { name: name.into(), type_name: "".into(), tag };
        let mut all = match self {
            Self::Items(unique) => {
                let mut all = vec![
                    column("key", Tag::Text),
                    column("flags", Tag::Number),
                    column("bytes", Tag::Number),
                    column("value", Tag::Text),
                ];
                if unique {
                    all.push(column("cas", Tag::Number));
                }
                all
            }
            Self::Facts => vec![column("name", Tag::Text), column("value", Tag::Text)],
            Self::Word => vec![column("answer", Tag::Text)],
        };
        if several {
            all.insert(0, column("node", Tag::Text));
        }
        all
    }

    async fn take(
        self,
        line: &mut Line,
        whose: Option<&str>,
        intake: &mut Intake<'_>,
    ) -> Result<(), Failure> {
        for _ in 0..MOST_LINES {
            let said = line.line().await?;
            if ["ERROR", "CLIENT_ERROR", "SERVER_ERROR"].iter().any(|e| said.split(' ').next() == Some(e)) {
                return Err(Failure::new(FailureKind::Rejected, "run the command", said));
            }
            if matches!(self, Self::Word) {
                return one_row(whose, &[(Tag::Text, said.as_bytes())], intake);
            }
            if said == "END" || said == "RESET" {
                return Ok(());
            }
            let words: Vec<&str> = said.split(' ').collect();
            match (self, words.as_slice()) {
                (Self::Items(unique), ["VALUE", key, flags, bytes, rest @ ..]) => {
                    let len = bytes.parse::<usize>().ok().filter(|n| *n <= LARGEST);
                    let value =
                        line.bytes(len.ok_or_else(|| line.garbled("an item of an absurd length"))?).await?;
                    let hex = super::hex(&value);
                    let text = std::str::from_utf8(&value).is_ok();
                    let mut row = vec![
                        (Tag::Text, key.as_bytes()),
                        (Tag::Number, flags.as_bytes()),
                        (Tag::Number, bytes.as_bytes()),
                        if text { (Tag::Text, value.as_slice()) } else { (Tag::Bytes, hex.as_bytes()) },
                    ];
                    row.extend(rest.first().filter(|_| unique).map(|cas| (Tag::Number, cas.as_bytes())));
                    one_row(whose, &row, intake)?;
                }
                (Self::Facts, ["STAT", name, value @ ..]) => {
                    let value = value.join(" ");
                    let tag = if value.parse::<i64>().is_ok() { Tag::Number } else { Tag::Text };
                    one_row(whose, &[(Tag::Text, name.as_bytes()), (tag, value.as_bytes())], intake)?;
                }
                _ => return Err(line.garbled("something that is no answer to this")),
            }
        }
        Err(line.garbled("an answer without an end"))
    }
}

fn one_row(whose: Option<&str>, values: &[(Tag, &[u8])], intake: &mut Intake<'_>) -> Result<(), Failure> {
    if !intake.admit(0) {
        return Ok(());
    }
    if let Some(node) = whose {
        intake.value(Tag::Text, node.as_bytes());
    }
    values.iter().for_each(|(tag, raw)| intake.value(*tag, raw));
    intake.end_row()
}

/// Ends the waiting for an answer.
#[derive(Default)]
struct Stop(Notify);

impl Canceller for Stop {
    fn cancel(&self) -> Task<'_, ()> {
        self.0.notify_waiters();
        Box::pin(async { Ok(()) })
    }
}

impl Session for MemcachedSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.stop.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        self.locks.clone()
    }

    fn is_alive(&self) -> bool {
        self.alive
    }
}
