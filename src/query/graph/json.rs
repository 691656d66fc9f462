//! JSON as a server wrote it: numbers keep their digits, objects their order, and a long list is
//! read one element at a time from the bytes of the answer.

use super::garbled;
use crate::model::Failure;
use std::borrow::Cow;
use std::fmt::Write as _;

/// How deep values may nest: a server must not be able to exhaust the stack.
const DEEPEST: usize = 256;

/// A JSON value, borrowed from the text it stands in.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number's own digits; also `NaN` and the infinities, which some servers write.
    Number(&'a str),
    /// A string, unescaped.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object, in its order.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The field of an object.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        match self {
            Self::Object(fields) => fields.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads JSON from left to right.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// At the start of `text`.
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The rest of the text, from the next token on.
    pub fn rest(&mut self) -> &'a str {
        self.blank();
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The first byte of the next token.
    pub fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over `byte` when it is next.
    pub fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// The next key of the object that was entered; `None` at its end. `first` is true before
    /// the first key and is set false here.
    ///
    /// # Errors
    /// What stands there is no object.
    pub fn key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, Failure> {
        if self.take(b'}') {
            return Ok(None);
        }
        if !std::mem::take(first) {
            self.expect(b',')?;
        }
        let key = self.string()?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Whether the list that was entered has another element. `first` as for [`Self::key`].
    ///
    /// # Errors
    /// What stands there is no list.
    pub fn element(&mut self, first: &mut bool) -> Result<bool, Failure> {
        if self.take(b']') {
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// Steps over `byte`.
    ///
    /// # Errors
    /// Something else is next.
    pub fn expect(&mut self, byte: u8) -> Result<(), Failure> {
        if self.take(byte) { Ok(()) } else { Err(self.broken(&format!("no {}", char::from(byte)))) }
    }

    /// The next value.
    ///
    /// # Errors
    /// It is no JSON, or nests too deep.
    pub fn value(&mut self) -> Result<Json<'a>, Failure> {
        self.value_at(0)
    }

    fn value_at(&mut self, depth: usize) -> Result<Json<'a>, Failure> {
        if depth > DEEPEST {
            return Err(self.broken("nested too deep"));
        }
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                let (mut fields, mut first) = (Vec::new(), true);
                while let Some(key) = self.key(&mut first)? {
                    fields.push((key, self.value_at(depth + 1)?));
                }
                Ok(Json::Object(fields))
            }
            Some(b'[') => {
                self.at += 1;
                let (mut items, mut first) = (Vec::new(), true);
                while self.element(&mut first)? {
                    items.push(self.value_at(depth + 1)?);
                }
                Ok(Json::List(items))
            }
            Some(b'"') => self.string().map(Json::Text),
            _ => self.word(),
        }
    }

    /// Steps over the next value without keeping it.
    ///
    /// # Errors
    /// The text ends inside it.
    pub fn skip(&mut self) -> Result<(), Failure> {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Some(b'{' | b'[') => {
                    open += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') if open > 0 => {
                    open -= 1;
                    self.at += 1;
                }
                Some(b',' | b':') if open > 0 => {
                    self.at += 1;
                    continue;
                }
                Some(b'"') => drop(self.string()?),
                Some(_) => drop(self.word()?),
                None => return Err(self.broken("it ends too early")),
            }
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// The next string.
    ///
    /// # Errors
    /// None is next, or it does not end.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Failure> {
        self.expect(b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut plain = true;
        loop {
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    self.at += 2;
                }
                Some(_) => self.at += 1,
                None => return Err(self.broken("a string without an end")),
            }
        }
        let inner = self.text.get(start..self.at).ok_or_else(|| self.broken("a broken string"))?;
        self.at += 1;
        if plain { Ok(Cow::Borrowed(inner)) } else { self.unescape(inner).map(Cow::Owned) }
    }

    fn unescape(&self, inner: &str) -> Result<String, Failure> {
        let mut out = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some((before, after)) = rest.split_once('\\') {
            out.push_str(before);
            let mut chars = after.chars();
            match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('b') => out.push('\u{8}'),
                Some('f') => out.push('\u{c}'),
                Some(c @ ('"' | '\\' | '/')) => out.push(c),
                Some('u') => {
                    rest = unit(chars.as_str(), &mut out).ok_or_else(|| self.broken("a broken escape"))?;
                    continue;
                }
                _ => return Err(self.broken("an unknown escape")),
            }
            rest = chars.as_str();
        }
        out.push_str(rest);
        Ok(out)
    }

    /// A number or one of JSON's words.
    fn word(&mut self) -> Result<Json<'a>, Failure> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let value = match word {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "NaN" | "Infinity" | "-Infinity" => Json::Number(word),
            number if is_number(number) => Json::Number(number),
            _ => return Err(self.broken("no value")),
        };
        self.at += end;
        Ok(value)
    }

    fn blank(&mut self) {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn broken(&self, why: &str) -> Failure {
        garbled(format!("it is no JSON at byte {}: {why}", self.at))
    }
}

/// One `\u` escape, or two that are one character, from after the first `u`; what follows it.
fn unit<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    let hex = |t: &str| u32::from_str_radix(t.get(..4)?, 16).ok();
    let (code, rest) = (hex(text)?, text.get(4..)?);
    if (0xd800..0xdc00).contains(&code)
        && let Some(second) = rest.strip_prefix("\\u")
        && let Some(low) = hex(second).filter(|low| (0xdc00..0xe000).contains(low))
    {
        out.push(char::from_u32(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00))?);
        return second.get(4..);
    }
    // Half of a pair stands for nothing: it is shown as what cannot be read.
    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
    Some(rest)
}

/// Whether `text` is a number as JSON has them.
pub fn is_number(text: &str) -> bool {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// Appends `text` as a JSON string.
pub fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 0x20 => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Appends a number's digits; what JSON has no number for becomes a word.
pub fn push_number(out: &mut String, digits: &str) {
    if is_number(digits) { out.push_str(digits) } else { push_text(out, digits) }
}

/// Appends a list, each element by `push`.
pub fn push_list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut push: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push(out, item);
    }
    out.push(']');
}

/// Appends an object, each value by `push`.
pub fn push_object<'k, T>(
    out: &mut String,
    fields: impl IntoIterator<Item = (&'k str, T)>,
    mut push: impl FnMut(&mut String, T),
) {
    out.push('{');
    for (i, (key, value)) in fields.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_text(out, key);
        out.push(':');
        push(out, value);
    }
    out.push('}');
}
