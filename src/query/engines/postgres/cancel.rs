//! PostgreSQL's cancel request: a connection of its own that carries the session's key.

use super::Dialer;
use super::wire::Wire;
use crate::model::{Failure, FailureKind, Task};
use crate::query::engines::cancel::Stopper;
use postgres_protocol::message::frontend;
use std::sync::Arc;

/// Cancels what one session runs.
pub struct Request {
    /// The way to the session's server.
    pub dialer: Arc<dyn Dialer>,
    /// The session's process id and secret.
    pub key: Option<(i32, i32)>,
}

impl Stopper for Request {
    fn stop(&self) -> Task<'_, ()> {
        Box::pin(async {
            let unable = |why| Failure::new(FailureKind::Usage, "cancel", why);
            let Some(stream) = self.dialer.dial().await? else {
                return Err(
                    unable("the demo's PostgreSQL cannot cancel").hint("it ends when the statement does")
                );
            };
            let (pid, secret) = self.key.ok_or_else(|| unable("this server gave no key to cancel with"))?;
            let mut wire = Wire::new(stream, "cancel".to_owned());
            frontend::cancel_request(pid, secret, &mut wire.out);
            wire.send().await?;
            // The server closes when it has passed the signal on.
            let _ = wire.fill().await;
            Ok(())
        })
    }
}
