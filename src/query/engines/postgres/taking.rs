//! Taking the rows of one result: from the wire into the store, up to the limits.

use super::message::{self, Described};
use super::types;
use super::wire::Wire;
use crate::model::{Column, Failure, FailureKind, Limits, SafeText, Tag};
use crate::query::engine::{Progress, Sink};
use std::collections::HashMap;
use std::sync::Arc;

/// Rows that may wait for being published while more are arriving.
const WAITING: u64 = 1_000;

/// A result being taken.
pub struct Taking<'a> {
    sink: &'a mut Sink,
    limits: Limits,
    described: Option<Vec<Described>>,
    tags: Vec<Tag>,
    /// Rows taken.
    pub rows: u64,
    /// Rows that came from the server, also those past the limits.
    pub came: u64,
    /// Bytes that came after the limits.
    pub drained: u64,
    /// Whether a limit was reached.
    pub full: bool,
    published: u64,
}

impl<'a> Taking<'a> {
    /// Nothing taken yet.
    pub const fn new(sink: &'a mut Sink, limits: Limits) -> Self {
        Self {
            sink,
            limits,
            described: None,
            tags: Vec::new(),
            rows: 0,
            came: 0,
            drained: 0,
            full: false,
            published: 0,
        }
    }

    /// Takes the description of the rows to come.
    pub fn describe(&mut self, wire: &Wire, body: &[u8]) -> Result<(), Failure> {
        if self.described.is_some() {
            return Err(wire.garbled("a second row description"));
        }
        let described = message::description(body).ok_or_else(|| wire.garbled("a broken row description"))?;
        self.tags = described.iter().map(|d| types::tag(d.oid)).collect();
        self.described = Some(described);
        self.tell_columns(&HashMap::new());
        Ok(())
    }

    /// OIDs of the columns' types that are not built in.
    pub fn unnamed(&self) -> Vec<u32> {
        let mut oids: Vec<u32> =
            self.described.iter().flatten().map(|d| d.oid).filter(|o| types::name(*o).is_none()).collect();
        oids.sort_unstable();
        oids.dedup();
        oids
    }

    /// Sets the columns, with type names from `known` where they are not built in.
    pub fn tell_columns(&mut self, known: &HashMap<u32, Arc<str>>) {
        let columns: Vec<Column> = self
            .described
            .iter()
            .flatten()
            .zip(&self.tags)
            .map(|(d, tag)| Column {
                name: SafeText::from_bytes(&d.name),
                type_name: types::name(d.oid).map_or_else(
                    || known.get(&d.oid).map(|n| SafeText::new(n)).unwrap_or_default(),
                    SafeText::new,
                ),
                tag: *tag,
            })
            .collect();
        self.sink.rows.set_columns(&columns);
        self.sink.tell(Progress::Columns(columns));
    }

    /// Takes one data row.
    pub fn row(&mut self, wire: &Wire, body: &[u8]) -> Result<(), Failure> {
        self.came += 1;
        if !self.full && (self.rows >= self.limits.rows || self.sink.rows.bytes() >= self.limits.bytes) {
            self.full = true;
        }
        if self.full {
            self.drained += body.len() as u64;
            return Ok(());
        }
        let (tags, rows) = (&self.tags, &mut self.sink.rows);
        let count = message::values(body, |column, value| match value {
            None => rows.value(Tag::Null, b""),
            Some(raw) => {
                let (tag, raw) = types::plain(tags.get(column).copied().unwrap_or(Tag::Text), raw);
                rows.value(tag, raw);
            }
        });
        if count != Some(tags.len()) {
            rows.discard_row();
            return Err(wire.garbled("a row that does not fit its columns"));
        }
        rows.end_row().map_err(|e| {
            Failure::new(FailureKind::Unreachable, "keep the rows", e.to_string())
                .hint("the temporary folder is full: name another by TMPDIR, or take fewer rows")
        })?;
        self.rows += 1;
        Ok(())
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

    /// The limits.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Tells that the statement is with the server.
    pub fn tell_running(&self) {
        self.sink.tell(Progress::Running);
    }
}
