//! Rows of a result: a compact append-only store that spills to an unlinked temporary file.

use crate::model::{Column, Tag, Value};

/// The writing end: used by an engine, off the UI thread.
pub struct RowWriter {}

/// The reading end: cheap to clone, never blocks the writer for long.
#[derive(Clone, Debug)]
pub struct RowReader {}

/// An empty store: its writing and its reading end. Rows past `budget` bytes go to a file
/// in the temporary folder that no name leads to.
pub fn store(budget: usize) -> (RowWriter, RowReader) {
    let _ = budget;
    (RowWriter {}, RowReader {})
}

impl RowWriter {
    /// Sets the columns, or adds columns at the end (never removes).
    pub fn set_columns(&mut self, columns: &[Column]) {
        let _ = columns;
    }

    /// Begins a row; values follow in column order by [`RowWriter::value`].
    /// A row may be shorter than the columns: the rest is `Tag::Absent`.
    pub fn value(&mut self, tag: Tag, raw: &[u8]) {
        let _ = (tag, raw);
    }

    /// Ends the row: from now on readers may see it (after [`RowWriter::publish`]).
    ///
    /// # Errors
    /// When the temporary file cannot take more (disk full).
    pub fn end_row(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    /// Lets readers see the rows written so far.
    pub fn publish(&mut self) {}

    /// Rows ended so far.
    pub fn rows(&self) -> u64 {
        0
    }

    /// Bytes of values written so far.
    pub fn bytes(&self) -> u64 {
        0
    }
}

impl RowReader {
    /// The columns so far.
    pub fn columns(&self) -> std::sync::Arc<[Column]> {
        std::sync::Arc::new([])
    }

    /// Rows published so far.
    pub fn rows(&self) -> u64 {
        0
    }

    /// Hands each value of row `index` to `take`, in column order. False when there is no such
    /// row (yet).
    pub fn row(&self, index: u64, take: impl FnMut(usize, Value<'_>)) -> bool {
        let _ = (index, take);
        false
    }
}

/// Two readers are equal when they read the same store.
impl PartialEq for RowReader {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
