//! Open database sessions, one a query tab: opened when first needed, kept between
//! statements, cancelled on the server.

use super::runner::{Inbound, RowCount, Work};
use crate::app::{Reply, TabId, Ticket};
use crate::clock;
use crate::guard::Cleared;
use crate::model::{Failure, FailureKind, Limits, SafeText, Statement, Summary, Target};
use crate::query::engines::{cancel, engine_for};
use crate::query::{Canceller, How, Login, Progress, Session, Sink, store};
use futures_util::FutureExt;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Memory for the rows of one result before they spill to a file.
const MEMORY: usize = 24 << 20;

/// How long leaving waits for running statements to be cancelled.
const CANCEL_WAIT: Duration = Duration::from_secs(2);

/// What to do when a session was lost while a statement ran: it is not sent again by itself.
const LOST: &str = "the session is lost: the next run connects anew";

/// All sessions.
#[derive(Default)]
pub struct Sessions(HashMap<TabId, Arc<Seat>>);

impl Sessions {
    /// The seat of a tab's session.
    pub fn of(&mut self, tab: TabId) -> Arc<Seat> {
        self.0.entry(tab).or_default().clone()
    }

    /// Cancels what the tab's session runs, on the server first.
    pub fn cancel(&self, tab: TabId) {
        if let Some(seat) = self.0.get(&tab) {
            seat.stop.notify_one();
        }
    }

    /// Cancels what runs and forgets the session.
    pub fn close(&mut self, tab: TabId) {
        self.cancel(tab);
        self.0.remove(&tab);
    }

    /// Cancels everything that runs and waits until the servers have heard.
    pub async fn close_all(&mut self) {
        let seats: Vec<_> = self.0.drain().map(|(_, seat)| seat).collect();
        for seat in &seats {
            seat.stop.notify_one();
        }
        for seat in seats {
            // A run holds the seat until it has been cancelled.
            let _ = tokio::time::timeout(CANCEL_WAIT, seat.open.lock()).await;
        }
    }
}

/// A statement to run, with all that belongs to it.
pub struct Asked {
    /// How to log in when a session must be opened.
    pub login: Option<Login>,
    /// What.
    pub statement: Cleared<Statement>,
    /// How, beside its text.
    pub how: How,
    /// How much of the result.
    pub limits: Limits,
}

/// Where a tab's session sits, and how to stop what it runs.
#[derive(Default)]
pub struct Seat {
    open: tokio::sync::Mutex<Option<Open>>,
    stop: Notify,
    canceller: Mutex<Option<Arc<dyn Canceller>>>,
}

struct Open {
    target: Target,
    changes: bool,
    login: Login,
    /// Nothing once a cancelled one was given up: the login is still good for the next.
    session: Option<Box<dyn Session>>,
}

impl Open {
    fn is_alive(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.is_alive())
    }

    /// Whether the server, or the way to it, ended the session.
    fn is_lost(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.is_alive())
    }
}

impl Seat {
    /// Runs one statement: opens a session when there is none that fits.
    pub async fn run(&self, work: &Work, ticket: &Ticket, target: Target, asked: Asked) {
        let mut open = self.open.lock().await;
        // A request to stop that found nothing to stop must not stop this.
        let _ = self.stop.notified().now_or_never();
        let ended = {
            let changes = asked.statement.changes();
            let running = self.run_in(work, ticket, &mut open, target, asked);
            let mut running = std::pin::pin!(running);
            tokio::select! {
                ended = &mut running => ended,
                () = self.stop.notified() => self.stopped(&mut running, changes).await,
            }
        };
        self.set_canceller(None);
        let reply = match ended {
            Ok(summary) => Reply::Done(summary),
            Err(Stop::Password(user, host)) => Reply::NeedPassword(user, host),
            Err(Stop::Failed(failure)) => {
                if failure.kind == FailureKind::Cancelled
                    && let Some(open) = open.as_mut()
                {
                    // A cancelled session may still hold half an answer: start afresh.
                    open.session = None;
                }
                // One that is lost stays in its seat: the next run tells that it opens another.
                let lost = open.as_ref().is_some_and(Open::is_lost);
                let advise = lost && failure.hint.is_none();
                Reply::Failed(if advise { failure.hint(LOST) } else { failure })
            }
        };
        work.reply(ticket, reply);
    }

    async fn run_in(
        &self,
        work: &Work,
        ticket: &Ticket,
        open: &mut Option<Open>,
        target: Target,
        asked: Asked,
    ) -> Result<Summary, Stop> {
        let Asked { login, statement, how, limits } = asked;
        self.ensure(work, ticket, open, target, login, statement.changes()).await?;
        let Some(session) = open.as_mut().and_then(|open| open.session.as_mut()) else {
            return Err(bug("the session did not open"));
        };
        if !statement.holds(&work.setup.reaches.access().read(), clock::now()) {
            let why = "the elevation ended before the statement was sent";
            return Err(Stop::Failed(Failure::new(FailureKind::Refused, "run the statement", why)));
        }
        session.arrange(statement.get().dialect, how)?;
        self.set_canceller(Some(session.canceller()));
        work.reply(ticket, Reply::Locks(session.locks()));
        let (writer, reader) = store::store(MEMORY);
        let count = Arc::new(RowCount::default());
        let (listener, to) = (work.clone(), ticket.clone());
        let mut sink = Sink::new(writer, move |progress| match progress {
            Progress::Connecting(stage) => listener.reply(&to, Reply::Stage(stage)),
            Progress::Running => listener.reply(&to, Reply::Stage("running".into())),
            Progress::Columns(columns) => listener.reply(&to, Reply::Columns(columns, reader.clone())),
            Progress::Rows(rows) => {
                if count.note(rows) {
                    listener.send(Inbound::Rows(to.clone(), count.clone()));
                }
            }
        });
        Ok(session.run(&statement, limits, &mut sink).await?)
    }

    async fn ensure(
        &self,
        work: &Work,
        ticket: &Ticket,
        open: &mut Option<Open>,
        target: Target,
        login: Option<Login>,
        changes: bool,
    ) -> Result<(), Stop> {
        let fits = |o: &Open| o.target == target && o.changes == changes && o.is_alive() && login.is_none();
        if open.as_ref().is_some_and(fits) {
            return Ok(());
        }
        let lost = open.as_ref().filter(|o| o.target == target && o.is_lost()).map(|o| o.changes);
        if changes && lost == Some(true) {
            // Nobody can tell what the lost session had changed: the person looks first.
            *open = None;
            let why = "the session had ended: nothing was sent";
            let failure = Failure::new(FailureKind::Unreachable, "run the statement", why);
            return Err(Stop::Failed(failure.hint("run it again: it gets a session of its own")));
        }
        // A password given for this target is good for the next session on it too.
        let kept = open.take().filter(|o| o.target.shares_login(&target)).map(|o| o.login);
        let Some(login) = login.or(kept).or_else(|| work.setup.engines.login(&target)) else {
            let user = SafeText::new(target.user.as_deref().unwrap_or(""));
            let host = SafeText::new(target.endpoint.as_ref().map_or("", |e| &*e.host));
            return Err(Stop::Password(user, host));
        };
        work.reply(ticket, Reply::Stage("connecting".into()));
        let reach = work.setup.reaches.at(&target.resource.place).await?;
        let engine = engine_for(&target, reach, &work.setup.engines)?;
        let (listener, to) = (work.clone(), ticket.clone());
        let tell = move |progress: Progress| {
            if let Progress::Connecting(stage) = progress {
                listener.reply(&to, Reply::Stage(stage));
            }
        };
        let session = engine.open(&target, &login, changes, &tell).await?;
        if lost.is_some() {
            work.reply(ticket, Reply::Told("the session had ended: connected anew".into()));
        }
        *open = Some(Open { target, changes, login, session: Some(session) });
        Ok(())
    }

    /// Stops `running`, on the server when it has got that far. It may have ended before the server heard: then that
    /// is how it ended.
    async fn stopped<R>(&self, running: &mut R, changes: bool) -> Result<Summary, Stop>
    where
        R: Future<Output = Result<Summary, Stop>> + Unpin,
    {
        let canceller = self.canceller.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(canceller) = canceller else {
            let why = "cancelled before the statement was sent";
            return Err(Stop::Failed(Failure::new(FailureKind::Cancelled, "run the statement", why)));
        };
        cancel::stop(canceller.as_ref(), running, changes).await?
    }

    fn set_canceller(&self, canceller: Option<Arc<dyn Canceller>>) {
        *self.canceller.lock().unwrap_or_else(PoisonError::into_inner) = canceller;
    }
}

/// Why a run ended without a summary.
enum Stop {
    /// A password is needed: user and host.
    Password(SafeText, SafeText),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn bug(because: &str) -> Stop {
    Stop::Failed(Failure::new(FailureKind::Bug, "run the statement", because))
}
