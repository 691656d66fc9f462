//! Stopping a statement on the server, without ever stopping the next one.
//!
//! A cancel request names a session, not a statement. So it is sent only while the run it was
//! asked for holds the line, and a run that ends waits until a request under way is delivered.

use super::Dialer;
use super::wire::Wire;
use crate::model::{Failure, FailureKind, Task};
use crate::query::engine::Canceller;
use postgres_protocol::message::frontend;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// The longest wait for the server to take a request.
const DELIVERY: Duration = Duration::from_secs(10);

/// What a session and its cancellers share.
pub struct Line {
    dialer: Arc<dyn Dialer>,
    key: Option<(i32, i32)>,
    run: Mutex<Run>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Running,
    Asked,
}

impl Line {
    /// A line to the session that `key` names.
    pub fn new(dialer: Arc<dyn Dialer>, key: Option<(i32, i32)>) -> Self {
        Self { dialer, key, run: Mutex::new(Run::None) }
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
        let (pid, secret) = self.key.ok_or_else(|| {
            Failure::new(FailureKind::Usage, "cancel", "this server gave no key to cancel with")
        })?;
        let delivered = async {
            let Some(stream) = self.dialer.dial().await? else {
                return Err(Failure::new(
                    FailureKind::Usage,
                    "cancel",
                    "the demo's PostgreSQL cannot cancel",
                )
                .hint("it ends when the statement does"));
            };
            let mut wire = Wire::new(stream, "cancel".to_owned());
            frontend::cancel_request(pid, secret, &mut wire.out);
            wire.send().await?;
            // The server closes when it has passed the signal on.
            let _ = wire.fill().await;
            Ok(())
        };
        tokio::time::timeout(DELIVERY, delivered).await.map_err(|_| {
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
