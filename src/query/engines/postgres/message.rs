//! What PostgreSQL's messages say: errors, row descriptions, rows.

use crate::model::{Failure, FailureKind};

/// An error or notice of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// `ERROR`, `FATAL`, `NOTICE` …
    pub severity: String,
    /// SQLSTATE.
    pub code: String,
    /// What.
    pub message: String,
    /// More.
    pub detail: String,
    /// The server's advice.
    pub hint: String,
    /// Character of the statement it is about, from 1.
    pub position: Option<usize>,
}

impl ServerError {
    /// Reads the fields of an error or notice; unknown ones are passed over.
    pub fn parse(mut body: &[u8]) -> Self {
        let mut error = Self::default();
        while let Some((&field, rest)) = body.split_first() {
            let Some((text, rest)) = cstr(rest).filter(|_| field != 0) else { break };
            let text = String::from_utf8_lossy(text).into_owned();
            match field {
                b'V' => error.severity = text,
                b'S' if error.severity.is_empty() => error.severity = text,
                b'C' => error.code = text,
                b'M' => error.message = text,
                b'D' => error.detail = text,
                b'H' => error.hint = text,
                b'P' => error.position = text.parse().ok(),
                _ => {}
            }
            body = rest;
        }
        error
    }

    /// The failure this is, met while `doing`; `statement` gives the position its line.
    pub fn failure(&self, doing: &str, statement: Option<&str>) -> Failure {
        let mut because = format!("{} {}: {}", self.severity, self.code, self.message);
        if let Some((line, column)) = self.position.and_then(|p| line_and_column(statement?, p)) {
            because.push_str(&format!(" (at {line}:{column})"));
        }
        if !self.detail.is_empty() {
            because.push_str(&format!("; {}", self.detail));
        }
        let kind = match self.code.as_str() {
            "57014" => FailureKind::Cancelled,
            "57P01" | "57P02" | "57P03" | "57P05" | "53300" | "53400" => FailureKind::Unreachable,
            "3D000" => FailureKind::NotFound,
            "42501" => FailureKind::Denied,
            code if code.starts_with("28") => FailureKind::Login,
            code if code.starts_with("08") => FailureKind::Garbled,
            _ => FailureKind::Rejected,
        };
        let failure = Failure::new(kind, doing, because);
        match self.code.as_str() {
            _ if !self.hint.is_empty() => failure.hint(&self.hint),
            "25006" => failure.hint("the session is read-only: the server refused the change"),
            // DSQL takes no locks: of two transactions that clash, the later one ends so.
            "40001" => failure.hint("another transaction changed the same rows first: run it again"),
            "57P03" | "57P01" => failure.hint("the server is starting, stopping or failing over: try again"),
            "53300" => failure.hint("the server takes no more connections: RDS Proxy or a reader may"),
            _ => failure,
        }
    }
}

/// Line and column, from 1, of character `position` (from 1) of `text`.
fn line_and_column(text: &str, position: usize) -> Option<(usize, usize)> {
    let before = text.chars().take(position.checked_sub(1)?);
    Some(before.fold((1, 1), |(line, column), c| if c == '\n' { (line + 1, 1) } else { (line, column + 1) }))
}

/// A column as the server describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Name, raw.
    pub name: Vec<u8>,
    /// OID of its type.
    pub oid: u32,
}

/// Reads a row description; `None` when it does not hold what it says.
pub fn description(body: &[u8]) -> Option<Vec<Described>> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let count = u16::from_be_bytes(*count);
    let mut columns = Vec::with_capacity(usize::from(count).min(1_664));
    for _ in 0..count {
        let (name, after) = cstr(rest)?;
        let (facts, after) = after.split_first_chunk::<18>()?;
        let [_, _, _, _, _, _, a, b, c, d, ..] = *facts;
        columns.push(Described { name: name.to_vec(), oid: u32::from_be_bytes([a, b, c, d]) });
        rest = after;
    }
    Some(columns)
}

/// Hands each value of a data row to `take`; `None` when the row does not hold what it says.
/// Returns how many there were.
pub fn values(body: &[u8], mut take: impl FnMut(usize, Option<&[u8]>)) -> Option<usize> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let count = usize::from(u16::from_be_bytes(*count));
    for index in 0..count {
        let (len, after) = rest.split_first_chunk::<4>()?;
        let len = i32::from_be_bytes(*len);
        if len == -1 {
            take(index, None);
            rest = after;
            continue;
        }
        let (value, after) = after.split_at_checked(usize::try_from(len).ok()?)?;
        take(index, Some(value));
        rest = after;
    }
    rest.is_empty().then_some(count)
}

/// A data row of one of our own questions.
pub fn row(body: &[u8]) -> Option<Vec<Option<String>>> {
    let mut row = Vec::new();
    values(body, |_, v| row.push(v.map(|v| String::from_utf8_lossy(v).into_owned())))?;
    Some(row)
}

/// Text up to a zero byte, and what follows it.
pub fn cstr(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|b| *b == 0)?;
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((text, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_in_the_statement() {
        let body = b"SERROR\0VERROR\0C42703\0Mcolumn \"x\" does not exist\0P10\0\0";
        let error = ServerError::parse(body);
        let failure = error.failure("run", Some("select 1,\nx"));
        assert_eq!(failure.kind, FailureKind::Rejected);
        assert_eq!(failure.because.as_str(), "ERROR 42703: column \"x\" does not exist (at 1:10)");
    }

    #[test]
    fn a_row_shorter_than_it_says_is_not_read() {
        assert_eq!(values(b"\x00\x01\x00\x00\x00\x05ab", |_, _| {}), None);
        assert_eq!(values(b"\x00\x01\xff\xff\xff\xfe", |_, _| {}), None, "a negative length");
        assert_eq!(values(b"\x00\x01\xff\xff\xff\xff", |_, v| assert_eq!(v, None)), Some(1));
        assert_eq!(description(b"\x00\x02a\0short"), None);
    }
}
