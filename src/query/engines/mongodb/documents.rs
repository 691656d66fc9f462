//! Documents into rows: the columns are the fields that the documents so far have, `_id` first
//! and the others in the order in which they were met.

use super::value::cell;
use crate::model::{Column, Failure, FailureKind, SafeText, Tag};
use crate::query::engines::intake::Intake;
use ::mongodb::bson::{Bson, Document};
use std::collections::HashMap;

/// Most columns: more is a document used as a map.
const MOST_COLUMNS: usize = 2_000;

/// The columns so far.
#[derive(Default)]
pub struct Shape {
    columns: Vec<Column>,
    known: HashMap<String, usize>,
}

impl Shape {
    /// Takes one document as a row; fields not met before become columns behind the others.
    /// False when a limit is reached: the row was not taken.
    ///
    /// # Errors
    /// Too many fields, or the rows cannot be kept.
    pub fn take(&mut self, document: &Document, intake: &mut Intake<'_>) -> Result<bool, Failure> {
        if !intake.admit(0) {
            return Ok(false);
        }
        let mut row: Vec<Option<&Bson>> = vec![None; self.columns.len()];
        let mut grew = false;
        for (name, value) in document {
            let at = match self.known.get(name) {
                Some(at) => *at,
                None => {
                    grew = true;
                    self.add(name, value)?
                }
            };
            row.resize(row.len().max(at + 1), None);
            if let Some(cell) = row.get_mut(at) {
                *cell = Some(value);
            }
        }
        if grew {
            intake.columns(self.columns.clone());
        }
        for value in row {
            match value {
                None => intake.value(Tag::Absent, b""),
                Some(value) => {
                    let (_, tag, text) = cell(value);
                    intake.value(tag, text.as_bytes());
                }
            }
        }
        intake.end_row()?;
        intake.publish_many();
        Ok(true)
    }

    fn add(&mut self, name: &str, value: &Bson) -> Result<usize, Failure> {
        if self.columns.len() >= MOST_COLUMNS {
            let why = "more than 2,000 different fields";
            return Err(Failure::new(FailureKind::Usage, "show the documents", why)
                .hint("name the fields you want in a projection"));
        }
        let (kind, tag, _) = cell(value);
        let at = self.columns.len();
        self.known.insert(name.to_owned(), at);
        self.columns.push(Column { name: SafeText::new(name), type_name: kind.into(), tag });
        Ok(at)
    }
}

/// One value as a result of one row and one column.
///
/// # Errors
/// The row cannot be kept.
pub fn single(name: &str, value: &Bson, intake: &mut Intake<'_>) -> Result<(), Failure> {
    values(name, std::slice::from_ref(value), intake)
}

/// Values as rows of one column.
///
/// # Errors
/// The rows cannot be kept.
pub fn values(name: &str, all: &[Bson], intake: &mut Intake<'_>) -> Result<(), Failure> {
    let (kind, tag, _) = all.first().map(cell).unwrap_or(("", Tag::Text, "".into()));
    intake.columns(vec![Column { name: SafeText::new(name), type_name: kind.into(), tag }]);
    for value in all {
        if !intake.admit(0) {
            break;
        }
        let (_, tag, text) = cell(value);
        intake.value(tag, text.as_bytes());
        intake.end_row()?;
    }
    Ok(())
}
