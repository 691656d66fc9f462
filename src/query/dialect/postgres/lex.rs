//! PostgreSQL's lexical rules, written after its `scan.l` and independent of any
//! parser: nested comments, `--` ended by either line end, the escape rules of each
//! kind of string, dollar quotes, and where a run of operator characters ends.
//! The rule it keeps: tokens cover the text without a gap, and whatever the server
//! would not read as a token is [`Lexeme::Junk`].

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lexeme {
    /// Blank space.
    Space,
    /// A comment of either form.
    Comment,
    /// A word: keyword or unquoted name.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A name in double quotes with Unicode escapes: `U&"..."`.
    UnicodeQuoted,
    /// A string or bit string of any form.
    Text,
    /// A number.
    Number,
    /// A positional parameter, `$1`.
    Parameter,
    /// An operator as PostgreSQL delimits it; also `::`, `:=`, `=>`.
    Operator,
    /// One of `( ) [ ] , . ; :` or `..`.
    Punctuation,
    /// Anything the server would refuse, or that its versions read differently.
    Junk,
}

/// A token: what it is, where, and whether its closing quote was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub lexeme: Lexeme,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// False for a string, name or comment that runs to the end of the text unclosed.
    pub closed: bool,
}

impl Token {
    /// Its text in `source`.
    pub fn of<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start..self.end).unwrap_or_default()
    }

    /// True for what separates tokens: blank space and comments.
    pub const fn is_blank(&self) -> bool {
        matches!(self.lexeme, Lexeme::Space | Lexeme::Comment)
    }
}

/// The tokens of `source`, which they cover completely.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { bytes: source.as_bytes(), at: 0, out: Vec::with_capacity(source.len() / 4 + 8) };
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    lexer.out
}

/// How a quoted string ends and whether a backslash hides a quote.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// Only a doubled quote.
    Doubling,
    /// Also a backslash.
    Backslash,
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    out: Vec<Token>,
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

const fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

const fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

const fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'~' | b'!'
            | b'@'
            | b'#'
            | b'^'
            | b'&'
            | b'|'
            | b'`'
            | b'?'
            | b'+'
            | b'-'
            | b'*'
            | b'/'
            | b'%'
            | b'<'
            | b'>'
            | b'='
    )
}

impl Lexer<'_> {
    /// The byte `ahead` of the present one; 0 past the end (a NUL in the text is junk anyway).
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, lexeme: Lexeme, end: usize, closed: bool) {
        let end = end.min(self.bytes.len());
        self.out.push(Token { lexeme, start: self.at, end, closed });
        self.at = end;
    }

    /// The first position from `from` on whose byte does not satisfy `keep`.
    fn run(&self, from: usize, keep: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|&byte| !keep(byte)).unwrap_or(rest.len())
    }

    fn step(&mut self) {
        let (first, second) = (self.peek(0), self.peek(1));
        match first {
            byte if is_space(byte) => {
                let end = self.run(self.at, is_space);
                self.push(Lexeme::Space, end, true);
            }
            b'-' if second == b'-' => {
                let end = self.run(self.at, |byte| byte != b'\n' && byte != b'\r');
                self.push(Lexeme::Comment, end, true);
            }
            b'/' if second == b'*' => self.block_comment(),
            b'\'' => self.text(0, Escapes::Doubling),
            b'"' => self.quoted(0, Lexeme::Quoted),
            b'e' | b'E' if second == b'\'' => self.text(1, Escapes::Backslash),
            b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if second == b'\'' => self.text(1, Escapes::Doubling),
            b'u' | b'U' if second == b'&' && self.peek(2) == b'\'' => self.text(2, Escapes::Doubling),
            b'u' | b'U' if second == b'&' && self.peek(2) == b'"' => self.quoted(2, Lexeme::UnicodeQuoted),
            byte if starts_word(byte) => {
                let end = self.run(self.at, continues_word);
                self.push(Lexeme::Word, end, true);
            }
            byte if byte.is_ascii_digit() || (byte == b'.' && second.is_ascii_digit()) => self.number(),
            b'$' => self.dollar(),
            b'.' if second == b'.' => self.push(Lexeme::Punctuation, self.at + 2, true),
            b':' if second == b':' || second == b'=' => self.push(Lexeme::Operator, self.at + 2, true),
            b'(' | b')' | b'[' | b']' | b',' | b'.' | b';' | b':' => {
                self.push(Lexeme::Punctuation, self.at + 1, true);
            }
            byte if is_operator(byte) => self.operator(),
            _ => self.push(Lexeme::Junk, self.at + 1, true),
        }
    }

    fn block_comment(&mut self) {
        let (mut depth, mut at) = (1usize, self.at + 2);
        while let Some(&byte) = self.bytes.get(at) {
            let next = self.bytes.get(at + 1).copied().unwrap_or(0);
            match (byte, next) {
                (b'/', b'*') => {
                    depth += 1;
                    at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                _ => at += 1,
            }
        }
        self.push(Lexeme::Comment, at, depth == 0);
    }

    /// A string whose opening quote is `prefix` bytes ahead, and the pieces that continue
    /// it on later lines: those keep its escape rules, which is why they are read here.
    fn text(&mut self, prefix: usize, escapes: Escapes) {
        let mut prefix = prefix;
        loop {
            let (end, closed) = self.close(self.at + prefix + 1, b'\'', escapes);
            self.push(Lexeme::Text, end, closed);
            if !closed || !self.continues() {
                return;
            }
            while self.at < self.bytes.len() && self.peek(0) != b'\'' {
                self.step();
            }
            prefix = 0;
        }
    }

    /// True if what follows is a quote separated by blank space and `--` comments with at
    /// least one line end among them.
    fn continues(&self) -> bool {
        let (mut at, mut line_ended) = (self.at, false);
        loop {
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (Some(b'\''), _) => return line_ended,
                (Some(b'-'), Some(b'-')) => at = self.run(at, |byte| byte != b'\n' && byte != b'\r'),
                (Some(&byte), _) if is_space(byte) => {
                    line_ended |= byte == b'\n' || byte == b'\r';
                    at += 1;
                }
                _ => return false,
            }
        }
    }

    fn quoted(&mut self, prefix: usize, lexeme: Lexeme) {
        let (end, closed) = self.close(self.at + prefix + 1, b'"', Escapes::Doubling);
        self.push(lexeme, end, closed);
    }

    /// Where the literal whose body starts at `from` ends, and whether it was closed.
    fn close(&self, from: usize, quote: u8, escapes: Escapes) -> (usize, bool) {
        let mut at = from;
        while let Some(&byte) = self.bytes.get(at) {
            if byte == quote {
                if self.bytes.get(at + 1) != Some(&quote) {
                    return (at + 1, true);
                }
                at += 2;
            } else if byte == b'\\' && escapes == Escapes::Backslash {
                at += 2;
            } else {
                at += 1;
            }
        }
        (self.bytes.len(), false)
    }

    fn dollar(&mut self) {
        if self.peek(1).is_ascii_digit() {
            let end = self.run(self.at + 1, |byte| byte.is_ascii_digit());
            let follows = self.bytes.get(end).is_some_and(|&byte| starts_word(byte));
            return self.push(if follows { Lexeme::Junk } else { Lexeme::Parameter }, end, true);
        }
        let tag_end = if starts_word(self.peek(1)) {
            self.run(self.at + 1, |byte| continues_word(byte) && byte != b'$')
        } else {
            self.at + 1
        };
        if self.bytes.get(tag_end) != Some(&b'$') {
            return self.push(Lexeme::Junk, self.at + 1, true);
        }
        let tag = self.bytes.get(self.at..=tag_end).unwrap_or_default();
        let body = self.bytes.get(tag_end + 1..).unwrap_or_default();
        // Every mark starts with `$`, so stepping from one `$` to the next keeps this linear.
        let mut from = 0;
        while let Some(found) = body.get(from..).and_then(|rest| rest.iter().position(|&byte| byte == b'$')) {
            if body.get(from + found..).is_some_and(|rest| rest.starts_with(tag)) {
                let end = tag_end + 1 + from + found + tag.len();
                return self.push(Lexeme::Text, end, true);
            }
            from += found + 1;
        }
        self.push(Lexeme::Text, self.bytes.len(), false);
    }

    /// A number. One with letters at its end is junk: PostgreSQL 15 and later refuse it,
    /// earlier versions read the letters as the next word.
    fn number(&mut self) {
        let (first, second) = (self.peek(0), self.peek(1) | 0x20);
        let digits = |byte: u8| byte.is_ascii_digit() || byte == b'_';
        let mut end = if first == b'0' && matches!(second, b'x' | b'o' | b'b') {
            self.run(self.at + 2, |byte| byte.is_ascii_hexdigit() || byte == b'_')
        } else {
            let mut end = self.run(self.at, digits);
            if self.bytes.get(end) == Some(&b'.') && self.bytes.get(end + 1) != Some(&b'.') {
                end = self.run(end + 1, digits);
            }
            self.exponent(end)
        };
        let junk = self.bytes.get(end).is_some_and(|&byte| starts_word(byte));
        if junk {
            end = self.run(end, continues_word);
        }
        self.push(if junk { Lexeme::Junk } else { Lexeme::Number }, end, true);
    }

    fn exponent(&self, end: usize) -> usize {
        if !matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            return end;
        }
        let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
        let last = self.run(end + 1 + sign, |byte| byte.is_ascii_digit() || byte == b'_');
        if last > end + 1 + sign { last } else { end }
    }

    /// An operator: the longest run of operator characters, cut where a comment starts,
    /// without trailing `+` and `-` unless it holds a character that SQL's own operators
    /// never do.
    fn operator(&mut self) {
        let mut end = self.run(self.at, is_operator);
        let run = self.bytes.get(self.at..end).unwrap_or_default();
        if let Some(cut) = run.windows(2).position(|pair| pair == b"/*" || pair == b"--") {
            end = self.at + cut;
        }
        let special =
            self.bytes.get(self.at..end).unwrap_or_default().iter().any(|byte| {
                matches!(byte, b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'%')
            });
        if !special {
            while end > self.at + 1 && matches!(self.bytes.get(end - 1), Some(b'+' | b'-')) {
                end -= 1;
            }
        }
        self.push(Lexeme::Operator, end, true);
    }
}
