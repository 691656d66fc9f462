//! What MySQL's packets say: greetings, errors, ends, columns, rows.

use crate::model::{Column, Failure, FailureKind, SafeText, Tag};

/// Set in a status when a transaction is open.
pub const IN_TRANSACTION: u16 = 0x0001;
/// Set in a status when another result follows.
pub const MORE_RESULTS: u16 = 0x0008;
/// Set in a status when the open transaction is read-only.
pub const READ_ONLY: u16 = 0x2000;
/// The character set that means: not text.
const BINARY: u16 = 63;

/// Reads a packet front to back; every step fails on a packet that ends early.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `N` bytes.
    pub fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*chunk)
    }

    /// The next `len` bytes.
    pub fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Bytes up to a zero.
    pub fn cstr(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|b| *b == 0)?;
        let text = self.bytes(end)?;
        self.bytes(1)?;
        Some(text)
    }

    /// A little-endian number of 16 bits.
    pub fn u16(&mut self) -> Option<u16> {
        self.chunk().map(u16::from_le_bytes)
    }

    /// A length-encoded number.
    pub fn number(&mut self) -> Option<u64> {
        let [first] = self.chunk()?;
        match first {
            0xfc => self.u16().map(u64::from),
            0xfd => self.chunk().map(|[a, b, c]| u64::from(u32::from_le_bytes([a, b, c, 0]))),
            0xfe => self.chunk().map(u64::from_le_bytes),
            0xfb | 0xff => None,
            small => Some(small.into()),
        }
    }

    /// A length-encoded string.
    pub fn string(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number()?).ok()?;
        self.bytes(len)
    }

    /// A value of a text row: `None` inside for NULL.
    pub fn value(&mut self) -> Option<Option<&'a [u8]>> {
        if let Some((0xfb, rest)) = self.0.split_first() {
            self.0 = rest;
            return Some(None);
        }
        self.string().map(Some)
    }
}

/// The server's first packet.
#[derive(Clone, Debug, Default)]
pub struct Greeting {
    /// Connection id: what `KILL QUERY` names.
    pub id: u32,
    /// What the server can do.
    pub capabilities: u32,
    /// What the password is mixed with.
    pub nonce: Vec<u8>,
    /// How it wants to be logged in to.
    pub plugin: Vec<u8>,
    /// Whether it is MariaDB.
    pub mariadb: bool,
}

impl Greeting {
    /// Reads a greeting of protocol version 10.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut r = Reader(body);
        if r.chunk()? != [10] {
            return None;
        }
        let mariadb = String::from_utf8_lossy(r.cstr()?).contains("MariaDB");
        let id = u32::from_le_bytes(r.chunk()?);
        let mut nonce = r.bytes(8)?.to_vec();
        let [_, a, b, _, _, _, c, d, len] = r.chunk()?;
        r.bytes(10)?;
        let rest = r.bytes(usize::from(len).saturating_sub(8).max(13).min(r.0.len()))?;
        nonce.extend_from_slice(rest.strip_suffix(&[0]).unwrap_or(rest));
        // Old servers send no final zero.
        let plugin = r.cstr().unwrap_or(r.0).to_vec();
        Some(Self { id, capabilities: u32::from_le_bytes([a, b, c, d]), nonce, plugin, mariadb })
    }
}

/// An error of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// MySQL's number.
    pub code: u16,
    /// SQLSTATE, when given.
    pub state: String,
    /// What.
    pub message: String,
}

impl ServerError {
    /// Reads an error packet, first byte included.
    pub fn parse(body: &[u8]) -> Self {
        let mut r = Reader(body);
        let code = r.bytes(1).and_then(|_| r.u16()).unwrap_or_default();
        let state = match r.0.split_first() {
            Some((b'#', _)) => r.bytes(6).and_then(|s| s.get(1..)).unwrap_or_default(),
            _ => b"",
        };
        Self {
            code,
            state: String::from_utf8_lossy(state).into_owned(),
            message: String::from_utf8_lossy(r.0).into_owned(),
        }
    }

    /// Whether the statement was stopped by a `KILL QUERY`.
    pub const fn is_interrupted(&self) -> bool {
        self.code == 1317
    }

    /// The failure this is, met while `doing`.
    pub fn failure(&self, doing: &str) -> Failure {
        let kind = match self.code {
            1045 | 1698 | 1862 | 1820 => FailureKind::Login,
            1044 | 1142 | 1143 | 1227 | 1370 => FailureKind::Denied,
            1049 => FailureKind::NotFound,
            1317 => FailureKind::Cancelled,
            1040 | 1053 | 1129 | 1130 | 1203 => FailureKind::Unreachable,
            _ => FailureKind::Rejected,
        };
        let state = if self.state.is_empty() { String::new() } else { format!(" ({})", self.state) };
        let failure = Failure::new(kind, doing, format!("ERROR {}{state}: {}", self.code, self.message));
        match self.code {
            1792 => failure.hint("the session is read-only: the server refused the change"),
            1040 | 1203 => failure.hint("the server takes no more connections: RDS Proxy or a reader may"),
            1049 => failure.hint("name an existing database: SERVICE:ID/DATABASE"),
            _ => failure,
        }
    }
}

/// The end of a result or of a statement without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Rows changed.
    pub affected: u64,
    /// Status flags.
    pub status: u16,
    /// Warnings.
    pub warnings: u16,
}

impl End {
    /// Reads an OK packet, first byte included.
    pub fn ok(body: &[u8]) -> Option<Self> {
        let mut r = Reader(body);
        r.bytes(1)?;
        let affected = r.number()?;
        r.number()?;
        Some(Self { affected, status: r.u16()?, warnings: r.u16()? })
    }

    /// Reads an EOF packet, first byte included.
    pub fn eof(body: &[u8]) -> Option<Self> {
        let mut r = Reader(body);
        r.bytes(1)?;
        let warnings = r.u16()?;
        Some(Self { affected: 0, status: r.u16()?, warnings })
    }
}

/// Reads a column definition; `None` when it does not hold what it says.
pub fn column(body: &[u8]) -> Option<Column> {
    let mut r = Reader(body);
    for _ in 0..4 {
        r.string()?;
    }
    let name = r.string()?;
    r.string()?;
    r.number()?;
    let charset = r.u16()?;
    let [_, _, _, _, kind] = r.chunk()?;
    let flags = r.u16()?;
    let (type_name, tag) = kind_of(kind, charset == BINARY, flags & 0x20 != 0);
    Some(Column { name: SafeText::from_bytes(name), type_name: type_name.into(), tag })
}

/// The name of a column type and what its values are.
const fn kind_of(kind: u8, binary: bool, unsigned: bool) -> (&'static str, Tag) {
    match kind {
        0 | 246 => ("decimal", Tag::Number),
        1 if unsigned => ("tinyint unsigned", Tag::Number),
        1 => ("tinyint", Tag::Number),
        2 if unsigned => ("smallint unsigned", Tag::Number),
        2 => ("smallint", Tag::Number),
        3 if unsigned => ("int unsigned", Tag::Number),
        3 => ("int", Tag::Number),
        4 => ("float", Tag::Number),
        5 => ("double", Tag::Number),
        6 => ("null", Tag::Text),
        7 => ("timestamp", Tag::Time),
        8 if unsigned => ("bigint unsigned", Tag::Number),
        8 => ("bigint", Tag::Number),
        9 => ("mediumint", Tag::Number),
        10 | 14 => ("date", Tag::Time),
        11 => ("time", Tag::Time),
        12 => ("datetime", Tag::Time),
        13 => ("year", Tag::Number),
        16 => ("bit", Tag::Bytes),
        245 => ("json", Tag::Json),
        247 => ("enum", Tag::Text),
        248 => ("set", Tag::Text),
        249..=252 if binary => ("blob", Tag::Bytes),
        249..=252 => ("text", Tag::Text),
        15 | 253 if binary => ("varbinary", Tag::Bytes),
        15 | 253 => ("varchar", Tag::Text),
        254 if binary => ("binary", Tag::Bytes),
        254 => ("char", Tag::Text),
        255 => ("geometry", Tag::Bytes),
        _ => ("", Tag::Text),
    }
}

/// Appends `raw` as lower-case hex.
pub fn push_hex(out: &mut Vec<u8>, raw: &[u8]) {
    for byte in raw {
        for nibble in [byte >> 4, byte & 15] {
            out.push(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_their_class() {
        let error =
            ServerError::parse(b"\xff\x18\x07#25006Cannot execute statement in a READ ONLY transaction");
        assert_eq!((error.code, error.state.as_str()), (1816, "25006"));
        let denied = ServerError::parse(b"\xff\x15\x04#28000Access denied").failure("log in");
        assert_eq!(denied.kind, FailureKind::Login);
    }

    #[test]
    fn packets_that_end_early_are_not_read() {
        assert!(Greeting::parse(b"\x0a8.0\0abc").is_none());
        assert!(column(b"\x03def\x00").is_none());
        assert!(End::ok(b"\x00\xfe").is_none());
        assert_eq!(Reader(b"\xfe\xff\xff\xff\xff\xff\xff\xff\xffx").string(), None);
        assert_eq!(Reader(b"\xfb").value(), Some(None));
    }

    #[test]
    fn hex_is_lower_case() {
        let mut out = Vec::new();
        push_hex(&mut out, &[0, 0xab, 0x0f]);
        assert_eq!(out, b"00ab0f");
    }
}
