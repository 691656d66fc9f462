//! MySQL's packet framing over any stream, and the bounds that hold against a server that
//! lies. Two statements in one text and reading local files are never offered.

use crate::model::{Failure, FailureKind};
use crate::query::engines::Stream;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The longest part of a packet; a longer one goes on in the next.
const PART: usize = 0xff_ffff;
/// The longest packet taken.
const LONGEST: usize = 256 << 20;
/// What is read at a time.
const READ: usize = 64 << 10;

/// A connection.
pub struct Wire {
    stream: Box<dyn Stream>,
    input: Vec<u8>,
    at: usize,
    /// Parts of a packet of more than 16 MiB.
    joined: Vec<u8>,
    sequence: u8,
    doing: String,
}

/// A packet in the input buffer, valid until the next fill.
#[derive(Clone, Copy, Debug)]
pub enum Packet {
    /// Bytes of the buffer.
    Whole(usize, usize),
    /// It was joined from parts.
    Joined,
}

impl Wire {
    /// Speaks over `stream`; `doing` names the connection in failures.
    pub fn new(stream: Box<dyn Stream>, doing: String, sequence: u8) -> Self {
        Self { stream, input: Vec::with_capacity(READ), at: 0, joined: Vec::new(), sequence, doing }
    }

    /// The failure of a server that made no sense.
    pub fn garbled(&self, why: impl AsRef<str>) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), why)
            .hint("the connection was closed; is this really MySQL or MariaDB?")
    }

    /// The failure of a connection that broke.
    pub fn broken(&self, error: &io::Error) -> Failure {
        let why = if error.kind() == io::ErrorKind::UnexpectedEof {
            "the server closed the connection".to_owned()
        } else {
            error.to_string()
        };
        Failure::new(FailureKind::Unreachable, self.doing.as_str(), why)
    }

    /// Sends a command: a new conversation.
    pub async fn command(&mut self, command: u8, body: &[u8]) -> Result<(), Failure> {
        self.sequence = 0;
        let mut payload = Vec::with_capacity(body.len() + 1);
        payload.push(command);
        payload.extend_from_slice(body);
        self.send(&payload).await
    }

    /// Sends one packet of the conversation under way.
    pub async fn send(&mut self, payload: &[u8]) -> Result<(), Failure> {
        let mut out = Vec::with_capacity(payload.len() + 8);
        let mut rest = payload;
        loop {
            let (part, after) = rest.split_at_checked(PART).unwrap_or((rest, &[]));
            let [a, b, c, ..] = (part.len() as u32).to_le_bytes();
            out.extend_from_slice(&[a, b, c, self.sequence]);
            out.extend_from_slice(part);
            self.sequence = self.sequence.wrapping_add(1);
            rest = after;
            if part.len() < PART {
                break;
            }
        }
        let sent = async {
            self.stream.write_all(&out).await?;
            self.stream.flush().await
        };
        let sent = sent.await;
        sent.map_err(|e| self.broken(&e))
    }

    /// The next whole packet that has already arrived.
    pub fn packet(&mut self) -> Result<Option<Packet>, Failure> {
        loop {
            let Some((&[a, b, c, sequence], _)) =
                self.input.get(self.at..).and_then(<[u8]>::split_first_chunk)
            else {
                return Ok(None);
            };
            let len = u32::from_le_bytes([a, b, c, 0]) as usize;
            let (start, end) = (self.at + 4, self.at + 4 + len);
            let Some(part) = self.input.get(start..end) else { return Ok(None) };
            if sequence != self.sequence {
                return Err(self.garbled("packets out of order"));
            }
            self.sequence = sequence.wrapping_add(1);
            self.at = end;
            if len < PART && self.joined.is_empty() {
                return Ok(Some(Packet::Whole(start, end)));
            }
            self.joined.extend_from_slice(part);
            if self.joined.len() > LONGEST {
                return Err(self.garbled("a packet of more than 256 MiB"));
            }
            if len < PART {
                return Ok(Some(Packet::Joined));
            }
        }
    }

    /// The bytes of `packet`, valid until the next fill.
    pub fn body(&self, packet: Packet) -> &[u8] {
        match packet {
            Packet::Whole(start, end) => self.input.get(start..end).unwrap_or_default(),
            Packet::Joined => &self.joined,
        }
    }

    /// A joined packet has been used.
    pub fn used(&mut self, packet: Packet) {
        if matches!(packet, Packet::Joined) {
            self.joined = Vec::new();
        }
    }

    /// Reads more. Nothing is lost when it is dropped while waiting.
    pub async fn fill(&mut self) -> Result<(), Failure> {
        if self.at > 0 {
            self.input.drain(..self.at);
            self.at = 0;
        }
        if self.input.capacity() > 4 * READ && self.input.len() < READ {
            self.input.shrink_to(READ);
        }
        self.input.reserve(READ);
        match self.stream.read_buf(&mut self.input).await {
            Ok(0) => Err(self.broken(&io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => Ok(()),
            Err(e) => Err(self.broken(&e)),
        }
    }

    /// The next packet, copied: for the short ones around results.
    pub async fn next(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(packet) = self.packet()? {
                let body = self.body(packet).to_vec();
                self.used(packet);
                return Ok(body);
            }
            self.fill().await?;
        }
    }

    /// Says goodbye; whether it arrives does not matter.
    pub async fn close(&mut self) {
        let _ = self.command(1, b"").await;
        let _ = self.stream.shutdown().await;
    }
}
