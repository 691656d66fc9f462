//! Documents into rows: the columns are the fields that the documents so far have, `_id` first
//! and the others in the order in which they were met.

use super::value::cell;
use crate::model::{Column, Failure, FailureKind, Limits, SafeText, Tag};
use crate::query::dialect::mongodb::tree::{self, Command};
use crate::query::engine::Sink;
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

/// Takes what of a reply are the rows, a cursor's first batch among it; how many were taken, and
/// whether a limit cut them.
///
/// # Errors
/// As `Shape::take`.
pub fn show(
    command: &Command,
    reply: &Document,
    limits: Limits,
    sink: &mut Sink,
) -> Result<(u64, bool), Failure> {
    let mut intake = Intake::new(sink, limits);
    intake.running();
    if command.shape == tree::Shape::Cursor {
        let batch = reply.get_document("cursor").and_then(|c| c.get_array("firstBatch"));
        take_all(batch.map(Vec::as_slice).unwrap_or_default(), &mut intake)?;
    } else {
        rows(command, reply, &mut intake)?;
    }
    intake.publish();
    Ok((intake.rows, intake.full))
}

/// Takes what of a reply that has no cursor are the rows.
///
/// # Errors
/// As [`Shape::take`].
pub fn rows(command: &Command, reply: &Document, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let list = |field: &str| reply.get_array(field).map(Vec::as_slice).unwrap_or_default();
    match command.shape {
        tree::Shape::Counted => {
            let first = reply.get_document("cursor").and_then(|c| c.get_array("firstBatch")).ok();
            let n = first.and_then(|all| all.first()).and_then(Bson::as_document).and_then(|d| d.get("n"));
            single("count", n.unwrap_or(&Bson::Int32(0)), intake)
        }
        tree::Shape::Values(field) => values("value", list(field), intake),
        tree::Shape::Documents(field) => take_all(list(field), intake),
        tree::Shape::Field(field) => {
            let name = if field == "n" { "count" } else { field };
            single(name, reply.get(field).unwrap_or(&Bson::Null), intake)
        }
        tree::Shape::Sum(name, fields) => {
            let numbers: Option<Vec<i64>> = fields.iter().map(|f| reply.get(f).and_then(whole)).collect();
            let sum = numbers.map(|all| all.iter().fold(0_i64, |sum, n| sum.saturating_add(*n)));
            single(name, &sum.map_or(Bson::Null, Bson::Int64), intake)
        }
        // One value, so that it can be drawn as a plan.
        tree::Shape::Reply if command.body.0.first().is_some_and(|e| e.key == "explain") => {
            single("explain", &Bson::Document(reply.clone()), intake)
        }
        tree::Shape::Reply | tree::Shape::Cursor => Shape::default().take(reply, intake).map(drop),
    }
}

/// A whole number in any of the types that servers write sizes in.
fn whole(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(n) => Some(i64::from(*n)),
        Bson::Int64(n) => Some(*n),
        Bson::Double(n) if n.fract() == 0.0 => n.to_string().parse().ok(),
        _ => None,
    }
}

fn take_all(list: &[Bson], intake: &mut Intake<'_>) -> Result<(), Failure> {
    let mut shape = Shape::default();
    for document in list.iter().filter_map(Bson::as_document) {
        if !shape.take(document, intake)? {
            break;
        }
    }
    Ok(())
}

/// One value as a result of one row and one column.
fn single(name: &str, value: &Bson, intake: &mut Intake<'_>) -> Result<(), Failure> {
    values(name, std::slice::from_ref(value), intake)
}

/// Values as rows of one column.
fn values(name: &str, all: &[Bson], intake: &mut Intake<'_>) -> Result<(), Failure> {
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
