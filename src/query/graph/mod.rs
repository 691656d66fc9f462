//! Answers of graph databases into rows. Pure: bytes in, values out.
//!
//! One form for all languages, so that who draws a graph need not know who answered. A cell that
//! is an entity, or holds some, is JSON text ([`Tag::Json`]) in which entities are found by
//! `~entityType`:
//!
//! - node: `{"~id":…,"~entityType":"node","~labels":[…],"~properties":{…}}`
//! - relationship: `{"~id":…,"~entityType":"relationship","~type":…,"~start":…,"~end":…,"~properties":{…}}`
//! - property met on its own (Gremlin's `properties()`): `{"~entityType":"property","~key":…,"~value":…}`,
//!   with `~id` when it has one
//! - path: a list of what it visits, in order
//! - map with keys that are no words: a list of `{"key":…,"value":…}`
//!
//! A property with several values holds a list. Numbers keep the server's digits; `NaN` and the
//! infinities, which are no JSON numbers, are words inside JSON.

pub mod cypher;
pub mod graphson;
pub mod json;
pub mod rdf;
#[cfg(test)]
mod tests;

use crate::model::{Column, Failure, SafeText, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Most columns: more is a map used as a table of its own, shown as one value.
pub const MOST_COLUMNS: usize = 500;

/// A value of a row: its kind and its text.
pub type Cell<'a> = (Tag, Cow<'a, str>);

/// Where rows go.
pub trait Take {
    /// The columns so far; later calls keep them and add some at the end.
    fn columns(&mut self, columns: &[Column]);

    /// One row, in the order of the columns. False when no more rows are wanted.
    ///
    /// # Errors
    /// When the row cannot be kept.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<bool, Failure>;
}

/// The columns of a result as they become known, by name.
#[derive(Default)]
pub struct Shape {
    columns: Vec<Column>,
    /// Whether a value has said what the column holds.
    settled: Vec<bool>,
    known: HashMap<String, usize>,
}

impl Shape {
    /// Columns of these names, whose values will say what they hold.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut shape = Self::default();
        for name in names {
            shape.place(name);
        }
        shape
    }

    /// The place of the column called `name`; a new one at the end when there is none.
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.known.get(name) {
            return *place;
        }
        let place = self.columns.len();
        self.known.insert(name.to_owned(), place);
        self.columns.push(Column { name: SafeText::new(name), type_name: "".into(), tag: Tag::Text });
        self.settled.push(false);
        place
    }

    /// Hands a row of named cells to `take`; columns it does not name are absent.
    ///
    /// # Errors
    /// Those of `take`.
    pub fn row<'a>(
        &mut self,
        take: &mut dyn Take,
        cells: impl IntoIterator<Item = (Cow<'a, str>, Cell<'a>)>,
    ) -> Result<bool, Failure> {
        let before = self.columns.len();
        let mut row: Vec<Cell<'a>> = vec![(Tag::Absent, Cow::Borrowed("")); before];
        let mut news = before == 0;
        for (name, cell) in cells {
            let place = self.place(&name);
            news |= self.settle(place, cell.0);
            if row.len() <= place {
                row.resize(place + 1, (Tag::Absent, Cow::Borrowed("")));
            }
            if let Some(slot) = row.get_mut(place) {
                *slot = cell;
            }
        }
        if news || self.columns.len() > before {
            take.columns(&self.columns);
        }
        take.row(&row)
    }

    /// Tells the columns, for a result that may have no rows.
    pub fn announce(&self, take: &mut dyn Take) {
        if !self.columns.is_empty() {
            take.columns(&self.columns);
        }
    }

    /// The first value that is there says what its column holds. True when that is news.
    fn settle(&mut self, place: usize, tag: Tag) -> bool {
        let (Some(column), Some(settled)) = (self.columns.get_mut(place), self.settled.get_mut(place)) else {
            return false;
        };
        if *settled || matches!(tag, Tag::Null | Tag::Absent) {
            return false;
        }
        *settled = true;
        let news = column.tag != tag;
        column.tag = tag;
        news
    }
}

/// The failure of an answer that is not what its form says.
fn garbled(why: impl AsRef<str>) -> Failure {
    Failure::new(crate::model::FailureKind::Garbled, "read the answer", why)
        .hint("is the endpoint really Neptune, or a proxy's page?")
}
