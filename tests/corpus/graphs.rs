//! Disguises for the graph languages, whose comments are not SQL's. The same in every run.

/// A seeded generator (xorshift) and the disguises it chooses.
pub struct Noise {
    state: u64,
    /// How a comment to the end of the line starts.
    line: &'static str,
    /// A comment within a line, where the language has one.
    block: Option<&'static str>,
}

impl Noise {
    /// The same seed gives the same disguises.
    pub fn new(seed: u64, line: &'static str, block: Option<&'static str>) -> Self {
        Self { state: seed | 1, line, block }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % limit.max(1) as u64) as usize
    }

    fn comment(&mut self) -> String {
        let within = self.below(2) == 0;
        match self.block {
            Some(block) if within => format!(" {block} "),
            _ => format!(" {} c\n", self.line),
        }
    }

    /// One to three changes that do not make a refusable statement a read.
    pub fn disguise(&mut self, statement: &str) -> String {
        let mut text = statement.to_owned();
        for _ in 0..=self.below(3) {
            text = match self.below(9) {
                0 => format!("{text}\0"),
                1 => format!("{text};"),
                2 => format!("{text}\u{feff}"),
                3 => self.escape_a_letter(&text),
                // Long prefixes are dear: few of them.
                4 if self.below(40) == 0 => format!("{}{}\n{text}", self.line, "x".repeat(65_536)),
                _ => self.harmless(&text),
            };
        }
        text
    }

    /// One change that does not make a read anything else.
    pub fn harmless(&mut self, statement: &str) -> String {
        match self.below(7) {
            0 if !statement.starts_with('\u{feff}') => format!("\u{feff}{statement}"),
            1 => format!(" \t\r\n{statement}\n"),
            2 => format!("{} c\n{statement}", self.line),
            3 => format!("{statement}\n{} c", self.line),
            4 | 5 => self.flip_case(statement),
            _ => {
                let comment = self.comment();
                self.at_a_gap(statement, &comment)
            }
        }
    }

    /// Writes one letter outside quotes as `\uXXXX`.
    fn escape_a_letter(&mut self, text: &str) -> String {
        let free = outside_quotes(text);
        let letters: Vec<usize> = text
            .char_indices()
            .filter(|(at, c)| free[*at] && c.is_ascii_alphabetic())
            .map(|(at, _)| at)
            .collect();
        if letters.is_empty() {
            return text.to_owned();
        }
        let at = letters[self.below(letters.len())];
        format!("{}\\u{:04x}{}", &text[..at], text.as_bytes()[at], &text[at + 1..])
    }

    /// Flips the case of whole words outside quotes that are written in capitals: keywords.
    fn flip_case(&mut self, text: &str) -> String {
        let free = outside_quotes(text);
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let length =
                if word(c) { text[at..].find(|c| !word(c)).unwrap_or(text.len() - at) } else { c.len_utf8() };
            let part = &text[at..at + length];
            let keyword = length > 1
                && part.bytes().all(|b| b.is_ascii_uppercase())
                && !out.ends_with(['.', ':', '$', '?', '|', '<', '@', '/', '#'])
                && !text[at + length..].starts_with(':');
            for (offset, c) in part.char_indices() {
                let flip = keyword && free[at + offset] && self.below(2) == 0;
                out.push(if flip { c.to_ascii_lowercase() } else { c });
            }
            at += length;
        }
        out
    }

    /// Puts `what` at a blank outside quotes and comments.
    fn at_a_gap(&mut self, text: &str, what: &str) -> String {
        let free = outside_quotes(text);
        let gaps: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).filter(|at| free[*at]).collect();
        if gaps.is_empty() {
            return text.to_owned();
        }
        let at = gaps[self.below(gaps.len())];
        format!("{}{what}{}", &text[..at], &text[at + 1..])
    }
}

/// For each byte, whether it is outside quotes; all are inside when a statement plays with comments,
/// backslashes or names with signs.
fn outside_quotes(text: &str) -> Vec<bool> {
    let tricky = text.contains("//") || text.contains("/*") || text.contains('#') || text.contains('\\');
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
