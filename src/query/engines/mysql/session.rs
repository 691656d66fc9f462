//! One MySQL session: a statement at a time, each inside its own read-only transaction.
//!
//! Measured: `SET SESSION TRANSACTION READ ONLY` alone can be undone by a statement, and
//! `START TRANSACTION READ ONLY` alone is ended by the implicit commit of DDL. So both are
//! sent before every statement, and after it the server is asked whether they stood.

use super::message::{self, End, IN_TRANSACTION, MORE_RESULTS, READ_ONLY, Reader, ServerError};
use super::wire::Wire;
use crate::clock;
use crate::guard::{Cleared, LiveAccess, session as lock};
use crate::model::{Column, Failure, FailureKind, Limits, SafeText, Statement, Summary, Tag, Task};
use crate::query::engine::{Canceller, Session, Sink};
use crate::query::engines::cancel::{Line, lost};
use crate::query::engines::intake::Intake;
use std::sync::Arc;
use std::time::Instant;

/// `COM_QUERY`.
const QUERY: u8 = 3;
/// Up to so many rows the server is told where to stop; beyond, a cut result is cancelled.
const STOPPED_BY_SERVER: u64 = 50_000;
/// The most that is read and thrown away to keep a session after a cut result.
const DRAIN: u64 = 64 << 20;
/// Columns of a result: MySQL's own limit is 4,096.
const MOST_COLUMNS: u64 = 4_096;
/// Results of one statement (a procedure may give several): more is a flood.
const MOST_RESULTS: u32 = 1_000;

/// A session.
pub struct MySession {
    wire: Wire,
    line: Arc<Line>,
    setup: Setup,
    alive: bool,
    select_limit: Option<u64>,
}

/// What a session was opened as.
pub struct Setup {
    /// Where, for failures.
    pub doing: String,
    /// The access in force.
    pub access: LiveAccess,
    /// Whether it may change data.
    pub changes: bool,
    /// Whether results end with an OK packet.
    pub deprecate_eof: bool,
    /// Whether it is MariaDB.
    pub mariadb: bool,
    /// The layers that hold.
    pub locks: Vec<SafeText>,
}

/// How a statement ended.
enum Ended {
    Done(End),
    Objection(ServerError),
    /// More came than a session is worth: it was closed.
    Abandoned,
}

impl MySession {
    /// A session over `wire`, which is logged in and idle.
    pub fn new(wire: Wire, line: Arc<Line>, setup: Setup) -> Self {
        Self { wire, line, setup, alive: true, select_limit: None }
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
        let mut intake = Intake::new(sink, limits);
        self.limit_select(if changes { u64::MAX } else { limits.rows }).await?;
        if changes {
            // A read before it in this session has set the default.
            self.own(lock::MYSQL_CHANGES).await?;
        } else {
            self.arm().await?;
        }
        self.line.begin().await;
        let ended = self.execute(text, changes, &mut intake).await;
        let asked = self.line.end().await;
        intake.publish();
        let ended = match ended {
            Ok(ended) => ended,
            Err(failure) => {
                self.wire.close().await;
                return Err(lost(failure, changes));
            }
        };
        let mut summary = Summary { rows: intake.rows, truncated: intake.full, ..Summary::default() };
        let result = match ended {
            Ended::Abandoned => {
                self.wire.close().await;
                summary.took_ms = since(started);
                return Ok(summary);
            }
            Ended::Done(end) => {
                summary.changed = changes.then_some(end.affected);
                if end.warnings > 0 {
                    summary.notes.push(format!("{} warnings: SHOW WARNINGS lists them", end.warnings).into());
                }
                Ok(Some(end))
            }
            Ended::Objection(error) if intake.full && error.is_interrupted() && !asked => Ok(None),
            Ended::Objection(error) => Err(error.failure("run the statement")),
        };
        if !changes {
            self.disarm(result.as_ref().ok().copied().flatten()).await?;
        }
        self.alive = true;
        summary.took_ms = since(started);
        result.map(|_| summary)
    }

    /// One of our own statements that returns no rows.
    async fn own(&mut self, sql: &str) -> Result<End, Failure> {
        self.wire.command(QUERY, sql.as_bytes()).await?;
        let packet = self.wire.next().await?;
        match packet.first() {
            Some(0x00) => End::ok(&packet).ok_or_else(|| self.wire.garbled("a broken answer")),
            Some(0xff) => Err(ServerError::parse(&packet).failure(&self.setup.doing)),
            _ => Err(self.wire.garbled("rows where none were asked for")),
        }
    }

    /// Tells the server where to stop, when that is near: a result is then never cut by us.
    async fn limit_select(&mut self, rows: u64) -> Result<(), Failure> {
        let wanted = (rows < STOPPED_BY_SERVER).then(|| rows + 1);
        if wanted != self.select_limit {
            let value = wanted.map_or_else(|| "DEFAULT".to_owned(), |n| n.to_string());
            self.own(&format!("SET SESSION sql_select_limit = {value}")).await?;
            self.select_limit = wanted;
        }
        Ok(())
    }

    async fn arm(&mut self) -> Result<(), Failure> {
        self.own(lock::MYSQL_DEFAULT).await?;
        let end = self.own(lock::MYSQL_ARM).await?;
        if end.status & IN_TRANSACTION == 0 {
            return Err(self.surprise("no transaction was opened"));
        }
        Ok(())
    }

    /// Asks whether the lock stood, and undoes the transaction.
    async fn disarm(&mut self, end: Option<End>) -> Result<(), Failure> {
        let left = end.is_some_and(|e| e.status & (IN_TRANSACTION | READ_ONLY) != IN_TRANSACTION | READ_ONLY);
        let check = if self.setup.mariadb { lock::MARIADB_CHECK } else { lock::MYSQL_CHECK };
        let mut stood = self.ask(check).await?;
        if stood.is_none() {
            // A cancel that came late hits our own question: it is asked again.
            stood = self.ask(check).await?;
        }
        if left || !stood.flatten().is_some_and(|v| v == "1" || v == "ON") {
            self.wire.close().await;
            return Err(self.surprise("the transaction was no longer read-only"));
        }
        let end = self.own(lock::MYSQL_UNDO).await?;
        if end.status & IN_TRANSACTION != 0 {
            self.wire.close().await;
            return Err(self.surprise("the transaction could not be rolled back"));
        }
        Ok(())
    }

    fn surprise(&self, what: &str) -> Failure {
        Failure::new(
            FailureKind::Garbled,
            self.setup.doing.as_str(),
            format!("the session lock did not hold: {what}"),
        )
        .hint("the connection was closed; tell whoever runs this server")
    }

    /// The one value that one of our own questions gives; `None` when it was interrupted.
    async fn ask(&mut self, sql: &str) -> Result<Option<Option<String>>, Failure> {
        let (mut value, mut rows) = (None, 0);
        self.wire.command(QUERY, sql.as_bytes()).await?;
        let first = self.wire.next().await?;
        if first.first() == Some(&0xff) {
            let error = ServerError::parse(&first);
            return if error.is_interrupted() { Ok(None) } else { Err(error.failure(&self.setup.doing)) };
        }
        self.columns(&first).await?;
        loop {
            let packet = self.wire.next().await?;
            match packet.first() {
                Some(0xfe) if packet.len() < 64 => return Ok(Some(value)),
                Some(0xff) => return Ok(None),
                _ => {}
            }
            rows += 1;
            if rows > 10 {
                return Err(self.wire.garbled("an answer without an end"));
            }
            value = Reader(&packet).value().flatten().map(|v| String::from_utf8_lossy(v).into_owned());
        }
    }

    /// Reads the column definitions that `first` announces.
    async fn columns(&mut self, first: &[u8]) -> Result<Vec<Column>, Failure> {
        let count = match Reader(first).number() {
            Some(count @ 1..=MOST_COLUMNS) if first.first() != Some(&0xfb) => count,
            _ => return Err(self.wire.garbled("an absurd number of columns")),
        };
        let mut columns = Vec::new();
        for _ in 0..count {
            let packet = self.wire.next().await?;
            columns.push(message::column(&packet).ok_or_else(|| self.wire.garbled("a broken column"))?);
        }
        if !self.setup.deprecate_eof && self.wire.next().await?.first() != Some(&0xfe) {
            return Err(self.wire.garbled("columns without an end"));
        }
        Ok(columns)
    }

    /// Sends the statement and takes its rows; only the first result of several is kept.
    async fn execute(
        &mut self,
        text: &str,
        changes: bool,
        intake: &mut Intake<'_>,
    ) -> Result<Ended, Failure> {
        self.wire.command(QUERY, text.as_bytes()).await?;
        intake.running();
        let mut affected = 0;
        for nth in 0..MOST_RESULTS {
            let first = self.first(intake).await?;
            let ended = match first.first() {
                Some(0x00) => {
                    Ended::Done(End::ok(&first).ok_or_else(|| self.wire.garbled("a broken answer"))?)
                }
                Some(0xff) => Ended::Objection(ServerError::parse(&first)),
                // A server that asks for one of our files: nothing is sent, ever.
                Some(0xfb) => return Err(self.wire.garbled("the server asked for a file of this machine")),
                _ => {
                    let columns = self.columns(&first).await?;
                    let tags: Vec<Tag> = columns.iter().map(|c| c.tag).collect();
                    if nth == 0 {
                        intake.columns(columns);
                    }
                    self.rows(&tags, nth == 0, changes, intake).await?
                }
            };
            match ended {
                Ended::Done(mut end) => {
                    affected += end.affected;
                    end.affected = affected;
                    if end.status & MORE_RESULTS == 0 {
                        return Ok(Ended::Done(end));
                    }
                }
                other => return Ok(other),
            }
        }
        Err(self.wire.garbled("results without an end"))
    }

    async fn first(&mut self, intake: &mut Intake<'_>) -> Result<Vec<u8>, Failure> {
        intake.publish();
        self.wire.next().await
    }

    /// Takes the rows of one result.
    async fn rows(
        &mut self,
        tags: &[Tag],
        keep: bool,
        changes: bool,
        intake: &mut Intake<'_>,
    ) -> Result<Ended, Failure> {
        let (mut hex, mut cutting) = (Vec::new(), false);
        loop {
            while let Some(packet) = self.wire.packet()? {
                let body = self.wire.body(packet);
                match body.first() {
                    Some(0xfe) if body.len() < 0xff_ffff && self.setup.deprecate_eof => {
                        return self.end(End::ok(body));
                    }
                    Some(0xfe) if body.len() < 9 => return self.end(End::eof(body)),
                    Some(0xff) => return Ok(Ended::Objection(ServerError::parse(body))),
                    _ if !keep => {}
                    _ if intake.admit(body.len()) => {
                        if take_row(body, tags, &mut hex, intake).is_none() {
                            intake.discard_row();
                            return Err(self.wire.garbled("a row that does not fit its columns"));
                        }
                        intake.end_row()?;
                    }
                    _ => {}
                }
                self.wire.used(packet);
            }
            if intake.full && !changes {
                if !cutting && self.select_limit.is_none() {
                    cutting = true;
                    if self.line.request().await.is_err() {
                        return Ok(Ended::Abandoned);
                    }
                }
                if intake.drained > DRAIN {
                    return Ok(Ended::Abandoned);
                }
            }
            self.more(intake).await?;
        }
    }

    fn end(&self, end: Option<End>) -> Result<Ended, Failure> {
        end.map(Ended::Done).ok_or_else(|| self.wire.garbled("a broken end of rows"))
    }

    /// Reads more; rows at hand are published before waiting for it.
    async fn more(&mut self, intake: &mut Intake<'_>) -> Result<(), Failure> {
        intake.publish_many();
        tokio::select! {
            biased;
            filled = self.wire.fill() => return filled,
            () = std::future::ready(()) => {}
        }
        intake.publish();
        self.wire.fill().await
    }

    /// Learns which layers hold, by the server's own word.
    pub async fn learn_locks(&mut self) -> Result<(), Failure> {
        if !self.setup.changes {
            self.own(lock::MYSQL_DEFAULT).await?;
            self.setup.locks.push("read-only transaction and session default around each statement".into());
        }
        for (variable, words) in [
            ("@@global.read_only", "the server is read-only"),
            ("@@global.innodb_read_only", "the server is a reader"),
        ] {
            let on = self.ask(&format!("SELECT {variable}")).await.ok().flatten().flatten();
            if on.as_deref() == Some("1") {
                self.setup.locks.push(words.into());
            }
        }
        Ok(())
    }
}

/// Takes one text row; `None` when it does not fit its columns.
fn take_row(body: &[u8], tags: &[Tag], hex: &mut Vec<u8>, intake: &mut Intake<'_>) -> Option<()> {
    let mut r = Reader(body);
    for tag in tags {
        match (r.value()?, tag) {
            (None, _) => intake.value(Tag::Null, b""),
            (Some(raw), Tag::Bytes) => {
                hex.clear();
                message::push_hex(hex, raw);
                intake.value(Tag::Bytes, hex);
            }
            (Some(raw), tag) => intake.value(*tag, raw),
        }
    }
    r.0.is_empty().then_some(())
}

fn since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Session for MySession {
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
