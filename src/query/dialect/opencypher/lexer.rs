//! openCypher's tokens: `'…'` and `"…"` are strings with backslash escapes, `` `…` `` is a name with
//! doubled backticks, `//` and `/* */` are comments. Where readers of openCypher differ (what ends a
//! line, when `\uXXXX` is decoded, which letters fold to ASCII) the token is [`Kind::Bad`], and the
//! statement is refused.

use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare word.
    Word,
    /// A name in backticks.
    Quoted,
    /// A string.
    Text,
    /// A number without its sign.
    Number,
    /// `$name`.
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
    /// An escape that some readers decode before they look for the end of the quote.
    Escape,
}

/// A token: kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
}

/// Operators of two characters.
const LONG: [&str; 6] = ["<>", "<=", ">=", "=~", "..", "+="];

/// Cuts `text` into tokens, comments included. A byte-order mark at the start is skipped.
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let bytes = text.as_bytes();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c) {
            at += 1;
            continue;
        }
        let (kind, length) = token(text.get(at..).unwrap_or_default());
        // At least one whole character, so that the loop ends and places stay on characters.
        let whole = text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        let end = (at + length.max(whole)).min(text.len());
        tokens.push(Token { kind, span: Span { start: at, end } });
        at = end;
    }
    tokens
}

/// Kind and length in bytes of the token that `rest` starts with.
fn token(rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let second = bytes.get(1).copied();
    match bytes.first().copied().unwrap_or_default() {
        b'/' if second == Some(b'/') => line_comment(rest),
        b'/' if second == Some(b'*') => block_comment(rest),
        quote @ (b'\'' | b'"') => string(rest, quote),
        b'`' => quoted(rest),
        b'$' => parameter(rest),
        b'.' if second.is_some_and(|b| b.is_ascii_digit()) => (Kind::Number, number(bytes)),
        b'0'..=b'9' => (Kind::Number, number(bytes)),
        b'+' | b'<' | b'>' | b'=' | b'.' if LONG.iter().any(|long| rest.starts_with(long)) => {
            (Kind::Operator, 2)
        }
        b'<' | b'>' | b'=' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b'.' | b':' | b';' | b'*'
        | b'+' | b'-' | b'/' | b'%' | b'^' | b'|' | b'&' | b'!' => (Kind::Operator, 1),
        _ => word(rest),
    }
}

fn word(rest: &str) -> (Kind, usize) {
    let mut length = 0;
    for c in rest.chars() {
        let names = if length == 0 { c == '_' || c.is_alphabetic() } else { c == '_' || c.is_alphanumeric() };
        // Changing case turns these into ASCII letters: some readers would see a keyword.
        if !names || matches!(c, '\u{17f}' | '\u{212a}' | '\u{130}' | '\u{131}') {
            break;
        }
        length += c.len_utf8();
    }
    if length == 0 { (Kind::Bad(Fault::Stray), 1) } else { (Kind::Word, length) }
}

fn line_comment(rest: &str) -> (Kind, usize) {
    let length = rest.find('\n').unwrap_or(rest.len());
    let comment = rest.get(..length).unwrap_or_default();
    let body = comment.strip_suffix('\r').filter(|_| length < rest.len()).unwrap_or(comment);
    // Some readers end a line at these too, and would run what follows.
    let breaks = |c| matches!(c, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\0');
    if body.contains(breaks) || !escapes_are_plain(body) {
        (Kind::Bad(Fault::Comment), length)
    } else {
        (Kind::Comment, length)
    }
}

fn block_comment(rest: &str) -> (Kind, usize) {
    let body = rest.get(2..).unwrap_or_default();
    let Some(length) = body.find("*/") else { return (Kind::Bad(Fault::Unterminated), rest.len()) };
    let inner = body.get(..length).unwrap_or_default();
    if inner.contains("/*") || inner.contains('\0') || !escapes_are_plain(inner) {
        (Kind::Bad(Fault::Comment), length + 4)
    } else {
        (Kind::Comment, length + 4)
    }
}

fn string(rest: &str, quote: u8) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'\\' {
            at += 1;
        } else if byte == quote {
            return (judged(rest, at, Kind::Text), at);
        }
    }
    (Kind::Bad(Fault::Unterminated), bytes.len())
}

fn quoted(rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != b'`' {
            continue;
        }
        if bytes.get(at) != Some(&b'`') {
            return (judged(rest, at, Kind::Quoted), at);
        }
        at += 1;
    }
    (Kind::Bad(Fault::Unterminated), bytes.len())
}

/// The quote of `length` bytes, or why its end is not where every reader sees it.
fn judged(rest: &str, length: usize, kind: Kind) -> Kind {
    let body = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
    if body.contains('\0') {
        Kind::Bad(Fault::Stray)
    } else if escapes_are_plain(body) {
        kind
    } else {
        Kind::Bad(Fault::Escape)
    }
}

/// Whether every `\u` escape stands for a letter, a digit or something beyond ASCII. Readers that
/// decode escapes before they cut tokens would take anything else for syntax.
fn escapes_are_plain(body: &str) -> bool {
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        let after = rest.get(at + 1..).unwrap_or_default();
        let digits = match after.bytes().next() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => {
                rest = after;
                continue;
            }
        };
        let code = after.get(1..=digits).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let decoded = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        // A surrogate is half of something beyond ASCII.
        let plain = decoded.is_some_and(|code| {
            let line = matches!(code, 0x80..=0xa0 | 0x17f | 0x130 | 0x131 | 0x212a | 0x2028 | 0x2029);
            !line && (code > 0x7f || u8::try_from(code).is_ok_and(|b| b.is_ascii_alphanumeric()))
        });
        if !plain {
            return false;
        }
        rest = after;
    }
    true
}

fn parameter(rest: &str) -> (Kind, usize) {
    let name = rest.get(1..).unwrap_or_default();
    if name.starts_with('`') {
        let (kind, length) = quoted(name);
        return (if kind == Kind::Quoted { Kind::Parameter } else { kind }, length + 1);
    }
    let length = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    if length == 0 { (Kind::Bad(Fault::Stray), 1) } else { (Kind::Parameter, length + 1) }
}

fn number(bytes: &[u8]) -> usize {
    let count = |from: usize, is: fn(&u8) -> bool| bytes.iter().skip(from).take_while(|b| is(b)).count();
    let digits = |from: usize| count(from, u8::is_ascii_digit);
    if bytes.first() == Some(&b'0') && matches!(bytes.get(1), Some(b'x' | b'X' | b'o' | b'O')) {
        let hex = count(2, u8::is_ascii_hexdigit);
        return if hex > 0 { 2 + hex } else { 1 };
    }
    let mut at = digits(0);
    // `1..3` is a range: its dots are no decimal point.
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at += 1 + digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    at
}
