//! Result rows: columns, values, limits.

use super::SafeText;

/// What a value is, so that it is aligned, coloured and exported right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Tag {
    /// SQL NULL or a JSON null.
    Null = 0,
    /// The row has no such attribute (DynamoDB items differ in shape).
    Absent = 1,
    /// Words.
    Text = 2,
    /// A number in the server's own digits.
    Number = 3,
    /// `true` or `false`.
    Bool = 4,
    /// JSON text: objects and lists.
    Json = 5,
    /// Binary, as lower-case hex.
    Bytes = 6,
    /// A date or time in the server's own form.
    Time = 7,
}

impl Tag {
    /// The tag stored as `byte`; unknown bytes are `Text`.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Null,
            1 => Self::Absent,
            3 => Self::Number,
            4 => Self::Bool,
            5 => Self::Json,
            6 => Self::Bytes,
            7 => Self::Time,
            _ => Self::Text,
        }
    }
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, sanitised.
    pub name: SafeText,
    /// The server's name for the type, as in `int4`; empty when it has none.
    pub type_name: SafeText,
    /// What most of its values are.
    pub tag: Tag,
}

/// One value, borrowed from the row store: its kind and its raw bytes (UTF-8 unless the
/// server lied). Sanitise before drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Kind.
    pub tag: Tag,
    /// The server's text, raw.
    pub raw: &'a [u8],
}

/// How much of a result to take. Reaching one is told, never silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most rows to take; the engine asks for one more to know that it cut.
    pub rows: u64,
    /// Most bytes of values to take.
    pub bytes: u64,
    /// Rows to ask the server for at a time.
    pub fetch: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 10_000_000, bytes: 8 << 30, fetch: 1_000 }
    }
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Rows taken.
    pub rows: u64,
    /// Rows changed, for a statement that changes data.
    pub changed: Option<u64>,
    /// Whether a limit cut the result.
    pub truncated: bool,
    /// Milliseconds from sending to the last row.
    pub took_ms: u64,
    /// Further facts in words: consumed capacity, bytes scanned, the server's notices.
    pub notes: Vec<SafeText>,
}
