//! Frames of CQL's native protocol, version 4: nine bytes of header, a body. What a server says
//! of lengths and counts is bounded before it is believed.

use super::super::Stream;
use super::kind::{Kind, MOST_NESTED};
use crate::model::{Failure, FailureKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Version 4, as a client's first byte; a server sets the high bit.
const VERSION: u8 = 4;
/// The largest frame that is taken: the protocol's own limit is 256 MiB.
const LARGEST: u32 = 64 << 20;
/// Columns of a result: more is a flood.
const MOST_COLUMNS: i32 = 8_192;

/// Operations of a client.
pub mod op {
    /// Opens the talk.
    pub const STARTUP: u8 = 0x01;
    /// One statement, as it is.
    pub const QUERY: u8 = 0x07;
    /// One statement, to be read and kept by the server.
    pub const PREPARE: u8 = 0x09;
    /// A prepared statement, run.
    pub const EXECUTE: u8 = 0x0a;
    /// A step of the login.
    pub const AUTH_RESPONSE: u8 = 0x0f;
}

/// What a server answers.
pub mod said {
    /// An error.
    pub const ERROR: u8 = 0x00;
    /// It is ready.
    pub const READY: u8 = 0x02;
    /// It wants a login.
    pub const AUTHENTICATE: u8 = 0x03;
    /// A result.
    pub const RESULT: u8 = 0x08;
    /// The login goes on.
    pub const AUTH_CHALLENGE: u8 = 0x0e;
    /// The login is over.
    pub const AUTH_SUCCESS: u8 = 0x10;
}

/// A body being written.
#[derive(Default)]
pub struct Body(pub Vec<u8>);

impl Body {
    /// Two bytes.
    pub fn short(&mut self, n: u16) {
        self.0.extend(n.to_be_bytes());
    }

    /// Four bytes.
    pub fn int(&mut self, n: i32) {
        self.0.extend(n.to_be_bytes());
    }

    /// A short text.
    pub fn string(&mut self, text: &str) {
        self.short(u16::try_from(text.len()).unwrap_or(u16::MAX));
        self.0.extend(text.bytes().take(usize::from(u16::MAX)));
    }

    /// A text or bytes of any length; the callers' texts are far below 2 GiB.
    pub fn long(&mut self, bytes: &[u8]) {
        self.int(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        self.0.extend(bytes);
    }
}

/// An answer: what it is and its body, without what comes before it.
pub struct Answer {
    /// One of [`said`].
    pub op: u8,
    /// The server's warnings.
    pub warnings: Vec<String>,
    body: Vec<u8>,
    at: usize,
}

impl Answer {
    /// What has not been read yet.
    pub fn reader(&self) -> Reader<'_> {
        Reader(self.body.get(self.at..).unwrap_or_default())
    }
}

/// A connection that speaks frames, one question at a time.
pub struct Wire {
    stream: Box<dyn Stream>,
    doing: String,
    next: i16,
}

impl Wire {
    /// Over `stream`, which is secured already.
    pub const fn new(stream: Box<dyn Stream>, doing: String) -> Self {
        Self { stream, doing, next: 0 }
    }

    /// An answer that makes no sense.
    pub fn garbled(&self, why: &str) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), why)
            .hint("is this a CQL server, and the port right?")
    }

    fn broken(&self, why: &std::io::Error) -> Failure {
        Failure::new(FailureKind::Unreachable, self.doing.as_str(), format!("the connection broke: {why}"))
    }

    /// Sends a question and reads its answer.
    ///
    /// # Errors
    /// The connection broke, or the answer is none.
    pub async fn ask(&mut self, operation: u8, body: &Body) -> Result<Answer, Failure> {
        self.next = if self.next == i16::MAX { 0 } else { self.next + 1 };
        let length = u32::try_from(body.0.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(9 + body.0.len());
        bytes.extend([VERSION, 0]);
        bytes.extend(self.next.to_be_bytes());
        bytes.push(operation);
        bytes.extend(length.to_be_bytes());
        bytes.extend(&body.0);
        self.stream.write_all(&bytes).await.map_err(|e| self.broken(&e))?;
        self.stream.flush().await.map_err(|e| self.broken(&e))?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<Answer, Failure> {
        let mut header = [0; 9];
        self.stream.read_exact(&mut header).await.map_err(|e| self.broken(&e))?;
        let [version, flags, s1, s2, op, l1, l2, l3, l4] = header;
        let length = u32::from_be_bytes([l1, l2, l3, l4]);
        if version & 0x80 == 0 {
            return Err(self.garbled("this is not CQL"));
        }
        // A server that knows no version 4 says so in the frame of its own version.
        if version != VERSION | 0x80 && op != said::ERROR {
            return Err(self.garbled("the server does not speak version 4 of the protocol"));
        }
        if length > LARGEST {
            return Err(self.garbled("an answer of more than 64 MiB: ask for fewer or smaller columns"));
        }
        let mut body = Vec::new();
        let wanted = u64::from(length);
        let read = (&mut self.stream).take(wanted).read_to_end(&mut body).await;
        if read.map_err(|e| self.broken(&e))? as u64 != wanted {
            return Err(Failure::new(FailureKind::Unreachable, self.doing.as_str(), "the connection ended"));
        }
        let ours = i16::from_be_bytes([s1, s2]) == self.next || op == said::ERROR;
        if !ours || flags & 0x01 != 0 {
            return Err(self.garbled("an answer to something that was not asked"));
        }
        let mut reader = Reader(&body);
        let warnings = preamble(&mut reader, flags).ok_or_else(|| self.garbled("a broken answer"))?;
        let at = body.len() - reader.0.len();
        Ok(Answer { op, warnings, body, at })
    }

    /// Ends the connection.
    pub async fn close(&mut self) {
        // Nothing is left to do about a connection that cannot be closed.
        let _ = self.stream.shutdown().await;
    }
}

/// Passes what flags announce before the body: a tracing id, warnings, a payload.
fn preamble(reader: &mut Reader<'_>, flags: u8) -> Option<Vec<String>> {
    let mut warnings = Vec::new();
    if flags & 0x02 != 0 {
        reader.bytes(16)?;
    }
    if flags & 0x08 != 0 {
        for _ in 0..reader.short()? {
            warnings.push(reader.string()?);
        }
    }
    if flags & 0x04 != 0 {
        for _ in 0..reader.short()? {
            reader.string()?;
            reader.value()?;
        }
    }
    Some(warnings)
}

/// Reads a body; `None` is a body that ends too early.
#[derive(Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    /// An array of the next bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// Two bytes.
    pub fn short(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes.
    pub fn int(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    /// A short text.
    pub fn string(&mut self) -> Option<String> {
        let length = self.short()?;
        self.bytes(length.into()).map(|b| String::from_utf8_lossy(b).into_owned())
    }

    /// Short bytes.
    pub fn short_bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.short()?;
        self.bytes(length.into())
    }

    /// A value: `Some(None)` is null.
    pub fn value(&mut self) -> Option<Option<&'a [u8]>> {
        match usize::try_from(self.int()?) {
            Ok(length) => self.bytes(length).map(Some),
            Err(_) => Some(None),
        }
    }

    /// A type.
    pub fn kind(&mut self, depth: usize) -> Option<Kind> {
        if depth > MOST_NESTED {
            return None;
        }
        Some(match self.short()? {
            0x00 => Kind::custom(&self.string()?),
            0x20 => Kind::List(Box::new(self.kind(depth + 1)?)),
            0x21 => Kind::Map(Box::new(self.kind(depth + 1)?), Box::new(self.kind(depth + 1)?)),
            0x22 => Kind::Set(Box::new(self.kind(depth + 1)?)),
            0x30 => {
                let (_keyspace, name) = (self.string()?, self.string()?);
                let mut fields = Vec::new();
                for _ in 0..self.short()? {
                    fields.push((self.string()?, self.kind(depth + 1)?));
                }
                Kind::User(name, fields)
            }
            0x31 => {
                let mut parts = Vec::new();
                for _ in 0..self.short()? {
                    parts.push(self.kind(depth + 1)?);
                }
                Kind::Tuple(parts)
            }
            id => Kind::native(id),
        })
    }

    /// Columns of a result or of parameters: whether they share keyspace and table is in `flags`.
    pub fn columns(&mut self, flags: i32, count: i32) -> Option<Vec<(String, Kind)>> {
        if !(0..=MOST_COLUMNS).contains(&count) {
            return None;
        }
        let shared = flags & 0x01 != 0;
        if shared && count > 0 {
            self.string()?;
            self.string()?;
        }
        let mut columns = Vec::new();
        for _ in 0..count {
            if !shared {
                self.string()?;
                self.string()?;
            }
            columns.push((self.string()?, self.kind(0)?));
        }
        Some(columns)
    }
}

/// What precedes rows: the columns, when they are told, and where the next page begins.
pub struct Heading {
    /// Columns; `None` when the server leaves them out.
    pub columns: Option<Vec<(String, Kind)>>,
    /// How many columns a row has.
    pub count: i32,
    /// The next page.
    pub next: Option<Vec<u8>>,
}

impl Heading {
    /// Reads one.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (flags, count) = (reader.int()?, reader.int()?);
        let next = if flags & 0x02 != 0 { reader.value()?.map(<[u8]>::to_vec) } else { None };
        let told = flags & 0x04 == 0;
        // A shared keyspace and table come even where no column does.
        let columns = if told { Some(reader.columns(flags, count)?) } else { None };
        Some(Self { columns, count, next })
    }
}

/// A prepared statement, as the server has read it.
pub struct Prepared {
    /// Its id.
    pub id: Vec<u8>,
    /// How many parameters it wants.
    pub parameters: i32,
    /// The columns it gives: none for what is no read.
    pub columns: Vec<(String, Kind)>,
}

impl Prepared {
    /// Reads one, after its kind.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let id = reader.short_bytes()?.to_vec();
        let (flags, parameters, keys) = (reader.int()?, reader.int()?, reader.int()?);
        if !(0..=MOST_COLUMNS).contains(&keys) {
            return None;
        }
        for _ in 0..keys {
            reader.short()?;
        }
        reader.columns(flags, parameters)?;
        let heading = Heading::read(reader)?;
        Some(Self { id, parameters, columns: heading.columns.unwrap_or_default() })
    }
}
