//! The query under way: asked for in a task of its own, so that whoever stops waiting does not
//! lose its id, and what was asked to stop before the id was known stops as soon as it is.

use crate::aws::failure::failure;
use crate::model::{Failure, FailureKind, Task};
use crate::query::engine::Canceller;
use aws_sdk_timestreamquery::Client;
use aws_sdk_timestreamquery::operation::query::builders::QueryFluentBuilder;
use aws_sdk_timestreamquery::operation::query::{QueryError, QueryOutput};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What a page's call gives.
pub type Page = Result<QueryOutput, SdkError<QueryError, HttpResponse>>;

/// What a session and its cancellers share.
pub struct Running {
    client: Client,
    state: Mutex<State>,
    wanted: Notify,
}

#[derive(Default)]
struct State {
    /// Counts runs, so that a late answer is not taken for the next run's.
    run: u64,
    running: bool,
    id: Option<String>,
    /// Whether somebody wants it to stop.
    wanted: bool,
    /// Whether the server was told.
    told: bool,
}

/// A run under way; dropped, it ends on the server.
pub struct Run(Arc<Running>);

impl Run {
    /// The run is over. Whether somebody had asked to stop it.
    pub fn ends(self) -> bool {
        let mut state = self.0.state();
        state.running = false;
        state.wanted
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let running = {
            let mut state = self.0.state();
            state.wanted |= state.running;
            state.running
        };
        if let (true, Ok(runtime)) = (running, tokio::runtime::Handle::try_current()) {
            let this = self.0.clone();
            runtime.spawn(async move {
                // Nobody waits for how it ends.
                let _ = this.tell().await;
                this.state().running = false;
            });
        }
    }
}

impl Running {
    /// Nothing under way.
    pub fn new(client: Client) -> Self {
        Self { client, state: Mutex::default(), wanted: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run begins.
    pub fn begin(self: &Arc<Self>) -> Run {
        let mut state = self.state();
        *state = State { run: state.run + 1, running: true, ..State::default() };
        drop(state);
        Run(self.clone())
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// Somebody wants it to stop.
    pub async fn ask(self: &Arc<Self>, call: QueryFluentBuilder, doing: &str) -> Result<Page, Failure> {
        let cancelled = || Failure::new(FailureKind::Cancelled, doing, "cancelled");
        let run = {
            let state = self.state();
            if state.wanted {
                return Err(cancelled());
            }
            state.run
        };
        let this = self.clone();
        let asking = tokio::spawn(async move {
            let page = call.send().await;
            if let Ok(page) = &page {
                this.learned(run, page.query_id()).await;
            }
            page
        });
        tokio::select! {
            page = asking => page.map_err(|e| Failure::new(FailureKind::Bug, doing, e.to_string())),
            () = self.wanted.notified() => Err(cancelled()),
        }
    }

    /// The id of the query of `run` is known: a stop that was asked for before is sent.
    async fn learned(&self, run: u64, id: &str) {
        let late = {
            let mut state = self.state();
            let same = state.run == run;
            if same && !state.wanted {
                state.id = Some(id.to_owned());
            }
            !same || state.wanted && !state.told
        };
        if late {
            let _ = self.client.cancel_query().query_id(id).send().await;
        }
    }

    /// Sends the request to stop, once, when the id is known.
    async fn tell(&self) -> Result<(), Failure> {
        let id = {
            let mut state = self.state();
            if state.told {
                return Ok(());
            }
            let Some(id) = state.id.clone() else { return Ok(()) };
            state.told = true;
            id
        };
        let sent = self.client.cancel_query().query_id(id).send().await;
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

    /// Ends the query under way for the session itself, which has taken what it wanted.
    pub async fn stop(&self) {
        // The rows are there whether the server heard or not.
        let _ = self.tell().await;
    }
}

impl Canceller for Running {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(async {
            {
                let mut state = self.state();
                if !state.running {
                    return Ok(());
                }
                state.wanted = true;
            }
            let told = self.tell().await;
            self.wanted.notify_one();
            told
        })
    }
}
