//! Tokens of the shell's language: as much of JavaScript's lexing as literals and calls need.

use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name.
    Word,
    /// A string in either quote.
    Text,
    /// A number without its sign.
    Number,
    /// A regular expression with its flags.
    Regex,
    /// Punctuation, one character.
    Mark,
    /// A comment.
    Comment,
    /// Not a token.
    Bad(Fault),
}

/// Why bytes are not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A string, comment or regular expression without its end.
    Unterminated,
    /// A character that starts nothing.
    Stray,
    /// A backslash in a string that starts no escape, or one that makes no character.
    Escape,
    /// A backquote: text with code in it.
    Template,
}

/// A token: kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
}

/// Cuts `text` into tokens, comments included. A slash begins a regular expression where a
/// value may stand.
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut at = 0;
    let mut value_next = true;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if first.is_whitespace() || first == '\u{feff}' {
            at += first.len_utf8();
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = token(rest, first, value_next);
        let end = (at + length.max(first.len_utf8())).min(text.len());
        if kind != Kind::Comment {
            value_next = kind == Kind::Mark && matches!(first, '(' | '[' | '{' | ',' | ':');
        }
        tokens.push(Token { kind, span: Span { start: at, end } });
        at = end;
    }
    tokens
}

/// Kind and length in bytes of the token that `rest` starts with.
fn token(rest: &str, first: char, value_next: bool) -> (Kind, usize) {
    let second = rest.chars().nth(1).unwrap_or_default();
    match first {
        '/' if second == '/' => {
            (Kind::Comment, rest.find(['\n', '\r', '\u{2028}', '\u{2029}']).unwrap_or(rest.len()))
        }
        '/' if second == '*' => match rest.get(2..).and_then(|body| body.find("*/")) {
            Some(length) => (Kind::Comment, length + 4),
            None => (Kind::Bad(Fault::Unterminated), rest.len()),
        },
        '/' if value_next => regex(rest),
        '\'' | '"' => string(rest, first),
        '`' => (Kind::Bad(Fault::Template), 1),
        '0'..='9' => (Kind::Number, number(rest)),
        '.' if second.is_ascii_digit() => (Kind::Number, number(rest)),
        first if names(first) => (Kind::Word, rest.find(|c| !names(c)).unwrap_or(rest.len())),
        '(' | ')' | '[' | ']' | '{' | '}' | ',' | '.' | ':' | ';' | '-' | '+' => (Kind::Mark, 1),
        '*' | '/' | '%' | '=' | '<' | '>' | '!' | '&' | '|' | '^' | '~' | '?' => (Kind::Mark, 1),
        _ => (Kind::Bad(Fault::Stray), first.len_utf8()),
    }
}

fn names(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Length of a number: digits, a fraction, an exponent; or what follows `0x`. Letters that cling
/// to it belong to it, so that `1x` is no number.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let sign = matches!(byte, b'+' | b'-')
            && at > 0
            && bytes.get(at - 1).is_some_and(|b| matches!(b, b'e' | b'E'))
            && !rest.starts_with("0x")
            && !rest.starts_with("0X");
        if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || sign) {
            break;
        }
        at += 1;
    }
    at
}

/// A regular expression: ends at a slash outside a character class, on the same line.
fn regex(rest: &str) -> (Kind, usize) {
    let (mut class, mut escaped) = (false, false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\0' => return (Kind::Bad(Fault::Unterminated), at),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => {
                let flags = rest.get(at + 1..).unwrap_or_default();
                let length = flags.find(|c| !names(c)).unwrap_or(flags.len());
                return (Kind::Regex, at + 1 + length);
            }
            _ => {}
        }
    }
    (Kind::Bad(Fault::Unterminated), rest.len())
}

/// A string: finds its end, and whether all in it are characters.
fn string(rest: &str, quote: char) -> (Kind, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' | '\r' => return (Kind::Bad(Fault::Unterminated), at),
            c if c == quote => {
                let end = at + c.len_utf8();
                let body = rest.get(1..at).unwrap_or_default();
                return match unescape(body) {
                    Some(_) => (Kind::Text, end),
                    None => (Kind::Bad(Fault::Escape), end),
                };
            }
            _ => {}
        }
    }
    (Kind::Bad(Fault::Unterminated), rest.len())
}

/// What a string token says, without its quotes and escapes.
pub fn unescape(body: &str) -> Option<String> {
    if !body.contains('\\') {
        return (!body.contains('\0')).then(|| body.to_owned());
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match rest.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            '\n' | '\u{2028}' | '\u{2029}' => {}
            '\r' => {
                let mut after = rest.clone();
                if after.next() == Some('\n') {
                    rest = after;
                }
            }
            'x' => out.push(char::from_u32(hex(&mut rest, 2)?)?),
            'u' => out.push(unicode(&mut rest)?),
            // Octal escapes mean different things in different modes.
            '0'..='9' => return None,
            other => out.push(other),
        }
    }
    (!out.contains('\0')).then_some(out)
}

fn hex(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<u32> {
    let mut value = 0;
    for _ in 0..digits {
        value = value * 16 + rest.next()?.to_digit(16)?;
    }
    Some(value)
}

/// What follows `\u`: four digits, two such in a pair, or digits in braces.
fn unicode(rest: &mut std::str::Chars<'_>) -> Option<char> {
    if let Some(braced) = rest.as_str().strip_prefix('{') {
        let (digits, after) = braced.split_once('}')?;
        let plain = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        *rest = after.chars();
        return char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| plain)?);
    }
    let first = hex(rest, 4)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    let mut pair = rest.clone();
    if pair.next() != Some('\\') || pair.next() != Some('u') {
        return None;
    }
    let second = hex(&mut pair, 4)?;
    *rest = pair;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low)
}
