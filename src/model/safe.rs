//! Text from outside, made fit for a terminal: the one place where data is sanitised.
//!
//! A tag, a name, a cell or a server's error text may carry escape sequences, bidirectional
//! controls or invisible characters. [`SafeText`] holds none of them; what was there stays
//! visible as a symbol, so nothing is hidden and nothing is executed.

use std::fmt;

/// The most combining marks kept on one base character: more are dropped, so that a cell
/// cannot grow over its neighbours.
const MARKS_KEPT: usize = 4;

/// Text without control, bidirectional or invisible format characters. One line.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText(Box<str>);

impl SafeText {
    /// Sanitises `raw`: C0 controls and DEL become their Unicode pictures (`␛`), C1 controls,
    /// bidirectional and invisible format characters become `⟨U+202E⟩`.
    pub fn new(raw: impl AsRef<str>) -> Self {
        let raw = raw.as_ref();
        if raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Self(raw.into());
        }
        let mut out = String::with_capacity(raw.len());
        push_safe(&mut out, raw);
        Self(out.into())
    }

    /// Sanitises bytes that should be UTF-8; what is not becomes U+FFFD.
    pub fn from_bytes(raw: &[u8]) -> Self {
        Self::new(String::from_utf8_lossy(raw))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Appends `raw` to `out`, sanitised as [`SafeText::new`] does.
pub fn push_safe(out: &mut String, raw: &str) {
    let mut marks = 0;
    for c in raw.chars() {
        match c {
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            c if is_hidden(c) => {
                use fmt::Write as _;
                // Writing to a String cannot fail.
                let _ = write!(out, "\u{27e8}U+{:04X}\u{27e9}", c as u32);
            }
            c if is_mark(c) => {
                marks += 1;
                if marks <= MARKS_KEPT {
                    out.push(c);
                }
                continue;
            }
            c => out.push(c),
        }
        marks = 0;
    }
}

/// Whether `c` changes the look of its neighbours or is not seen at all: C1 controls,
/// bidirectional controls, zero-width and tag characters, variation selectors, private use.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether `c` is drawn on top of the character before it.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{6d6}'..='\u{6dc}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}')
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<&str> for SafeText {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for SafeText {
    fn from(raw: String) -> Self {
        Self::new(raw)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for SafeText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_pictures() {
        assert_eq!(SafeText::new("a\u{1b}[31mb\rc\n").as_str(), "a␛[31mb␍c␊");
        assert_eq!(SafeText::new("\u{9b}x\u{7f}").as_str(), "⟨U+009B⟩x␡");
    }

    #[test]
    fn bidi_and_invisible_are_named() {
        assert_eq!(SafeText::new("ab\u{202e}cd").as_str(), "ab⟨U+202E⟩cd");
        assert_eq!(SafeText::new("pay\u{200b}pal").as_str(), "pay⟨U+200B⟩pal");
    }

    #[test]
    fn combining_runs_are_cut() {
        let zalgo = format!("e{}x", "\u{301}".repeat(50));
        assert_eq!(SafeText::new(&zalgo).chars().count(), 2 + MARKS_KEPT);
    }

    #[test]
    fn plain_text_is_untouched() {
        for text in ["", "orders-prod", "größe 数据 é"] {
            assert_eq!(SafeText::new(text).as_str(), text);
        }
    }
}
