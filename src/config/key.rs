//! One key: its notation in keymap files and back. The same key always has one form, however
//! the terminal reports it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key with its modifiers, in one normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Keys that have a name. The first name of a key is the one printed.
const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("space", KeyCode::Char(' ')),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("minus", KeyCode::Char('-')),
];

impl Chord {
    /// The key of a terminal event. `shift-tab` and upper-case letters carry no separate
    /// shift, since terminals differ in reporting it.
    pub fn new(key: KeyEvent) -> Self {
        let mut modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let mut code = key.code;
        match code {
            KeyCode::BackTab => {
                code = KeyCode::Tab;
                modifiers |= KeyModifiers::SHIFT;
            }
            KeyCode::Char(c) if c != ' ' => {
                if modifiers.contains(KeyModifiers::SHIFT) && c.is_lowercase() {
                    let mut upper = c.to_uppercase();
                    if let (Some(u), None) = (upper.next(), upper.next()) {
                        code = KeyCode::Char(u);
                    }
                }
                modifiers -= KeyModifiers::SHIFT;
            }
            _ => {}
        }
        Self { code, modifiers }
    }

    /// Reads the notation of keymap files: `g`, `G`, `ctrl-d`, `shift-tab`, `f5`, `alt-enter`.
    ///
    /// # Errors
    /// A sentence that says what is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((word, after)) = rest.split_once('-') {
            if after.is_empty() {
                break;
            }
            modifiers |= match word.to_ascii_lowercase().as_str() {
                "ctrl" | "c" => KeyModifiers::CONTROL,
                "alt" | "a" | "meta" => KeyModifiers::ALT,
                "shift" | "s" => KeyModifiers::SHIFT,
                _ => return Err(format!("`{text}` is not a key: no modifier is called `{word}`")),
            };
            rest = after;
        }
        let code = code(rest).ok_or_else(|| format!("`{text}` is not a key"))?;
        Ok(Self::new(KeyEvent::new(code, modifiers)))
    }

    /// Reads a sequence: keys separated by blanks.
    ///
    /// # Errors
    /// As [`Chord::parse`].
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        text.split_whitespace().map(Self::parse).collect()
    }

    /// Why many terminals cannot send this key, when they cannot.
    pub fn trouble(&self) -> Option<&'static str> {
        let ctrl = self.modifiers.contains(KeyModifiers::CONTROL);
        match self.code {
            KeyCode::Char('m' | 'M') if ctrl => Some("terminals send Enter for it"),
            KeyCode::Char('i' | 'I') if ctrl => Some("terminals send Tab for it"),
            KeyCode::Char('h' | 'H') if ctrl => Some("some terminals send Backspace for it"),
            KeyCode::Char('[') if ctrl => Some("terminals send Esc for it"),
            KeyCode::Char(c) if ctrl && c.is_uppercase() => {
                Some("terminals do not tell it from the lower-case letter")
            }
            KeyCode::Char(c) if ctrl && !c.is_ascii_alphabetic() && c != ' ' => {
                Some("many terminals do not send it")
            }
            KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace | KeyCode::Esc if ctrl => {
                Some("many terminals send it without ctrl")
            }
            KeyCode::Enter if self.modifiers.contains(KeyModifiers::SHIFT) => {
                Some("many terminals send it without shift")
            }
            KeyCode::F(n) if n > 12 => Some("few terminals send function keys past f12"),
            _ => None,
        }
    }
}

fn code(name: &str) -> Option<KeyCode> {
    let lower = name.to_ascii_lowercase();
    if let Some((_, code)) = NAMED.iter().find(|(n, _)| *n == lower) {
        return Some(*code);
    }
    if let Some(n) = lower.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()) {
        return (1..=24).contains(&n).then_some(KeyCode::F(n));
    }
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !c.is_control() => Some(KeyCode::Char(c)),
        _ => None,
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (flag, word) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(flag) {
                f.write_str(word)?;
            }
        }
        let named = |code| NAMED.iter().find(|(_, c)| *c == code).map(|(n, _)| *n);
        match self.code {
            KeyCode::Char('-') if self.modifiers.is_empty() => f.write_str("-"),
            KeyCode::F(n) => write!(f, "f{n}"),
            KeyCode::Char(c) if c != ' ' && c != '-' => write!(f, "{c}"),
            code => f.write_str(named(code).unwrap_or("?")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_reads_and_prints() {
        for text in [
            "g",
            "G",
            "ctrl-d",
            "shift-tab",
            "f5",
            "alt-enter",
            "space",
            "esc",
            "-",
            "ctrl-minus",
            "alt-x",
            "?",
            "ctrl-alt-left",
            "pagedown",
            "/",
            "ctrl-space",
            "é",
        ] {
            let chord = Chord::parse(text);
            assert_eq!(chord.map(|c| c.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "hyper-x", "f0", "f99", "gg", "ctrl-", "ctrl-nope"] {
            assert!(Chord::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reports_of_one_key_are_one_key() {
        let key = |code, m| Chord::new(KeyEvent::new(code, m));
        assert_eq!(key(KeyCode::BackTab, KeyModifiers::SHIFT), key(KeyCode::BackTab, KeyModifiers::NONE));
        assert_eq!(key(KeyCode::Char('G'), KeyModifiers::SHIFT), key(KeyCode::Char('G'), KeyModifiers::NONE));
        assert_eq!(key(KeyCode::Char('g'), KeyModifiers::SHIFT), key(KeyCode::Char('G'), KeyModifiers::NONE));
        assert_eq!(key(KeyCode::Char('?'), KeyModifiers::SHIFT), key(KeyCode::Char('?'), KeyModifiers::NONE));
    }

    #[test]
    fn keys_that_do_not_arrive_are_known() {
        for text in ["ctrl-m", "ctrl-h", "ctrl-i", "ctrl-enter", "ctrl-[", "ctrl-D", "f13", "shift-enter"] {
            assert!(Chord::parse(text).unwrap().trouble().is_some(), "{text}");
        }
        for text in ["ctrl-d", "ctrl-j", "alt-enter", "f12", "ctrl-space", "shift-tab", "G"] {
            assert_eq!(Chord::parse(text).unwrap().trouble(), None, "{text}");
        }
    }
}
