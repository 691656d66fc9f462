//! Stopping a statement on the server, without ever stopping the next one.
//!
//! What stops a statement names a session, not the statement. So it is sent only while the run
//! it was asked for holds the line, and a run that ends waits until a request under way is
//! delivered.

use crate::model::{Failure, FailureKind, Task};
use crate::query::engine::Canceller;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long after one request to stop the next is sent.
const AGAIN: Duration = Duration::from_millis(200);

/// How long the server has to stop a statement before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a person must know when a change may or may not have been made.
const UNSURE: &str = "whether the change was made is not known: look before you run it again";

/// Asks the server to stop until `running` ends: a request that comes before the server has begun is lost.
///
/// # Errors
/// When `running` was given up: its connection is unusable. `changes` says whether it may have changed something,
/// which the failure then says.
pub async fn stop<R: Future + Unpin>(
    canceller: &dyn Canceller,
    running: &mut R,
    changes: bool,
) -> Result<R::Output, Failure> {
    let stopped = tokio::time::timeout(PATIENCE, async {
        loop {
            canceller.cancel().await?;
            tokio::select! {
                ended = &mut *running => return Ok::<_, Failure>(ended),
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    });
    let why = match stopped.await {
        Ok(Ok(ended)) => return Ok(ended),
        Ok(Err(failure)) => failure.because.to_string(),
        Err(_) => "the server did not answer in time".to_owned(),
    };
    let why = format!("cancelled by dropping the connection: {why}");
    // A change that was given up is no cancelled one: it must be seen.
    let kind = if changes { FailureKind::Unreachable } else { FailureKind::Cancelled };
    Err(lost(Failure::new(kind, "run the statement", why), changes))
}

/// The failure of a run whose connection was lost. After a change, says that its end is not known.
pub fn lost(failure: Failure, changes: bool) -> Failure {
    let broke = matches!(failure.kind, FailureKind::Unreachable | FailureKind::Garbled);
    if changes && broke { failure.hint(UNSURE) } else { failure }
}

/// The longest wait for the server to take a request.
const DELIVERY: Duration = Duration::from_secs(10);

/// Sends the server's own kind of cancel request for one session.
pub trait Stopper: Send + Sync {
    /// Asks the server to stop what the session runs; done when the server has taken it.
    fn stop(&self) -> Task<'_, ()>;
}

/// What a session and its cancellers share.
pub struct Line {
    stopper: Box<dyn Stopper>,
    run: Mutex<Run>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Running,
    Asked,
}

impl Line {
    /// A line to the session that `stopper` names.
    pub fn new(stopper: impl Stopper + 'static) -> Self {
        Self { stopper: Box::new(stopper), run: Mutex::new(Run::None) }
    }

    /// A run begins.
    pub async fn begin(&self) {
        *self.run.lock().await = Run::Running;
    }

    /// The run is over: no request can reach the server from now on. Says whether one did.
    pub async fn end(&self) -> bool {
        std::mem::replace(&mut *self.run.lock().await, Run::None) == Run::Asked
    }

    /// Sends the request. The session itself uses it to cut a result short.
    pub async fn request(&self) -> Result<(), Failure> {
        tokio::time::timeout(DELIVERY, self.stopper.stop()).await.map_err(|_| {
            Failure::new(FailureKind::Unreachable, "cancel", "the server did not take the request")
        })?
    }
}

impl Canceller for Line {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(async {
            let mut run = self.run.lock().await;
            if *run == Run::None {
                return Ok(());
            }
            self.request().await?;
            *run = Run::Asked;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that hears, or not.
    struct Hears(bool);

    impl Canceller for Hears {
        fn cancel(&self) -> Task<'_, ()> {
            let heard = Failure::new(FailureKind::Unreachable, "cancel", "no way there");
            Box::pin(async { if self.0 { Ok(()) } else { Err(heard) } })
        }
    }

    #[tokio::test]
    async fn a_run_that_ended_first_is_told_as_it_ended() {
        let mut running = std::future::ready("3 rows changed");
        assert_eq!(stop(&Hears(true), &mut running, true).await, Ok("3 rows changed"));
    }

    #[tokio::test]
    async fn a_change_that_was_given_up_is_not_called_cancelled() {
        let mut running = std::future::pending::<()>();
        let read = stop(&Hears(false), &mut running, false).await.expect_err("given up");
        assert_eq!((read.kind, read.hint), (FailureKind::Cancelled, None));
        let change = stop(&Hears(false), &mut running, true).await.expect_err("given up");
        assert_eq!(change.kind, FailureKind::Unreachable);
        assert!(change.hint.is_some_and(|hint| hint.as_str().contains("not known")));
    }
}
