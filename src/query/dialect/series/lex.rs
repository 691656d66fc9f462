//! Tokens of the time series languages. Where readers of a language differ - what ends a line,
//! whether comments nest, what an escape means - the token is [`Kind::Bad`], and the statement is
//! refused.

use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare word.
    Word,
    /// A quoted name.
    Quoted,
    /// A string.
    Text,
    /// A number without its sign.
    Number,
    /// A length of time: `15m`, `1h30m`.
    Duration,
    /// A regular expression between slashes.
    Pattern,
    /// A parameter.
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
    /// A quote, a pattern or a comment without its end.
    Unterminated,
    /// A character that starts nothing.
    Stray,
    /// Something that readers understand differently.
    Ambiguous,
}

/// A token: kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
}

impl Token {
    /// Its own text within `text`.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span.start..self.span.end).unwrap_or_default()
    }
}

/// How one language is cut into tokens.
#[derive(Debug)]
pub struct Lexis {
    /// What `"…"` is.
    pub double: Kind,
    /// Whether `'…'` is a string.
    pub single: bool,
    /// The letters that may follow a backslash in quotes; empty where quotes are doubled instead.
    pub escapes: &'static str,
    /// What begins a comment to the end of the line.
    pub line_comment: &'static str,
    /// Whether `/* */` is a comment.
    pub block_comment: bool,
    /// Units of a duration, longer ones first; none where there are no durations.
    pub units: &'static [&'static str],
    /// Words after which, like after an operator, `/` begins a pattern; none where there are no
    /// patterns.
    pub before_pattern: &'static [&'static str],
    /// Whether there are patterns.
    pub patterns: bool,
    /// Whether `2026-11-21` and `2026-11-21T12:00:00Z` are numbers.
    pub dates: bool,
    /// What begins a parameter's name, where there are some.
    pub parameter: Option<u8>,
    /// Operators of several characters, longer ones first.
    pub long: &'static [&'static str],
    /// Operators of one character.
    pub short: &'static str,
}

const fn names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Cuts `text` into tokens, comments included. A byte-order mark at the start is skipped.
pub fn lex(lexis: &Lexis, text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 5);
    let bytes = text.as_bytes();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(&byte) = bytes.get(at) {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c) {
            at += 1;
            continue;
        }
        let last = tokens.iter().rev().find(|t| t.kind != Kind::Comment);
        let (kind, length) = token(lexis, text.get(at..).unwrap_or_default(), last, text);
        // At least one whole character, so that the loop ends and places stay on characters.
        let whole = text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        let end = (at + length.max(whole)).min(text.len());
        tokens.push(Token { kind, span: Span { start: at, end } });
        at = end;
    }
    tokens
}

/// Whether an operand, and not an operator, may stand after `last`: then `/` begins a pattern.
fn wants_operand(lexis: &Lexis, last: Option<&Token>, text: &str) -> bool {
    let Some(last) = last else { return true };
    let word = last.text(text);
    match last.kind {
        Kind::Operator => !matches!(word, ")" | "]" | "}" | "*"),
        Kind::Word => lexis.before_pattern.iter().any(|w| word.eq_ignore_ascii_case(w)),
        _ => false,
    }
}

/// Kind and length in bytes of the token that `rest` starts with.
fn token(lexis: &Lexis, rest: &str, last: Option<&Token>, text: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let (first, second) = (bytes.first().copied().unwrap_or_default(), bytes.get(1).copied());
    if rest.starts_with(lexis.line_comment) {
        return line_comment(rest);
    }
    if first == b'/' {
        if second == Some(b'*') && lexis.block_comment {
            return block_comment(rest);
        }
        if lexis.patterns && wants_operand(lexis, last, text) {
            return pattern(bytes);
        }
    }
    match first {
        b'\'' if lexis.single => quoted(lexis, bytes, b'\'', Kind::Text),
        b'"' => quoted(lexis, bytes, b'"', lexis.double),
        b'0'..=b'9' => number(lexis, rest),
        // `t.5` names nothing: a dot after a name goes on with the name.
        b'.' if second.is_some_and(|b| b.is_ascii_digit())
            && !last.is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted)) =>
        {
            number(lexis, rest)
        }
        _ if first.is_ascii_alphabetic() || first == b'_' => {
            (Kind::Word, bytes.iter().take_while(|b| names(**b)).count())
        }
        _ if lexis.parameter == Some(first) && second.is_some_and(names) => {
            (Kind::Parameter, 1 + bytes.iter().skip(1).take_while(|b| names(**b)).count())
        }
        _ => match lexis.long.iter().find(|long| rest.starts_with(**long)) {
            Some(long) => (Kind::Operator, long.len()),
            None if lexis.short.as_bytes().contains(&first) => (Kind::Operator, 1),
            None => (Kind::Bad(Fault::Stray), 1),
        },
    }
}

fn line_comment(rest: &str) -> (Kind, usize) {
    let length = rest.find('\n').unwrap_or(rest.len());
    let comment = rest.get(..length).unwrap_or_default();
    let body = comment.strip_suffix('\r').filter(|_| length < rest.len()).unwrap_or(comment);
    // Some readers end a line at these too, and would run what follows.
    let breaks = |c| matches!(c, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\0');
    if body.contains(breaks) { (Kind::Bad(Fault::Ambiguous), length) } else { (Kind::Comment, length) }
}

fn block_comment(rest: &str) -> (Kind, usize) {
    let body = rest.get(2..).unwrap_or_default();
    let Some(length) = body.find("*/") else { return (Kind::Bad(Fault::Unterminated), rest.len()) };
    let inner = body.get(..length).unwrap_or_default();
    let ambiguous = inner.contains("/*") || inner.contains('\0');
    (if ambiguous { Kind::Bad(Fault::Ambiguous) } else { Kind::Comment }, length + 4)
}

/// A backslash goes with the slash behind it and with nothing else: `\\/` is a backslash and an escaped slash for
/// InfluxDB, where other readers see an escaped backslash and the pattern's end. What two readers end at two places is
/// refused.
fn pattern(bytes: &[u8]) -> (Kind, usize) {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let run = rest.iter().take_while(|b| **b == b'\\').count();
                let behind = rest.get(run..).unwrap_or_default();
                let ends = behind.starts_with(b"/") || behind.starts_with(b"]/");
                if run > 1 && ends {
                    return (Kind::Bad(Fault::Ambiguous), at + run);
                }
                at += run - usize::from(!behind.starts_with(b"/"));
            }
            b'/' => return (Kind::Pattern, at + 1),
            b'\n' | b'\r' | 0 => return (Kind::Bad(Fault::Unterminated), at),
            _ => {}
        }
        at += 1;
    }
    (Kind::Bad(Fault::Unterminated), bytes.len())
}

fn quoted(lexis: &Lexis, bytes: &[u8], quote: u8, kind: Kind) -> (Kind, usize) {
    let mut at = 1;
    let mut fault = None;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'\\' && !lexis.escapes.is_empty() {
            if !bytes.get(at).is_some_and(|next| lexis.escapes.as_bytes().contains(next)) {
                fault = Some(Fault::Ambiguous);
            }
            at += 1;
        } else if byte == quote {
            if lexis.escapes.is_empty() && bytes.get(at) == Some(&quote) {
                at += 1;
                continue;
            }
            return (fault.map_or(kind, Kind::Bad), at);
        } else if byte == 0 {
            fault = Some(Fault::Ambiguous);
        }
    }
    (Kind::Bad(Fault::Unterminated), bytes.len())
}

/// A number, or the duration that it begins.
fn number(lexis: &Lexis, rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(0);
    if lexis.dates
        && let Some(length) = date(bytes)
    {
        return (Kind::Number, length);
    }
    if let Some(length) = duration(lexis, rest, whole) {
        return (Kind::Duration, length);
    }
    let mut at = whole;
    if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at += 1 + digits(at + 1);
    } else if at > 0 && bytes.get(at) == Some(&b'.') {
        // `5.` is a number already: what follows is no member of it.
        return (Kind::Number, at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    // A name that begins with digits is one for some readers and two tokens for others.
    if bytes.get(at).copied().is_some_and(names) {
        let tail = bytes.iter().skip(at).take_while(|b| names(**b)).count();
        return (Kind::Bad(Fault::Ambiguous), at + tail);
    }
    (Kind::Number, at)
}

/// The length of a date, with its time when there is one, that no name goes on behind.
fn date(bytes: &[u8]) -> Option<usize> {
    // `0` stands for a digit.
    let fits = |from: usize, shape: &str| {
        let mut rest = bytes.get(from..).unwrap_or_default().iter();
        shape.bytes().all(|want| {
            rest.next().is_some_and(|b| if want == b'0' { b.is_ascii_digit() } else { *b == want })
        })
    };
    if !fits(0, "0000-00-00") {
        return None;
    }
    let mut at = 10;
    if fits(at, "T00:00:00") {
        at += 9;
        if bytes.get(at) == Some(&b'.') {
            at += 1 + bytes.iter().skip(at + 1).take_while(|b| b.is_ascii_digit()).count();
        }
        at += match bytes.get(at) {
            Some(b'Z') => 1,
            Some(b'+') if fits(at, "+00:00") => 6,
            Some(b'-') if fits(at, "-00:00") => 6,
            _ => return None,
        };
    }
    (!bytes.get(at).copied().is_some_and(names)).then_some(at)
}

/// The length of `15m` or `1h30m`, when `rest` begins with one and no name goes on behind it.
fn duration(lexis: &Lexis, rest: &str, whole: usize) -> Option<usize> {
    let mut at = whole;
    let mut found = 0;
    loop {
        let tail = rest.get(at..)?;
        // In any case: which the server takes is its own matter, and none makes it a write.
        let begins = |unit: &&&str| tail.get(..unit.len()).is_some_and(|t| t.eq_ignore_ascii_case(unit));
        let unit = lexis.units.iter().find(begins);
        let Some(unit) = unit.filter(|_| at > found) else { break };
        at += unit.len();
        found = at;
        at += rest.bytes().skip(at).take_while(u8::is_ascii_digit).count();
    }
    let goes_on = rest.as_bytes().get(found).copied().is_some_and(names);
    (found > 0 && !goes_on).then_some(found)
}
