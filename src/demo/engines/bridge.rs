//! The bridge of one connection: PostgreSQL's protocol from a stream to the server in the
//! process.
//!
//! Frontend messages gather until the client waits for an answer (Query, Sync, Flush), go to
//! the server as one batch, and the answer goes back whole. After an error everything up to
//! the next Sync is dropped, as the protocol wants, whatever the server remembers.

use super::frames;
use super::postgres::{Backend, Server};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::OwnedMutexGuard;

/// How long a connection waits for the transaction of another.
const TURN: Duration = Duration::from_secs(10);

/// Longest message taken, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;

const VERSION_3: i32 = 196_608;
const CANCEL: i32 = 80_877_102;
const TLS: i32 = 80_877_103;
const GSS: i32 = 80_877_104;

struct Bridge {
    stream: DuplexStream,
    server: Arc<Server>,
    id: i32,
    /// The session while it is this connection's turn.
    turn: Option<OwnedMutexGuard<Backend>>,
    /// Whether an error waits for its Sync.
    skipping: bool,
    /// Settings of the startup message: what RESET and DISCARD go back to.
    base: Vec<(String, String)>,
    /// Whether something was reset since the base settings were last in force.
    reset: bool,
}

/// Serves one connection until it ends.
pub async fn serve(stream: DuplexStream, server: Arc<Server>, id: i32, reader: bool) {
    let mut bridge =
        Bridge { stream, server, id, turn: None, skipping: false, base: Vec::new(), reset: false };
    // Either end may go away at any time; what is left behind is cleared below.
    let _ = bridge.talk(reader).await;
    let session = bridge.server.session.clone();
    let mut backend = match bridge.turn.take() {
        Some(turn) => turn,
        None => session.lock_owned().await,
    };
    backend.leave(id).await;
}

impl Bridge {
    async fn talk(&mut self, reader: bool) -> io::Result<()> {
        if !self.login(reader).await? {
            return Ok(());
        }
        let mut batch = Vec::new();
        loop {
            let kind = self.stream.read_u8().await?;
            let body = self.body().await?;
            match kind {
                b'X' => return Ok(()),
                b'S' if self.skipping => {
                    self.skipping = false;
                    batch.clear();
                }
                _ if self.skipping => continue,
                _ => {}
            }
            frames::push(&mut batch, kind, &body);
            if matches!(kind, b'Q' | b'S' | b'H' | b'F') {
                let request = std::mem::take(&mut batch);
                self.pass(&request, kind == b'H').await?;
            }
        }
    }

    /// The startup phase; false when the connection is to end.
    async fn login(&mut self, reader: bool) -> io::Result<bool> {
        loop {
            let body = self.body().await?;
            let Some((code, rest)) = body.split_first_chunk::<4>() else { return Ok(false) };
            match i32::from_be_bytes(*code) {
                TLS | GSS => self.stream.write_all(b"N").await?,
                CANCEL => {
                    let no = frames::error(
                        "FATAL",
                        "0A000",
                        "the demo's PostgreSQL cannot cancel a running statement",
                        "a real server can",
                    );
                    self.stream.write_all(&no).await?;
                    return Ok(false);
                }
                VERSION_3 => return self.welcome(frames::startup(rest), reader).await,
                _ => {
                    let no = frames::error("FATAL", "0A000", "unsupported frontend protocol", "");
                    self.stream.write_all(&no).await?;
                    return Ok(false);
                }
            }
        }
    }

    async fn welcome(&mut self, asked: Vec<(String, String)>, reader: bool) -> io::Result<bool> {
        if let Err(refusal) = self.prepare(&asked, reader).await {
            self.stream.write_all(&refusal).await?;
            return Ok(false);
        }
        let mut out = Vec::new();
        frames::push(&mut out, b'R', &0_i32.to_be_bytes());
        for (name, value) in &self.server.reported {
            frames::parameter(&mut out, name, value);
        }
        let read_only = self.base.iter().any(|(n, v)| n == "default_transaction_read_only" && v == "on");
        let word = |yes| if yes { "on" } else { "off" };
        frames::parameter(&mut out, "in_hot_standby", word(reader));
        frames::parameter(&mut out, "default_transaction_read_only", word(read_only));
        let mut key = self.id.to_be_bytes().to_vec();
        // Nothing can be cancelled, so the key opens nothing.
        key.extend_from_slice(&0_i32.to_be_bytes());
        frames::push(&mut out, b'K', &key);
        frames::ready(&mut out);
        self.stream.write_all(&out).await?;
        Ok(true)
    }

    /// Checks and applies what the startup message asks.
    async fn prepare(&mut self, asked: &[(String, String)], reader: bool) -> Result<(), Vec<u8>> {
        let database = asked.iter().find(|(name, _)| name == "database").map(|(_, value)| value.as_str());
        if let Some(other) = database.filter(|d| *d != self.server.database) {
            let text = format!("database \"{other}\" does not exist");
            let hint = format!("the demo has one database: {}", self.server.database);
            return Err(frames::error("FATAL", "3D000", &text, &hint));
        }
        let fatal = |e: String| frames::error("FATAL", "XX000", &e, "");
        for (name, value) in asked {
            match name.as_str() {
                "user" | "database" | "replication" => {}
                // Read-only sessions are asked for this way: nothing of it may get lost.
                "options" => self.base.extend(frames::options(value).ok_or_else(|| {
                    frames::error("FATAL", "08P01", "unsupported startup parameter: options", "")
                })?),
                _ => self.base.push((name.clone(), value.clone())),
            }
        }
        if reader {
            self.base.push(("default_transaction_read_only".to_owned(), "on".to_owned()));
        }
        let mut backend = self.take_turn().await.map_err(fatal)?;
        for (name, value) in &self.base {
            backend.set(name, value).await.map_err(fatal)?;
        }
        Ok(())
    }

    /// Passes one batch on and its answer back.
    async fn pass(&mut self, request: &[u8], flush: bool) -> io::Result<()> {
        let mut backend = match self.turn.take() {
            Some(turn) => turn,
            None => match self.take_turn().await {
                Ok(turn) => turn,
                Err(text) => return self.refuse(&text, flush).await,
            },
        };
        let answer = match backend.send(request).await {
            Ok(answer) => answer,
            Err(text) => {
                let gone = frames::error("FATAL", "57P01", &text, "open the query tab again");
                self.stream.write_all(&gone).await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        };
        let (out, failed, status) = told(&answer, flush);
        self.skipping = flush && failed;
        self.reset |= frames::messages(&answer)
            .any(|(kind, body)| kind == b'C' && (body.starts_with(b"RESET") || body.starts_with(b"DISCARD")));
        if self.reset && !flush && status == Some(b'I') {
            self.reset = false;
            for (name, value) in &self.base {
                // They were taken at login; what the client asked for must hold.
                backend.set(name, value).await.map_err(io::Error::other)?;
            }
        }
        if flush || status != Some(b'I') {
            self.turn = Some(backend);
        } else {
            drop(backend);
        }
        self.stream.write_all(&out).await
    }

    async fn refuse(&mut self, text: &str, flush: bool) -> io::Result<()> {
        let mut out = frames::error("ERROR", "55P03", text, "end the transaction of the other query tab");
        if flush {
            self.skipping = true;
        } else {
            frames::ready(&mut out);
        }
        self.stream.write_all(&out).await
    }

    async fn take_turn(&self) -> Result<OwnedMutexGuard<Backend>, String> {
        let mut backend =
            tokio::time::timeout(TURN, self.server.session.clone().lock_owned()).await.map_err(|_| {
                "the demo's PostgreSQL has one session, and a transaction or a statement that it cannot stop holds it"
                    .to_owned()
            })?;
        backend.turn_to(self.id).await?;
        Ok(backend)
    }

    /// A length and the body it announces.
    async fn body(&mut self) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.stream.read_u32().await?).unwrap_or(usize::MAX);
        let len = len.checked_sub(4).filter(|l| *l <= LONGEST).ok_or(io::ErrorKind::InvalidData)?;
        let mut body = vec![0; len];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }
}

/// What the client hears of an answer: all of it, with exactly one `ReadyForQuery` at the end
/// of a batch that waits for one and none after a Flush. Also whether it holds an error, and
/// the transaction status.
fn told(answer: &[u8], flush: bool) -> (Vec<u8>, bool, Option<u8>) {
    let mut out = Vec::with_capacity(answer.len());
    let (mut failed, mut status) = (false, None);
    for (kind, body) in frames::messages(answer) {
        match kind {
            b'Z' => status = body.first().copied(),
            _ => {
                failed |= kind == b'E';
                frames::push(&mut out, kind, body);
            }
        }
    }
    if !flush {
        frames::push(&mut out, b'Z', &[status.unwrap_or(b'I')]);
    }
    (out, failed, status)
}
