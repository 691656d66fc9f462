//! The line at the bottom that takes text: the command line and the filter. A line editor
//! without history on disk; keys here are fixed, so that no keymap can lock anybody out.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The longest text taken, in characters.
const LONGEST: usize = 500;

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A command after `:`.
    Command,
    /// A filter after `/`: applied while typing.
    Filter,
}

/// The line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// The text.
    pub text: String,
    /// Position of the cursor in characters.
    pub cursor: usize,
    /// The text before it was opened: what giving up goes back to.
    pub before: String,
    /// Completions of the text, and the one in use.
    pub offers: Vec<String>,
    /// Which of `offers` Tab put in last.
    pub offered: Option<usize>,
    /// Which earlier command is shown, counted from the newest.
    pub recalled: Option<usize>,
}

/// What a key did to the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Nothing.
    Nothing,
    /// The text or the cursor moved.
    Changed,
    /// The text is finished.
    Entered,
    /// The person gave up.
    GaveUp,
    /// The person asks to complete: forwards or backwards.
    Complete(bool),
    /// The person asks for an earlier (true) or later text.
    Recall(bool),
}

impl Prompt {
    /// A line for `purpose` that begins with `text`.
    pub fn new(purpose: Purpose, text: &str) -> Self {
        Self {
            purpose,
            text: text.to_owned(),
            cursor: text.chars().count(),
            before: text.to_owned(),
            offers: Vec::new(),
            offered: None,
            recalled: None,
        }
    }

    /// Replaces the text and puts the cursor behind it.
    pub fn set(&mut self, text: &str) {
        self.text = text.chars().take(LONGEST).collect();
        self.cursor = self.text.chars().count();
    }

    /// Takes pasted text; line breaks and other controls end it, so that a paste never enters.
    pub fn paste(&mut self, text: &str) {
        for c in text.chars().take_while(|c| !c.is_control()) {
            self.insert(c);
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Typed {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Typed::Entered,
            KeyCode::Esc => return Typed::GaveUp,
            KeyCode::Tab => return Typed::Complete(true),
            KeyCode::BackTab => return Typed::Complete(false),
            KeyCode::Up => return Typed::Recall(true),
            KeyCode::Down => return Typed::Recall(false),
            KeyCode::Char('c' | 'g') if ctrl => return Typed::GaveUp,
            KeyCode::Char('p') if ctrl => return Typed::Recall(true),
            KeyCode::Char('n') if ctrl => return Typed::Recall(false),
            KeyCode::Backspace if self.text.is_empty() => return Typed::GaveUp,
            KeyCode::Backspace => self.remove_before(),
            KeyCode::Char('h') if ctrl => self.remove_before(),
            KeyCode::Char('w') if ctrl => self.remove_word(),
            KeyCode::Char('u') if ctrl => self.set(""),
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::Char('e') if ctrl => self.cursor = self.text.chars().count(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.chars().count(),
            KeyCode::Left => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right => self.cursor = (self.cursor + 1).min(self.text.chars().count()),
            KeyCode::Delete => self.remove_at(self.cursor),
            KeyCode::Char(c) if !ctrl && !key.modifiers.contains(KeyModifiers::ALT) => self.insert(c),
            _ => return Typed::Nothing,
        }
        self.offered = None;
        Typed::Changed
    }

    fn insert(&mut self, c: char) {
        if self.text.chars().count() < LONGEST && !c.is_control() {
            let at = self.byte(self.cursor);
            self.text.insert(at, c);
            self.cursor += 1;
        }
    }

    fn remove_before(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.remove_at(self.cursor);
        }
    }

    fn remove_at(&mut self, position: usize) {
        let at = self.byte(position);
        if at < self.text.len() {
            self.text.remove(at);
        }
    }

    fn remove_word(&mut self) {
        let chars: Vec<char> = self.text.chars().collect();
        let mut from = self.cursor.min(chars.len());
        let blank = |at: usize| chars.get(at).is_none_or(|c| c.is_whitespace());
        while from > 0 && blank(from - 1) {
            from -= 1;
        }
        while from > 0 && !blank(from - 1) {
            from -= 1;
        }
        self.text = chars.iter().take(from).chain(chars.iter().skip(self.cursor)).collect();
        self.cursor = from;
    }

    fn byte(&self, position: usize) -> usize {
        self.text.char_indices().nth(position).map_or(self.text.len(), |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_by_characters() {
        let mut p = Prompt::new(Purpose::Command, "größe x");
        let key = |code, m| KeyEvent::new(code, m);
        p.key(key(KeyCode::Char('w'), KeyModifiers::CONTROL));
        assert_eq!(p.text, "größe ");
        p.key(key(KeyCode::Home, KeyModifiers::NONE));
        p.key(key(KeyCode::Right, KeyModifiers::NONE));
        p.key(key(KeyCode::Delete, KeyModifiers::NONE));
        p.key(key(KeyCode::Char('R'), KeyModifiers::SHIFT));
        assert_eq!(p.text, "gRöße ");
        p.paste("ab\ncd");
        assert_eq!(p.text, "gRaböße ");
        p.set("");
        assert_eq!(p.key(key(KeyCode::Backspace, KeyModifiers::NONE)), Typed::GaveUp);
    }
}
