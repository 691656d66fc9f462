//! What a statement says, as a tree: BSON's types, in the order they were written.

use crate::query::dialect::Span;
use std::fmt::Write;

/// A value of BSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A 32-bit number.
    Int32(i32),
    /// A 64-bit number.
    Int64(i64),
    /// A floating number.
    Double(f64),
    /// A decimal number, in the digits it was written in.
    Decimal(String),
    /// A string.
    Text(String),
    /// An object id.
    Id([u8; 12]),
    /// A point in time: milliseconds since the Unix epoch.
    Date(i64),
    /// The time of sending and so many milliseconds after it (before it, when negative).
    Present(i64),
    /// Bytes of this subtype; subtype 4 is a UUID.
    Binary(u8, Vec<u8>),
    /// A regular expression and its options, in the order of the alphabet.
    Regex(String, String),
    /// An internal time stamp: seconds and increment.
    Timestamp(u32, u32),
    /// Less than everything.
    MinKey,
    /// More than everything.
    MaxKey,
    /// A list.
    Array(Vec<Self>),
    /// A document.
    Document(Document),
}

/// Keys and values in their order; no key twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document(pub Vec<Entry>);

/// A key, where it stands, and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, unquoted.
    pub key: String,
    /// Where it stands in the statement.
    pub at: Span,
    /// The value.
    pub value: Value,
}

impl Document {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// Sets `key`, in its place when it is there, else at the end.
    pub fn set(&mut self, key: &str, at: Span, value: Value) {
        match self.0.iter_mut().find(|e| e.key == key) {
            Some(entry) => *entry = Entry { key: key.to_owned(), at, value },
            None => self.0.push(Entry { key: key.to_owned(), at, value }),
        }
    }
}

/// Which database a command goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The one that is in use.
    Own,
    /// This one.
    Named(String),
}

/// What of the reply are the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The documents of its cursor.
    Cursor,
    /// The number `n` in its cursor's only document; none there is 0.
    Counted,
    /// The values of the list in this field.
    Values(&'static str),
    /// The documents of the list in this field.
    Documents(&'static str),
    /// The value of this field alone.
    Field(&'static str),
    /// The sum of these fields, under this name.
    Sum(&'static str, &'static [&'static str]),
    /// The reply itself.
    Reply,
}

/// A command as it will be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Where to.
    pub scope: Scope,
    /// The document: its first key is the command's name.
    pub body: Document,
    /// How its reply is read.
    pub shape: Shape,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// `use NAME`: the database from now on.
    Use(String),
    /// A command.
    Run(Command),
}

/// The command in JSON, typed so that nothing is left to a reader's choice (canonical extended
/// JSON, version 2). This is what the guard judged, whatever was typed.
pub fn canonical(body: &Document) -> String {
    let mut out = String::new();
    push_document(&mut out, body);
    out
}

fn push_document(out: &mut String, document: &Document) {
    out.push('{');
    for (n, entry) in document.0.iter().enumerate() {
        out.push_str(if n > 0 { ", " } else { "" });
        push_text(out, &entry.key);
        out.push_str(": ");
        push(out, &entry.value);
    }
    out.push('}');
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn push(out: &mut String, value: &Value) {
    let wrapped = |out: &mut String, key: &str, text: &str| {
        let _ = write!(out, "{{\"{key}\": ");
        push_text(out, text);
        out.push('}');
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int32(n) => wrapped(out, "$numberInt", &n.to_string()),
        Value::Int64(n) => wrapped(out, "$numberLong", &n.to_string()),
        Value::Double(n) => wrapped(out, "$numberDouble", &double(*n)),
        Value::Decimal(text) => wrapped(out, "$numberDecimal", text),
        Value::Text(text) => push_text(out, text),
        Value::Id(bytes) => wrapped(out, "$oid", &hex(bytes)),
        Value::Date(ms) => {
            let _ = write!(out, "{{\"$date\": {{\"$numberLong\": \"{ms}\"}}}}");
        }
        Value::Present(ms) => {
            // Extended JSON has no word for it: as the shell's users write it.
            let sign = if *ms < 0 { '-' } else { '+' };
            let _ = write!(out, "new Date(Date.now() {sign} {})", ms.unsigned_abs());
        }
        Value::Binary(subtype, bytes) => {
            let _ = write!(
                out,
                "{{\"$binary\": {{\"base64\": \"{}\", \"subType\": \"{subtype:02x}\"}}}}",
                base64(bytes)
            );
        }
        Value::Regex(pattern, options) => {
            out.push_str("{\"$regularExpression\": {\"pattern\": ");
            push_text(out, pattern);
            out.push_str(", \"options\": ");
            push_text(out, options);
            out.push_str("}}");
        }
        Value::Timestamp(time, increment) => {
            let _ = write!(out, "{{\"$timestamp\": {{\"t\": {time}, \"i\": {increment}}}}}");
        }
        Value::MinKey => out.push_str("{\"$minKey\": 1}"),
        Value::MaxKey => out.push_str("{\"$maxKey\": 1}"),
        Value::Array(all) => {
            out.push('[');
            for (n, value) in all.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                push(out, value);
            }
            out.push(']');
        }
        Value::Document(document) => push_document(out, document),
    }
}

/// A floating number in the words of extended JSON: the shortest digits that read back the same.
pub fn double(n: f64) -> String {
    if n.is_nan() {
        return "NaN".to_owned();
    }
    if n.is_infinite() {
        return if n > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    format!("{n:?}")
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// The bytes of `text` in hex.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|d| d.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d)).collect())
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes in base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |g, b| g << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let letter = LETTERS.get((group >> (18 - 6 * n) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if n <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// The bytes of base64 text; padding may be missing.
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    let letters = text.trim_end_matches('=');
    if text.len() - letters.len() > 2 || letters.len() % 4 == 1 {
        return None;
    }
    let (mut out, mut group, mut bits) = (Vec::with_capacity(letters.len() * 3 / 4), 0_u32, 0);
    for letter in letters.bytes() {
        let six = LETTERS.iter().position(|l| *l == letter)?;
        group = group << 6 | u32::try_from(six).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(group >> bits & 255).ok()?);
        }
    }
    Some(out)
}
