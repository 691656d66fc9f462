//! What a cache answers, in RESP 2 or 3.

use std::io::Write;

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// A status.
    Status(&'static str),
    /// An error.
    Error(String),
    /// A string.
    Text(Vec<u8>),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Double(f64),
    /// Nothing.
    Nil,
    /// A list.
    List(Vec<Said>),
    /// Keys and values.
    Map(Vec<(Said, Said)>),
}

impl Said {
    /// A string.
    pub fn text(text: impl AsRef<[u8]>) -> Self {
        Self::Text(text.as_ref().to_vec())
    }

    /// Appends it as the protocol has it. Writing to a vector cannot fail.
    pub fn push(&self, out: &mut Vec<u8>, resp3: bool) {
        let _ = match self {
            Self::Status(word) => write!(out, "+{word}\r\n"),
            Self::Error(words) => write!(out, "-{words}\r\n"),
            Self::Int(n) => write!(out, ":{n}\r\n"),
            Self::Double(n) if resp3 => write!(out, ",{n}\r\n"),
            Self::Double(n) => return Self::text(n.to_string()).push(out, resp3),
            Self::Nil if resp3 => write!(out, "_\r\n"),
            Self::Nil => write!(out, "$-1\r\n"),
            Self::Text(text) => {
                let _ = write!(out, "${}\r\n", text.len());
                out.extend_from_slice(text);
                write!(out, "\r\n")
            }
            Self::List(all) => {
                let _ = write!(out, "*{}\r\n", all.len());
                all.iter().for_each(|s| s.push(out, resp3));
                Ok(())
            }
            Self::Map(pairs) => {
                let _ = if resp3 {
                    write!(out, "%{}\r\n", pairs.len())
                } else {
                    write!(out, "*{}\r\n", 2 * pairs.len())
                };
                for (key, value) in pairs {
                    key.push(out, resp3);
                    value.push(out, resp3);
                }
                Ok(())
            }
        };
    }
}
