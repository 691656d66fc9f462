//! The life of a statement on the server: submitted, asked about until it ends, cancelled.
//!
//! Submitting runs in a task of its own: whoever stops waiting does not lose the id, and a
//! request to cancel that came before the id was known is sent as soon as it is.

use crate::aws::failure::failure;
use crate::model::{Failure, FailureKind, SafeText, Task};
use crate::query::engine::Canceller;
use aws_sdk_redshiftdata::Client;
use aws_sdk_redshiftdata::operation::describe_statement::DescribeStatementOutput;
use aws_sdk_redshiftdata::operation::execute_statement::ExecuteStatementOutput;
use aws_sdk_redshiftdata::operation::execute_statement::builders::ExecuteStatementFluentBuilder;
use aws_sdk_redshiftdata::types::StatusString;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long one question may wait on the server for the end: it takes 1 to 30 seconds.
const LONGEST_POLL_S: i32 = 20;
/// The first and the longest pause between questions to a server that does not wait.
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(2);
/// An answer that comes sooner than this did not wait.
const AT_ONCE: Duration = Duration::from_millis(400);

/// What a session and its cancellers share: the statement that is on the server.
pub struct Line {
    client: Client,
    doing: String,
    state: Mutex<State>,
    wanted: Notify,
}

#[derive(Default)]
struct State {
    /// Whether a statement of the person's is under way.
    running: bool,
    /// Its id, once known.
    id: Option<String>,
    /// Whether somebody wants it to stop.
    wanted: bool,
    /// Whether the server was told.
    told: bool,
}

impl Line {
    /// No statement under way.
    pub fn new(client: Client, doing: String) -> Self {
        Self { client, doing, state: Mutex::default(), wanted: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run begins.
    pub fn begin(&self) {
        *self.state() = State { running: true, ..State::default() };
    }

    /// The run is over: nothing is cancelled from now on.
    pub fn end(&self) {
        self.state().running = false;
    }

    /// Whether somebody asked to stop this run.
    pub fn is_wanted(&self) -> bool {
        self.state().wanted
    }

    /// Submits `call` under an idempotent token. A read whose answer was lost is submitted
    /// again under the same token, which gives the statement that is already there; a change
    /// is not.
    ///
    /// # Errors
    /// That of the call.
    pub async fn submit(
        self: &Arc<Self>,
        call: ExecuteStatementFluentBuilder,
        again: bool,
    ) -> Result<ExecuteStatementOutput, Failure> {
        let line = self.clone();
        let call = call.client_token(token());
        let task = tokio::spawn(async move {
            let first = call.clone().send().await.map_err(|e| failure(&line.doing, &e));
            let answer = match first {
                Err(lost) if again && lost.kind == FailureKind::Unreachable => {
                    call.send().await.map_err(|e| failure(&line.doing, &e))?
                }
                first => first?,
            };
            line.learned(answer.id()).await;
            Ok(answer)
        });
        match task.await {
            Ok(answer) => answer,
            Err(e) => Err(Failure::new(FailureKind::Bug, self.doing.as_str(), e.to_string())),
        }
    }

    /// The id of the statement under way is known: a stop that was asked for before is sent.
    async fn learned(&self, id: Option<&str>) {
        let wanted = {
            let mut state = self.state();
            if !state.running {
                return;
            }
            state.id = id.map(str::to_owned);
            state.wanted
        };
        if wanted {
            // Whoever asked has been answered; the statement's end shows how it went.
            let _ = self.stop().await;
        }
    }

    /// Sends the request to stop, once.
    async fn stop(&self) -> Result<(), Failure> {
        let id = {
            let mut state = self.state();
            if !state.running || state.told {
                return Ok(());
            }
            let Some(id) = state.id.clone() else { return Ok(()) };
            state.told = true;
            id
        };
        let sent = self.client.cancel_statement().id(id).send().await;
        match sent.map(drop).map_err(|e| failure("cancel", &e)) {
            // It ended meanwhile: there is nothing to stop.
            Err(late) if matches!(late.kind, FailureKind::Rejected | FailureKind::NotFound) => Ok(()),
            Err(failure) => {
                self.state().told = false;
                Err(failure)
            }
            Ok(()) => Ok(()),
        }
    }

    /// Asks about statement `id` until it has ended. Each new status is handed to `stage`.
    ///
    /// # Errors
    /// That of the call, or a status that nobody knows.
    pub async fn ended(
        &self,
        id: &str,
        mut stage: impl FnMut(&StatusString) + Send,
    ) -> Result<DescribeStatementOutput, Failure> {
        let (mut wait, mut pause, mut before) = (0, SHORT, None);
        loop {
            let asked = Instant::now();
            let call = self.client.describe_statement().id(id);
            let call = call.set_wait_time_seconds((wait > 0).then_some(wait));
            let answer = tokio::select! {
                answer = call.send() => answer.map_err(|e| failure(&self.doing, &e))?,
                // The end is near: ask anew, in short steps.
                () = self.wanted.notified() => {
                    (wait, pause) = (1, SHORT);
                    continue;
                }
            };
            let Some(status) = answer.status() else {
                return Err(self.garbled("a statement without a status"));
            };
            if before.as_ref() != Some(status) {
                stage(status);
                before = Some(status.clone());
            }
            match status {
                StatusString::Aborted | StatusString::Failed | StatusString::Finished => return Ok(answer),
                StatusString::Submitted | StatusString::Picked | StatusString::Started => {}
                other => {
                    return Err(self.garbled(&format!("a statement is {}", SafeText::new(other.as_str()))));
                }
            }
            wait = if self.is_wanted() { 1 } else { (wait * 2).clamp(1, LONGEST_POLL_S) };
            if asked.elapsed() < AT_ONCE {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONG);
            }
        }
    }

    /// The failure of a server that made no sense.
    pub fn garbled(&self, why: &str) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), why)
    }

    /// Stops what is under way and waits for its end, for a run that nobody waits for any more.
    pub async fn give_up(&self) {
        let id = {
            let mut state = self.state();
            state.wanted = true;
            state.id.clone()
        };
        let Some(id) = id else { return };
        let _ = self.stop().await;
        let _ = tokio::time::timeout(Duration::from_secs(30), self.ended(&id, |_| {})).await;
    }
}

impl Canceller for Line {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(async {
            {
                let mut state = self.state();
                if !state.running {
                    return Ok(());
                }
                state.wanted = true;
            }
            let stopped = self.stop().await;
            self.wanted.notify_one();
            stopped
        })
    }
}

/// A token that no other statement has: 128 random bits from the hasher's own keys.
pub(in crate::query::engines) fn token() -> String {
    let half = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("dbdeck-{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_fit() {
        let (one, two) = (token(), token());
        assert_ne!(one, two);
        assert!(one.len() <= 64);
    }
}
