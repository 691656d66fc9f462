//! What Redshift's grammar has and PostgreSQL's has not, taken out of a copy of the text before
//! the tree is judged. Each piece is replaced by blanks or by a word of PostgreSQL that is no
//! longer, so that every position stays. The rule it keeps: only keywords, names, literals and
//! clauses made of listed tokens are taken out; whatever could call something stays in.

use super::functions;
use crate::query::dialect::Verdict;
use crate::query::dialect::postgres::lex::{Lexeme, Token};

/// What has been met at one level of brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    from: bool,
    filtered: bool,
    having: bool,
    connected: bool,
}

struct Copy<'a> {
    text: &'a str,
    tokens: &'a [Token],
    words: Vec<String>,
    out: Vec<u8>,
}

/// The copy of `text` to judge, as long as `text`; `tokens` are its tokens without blanks.
///
/// # Errors
/// None at present: what cannot be taken apart stays and is refused by the tree.
pub fn taken(text: &str, tokens: &[Token]) -> Result<String, Verdict> {
    let lower = |t: &Token| match t.lexeme {
        Lexeme::Word => t.of(text).to_ascii_lowercase(),
        _ => t.of(text).to_owned(),
    };
    let words = tokens.iter().map(lower).collect();
    let mut copy = Copy { text, tokens, words, out: text.as_bytes().to_vec() };
    let mut levels = vec![Level::default()];
    let mut at = 0;
    while at < tokens.len() {
        match copy.word(at) {
            "(" => levels.push(Level::default()),
            ")" if levels.len() > 1 => {
                levels.pop();
            }
            _ => {}
        }
        let level = levels.last_mut();
        at = match level {
            Some(level) => copy.step(at, level),
            None => at + 1,
        };
    }
    // Only ASCII was written over whole tokens, so the copy is UTF-8 like the text.
    Ok(String::from_utf8(copy.out).unwrap_or_default())
}

impl Copy<'_> {
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |at| self.word(at))
    }

    fn is(&self, at: usize, lexeme: Lexeme) -> bool {
        self.tokens.get(at).is_some_and(|t| t.lexeme == lexeme)
    }

    fn is_name(&self, at: usize) -> bool {
        self.is(at, Lexeme::Word) || self.is(at, Lexeme::Quoted)
    }

    /// Writes `word` over the tokens `from..to`, blanks after it.
    fn put(&mut self, from: usize, to: usize, word: &str) {
        for at in from..to {
            let Some(token) = self.tokens.get(at) else { return };
            let word = if at == from { word.as_bytes() } else { b"" };
            for (offset, byte) in self.out.get_mut(token.start..token.end).into_iter().flatten().enumerate() {
                *byte = word.get(offset).copied().unwrap_or(b' ');
            }
        }
    }

    fn blank(&mut self, from: usize, to: usize) -> usize {
        self.put(from, to, "");
        to
    }

    /// Takes out what begins at token `at`; where to go on.
    fn step(&mut self, at: usize, level: &mut Level) -> usize {
        if !self.is(at, Lexeme::Word) || matches!(self.before(at), "." | "as") {
            return at + 1;
        }
        match self.word(at).to_owned().as_str() {
            "select" => {
                *level = Level::default();
                return self.top(at + 1);
            }
            "from" => level.from = true,
            "where" => level.filtered = true,
            "having" => level.having = true,
            "approximate" if self.is(at + 1, Lexeme::Word) && self.word(at + 2) == "(" => {
                return self.blank(at, at + 1);
            }
            "qualify" if level.from => {
                self.put(at, at + 1, if level.having { "and" } else { "having" });
                level.having = true;
            }
            "minus" if matches!(self.word(at + 1), "select" | "(" | "with") => self.put(at, at + 1, "union"),
            "connect" if self.word(at + 1) == "by" => return self.tree(at, level),
            "start" if self.word(at + 1) == "with" && level.from => return self.tree(at, level),
            "prior" if level.connected && self.is_name(at + 1) => return self.blank(at, at + 1),
            "siblings" if self.before(at) == "order" => return self.blank(at, at + 1),
            "pivot" | "unpivot" if level.from => return self.pivot(at),
            "exclude" if self.before(at) == "*" => return self.exclude(at),
            "at" if level.from && self.counts(at) => return self.blank(at, at + 2),
            _ => return self.in_expression(at),
        }
        at + 1
    }

    /// Whether `AT name` at token `at` names the position in an array that FROM walks.
    fn counts(&self, at: usize) -> bool {
        let of = at.checked_sub(1).is_some_and(|before| self.is_name(before));
        let keyword =
            ["by", "where", "and", "or", "not", "on", "having", "when", "then", "else", "case", "in"];
        of && !keyword.contains(&self.before(at))
            && self.is_name(at + 1)
            && !matches!(self.word(at + 1), "time" | "local")
    }

    /// Redshift's own forms inside expressions.
    fn in_expression(&mut self, at: usize) -> usize {
        match self.word(at).to_owned().as_str() {
            "ignore" | "respect" if self.word(at + 1) == "nulls" => self.blank(at, at + 2),
            "try_cast" if self.word(at + 1) == "(" => {
                self.put(at, at + 1, "cast");
                at + 1
            }
            // A list of values; with a query in it, it is PostgreSQL's own form.
            "array"
                if self.word(at + 1) == "("
                    && !matches!(self.word(at + 2), "select" | "with" | "(" | ")") =>
            {
                self.put(at, at + 1, "row");
                at + 1
            }
            "max" if self.before(at) == "(" && self.word(at + 1) == ")" => {
                let of = at.checked_sub(2).map_or("", |of| self.word(of));
                if matches!(of, "varchar" | "char" | "nvarchar" | "varbyte" | "varying" | "character") {
                    self.put(at, at + 1, "1");
                }
                at + 1
            }
            // The function, where a value begins; after a value it is PostgreSQL's own clause.
            "collate"
                if self.word(at + 1) == "(" && matches!(self.before(at), "," | "(" | "select" | "=") =>
            {
                self.put(at, at + 1, "concat");
                at + 1
            }
            "convert" if self.word(at + 1) == "(" => self.convert(at),
            _ => at + 1,
        }
    }

    /// `TOP n` after SELECT, ALL or DISTINCT.
    fn top(&mut self, mut at: usize) -> usize {
        if matches!(self.word(at), "all" | "distinct") {
            at += 1;
        }
        if self.word(at) != "top" || !self.is(at, Lexeme::Word) {
            return at;
        }
        if self.is(at + 1, Lexeme::Number) {
            return self.blank(at, at + 2);
        }
        if self.word(at + 1) == "(" && self.is(at + 2, Lexeme::Number) && self.word(at + 3) == ")" {
            return self.blank(at, at + 4);
        }
        at
    }

    /// `CONNECT BY` and `START WITH` are conditions of the rows, as WHERE is.
    fn tree(&mut self, at: usize, level: &mut Level) -> usize {
        self.put(at, at + 2, if level.filtered { "and" } else { "where" });
        level.filtered = true;
        level.connected = true;
        if self.word(at + 2) == "nocycle" { self.blank(at + 2, at + 3) } else { at + 2 }
    }

    /// `PIVOT (…)` and `UNPIVOT (…)` of aggregates, names and literals; `UNPIVOT path`, which
    /// walks the attributes of a value.
    fn pivot(&mut self, at: usize) -> usize {
        let mut open = at + 1;
        if matches!(self.word(open), "include" | "exclude") && self.word(open + 1) == "nulls" {
            open += 2;
        }
        if self.word(open) != "(" {
            let walks = self.word(at) == "unpivot" && open == at + 1 && self.is_name(open);
            return if walks { self.blank(at, at + 1) } else { at + 1 };
        }
        let (mut depth, mut end) = (0_usize, open);
        loop {
            match self.word(end) {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                // The text ended inside: it stays, and the tree refuses it.
                "" => return at + 1,
                _ if !self.may_be_pivoted(end) => return at + 1,
                _ => {}
            }
            end += 1;
            if depth == 0 {
                break;
            }
        }
        self.blank(at, end)
    }

    /// Whether token `at` inside PIVOT can do no harm: a name that calls nothing, a literal, a
    /// known function.
    fn may_be_pivoted(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        let calls = self.word(at + 1) == "(";
        match token.lexeme {
            Lexeme::Word if matches!(self.word(at), "select" | "with" | "values" | "into") => false,
            Lexeme::Word if calls => self.word(at) == "in" || functions::only_reads(self.word(at)),
            Lexeme::Word | Lexeme::Number | Lexeme::Text => true,
            Lexeme::Quoted => !calls,
            Lexeme::Punctuation => matches!(token.of(self.text), "," | "."),
            Lexeme::Operator => matches!(token.of(self.text), "*" | "::"),
            _ => false,
        }
    }

    /// `* EXCLUDE name` and `* EXCLUDE (names)`.
    fn exclude(&mut self, at: usize) -> usize {
        if self.is_name(at + 1) {
            return self.blank(at, at + 2);
        }
        if self.word(at + 1) != "(" {
            return at + 1;
        }
        let mut end = at + 2;
        while self.is_name(end) || self.word(end) == "," {
            end += 1;
        }
        if self.word(end) == ")" { self.blank(at, end + 1) } else { at + 1 }
    }

    /// `CONVERT(type, value)`: the type is taken out when it is one.
    fn convert(&mut self, at: usize) -> usize {
        let first = at + 2;
        if !self.is(first, Lexeme::Word) || !functions::converts_to(self.word(first)) {
            return at + 1;
        }
        let mut end = first + 1;
        let part = ["precision", "varying", "with", "without", "time", "zone", "max"];
        while part.contains(&self.word(end))
            || self.is(end, Lexeme::Number)
            || matches!(self.word(end), "(" | ")")
            || (self.word(end) == "," && self.is(end + 1, Lexeme::Number) && self.word(end + 2) == ")")
        {
            end += 1;
        }
        if self.word(end) == "," { self.blank(first, end + 1) } else { at + 1 }
    }
}
