//! PostgreSQL's message framing over any stream, and the bounds that hold against a server
//! that lies: a length, a count or a kind of message that makes no sense ends the connection.

use super::message::{self, ServerError};
use crate::model::{Failure, FailureKind, SafeText};
use crate::query::engines::Stream;
use bytes::BytesMut;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The longest row: PostgreSQL's own limit for a value is 1 GiB, and a console that takes a
/// quarter of it is generous.
const LONGEST_ROW: usize = 256 << 20;
/// The longest message that is not a row.
const LONGEST_OTHER: usize = 8 << 20;
/// What is read at a time.
const READ: usize = 64 << 10;
/// Notices kept for one statement; more are counted only.
const NOTICES: usize = 20;
/// Notices, notifications and parameter reports for one statement: more is a flood.
const ASIDES: u32 = 10_000;
/// Rows of an answer to one of our own questions.
const ANSWER_ROWS: usize = 2_000;

/// A message in the input buffer: its kind and where its body lies until the next fill.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The message's first byte.
    pub tag: u8,
    start: usize,
    end: usize,
}

/// The answer to one of our own questions by the simple protocol.
#[derive(Debug, Default)]
pub struct Answer {
    /// Rows in text form.
    pub rows: Vec<Vec<Option<String>>>,
    /// What the server objected to.
    pub error: Option<ServerError>,
    /// Transaction status: `I`dle, in a `T`ransaction, in a failed one (`E`).
    pub status: u8,
}

/// A connection.
pub struct Wire {
    stream: Box<dyn Stream>,
    input: Vec<u8>,
    at: usize,
    /// What the next [`Wire::send`] sends.
    pub out: BytesMut,
    /// Notices since the last [`Wire::begin`].
    pub notices: Vec<SafeText>,
    asides: u32,
    doing: String,
}

impl Wire {
    /// Speaks over `stream`; `doing` names the connection in failures.
    pub fn new(stream: Box<dyn Stream>, doing: String) -> Self {
        Self {
            stream,
            input: Vec::with_capacity(READ),
            at: 0,
            out: BytesMut::new(),
            notices: Vec::new(),
            asides: 0,
            doing,
        }
    }

    /// Forgets the last statement's notices.
    pub fn begin(&mut self) {
        self.notices.clear();
        self.asides = 0;
    }

    /// The failure of a server that made no sense.
    pub fn garbled(&self, why: impl AsRef<str>) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), why)
            .hint("the connection was closed; is this really PostgreSQL?")
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

    /// Sends what [`Wire::out`] holds.
    pub async fn send(&mut self) -> Result<(), Failure> {
        let sent = async {
            self.stream.write_all(&self.out).await?;
            self.stream.flush().await
        };
        let sent = sent.await;
        self.out.clear();
        sent.map_err(|e| self.broken(&e))
    }

    /// The next whole message that has already arrived.
    pub fn frame(&mut self) -> Result<Option<Frame>, Failure> {
        let Some((&[tag, a, b, c, d], _)) = self.input.get(self.at..).and_then(<[u8]>::split_first_chunk)
        else {
            return Ok(None);
        };
        let len = u32::from_be_bytes([a, b, c, d]) as usize;
        let most = if tag == b'D' { LONGEST_ROW } else { LONGEST_OTHER };
        if !(4..=most).contains(&len) {
            return Err(self.garbled(format!("a message {:?} of {len} bytes", char::from(tag))));
        }
        let (start, end) = (self.at + 5, self.at + 1 + len);
        if end > self.input.len() {
            return Ok(None);
        }
        self.at = end;
        Ok(Some(Frame { tag, start, end }))
    }

    /// The body of `frame`, valid until the next fill.
    pub fn body(&self, frame: Frame) -> &[u8] {
        self.input.get(frame.start..frame.end).unwrap_or_default()
    }

    /// Reads more. Nothing is lost when it is dropped while waiting.
    pub async fn fill(&mut self) -> Result<(), Failure> {
        if self.at > 0 {
            self.input.drain(..self.at);
            self.at = 0;
        }
        if self.input.capacity() > 4 * READ && self.input.len() < READ {
            // A huge row has passed: give its memory back.
            self.input.shrink_to(READ);
        }
        self.input.reserve(READ);
        match self.stream.read_buf(&mut self.input).await {
            Ok(0) => Err(self.broken(&io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => Ok(()),
            Err(e) => Err(self.broken(&e)),
        }
    }

    /// The next message that is not an aside.
    pub async fn next(&mut self) -> Result<Frame, Failure> {
        loop {
            match self.frame()? {
                Some(frame) if matches!(frame.tag, b'N' | b'A' | b'S') => self.aside(frame)?,
                Some(frame) => return Ok(frame),
                None => self.fill().await?,
            }
        }
    }

    /// Takes a message that may come at any time; any other kind is garble.
    pub fn aside(&mut self, frame: Frame) -> Result<(), Failure> {
        self.asides += 1;
        if self.asides > ASIDES {
            return Err(self.garbled("a flood of notices"));
        }
        match frame.tag {
            b'N' if self.notices.len() < NOTICES => {
                let notice = ServerError::parse(self.body(frame));
                self.notices.push(SafeText::new(format!("{}: {}", notice.severity, notice.message)));
            }
            b'N' | b'A' | b'S' => {}
            other => return Err(self.garbled(format!("an unknown message {:?}", char::from(other)))),
        }
        Ok(())
    }

    /// Reads up to the server's readiness: the transaction status, and an error met on the way.
    pub async fn ready(&mut self) -> Result<(u8, Option<ServerError>), Failure> {
        let mut error = None;
        loop {
            let frame = self.next().await?;
            match frame.tag {
                b'Z' => return Ok((self.body(frame).first().copied().unwrap_or_default(), error)),
                b'E' => error = Some(ServerError::parse(self.body(frame))),
                // What was under way when the statement ended.
                b'C' | b's' | b'n' | b'1' | b'2' | b'3' | b'I' => {}
                other => return Err(self.garbled(format!("an unexpected message {:?}", char::from(other)))),
            }
        }
    }

    /// Puts one of our own statements into [`Wire::out`]. Never the person's text: the simple
    /// protocol would run two statements where one was judged.
    pub fn put_own(&mut self, sql: &'static str) -> Result<(), Failure> {
        self.put_query(sql)
    }

    /// As [`Wire::put_own`] for text made of numbers.
    pub fn put_query(&mut self, sql: &str) -> Result<(), Failure> {
        postgres_protocol::message::frontend::query(sql, &mut self.out).map_err(|e| self.broken(&e))
    }

    /// The answer to one [`Wire::put_own`].
    pub async fn answer(&mut self) -> Result<Answer, Failure> {
        let mut answer = Answer::default();
        loop {
            let frame = self.next().await?;
            match frame.tag {
                b'D' => {
                    let row = message::row(self.body(frame))
                        .filter(|_| answer.rows.len() < ANSWER_ROWS)
                        .ok_or_else(|| self.garbled("an answer that cannot be read"))?;
                    answer.rows.push(row);
                }
                b'T' | b'C' | b'I' => {}
                b'E' => answer.error = Some(ServerError::parse(self.body(frame))),
                b'Z' => {
                    answer.status = self.body(frame).first().copied().unwrap_or_default();
                    return Ok(answer);
                }
                other => return Err(self.garbled(format!("an unexpected message {:?}", char::from(other)))),
            }
        }
    }

    /// Says goodbye; whether it arrives does not matter.
    pub async fn close(&mut self) {
        self.out.clear();
        postgres_protocol::message::frontend::terminate(&mut self.out);
        let _ = self.send().await;
        let _ = self.stream.shutdown().await;
    }
}
