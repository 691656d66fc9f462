//! Looking for words in the rows of a result. The shell reads the rows, slice by slice; here
//! stands what it found: one bit a row, so that ten million rows take about a megabyte.

use super::layer::Layer;
use super::{Ctx, Focus, QueryTab};
use crate::app::effect::Effect;
use crate::app::msg::{Reply, Slot, Ticket};
use crate::model::{Tag, Value};
use crate::query::RowReader;
use std::fmt;
use std::ops::Range;

/// The most bytes of a value that are looked through to colour it; a search reads all of it.
pub const COLOURED: usize = 64 << 10;

/// Words to look for. All small letters mean that case does not count.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    text: String,
    fold: bool,
}

/// The words may be of a row: they are not shown.
impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(…)")
    }
}

impl Words {
    /// Looks for `text`; `None` when there is nothing to look for.
    pub fn new(text: &str) -> Option<Self> {
        let fold = !text.chars().any(char::is_uppercase);
        (!text.is_empty()).then(|| Self { text: text.to_owned(), fold })
    }

    /// The words as they were typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a value holds the words. NULL and absent values hold nothing.
    pub fn hit(&self, value: Value<'_>) -> bool {
        let (raw, words) = (value.raw, self.text.as_bytes());
        if matches!(value.tag, Tag::Null | Tag::Absent) || raw.len() < words.len() && self.text.is_ascii() {
            return false;
        }
        if self.fold && !self.text.is_ascii() {
            return String::from_utf8_lossy(raw).to_lowercase().contains(&self.text);
        }
        let Some((first, rest)) = words.split_first() else { return false };
        let same = |a: u8, b: u8| if self.fold { a.eq_ignore_ascii_case(&b) } else { a == b };
        let ends = raw.len() + 1 - words.len().min(raw.len() + 1);
        raw.iter().take(ends).enumerate().any(|(at, byte)| {
            same(*byte, *first)
                && raw
                    .get(at + 1..at + words.len())
                    .is_some_and(|tail| tail.iter().zip(rest).all(|(a, b)| same(*a, *b)))
        })
    }
}

/// The search line and where the cursor stood when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindLine {
    /// What is typed.
    pub text: String,
    /// Row and column to go back to.
    pub from: (u64, usize),
}

/// What a search has found so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Find {
    /// The words.
    pub words: Words,
    /// Rows with a hit.
    pub hits: u64,
    /// Values with a hit.
    pub cells: u64,
    /// Rows looked at.
    pub seen: u64,
    /// One bit a row, lowest first.
    rows: Vec<u64>,
    /// Rows asked for.
    asked: u64,
    ticket: Option<Ticket>,
    /// The place that the first hit is looked for from, until it is found.
    seek: Option<(u64, usize)>,
}

impl Find {
    const fn new(words: Words, seek: Option<(u64, usize)>) -> Self {
        Self { words, hits: 0, cells: 0, seen: 0, rows: Vec::new(), asked: 0, ticket: None, seek }
    }

    /// Whether all rows that there were are looked at.
    pub const fn is_done(&self) -> bool {
        self.ticket.is_none()
    }

    /// Whether a row has a hit, as far as is known.
    pub fn holds(&self, row: u64) -> bool {
        let (word, bit) = place(row);
        self.rows.get(word).is_some_and(|w| w & bit != 0)
    }

    /// How many rows with a hit there are up to a row, itself included.
    pub fn rank(&self, row: u64) -> u64 {
        let (word, bit) = place(row);
        let before: u64 = self.rows.iter().take(word).map(|w| u64::from(w.count_ones())).sum();
        let own = self.rows.get(word).map_or(0, |w| (w & (bit | (bit - 1))).count_ones());
        before + u64::from(own)
    }

    fn note(&mut self, row: u64) {
        let (word, bit) = place(row);
        if self.rows.len() <= word {
            self.rows.resize(word + 1, 0);
        }
        if let Some(w) = self.rows.get_mut(word).filter(|w| **w & bit == 0) {
            *w |= bit;
            self.hits += 1;
        }
    }

    /// The next row with a hit behind `row`.
    fn after(&self, row: u64) -> Option<u64> {
        let (first, bit) = place(row);
        let rest = self.rows.get(first).map_or(0, |w| w & !(bit | (bit - 1)));
        if rest != 0 {
            return Some(number(first, rest.trailing_zeros()));
        }
        let more = self.rows.iter().enumerate().skip(first + 1);
        more.filter(|(_, w)| **w != 0).map(|(at, w)| number(at, w.trailing_zeros())).next()
    }

    /// The row with a hit before `row`.
    fn before(&self, row: u64) -> Option<u64> {
        let (first, bit) = place(row);
        let rest = self.rows.get(first).map_or(0, |w| w & (bit - 1));
        if rest != 0 {
            return Some(number(first, 63 - rest.leading_zeros()));
        }
        let less = self.rows.iter().enumerate().take(first).rev();
        less.filter(|(_, w)| **w != 0).map(|(at, w)| number(at, 63 - w.leading_zeros())).next()
    }
}

/// A row's word and its bit in it.
fn place(row: u64) -> (usize, u64) {
    (usize::try_from(row / 64).unwrap_or(usize::MAX), 1 << (row % 64))
}

/// The row of a bit.
const fn number(word: usize, bit: u32) -> u64 {
    word as u64 * 64 + bit as u64
}

/// The columns of a row that hold the words.
fn columns(reader: &RowReader, row: u64, words: &Words) -> Vec<usize> {
    let mut out = Vec::new();
    reader.row(row, |column, value| {
        if words.hit(value) {
            out.push(column);
        }
    });
    out
}

impl QueryTab {
    /// Opens the search line.
    pub(super) fn open_find(&mut self, ctx: &mut Ctx<'_>) {
        match &self.results {
            Some(results) if results.rows > 0 => {
                let from = (results.row, results.column);
                self.layer = Some(Layer::Find(FindLine { text: String::new(), from }));
                self.focus = Focus::Results;
            }
            _ => ctx.complain("there are no rows to search"),
        }
    }

    /// The search line was left: with its words kept, or with everything as it was before.
    pub(super) fn close_find(&mut self, line: &FindLine, keep: bool, ctx: &mut Ctx<'_>) {
        if keep && !line.text.is_empty() {
            return;
        }
        if let Some(results) = self.results.as_mut().filter(|_| !keep) {
            (results.row, results.column) = line.from;
        }
        self.drop_find(ctx);
    }

    /// Looks for what is typed in the line now, from where the cursor stood.
    pub(super) fn find_typed(&mut self, ctx: &mut Ctx<'_>) {
        let Some(Layer::Find(line)) = &self.layer else { return };
        let (words, from) = (Words::new(&line.text), line.from);
        let Some(results) = &mut self.results else { return };
        if results.find.as_ref().map(|f| &f.words) == words.as_ref() {
            return;
        }
        (results.row, results.column) = from;
        match words {
            Some(words) => {
                results.find = Some(Find::new(words, Some(from)));
                self.find_on(ctx);
            }
            None => {
                self.drop_find(ctx);
            }
        }
    }

    /// Ends the search. False when there is none.
    pub(super) fn drop_find(&mut self, ctx: &mut Ctx<'_>) -> bool {
        let Some(find) = self.results.as_mut().and_then(|r| r.find.take()) else { return false };
        ctx.effects.extend(find.ticket.map(Effect::Cancel));
        true
    }

    /// Carries the search of an older result over to this one.
    pub(super) fn find_again(&mut self, words: Words) {
        if let Some(results) = &mut self.results {
            results.find = Some(Find::new(words, None));
        }
    }

    /// Asks for the rows that no search has looked at, when none is under way.
    pub(super) fn find_on(&mut self, ctx: &mut Ctx<'_>) {
        let tab = self.id;
        let Some(results) = &mut self.results else { return };
        let rows = results.rows;
        let Some(find) = results.find.as_mut().filter(|f| f.ticket.is_none() && f.asked < rows) else {
            return;
        };
        let ranges: Vec<Range<u64>> = match find.seek {
            // What comes after the cursor is found first.
            Some((row, _)) if find.asked == 0 => vec![row..rows, 0..row.min(rows)],
            _ => std::iter::once(find.asked..rows).collect(),
        };
        find.asked = rows;
        let ticket = (ctx.issue)(Slot::Find(tab));
        find.ticket = Some(ticket.clone());
        let words = find.words.clone();
        ctx.effects.push(Effect::Find { ticket, rows: results.reader.clone(), words, ranges });
    }

    /// Takes what a search found.
    pub fn found(&mut self, reply: Reply, ctx: &mut Ctx<'_>) {
        let Some(results) = &mut self.results else { return };
        // An answer to a search that was given up may still come.
        let Some(find) = results.find.as_mut().filter(|f| f.ticket.is_some()) else { return };
        match reply {
            Reply::Found { rows, cells, seen } => {
                find.seen += seen;
                find.cells += cells;
                rows.iter().for_each(|row| find.note(*row));
                self.seek_hit(&rows);
            }
            Reply::Searched => {
                find.ticket = None;
                // The only hits may stand left of where the cursor was.
                if find.seek.take().is_some() && find.hits > 0 {
                    let first = if find.holds(0) { Some(0) } else { find.after(0) };
                    self.go_hit(first, |columns| columns.first().copied());
                }
                self.find_on(ctx);
            }
            Reply::Failed(failure) => {
                find.ticket = None;
                ctx.complain(failure.to_string());
            }
            _ => {}
        }
    }

    /// Goes to the first of `rows` that lies behind the place the search began at.
    fn seek_hit(&mut self, rows: &[u64]) {
        let Some(results) = &mut self.results else { return };
        let Some(find) = &mut results.find else { return };
        let Some((row, column)) = find.seek else { return };
        for hit in rows.iter().copied() {
            let columns = columns(&results.reader, hit, &find.words);
            if let Some(at) = columns.into_iter().find(|c| hit != row || *c >= column) {
                (results.row, results.column) = (hit, at);
                find.seek = None;
                return;
            }
        }
    }

    /// Goes to a row with a hit, and there to the column that `pick` takes.
    fn go_hit(&mut self, row: Option<u64>, pick: impl FnOnce(&[usize]) -> Option<usize>) {
        let Some(results) = &mut self.results else { return };
        let (Some(row), Some(find)) = (row, &results.find) else { return };
        if let Some(column) = pick(&columns(&results.reader, row, &find.words)) {
            (results.row, results.column) = (row, column);
        }
    }

    /// Goes to the next hit or to the one before, around the ends.
    pub(super) fn step_hit(&mut self, forward: bool, ctx: &mut Ctx<'_>) {
        let Some(results) = &self.results else { return };
        let Some(find) = &results.find else { return ctx.complain("nothing is searched: / begins") };
        if find.hits == 0 {
            let words = if find.is_done() { "no value holds" } else { "nothing found yet for" };
            return ctx.complain(format!("{words} {}", find.words.text()));
        }
        let (row, column) = (results.row, results.column);
        let here = columns(&results.reader, row, &find.words);
        let beside = if forward {
            here.iter().find(|c| **c > column)
        } else {
            here.iter().rev().find(|c| **c < column)
        };
        if let Some(beside) = beside.copied() {
            return self.go_hit(Some(row), |_| Some(beside));
        }
        let next = if forward { find.after(row) } else { find.before(row) };
        let around = if forward {
            if find.holds(0) { Some(0) } else { find.after(0) }
        } else {
            find.before(results.rows)
        };
        if next.is_none() {
            ctx.say(if forward { "on from the first row" } else { "on from the last row" });
        }
        self.go_hit(next.or(around), |columns| {
            if forward { columns.first().copied() } else { columns.last().copied() }
        });
    }
}
