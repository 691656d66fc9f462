//! One tab's statements over the Data API: the read-only transaction around each, its life in
//! stages, its rows page by page.

use super::life::Line;
use super::place::Place;
use super::{said, value};
use crate::aws::failure::failure;
use crate::aws::pages::{Next, Pages};
use crate::clock;
use crate::guard::carried::REDSHIFT_WRAPPERS;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{Failure, FailureKind, Limits, SafeText, Statement, Summary, Tag, Task};
use crate::query::engine::{Canceller, Progress, Session, Sink};
use crate::query::engines::intake::Intake;
use aws_sdk_redshiftdata::Client;
use aws_sdk_redshiftdata::operation::describe_statement::DescribeStatementOutput;
use aws_sdk_redshiftdata::types::{StatementStatusString, StatusString};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest statement that the API takes, in bytes.
const LONGEST: usize = 100 << 10;
/// How long the server keeps the session after a statement, in seconds.
const KEPT_S: i32 = 600;
/// How long a wrapper's call may wait on the server for its end, in seconds.
const WRAPPER_WAIT_S: i32 = 10;
/// Most pages of one result: 500 MB in pages of a few KB.
const PAGES: usize = 200_000;
/// A result above this many bytes is near the limit of 500 MB, and the person is told.
const NEAR_LIMIT: i64 = 400_000_000;
/// How often ROLLBACK is tried on a session that is still busy.
const UNDO_TRIES: usize = 5;

/// What stands around each read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lock {
    /// A read-only transaction, rolled back.
    Transaction,
    /// Nothing: the server refused the transaction, in its own words.
    Refused(SafeText),
    /// Nothing: the session may change data.
    Changes,
}

/// A session.
pub struct DataSession {
    client: Client,
    access: LiveAccess,
    place: Place,
    doing: String,
    line: Arc<Line>,
    lock: Lock,
    /// The server's session, in which transactions live.
    session: Option<String>,
}

impl DataSession {
    /// Opens a session. For reads the read-only transaction is tried at once, so that what is
    /// said about the lock is true before the first statement.
    ///
    /// # Errors
    /// That of the calls, or the server's refusal of the login.
    pub async fn open(
        client: Client,
        access: LiveAccess,
        place: Place,
        changes: bool,
        doing: String,
    ) -> Result<Self, Failure> {
        let line = Arc::new(Line::new(client.clone(), doing.clone()));
        let lock = if changes { Lock::Changes } else { Lock::Transaction };
        let mut session = Self { client, access, place, doing, line, lock, session: None };
        if !changes && session.arm().await? {
            let undo = Undo::new(&session);
            undo.now().await?;
        }
        Ok(session)
    }

    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        if changes && self.lock != Lock::Changes || !statement.holds(&self.access.read(), clock::now()) {
            let why = "this session was opened read-only, or the access changed since this was allowed";
            return Err(Failure::new(FailureKind::Refused, self.doing.as_str(), why));
        }
        let text = &*statement.get().text;
        if text.len() > LONGEST {
            let why =
                format!("the Data API takes statements up to 100 KB; this one has {} KB", text.len() >> 10);
            return Err(Failure::new(FailureKind::Usage, self.doing.as_str(), why)
                .hint("nothing was sent; over the wire (--wire) the limit is 16 MB"));
        }
        let started = Instant::now();
        self.line.begin();
        let ended = self.run_wrapped(text, changes, limits, sink, started).await;
        let stopped = self.line.is_wanted();
        self.line.end();
        match ended {
            Err(failure) if stopped && failure.kind != FailureKind::Garbled => {
                Err(Failure::new(FailureKind::Cancelled, self.doing.as_str(), "cancelled on the server"))
            }
            ended => ended,
        }
    }

    async fn run_wrapped(
        &mut self,
        text: &str,
        changes: bool,
        limits: Limits,
        sink: &mut Sink,
        started: Instant,
    ) -> Result<Summary, Failure> {
        let armed = !changes && self.lock == Lock::Transaction && self.arm().await?;
        // From here on ROLLBACK is sent, also when nobody waits for the rows any more.
        let undo = armed.then(|| Undo::new(self));
        let ended = self.run_text(text, changes, limits, sink, started).await;
        let Some(undo) = undo else { return ended };
        if let Err(unclear) = undo.now().await {
            // What state the transaction is in is not known: the next read gets a new session.
            self.session = None;
            return ended.and(Err(unclear));
        }
        ended
    }

    async fn run_text(
        &self,
        text: &str,
        changes: bool,
        limits: Limits,
        sink: &mut Sink,
        started: Instant,
    ) -> Result<Summary, Failure> {
        if self.line.is_wanted() {
            return Err(Failure::new(FailureKind::Cancelled, self.doing.as_str(), "nothing was sent"));
        }
        let call = self.client.execute_statement().sql(text);
        let call = match &self.session {
            Some(id) => call.session_id(id),
            None => self.place.name(call),
        };
        sink.tell(Progress::Connecting("submitting".into()));
        let answer = self.line.submit(call, !changes).await?;
        let id = answer.id().ok_or_else(|| self.line.garbled("a statement without an id"))?;
        let mut stages = Vec::new();
        let end = self.line.ended(id, |status| {
            let word = status.as_str().to_ascii_lowercase();
            stages.push(format!("{word} {:.1} s", started.elapsed().as_secs_f64()));
            sink.tell(Progress::Connecting(SafeText::new(word)));
        });
        let end = end.await?;
        self.ended_well(&end, text)?;
        let mut intake = Intake::new(sink, limits);
        if end.has_result_set() == Some(true) {
            self.take(id, &mut intake).await?;
        }
        intake.publish();
        let mut notes = vec![SafeText::new(stages.join(", "))];
        if end.result_size() > NEAR_LIMIT {
            notes.push("the result is near the 500 MB that the Data API gives".into());
        }
        let changed = u64::try_from(end.result_rows()).ok().filter(|_| changes && intake.rows == 0);
        Ok(Summary {
            rows: intake.rows,
            changed,
            truncated: intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes,
        })
    }

    fn ended_well(&self, end: &DescribeStatementOutput, text: &str) -> Result<(), Failure> {
        match end.status() {
            Some(StatusString::Finished) => Ok(()),
            Some(StatusString::Failed) => {
                let said = end.error().unwrap_or("it failed, and the server does not say why");
                Err(said::failed("run the statement", said, text))
            }
            _ => Err(said::aborted("run the statement", end.error())),
        }
    }

    /// Takes the rows, a page at a time: no more than a page is ever held.
    async fn take(&self, id: &str, intake: &mut Intake<'_>) -> Result<(), Failure> {
        let (mut pages, mut token) = (Pages::at_most(PAGES), None);
        let mut tags: Option<Vec<Tag>> = None;
        intake.running();
        loop {
            let call = self.client.get_statement_result().id(id).set_next_token(token.take());
            let page = call.send().await.map_err(|e| failure(&self.doing, &e))?;
            let known = match &tags {
                Some(tags) => tags,
                None => {
                    let columns: Vec<_> = page.column_metadata().iter().map(value::column).collect();
                    let known = tags.insert(columns.iter().map(|c| c.tag).collect());
                    intake.columns(columns);
                    known
                }
            };
            for record in page.records() {
                if !intake.admit(0) {
                    return Ok(());
                }
                if record.len() != known.len() {
                    return Err(self.line.garbled("a row that does not fit its columns"));
                }
                for (field, tag) in record.iter().zip(known) {
                    let (tag, text) = value::value(field, *tag);
                    intake.value(tag, text.as_bytes());
                }
                intake.end_row()?;
            }
            intake.publish();
            if self.line.is_wanted() {
                return Err(Failure::new(FailureKind::Cancelled, self.doing.as_str(), "cancelled"));
            }
            match pages.after(page.next_token()) {
                Next::Page(next) => token = Some(next),
                Next::Done => return Ok(()),
                Next::Cut => return Err(self.line.garbled("pages of a result that repeat themselves")),
            }
        }
    }

    /// Opens the read-only transaction, in the session that is there or a new one. False when
    /// the server refuses to: the session is then without a lock, and says so.
    async fn arm(&mut self) -> Result<bool, Failure> {
        let kept = self.session.is_some();
        match self.begin().await {
            // The server forgets a session that was idle too long.
            Err(_) if kept && !self.line.is_wanted() => {
                self.session = None;
                self.begin().await
            }
            armed => armed,
        }
    }

    async fn begin(&mut self) -> Result<bool, Failure> {
        let Some(wrapper) = REDSHIFT_WRAPPERS.first() else { return Ok(false) };
        let call = self.client.execute_statement().sql(*wrapper).wait_time_seconds(WRAPPER_WAIT_S);
        let call = match &self.session {
            Some(id) => call.session_id(id),
            None => self.place.name(call).session_keep_alive_seconds(KEPT_S),
        };
        let answer = call.client_token(super::life::token()).send().await;
        let answer = answer.map_err(|e| failure(&self.doing, &e))?;
        if let Some(session) = answer.session_id() {
            self.session = Some(session.to_owned());
        }
        if answer.status() == Some(&StatementStatusString::Finished) {
            return self.in_session();
        }
        let id = answer.id().ok_or_else(|| self.line.garbled("a statement without an id"))?;
        let end = self.line.ended(id, |_| {}).await?;
        let said = end.error().unwrap_or("it was aborted");
        match end.status() {
            Some(StatusString::Finished) => self.in_session(),
            Some(StatusString::Failed) if said::is_about_wrapper(said) => {
                self.lock = Lock::Refused(SafeText::new(said.trim()));
                Ok(false)
            }
            Some(StatusString::Failed) => Err(said::failed(&self.doing, said, wrapper)),
            _ => Err(said::aborted(&self.doing, end.error())),
        }
    }

    /// A transaction is worth something only in a session that the next statement runs in.
    fn in_session(&mut self) -> Result<bool, Failure> {
        if self.session.is_none() {
            self.lock = Lock::Refused("the API gave no session to hold a transaction in".into());
        }
        Ok(self.session.is_some())
    }
}

/// Ends the transaction: when told to, or when it is dropped with the run.
struct Undo {
    client: Client,
    line: Arc<Line>,
    doing: String,
    session: Option<String>,
}

impl Undo {
    fn new(of: &DataSession) -> Self {
        Self {
            client: of.client.clone(),
            line: of.line.clone(),
            doing: of.doing.clone(),
            session: of.session.clone(),
        }
    }

    /// Rolls back and waits for it: a session takes one statement at a time.
    async fn now(mut self) -> Result<(), Failure> {
        let Some(session) = self.session.take() else { return Ok(()) };
        // Dropped half-way, the rest is still done.
        let (client, line, doing) = (self.client.clone(), self.line.clone(), self.doing.clone());
        let task = tokio::spawn(async move { roll_back(&client, &line, &doing, &session).await });
        task.await.map_err(|e| Failure::new(FailureKind::Bug, self.doing.as_str(), e.to_string()))?
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        let (Some(session), Ok(runtime)) = (self.session.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let (client, line, doing) = (self.client.clone(), self.line.clone(), self.doing.clone());
        runtime.spawn(async move {
            line.give_up().await;
            // A session that is lost here ends by itself, and its transaction with it.
            let _ = roll_back(&client, &line, &doing, &session).await;
        });
    }
}

async fn roll_back(client: &Client, line: &Line, doing: &str, session: &str) -> Result<(), Failure> {
    let Some(wrapper) = REDSHIFT_WRAPPERS.last() else { return Ok(()) };
    let mut last = None;
    for attempt in 0..UNDO_TRIES {
        let call = client.execute_statement().sql(*wrapper).session_id(session);
        let call = call.wait_time_seconds(WRAPPER_WAIT_S).client_token(super::life::token());
        match call.send().await.map_err(|e| failure(doing, &e)) {
            Ok(answer) if answer.status() == Some(&StatementStatusString::Finished) => return Ok(()),
            Ok(answer) => {
                let id = answer.id().ok_or_else(|| line.garbled("a statement without an id"))?;
                let end = line.ended(id, |_| {}).await?;
                return match end.status() {
                    Some(StatusString::Finished) => Ok(()),
                    _ => Err(line.garbled("the transaction could not be rolled back")),
                };
            }
            // The session is still busy with what was cancelled.
            Err(busy) if busy.kind == FailureKind::Rejected && attempt + 1 < UNDO_TRIES => {
                last = Some(busy);
                tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
            }
            Err(failure) => return Err(failure),
        }
    }
    Err(last.unwrap_or_else(|| line.garbled("the transaction could not be rolled back")))
}

impl Session for DataSession {
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
        let limits = "Data API limits: statement 100 KB, result 500 MB, row 64 KB, 24 h";
        let lock = match &self.lock {
            Lock::Transaction => "read-only transaction around each statement, rolled back".into(),
            Lock::Refused(why) => SafeText::new(format!(
                "no session lock: the server refused BEGIN READ ONLY ({why}); the guard and the database user's grants hold"
            )),
            Lock::Changes => return vec![limits.into()],
        };
        vec![lock, limits.into()]
    }

    fn is_alive(&self) -> bool {
        true
    }
}
