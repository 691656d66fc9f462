//! Rows as a tree: row, columns, and what is nested in them. A row is read when it is on the
//! screen or opened, and a value is read one level at a time; what is closed costs nothing.

use super::entity;
use super::json::{self, Kind};
use super::results::Results;
use crate::model::{SafeText, Tag, Value};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

/// The most items of one list or map shown.
pub const ITEMS: usize = 500;
/// The most lines that opening everything below makes.
pub const AT_ONCE: usize = 2_000;
/// The most lines open in all rows together.
pub const OPEN: usize = 50_000;
/// Bytes read of one value.
const BYTES: usize = 4 << 20;
/// Bytes of a line's words.
const WORDS: usize = 400;
/// Columns told on a closed row's line.
const TOLD: usize = 6;

/// What a line is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Words.
    Text,
    /// A number.
    Number,
    /// NULL, absent, `true`, `false`.
    Word,
    /// A list, a map, an entity.
    Nested,
    /// What was left out.
    More,
}

/// One line below a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Levels below the row, from 1.
    pub depth: usize,
    /// The column's name, a key, or the place in a list.
    pub key: SafeText,
    /// The value in short words.
    pub words: SafeText,
    /// Its look.
    pub look: Look,
    /// Whether there is something inside.
    pub opens: bool,
    /// Whether what is inside is on the lines below.
    pub open: bool,
    column: usize,
    span: Range<usize>,
}

/// Which lines are open and where the cursor is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    open: BTreeMap<u64, Vec<Line>>,
    row: u64,
    /// 0 is the row itself, then its lines.
    line: usize,
    top: Cell<(u64, usize)>,
    height: Cell<u16>,
    /// Rows read so far: the measure of the work done.
    pub reads: Cell<u64>,
}

/// A line to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// A row, and whether it is open.
    Row(u64, bool),
    /// A line below a row.
    Line(u64, &'a Line),
}

impl Tree {
    /// The cursor: row and line of it.
    pub const fn cursor(&self) -> (u64, usize) {
        (self.row, self.line)
    }

    /// The line under the cursor; `None` on a row.
    pub fn current(&self) -> Option<&Line> {
        self.open.get(&self.row)?.get(self.line.checked_sub(1)?)
    }

    /// Puts the cursor on a row.
    pub fn go(&mut self, row: u64) {
        if self.row != row {
            (self.row, self.line) = (row, 0);
        }
    }

    fn lines_of(&self, row: u64) -> usize {
        self.open.get(&row).map_or(0, Vec::len)
    }

    fn step(&self, (row, line): (u64, usize), forward: bool, rows: u64) -> Option<(u64, usize)> {
        if forward {
            if line < self.lines_of(row) {
                return Some((row, line + 1));
            }
            return (row + 1 < rows).then_some((row + 1, 0));
        }
        match line.checked_sub(1) {
            Some(line) => Some((row, line)),
            None => row.checked_sub(1).map(|row| (row, self.lines_of(row))),
        }
    }

    fn walk(&mut self, steps: usize, forward: bool, rows: u64) {
        for _ in 0..steps {
            let Some(next) = self.step((self.row, self.line), forward, rows) else { return };
            (self.row, self.line) = next;
        }
    }

    /// Takes a command. False when it is none of the tree's.
    pub fn command(&mut self, name: &str, results: &Results) -> bool {
        let page = usize::from(self.height.get().max(2)) - 1;
        let rows = results.rows;
        match name {
            "row.next" => self.walk(1, true, rows),
            "row.previous" => self.walk(1, false, rows),
            "row.first" => (self.row, self.line) = (0, 0),
            "row.last" => {
                self.row = rows.saturating_sub(1);
                self.line = self.lines_of(self.row);
            }
            "page.down" => self.walk(page, true, rows),
            "page.up" => self.walk(page, false, rows),
            "page.half-down" => self.walk(page.div_ceil(2), true, rows),
            "page.half-up" => self.walk(page.div_ceil(2), false, rows),
            "tree.toggle" if self.is_open() => self.close(),
            "tree.toggle" => self.open_here(results),
            "tree.open" if self.is_open() => self.walk(1, true, rows),
            "tree.open" => self.open_here(results),
            "tree.close" if self.is_open() => self.close(),
            "tree.close" => self.leave(),
            "tree.open-all" => self.open_all(results),
            _ => return false,
        }
        true
    }

    /// Whether the line under the cursor is open.
    pub fn is_open(&self) -> bool {
        match self.line {
            0 => self.open.contains_key(&self.row),
            _ => self.current().is_some_and(|l| l.open),
        }
    }

    /// Whether there is something to open under the cursor.
    pub fn opens(&self) -> bool {
        self.line == 0 || self.current().is_some_and(|l| l.opens)
    }

    fn leave(&mut self) {
        let Some(depth) = self.current().map(|l| l.depth) else { return };
        let lines = self.open.get(&self.row).map(Vec::as_slice).unwrap_or_default();
        let above = lines.get(..self.line - 1).unwrap_or_default();
        self.line = above.iter().rposition(|l| l.depth < depth).map_or(0, |at| at + 1);
    }

    fn close(&mut self) {
        let Some(at) = self.line.checked_sub(1) else {
            self.open.remove(&self.row);
            return;
        };
        let Some(lines) = self.open.get_mut(&self.row) else { return };
        let Some(line) = lines.get_mut(at) else { return };
        line.open = false;
        let depth = line.depth;
        let below = lines.iter().skip(at + 1).take_while(|l| l.depth > depth).count();
        lines.drain(at + 1..at + 1 + below);
    }

    fn has_room(&self) -> bool {
        self.open.values().map(Vec::len).sum::<usize>() < OPEN
    }

    fn open_here(&mut self, results: &Results) {
        if !self.has_room() || results.rows == 0 {
            return;
        }
        let texts = self.texts(results, self.row);
        match self.line.checked_sub(1) {
            None => {
                self.open.insert(self.row, columns(results, &texts));
            }
            Some(at) => {
                if let Some(lines) = self.open.get_mut(&self.row) {
                    open_line(lines, at, &texts);
                }
            }
        }
    }

    /// Opens everything below the cursor, up to [`AT_ONCE`] lines.
    fn open_all(&mut self, results: &Results) {
        if !self.has_room() || results.rows == 0 {
            return;
        }
        let texts = self.texts(results, self.row);
        let lines = self.open.entry(self.row).or_insert_with(|| columns(results, &texts));
        let (mut at, depth) = match self.line.checked_sub(1) {
            None => (0, 0),
            Some(at) => (at, lines.get(at).map_or(0, |l| l.depth)),
        };
        let first = at;
        let before = lines.len();
        while lines.len() < before + AT_ONCE {
            let inside = |l: &Line| l.depth > depth || at == first;
            let Some(line) = lines.get(at).filter(|l| inside(l)) else { return };
            if line.opens && !line.open {
                open_line(lines, at, &texts);
            }
            at += 1;
        }
    }

    /// The raw text under the cursor: of the value, or of the row's first column.
    pub fn raw(&self, results: &Results) -> Option<String> {
        let (column, span) = self.current().map_or((0, None), |l| (l.column, Some(l.span.clone())));
        let texts = self.texts(results, self.row);
        let (_, text) = texts.get(column)?;
        Some(span.map_or_else(|| text.clone(), |span| text.get(span).unwrap_or_default().to_owned()))
    }

    /// The values of a row: kind and text.
    fn texts(&self, results: &Results, row: u64) -> Vec<(Tag, String)> {
        self.reads.set(self.reads.get() + 1);
        let mut out = Vec::new();
        results.reader.row(row, |_, value| {
            let head = value.raw.get(..BYTES).unwrap_or(value.raw);
            out.push((value.tag, String::from_utf8_lossy(head).into_owned()));
        });
        out
    }

    /// A closed row in short words.
    pub fn told(&self, results: &Results, row: u64) -> SafeText {
        self.reads.set(self.reads.get() + 1);
        let mut parts = Vec::new();
        let alone = results.columns.len() == 1;
        results.reader.row(row, |column, value| {
            if column < TOLD && value.tag != Tag::Absent {
                let (words, _) = words(value);
                let name = results.columns.get(column).map_or("", |c| c.name.as_str());
                parts.push(if alone { words } else { format!("{name}: {words}") });
            }
        });
        if results.columns.len() > TOLD {
            parts.push("…".to_owned());
        }
        SafeText::new(parts.join(", "))
    }

    /// The lines of a window of `height` rows, the cursor inside; it moves no further than it
    /// must.
    pub fn window(&self, height: u16, rows: u64) -> Vec<Shown<'_>> {
        self.height.set(height);
        let room = usize::from(height.max(1));
        let cursor = (self.row, self.line);
        let mut top = self.top.get();
        top.1 = top.1.min(self.lines_of(top.0));
        let mut seen = top;
        let mut inside = seen == cursor;
        for _ in 1..room {
            match self.step(seen, true, rows) {
                Some(next) if !inside => seen = next,
                _ => break,
            }
            inside = seen == cursor;
        }
        if cursor < top || top.0 >= rows {
            top = cursor;
        } else if !inside {
            top = cursor;
            for _ in 1..room {
                top = self.step(top, false, rows).unwrap_or(top);
            }
        }
        self.top.set(top);
        let mut out = Vec::new();
        let mut at = (rows > 0).then_some(top);
        while let Some((row, line)) = at.filter(|_| out.len() < room) {
            out.push(match line.checked_sub(1) {
                None => Shown::Row(row, self.open.contains_key(&row)),
                Some(nth) => match self.open.get(&row).and_then(|l| l.get(nth)) {
                    Some(line) => Shown::Line(row, line),
                    None => break,
                },
            });
            at = self.step((row, line), true, rows);
        }
        out
    }
}

/// A value in short words, raw but for entities, and its look.
fn words(value: Value<'_>) -> (String, Look) {
    let head = value.raw.get(..entity::HEAD).unwrap_or(value.raw);
    let text = String::from_utf8_lossy(head);
    let (text, look) = match value.tag {
        Tag::Null => ("NULL".to_owned(), Look::Word),
        Tag::Absent => ("absent".to_owned(), Look::Word),
        Tag::Number => (text.into_owned(), Look::Number),
        Tag::Bool => (text.into_owned(), Look::Word),
        Tag::Json => json_words(&text),
        _ => (text.into_owned(), Look::Text),
    };
    (cut(&text), look)
}

fn json_words(text: &str) -> (String, Look) {
    match json::kind(text) {
        Kind::Map | Kind::List => (entity::short(text), Look::Nested),
        Kind::Text => (json::text(entity::prefix(text, WORDS)).into_owned(), Look::Text),
        Kind::Number => (text.to_owned(), Look::Number),
        Kind::Word => (text.to_owned(), Look::Word),
    }
}

fn cut(text: &str) -> String {
    let head = entity::prefix(text, WORDS);
    if head.len() < text.len() { format!("{head}…") } else { head.to_owned() }
}

/// Whether a value has something inside.
fn opens(tag: Tag, text: &str) -> bool {
    tag == Tag::Json
        && matches!(json::kind(text), Kind::Map | Kind::List)
        && json::entries(text).next().is_some()
}

/// The lines of an open row: one a column that it has.
fn columns(results: &Results, texts: &[(Tag, String)]) -> Vec<Line> {
    let told = texts.iter().enumerate().filter(|(_, (tag, _))| *tag != Tag::Absent);
    let line = |(column, (tag, text)): (usize, &(Tag, String))| {
        let (words, look) = words(Value { tag: *tag, raw: text.as_bytes() });
        Line {
            depth: 1,
            key: results.columns.get(column).map_or_else(SafeText::default, |c| c.name.clone()),
            words: SafeText::new(words),
            look,
            opens: opens(*tag, text),
            open: false,
            column,
            span: 0..text.len(),
        }
    };
    told.map(line).collect()
}

/// Puts what is inside line `at` below it. An entity shows its properties at once.
fn open_line(lines: &mut Vec<Line>, at: usize, texts: &[(Tag, String)]) {
    let Some(line) = lines.get_mut(at).filter(|l| l.opens && !l.open) else { return };
    let Some((_, text)) = texts.get(line.column) else { return };
    let Some(value) = text.get(line.span.clone()) else { return };
    line.open = true;
    let mut inside: Vec<Line> = Vec::new();
    for (nth, entry) in json::entries(value).enumerate() {
        let start = line.span.start + entry.at;
        if nth == ITEMS {
            inside.push(Line {
                depth: line.depth + 1,
                key: SafeText::default(),
                words: SafeText::new(format!("more than {ITEMS}: the whole value shows in the grid")),
                look: Look::More,
                opens: false,
                open: false,
                column: line.column,
                span: start..line.span.end,
            });
            break;
        }
        let (words, look) = json_words(entity::prefix(entry.value, entity::HEAD));
        inside.push(Line {
            depth: line.depth + 1,
            key: entry.key.map_or_else(|| nth.to_string().into(), |k| SafeText::new(cut(&json::text(k)))),
            words: SafeText::new(cut(&words)),
            look,
            opens: opens(Tag::Json, entry.value),
            open: false,
            column: line.column,
            span: start..start + entry.value.len(),
        });
    }
    let properties = inside.iter().position(|l| l.key.as_str() == "~properties" && l.opens);
    lines.splice(at + 1..at + 1, inside);
    if let Some(nth) = properties {
        open_line(lines, at + 1 + nth, texts);
    }
}

#[cfg(test)]
mod tests;
