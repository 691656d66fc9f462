//! What may lie over a query tab and take its keys: the password prompt, the history, the
//! whole cell, the copy menu, the export prompt and the target form.

use super::cell::CellView;
use super::find::FindLine;
use super::history::{Entry, History};
use super::target::TargetForm;
use crate::app::Format;
use crate::config::Context;
use crate::model::{DialectId, SafeText};
use crate::query::Secret;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// The longest text a field takes.
const LONGEST: usize = 4_096;

/// The prompt for a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordPrompt {
    /// User name, editable.
    pub user: String,
    /// The host that asks.
    pub host: SafeText,
    /// Whether the password field has the focus.
    pub on_password: bool,
    password: String,
}

impl PasswordPrompt {
    /// Asks for the password of `user` at `host`.
    pub fn new(user: &str, host: SafeText) -> Self {
        Self { user: user.to_owned(), host, on_password: !user.is_empty(), password: String::new() }
    }

    /// How many characters were typed.
    pub fn typed(&self) -> usize {
        self.password.chars().count()
    }

    /// Takes the password out.
    pub fn finish(&mut self) -> Secret {
        Secret::new(std::mem::take(&mut self.password))
    }

    fn text(&mut self) -> &mut String {
        if self.on_password { &mut self.password } else { &mut self.user }
    }
}

/// Never shows the password, nor its length.
impl fmt::Debug for PasswordPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordPrompt({})", self.host)
    }
}

/// The list of earlier statements.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HistoryPicker {
    /// What to look for.
    pub words: String,
    /// What was found, newest first.
    pub found: Vec<Entry>,
    /// The chosen one.
    pub chosen: usize,
}

/// The most earlier statements listed at once.
const LISTED: usize = 200;

impl HistoryPicker {
    /// Looks the words up anew.
    pub fn search(&mut self, history: &History, dialect: DialectId) {
        self.found = history.search(dialect, &self.words).take(LISTED).cloned().collect();
        self.chosen = self.chosen.min(self.found.len().saturating_sub(1));
    }
}

/// How rows are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyAs {
    /// The value alone, raw.
    Cell,
    /// In this form.
    Rows(Format),
    /// SQL `INSERT` statements.
    Insert,
}

/// The copy menu, top to bottom: key, title and form.
pub const COPY_MENU: [(char, &str, CopyAs); 6] = [
    ('v', "value of the cell", CopyAs::Cell),
    ('t', "rows as TSV", CopyAs::Rows(Format::Tsv)),
    ('c', "rows as CSV", CopyAs::Rows(Format::Csv)),
    ('j', "rows as JSON", CopyAs::Rows(Format::Json)),
    ('m', "rows as Markdown", CopyAs::Rows(Format::Markdown)),
    ('i', "rows as INSERT", CopyAs::Insert),
];

/// What lies over the tab.
#[derive(Clone, PartialEq)]
pub enum Layer {
    /// Asks for a password.
    Password(PasswordPrompt),
    /// Earlier statements.
    History(HistoryPicker),
    /// One whole value.
    Cell(CellView),
    /// How to copy; the chosen line.
    Copy(usize),
    /// Where to export to.
    Export(String),
    /// What to look for in the rows.
    Find(FindLine),
    /// Where statements go.
    Target(Box<TargetForm>),
}

/// Names the layer only: its texts may be secret or the person's own.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password",
            Self::History(_) => "History",
            Self::Cell(_) => "Cell",
            Self::Copy(_) => "Copy",
            Self::Export(_) => "Export",
            Self::Find(_) => "Find",
            Self::Target(_) => "Target",
        })
    }
}

/// What a key did to a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It stays open.
    Stay,
    /// It closes without effect.
    Close,
    /// It is done: take what it holds.
    Finish,
}

impl Layer {
    /// The keymap's context. The copy menu takes letters of its own.
    pub const fn context(&self) -> Context {
        match self {
            Self::Cell(_) => Context::List,
            _ => Context::EditorInsert,
        }
    }

    /// The text that typing changes, if there is one.
    fn text(&mut self) -> Option<&mut String> {
        match self {
            Self::Password(prompt) => Some(prompt.text()),
            Self::History(picker) => Some(&mut picker.words),
            Self::Export(path) => Some(path),
            Self::Find(line) => Some(&mut line.text),
            Self::Target(form) => form.text(),
            Self::Cell(_) | Self::Copy(_) => None,
        }
    }

    /// Moves between fields, entries or lines.
    pub fn step(&mut self, forward: bool) {
        match self {
            Self::Password(prompt) => prompt.on_password = !prompt.on_password,
            Self::Target(form) => form.step(forward),
            Self::History(p) if forward => p.chosen = p.chosen.saturating_add(1),
            Self::History(p) => p.chosen = p.chosen.saturating_sub(1),
            Self::Copy(at) => {
                let n = COPY_MENU.len();
                *at = (*at + if forward { 1 } else { n - 1 }) % n;
            }
            Self::Cell(_) | Self::Export(_) | Self::Find(_) => {}
        }
    }

    /// Puts pasted text in: its first line, without control characters.
    pub fn paste(&mut self, text: &str) {
        let line = text.trim_end_matches(['\r', '\n']);
        if let Some(field) = self.text() {
            let room = LONGEST.saturating_sub(field.len());
            field.extend(line.chars().filter(|c| !c.is_control()).take(room / 4));
        }
    }

    /// Takes a key that is no command.
    pub fn key(&mut self, key: KeyEvent) -> Step {
        let ctrl = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match (key.code, &mut *self) {
            (KeyCode::Esc, _) => return Step::Close,
            (KeyCode::Enter, Self::Password(p)) if !p.on_password => p.on_password = true,
            (KeyCode::Enter, _) => return Step::Finish,
            (KeyCode::Up | KeyCode::BackTab, _) => self.step(false),
            (KeyCode::Down | KeyCode::Tab, _) => self.step(true),
            (KeyCode::Char('w'), Self::Cell(cell)) => cell.turn(),
            (KeyCode::Left | KeyCode::Char('h'), Self::Cell(cell)) => {
                cell.left = cell.left.saturating_sub(8);
            }
            (KeyCode::Right | KeyCode::Char('l'), Self::Cell(cell)) => {
                cell.left = cell.left.saturating_add(8);
            }
            (KeyCode::Char(c), Self::Copy(at)) => {
                if let Some(found) = COPY_MENU.iter().position(|(key, ..)| *key == c) {
                    *at = found;
                    return Step::Finish;
                }
            }
            (KeyCode::Left | KeyCode::Right | KeyCode::Char(' '), Self::Target(form)) if form.field < 2 => {
                form.choose();
            }
            (KeyCode::Char('u'), _) if ctrl => {
                if let Some(text) = self.text() {
                    text.clear();
                }
            }
            (KeyCode::Backspace, Self::Find(line)) if line.text.is_empty() => return Step::Close,
            (KeyCode::Backspace, _) => {
                if let Some(text) = self.text() {
                    text.pop();
                }
            }
            (KeyCode::Char(c), _) if !ctrl && !c.is_control() => {
                if let Some(text) = self.text().filter(|t| t.len() < LONGEST) {
                    text.push(c);
                }
                if let Self::History(picker) = self {
                    picker.chosen = 0;
                }
            }
            _ => {}
        }
        Step::Stay
    }

    /// Takes a command that means something to every layer. `None` when the layer has its own
    /// meaning for it.
    pub fn command(&mut self, name: &str) -> Option<Step> {
        if let Self::Cell(cell) = self
            && cell.command(name)
        {
            return Some(Step::Stay);
        }
        match name {
            "view.back" | "query.cancel" | "cell.view" => return Some(Step::Close),
            "row.open" => return Some(Step::Finish),
            "row.next" | "query.complete" | "query.history-next" | "focus.next" => self.step(true),
            "row.previous" | "query.history-previous" | "focus.previous" => self.step(false),
            _ => return None,
        }
        Some(Step::Stay)
    }
}
