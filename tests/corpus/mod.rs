//! Reads a corpus and disguises its statements, the same way in every run.

/// One line of a corpus.
#[derive(Debug, serde::Deserialize)]
pub struct Line {
    /// The statement.
    pub statement: String,
    /// Whether it must be refused.
    pub writes: bool,
    /// What the line is about.
    #[expect(dead_code, reason = "for whoever reads the corpus")]
    pub why: String,
}

/// The lines of a corpus.
#[expect(clippy::expect_used, reason = "a broken corpus should stop the test")]
pub fn lines(text: &str) -> Vec<Line> {
    text.lines().map(|line| serde_json::from_str(line).expect("a corpus line is JSON")).collect()
}

/// A seeded generator (xorshift) and the disguises it chooses.
pub struct Noise(u64);

impl Noise {
    /// The same seed gives the same disguises.
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// One to three changes that do not make a write a read.
    pub fn disguise(&mut self, statement: &str, quote: char) -> String {
        let mut text = statement.to_owned();
        for _ in 0..=self.below(3) {
            text = match self.below(8) {
                0 => format!("{text}\0"),
                1 => Self::quote_a_call(&text, quote),
                // Long prefixes are dear: few of them.
                2 if self.below(40) == 0 => format!("/*{}*/{text}", "x".repeat(65_536)),
                _ => self.harmless(&text),
            };
        }
        text
    }

    /// One change that does not make a read anything else.
    pub fn harmless(&mut self, statement: &str) -> String {
        match self.below(9) {
            0 => format!("\u{feff}{statement}"),
            1 => format!(" \t\r\n{statement}\n"),
            2 => format!("/* c */{statement}"),
            3 => format!("-- c\n{statement}"),
            4 => format!("{statement}\n;"),
            5 => format!("{statement}\n;;"),
            6 => format!("{statement}\n; -- c"),
            7 => self.flip_case(statement),
            _ => self.comment_at_a_gap(statement),
        }
    }

    /// Flips the case of letters outside quotes and comments.
    fn flip_case(&mut self, text: &str) -> String {
        let free = outside_quotes(text);
        text.char_indices()
            .map(|(at, c)| match free[at] && c.is_ascii_alphabetic() && c != 'N' && self.below(2) == 0 {
                true if c.is_ascii_lowercase() => c.to_ascii_uppercase(),
                true => c.to_ascii_lowercase(),
                false => c,
            })
            .collect()
    }

    /// Puts a comment at a blank outside quotes and comments.
    fn comment_at_a_gap(&mut self, text: &str) -> String {
        let free = outside_quotes(text);
        let gaps: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).filter(|at| free[*at]).collect();
        if gaps.is_empty() {
            return text.to_owned();
        }
        let at = gaps[self.below(gaps.len())];
        let comment = ["/**/", " /* c */ ", " -- c\n", "\t/* ; */\n"][self.below(4)];
        format!("{}{comment}{}", &text[..at], &text[at + 1..])
    }

    /// Quotes the first name that a bracket follows.
    fn quote_a_call(text: &str, quote: char) -> String {
        let Some(bracket) = text.find('(') else { return text.to_owned() };
        let name = text[..bracket].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        format!("{}{quote}{}{quote}{}", &text[..name], &text[name..bracket], &text[bracket..])
    }
}

/// For each byte, whether it is outside quotes and comments; all are inside when a statement plays
/// with comments or backslashes.
fn outside_quotes(text: &str) -> Vec<bool> {
    let tricky = text.contains("--") || text.contains("/*") || text.contains('#') || text.contains('\\');
    let mut open = None;
    text.bytes()
        .map(|byte| {
            match open {
                Some(quote) if byte == quote => open = None,
                None if matches!(byte, b'\'' | b'"' | b'`') => open = Some(byte),
                _ => {}
            }
            open.is_none() && !tricky
        })
        .collect()
}
