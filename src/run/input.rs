//! The terminal's events, read by one task that can be put away while somebody else has the
//! terminal.

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use std::io;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

/// What came from the terminal; `None` is the end of input.
pub type Came = Option<io::Result<Event>>;

/// The terminal's events.
pub struct Input {
    events: UnboundedReceiver<io::Result<Event>>,
    task: JoinHandle<()>,
}

impl Input {
    /// Begins to read. One task polls the stream and nothing else does: the stream remembers
    /// the first waker it was polled with, so a second poller would go deaf.
    pub fn open() -> Self {
        let (sender, events) = unbounded_channel();
        let task = tokio::spawn(async move {
            let mut stream = EventStream::new();
            while let Some(event) = stream.next().await {
                let over = event.is_err();
                if sender.send(event).is_err() || over {
                    break;
                }
            }
        });
        Self { events, task }
    }

    /// Reads nothing: what stands in while another program has the terminal.
    pub fn none() -> Self {
        let (_, events) = unbounded_channel();
        Self { events, task: tokio::spawn(async {}) }
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> Came {
        self.events.recv().await
    }

    /// An event that already waits.
    pub fn waiting(&mut self) -> Option<io::Result<Event>> {
        self.events.try_recv().ok()
    }

    /// Stops reading, so that another program can.
    pub async fn close(self) {
        self.task.abort();
        // Aborted or done: either way the stream and its reader are gone.
        let _ = self.task.await;
    }
}
