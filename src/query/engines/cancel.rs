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

/// Asks the server to stop until `running` ends: a request that comes before the server has
/// begun is lost. In words, how that went.
pub async fn stop<R: Future + Unpin>(canceller: &dyn Canceller, running: &mut R) -> String {
    let stopped = tokio::time::timeout(PATIENCE, async {
        loop {
            canceller.cancel().await?;
            tokio::select! {
                _ = &mut *running => return Ok::<_, Failure>(()),
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    });
    match stopped.await {
        Ok(Ok(())) => "cancelled on the server".to_owned(),
        Ok(Err(failure)) => format!("cancelled by dropping the connection: {}", failure.because),
        Err(_) => "cancelled by dropping the connection: the server did not answer in time".to_owned(),
    }
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
