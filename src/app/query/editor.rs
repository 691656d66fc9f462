//! The statement editor: a text area with a plain and a modal style, its selection, and the
//! list of completions.

use super::complete::Completion;
use super::motion::{self, At};
use super::vim::{self, Mode, Vim};
use crate::config::{Context, EditorStyle};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::cell::Cell;
use tui_textarea::{CursorMove, TextArea};

/// Spaces that Tab puts in.
const TAB: u8 = 4;

/// The largest text kept, in bytes; a longer paste is cut there.
pub const LONGEST: usize = 4 << 20;

/// The editor.
#[derive(Clone)]
pub struct Editor {
    area: TextArea<'static>,
    style: EditorStyle,
    vim: Vim,
    anchor: Option<At>,
    /// The completions on offer.
    pub completion: Option<Completion>,
    /// First line and first display column of the last drawing, so that the window stands
    /// still while the cursor is inside it. A cache: nothing else depends on it.
    pub window: Cell<(usize, usize)>,
}

/// Two editors are equal when they hold the same text and would take the next key alike.
impl PartialEq for Editor {
    fn eq(&self, other: &Self) -> bool {
        self.lines() == other.lines()
            && self.cursor() == other.cursor()
            && self.context() == other.context()
            && self.typed() == other.typed()
            && self.selected() == other.selected()
            && self.completion == other.completion
    }
}

impl Editor {
    /// An empty editor. The modal style begins in insert mode: text can go in at once.
    pub fn new(style: EditorStyle) -> Self {
        let mut editor = Self {
            area: TextArea::default(),
            style,
            vim: Vim::default(),
            anchor: None,
            completion: None,
            window: Cell::default(),
        };
        editor.area.set_tab_length(TAB);
        if style == EditorStyle::Vim {
            editor.vim.begin_insert(&editor.area);
        }
        editor
    }

    /// Lets text go in at once, whatever the modal style was left in.
    pub fn begin_typing(&mut self) {
        if self.style == EditorStyle::Vim && self.vim.mode() == Mode::Normal {
            self.vim.begin_insert(&self.area);
        }
    }

    /// The keymap's context.
    pub fn context(&self) -> Context {
        match (self.style, self.vim.mode()) {
            (EditorStyle::Plain, _) | (_, Mode::Insert) => Context::EditorInsert,
            (_, Mode::Normal) => Context::EditorNormal,
            (_, Mode::Visual | Mode::VisualLine) => Context::EditorVisual,
        }
    }

    /// The mode in a word, for the line beneath; empty in the plain style.
    pub const fn mode_word(&self) -> &'static str {
        match (self.style, self.vim.mode()) {
            (EditorStyle::Plain, _) => "",
            (_, Mode::Normal) => "NORMAL",
            (_, Mode::Insert) => "INSERT",
            (_, Mode::Visual) => "VISUAL",
            (_, Mode::VisualLine) => "V-LINE",
        }
    }

    /// What was typed of a command so far.
    pub fn typed(&self) -> String {
        self.vim.typed()
    }

    /// Whether Esc has nothing to leave here: no mode, no selection, no list, no half command.
    pub fn is_at_rest(&self) -> bool {
        let modal = self.style == EditorStyle::Vim;
        let mode = !modal || self.vim.mode() == Mode::Normal && self.vim.is_fresh();
        mode && self.completion.is_none() && self.selected().is_none()
    }

    /// Whether Enter now may run a finished statement.
    pub fn enter_may_run(&self) -> bool {
        self.style == EditorStyle::Vim && self.vim.mode() == Mode::Normal && self.vim.is_fresh()
    }

    /// The lines.
    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Bytes of the whole text.
    pub fn len(&self) -> usize {
        self.area.lines().iter().map(|l| l.len() + 1).sum::<usize>() - 1
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// The cursor as line and character, from 0.
    pub fn cursor(&self) -> At {
        vim::cursor(&self.area)
    }

    /// The cursor as a byte offset into [`Editor::text`].
    pub fn offset(&self) -> usize {
        let (row, col) = self.cursor();
        let before: usize = self.area.lines().iter().take(row).map(|l| l.len() + 1).sum();
        let line = self.area.lines().get(row).map_or("", String::as_str);
        before + line.char_indices().nth(col).map_or(line.len(), |(i, _)| i)
    }

    /// Moves the cursor to a byte offset of [`Editor::text`].
    pub fn go_to(&mut self, offset: usize) {
        let mut left = offset;
        for (row, line) in self.area.lines().iter().enumerate() {
            if left <= line.len() {
                let col = line.char_indices().take_while(|(i, _)| *i < left).count();
                return vim::jump(&mut self.area, (row, col));
            }
            left -= line.len() + 1;
        }
        self.area.move_cursor(CursorMove::Bottom);
        self.area.move_cursor(CursorMove::End);
    }

    /// Puts `text` in place of everything; undo brings the old text back.
    pub fn set_text(&mut self, text: &str) {
        self.vim.remember(&self.area);
        self.completion = None;
        self.anchor = None;
        self.area.move_cursor(CursorMove::Top);
        self.area.move_cursor(CursorMove::Head);
        let last = self.area.lines().len().saturating_sub(1);
        let end = (last, motion::len(self.area.lines(), last));
        vim::cut(&mut self.area, (0, 0), end);
        self.area.insert_str(clean(text));
        if self.vim.mode() != Mode::Insert {
            self.vim.settle();
        }
    }

    /// Puts pasted text in at the cursor.
    pub fn paste(&mut self, text: &str) {
        self.completion = None;
        let room = LONGEST.saturating_sub(self.len() + 1);
        let mut text = clean(text);
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        self.vim.remember(&self.area);
        self.cut_selection();
        self.area.insert_str(text);
    }

    /// The selected text: visual mode's, or what shift and the arrows selected.
    pub fn selection(&self) -> Option<String> {
        let (from, to) = self.selected()?;
        Some(vim::text_between(self.area.lines(), from, to))
    }

    /// Where the selection begins and where it ends, for drawing.
    pub fn selected(&self) -> Option<(At, At)> {
        if let Some(range) = self.vim.selection(&self.area) {
            return Some(range);
        }
        let (anchor, here) = (self.anchor?, self.cursor());
        (anchor != here).then(|| (anchor.min(here), anchor.max(here)))
    }

    /// Ends a selection.
    pub fn deselect(&mut self) {
        self.anchor = None;
        if matches!(self.vim.mode(), Mode::Visual | Mode::VisualLine) {
            self.vim.settle();
        }
    }

    /// The word that ends at the cursor: its first character's column and its text.
    pub fn word(&self) -> (usize, String) {
        let (row, col) = self.cursor();
        let line = self.area.lines().get(row).map_or("", String::as_str);
        let before: Vec<char> = line.chars().take(col).collect();
        let len = before.iter().rev().take_while(|c| c.is_alphanumeric() || **c == '_').count();
        let start = before.len() - len;
        (start, before.into_iter().skip(start).collect())
    }

    /// Puts `word` in place of the word that ends at the cursor.
    pub fn replace_word(&mut self, word: &str) {
        let (row, col) = self.cursor();
        let (start, _) = self.word();
        vim::cut(&mut self.area, (row, start), (row, col));
        self.area.insert_str(word);
        self.completion = None;
    }

    /// Puts a tab's worth of spaces in.
    pub fn insert_tab(&mut self) {
        self.area.insert_tab();
    }

    /// Takes a key that is no command.
    pub fn key(&mut self, key: KeyEvent) {
        if self.context() != Context::EditorInsert {
            return self.vim.key(&mut self.area, key);
        }
        if key.code == KeyCode::Esc {
            if self.completion.take().is_none() && self.style == EditorStyle::Vim {
                self.vim.end_insert(&mut self.area);
            }
            self.anchor = None;
            return;
        }
        self.insert(key);
        if !matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace) {
            self.completion = None;
        }
    }

    /// A key while text goes in.
    fn insert(&mut self, key: KeyEvent) {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        if let Some(to) = self.arrow(key.code, ctrl || alt) {
            let here = self.cursor();
            let shift = key.modifiers.contains(KeyModifiers::SHIFT);
            self.anchor = if shift { self.anchor.or(Some(here)) } else { None };
            return vim::jump(&mut self.area, to);
        }
        let area = &mut self.area;
        let _changed: bool = match key.code {
            KeyCode::Char('z') if ctrl => area.undo(),
            KeyCode::Char('y') if ctrl => area.redo(),
            KeyCode::Char('a') if ctrl => {
                area.move_cursor(CursorMove::Head);
                false
            }
            KeyCode::Char('e') if ctrl => {
                area.move_cursor(CursorMove::End);
                false
            }
            KeyCode::Char('k') if ctrl => area.delete_line_by_end(),
            KeyCode::Char('u') if ctrl => area.delete_line_by_head(),
            KeyCode::Char('w') if ctrl => area.delete_word(),
            KeyCode::Backspace if ctrl || alt => area.delete_word(),
            KeyCode::Char(c) if !ctrl && !alt => {
                self.cut_selection();
                self.area.insert_char(c);
                true
            }
            KeyCode::Enter => {
                self.cut_selection();
                self.area.insert_newline();
                true
            }
            KeyCode::Tab => area.insert_tab(),
            KeyCode::Backspace | KeyCode::Delete if self.anchor.is_some() => {
                self.cut_selection();
                true
            }
            KeyCode::Backspace => area.delete_char(),
            KeyCode::Delete => area.delete_next_char(),
            _ => false,
        };
    }

    /// Where a moving key leads.
    fn arrow(&self, code: KeyCode, words: bool) -> Option<At> {
        const PAGE: usize = 10;
        let lines = self.area.lines();
        let (row, col) = self.cursor();
        let last = lines.len().saturating_sub(1);
        Some(match code {
            KeyCode::Left if words => motion::back(lines, (row, col)),
            KeyCode::Right if words => motion::word(lines, (row, col)),
            KeyCode::Left if col == 0 => row.checked_sub(1).map_or((0, 0), |r| (r, motion::len(lines, r))),
            KeyCode::Left => (row, col - 1),
            KeyCode::Right if col >= motion::len(lines, row) && row < last => (row + 1, 0),
            KeyCode::Right => (row, col + 1),
            KeyCode::Up => (row.saturating_sub(1), col),
            KeyCode::Down => ((row + 1).min(last), col),
            KeyCode::PageUp => (row.saturating_sub(PAGE), col),
            KeyCode::PageDown => ((row + PAGE).min(last), col),
            KeyCode::Home if words => (0, 0),
            KeyCode::Home => (row, 0),
            KeyCode::End if words => (last, motion::len(lines, last)),
            KeyCode::End => (row, motion::len(lines, row)),
            _ => return None,
        })
    }

    fn cut_selection(&mut self) {
        if let Some((from, to)) = self.selected() {
            vim::cut(&mut self.area, from, to);
        }
        self.deselect();
    }
}

/// Text from outside, fit for the editor: one kind of line end and no control characters, so
/// that a paste can neither steer the terminal nor hide a part of the statement.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
        if out.len() >= LONGEST {
            break;
        }
    }
    out
}
