//! The words of SQL Server, Oracle and Db2, cut as each server cuts them: bracketed names and money in
//! T-SQL, `q'[…]'` strings in Oracle, names with `@` and `#` in Db2. What server versions or settings
//! read in two ways becomes a [`Kind::Bad`] token, and a statement with one is refused. Every byte
//! belongs to a token or is blank.

use super::Family;
use crate::query::dialect::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare word: keyword or name.
    Word,
    /// A name in double quotes or in brackets.
    Quoted,
    /// A string with its prefix.
    Text,
    /// A number.
    Number,
    /// T-SQL's `@name`.
    Variable,
    /// T-SQL's `@@name`.
    Global,
    /// `:name` or `?`.
    Parameter,
    /// Operator or punctuation.
    Operator,
    /// A comment.
    Comment,
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
    /// Read in more than one way.
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

/// Operators of more than one character; the grammar says which of them a family has.
const LONG: &[&str] = &[
    "<>", "!=", "^=", "~=", "<=", ">=", "!<", "!>", "||", "=>", ":=", "**", "::", "..", "->", "+=", "-=",
    "<<", ">>",
];

/// Cuts `text` into tokens, comments included.
pub fn lex(text: &str, family: Family) -> Vec<Token> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lexer = Lexer { text, at: start, family, tokens: Vec::with_capacity(text.len() / 5) };
    while let Some(c) = lexer.peek() {
        if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}') {
            lexer.at += 1;
            continue;
        }
        let start = lexer.at;
        let kind = lexer.token(c);
        // A token is at least one character: the loop always ends.
        lexer.at = lexer.at.max(start + c.len_utf8()).min(text.len());
        lexer.tokens.push(Token { kind, start, end: lexer.at });
    }
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    family: Family,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn skip_while(&mut self, keep: impl Fn(char) -> bool) {
        while let Some(c) = self.peek().filter(|c| keep(*c)) {
            self.at += c.len_utf8();
        }
    }

    /// Whether a name of this family may hold `c`.
    fn names(&self, c: char) -> bool {
        let marked = match self.family {
            Family::SqlServer | Family::Db2 => matches!(c, '_' | '$' | '#' | '@'),
            Family::Oracle => matches!(c, '_' | '$' | '#'),
        };
        marked || c.is_ascii_alphanumeric() || (!c.is_ascii() && c.is_alphanumeric())
    }

    /// Whether a name of this family may begin with `c`.
    fn begins_name(&self, c: char) -> bool {
        let marked = match self.family {
            Family::SqlServer => matches!(c, '_' | '#'),
            Family::Db2 => matches!(c, '_' | '$' | '#' | '@'),
            Family::Oracle => false,
        };
        marked || c.is_ascii_alphabetic() || (!c.is_ascii() && c.is_alphabetic())
    }

    /// Reads one token that starts with `c` and leaves `at` behind it.
    fn token(&mut self, c: char) -> Kind {
        match c {
            '-' if self.second() == Some('-') => self.line_comment(),
            '/' if self.second() == Some('*') => self.block_comment(),
            '\'' => self.quoted('\'', Kind::Text),
            '"' => self.double_quoted(),
            '[' if self.family == Family::SqlServer => self.quoted(']', Kind::Quoted),
            '@' if self.family == Family::SqlServer => self.variable(),
            '$' if self.family == Family::SqlServer && self.second().is_some_and(|c| c.is_ascii_digit()) => {
                self.at += 1;
                self.number('0')
            }
            '$' if self.family == Family::SqlServer && self.at_partition() => {
                self.at += "$PARTITION".len();
                Kind::Word
            }
            '0'..='9' => self.number(c),
            '.' if self.second().is_some_and(|c| c.is_ascii_digit()) && !self.after_name() => self.number(c),
            ':' => self.colon(),
            '?' if self.family == Family::Db2 => {
                self.at += 1;
                Kind::Parameter
            }
            '\0' => {
                self.at += 1;
                Kind::Bad(Fault::Nul)
            }
            c if self.begins_name(c) => self.word(),
            _ => self.operator(c),
        }
    }

    /// Whether the token before ends right here and is a name, so that a dot continues it.
    fn after_name(&self) -> bool {
        let continues = |t: &Token| t.end == self.at && matches!(t.kind, Kind::Word | Kind::Quoted);
        self.tokens.last().is_some_and(continues)
    }

    fn line_comment(&mut self) -> Kind {
        let rest = self.rest();
        let length = rest.find('\n').unwrap_or(rest.len());
        let body = rest.get(..length).unwrap_or_default();
        let body = body.strip_suffix('\r').unwrap_or(body);
        // Some readers end a line at each of these.
        let odd = body.contains(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']);
        let nul = body.contains('\0');
        self.at += length;
        match (nul, odd) {
            (true, _) => Kind::Bad(Fault::Nul),
            (false, true) => Kind::Bad(Fault::Ambiguous),
            (false, false) => Kind::Comment,
        }
    }

    /// T-SQL and Db2 nest comments and Oracle does not: one inside another is refused everywhere.
    fn block_comment(&mut self) -> Kind {
        let body = self.text.get(self.at + 2..).unwrap_or_default();
        let Some(length) = body.find("*/") else {
            self.at = self.text.len();
            return Kind::Bad(Fault::Unterminated);
        };
        self.at += length + 4;
        let body = body.get(..length).unwrap_or_default();
        if body.contains("/*") {
            return Kind::Bad(Fault::Ambiguous);
        }
        if body.contains('\0') { Kind::Bad(Fault::Nul) } else { Kind::Comment }
    }

    /// From a quote to the one that ends it; two in a row stand for one.
    fn quoted(&mut self, end: char, kind: Kind) -> Kind {
        self.at += 1;
        let mut nul = false;
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            nul |= c == '\0';
            if c == end {
                if self.peek() != Some(end) {
                    return if nul { Kind::Bad(Fault::Nul) } else { kind };
                }
                self.at += 1;
            }
        }
        Kind::Bad(Fault::Unterminated)
    }

    fn double_quoted(&mut self) -> Kind {
        let start = self.at;
        let kind = self.quoted('"', Kind::Quoted);
        let inner = self.text.get(start + 1..self.at.saturating_sub(1)).unwrap_or_default();
        // Oracle's names have no quote in them: there two in a row end one name and begin another.
        let split = self.family == Family::Oracle && inner.contains('"');
        if kind == Kind::Quoted && (split || inner.is_empty()) { Kind::Bad(Fault::Ambiguous) } else { kind }
    }

    fn word(&mut self) -> Kind {
        let start = self.at;
        // `names` borrows the lexer, so the end is found first.
        let length = self.rest().find(|c| !self.names(c)).unwrap_or(self.rest().len());
        self.at += length;
        if self.family == Family::Db2 && length == 1 && self.rest().starts_with("&'") && self.is_u(start) {
            self.at += 1;
            return self.quoted('\'', Kind::Text);
        }
        if self.peek() != Some('\'') {
            return Kind::Word;
        }
        let word = self.text.get(start..self.at).unwrap_or_default().to_ascii_uppercase();
        match (self.family, word.as_str()) {
            (Family::Oracle, "Q" | "NQ") => self.q_string(),
            (Family::SqlServer | Family::Oracle, "N")
            | (Family::Db2, "N" | "G" | "X" | "BX" | "GX" | "UX") => self.quoted('\'', Kind::Text),
            // Oracle's Unicode strings, and prefixes of other dialects: not known to be one word.
            (_, "U" | "X" | "B" | "E" | "Q" | "NQ") => {
                self.quoted('\'', Kind::Text);
                Kind::Bad(Fault::Ambiguous)
            }
            _ => Kind::Word,
        }
    }

    /// Whether T-SQL's `$PARTITION.` stands here. No other word begins with the sign: alone it is an amount
    /// of money, and what is glued to it a word of its own.
    fn at_partition(&self) -> bool {
        self.rest().get(.."$PARTITION.".len()).is_some_and(|word| word.eq_ignore_ascii_case("$PARTITION."))
    }

    /// Whether the byte at `at` is the prefix of Db2's `U&'…'`.
    fn is_u(&self, at: usize) -> bool {
        self.text.get(at..at + 1).is_some_and(|word| word.eq_ignore_ascii_case("U"))
    }

    /// Oracle's `q'[…]'`: ends at the closing partner of its first character, followed by a quote.
    fn q_string(&mut self) -> Kind {
        self.at += 1;
        let Some(open) = self.peek() else { return Kind::Bad(Fault::Unterminated) };
        self.at += open.len_utf8();
        let close = match open {
            '[' => ']',
            '{' => '}',
            '(' => ')',
            '<' => '>',
            c if c.is_whitespace() || c.is_control() || c == '\'' => return Kind::Bad(Fault::Ambiguous),
            c => c,
        };
        let ending = format!("{close}'");
        let rest = self.rest();
        let Some(length) = rest.find(&ending) else {
            self.at = self.text.len();
            return Kind::Bad(Fault::Unterminated);
        };
        let nul = rest.get(..length).is_some_and(|body| body.contains('\0'));
        self.at += length + ending.len();
        if nul { Kind::Bad(Fault::Nul) } else { Kind::Text }
    }

    fn variable(&mut self) -> Kind {
        self.at += 1;
        let kind = if self.peek() == Some('@') {
            self.at += 1;
            Kind::Global
        } else {
            Kind::Variable
        };
        let start = self.at;
        let length = self.rest().find(|c| !self.names(c)).unwrap_or(self.rest().len());
        self.at += length;
        if self.at == start { Kind::Bad(Fault::Stray) } else { kind }
    }

    fn number(&mut self, first: char) -> Kind {
        let hex = self.rest().get(..2).is_some_and(|p| p.eq_ignore_ascii_case("0x"));
        if hex && self.family == Family::SqlServer {
            self.at += 2;
            self.skip_while(|c| c.is_ascii_hexdigit());
            return self.ends_number();
        }
        if first != '.' {
            self.skip_while(|c| c.is_ascii_digit());
        }
        if self.peek() == Some('.') && self.second() != Some('.') {
            self.at += 1;
            self.skip_while(|c| c.is_ascii_digit());
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let after = self.text.get(self.at + 1..).unwrap_or_default();
            let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
            if digits.starts_with(|c: char| c.is_ascii_digit()) {
                self.at += 1 + (after.len() - digits.len());
                self.skip_while(|c| c.is_ascii_digit());
            }
        }
        let suffix = self.family == Family::Oracle && matches!(self.peek(), Some('f' | 'F' | 'd' | 'D'));
        if suffix && !self.second().is_some_and(|c| self.names(c)) {
            self.at += 1;
        }
        self.ends_number()
    }

    /// A number glued to a name is two tokens for some and none for others.
    fn ends_number(&mut self) -> Kind {
        if !self.peek().is_some_and(|c| self.names(c)) {
            return Kind::Number;
        }
        let length = self.rest().find(|c| !self.names(c)).unwrap_or(self.rest().len());
        self.at += length;
        Kind::Bad(Fault::Ambiguous)
    }

    fn colon(&mut self) -> Kind {
        let next = self.second();
        if matches!(next, Some('=' | ':')) {
            self.at += 2;
            return Kind::Operator;
        }
        self.at += 1;
        if self.family == Family::SqlServer {
            // The pairs of JSON_OBJECT.
            return Kind::Operator;
        }
        if !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Kind::Bad(Fault::Stray);
        }
        self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
        Kind::Parameter
    }

    fn operator(&mut self, c: char) -> Kind {
        if let Some(long) = LONG.iter().find(|long| self.rest().starts_with(**long)) {
            self.at += long.len();
            return Kind::Operator;
        }
        self.at += c.len_utf8();
        match c {
            '+' | '-' | '*' | '/' | '%' | '=' | '<' | '>' | '~' | '^' | '&' | '|' => Kind::Operator,
            '(' | ')' | ',' | '.' | ';' => Kind::Operator,
            // A database link, refused with its reason by the grammar.
            '@' if self.family == Family::Oracle => Kind::Operator,
            // Places of a JSON array.
            '[' | ']' if self.family == Family::Oracle => Kind::Operator,
            // ODBC's escapes.
            '{' | '}' if self.family == Family::SqlServer => Kind::Operator,
            _ => Kind::Bad(Fault::Stray),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, family: Family) -> Vec<(Kind, &str)> {
        lex(text, family).into_iter().map(|t| (t.kind, &text[t.start..t.end])).collect()
    }

    #[test]
    fn each_family_has_its_own_quotes() {
        assert_eq!(words("[a]]b]", Family::SqlServer), [(Kind::Quoted, "[a]]b]")]);
        assert_eq!(words("q'[it's]'", Family::Oracle), [(Kind::Text, "q'[it's]'")]);
        assert_eq!(words("nq'!a'b!'", Family::Oracle), [(Kind::Text, "nq'!a'b!'")]);
        assert_eq!(words("N'a''b'", Family::SqlServer), [(Kind::Text, "N'a''b'")]);
        assert_eq!(words("GX'00'", Family::Db2), [(Kind::Text, "GX'00'")]);
        assert_eq!(words("a@b", Family::Db2), [(Kind::Word, "a@b")]);
        let link = words("a@b", Family::Oracle);
        assert_eq!(link, [(Kind::Word, "a"), (Kind::Operator, "@"), (Kind::Word, "b")]);
    }

    #[test]
    fn signs_before_words_are_known_one_by_one() {
        let partition = words("$PARTITION.pf", Family::SqlServer);
        assert_eq!(partition, [(Kind::Word, "$PARTITION"), (Kind::Operator, "."), (Kind::Word, "pf")]);
        // An amount of money and a verb, for a server.
        let money = words("$DELETE", Family::SqlServer);
        assert_eq!(money, [(Kind::Bad(Fault::Stray), "$"), (Kind::Word, "DELETE")]);
        assert_eq!(words("u&'it''s'", Family::Db2), [(Kind::Text, "u&'it''s'")]);
    }

    #[test]
    fn what_is_read_in_two_ways_is_no_token() {
        for (text, family) in [
            ("1DELETE", Family::SqlServer),
            ("/* /* */ */", Family::SqlServer),
            ("-- a\rDELETE", Family::SqlServer),
            ("\"a\"\"b\"", Family::Oracle),
            ("U'a'", Family::Oracle),
            ("q' a '", Family::Oracle),
            ("1e", Family::SqlServer),
        ] {
            let bad = lex(text, family).iter().any(|t| matches!(t.kind, Kind::Bad(Fault::Ambiguous)));
            assert!(bad, "{text}");
        }
        for text in ["'a", "\"a", "/* a", "[a"] {
            let tokens = lex(text, Family::SqlServer);
            assert!(tokens.iter().any(|t| t.kind == Kind::Bad(Fault::Unterminated)), "{text}");
        }
    }
}
