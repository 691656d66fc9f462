//! A command as a person types it, into arguments: the quoting of `redis-cli`. Double quotes know
//! `\n \r \t \b \a \xHH` and `\` before anything else; single quotes know `\'`; a closing quote ends
//! its argument. One command is one line; a line that begins with `#` is a comment.

use crate::query::dialect::Span;

/// One argument: its bytes and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arg {
    /// What the server gets.
    pub bytes: Vec<u8>,
    /// Where it stands in the text, quotes included.
    pub span: Span,
    /// Whether it was quoted.
    pub quoted: bool,
}

impl Arg {
    /// Whether it is this word, in any case.
    pub fn is(&self, word: &str) -> bool {
        self.bytes.eq_ignore_ascii_case(word.as_bytes())
    }

    /// The argument as text, for a message.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Why a text is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A quote is not closed.
    Unterminated,
    /// Something follows a closing quote directly.
    AfterQuote,
    /// A control character outside quotes.
    Control,
    /// A second command.
    Second,
    /// Nothing.
    Empty,
}

/// The spans of the lines that hold a command, without surrounding blank space.
pub fn lines(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut start = 0;
    text.split(['\n', '\r']).filter_map(move |line| {
        let at = start;
        start += line.len() + 1;
        let lead = line.len() - line.trim_start_matches([' ', '\t']).len();
        let body = line.trim_matches([' ', '\t']);
        let is_command = !body.is_empty() && !body.starts_with('#');
        is_command.then_some(Span { start: at + lead, end: at + lead + body.len() })
    })
}

/// The one command of `text`.
///
/// # Errors
/// What is wrong, and where.
pub fn command(text: &str) -> Result<Vec<Arg>, (Fault, Span)> {
    let mut all = lines(text);
    let Some(line) = all.next() else { return Err((Fault::Empty, Span { start: 0, end: text.len() })) };
    if let Some(second) = all.next() {
        return Err((Fault::Second, second));
    }
    arguments(text, line)
}

/// The arguments of one line.
pub fn arguments(text: &str, line: Span) -> Result<Vec<Arg>, (Fault, Span)> {
    let bytes = text.as_bytes().get(..line.end).unwrap_or_default();
    let (mut at, mut args) = (line.start, Vec::new());
    while at < bytes.len() {
        match bytes.get(at) {
            Some(b' ' | b'\t') => at += 1,
            _ => {
                let arg = argument(bytes, at)?;
                at = arg.span.end;
                args.push(arg);
            }
        }
    }
    Ok(args)
}

/// The argument that begins at `start`.
fn argument(bytes: &[u8], start: usize) -> Result<Arg, (Fault, Span)> {
    let (mut at, mut out, mut was_quoted) = (start, Vec::new(), false);
    let here = |at: usize| Span { start: at, end: (at + 1).min(bytes.len()) };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' => break,
            // As redis-cli: a quote opens anywhere, and what it closes ends the argument.
            b'"' | b'\'' => {
                was_quoted = true;
                at = quoted(bytes, at, *byte, &mut out)
                    .ok_or((Fault::Unterminated, Span { start: at, end: bytes.len() }))?;
                match bytes.get(at) {
                    None | Some(b' ' | b'\t') => break,
                    Some(_) => return Err((Fault::AfterQuote, here(at))),
                }
            }
            0..=31 | 127 => return Err((Fault::Control, here(at))),
            other => {
                out.push(*other);
                at += 1;
            }
        }
    }
    Ok(Arg { bytes: out, span: Span { start, end: at }, quoted: was_quoted })
}

/// Reads a quoted part that opens at `at`; gives the place behind its closing quote.
fn quoted(bytes: &[u8], at: usize, quote: u8, out: &mut Vec<u8>) -> Option<usize> {
    let mut at = at + 1;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        match (byte, bytes.get(at)) {
            (b'\\', Some(b'x')) if quote == b'"' => match hex(bytes, at + 1) {
                Some(value) => {
                    out.push(value);
                    at += 3;
                }
                None => {
                    out.push(b'x');
                    at += 1;
                }
            },
            (b'\\', Some(escaped)) if quote == b'"' => {
                out.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'a' => 7,
                    other => *other,
                });
                at += 1;
            }
            (b'\\', Some(b'\'')) if quote == b'\'' => {
                out.push(b'\'');
                at += 1;
            }
            (byte, _) if byte == quote => return Some(at),
            (byte, _) => out.push(byte),
        }
    }
}

fn hex(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<u8>> {
        command(text).expect("a command").into_iter().map(|a| a.bytes).collect()
    }

    #[test]
    fn quoting_is_that_of_redis_cli() {
        assert_eq!(words("  GET\tkey "), [b"GET".to_vec(), b"key".to_vec()]);
        assert_eq!(words(r#"GET "a b\x41\n\q""#), [b"GET".to_vec(), b"a bA\nq".to_vec()]);
        assert_eq!(words(r#"GET "\xZZ""#), [b"GET".to_vec(), b"xZZ".to_vec()]);
        assert_eq!(words(r"GET 'it\'s \n'"), [b"GET".to_vec(), br"it's \n".to_vec()]);
        assert_eq!(words(r#"GET ab"c d""#), [b"GET".to_vec(), b"abc d".to_vec()]);
        assert_eq!(words(r#"GET """#), [b"GET".to_vec(), Vec::new()]);
        assert_eq!(words(r#""\x46LUSHALL""#), [b"FLUSHALL".to_vec()]);
        assert_eq!(words("GET größe"), [b"GET".to_vec(), "größe".as_bytes().to_vec()]);
    }

    #[test]
    fn what_is_no_command_says_why() {
        let fault = |text: &str| command(text).map(drop).map_err(|(fault, _)| fault);
        assert_eq!(fault("GET \"a"), Err(Fault::Unterminated));
        assert_eq!(fault("GET 'a"), Err(Fault::Unterminated));
        assert_eq!(fault("GET \"a\\\""), Err(Fault::Unterminated));
        assert_eq!(fault("GET \"a\"b"), Err(Fault::AfterQuote));
        assert_eq!(fault("GET a\0b"), Err(Fault::Control));
        assert_eq!(fault("GET a\r\nFLUSHALL"), Err(Fault::Second));
        assert_eq!(fault("# nothing\n\n"), Err(Fault::Empty));
        assert_eq!(fault("# first\n GET a\n# last"), Ok(()));
    }
}
