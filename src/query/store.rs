//! Rows of a result: a compact append-only store that spills to an unlinked temporary file.
//!
//! No allocation per cell or per row: a row is a length and its cells, a cell is one byte (its
//! tag and, when short, its length) and its raw bytes. Rows lie in blocks of about 256 KiB;
//! a block past the memory budget goes to a file that no name leads to. A reader sees only
//! published rows, and no reader keeps the writer waiting for longer than one copy of a block.

use crate::model::{Column, Tag, Value};
use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Memory for the rows of one result before blocks go to the file: 32 MiB.
pub const BUDGET: usize = 32 << 20;
/// A block is closed when it holds this much.
const BLOCK: usize = 256 << 10;
/// One offset is kept for this many rows; the rows between are stepped over.
const STRIDE: u64 = 16;
/// Blocks of the file kept in memory for readers.
const CACHED: usize = 4;
/// Bytes before a row that hold its length.
const PREFIX: usize = 4;
/// The length in a cell's first byte that means: the length follows.
const LONG: u8 = 31;

/// The writing end: used by an engine, off the UI thread.
#[derive(Debug)]
pub struct RowWriter {
    shared: Arc<Shared>,
    /// The open block: rows not yet in a closed one.
    open: Vec<u8>,
    /// Where every [`STRIDE`]th row of the open block starts.
    marks: Vec<u32>,
    /// Where the row being written starts, when one is.
    row: Option<usize>,
    /// Index of the open block's first row.
    first: u64,
    rows: u64,
    bytes: u64,
    /// Memory that closed blocks may still take.
    budget: usize,
    file_end: u64,
}

/// The reading end: cheap to clone, never blocks the writer for long.
#[derive(Clone)]
pub struct RowReader {
    shared: Arc<Shared>,
}

/// What both ends hold.
struct Shared {
    columns: RwLock<Arc<[Column]>>,
    published: AtomicU64,
    blocks: RwLock<Blocks>,
    /// Blocks read back from the file, the last used at the end.
    cache: Mutex<VecDeque<(u64, Arc<[u8]>)>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.published.load(Ordering::Relaxed))
    }
}

#[derive(Default)]
struct Blocks {
    closed: Vec<Block>,
    file: Option<Arc<File>>,
    /// A copy of the published part of the writer's open block.
    tail: Vec<u8>,
    tail_marks: Vec<u32>,
    tail_first: u64,
}

/// A closed block.
struct Block {
    first: u64,
    marks: Box<[u32]>,
    place: Location,
}

/// Where the bytes of a closed block are.
#[derive(Clone)]
enum Location {
    Memory(Arc<[u8]>),
    File { at: u64, len: usize },
}

/// An empty store: its writing and its reading end. Rows past `budget` bytes go to a file
/// in the temporary folder that no name leads to.
pub fn store(budget: usize) -> (RowWriter, RowReader) {
    let shared = Arc::new(Shared {
        columns: RwLock::new(Arc::new([])),
        published: AtomicU64::new(0),
        blocks: RwLock::default(),
        cache: Mutex::default(),
    });
    let writer = RowWriter {
        shared: shared.clone(),
        open: Vec::new(),
        marks: Vec::new(),
        row: None,
        first: 0,
        rows: 0,
        bytes: 0,
        budget,
        file_end: 0,
    };
    (writer, RowReader { shared })
}

impl RowWriter {
    /// Sets the columns, or adds columns at the end (never removes).
    pub fn set_columns(&mut self, columns: &[Column]) {
        *self.shared.columns.write().unwrap_or_else(PoisonError::into_inner) = columns.into();
    }

    /// Begins a row; values follow in column order by [`RowWriter::value`].
    /// A row may be shorter than the columns: the rest is `Tag::Absent`.
    pub fn value(&mut self, tag: Tag, raw: &[u8]) {
        self.begin();
        let tag = tag as u8;
        match u8::try_from(raw.len()) {
            Ok(short) if short < LONG => self.open.push(tag | short << 3),
            _ => {
                self.open.push(tag | LONG << 3);
                push_varint(&mut self.open, raw.len() as u64);
            }
        }
        self.open.extend_from_slice(raw);
        self.bytes += raw.len() as u64;
    }

    /// Ends the row: from now on readers may see it (after [`RowWriter::publish`]).
    ///
    /// # Errors
    /// When the temporary file cannot take more (disk full).
    pub fn end_row(&mut self) -> io::Result<()> {
        self.begin();
        let start = self.row.take().unwrap_or_default();
        let len = u32::try_from(self.open.len() - start - PREFIX)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a row of more than 4 GiB"))?;
        if let Some(prefix) = self.open.get_mut(start..start + PREFIX) {
            prefix.copy_from_slice(&len.to_le_bytes());
        }
        if (self.rows - self.first).is_multiple_of(STRIDE) {
            let mark = u32::try_from(start)
                .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a block of more than 4 GiB"))?;
            self.marks.push(mark);
        }
        self.rows += 1;
        if self.open.len() >= BLOCK { self.close() } else { Ok(()) }
    }

    /// Drops the values of a row that was begun and not ended.
    pub fn discard_row(&mut self) {
        if let Some(start) = self.row.take() {
            self.open.truncate(start);
        }
    }

    /// Lets readers see the rows written so far.
    pub fn publish(&mut self) {
        if self.shared.published.load(Ordering::Relaxed) == self.rows {
            return;
        }
        let mut blocks = self.shared.blocks.write().unwrap_or_else(PoisonError::into_inner);
        let (seen, marked) = (blocks.tail.len(), blocks.tail_marks.len());
        let end = self.row.unwrap_or(self.open.len());
        blocks.tail.extend_from_slice(self.open.get(seen..end).unwrap_or_default());
        blocks.tail_marks.extend_from_slice(self.marks.get(marked..).unwrap_or_default());
        drop(blocks);
        self.shared.published.store(self.rows, Ordering::Release);
    }

    /// Rows ended so far.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of values written so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    fn begin(&mut self) {
        if self.row.is_none() {
            self.row = Some(self.open.len());
            self.open.extend_from_slice(&[0; PREFIX]);
        }
    }

    /// Closes the open block: into memory while the budget lasts, then into the file.
    fn close(&mut self) -> io::Result<()> {
        let len = self.open.len();
        let place = if len <= self.budget {
            self.budget -= len;
            Location::Memory(Arc::from(self.open.as_slice()))
        } else {
            let at = self.file_end;
            self.file()?.write_all_at(&self.open, at)?;
            self.file_end += len as u64;
            Location::File { at, len }
        };
        let block = Block { first: self.first, marks: self.marks.as_slice().into(), place };
        let mut blocks = self.shared.blocks.write().unwrap_or_else(PoisonError::into_inner);
        blocks.closed.push(block);
        blocks.tail.clear();
        blocks.tail.shrink_to(2 * BLOCK);
        blocks.tail_marks.clear();
        blocks.tail_first = self.rows;
        drop(blocks);
        self.shared.published.store(self.rows, Ordering::Release);
        self.open.clear();
        self.open.shrink_to(2 * BLOCK);
        self.marks.clear();
        self.first = self.rows;
        Ok(())
    }

    /// The file, made when first needed.
    fn file(&self) -> io::Result<Arc<File>> {
        let mut blocks = self.shared.blocks.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &blocks.file {
            return Ok(file.clone());
        }
        let file = Arc::new(tempfile::tempfile()?);
        blocks.file = Some(file.clone());
        Ok(file)
    }
}

/// Where a row's bytes were found.
enum Found {
    /// In a closed block: its bytes and where to start stepping, and over how many rows.
    Block(Location, u64, u32, u64),
    /// In the open block: a copy of the row.
    Copied(Vec<u8>),
}

impl RowReader {
    /// The columns so far.
    pub fn columns(&self) -> Arc<[Column]> {
        self.shared.columns.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Rows published so far.
    pub fn rows(&self) -> u64 {
        self.shared.published.load(Ordering::Acquire)
    }

    /// Hands each value of row `index` to `take`, in column order; columns that the row does
    /// not reach are not handed out. False when there is no such row (yet), or the temporary
    /// file could not be read.
    pub fn row(&self, index: u64, mut take: impl FnMut(usize, Value<'_>)) -> bool {
        if index >= self.rows() {
            return false;
        }
        match self.find(index) {
            Some(Found::Copied(row)) => cells(&row, &mut take),
            Some(Found::Block(place, number, from, steps)) => {
                let Some(block) = self.load(place, number) else { return false };
                let Some(row) = step(&block, from as usize, steps) else { return false };
                cells(row, &mut take)
            }
            None => false,
        }
    }

    fn find(&self, index: u64) -> Option<Found> {
        let blocks = self.shared.blocks.read().unwrap_or_else(PoisonError::into_inner);
        if index >= blocks.tail_first {
            let (mark, steps) = mark(&blocks.tail_marks, index - blocks.tail_first)?;
            return step(&blocks.tail, mark as usize, steps).map(|row| Found::Copied(row.to_vec()));
        }
        let number = blocks.closed.partition_point(|b| b.first <= index).checked_sub(1)?;
        let block = blocks.closed.get(number)?;
        let (mark, steps) = mark(&block.marks, index - block.first)?;
        Some(Found::Block(block.place.clone(), number as u64, mark, steps))
    }

    fn load(&self, place: Location, number: u64) -> Option<Arc<[u8]>> {
        let (at, len) = match place {
            Location::Memory(bytes) => return Some(bytes),
            Location::File { at, len } => (at, len),
        };
        let mut cache = self.shared.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache.iter().position(|(n, _)| *n == number) {
            let entry = cache.remove(known)?;
            let block = entry.1.clone();
            cache.push_back(entry);
            return Some(block);
        }
        let file = self.shared.blocks.read().unwrap_or_else(PoisonError::into_inner).file.clone()?;
        let mut bytes = vec![0; len];
        file.read_exact_at(&mut bytes, at).ok()?;
        let block: Arc<[u8]> = bytes.into();
        if cache.len() >= CACHED {
            cache.pop_front();
        }
        cache.push_back((number, block.clone()));
        Some(block)
    }
}

impl fmt::Debug for RowReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowReader({:?})", self.shared)
    }
}

/// Two readers are equal when they read the same store.
impl PartialEq for RowReader {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for RowReader {}

/// The nearest mark at or before row `nth` of a block, and the rows from there to it.
fn mark(marks: &[u32], nth: u64) -> Option<(u32, u64)> {
    let slot = usize::try_from(nth / STRIDE).ok()?;
    Some((*marks.get(slot)?, nth % STRIDE))
}

/// The cells of the row `steps` rows after the one at byte `from`.
fn step(block: &[u8], from: usize, steps: u64) -> Option<&[u8]> {
    let mut rest = block.get(from..)?;
    for _ in 0..steps {
        rest = split_row(rest)?.1;
    }
    split_row(rest).map(|(row, _)| row)
}

fn split_row(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (prefix, rest) = bytes.split_first_chunk::<PREFIX>()?;
    rest.split_at_checked(u32::from_le_bytes(*prefix) as usize)
}

/// Hands out the cells of `row`. False when it does not hold what it says.
fn cells(mut row: &[u8], take: &mut impl FnMut(usize, Value<'_>)) -> bool {
    let mut column = 0;
    while let Some((head, rest)) = row.split_first() {
        row = rest;
        let mut len = u64::from(head >> 3);
        if len == u64::from(LONG) {
            let Some((long, rest)) = split_varint(row) else { return false };
            (len, row) = (long, rest);
        }
        let Some((raw, rest)) = usize::try_from(len).ok().and_then(|len| row.split_at_checked(len)) else {
            return false;
        };
        take(column, Value { tag: Tag::from_byte(head & 7), raw });
        (column, row) = (column + 1, rest);
    }
    true
}

fn push_varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn split_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut n = 0_u64;
    for (i, byte) in bytes.iter().enumerate().take(10) {
        n |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((n, bytes.get(i + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(reader: &RowReader, index: u64) -> Option<Vec<(Tag, Vec<u8>)>> {
        let mut row = Vec::new();
        reader.row(index, |_, v| row.push((v.tag, v.raw.to_vec()))).then_some(row)
    }

    fn fill(writer: &mut RowWriter, rows: u64) {
        for i in 0..rows {
            writer.value(Tag::Number, i.to_string().as_bytes());
            writer.value(Tag::Text, format!("row {i} {}", "x".repeat((i % 90) as usize)).as_bytes());
            writer.end_row().expect("room");
        }
    }

    fn holds(reader: &RowReader, index: u64) {
        let row = read(reader, index).expect("row is there");
        assert_eq!(row[0], (Tag::Number, index.to_string().into_bytes()));
        assert!(row[1].1.starts_with(format!("row {index} ").as_bytes()), "row {index}");
    }

    #[test]
    fn rows_are_seen_only_once_published() {
        let (mut writer, reader) = store(BUDGET);
        writer.value(Tag::Text, b"a");
        writer.end_row().expect("room");
        writer.value(Tag::Text, b"half");
        assert_eq!((writer.rows(), reader.rows()), (1, 0));
        assert_eq!(read(&reader, 0), None);
        writer.publish();
        assert_eq!(read(&reader, 0), Some(vec![(Tag::Text, b"a".to_vec())]));
        assert_eq!(read(&reader, 1), None);
        writer.end_row().expect("room");
        writer.publish();
        assert_eq!(read(&reader, 1), Some(vec![(Tag::Text, b"half".to_vec())]));
    }

    #[test]
    fn a_discarded_row_leaves_nothing() {
        let (mut writer, reader) = store(BUDGET);
        writer.value(Tag::Text, b"gone");
        writer.discard_row();
        writer.value(Tag::Bool, b"true");
        writer.end_row().expect("room");
        writer.publish();
        assert_eq!(read(&reader, 0), Some(vec![(Tag::Bool, b"true".to_vec())]));
        assert_eq!(reader.rows(), 1);
    }

    #[test]
    fn rows_past_the_budget_come_back_from_the_file() {
        let (mut writer, reader) = store(BLOCK);
        fill(&mut writer, 60_000);
        writer.publish();
        let spilled = reader.shared.blocks.read().expect("lock").file.is_some();
        assert!(spilled, "more than one block was written, so the file is in use");
        let in_memory: usize = reader
            .shared
            .blocks
            .read()
            .expect("lock")
            .closed
            .iter()
            .map(|b| if let Location::Memory(m) = &b.place { m.len() } else { 0 })
            .sum();
        assert!(in_memory <= BLOCK, "{in_memory}");
        for index in (0..60_000).step_by(97).chain([59_999, 0, 30_000]) {
            holds(&reader, index);
        }
        assert!(!reader.row(60_000, |_, _| {}));
        assert!(reader.shared.cache.lock().expect("lock").len() <= CACHED);
    }

    #[test]
    fn a_row_larger_than_a_block_is_kept_whole() {
        let (mut writer, reader) = store(BUDGET);
        let long = vec![b'y'; 3 * BLOCK];
        writer.value(Tag::Json, &long);
        writer.value(Tag::Null, b"");
        writer.end_row().expect("room");
        fill(&mut writer, 3);
        writer.publish();
        assert_eq!(read(&reader, 0), Some(vec![(Tag::Json, long), (Tag::Null, vec![])]));
        assert_eq!(read(&reader, 1).map(|r| r[0].1.clone()), Some(b"0".to_vec()));
    }

    #[test]
    fn readers_follow_a_writer_on_another_thread() {
        let (mut writer, reader) = store(2 * BLOCK);
        let writing = std::thread::spawn(move || {
            for i in 0..40_000_u64 {
                writer.value(Tag::Number, i.to_string().as_bytes());
                writer.value(Tag::Text, format!("row {i} of many").as_bytes());
                writer.end_row().expect("room");
                if i % 50 == 0 {
                    writer.publish();
                }
            }
            writer.publish();
        });
        let mut seen = 0;
        while seen < 40_000 {
            seen = reader.rows();
            if seen > 0 {
                holds(&reader, seen - 1);
                holds(&reader, seen / 2);
            }
        }
        writing.join().expect("the writer ends");
    }

    #[test]
    fn readers_of_one_store_are_equal_and_of_two_are_not() {
        let (_, a) = store(1);
        let (_, b) = store(1);
        assert_eq!(a, a.clone());
        assert_ne!(a, b);
    }

    fn tag() -> impl Strategy<Value = Tag> {
        (0_u8..8).prop_map(Tag::from_byte)
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            rows in prop::collection::vec(
                prop::collection::vec((tag(), prop::collection::vec(any::<u8>(), 0..80)), 0..6), 0..200),
            every in 1_usize..20,
            budget in 0_usize..100_000,
        ) {
            let (mut writer, reader) = store(budget);
            for (i, row) in rows.iter().enumerate() {
                for (tag, raw) in row {
                    writer.value(*tag, raw);
                }
                writer.end_row().expect("room");
                if i % every == 0 {
                    writer.publish();
                }
            }
            writer.publish();
            prop_assert_eq!(reader.rows(), rows.len() as u64);
            for (i, row) in rows.iter().enumerate() {
                prop_assert_eq!(read(&reader, i as u64), Some(row.clone()));
            }
        }
    }
}
