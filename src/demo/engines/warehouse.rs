//! The Redshift Data API's life of a statement over the warehouse's PostgreSQL: sessions that
//! take one statement at a time, statements that are submitted, picked, started and ended.
//!
//! The server in the process cannot stop what it runs: a statement that is cancelled counts as
//! aborted at once, its rows are thrown away when they come, and its session stays busy until
//! then.

use super::frames;
use super::postgres::Cluster;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How long a statement waits before it is picked, and before it is started.
const QUEUE: Duration = Duration::from_millis(40);
/// How long a session is kept idle.
const IDLE: Duration = Duration::from_secs(600);
/// Statements that are remembered.
const REMEMBERED: usize = 500;
/// Longest message taken, in bytes.
const LONGEST: usize = 64 << 20;

/// How far a statement has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Taken.
    Submitted,
    /// Its session has it.
    Picked,
    /// It runs.
    Started,
    /// It ended well.
    Finished,
    /// The server objected.
    Failed,
    /// It was cancelled.
    Aborted,
}

impl Stage {
    /// Whether nothing more will come.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Aborted)
    }
}

/// A statement and what is known of it.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its text.
    pub sql: String,
    /// The session it belongs to.
    pub session: String,
    /// How far it has come.
    pub stage: Stage,
    /// What the server objected to.
    pub error: Option<String>,
    /// Names of the columns and the OIDs of their types; none for a statement without rows.
    pub columns: Option<Vec<(String, u32)>>,
    /// Its rows.
    pub rows: Arc<Vec<Vec<Option<String>>>>,
    /// The command tag, as in `SELECT 5`.
    pub tag: String,
    began: Instant,
    took: Option<Duration>,
}

impl Run {
    /// How long it has run, or ran.
    pub fn took(&self) -> Duration {
        self.took.unwrap_or_else(|| self.began.elapsed())
    }
}

#[derive(Default)]
struct State {
    next: u64,
    runs: BTreeMap<String, Run>,
    tokens: HashMap<String, String>,
    sessions: HashMap<String, mpsc::UnboundedSender<String>>,
}

/// The warehouse's statements.
#[derive(Clone)]
pub struct Warehouse {
    /// The server behind them.
    pub cluster: Arc<Cluster>,
    state: Arc<Mutex<State>>,
}

impl fmt::Debug for Warehouse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Warehouse")
    }
}

impl Warehouse {
    /// No statement yet, over `cluster`.
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster: Arc::new(cluster), state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Submits a statement, in the session `session` or a new one; `kept` keeps a new session
    /// for further statements. The same `token` gives the statement that it gave before.
    ///
    /// # Errors
    /// The API's words: no such session, or one that is busy. Outside a runtime nothing runs.
    pub fn submit(
        &self,
        sql: &str,
        session: Option<&str>,
        kept: bool,
        token: Option<&str>,
    ) -> Result<String, String> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|e| e.to_string())?;
        let mut state = self.state();
        if let Some(id) = token.and_then(|token| state.tokens.get(token)) {
            return Ok(id.clone());
        }
        state.next += 1;
        let id = format!("d9b6c0c9-0747-4bf4-b142-{:012}", state.next);
        let session = match session {
            Some(name) if !state.sessions.contains_key(name) => {
                return Err(format!("Session {name} is not available"));
            }
            Some(name) if state.runs.values().any(|r| r.session == name && !r.stage.is_over()) => {
                return Err(format!("Session {name} is busy"));
            }
            Some(name) => name.to_owned(),
            None => {
                let name = format!("5a254dc6-4fc2-4203-87a8-{:012}", state.next);
                let (sender, jobs) = mpsc::unbounded_channel();
                state.sessions.insert(name.clone(), sender);
                runtime.spawn(self.clone().serve(name.clone(), jobs));
                name
            }
        };
        let run = Run {
            sql: sql.to_owned(),
            session: session.clone(),
            stage: Stage::Submitted,
            error: None,
            columns: None,
            rows: Arc::default(),
            tag: String::new(),
            began: Instant::now(),
            took: None,
        };
        state.runs.insert(id.clone(), run);
        if state.runs.len() > REMEMBERED {
            state.runs.pop_first();
        }
        if let Some(token) = token {
            state.tokens.insert(token.to_owned(), id.clone());
        }
        if let Some(sender) = state.sessions.get(&session) {
            // A session whose task has ended shows as such at the next statement.
            let _ = sender.send(id.clone());
        }
        if !kept && session.ends_with(&format!("{:012}", state.next)) {
            state.sessions.remove(&session);
        }
        Ok(id)
    }

    /// What is known of statement `id`.
    pub fn run(&self, id: &str) -> Option<Run> {
        self.state().runs.get(id).cloned()
    }

    /// Cancels statement `id`; false when it is over already or unknown.
    pub fn cancel(&self, id: &str) -> bool {
        let mut state = self.state();
        let Some(run) = state.runs.get_mut(id).filter(|r| !r.stage.is_over()) else { return false };
        run.stage = Stage::Aborted;
        run.took = Some(run.began.elapsed());
        true
    }

    /// Moves a statement on; false when it was cancelled or is forgotten.
    fn advance(&self, id: &str, stage: Stage) -> bool {
        let mut state = self.state();
        let Some(run) = state.runs.get_mut(id).filter(|r| !r.stage.is_over()) else { return false };
        run.stage = stage;
        true
    }

    fn end(&self, id: &str, answer: Result<Answer, String>) {
        let mut state = self.state();
        let Some(run) = state.runs.get_mut(id).filter(|r| !r.stage.is_over()) else { return };
        run.took = Some(run.began.elapsed());
        match answer {
            Ok(answer) => {
                run.columns = answer.columns;
                run.rows = Arc::new(answer.rows);
                run.tag = answer.tag;
                run.stage = Stage::Finished;
            }
            Err(error) => {
                run.error = Some(error);
                run.stage = Stage::Failed;
            }
        }
    }

    /// One session: a connection of its own, a statement at a time.
    async fn serve(self, session: String, mut jobs: mpsc::UnboundedReceiver<String>) {
        let mut client = None;
        while let Ok(Some(id)) = tokio::time::timeout(IDLE, jobs.recv()).await {
            tokio::time::sleep(QUEUE).await;
            if !self.advance(&id, Stage::Picked) {
                continue;
            }
            if client.is_none() {
                client = match Client::open(&self.cluster).await {
                    Ok(client) => Some(client),
                    Err(error) => {
                        self.end(&id, Err(error));
                        continue;
                    }
                };
            }
            tokio::time::sleep(QUEUE).await;
            let sql = self.run(&id).map(|r| r.sql).unwrap_or_default();
            if !self.advance(&id, Stage::Started) {
                continue;
            }
            let Some(open) = client.as_mut() else { continue };
            let answer = open.ask(&sql).await;
            if answer.is_err() && open.broken {
                client = None;
            }
            self.end(&id, answer);
        }
        self.state().sessions.remove(&session);
    }
}

/// What the server answered to one statement.
struct Answer {
    columns: Option<Vec<(String, u32)>>,
    rows: Vec<Vec<Option<String>>>,
    tag: String,
}

/// A connection to the server in the process.
struct Client {
    stream: DuplexStream,
    broken: bool,
}

impl Client {
    async fn open(cluster: &Cluster) -> Result<Self, String> {
        let stream = cluster.connect(false).await.map_err(|e| e.to_string())?;
        let mut client = Self { stream, broken: false };
        let mut hello = 196_608_i32.to_be_bytes().to_vec();
        hello.extend_from_slice(b"user\0dbdeck\0database\0");
        hello.extend_from_slice(cluster.database().as_bytes());
        hello.extend_from_slice(b"\0\0");
        let mut first = u32::try_from(hello.len() + 4).unwrap_or_default().to_be_bytes().to_vec();
        first.extend_from_slice(&hello);
        client.stream.write_all(&first).await.map_err(|e| e.to_string())?;
        client.until_ready().await?;
        Ok(client)
    }

    /// Runs one statement by the extended protocol, which takes no second one.
    async fn ask(&mut self, sql: &str) -> Result<Answer, String> {
        let mut out = Vec::new();
        let mut parse = vec![0];
        parse.extend(sql.bytes().filter(|b| *b != 0));
        parse.extend_from_slice(&[0, 0, 0]);
        frames::push(&mut out, b'P', &parse);
        frames::push(&mut out, b'B', &[0; 8]);
        frames::push(&mut out, b'D', b"P\0");
        frames::push(&mut out, b'E', &[0; 5]);
        frames::push(&mut out, b'S', b"");
        if let Err(e) = self.stream.write_all(&out).await {
            self.broken = true;
            return Err(e.to_string());
        }
        self.until_ready().await
    }

    async fn until_ready(&mut self) -> Result<Answer, String> {
        let mut answer = Answer { columns: None, rows: Vec::new(), tag: String::new() };
        let mut error = None;
        loop {
            let (kind, body) = match self.message().await {
                Ok(message) => message,
                Err(e) => {
                    self.broken = true;
                    return Err(error.unwrap_or_else(|| e.to_string()));
                }
            };
            match kind {
                b'T' => answer.columns = Some(columns(&body)),
                b'D' => answer.rows.push(row(&body)),
                b'C' => {
                    answer.tag =
                        String::from_utf8_lossy(body.strip_suffix(b"\0").unwrap_or(&body)).into_owned();
                }
                b'E' => error = Some(objection(&body)),
                b'Z' => return error.map_or(Ok(answer), Err),
                _ => {}
            }
        }
    }

    async fn message(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let kind = self.stream.read_u8().await?;
        let len = usize::try_from(self.stream.read_u32().await?).unwrap_or(usize::MAX);
        let len = len.checked_sub(4).filter(|l| *l <= LONGEST).ok_or(std::io::ErrorKind::InvalidData)?;
        let mut body = vec![0; len];
        self.stream.read_exact(&mut body).await?;
        Ok((kind, body))
    }
}

/// Names and type OIDs of a row description.
fn columns(body: &[u8]) -> Vec<(String, u32)> {
    let mut out = Vec::new();
    let Some((_, mut rest)) = body.split_first_chunk::<2>() else { return out };
    while let Some(end) = rest.iter().position(|b| *b == 0) {
        let (name, after) = rest.split_at(end);
        let Some((facts, after)) = after.get(1..).and_then(<[u8]>::split_first_chunk::<18>) else { break };
        let [_, _, _, _, _, _, a, b, c, d, ..] = *facts;
        out.push((String::from_utf8_lossy(name).into_owned(), u32::from_be_bytes([a, b, c, d])));
        rest = after;
    }
    out
}

/// The cells of a data row; none for null.
fn row(body: &[u8]) -> Vec<Option<String>> {
    let mut cells = Vec::new();
    let Some((_, mut rest)) = body.split_first_chunk::<2>() else { return cells };
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let Ok(len) = usize::try_from(i32::from_be_bytes(*len)) else {
            cells.push(None);
            rest = after;
            continue;
        };
        let Some((cell, after)) = after.split_at_checked(len) else { break };
        cells.push(Some(String::from_utf8_lossy(cell).into_owned()));
        rest = after;
    }
    cells
}

/// An error as the Data API words it: severity, message, and where.
fn objection(body: &[u8]) -> String {
    let fields = body.split(|b| *b == 0).filter_map(|f| f.split_first());
    let (mut message, mut position) = (String::new(), String::new());
    for (kind, text) in fields {
        match kind {
            b'M' => message = String::from_utf8_lossy(text).into_owned(),
            b'P' => position = String::from_utf8_lossy(text).into_owned(),
            _ => {}
        }
    }
    if position.is_empty() {
        format!("ERROR: {message}")
    } else {
        format!("ERROR: {message}\n  Position: {position}")
    }
}
