//! RESP 2 and 3 on a stream: what is sent is always an array of arguments with their lengths, and what
//! a server says is bounded before it is believed.
//! Source: the Redis serialization protocol specification, RESP3.

use crate::model::{Failure, FailureKind};
use crate::query::engines::Stream;
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Most bytes of one reply, nested ones included: 256 MiB.
const LARGEST: usize = 256 << 20;
/// Deepest nesting of a reply.
const DEEPEST: usize = 32;
/// Longest line: a number, a status, an error.
const LONGEST_LINE: usize = 64 << 10;
/// What an element costs beside its bytes, for the bound.
const ELEMENT: usize = 48;

/// A reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A status (`+OK`) or a string.
    Text(Vec<u8>),
    /// An error, with its code in front.
    Error(String),
    /// A whole number.
    Int(i64),
    /// A number in the server's own digits: double or big.
    Number(String),
    /// True or false.
    Bool(bool),
    /// Nothing.
    Nil,
    /// A list or a set.
    List(Vec<Reply>),
    /// Keys and values, in the server's order.
    Map(Vec<(Reply, Reply)>),
}

impl Reply {
    /// Its text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(bytes) => std::str::from_utf8(bytes).ok(),
            Self::Number(digits) => Some(digits),
            _ => None,
        }
    }

    /// Its elements, when it is a list.
    pub fn list(&self) -> &[Self] {
        match self {
            Self::List(all) => all,
            _ => &[],
        }
    }

    /// The value of a key, in a map or in a flat list of pairs as RESP 2 has them.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(k, _)| k.text() == Some(key)).map(|(_, v)| v),
            Self::List(flat) => flat
                .chunks_exact(2)
                .find(|p| p.first().and_then(Self::text) == Some(key))
                .and_then(|p| p.get(1)),
            _ => None,
        }
    }
}

/// An aggregate that is being filled.
struct Open {
    kind: u8,
    left: usize,
    items: Vec<Reply>,
}

/// One connection's both ends.
pub struct Wire {
    stream: Box<dyn Stream>,
    buffer: BytesMut,
    doing: String,
}

impl Wire {
    /// Over `stream`; `doing` names what for, in failures.
    pub fn new(stream: Box<dyn Stream>, doing: String) -> Self {
        Self { stream, buffer: BytesMut::with_capacity(8 << 10), doing }
    }

    /// Sends a command and takes its reply.
    ///
    /// # Errors
    /// The connection broke, or what came is no RESP or too much of it.
    pub async fn ask<A: AsRef<[u8]>>(&mut self, args: &[A]) -> Result<Reply, Failure> {
        let mut out = Vec::new();
        push(&mut out, args);
        self.send(&out).await?;
        self.reply().await
    }

    /// Sends commands that [`push`] wrote.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send(&mut self, commands: &[u8]) -> Result<(), Failure> {
        let sent = async {
            self.stream.write_all(commands).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|e: std::io::Error| self.broken(&e.to_string()))
    }

    /// The next reply. What the server pushes on its own is passed over.
    ///
    /// # Errors
    /// As [`Wire::ask`].
    pub async fn reply(&mut self) -> Result<Reply, Failure> {
        loop {
            let (pushed, reply) = self.value().await?;
            if !pushed {
                return Ok(reply);
            }
        }
    }

    /// One value, and whether the server pushed it. No recursion: depth costs no stack.
    async fn value(&mut self) -> Result<(bool, Reply), Failure> {
        let (mut open, mut taken, mut pushed): (Vec<Open>, usize, bool) = (Vec::new(), 0, false);
        loop {
            let line = self.line().await?;
            let (kind, rest) = line.split_first().ok_or_else(|| self.garbled("an empty line"))?;
            taken += ELEMENT + rest.len();
            let done = match kind {
                b'*' | b'~' | b'%' | b'>' | b'|' => {
                    let Some(count) = self.count(rest)? else {
                        match close(&mut open, Reply::Nil) {
                            Some(reply) => return Ok((pushed, reply)),
                            None => continue,
                        }
                    };
                    let pairs = matches!(kind, b'%' | b'|');
                    let left = if pairs { count.saturating_mul(2) } else { count };
                    pushed |= *kind == b'>' && open.is_empty();
                    if open.len() >= DEEPEST {
                        return Err(self.garbled("a reply nested deeper than 32 levels"));
                    }
                    if left > 0 {
                        open.push(Open { kind: *kind, left, items: Vec::new() });
                        None
                    } else if *kind == b'|' {
                        None
                    } else {
                        close(&mut open, finished(*kind, Vec::new()))
                    }
                }
                _ => {
                    let reply = self.plain(*kind, rest, &mut taken).await?;
                    close(&mut open, reply)
                }
            };
            if taken > LARGEST {
                return Err(self
                    .garbled("a reply of more than 256 MiB")
                    .hint("ask for a part: a range, or SCAN and its kin"));
            }
            if let Some(reply) = done {
                return Ok((pushed, reply));
            }
        }
    }

    /// A value that holds no others.
    async fn plain(&mut self, kind: u8, rest: &[u8], taken: &mut usize) -> Result<Reply, Failure> {
        let text = || String::from_utf8_lossy(rest).into_owned();
        Ok(match kind {
            b'+' => Reply::Text(rest.to_vec()),
            b'-' => Reply::Error(text()),
            b':' => Reply::Int(text().parse().map_err(|_| self.garbled("a number that is none"))?),
            b',' | b'(' => Reply::Number(text()),
            b'#' => Reply::Bool(rest == b"t"),
            b'_' => Reply::Nil,
            b'$' | b'=' | b'!' => {
                let Some(len) = self.count(rest)? else { return Ok(Reply::Nil) };
                *taken = taken.saturating_add(len);
                if *taken > LARGEST {
                    return Err(self.garbled("a reply of more than 256 MiB"));
                }
                let bytes = self.bytes(len).await?;
                match kind {
                    b'!' => Reply::Error(String::from_utf8_lossy(&bytes).into_owned()),
                    // Three letters of format and a colon stand in front.
                    b'=' => Reply::Text(bytes.get(4..).unwrap_or_default().to_vec()),
                    _ => Reply::Text(bytes),
                }
            }
            _ => return Err(self.garbled("this is not Redis")),
        })
    }

    /// A length; `None` for the -1 that means nothing.
    fn count(&self, digits: &[u8]) -> Result<Option<usize>, Failure> {
        if digits == b"-1" {
            return Ok(None);
        }
        let n = std::str::from_utf8(digits).ok().and_then(|d| d.parse::<usize>().ok());
        n.filter(|n| *n <= LARGEST).map(Some).ok_or_else(|| self.garbled("an absurd length"))
    }

    /// A line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, Failure> {
        let mut looked = 0;
        loop {
            let fresh = self.buffer.get(looked..).unwrap_or_default();
            if let Some(at) = fresh.iter().position(|b| *b == b'\n') {
                let mut line = self.buffer.split_to(looked + at + 1);
                line.truncate(line.len() - 1);
                if line.last() == Some(&b'\r') {
                    line.truncate(line.len() - 1);
                }
                return Ok(line.to_vec());
            }
            looked = self.buffer.len();
            if looked > LONGEST_LINE {
                return Err(self.garbled("a line without an end"));
            }
            self.fill().await?;
        }
    }

    /// So many bytes and the line end behind them.
    async fn bytes(&mut self, len: usize) -> Result<Vec<u8>, Failure> {
        while self.buffer.len() < len + 2 {
            self.fill().await?;
        }
        let bytes = self.buffer.split_to(len).to_vec();
        if !self.buffer.starts_with(b"\r\n") {
            return Err(self.garbled("a string that does not end where it said"));
        }
        self.buffer.advance(2);
        Ok(bytes)
    }

    async fn fill(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(self.broken("the server closed the connection")),
            Ok(_) => Ok(()),
            Err(e) => Err(self.broken(&e.to_string())),
        }
    }

    fn broken(&self, why: &str) -> Failure {
        Failure::new(FailureKind::Unreachable, self.doing.as_str(), why)
    }

    /// The failure of a server that makes no sense.
    pub fn garbled(&self, what: &str) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), format!("the server sent {what}"))
    }
}

/// Appends a command: an array of arguments with their lengths.
pub fn push<A: AsRef<[u8]>>(out: &mut Vec<u8>, args: &[A]) {
    out.extend_from_slice(format!("*{}\r\n", args.len()).as_bytes());
    for arg in args {
        let arg = arg.as_ref();
        out.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        out.extend_from_slice(arg);
        out.extend_from_slice(b"\r\n");
    }
}

/// Puts a finished value into the innermost aggregate; gives the whole when that finishes all.
fn close(open: &mut Vec<Open>, value: Reply) -> Option<Reply> {
    let mut value = value;
    loop {
        let Some(mut inner) = open.pop() else { return Some(value) };
        inner.items.push(value);
        inner.left -= 1;
        if inner.left > 0 {
            open.push(inner);
            return None;
        }
        // An attribute speaks about the value behind it, which takes its place.
        if inner.kind == b'|' {
            return None;
        }
        value = finished(inner.kind, inner.items);
    }
}

fn finished(kind: u8, items: Vec<Reply>) -> Reply {
    if kind != b'%' {
        return Reply::List(items);
    }
    let mut items = items.into_iter();
    let mut pairs = Vec::new();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        pairs.push((key, value));
    }
    Reply::Map(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Reply, Failure> {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        let bytes = bytes.to_vec();
        tokio::spawn(async move {
            // In small pieces: a value may begin and end anywhere.
            for piece in bytes.chunks(3) {
                if far.write_all(piece).await.is_err() {
                    return;
                }
            }
        });
        Wire::new(Box::new(near), "test".into()).reply().await
    }

    fn text(text: &str) -> Reply {
        Reply::Text(text.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn every_kind_of_value_is_read() {
        for (bytes, wanted) in [
            ("+OK\r\n", text("OK")),
            ("-ERR no\r\n", Reply::Error("ERR no".into())),
            (":-42\r\n", Reply::Int(-42)),
            ("$5\r\na\r\nbc\r\n", text("a\r\nbc")),
            ("$0\r\n\r\n", text("")),
            ("$-1\r\n", Reply::Nil),
            ("*-1\r\n", Reply::Nil),
            ("_\r\n", Reply::Nil),
            ("#t\r\n", Reply::Bool(true)),
            (",1.5\r\n", Reply::Number("1.5".into())),
            ("(12345678901234567890\r\n", Reply::Number("12345678901234567890".into())),
            ("=7\r\ntxt:abc\r\n", text("abc")),
            ("!6\r\nERR no\r\n", Reply::Error("ERR no".into())),
            ("*2\r\n:1\r\n*1\r\n:2\r\n", Reply::List(vec![Reply::Int(1), Reply::List(vec![Reply::Int(2)])])),
            ("*2\r\n*0\r\n%0\r\n", Reply::List(vec![Reply::List(vec![]), Reply::Map(vec![])])),
            ("*2\r\n*-1\r\n:1\r\n", Reply::List(vec![Reply::Nil, Reply::Int(1)])),
            ("~1\r\n+a\r\n", Reply::List(vec![text("a")])),
            ("%1\r\n+a\r\n*1\r\n:1\r\n", Reply::Map(vec![(text("a"), Reply::List(vec![Reply::Int(1)]))])),
            ("|1\r\n+ttl\r\n:3\r\n:7\r\n", Reply::Int(7)),
            (">2\r\n+invalidate\r\n*1\r\n+k\r\n+OK\r\n", text("OK")),
        ] {
            assert_eq!(read(bytes.as_bytes()).await, Ok(wanted), "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn a_server_that_lies_is_bounded() {
        let deep = "*1\r\n".repeat(100_000);
        let long = "+".repeat(200_000);
        for bytes in [
            "$2147483648\r\n",
            "$-2\r\n",
            "*99999999999\r\n",
            "HTTP/1.1 400\r\n",
            "\r\n",
            "$3\r\nabcdef\r\n",
            ":x\r\n",
            "$?\r\n",
            &deep,
            &long,
        ] {
            let failed = read(bytes.as_bytes()).await.expect_err("refused");
            assert_eq!(failed.kind, FailureKind::Garbled, "{:?}", bytes.get(..20));
        }
        assert_eq!(read(b"$5\r\nab").await.map_err(|f| f.kind), Err(FailureKind::Unreachable));
    }

    #[test]
    fn a_command_is_its_arguments_with_their_lengths() {
        let mut out = Vec::new();
        push(&mut out, &["GET", "a\r\nFLUSHALL"]);
        assert_eq!(out, b"*2\r\n$3\r\nGET\r\n$11\r\na\r\nFLUSHALL\r\n");
    }
}
