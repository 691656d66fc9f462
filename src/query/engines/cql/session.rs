//! One CQL session: a statement at a time, prepared by the server before it runs, page by page.
//!
//! CQL has no read-only transaction. What stands in for one: the server is asked what the
//! statement is before it runs. One that gives no columns is no SELECT, and is not run as a read.

use super::frame::{Answer, Body, Heading, Prepared, Wire, op, said};
use super::kind::Kind;
use super::problem;
use crate::clock;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{Column, Failure, FailureKind, Limits, SafeText, Statement, Summary, Tag, Task};
use crate::query::dialect::cql;
use crate::query::engine::{Canceller, Session, Sink};
use crate::query::engines::cancel::lost;
use crate::query::engines::intake::Intake;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// `LOCAL_QUORUM`: what Keyspaces writes with, and reads with for the newest rows.
const CONSISTENCY: u16 = 0x0006;
/// Most pages of one result.
const PAGES: usize = 1_000_000;

/// A session.
pub struct CqlSession {
    wire: Wire,
    setup: Setup,
    stop: Arc<Stop>,
    alive: bool,
}

/// What a session was opened as.
pub struct Setup {
    /// What is done, for failures.
    pub doing: String,
    /// The access in force.
    pub access: LiveAccess,
    /// Whether it may change data.
    pub changes: bool,
    /// Whether the server is Keyspaces, by its name.
    pub keyspaces: bool,
}

/// Wakes a run that nobody waits for: CQL has no way to stop a statement on its server.
#[derive(Default)]
struct Stop(Notify);

impl Canceller for Stop {
    fn cancel(&self) -> Task<'_, ()> {
        self.0.notify_waiters();
        Box::pin(std::future::ready(Ok(())))
    }
}

impl CqlSession {
    /// A session over `wire`, which is logged in.
    pub fn new(wire: Wire, setup: Setup) -> Self {
        Self { wire, setup, stop: Arc::default(), alive: true }
    }

    /// Makes `keyspace` the one that bare table names are looked up in.
    pub async fn enter(&mut self, keyspace: &str) -> Result<(), Failure> {
        let text = format!("USE \"{}\"", keyspace.replace('"', "\"\""));
        let answer = self.wire.ask(op::QUERY, &query(&text, &Page::default())).await?;
        self.result(&answer).map(|_| ())
    }

    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        let fail = |kind, why: &str| Failure::new(kind, self.setup.doing.as_str(), why);
        if changes && !self.setup.changes {
            return Err(fail(FailureKind::Refused, "this session was opened read-only and stays so"));
        }
        if !statement.holds(&self.setup.access.read(), clock::now()) {
            return Err(fail(FailureKind::Refused, "the access changed since this was allowed"));
        }
        if !self.alive {
            return Err(fail(FailureKind::Unreachable, "the session is closed")
                .hint("run it again: a new session is opened"));
        }
        let (started, stop) = (Instant::now(), self.stop.clone());
        let mut intake = Intake::new(sink, limits);
        intake.running();
        // Stays so when this future is dropped half-way: the stream is then unusable.
        self.alive = false;
        let mut notes = Vec::new();
        let ended = tokio::select! {
            ended = self.statement(&statement.get().text, changes, &mut intake, &mut notes) => ended,
            () = stop.0.notified() => Err(given_up(&self.setup.doing, changes)),
        };
        intake.publish();
        let (rows, truncated) = (intake.rows, intake.full);
        if let Err(failure) = ended {
            // What the server rejected, it answered in full: the next statement may follow.
            self.alive = matches!(
                failure.kind,
                FailureKind::Rejected
                    | FailureKind::Denied
                    | FailureKind::NotFound
                    | FailureKind::Throttled
                    | FailureKind::Refused
                    | FailureKind::Usage
            );
            if !self.alive {
                self.wire.close().await;
            }
            return Err(lost(failure, changes));
        }
        self.alive = true;
        // Our own USE, which a driver would be warned of: bare names mean the keyspace on show.
        notes.retain(|note| !note.starts_with("`USE <keyspace>`"));
        notes.sort_unstable();
        notes.dedup();
        Ok(Summary {
            rows,
            changed: None,
            truncated,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes: notes.into_iter().map(SafeText::new).collect(),
        })
    }

    async fn statement(
        &mut self,
        text: &str,
        changes: bool,
        intake: &mut Intake<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(), Failure> {
        // A comment up to the end of the text has no end for Cassandra without a line's end.
        let text = format!("{}\n", text.trim_start_matches('\u{feff}'));
        if changes || !cql::is_select(&text) {
            return self.pages(&Way::Plain(&text), changes, intake, notes).await;
        }
        let mut body = Body::default();
        body.long(text.as_bytes());
        let answer = self.wire.ask(op::PREPARE, &body).await?;
        notes.extend(answer.warnings.iter().cloned());
        self.result(&answer)?;
        let mut reader = answer.reader();
        let garbled = || self.wire.garbled("a broken account of the statement");
        if reader.int() != Some(4) {
            return Err(garbled());
        }
        let prepared = Prepared::read(&mut reader).ok_or_else(garbled)?;
        let fail = |kind, why: &str| Failure::new(kind, self.setup.doing.as_str(), why);
        if prepared.columns.is_empty() {
            let why = "the server takes it for no SELECT: it gives no columns; it was not run";
            return Err(fail(FailureKind::Refused, why));
        }
        if prepared.parameters != 0 {
            let why = "it has parameters (? or :name), which have no values here";
            return Err(fail(FailureKind::Usage, why).hint("write the values into the statement"));
        }
        self.pages(&Way::Prepared(&prepared), changes, intake, notes).await
    }

    /// Asks page by page; an empty page with more behind it is nothing special.
    async fn pages(
        &mut self,
        way: &Way<'_>,
        changes: bool,
        intake: &mut Intake<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let mut columns: Option<Vec<Kind>> = None;
        let mut page = Page::default();
        for _ in 0..PAGES {
            let fetch = intake.left().saturating_add(1).min(intake.limits.fetch.into());
            page.size = i32::try_from(fetch.max(1)).unwrap_or(i32::MAX);
            let answer = match way {
                Way::Plain(text) => self.wire.ask(op::QUERY, &query(text, &page)).await?,
                Way::Prepared(prepared) => self.wire.ask(op::EXECUTE, &execute(&prepared.id, &page)).await?,
            };
            notes.extend(answer.warnings.iter().cloned());
            self.result(&answer)?;
            let mut reader = answer.reader();
            let garbled = |why: &str| self.wire.garbled(why);
            if reader.int() != Some(2) {
                // No rows: a change was made, or a keyspace was entered.
                return Ok(());
            }
            let heading = Heading::read(&mut reader).ok_or_else(|| garbled("a broken heading of rows"))?;
            if columns.is_none() {
                let known = heading.columns.as_ref();
                let known = known.ok_or_else(|| garbled("rows without their columns"))?;
                intake.columns(known.iter().map(column).collect());
                columns = Some(known.iter().map(|(_, kind)| kind.clone()).collect());
            }
            let kinds = columns.as_deref().unwrap_or_default();
            if usize::try_from(heading.count).ok() != Some(kinds.len()) {
                return Err(garbled("a page with other columns"));
            }
            if take(&mut reader, kinds, intake)?.is_none() {
                intake.discard_row();
                return Err(garbled("a row that does not fit its columns"));
            }
            match heading.next {
                Some(next) if !intake.full || changes => {
                    if page.state.as_ref() == Some(&next) {
                        return Err(garbled("the same page again and again"));
                    }
                    page.state = Some(next);
                }
                _ => return Ok(()),
            }
            intake.publish_many();
        }
        Err(self.wire.garbled("pages without an end"))
    }

    /// The answer, when it is no error.
    fn result<'a>(&self, answer: &'a Answer) -> Result<&'a Answer, Failure> {
        match answer.op {
            said::RESULT => Ok(answer),
            said::ERROR => Err(problem::failure(&answer.reader(), &self.setup.doing, self.setup.keyspaces)),
            _ => Err(self.wire.garbled("an answer of another kind than was asked for")),
        }
    }
}

/// How a statement is sent.
enum Way<'a> {
    /// As it is.
    Plain(&'a str),
    /// By what the server keeps.
    Prepared(&'a Prepared),
}

/// Which page is asked for.
#[derive(Default)]
struct Page {
    size: i32,
    state: Option<Vec<u8>>,
}

impl Page {
    /// The consistency, and where to go on.
    fn write(&self, body: &mut Body) {
        body.short(CONSISTENCY);
        let sized = if self.size > 0 { 0x04 } else { 0 };
        let placed = if self.state.is_some() { 0x08 } else { 0 };
        body.0.push(sized | placed);
        if self.size > 0 {
            body.int(self.size);
        }
        if let Some(state) = &self.state {
            body.long(state);
        }
    }
}

fn query(text: &str, page: &Page) -> Body {
    let mut body = Body::default();
    body.long(text.as_bytes());
    page.write(&mut body);
    body
}

fn execute(id: &[u8], page: &Page) -> Body {
    let mut body = Body::default();
    // Ids come from the server as short bytes.
    body.short(u16::try_from(id.len()).unwrap_or(u16::MAX));
    body.0.extend(id);
    page.write(&mut body);
    body
}

fn column((name, kind): &(String, Kind)) -> Column {
    Column { name: SafeText::new(name), type_name: SafeText::new(kind.name()), tag: kind.tag() }
}

/// Takes the rows of a page; `None` for one that does not fit.
fn take(
    reader: &mut super::frame::Reader<'_>,
    kinds: &[Kind],
    intake: &mut Intake<'_>,
) -> Result<Option<()>, Failure> {
    let Some(count) = reader.int() else { return Ok(None) };
    for _ in 0..count {
        let before = reader.0.len();
        let mut ahead = *reader;
        for _ in kinds {
            if ahead.value().is_none() {
                return Ok(None);
            }
        }
        let admitted = intake.admit(before - ahead.0.len());
        if admitted {
            for kind in kinds {
                let Some(value) = reader.value() else { return Ok(None) };
                let Some(raw) = value else {
                    intake.value(Tag::Null, b"");
                    continue;
                };
                let Some(words) = kind.words(raw) else { return Ok(None) };
                intake.value(kind.tag(), words.as_bytes());
            }
            intake.end_row()?;
        }
        *reader = ahead;
    }
    Ok(Some(()))
}

fn given_up(doing: &str, changes: bool) -> Failure {
    let (kind, why) = if changes {
        (FailureKind::Unreachable, "nobody waits any more, but CQL cannot stop a statement on its server")
    } else {
        (FailureKind::Cancelled, "cancelled by dropping the connection: no further page was asked for")
    };
    Failure::new(kind, doing, why)
}

impl Session for CqlSession {
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
        if self.setup.changes {
            return Vec::new();
        }
        vec!["SELECT by CQL's grammar, and the server's own reading of it asked before it runs".into()]
    }

    fn is_alive(&self) -> bool {
        self.alive
    }
}
