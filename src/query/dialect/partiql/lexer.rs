//! PartiQL's tokens as DynamoDB cuts them: `'…'` is a string and `"…"` a name, both with doubled
//! quotes and no escapes; `--` and `/* */` are comments. Where readers of PartiQL differ (what ends a
//! line, whether comments nest) the token is [`Kind::Bad`], and the statement is refused.

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
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c) {
            at += 1;
            continue;
        }
        let continues_path = tokens.last().is_some_and(|last| {
            last.span.end == at
                && (matches!(last.kind, Kind::Word | Kind::Quoted)
                    || matches!(text.get(last.span.start..last.span.end), Some("]" | ")")))
        });
        let (kind, length) = token(text.get(at..).unwrap_or_default(), continues_path);
        // At least one whole character, so that the loop ends and places stay on characters.
        let whole = text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        let end = (at + length.max(whole)).min(text.len());
        tokens.push(Token { kind, span: Span { start: at, end } });
        at = end;
    }
    tokens
}

/// Kind and length in bytes of the token that `rest` starts with.
fn token(rest: &str, continues_path: bool) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let second = bytes.get(1).copied();
    match bytes.first().copied().unwrap_or_default() {
        b'-' if second == Some(b'-') => line_comment(rest),
        b'/' if second == Some(b'*') => block_comment(rest),
        b'\'' => quoted(bytes, b'\'', Kind::Text),
        b'"' => quoted(bytes, b'"', Kind::Quoted),
        b'?' => (Kind::Parameter, 1),
        b'.' if !continues_path && second.is_some_and(|b| b.is_ascii_digit()) => {
            (Kind::Number, number(bytes))
        }
        b'0'..=b'9' => (Kind::Number, number(bytes)),
        first if first.is_ascii_alphabetic() || first == b'_' => {
            (Kind::Word, bytes.iter().take_while(|b| names(**b)).count())
        }
        b'<' | b'>' | b'!' | b'|'
            if ["<>", "<=", ">=", "!=", "<<", ">>", "||"].iter().any(|long| rest.starts_with(long)) =>
        {
            (Kind::Operator, 2)
        }
        b'<' | b'>' | b'=' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b'.' | b':' | b';' | b'*'
        | b'+' | b'-' | b'/' | b'%' => (Kind::Operator, 1),
        _ => (Kind::Bad(Fault::Stray), 1),
    }
}

fn line_comment(rest: &str) -> (Kind, usize) {
    let length = rest.find('\n').unwrap_or(rest.len());
    let comment = rest.get(..length).unwrap_or_default();
    let body = comment.strip_suffix('\r').filter(|_| length < rest.len()).unwrap_or(comment);
    // Some readers end a line at these too, and would run what follows.
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

fn number(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut at = digits(0);
    if bytes.get(at) == Some(&b'.') {
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
