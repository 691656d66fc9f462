//! One tab's statements: each is the command that the guard judged, made anew from its tree, and
//! the batches that its cursor gives.

use super::documents::{Shape, rows};
use super::relay::Relay;
use super::running::Running;
use super::{said, value};
use crate::clock;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{Failure, FailureKind, Limits, SafeText, Statement, Summary, Task};
use crate::query::dialect::Refusal;
use crate::query::dialect::mongodb::tree::{self, Command, Said, Scope};
use crate::query::dialect::mongodb::{judge, parse};
use crate::query::engine::{Canceller, Session, Sink};
use crate::query::engines::cancel::lost;
use crate::query::engines::intake::Intake;
use ::mongodb::bson::{Bson, Document, doc};
use ::mongodb::options::{ReadPreference, SelectionCriteria};
use ::mongodb::{Client, ClientSession};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest that the server works on one batch of a read that names no limit of its own, in
/// ms. DocumentDB forgets an idle cursor after the same time.
const MAX_TIME_MS: i32 = 600_000;

/// How long the end of a cursor may take that is not wanted any more.
const CLOSE: Duration = Duration::from_secs(1);

/// Commands that take `maxTimeMS` everywhere.
const TIMED: &[&str] = &["aggregate", "count", "distinct", "find"];

/// What a session is opened with.
pub struct Setup {
    /// What is being done, for failures.
    pub doing: String,
    /// The access in force.
    pub access: LiveAccess,
    /// Whether it may change data.
    pub changes: bool,
    /// The database in use.
    pub database: String,
    /// The guard's layers that hold.
    pub locks: Vec<SafeText>,
}

/// A session.
pub struct DocumentSession {
    client: Client,
    session: Option<ClientSession>,
    running: Arc<Running>,
    relay: Relay,
    setup: Setup,
    /// A cursor that the server holds open: database, collection, id.
    open: Option<(String, String, i64)>,
    alive: bool,
}

impl DocumentSession {
    /// A session that is logged in.
    pub const fn new(
        client: Client,
        session: Option<ClientSession>,
        running: Arc<Running>,
        relay: Relay,
        setup: Setup,
    ) -> Self {
        Self { client, session, running, relay, setup, open: None, alive: true }
    }

    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        let doing = self.setup.doing.clone();
        if changes && !self.setup.changes || !statement.holds(&self.setup.access.read(), clock::now()) {
            let why = "this session was opened read-only, or the access changed since this was allowed";
            return Err(Failure::new(FailureKind::Refused, doing, why));
        }
        let said = parse(&statement.get().text).map_err(|refusal| unread(&doing, &refusal))?;
        if !changes {
            // What was judged and what is sent are made of the same text: this only says so again.
            judge(&said).map_err(|r| Failure::new(FailureKind::Refused, doing.as_str(), r.why))?;
        }
        let command = match said {
            Said::Use(name) => return Ok(self.use_database(name)),
            Said::Run(command) => command,
        };
        let started = Instant::now();
        let mut intake = Intake::new(sink, limits);
        intake.running();
        let stop = self.running.begin();
        let ended = tokio::select! {
            ended = self.answer(&command, changes, &mut intake) => ended,
            () = stop.notified() => Err(Failure::new(FailureKind::Cancelled, doing.as_str(), "cancelled")),
        };
        self.running.end();
        intake.publish();
        self.close().await;
        let changed = ended.map_err(|failure| {
            self.alive = self.alive && !said::is_over(&failure);
            lost(failure, changes)
        })?;
        Ok(Summary {
            rows: intake.rows,
            changed,
            truncated: intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes: Vec::new(),
        })
    }

    fn use_database(&mut self, name: String) -> Summary {
        let note = SafeText::new(format!("the database is {name} from now on"));
        self.setup.database = name;
        Summary { notes: vec![note], ..Summary::default() }
    }

    /// Sends one command to `database` and brings its reply.
    async fn ask(&mut self, database: &str, command: Document, changes: bool) -> Result<Document, Failure> {
        let database = self.client.database(database);
        let call = database.run_command(command);
        // Changes go to the writer, which is what the session was opened on.
        let call = if changes { call } else { call.selection_criteria(reading()) };
        let reply = match &mut self.session {
            Some(session) => call.session(session).await,
            None => call.await,
        };
        reply.map_err(|e| said::failure(&self.setup.doing, &e, self.relay.trouble()))
    }

    /// Runs the command and takes its rows; how many documents changed, for a change.
    async fn answer(
        &mut self,
        command: &Command,
        changes: bool,
        intake: &mut Intake<'_>,
    ) -> Result<Option<u64>, Failure> {
        let database = match &command.scope {
            Scope::Own => self.setup.database.clone(),
            Scope::Named(name) => name.clone(),
        };
        let body = prepared(value::document(&command.body)?, changes, intake);
        let mut reply = self.ask(&database, body, changes).await?;
        // What the cluster adds to every reply for its members.
        for key in ["$clusterTime", "operationTime", "$configServerState", "$gleStats"] {
            reply.remove(key);
        }
        if command.shape == tree::Shape::Cursor {
            self.cursor(&database, &reply, intake).await?;
            return Ok(None);
        }
        if let Some(failed) = write_error(&self.setup.doing, &reply) {
            return Err(failed);
        }
        rows(command, &reply, intake)?;
        Ok(if changes { changed(&reply) } else { None })
    }

    /// Takes the batches of a cursor.
    async fn cursor(
        &mut self,
        database: &str,
        reply: &Document,
        intake: &mut Intake<'_>,
    ) -> Result<(), Failure> {
        let garbled = |doing: &str| Failure::new(FailureKind::Garbled, doing, "the reply has no cursor");
        let mut cursor = reply.get_document("cursor").map_err(|_| garbled(&self.setup.doing))?.clone();
        let mut shape = Shape::default();
        let mut key = "firstBatch";
        loop {
            let id = id_of(&cursor);
            let space = cursor.get_str("ns").unwrap_or_default();
            let collection = space.split_once('.').map_or(space, |(_, name)| name).to_owned();
            self.open = (id != 0).then(|| (database.to_owned(), collection.clone(), id));
            let batch = cursor.get_array(key).map(Vec::as_slice).unwrap_or_default();
            for document in batch {
                let document = document.as_document().ok_or_else(|| garbled(&self.setup.doing))?;
                if !shape.take(document, intake)? {
                    return Ok(());
                }
            }
            intake.publish();
            if id == 0 {
                return Ok(());
            }
            let size = i64::from(intake.limits.fetch.max(1));
            let more = doc! { "getMore": id, "collection": collection, "batchSize": size };
            let mut reply = self.ask(database, more, false).await?;
            cursor = match reply.remove("cursor") {
                Some(Bson::Document(cursor)) => cursor,
                _ => return Err(garbled(&self.setup.doing)),
            };
            key = "nextBatch";
        }
    }

    /// Has the server forget a cursor that was not read to its end.
    async fn close(&mut self) {
        let Some((database, collection, id)) = self.open.take() else { return };
        let command = doc! { "killCursors": collection, "cursors": [id] };
        // One that stays is forgotten by the server after ten minutes.
        let _ = tokio::time::timeout(CLOSE, self.ask(&database, command, false)).await;
    }
}

/// From a replica, or from the writer where there is none.
fn reading() -> SelectionCriteria {
    SelectionCriteria::ReadPreference(ReadPreference::SecondaryPreferred { options: None })
}

fn id_of(cursor: &Document) -> i64 {
    match cursor.get("id") {
        Some(Bson::Int64(id)) => *id,
        Some(Bson::Int32(id)) => i64::from(*id),
        _ => 0,
    }
}

/// The command with the sizes and times that the person did not name.
fn prepared(mut body: Document, changes: bool, intake: &Intake<'_>) -> Document {
    let name = body.keys().next().cloned().unwrap_or_default();
    if !changes && TIMED.contains(&name.as_str()) && !body.contains_key("maxTimeMS") {
        body.insert("maxTimeMS", MAX_TIME_MS);
    }
    // One more than is taken shows that the result was cut.
    let size = intake.left().saturating_add(1).min(u64::from(intake.limits.fetch.max(1)));
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if name == "find" && !body.contains_key("batchSize") && !body.contains_key("singleBatch") {
        body.insert("batchSize", size);
    }
    if let Ok(cursor) = body.get_document_mut("cursor")
        && cursor.is_empty()
    {
        cursor.insert("batchSize", size);
    }
    body
}

/// The failure of a statement that is allowed to change data and is not understood.
fn unread(doing: &str, refusal: &Refusal) -> Failure {
    let failure = Failure::new(FailureKind::Usage, doing, format!("not understood: {}", refusal.why));
    match refusal.instead {
        Some(instead) => failure.hint(instead),
        None => failure.hint("write it as a command: db.runCommand({…})"),
    }
}

/// What a reply says of single documents that could not be written.
fn write_error(doing: &str, reply: &Document) -> Option<Failure> {
    let errors = reply.get_array("writeErrors").ok()?;
    let first = errors.first()?.as_document()?;
    let said = first.get_str("errmsg").unwrap_or("the server does not say why");
    let done = reply.get("n").map(|n| value::cell(n).2.into_owned()).unwrap_or_default();
    let why = format!("{said} ({} failed, {done} written)", errors.len());
    Some(Failure::new(FailureKind::Rejected, doing, why))
}

/// How many documents a change touched, as far as the reply says.
fn changed(reply: &Document) -> Option<u64> {
    let n = reply.get("nModified").or_else(|| reply.get("n"))?;
    match n {
        Bson::Int32(n) => u64::try_from(*n).ok(),
        Bson::Int64(n) => u64::try_from(*n).ok(),
        _ => None,
    }
}

impl Session for DocumentSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.running.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        self.setup.locks.clone()
    }

    fn is_alive(&self) -> bool {
        self.alive
    }
}
