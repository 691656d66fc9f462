//! Gremlin's tokens as TinkerPop's grammar cuts them. A server may hand the text to Groovy instead, so what the
//! two read differently (code in double quotes, escapes that become quotes, line ends hidden in comments) is
//! [`Kind::Bad`], and the statement is refused.

use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name.
    Word,
    /// A string in either quote.
    Text,
    /// A number with its sign and suffix.
    Number,
    /// Punctuation; `..` is one token.
    Mark,
    /// A comment.
    Comment,
    /// Not a token.
    Bad(Fault),
}

/// Why bytes are not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A string or comment without its end.
    Unterminated,
    /// A character that starts nothing.
    Stray,
    /// A backslash in a string that starts no escape.
    Escape,
    /// An escape that Groovy may take for the end of the string or comment.
    Hidden,
    /// `$` with a name or a brace between double quotes: code, in Groovy.
    Interpolated,
}

/// A token: kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
}

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
    let second = bytes.get(1).copied().unwrap_or_default();
    match bytes.first().copied().unwrap_or_default() {
        b'/' if second == b'/' => comment(rest, rest.find(['\n', '\r']).unwrap_or(rest.len()), Fault::Hidden),
        b'/' if second == b'*' => match rest.get(2..).and_then(|body| body.find("*/")) {
            Some(length) => comment(rest, length + 4, Fault::Hidden),
            None => (Kind::Bad(Fault::Unterminated), rest.len()),
        },
        quote @ (b'\'' | b'"') => string(bytes, quote),
        b'0'..=b'9' => (Kind::Number, number(bytes, 0)),
        b'+' | b'-' if second.is_ascii_digit() => (Kind::Number, number(bytes, 1)),
        b'+' | b'-' if rest.get(1..).is_some_and(|r| r.starts_with("Infinity")) => (Kind::Number, 9),
        first if names(first) => (Kind::Word, bytes.iter().take_while(|b| names(**b)).count()),
        b'.' if second == b'.' => (Kind::Mark, 2),
        b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b'.' | b':' | b';' => (Kind::Mark, 1),
        _ => (Kind::Bad(Fault::Stray), 1),
    }
}

const fn names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A comment may not hold what some reader takes for its end.
fn comment(rest: &str, length: usize, fault: Fault) -> (Kind, usize) {
    let body = rest.get(..length).unwrap_or_default();
    let hides =
        body.contains("\\u") || body.contains(['\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}', '\0']);
    if hides { (Kind::Bad(fault), length) } else { (Kind::Comment, length) }
}

/// A string: finds its end, and the first thing in it that makes it no token.
fn string(bytes: &[u8], quote: u8) -> (Kind, usize) {
    let mut fault = None;
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        if byte == quote {
            return (fault.map_or(Kind::Text, Kind::Bad), at + 1);
        }
        if byte == b'\\' {
            let (length, read) = escape(bytes.get(at..).unwrap_or_default());
            let odd = (quote == b'\'' && bytes.get(at + 1) == Some(&b'$')).then_some(Fault::Escape);
            fault = fault.or(read.err()).or(odd);
            at += length;
            continue;
        }
        let code = byte == b'$' && quote == b'"' && interpolates(bytes.get(at + 1).copied());
        if code || byte == 0 {
            fault = fault.or(Some(if code { Fault::Interpolated } else { Fault::Stray }));
        }
        at += 1;
    }
    (Kind::Bad(Fault::Unterminated), bytes.len())
}

/// Whether `$` before `next` is code for Groovy between double quotes: it is before a name, a brace,
/// or an escape that may be either. Elsewhere it can only be meant as itself, and is sent in single
/// quotes.
const fn interpolates(next: Option<u8>) -> bool {
    matches!(next, Some(b'{' | b'_' | b'\\' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..))
}

/// Length of the escape that `bytes` starts with, and the UTF-16 unit it stands for; a joined line
/// stands for none.
fn escape(bytes: &[u8]) -> (usize, Result<Option<u16>, Fault>) {
    let second = bytes.get(1).copied().unwrap_or_default();
    let plain = match second {
        b'b' => Some(8),
        b't' => Some(9),
        b'n' => Some(10),
        b'f' => Some(12),
        b'r' => Some(13),
        // Groovy's own, between double quotes.
        b'"' | b'\'' | b'\\' | b'$' => Some(u16::from(second)),
        _ => None,
    };
    if plain.is_some() {
        return (2, Ok(plain));
    }
    match second {
        b'\n' => (2, Ok(None)),
        b'\r' if bytes.get(2) == Some(&b'\n') => (3, Ok(None)),
        b'0'..=b'7' => {
            let most = if second <= b'3' { 3 } else { 2 };
            let digits = bytes.iter().skip(1).take(most).take_while(|b| (b'0'..=b'7').contains(*b));
            let (length, unit) =
                digits.fold((1, 0_u16), |(length, unit), b| (length + 1, unit * 8 + u16::from(b - b'0')));
            (length, Ok(Some(unit)))
        }
        b'u' => {
            let marks = bytes.iter().skip(1).take_while(|b| **b == b'u').count();
            let digits = bytes.get(1 + marks..5 + marks).and_then(|d| std::str::from_utf8(d).ok());
            let unit = digits
                .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|d| u16::from_str_radix(d, 16).ok());
            match unit {
                // Groovy before 3 turns these into characters first and reads strings afterwards.
                Some(0x0a | 0x0d | 0x22 | 0x24 | 0x27 | 0x5c) => (5 + marks, Err(Fault::Hidden)),
                Some(unit) => (5 + marks, Ok(Some(unit))),
                None => (2, Err(Fault::Escape)),
            }
        }
        _ => (1, Err(Fault::Escape)),
    }
}

/// The characters that a string token, quotes included, stands for. `None` when its escapes make no
/// character (half of a pair).
pub fn characters(token: &str) -> Option<String> {
    let body = token.get(1..token.len().checked_sub(1)?)?;
    if !body.contains('\\') {
        return Some(body.to_owned());
    }
    let mut units: Vec<u16> = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        if c == '\\' {
            let (length, unit) = escape(rest.as_bytes());
            units.extend(unit.ok()?);
            rest = rest.get(length..)?;
        } else {
            units.extend(c.encode_utf16(&mut [0; 2]).iter());
            rest = rest.get(c.len_utf8()..)?;
        }
    }
    String::from_utf16(&units).ok()
}

/// Length of the number whose digits start at `from`, with its suffix.
fn number(bytes: &[u8], from: usize) -> usize {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let digits =
        |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    let suffix = |at: usize, of: &[u8]| at + usize::from(bytes.get(at).is_some_and(|b| of.contains(b)));
    if bytes.get(from) == Some(&b'0') && matches!(bytes.get(from + 1), Some(b'x' | b'X')) {
        let hex = bytes.iter().skip(from + 2).take_while(|b| b.is_ascii_hexdigit() || **b == b'_').count();
        return suffix(from + 2 + hex, b"sSnNiIlL");
    }
    let mut at = from + digits(from);
    if bytes.get(at) == Some(&b'.') && digit(at + 1) {
        at += 1 + digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if digit(at + 1 + sign) {
            at += 1 + sign + digits(at + 1 + sign);
        }
    }
    suffix(at, b"bBsSnNiIlLfFdDmM")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        lex(text).iter().map(|t| (t.kind, &text[t.span.start..t.span.end])).collect()
    }

    #[test]
    fn numbers_end_before_ranges_and_names() {
        assert_eq!(kinds("1..3"), [(Kind::Number, "1"), (Kind::Mark, ".."), (Kind::Number, "3")]);
        for whole in ["-1", "+2L", "0x1F", "010", "1_000", "1.5d", "1e-3", "2.0E+5f", "-Infinity", "7m"] {
            assert_eq!(kinds(whole), [(Kind::Number, whole)]);
        }
    }

    #[test]
    fn strings_are_read_as_both_readers_do_or_not_at_all() {
        for (token, text) in [
            (r"'a\'b'", Some("a'b")),
            (r#""a'b""#, Some("a'b")),
            (r"'\u0041\134u\uuu0042\n'", Some("A\\uB\n")),
            (r"'\uD83D\uDE00'", Some("😀")),
            (r"'\uD83D'", None),
            ("'a\\\nb'", Some("ab")),
            (r"'\758'", Some("=8")),
            (r#""$100""#, Some("$100")),
            (r#""^m.*o$""#, Some("^m.*o$")),
            (r#""a\$b \${c}""#, Some("a$b ${c}")),
            (r#""$$ $. $'""#, Some("$$ $. $'")),
        ] {
            assert_eq!(kinds(token), [(Kind::Text, token)], "{token}");
            assert_eq!(characters(token).as_deref(), text, "{token}");
        }
        for (token, fault) in [
            (r#""${it}""#, Fault::Interpolated),
            (r#""$it""#, Fault::Interpolated),
            (r#""$$_""#, Fault::Interpolated),
            (r#""\\$it""#, Fault::Interpolated),
            (r#""$\u0069t""#, Fault::Interpolated),
            (r#""$é""#, Fault::Interpolated),
            (r#""\u0024it""#, Fault::Hidden),
            (r"'\u0027'", Fault::Hidden),
            (r"'\$'", Fault::Escape),
            (r"'\u00g0'", Fault::Escape),
            ("'a", Fault::Unterminated),
            ("/* a", Fault::Unterminated),
            ("// \\u000a", Fault::Hidden),
            ("é", Fault::Stray),
            ("->", Fault::Stray),
        ] {
            assert_eq!(lex(token)[0].kind, Kind::Bad(fault), "{token}");
        }
    }
}
