//! What lies over a tab and takes the keys: lists to choose from, and the operation card.

use super::operate::Card;
use super::scroll;
use crate::model::{ResourceId, SafeText};
use std::collections::BTreeSet;

/// What lies over the tab.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// A list.
    List(List),
    /// An operation card.
    Card(Box<Card>),
}

/// What a list is for: decides what choosing an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Keys and commands; choosing runs the command.
    Help,
    /// Profiles to reach AWS through.
    Profiles,
    /// Regions to list.
    Regions,
    /// Themes.
    Themes,
    /// What can be done with a resource.
    Actions(ResourceId),
    /// Everything that failed.
    Errors,
    /// Operations under way and done.
    Jobs,
    /// Two resources side by side.
    Compare,
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it stands for: a command, a profile, an operation; raw, never drawn.
    pub key: String,
    /// Its words.
    pub label: SafeText,
    /// Further words.
    pub note: SafeText,
    /// Whether it cannot be chosen; the note says why.
    pub refused: bool,
}

impl Entry {
    /// An entry that can be chosen.
    pub fn new(key: impl Into<String>, label: impl AsRef<str>, note: impl AsRef<str>) -> Self {
        Self { key: key.into(), label: SafeText::new(label), note: SafeText::new(note), refused: false }
    }
}

/// A list to choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// What it is for.
    pub purpose: Purpose,
    /// Its heading.
    pub title: SafeText,
    /// Every entry.
    pub entries: Vec<Entry>,
    /// Words that the entries on show contain.
    pub filter: String,
    /// Whether keys go into the filter.
    pub typing: bool,
    /// Position of the cursor among the entries on show.
    pub cursor: usize,
    /// First entry on the screen.
    pub top: usize,
    /// Marked entries by key, when several may be chosen.
    pub marked: Option<BTreeSet<String>>,
}

impl List {
    /// A list with the cursor on its first entry.
    pub fn new(purpose: Purpose, title: impl AsRef<str>, entries: Vec<Entry>) -> Self {
        Self {
            purpose,
            title: SafeText::new(title),
            entries,
            filter: String::new(),
            typing: false,
            cursor: 0,
            top: 0,
            marked: None,
        }
    }

    /// The same with several entries to choose, some of them marked.
    #[must_use]
    pub fn several(mut self, marked: impl IntoIterator<Item = String>) -> Self {
        self.marked = Some(marked.into_iter().collect());
        self
    }

    /// Entries that match the filter.
    pub fn shown(&self) -> Vec<&Entry> {
        let words: Vec<String> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let matches = |e: &&Entry| {
            let text = format!("{} {} {}", e.label, e.note, e.key).to_lowercase();
            words.iter().all(|w| text.contains(w.as_str()))
        };
        self.entries.iter().filter(matches).collect()
    }

    /// The entry under the cursor.
    pub fn current(&self) -> Option<&Entry> {
        self.shown().get(self.cursor).copied()
    }

    /// Moves when `name` is a movement; says whether it was.
    pub fn movement(&mut self, name: &str, height: usize) -> bool {
        let len = self.shown().len();
        match scroll::moved(name, self.cursor, len, height) {
            Some(to) => {
                self.cursor = to;
                self.reveal(height);
                true
            }
            None => false,
        }
    }

    /// Scrolls so that the cursor is among `height` entries.
    pub fn reveal(&mut self, height: usize) {
        let len = self.shown().len();
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.top = scroll::reveal(self.top, self.cursor, len, height);
    }

    /// Marks or unmarks the entry under the cursor and moves on.
    pub fn mark(&mut self) {
        let key = self.current().map(|e| e.key.clone());
        if let (Some(key), Some(marked)) = (key, self.marked.as_mut())
            && !marked.remove(&key)
        {
            marked.insert(key);
        }
    }

    /// Marks all entries on show; when all are, none.
    pub fn mark_all(&mut self) {
        let keys: BTreeSet<String> = self.shown().iter().map(|e| e.key.clone()).collect();
        if let Some(marked) = self.marked.as_mut() {
            if keys.is_subset(marked) {
                marked.retain(|k| !keys.contains(k));
            } else {
                marked.extend(keys);
            }
        }
    }

    /// What is chosen: the marked entries, or the one under the cursor when none is marked.
    pub fn chosen(&self) -> Vec<String> {
        let marked: Vec<String> = match &self.marked {
            Some(marked) => {
                self.entries.iter().filter(|e| marked.contains(&e.key)).map(|e| e.key.clone()).collect()
            }
            None => Vec::new(),
        };
        if marked.is_empty() { self.current().map(|e| e.key.clone()).into_iter().collect() } else { marked }
    }
}
