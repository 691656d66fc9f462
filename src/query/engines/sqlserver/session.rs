//! One SQL Server session: a statement at a time, each in a transaction that is rolled back.
//!
//! SQL Server has no read-only transaction. So the guard's judgement is what holds first; the
//! transaction undoes what a misjudged statement would have changed, sequences and what leaves the
//! server excepted, and the server is asked whether it still stood.

use super::stream::{Allowance, Counted};
use super::value;
use crate::clock;
use crate::guard::{Cleared, LiveAccess, session as lock};
use crate::model::{Column, DialectId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Task};
use crate::query::engine::{Canceller, Explain, How, Session, Sink};
use crate::query::engines::cancel::lost;
use crate::query::engines::intake::Intake;
use futures_util::{FutureExt, TryStreamExt};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tiberius::error::Error;
use tiberius::{Client, ColumnType, QueryItem};
use tokio::sync::Notify;

/// How long the server has to take an attention.
const PATIENCE: Duration = Duration::from_secs(2);

/// A session.
pub struct MsSession {
    client: Option<Client<Counted>>,
    allowance: Allowance,
    bell: Arc<Bell>,
    setup: Setup,
    /// Whether the server opens transactions.
    undoes: bool,
    explain: bool,
}

/// What a session was opened as.
pub struct Setup {
    /// Where, for failures.
    pub doing: String,
    /// The access in force.
    pub access: LiveAccess,
    /// Whether it may change data.
    pub changes: bool,
    /// The layers that hold.
    pub locks: Vec<SafeText>,
}

/// Rings in the run that is on, and in no other.
#[derive(Default)]
struct Bell(Mutex<Option<Arc<Notify>>>);

impl Bell {
    fn hang(&self) -> Arc<Notify> {
        let bell = Arc::new(Notify::new());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(bell.clone());
        bell
    }

    fn take_down(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Canceller for Bell {
    fn cancel(&self) -> Task<'_, ()> {
        if let Some(bell) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            bell.notify_one();
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// How a statement ended.
enum Ended {
    /// All came.
    Done,
    /// A limit was reached, and more is there.
    Cut,
    /// Somebody asked to stop.
    Asked,
    /// The server objected.
    Objection(Error),
}

/// The failure that the driver's error is.
pub fn failure(error: &Error, doing: &str) -> Failure {
    let Error::Server(said) = error else {
        let kind = match error {
            Error::Io { .. } => FailureKind::Unreachable,
            _ => FailureKind::Garbled,
        };
        return Failure::new(kind, doing, error.to_string());
    };
    let kind = match said.code() {
        18_452 | 18_456 | 18_486..=18_488 => FailureKind::Login,
        229 | 230 | 262 | 297 | 300 | 916 => FailureKind::Denied,
        911 | 4_060 => FailureKind::NotFound,
        _ => FailureKind::Rejected,
    };
    let mut because = format!("error {}, state {}: {}", said.code(), said.state(), said.message());
    if !said.procedure().is_empty() {
        because.push_str(&format!(" (in {})", said.procedure()));
    }
    if said.line() > 0 {
        because.push_str(&format!(" (line {})", said.line()));
    }
    let failure = Failure::new(kind, doing, because);
    match said.code() {
        1_205 => failure.hint("the server ended it for a deadlock: run it again"),
        1_222 => failure.hint("somebody holds a lock on what it reads: sys.dm_tran_locks shows who"),
        3_906 => failure.hint("the database is read-only here: the server refused the change"),
        _ => failure,
    }
}

impl MsSession {
    /// A session over `client`, which is logged in and idle.
    pub fn new(client: Client<Counted>, allowance: Allowance, setup: Setup) -> Self {
        let bell = Arc::default();
        Self { client: Some(client), allowance, bell, setup, undoes: false, explain: false }
    }

    fn client(&mut self) -> Result<&mut Client<Counted>, Failure> {
        self.allowance.renew();
        let doing = self.setup.doing.as_str();
        self.client.as_mut().ok_or_else(|| {
            Failure::new(FailureKind::Unreachable, doing, "the session is closed")
                .hint("run it again: a new session is opened")
        })
    }

    /// The first value that one of our own statements gives; `None` when it gives no row or NULL.
    async fn ask(&mut self, sql: &'static str) -> Result<Option<String>, Error> {
        let Ok(client) = self.client() else { return Ok(None) };
        let row = client.simple_query(sql).await?.into_row().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(row
            .cells()
            .next()
            .and_then(|(column, data)| value::text(data, column.column_type()))
            .map(|(_, t)| t))
    }

    async fn own(&mut self, sql: &'static str) -> Result<(), Error> {
        let Ok(client) = self.client() else { return Ok(()) };
        client.simple_query(sql).await?.into_results().await.map(drop)
    }

    /// Learns which layers hold, by the server's own word.
    pub async fn learn_locks(&mut self) -> Result<(), Failure> {
        if self.setup.changes {
            return Ok(());
        }
        let doing = self.setup.doing.clone();
        // A stand-in without transactions still answers questions.
        let opened = match self.own(lock::SQLSERVER_ARM).await {
            Ok(()) => self.ask(lock::SQLSERVER_CHECK).await.ok().flatten(),
            Err(Error::Server(_)) => None,
            Err(error) => return Err(failure(&error, &doing)),
        };
        self.undoes = opened.as_deref() == Some("1");
        if self.undoes {
            self.own(lock::SQLSERVER_UNDO).await.map_err(|e| failure(&e, &doing))?;
            self.setup.locks.push("a transaction around each statement, rolled back".into());
        } else {
            self.setup.locks.push("no transaction: the guard is what holds".into());
        }
        self.setup.locks.push("the server was told that the intent is to read".into());
        let role = self.ask(lock::SQLSERVER_ROLE).await.ok().flatten();
        self.setup.locks.push(match role.as_deref() {
            Some("1") => "the login can do everything: the guard is what holds".into(),
            Some("0") => "login without the rights of an owner".into(),
            _ => "login not checked: the server did not answer".into(),
        });
        let database = self.ask(lock::SQLSERVER_DATABASE).await.ok().flatten();
        if database.as_deref() == Some("READ_ONLY") {
            self.setup.locks.push("the database is read-only".into());
        }
        Ok(())
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
        let explain = std::mem::take(&mut self.explain);
        self.run_text(&statement.get().text, changes, explain, limits, sink).await
    }

    /// Runs `text`, whichever way it ends leaving the session as it was or closed.
    async fn run_text(
        &mut self,
        text: &str,
        changes: bool,
        explain: bool,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        self.client()?;
        let started = Instant::now();
        let doing = self.setup.doing.clone();
        let mut intake = Intake::new(sink, limits);
        let arms = !changes && self.undoes;
        if arms {
            self.own(lock::SQLSERVER_ARM).await.map_err(|e| self.broken(&e, &doing, changes))?;
        }
        if explain {
            self.own(lock::SQLSERVER_PLAN).await.map_err(|e| self.broken(&e, &doing, changes))?;
        }
        // Taken out: a run whose future is dropped half-way leaves no session.
        let Some(mut client) = self.client.take() else { return Ok(Summary::default()) };
        let bell = self.bell.hang();
        let ended = take(&mut client, text, changes, &bell, &mut intake, &self.allowance).await;
        self.bell.take_down();
        intake.publish();
        if matches!(ended, Ended::Cut | Ended::Asked) {
            match tokio::time::timeout(PATIENCE, client.cancel_query()).await {
                Ok(Ok(())) => self.client = Some(client),
                // The connection goes, and its statement with it.
                _ => drop(client),
            }
        } else if matches!(&ended, Ended::Done | Ended::Objection(Error::Server(_))) {
            self.client = Some(client);
        }
        let summary = Summary {
            rows: intake.rows,
            truncated: intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..Summary::default()
        };
        if explain && self.client.is_some() {
            self.own(lock::SQLSERVER_NO_PLAN).await.map_err(|e| self.broken(&e, &doing, changes))?;
        }
        if arms && self.client.is_some() {
            self.settle(matches!(ended, Ended::Done)).await?;
        }
        match ended {
            Ended::Done | Ended::Cut => Ok(summary),
            Ended::Asked => {
                let kind = if changes { FailureKind::Unreachable } else { FailureKind::Cancelled };
                let stopped = Failure::new(kind, "run the statement", "the server was told to stop it");
                Err(lost(stopped, changes))
            }
            Ended::Objection(error) => Err(lost(failure(&error, "run the statement"), changes)),
        }
    }

    /// Asks whether the transaction stood, and rolls it back. An error may have ended it already.
    async fn settle(&mut self, whole: bool) -> Result<(), Failure> {
        let doing = self.setup.doing.clone();
        let count = self.ask(lock::SQLSERVER_CHECK).await.map_err(|e| self.broken(&e, &doing, false))?;
        if whole && count.as_deref() != Some("1") {
            self.client = None;
            let why = "the session lock did not hold: the statement ended its transaction";
            return Err(Failure::new(FailureKind::Garbled, doing, why)
                .hint("the connection was closed; tell whoever runs this server"));
        }
        self.own(lock::SQLSERVER_UNDO).await.map_err(|e| self.broken(&e, &doing, false))
    }

    /// The failure of one of our own statements: the session is of no use any more.
    fn broken(&mut self, error: &Error, doing: &str, changes: bool) -> Failure {
        self.client = None;
        lost(failure(error, doing), changes)
    }
}

/// Sends `text` as one batch and takes the rows of its first result.
async fn take(
    client: &mut Client<Counted>,
    text: &str,
    changes: bool,
    bell: &Notify,
    intake: &mut Intake<'_>,
    allowance: &Allowance,
) -> Ended {
    let sent = tokio::select! {
        biased;
        () = bell.notified() => return Ended::Asked,
        sent = client.simple_query(text) => sent,
    };
    let mut stream = match sent {
        Ok(stream) => stream,
        Err(error) => return Ended::Objection(error),
    };
    intake.running();
    let mut kinds: Vec<ColumnType> = Vec::new();
    loop {
        intake.publish_many();
        let next = match stream.try_next().now_or_never() {
            Some(next) => next,
            None => {
                // Rows at hand are seen before more are waited for.
                intake.publish();
                tokio::select! {
                    biased;
                    () = bell.notified() => return Ended::Asked,
                    next = stream.try_next() => next,
                }
            }
        };
        allowance.renew();
        match next {
            Ok(None) => return Ended::Done,
            Err(error) => return Ended::Objection(error),
            Ok(Some(QueryItem::Metadata(meta))) if meta.result_index() == 0 => {
                kinds = meta.columns().iter().map(tiberius::Column::column_type).collect();
                intake.columns(meta.columns().iter().map(column).collect());
            }
            Ok(Some(QueryItem::Row(row))) if row.result_index() == 0 => {
                let weight = row.cells().map(|(_, data)| value::weight(data)).sum();
                if !intake.admit(weight) {
                    // A change is read to its end: it must not be cut.
                    if changes {
                        continue;
                    }
                    return Ended::Cut;
                }
                for ((_, data), kind) in row.cells().zip(&kinds) {
                    value::take(data, *kind, intake);
                }
                if intake.end_row().is_err() {
                    intake.full = true;
                    return Ended::Cut;
                }
            }
            Ok(Some(_)) => {}
        }
    }
}

fn column(column: &tiberius::Column) -> Column {
    let (name, tag) = value::described(column.column_type());
    Column { name: SafeText::new(column.name()), type_name: name.into(), tag }
}

impl Session for MsSession {
    fn arrange(&mut self, _: DialectId, how: How) -> Result<(), Failure> {
        let plan = matches!(how.explain, Some(Explain::Plan));
        if !how.params.is_empty() || (how.explain.is_some() && !plan) {
            let why =
                "SQL Server takes no parameters here and shows a plan without running the statement only";
            return Err(Failure::new(FailureKind::Usage, "run the statement", why));
        }
        self.explain = plan;
        Ok(())
    }

    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.bell.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        self.setup.locks.clone()
    }

    fn is_alive(&self) -> bool {
        self.client.is_some()
    }
}
