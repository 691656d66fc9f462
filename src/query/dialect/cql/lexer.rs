//! CQL's tokens as Cassandra's lexer cuts them: `'…'` and `$$…$$` are strings, `"…"` is a name,
//! both quotes doubled and without escapes; `--`, `//` and `/* */` are comments. Where readers
//! could differ (what ends a line, whether comments nest) the token is [`Kind::Bad`].

use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare word.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A string.
    Text,
    /// A number without its sign.
    Number,
    /// A UUID.
    Uuid,
    /// A blob, `0x…`.
    Blob,
    /// A length of time, as in `1h30m`.
    Duration,
    /// `?`.
    Parameter,
    /// Operator or punctuation.
    Operator,
    /// A comment.
    Comment,
    /// Not a token for every reader.
    Bad(Fault),
}

/// Why bytes are not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A quote or comment without its end.
    Unterminated,
    /// A character that starts nothing.
    Stray,
    /// A comment that readers end at different places.
    Comment,
}

/// A token: kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
}

const fn names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Cuts `text` into tokens, comments included. A byte-order mark at the start is skipped.
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5);
    let bytes = text.as_bytes();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = token(rest);
        // At least one whole character, so that the loop ends and places stay on characters.
        let whole = rest.chars().next().map_or(1, char::len_utf8);
        let end = (at + length.max(whole)).min(text.len());
        tokens.push(Token { kind, span: Span { start: at, end } });
        at = end;
    }
    tokens
}

/// Kind and length in bytes of the token that `rest` starts with.
fn token(rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    if rest.starts_with("--") || rest.starts_with("//") {
        return line_comment(rest);
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with("$$") {
        return dollars(rest);
    }
    if let Some(length) = uuid(bytes) {
        return (Kind::Uuid, length);
    }
    match bytes.first().copied().unwrap_or_default() {
        b'\'' => quoted(bytes, b'\'', Kind::Text),
        b'"' => quoted(bytes, b'"', Kind::Quoted),
        b'?' => (Kind::Parameter, 1),
        b'0'..=b'9' => numeric(rest),
        first if first.is_ascii_alphabetic() => (Kind::Word, bytes.iter().take_while(|b| names(**b)).count()),
        _ if ["<=", ">=", "!=", ".."].iter().any(|long| rest.starts_with(long)) => (Kind::Operator, 2),
        b'<' | b'>' | b'=' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b'.' | b':' | b';' | b'*'
        | b'+' | b'-' | b'/' | b'%' => (Kind::Operator, 1),
        _ => (Kind::Bad(Fault::Stray), 1),
    }
}

fn line_comment(rest: &str) -> (Kind, usize) {
    let length = rest.find('\n').unwrap_or(rest.len());
    let comment = rest.get(..length).unwrap_or_default();
    let body = comment.strip_suffix('\r').filter(|_| length < rest.len()).unwrap_or(comment);
    // Cassandra ends a line at a carriage return too, and would run what follows.
    let breaks = |c| matches!(c, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\0');
    if body.contains(breaks) { (Kind::Bad(Fault::Comment), length) } else { (Kind::Comment, length) }
}

fn block_comment(rest: &str) -> (Kind, usize) {
    let body = rest.get(2..).unwrap_or_default();
    let Some(length) = body.find("*/") else { return (Kind::Bad(Fault::Unterminated), rest.len()) };
    let inner = body.get(..length).unwrap_or_default();
    if inner.contains("/*") || inner.contains('\0') {
        (Kind::Bad(Fault::Comment), length + 4)
    } else {
        (Kind::Comment, length + 4)
    }
}

fn dollars(rest: &str) -> (Kind, usize) {
    match rest.get(2..).unwrap_or_default().find("$$") {
        Some(length) => (Kind::Text, length + 4),
        None => (Kind::Bad(Fault::Unterminated), rest.len()),
    }
}

fn quoted(bytes: &[u8], quote: u8, kind: Kind) -> (Kind, usize) {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != quote {
            continue;
        }
        if bytes.get(at) != Some(&quote) {
            return (kind, at);
        }
        at += 1;
    }
    (Kind::Bad(Fault::Unterminated), bytes.len())
}

/// The length of a UUID that `bytes` start with: hexadecimal in groups of 8, 4, 4, 4 and 12.
fn uuid(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (nth, group) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if nth > 0 {
            (bytes.get(at) == Some(&b'-')).then_some(())?;
            at += 1;
        }
        let part = bytes.get(at..at + group)?;
        part.iter().all(u8::is_ascii_hexdigit).then_some(())?;
        at += group;
    }
    (!bytes.get(at).copied().is_some_and(names)).then_some(at)
}

/// A blob, a length of time or a number.
fn numeric(rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let run = |from: usize, test: fn(&u8) -> bool| bytes.iter().skip(from).take_while(|b| test(b)).count();
    let digits = |from: usize| run(from, u8::is_ascii_digit);
    let whole = |kind: Kind, length: usize| {
        // What touches a number is part of no token: `1x` is not `1` and `x`.
        if bytes.get(length).copied().is_some_and(names) {
            (Kind::Bad(Fault::Stray), length)
        } else {
            (kind, length)
        }
    };
    if bytes.first() == Some(&b'0') && matches!(bytes.get(1), Some(b'x' | b'X')) {
        return whole(Kind::Blob, 2 + run(2, u8::is_ascii_hexdigit));
    }
    if let Some(length) = duration(rest) {
        return whole(Kind::Duration, length);
    }
    let mut at = digits(0);
    // `1..2` is a range, not `1.` and `.2`.
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1) != Some(&b'.') {
        at += 1 + digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    whole(Kind::Number, at)
}

/// Units of a length of time, longer ones first.
const UNITS: &[&str] = &["mo", "ms", "us", "µs", "ns", "y", "w", "d", "h", "m", "s"];

/// The length of a duration in CQL's own form, as in `2mo10d12h`.
fn duration(rest: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let tail = rest.get(at..)?;
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return (at > 0).then_some(at);
        }
        let after = tail.get(digits..)?;
        let unit = UNITS
            .iter()
            .find(|unit| after.get(..unit.len()).is_some_and(|head| head.eq_ignore_ascii_case(unit)))?;
        at += digits + unit.len();
    }
}
