//! SPARQL's tokens. Bare words are keywords and nothing else: variables, prefixed names, blank
//! vertices and language tags all carry a sign of their own. Where readers of SPARQL differ (when
//! `\uXXXX` is decoded, what ends a comment) the token is [`Kind::Bad`], and the statement is refused.

use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare word: a keyword.
    Word,
    /// `prefix:local`, `_:label`.
    Name,
    /// `<…>`.
    Iri,
    /// `?x`, `$x`.
    Variable,
    /// A string, long or short.
    Text,
    /// `@en`.
    Language,
    /// A number without its sign.
    Number,
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
    /// A quote without its end.
    Unterminated,
    /// A character that starts nothing.
    Stray,
    /// A comment that readers end at different places.
    Comment,
    /// An escape that some readers decode before they cut tokens.
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
const LONG: [&str; 8] = ["^^", "&&", "||", "!=", "<=", ">=", "<<", ">>"];

/// Cuts `text` into tokens, comments included. A byte-order mark at the start is skipped.
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 5);
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
    let second = bytes.get(1).copied().unwrap_or_default();
    match bytes.first().copied().unwrap_or_default() {
        b'#' => comment(rest),
        b'<' => iri(rest),
        quote @ (b'\'' | b'"') => string(rest, quote),
        b'?' | b'$' => {
            let length = names(rest.get(1..).unwrap_or_default(), |c| c == '_' || c.is_alphanumeric());
            if length == 0 { (Kind::Operator, 1) } else { (Kind::Variable, length + 1) }
        }
        b'@' => {
            let length = names(rest.get(1..).unwrap_or_default(), |c| c == '-' || c.is_ascii_alphanumeric());
            if length == 0 { (Kind::Bad(Fault::Stray), 1) } else { (Kind::Language, length + 1) }
        }
        b'.' if second.is_ascii_digit() => (Kind::Number, number(bytes)),
        b'0'..=b'9' => (Kind::Number, number(bytes)),
        b'\\' => (Kind::Bad(Fault::Escape), 1),
        b':' => (Kind::Name, 1 + local(rest.get(1..).unwrap_or_default())),
        _ if LONG.iter().any(|long| rest.starts_with(long)) => (Kind::Operator, 2),
        b'>' | b'=' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b'.' | b';' | b'*' | b'+' | b'-'
        | b'/' | b'!' | b'|' | b'^' | b'&' => (Kind::Operator, 1),
        _ => word(rest),
    }
}

/// Bytes of the characters at the start that are `named`.
fn names(rest: &str, named: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !named(c)).unwrap_or(rest.len())
}

fn word(rest: &str) -> (Kind, usize) {
    let prefix = names(rest, |c| matches!(c, '_' | '-' | '.') || c.is_alphanumeric());
    if prefix > 0 && rest.get(prefix..).is_some_and(|after| after.starts_with(':')) {
        return (Kind::Name, prefix + 1 + local(rest.get(prefix + 1..).unwrap_or_default()));
    }
    let length = names(rest, |c| c == '_' || c.is_ascii_alphanumeric());
    let letter = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    // A letter beyond ASCII goes on where no keyword does.
    let ends = rest.get(length..).is_none_or(|after| !after.starts_with(char::is_alphanumeric));
    if letter && ends { (Kind::Word, length) } else { (Kind::Bad(Fault::Stray), 1) }
}

/// Bytes of the local part of a name, escapes such as `\-` included; dots at its end are not its own.
fn local(rest: &str) -> usize {
    let mut length = 0;
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            match chars.next() {
                Some((next, escaped)) if "_~.-!$&'()*+,;=/?#@%".contains(escaped) => length = next + 1,
                _ => break,
            }
        } else if matches!(c, '_' | '-' | ':' | '%' | '\u{b7}') || c.is_alphanumeric() {
            length = at + c.len_utf8();
        } else if c != '.' {
            break;
        }
    }
    length
}

fn comment(rest: &str) -> (Kind, usize) {
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

/// `<…>` when no character between cannot be in an IRI; else the operator.
fn iri(rest: &str) -> (Kind, usize) {
    let body = rest.get(1..).unwrap_or_default();
    let length = names(body, |c| c > ' ' && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`'));
    if body.get(length..).is_some_and(|after| after.starts_with('>')) {
        let inside = body.get(..length).unwrap_or_default();
        let kind = if escapes_are_plain(inside) { Kind::Iri } else { Kind::Bad(Fault::Escape) };
        return (kind, length + 2);
    }
    (Kind::Operator, if rest.starts_with("<=") || rest.starts_with("<<") { 2 } else { 1 })
}

fn string(rest: &str, quote: u8) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let is_quote = |at: usize| bytes.get(at) == Some(&quote);
    let long = is_quote(1) && is_quote(2);
    if is_quote(1) && !long {
        return (Kind::Text, 2);
    }
    let mut at = if long { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'\\' {
            at += 1;
        } else if byte == quote && (!long || (is_quote(at) && is_quote(at + 1))) {
            let end = if long { at + 2 } else { at };
            let body = rest.get(1..end - 1).unwrap_or_default();
            let kind = if body.contains('\0') {
                Kind::Bad(Fault::Stray)
            } else if escapes_are_plain(body) {
                Kind::Text
            } else {
                Kind::Bad(Fault::Escape)
            };
            return (kind, end);
        } else if !long && matches!(byte, b'\n' | b'\r') {
            return (Kind::Bad(Fault::Unterminated), at);
        }
    }
    (Kind::Bad(Fault::Unterminated), bytes.len())
}

/// Whether every `\u` escape stands for a letter, a digit or something beyond ASCII. Readers that
/// decode escapes before they cut tokens, as the standard has it, take anything else for syntax.
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
        let plain = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).is_some_and(|code| {
            let line = matches!(code, 0x80..=0xa0 | 0x2028 | 0x2029);
            !line && (code > 0x7f || u8::try_from(code).is_ok_and(|b| b.is_ascii_alphanumeric()))
        });
        if !plain {
            return false;
        }
        rest = after;
    }
    true
}

fn number(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut at = digits(0);
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
