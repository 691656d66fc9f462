//! One PostgreSQL session: a statement at a time, each inside its own read-only transaction.
//!
//! The person's text travels as one Parse message of the extended protocol, byte for byte what
//! the guard judged; the protocol itself refuses a second statement in it. All results come
//! as the server's own text. After the statement the server is asked whether the lock stood;
//! whatever is not as expected ends the session.

use super::message::ServerError;
use super::taking::Taking;
use super::wire::Wire;
use crate::clock;
use crate::guard::{Cleared, LiveAccess, session as lock};
use crate::model::{Failure, FailureKind, Limits, SafeText, Statement, Summary, Task};
use crate::query::engine::{Canceller, Session, Sink};
use crate::query::engines::cancel::{Line, lost};
use crate::query::engines::intake::Intake;
use postgres_protocol::message::frontend;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// Up to so many rows are asked for by number; a larger result comes as one stream, which
/// the server may compute in parallel, and is cut by cancelling.
const ASKED_BY_NUMBER: u64 = 50_000;
/// The most that is read and thrown away to keep a session after a cut result.
const DRAIN: u64 = 64 << 20;

/// How a statement ended on the server.
enum Ended {
    /// With a command tag, as in `INSERT 0 5`.
    Complete(String),
    /// The rows asked for came; more exist.
    Suspended,
    /// Nothing to do in it.
    Empty,
    /// The server objected.
    Objection(Box<ServerError>),
    /// More came than a session is worth: it was closed.
    Abandoned,
}

/// A session.
pub struct PgSession {
    wire: Wire,
    line: Arc<Line>,
    setup: Setup,
    alive: bool,
    types: HashMap<u32, Arc<str>>,
}

/// What stands behind the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// PostgreSQL.
    Postgres,
    /// Redshift or DSQL; whether it tells if a transaction is read-only.
    Redshift {
        /// Whether `SHOW transaction_read_only` is answered.
        tells: bool,
    },
}

/// What a session was opened as.
pub struct Setup {
    /// Where, for failures.
    pub doing: String,
    /// The access in force.
    pub access: LiveAccess,
    /// Whether it may change data.
    pub changes: bool,
    /// Whether the read-only default came by startup options, which `DISCARD ALL` keeps.
    pub by_options: bool,
    /// What the server is: Redshift speaks the protocol and lacks much of the rest.
    pub server: Server,
    /// Whether the server can be asked to stop.
    pub cancels: bool,
    /// The layers that hold.
    pub locks: Vec<SafeText>,
}

impl PgSession {
    /// A session over `wire`, which is logged in and idle.
    pub fn new(wire: Wire, line: Arc<Line>, setup: Setup) -> Self {
        Self { wire, line, setup, alive: true, types: HashMap::new() }
    }

    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        let refused = |why| Failure::new(FailureKind::Refused, self.setup.doing.as_str(), why);
        if changes && !self.setup.changes {
            return Err(refused("this session was opened read-only and stays so"));
        }
        if !statement.holds(&self.setup.access.read(), clock::now()) {
            return Err(refused("the access changed since this was allowed"));
        }
        self.run_text(&statement.get().text, changes, limits, sink).await
    }

    /// Runs `text`, whichever way it ends leaving the session armed or closed.
    pub(super) async fn run_text(
        &mut self,
        text: &str,
        changes: bool,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        if !self.alive {
            return Err(Failure::new(
                FailureKind::Unreachable,
                self.setup.doing.as_str(),
                "the session is closed",
            )
            .hint("run it again: a new session is opened"));
        }
        // Stays so when this future is dropped or fails half-way: the stream is then unusable.
        self.alive = false;
        let started = Instant::now();
        let mut taking = Taking::new(Intake::new(sink, limits));
        self.wire.begin();
        if !changes {
            self.arm().await?;
        }
        self.line.begin().await;
        let ended = self.execute(text, changes, &mut taking).await;
        let asked = self.line.end().await;
        taking.intake.publish();
        let ended = match ended {
            Ok(Ended::Abandoned) => {
                self.wire.close().await;
                return Ok(self.summary(&taking, None, started));
            }
            Ok(ended) => ended,
            Err(failure) => {
                self.wire.close().await;
                return Err(lost(failure, changes));
            }
        };
        self.settle(changes).await.map_err(|failure| lost(failure, changes))?;
        self.name_types(&mut taking).await?;
        self.alive = true;
        match ended {
            Ended::Objection(error) if taking.intake.full && error.code == "57014" && !asked => {
                Ok(self.summary(&taking, None, started))
            }
            Ended::Objection(error) => {
                let mut failure = error.failure("run the statement", Some(text));
                if error.code == "57014" && !asked {
                    failure.kind = FailureKind::Rejected;
                }
                Err(failure)
            }
            Ended::Complete(tag) => {
                let changed = changes.then(|| changed(&tag)).flatten();
                Ok(self.summary(&taking, changed, started))
            }
            _ => Ok(self.summary(&taking, None, started)),
        }
    }

    fn summary(&mut self, taking: &Taking<'_>, changed: Option<u64>, started: Instant) -> Summary {
        Summary {
            rows: taking.intake.rows,
            changed,
            truncated: taking.intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes: std::mem::take(&mut self.wire.notices),
        }
    }

    /// The failure of a lock that did not hold.
    fn surprise(&self, what: &str) -> Failure {
        Failure::new(
            FailureKind::Garbled,
            self.setup.doing.as_str(),
            format!("the session lock did not hold: {what}"),
        )
        .hint("the connection was closed; tell whoever runs this server")
    }

    /// Opens the read-only transaction.
    async fn arm(&mut self) -> Result<(), Failure> {
        self.wire.put_own(lock::POSTGRES_ARM)?;
        self.wire.send().await?;
        let answer = self.wire.answer().await?;
        match answer.error {
            Some(error) => Err(error.failure(&self.setup.doing, None)),
            None if answer.status == b'T' => Ok(()),
            None => Err(self.surprise("no transaction was opened")),
        }
    }

    /// Sends the statement and takes its rows.
    async fn execute(
        &mut self,
        text: &str,
        changes: bool,
        taking: &mut Taking<'_>,
    ) -> Result<Ended, Failure> {
        let limits = taking.intake.limits;
        // Redshift computes a result whole on its leader when asked for parts of it.
        let parts = self.setup.server == Server::Postgres && limits.rows < ASKED_BY_NUMBER;
        let by_number = !changes && (parts || !self.setup.cancels);
        let mut asked = if by_number { first_batch(limits) } else { 0 };
        self.put_statement(text, asked)?;
        if asked == 0 {
            frontend::sync(&mut self.wire.out);
        } else {
            frontend::flush(&mut self.wire.out);
        }
        self.wire.send().await?;
        taking.intake.running();
        let mut batch = u64::from(limits.fetch.max(1));
        loop {
            let before = taking.intake.came;
            let ended = self.take(taking, changes).await?;
            if asked > 0 && taking.intake.came - before > u64::from(asked.unsigned_abs()) {
                return Err(self.wire.garbled("more rows than were asked for"));
            }
            match ended {
                Ended::Suspended if asked > 0 && !taking.intake.full => {
                    asked = next_batch(batch.min(taking.intake.left().saturating_add(1)));
                    batch = batch.saturating_mul(2).min(ASKED_BY_NUMBER);
                    self.put(|out| frontend::execute("", asked, out))?;
                    frontend::flush(&mut self.wire.out);
                    self.wire.send().await?;
                }
                Ended::Suspended if asked == 0 => return Err(self.wire.garbled("a pause not asked for")),
                Ended::Abandoned => return Ok(ended),
                ended => {
                    if asked > 0 {
                        frontend::sync(&mut self.wire.out);
                        self.wire.send().await?;
                    }
                    return Ok(ended);
                }
            }
        }
    }

    /// Parse, Bind (text results), Describe and Execute for at most `rows` rows (0: all).
    fn put_statement(&mut self, text: &str, rows: i32) -> Result<(), Failure> {
        self.put(|out| frontend::parse("", text, [], out))?;
        let bound = frontend::bind(
            "",
            "",
            [],
            [(); 0],
            |(), _| Ok(postgres_protocol::IsNull::Yes),
            [],
            &mut self.wire.out,
        );
        bound.map_err(|_| self.wire.garbled("the statement cannot be bound"))?;
        self.put(|out| frontend::describe(b'P', "", out))?;
        self.put(|out| frontend::execute("", rows, out))
    }

    fn put(
        &mut self,
        write: impl FnOnce(&mut bytes::BytesMut) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        write(&mut self.wire.out).map_err(|e| {
            self.wire.out.clear();
            Failure::new(FailureKind::Usage, "run the statement", e.to_string())
        })
    }

    /// Takes messages until the server pauses or ends.
    async fn take(&mut self, taking: &mut Taking<'_>, changes: bool) -> Result<Ended, Failure> {
        let mut cutting = false;
        loop {
            while let Some(frame) = self.wire.frame()? {
                let body = self.wire.body(frame);
                match frame.tag {
                    b'D' => taking.row(&self.wire, body)?,
                    b'T' => taking.describe(&self.wire, body)?,
                    b'1' | b'2' | b'n' => {}
                    b'C' => return Ok(Ended::Complete(tag_of(body))),
                    b's' => return Ok(Ended::Suspended),
                    b'I' => return Ok(Ended::Empty),
                    b'E' => return Ok(Ended::Objection(Box::new(ServerError::parse(body)))),
                    b'G' | b'H' | b'W' => return Err(self.copying(changes)),
                    _ => self.wire.aside(frame)?,
                }
            }
            // A change is never cancelled to save rows: it would be undone.
            if taking.intake.full && !changes {
                if !cutting && self.setup.cancels {
                    cutting = true;
                    if self.line.request().await.is_err() {
                        return Ok(Ended::Abandoned);
                    }
                }
                if taking.intake.drained > DRAIN {
                    return Ok(Ended::Abandoned);
                }
            }
            self.more(taking).await?;
        }
    }

    /// Reads more; rows at hand are published before waiting for it.
    async fn more(&mut self, taking: &mut Taking<'_>) -> Result<(), Failure> {
        taking.intake.publish_many();
        tokio::select! {
            biased;
            filled = self.wire.fill() => return filled,
            () = std::future::ready(()) => {}
        }
        taking.intake.publish();
        self.wire.fill().await
    }

    fn copying(&self, changes: bool) -> Failure {
        if changes {
            Failure::new(
                FailureKind::Usage,
                "run the statement",
                "COPY from or to the client is not supported",
            )
            .hint("the connection was closed; nothing was copied")
        } else {
            self.wire.garbled("the server wants to copy, which a read never does")
        }
    }

    /// Waits for readiness, asks whether the lock stood, and undoes the transaction.
    async fn settle(&mut self, changes: bool) -> Result<(), Failure> {
        let (status, late) = self.wire.ready().await?;
        if changes {
            // The implicit transaction ends at Sync: a deferred constraint speaks up here.
            if status != b'I' {
                self.undo().await?;
                self.wire.notices.push("the statement left a transaction open: it was rolled back".into());
            }
            return late.map_or(Ok(()), |error| {
                self.alive = true;
                Err(error.failure("commit the statement", None))
            });
        }
        match status {
            // That the transaction is still open is all that this server tells.
            b'T' if self.setup.server == (Server::Redshift { tells: false }) => self.undo().await,
            b'T' => {
                self.wire.put_own(lock::POSTGRES_CHECK)?;
                self.send_undo().await?;
                let check = self.wire.answer().await?;
                let stood =
                    check.rows.first().and_then(|r| r.first()).is_some_and(|v| v.as_deref() == Some("on"));
                let interrupted = check.error.is_some_and(|e| e.code == "57014");
                if !stood && !interrupted {
                    self.wire.close().await;
                    return Err(self.surprise("the transaction was no longer read-only"));
                }
                self.take_undo().await
            }
            b'E' => self.undo().await,
            _ => {
                self.wire.close().await;
                Err(self.surprise("the statement ended its read-only transaction"))
            }
        }
    }

    async fn undo(&mut self) -> Result<(), Failure> {
        self.send_undo().await?;
        self.take_undo().await
    }

    /// Sends what undoes the transaction and what would outlive it, in one go. Each is a
    /// message of its own: `DISCARD ALL` runs in no transaction.
    async fn send_undo(&mut self) -> Result<(), Failure> {
        self.wire.put_own(lock::POSTGRES_UNDO)?;
        for own in self.cleaning() {
            self.wire.put_own(own)?;
        }
        self.wire.send().await
    }

    /// What follows the rollback in a session that only reads.
    const fn cleaning(&self) -> &'static [&'static str] {
        match self.setup.server {
            _ if self.setup.changes => &[],
            Server::Redshift { .. } => &[lock::REDSHIFT_CLEAN],
            Server::Postgres if self.setup.by_options => &[lock::POSTGRES_CLEAN],
            Server::Postgres => &[lock::POSTGRES_CLEAN, lock::POSTGRES_DEFAULT],
        }
    }

    async fn take_undo(&mut self) -> Result<(), Failure> {
        for _ in 0..=self.cleaning().len() {
            let answer = self.wire.answer().await?;
            if answer.status != b'I' {
                self.wire.close().await;
                return Err(self.surprise("the transaction could not be rolled back"));
            }
        }
        Ok(())
    }

    /// Learns the names of types that are not built in. A name is an ornament: failing to
    /// learn it fails nothing.
    async fn name_types(&mut self, taking: &mut Taking<'_>) -> Result<(), Failure> {
        let unnamed = taking.unnamed();
        if unnamed.is_empty() {
            return Ok(());
        }
        let wanted: Vec<String> =
            unnamed.iter().filter(|o| !self.types.contains_key(o)).map(u32::to_string).collect();
        if !wanted.is_empty() {
            let list = wanted.join(",");
            self.wire.put_query(&format!(
                "SELECT oid, pg_catalog.format_type(oid, NULL) FROM pg_catalog.pg_type WHERE oid IN ({list})"
            ))?;
            self.wire.send().await?;
            for row in self.wire.answer().await?.rows {
                if let [Some(oid), Some(name)] = row.as_slice()
                    && let Ok(oid) = oid.parse()
                {
                    self.types.insert(oid, name.as_str().into());
                }
            }
        }
        taking.tell_columns(&self.types);
        Ok(())
    }
}

/// The rows to ask for first: few, so that they come at once.
fn first_batch(limits: Limits) -> i32 {
    next_batch(u64::from(limits.fetch.clamp(1, 200)).min(limits.rows.saturating_add(1)))
}

fn next_batch(rows: u64) -> i32 {
    i32::try_from(rows.max(1)).unwrap_or(i32::MAX)
}

fn tag_of(body: &[u8]) -> String {
    super::message::cstr(body).map(|(tag, _)| String::from_utf8_lossy(tag).into_owned()).unwrap_or_default()
}

/// The rows that a command tag says were changed.
fn changed(tag: &str) -> Option<u64> {
    let (verb, rest) = tag.split_once(' ')?;
    matches!(verb, "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY")
        .then(|| rest.rsplit(' ').next()?.parse().ok())
        .flatten()
}

impl Session for PgSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.line.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        self.setup.locks.clone()
    }

    fn is_alive(&self) -> bool {
        self.alive
    }
}
