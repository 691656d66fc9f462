//! The words of the MySQL family, cut exactly as the servers cut them: `#` and `-- ` comments, comments
//! that do not nest, comments that are code (`/*! */`, `/*M! */`), backslash escapes, names that start
//! with a digit. What the servers disagree about, or reject, becomes a [`Kind::Bad`] token, and a
//! statement with one is refused. Every byte belongs to a token or is blank.

use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare word: keyword or name.
    Word,
    /// A name in backticks.
    Quoted,
    /// A string in single quotes, with its `N`, `X` or `B` before it.
    Text,
    /// A string in double quotes, or a name when the server runs with `ANSI_QUOTES`.
    DoubleQuoted,
    /// A number, `0x…`, `0b…`, or `\N`.
    Number,
    /// `@name`.
    UserVariable,
    /// `@@name`; the parts after dots are tokens of their own.
    SystemVariable,
    /// `?` or `:name`.
    Parameter,
    /// Operator or punctuation.
    Operator,
    /// A comment the server skips.
    Comment,
    /// A comment the server, or a newer one, or MariaDB, runs as code.
    Executable,
    /// Bytes that are not a token on every server.
    Bad(Fault),
}

/// Why bytes are not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A string, name or comment without its end.
    Unterminated,
    /// A NUL byte.
    Nul,
    /// A character that starts nothing.
    Stray,
    /// Read differently by different versions.
    Ambiguous,
}

/// A token: kind and place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Token {
    /// Its place.
    pub const fn span(self) -> Span {
        Span { start: self.start, end: self.end }
    }
}

/// How the server's `sql_mode` makes it read a backslash inside quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// A backslash escapes in `'…'` (off with `NO_BACKSLASH_ESCAPES`).
    pub single: bool,
    /// A backslash escapes in `"…"` (off also with `ANSI_QUOTES`).
    pub double: bool,
}

impl Reading {
    /// The servers' default.
    pub const DEFAULT: Self = Self { single: true, double: true };
    /// With `ANSI_QUOTES`.
    pub const ANSI_QUOTES: Self = Self { single: true, double: false };
    /// With `NO_BACKSLASH_ESCAPES`.
    pub const NO_BACKSLASH: Self = Self { single: false, double: false };
}

/// Whether a byte can stand inside a bare name. Everything outside ASCII can, no-break spaces included.
const fn names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The characters the servers skip between tokens.
const fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// Cuts `text` into tokens, comments included.
pub fn lex(text: &str, reading: Reading) -> Vec<Token> {
    let mut lexer =
        Lexer { bytes: text.as_bytes(), at: 0, reading, tokens: Vec::with_capacity(text.len() / 5) };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while let Some(byte) = lexer.byte(0) {
        if blank(byte) {
            lexer.at += 1;
            continue;
        }
        let start = lexer.at;
        let kind = lexer.token(byte);
        // A token is at least one byte: the loop always ends.
        lexer.at = lexer.at.max(start + 1).min(lexer.bytes.len());
        lexer.tokens.push(Token { kind, start, end: lexer.at });
    }
    lexer.tokens
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    reading: Reading,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&keep) {
            self.at += 1;
        }
    }

    /// Reads one token that starts with `byte` and leaves `at` behind it.
    fn token(&mut self, byte: u8) -> Kind {
        match byte {
            b'#' => self.line_comment(),
            b'-' if self.dashes_comment() => self.line_comment(),
            b'/' if self.byte(1) == Some(b'*') => self.block_comment(),
            b'\'' => self.quoted(b'\'', self.reading.single, Kind::Text),
            b'"' => self.quoted(b'"', self.reading.double, Kind::DoubleQuoted),
            b'`' => self.quoted(b'`', false, Kind::Quoted),
            b'n' | b'N' | b'x' | b'X' | b'b' | b'B' if self.byte(1) == Some(b'\'') && !self.after_dot() => {
                self.at += 1;
                self.quoted(b'\'', self.reading.single, Kind::Text)
            }
            b'@' => self.variable(),
            b'0'..=b'9' if !self.after_dot() => self.number(),
            b'.' if self.byte(1).is_some_and(|b| b.is_ascii_digit()) && !self.after_name() => self.fraction(),
            b'\\' => self.backslash(),
            b'?' => {
                self.at += 1;
                Kind::Parameter
            }
            b':' => self.colon(),
            b'$' => {
                // `$$…$$` is a string on MySQL 9 and a name before.
                self.skip_while(names);
                Kind::Bad(Fault::Ambiguous)
            }
            0 => {
                self.at += 1;
                Kind::Bad(Fault::Nul)
            }
            _ if names(byte) => {
                self.skip_while(names);
                Kind::Word
            }
            _ => self.operator(),
        }
    }

    /// Whether the token before ends right here and is a name, so that a dot continues it.
    fn after_name(&self) -> bool {
        self.tokens.last().is_some_and(|t| {
            t.end == self.at
                && matches!(t.kind, Kind::Word | Kind::Quoted | Kind::SystemVariable | Kind::DoubleQuoted)
        })
    }

    /// Whether the byte before is the dot of a qualified name: then even `1e5` is a name.
    fn after_dot(&self) -> bool {
        self.tokens.last().is_some_and(|t| {
            t.end == self.at && t.kind == Kind::Operator && self.bytes.get(t.start) == Some(&b'.')
        })
    }

    /// `--` starts a comment only before a blank, a control character or the end: `--x` is arithmetic.
    fn dashes_comment(&self) -> bool {
        self.byte(1) == Some(b'-') && self.byte(2).is_none_or(|b| blank(b) || b.is_ascii_control())
    }

    fn line_comment(&mut self) -> Kind {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // Only a line feed ends it; a NUL would end it on the server.
        let length = rest.iter().position(|b| matches!(b, b'\n' | 0)).unwrap_or(rest.len());
        self.at += length;
        Kind::Comment
    }

    fn block_comment(&mut self) -> Kind {
        let body = self.bytes.get(self.at + 2..).unwrap_or_default();
        let Some(length) = body.windows(2).position(|pair| pair == b"*/") else {
            self.at = self.bytes.len();
            return Kind::Bad(Fault::Unterminated);
        };
        self.at += length + 4;
        let body = body.get(..length).unwrap_or_default();
        match body {
            [b'!', ..] | [b'M' | b'm', b'!', ..] => Kind::Executable,
            // The hint scanner knows quotes: a `*/` inside them does not end the hint for it.
            [b'+', hint @ ..] if open_quote(hint) => Kind::Bad(Fault::Ambiguous),
            _ if body.contains(&0) => Kind::Bad(Fault::Nul),
            _ => Kind::Comment,
        }
    }

    fn quoted(&mut self, quote: u8, escapes: bool, kind: Kind) -> Kind {
        self.at += 1;
        let mut nul = false;
        while let Some(byte) = self.byte(0) {
            self.at += 1;
            nul |= byte == 0;
            if byte == b'\\' && escapes {
                nul |= self.byte(0) == Some(0);
                self.at += 1;
            } else if byte == quote {
                if self.byte(0) == Some(quote) {
                    self.at += 1;
                } else if nul {
                    return Kind::Bad(Fault::Nul);
                } else {
                    return kind;
                }
            }
        }
        Kind::Bad(Fault::Unterminated)
    }

    fn variable(&mut self) -> Kind {
        self.at += 1;
        if self.byte(0) == Some(b'@') {
            self.at += 1;
            return match self.byte(0) {
                Some(b'`') => self.quoted(b'`', false, Kind::SystemVariable),
                Some(b) if names(b) && b.is_ascii() => {
                    self.skip_while(names);
                    Kind::SystemVariable
                }
                _ => Kind::Bad(Fault::Stray),
            };
        }
        match self.byte(0) {
            Some(b'\'') => self.quoted(b'\'', self.reading.single, Kind::UserVariable),
            Some(b'"') => self.quoted(b'"', self.reading.double, Kind::UserVariable),
            Some(b'`') => self.quoted(b'`', false, Kind::UserVariable),
            Some(b) if b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.') => {
                self.skip_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.'));
                if self.byte(0).is_some_and(|b| !b.is_ascii()) {
                    return Kind::Bad(Fault::Ambiguous);
                }
                Kind::UserVariable
            }
            _ => Kind::Bad(Fault::Stray),
        }
    }

    /// A number, or a name that starts with digits (`2024_orders`).
    fn number(&mut self) -> Kind {
        let prefix = (self.byte(0), self.byte(1));
        if let (Some(b'0'), Some(radix @ (b'x' | b'b'))) = prefix {
            let digit = |b: u8| if radix == b'x' { b.is_ascii_hexdigit() } else { matches!(b, b'0' | b'1') };
            if self.byte(2).is_some_and(digit) {
                self.at += 2;
                self.skip_while(digit);
                return self.ends_number();
            }
        }
        self.skip_while(|b| b.is_ascii_digit());
        match self.byte(0) {
            Some(b'.') => self.fraction(),
            Some(b'e' | b'E') if self.exponent() => self.ends_number(),
            Some(b) if names(b) => {
                self.skip_while(names);
                Kind::Word
            }
            _ => Kind::Number,
        }
    }

    /// The rest of a number from its decimal point.
    fn fraction(&mut self) -> Kind {
        self.at += 1;
        self.skip_while(|b| b.is_ascii_digit());
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            self.exponent();
        }
        self.ends_number()
    }

    /// Takes `e5`, `e+5`, `e-5` when it is one.
    fn exponent(&mut self) -> bool {
        let sign = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
        let is = self.byte(1 + sign).is_some_and(|b| b.is_ascii_digit());
        if is {
            self.at += 1 + sign;
            self.skip_while(|b| b.is_ascii_digit());
        }
        is
    }

    /// A number glued to a name is cut differently from version to version.
    fn ends_number(&mut self) -> Kind {
        if self.byte(0).is_some_and(names) {
            self.skip_while(names);
            return Kind::Bad(Fault::Ambiguous);
        }
        Kind::Number
    }

    /// `\N` is NULL; any other backslash outside quotes is an error on the server.
    fn backslash(&mut self) -> Kind {
        self.at += 1;
        if self.byte(0) == Some(b'N') && !self.byte(1).is_some_and(names) {
            self.at += 1;
            return Kind::Number;
        }
        Kind::Bad(Fault::Stray)
    }

    fn colon(&mut self) -> Kind {
        self.at += 1;
        match self.byte(0) {
            Some(b'=') => {
                self.at += 1;
                Kind::Operator
            }
            Some(b) if b.is_ascii_alphabetic() || b == b'_' => {
                self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
                Kind::Parameter
            }
            _ => Kind::Bad(Fault::Stray),
        }
    }

    fn operator(&mut self) -> Kind {
        const LONG: &[&[u8]] =
            &[b"<=>", b"->>", b"->", b"<=", b">=", b"<>", b"!=", b"<<", b">>", b"||", b"&&"];
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if let Some(long) = LONG.iter().find(|long| rest.starts_with(long)) {
            self.at += long.len();
            return Kind::Operator;
        }
        self.at += 1;
        match rest.first() {
            Some(
                b'+' | b'-' | b'*' | b'/' | b'%' | b'=' | b'<' | b'>' | b'!' | b'~' | b'^' | b'&' | b'|',
            ) => Kind::Operator,
            Some(b'(' | b')' | b'{' | b'}' | b',' | b'.' | b';') => Kind::Operator,
            _ => Kind::Bad(Fault::Stray),
        }
    }
}

/// Whether a quote is open at the end of a hint.
fn open_quote(hint: &[u8]) -> bool {
    let mut open = None;
    for &byte in hint {
        match open {
            Some(quote) if byte == quote => open = None,
            None if matches!(byte, b'\'' | b'"' | b'`') => open = Some(byte),
            _ => {}
        }
    }
    open.is_some()
}
