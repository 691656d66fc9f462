//! Taking the rows of one PostgreSQL result: from the wire into the store.

use super::message::{self, Described};
use super::types;
use super::wire::Wire;
use crate::model::{Column, Failure, SafeText, Tag};
use crate::query::engines::intake::Intake;
use std::collections::HashMap;
use std::sync::Arc;

/// A result being taken.
pub struct Taking<'a> {
    /// Rows and limits.
    pub intake: Intake<'a>,
    described: Option<Vec<Described>>,
    tags: Vec<Tag>,
}

impl<'a> Taking<'a> {
    /// Nothing taken yet.
    pub const fn new(intake: Intake<'a>) -> Self {
        Self { intake, described: None, tags: Vec::new() }
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
        let described = self.described.iter().flatten().zip(&self.tags);
        let columns = described.map(|(d, tag)| Column {
            name: SafeText::from_bytes(&d.name),
            type_name: types::name(d.oid)
                .map_or_else(|| known.get(&d.oid).map(SafeText::new).unwrap_or_default(), SafeText::new),
            tag: *tag,
        });
        self.intake.columns(columns.collect());
    }

    /// Takes one data row.
    pub fn row(&mut self, wire: &Wire, body: &[u8]) -> Result<(), Failure> {
        if !self.intake.admit(body.len()) {
            return Ok(());
        }
        let (tags, intake) = (&self.tags, &mut self.intake);
        let count = message::values(body, |column, value| match value {
            None => intake.value(Tag::Null, b""),
            Some(raw) => {
                let (tag, raw) = types::plain(tags.get(column).copied().unwrap_or(Tag::Text), raw);
                intake.value(tag, raw);
            }
        });
        if count != Some(tags.len()) {
            intake.discard_row();
            return Err(wire.garbled("a row that does not fit its columns"));
        }
        intake.end_row()
    }
}
