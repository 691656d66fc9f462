//! Taking rows into the store up to the limits, and letting readers see them in time.

use crate::model::{Column, Failure, FailureKind, Limits, SafeText, Tag};
use crate::query::engine::{Progress, Sink};

/// Rows that may wait for being published while more are arriving.
const WAITING: u64 = 1_000;

/// A result being taken.
pub struct Intake<'a> {
    sink: &'a mut Sink,
    /// How much to take.
    pub limits: Limits,
    /// Rows taken.
    pub rows: u64,
    /// Rows that came, also those past the limits.
    pub came: u64,
    /// Bytes that came past the limits.
    pub drained: u64,
    /// Whether a limit was reached, with more there.
    pub full: bool,
    published: u64,
}

impl<'a> Intake<'a> {
    /// Nothing taken yet.
    pub const fn new(sink: &'a mut Sink, limits: Limits) -> Self {
        Self { sink, limits, rows: 0, came: 0, drained: 0, full: false, published: 0 }
    }

    /// Tells that the statement is with the server.
    pub fn running(&self) {
        self.sink.tell(Progress::Running);
    }

    /// Tells where the server stands while no rows are there.
    pub fn stage(&self, words: &str) {
        self.sink.tell(Progress::Connecting(SafeText::new(words)));
    }

    /// Sets the columns, or adds some at the end.
    pub fn columns(&mut self, columns: Vec<Column>) {
        self.sink.rows.set_columns(&columns);
        self.sink.tell(Progress::Columns(columns));
    }

    /// Whether the row that came, of `len` bytes, is to be taken. A row past the limits is not:
    /// it shows that the result was cut.
    pub fn admit(&mut self, len: usize) -> bool {
        self.came += 1;
        if self.rows >= self.limits.rows || self.sink.rows.bytes() >= self.limits.bytes {
            self.full = true;
        }
        if self.full {
            self.drained += len as u64;
        }
        !self.full
    }

    /// The next value of the row.
    pub fn value(&mut self, tag: Tag, raw: &[u8]) {
        self.sink.rows.value(tag, raw);
    }

    /// Ends the row.
    pub fn end_row(&mut self) -> Result<(), Failure> {
        self.sink.rows.end_row().map_err(|e| {
            Failure::new(FailureKind::Unreachable, "keep the rows", e.to_string())
                .hint("the temporary folder is full: name another by TMPDIR, or take fewer rows")
        })?;
        self.rows += 1;
        Ok(())
    }

    /// Drops the values of a row that made no sense.
    pub fn discard_row(&mut self) {
        self.sink.rows.discard_row();
    }

    /// Publishes when enough rows wait.
    pub fn publish_many(&mut self) {
        if self.rows - self.published >= WAITING {
            self.publish();
        }
    }

    /// Lets readers see all rows taken.
    pub fn publish(&mut self) {
        if self.rows > self.published {
            self.sink.rows.publish();
            self.published = self.rows;
            self.sink.tell(Progress::Rows(self.rows));
        }
    }

    /// How many rows the limits still allow.
    pub const fn left(&self) -> u64 {
        self.limits.rows.saturating_sub(self.rows)
    }
}
