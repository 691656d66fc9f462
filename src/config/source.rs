//! TOML text with positions: every complaint about a file names the file and the line.

use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The largest file read, in bytes: no hand-written theme or keymap comes near it.
pub const LARGEST: usize = 1 << 20;

/// Something wrong in a file, with the place where it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The file as the person knows it; `built-in …` for an embedded one.
    pub file: String,
    /// Line, from 1; `None` when it is about the whole file.
    pub line: Option<usize>,
    /// What is wrong, in one sentence.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

/// A file's text under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name shown in complaints.
    pub name: String,
    /// The text.
    pub text: String,
    /// A shipped keymap's bindings, as the build has read them out of its file: starting reads no TOML for them.
    pub(super) bindings: Option<&'static str>,
    /// Where its lines end: a keymap's every binding asks for its line.
    ends: Vec<usize>,
}

impl Source {
    /// The text `text` of the file `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Self { name: name.into(), text, bindings: None, ends }
    }

    /// A shipped keymap of which the build has read the bindings.
    pub(super) fn shipped(name: impl Into<String>, bindings: &'static str) -> Self {
        Self { name: name.into(), text: String::new(), bindings: Some(bindings), ends: Vec::new() }
    }

    /// A complaint about the bytes `span`.
    pub fn complain(&self, span: Range<usize>, what: impl Into<String>) -> Complaint {
        let line = self.ends.partition_point(|end| *end < span.start) + 1;
        Complaint { file: self.name.clone(), line: Some(line), what: what.into() }
    }

    /// A complaint about the whole file.
    pub fn complain_whole(&self, what: impl Into<String>) -> Complaint {
        Complaint { file: self.name.clone(), line: None, what: what.into() }
    }

    /// The file as a table with positions.
    ///
    /// # Errors
    /// When it is too large or not TOML (a key given twice is not TOML either).
    pub fn table(&self) -> Result<Spanned<DeTable<'_>>, Complaint> {
        if self.text.len() > LARGEST {
            return Err(self.complain_whole(format!("larger than {LARGEST} bytes")));
        }
        DeTable::parse(&self.text)
            .map_err(|e| self.complain(e.span().unwrap_or(0..0), e.message().replace('\n', " ")))
    }

    /// The text of a value that must be a string.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text_of<'v>(&self, key: &str, value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, Complaint> {
        value.get_ref().as_str().ok_or_else(|| self.wrong(key, value, "a text"))
    }

    /// The value of a yes-or-no key.
    ///
    /// # Errors
    /// When it is something else.
    pub fn flag_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<bool, Complaint> {
        value.get_ref().as_bool().ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// The value of a key that takes a whole number that is not negative.
    ///
    /// # Errors
    /// When it is something else.
    pub fn count_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<u64, Complaint> {
        value
            .get_ref()
            .as_integer()
            .and_then(|i| u64::from_str_radix(i.as_str(), i.radix()).ok())
            .ok_or_else(|| self.wrong(key, value, "a whole number"))
    }

    /// The values of a key that takes one text or a list of texts.
    ///
    /// # Errors
    /// When it is something else.
    pub fn texts_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, Complaint> {
        match value.get_ref() {
            DeValue::String(one) => Ok(vec![one.to_string()]),
            DeValue::Array(many) => {
                many.iter().map(|v| self.text_of(key, v).map(ToOwned::to_owned)).collect()
            }
            _ => Err(self.wrong(key, value, "a text or a list of texts")),
        }
    }

    /// The complaint that `key` holds something other than `wanted`.
    pub fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Complaint {
        let is = value.get_ref().type_str();
        self.complain(value.span(), format!("`{key}` wants {wanted}, not a value of type {is}"))
    }
}

/// A value made from files, with what the person should know about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<T> {
    /// The value.
    pub value: T,
    /// Warnings: what is allowed but will not do what it seems to.
    pub warnings: Vec<Complaint>,
}
