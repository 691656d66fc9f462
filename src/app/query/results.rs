//! The result grid: where the cursor stands and which rows are marked. Rows stay in the store;
//! only what is on screen is read.

use super::find::Find;
use super::plan::PlanView;
use crate::model::{Column, Tag, Value};
use crate::query::RowReader;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// What the last drawing knew, for the next one and for page keys. A cache: nothing decides
/// on it but where the window stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// First row shown.
    pub top: Cell<u64>,
    /// First column shown.
    pub left: Cell<usize>,
    /// Rows that fit.
    pub height: Cell<u16>,
    /// Columns that fit whole.
    pub wide: Cell<usize>,
    /// Width of each column seen so far; columns only grow, so that the grid stands still.
    pub widths: RefCell<Vec<u16>>,
}

/// A result and the cursor in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// Reads the rows.
    pub reader: RowReader,
    /// The columns.
    pub columns: Arc<[Column]>,
    /// Rows at hand.
    pub rows: u64,
    /// The cursor's row.
    pub row: u64,
    /// The cursor's column.
    pub column: usize,
    /// Where marking began.
    pub anchor: Option<u64>,
    /// What is searched for in the rows.
    pub find: Option<Find>,
    /// The rows read as a plan, while it is shown instead of them.
    pub plan: Option<PlanView>,
    /// What the last drawing knew.
    pub window: Window,
}

impl Results {
    /// The result that `reader` reads.
    pub fn new(columns: Vec<Column>, reader: RowReader) -> Self {
        let rows = reader.rows();
        Self {
            reader,
            columns: columns.into(),
            rows,
            row: 0,
            column: 0,
            anchor: None,
            find: None,
            plan: None,
            window: Window::default(),
        }
    }

    /// The marked rows, or the cursor's row alone.
    pub fn marked(&self) -> std::ops::Range<u64> {
        let other = self.anchor.unwrap_or(self.row);
        self.row.min(other)..self.row.max(other).saturating_add(1).min(self.rows)
    }

    /// Moves the cursor by rows; stops at the ends.
    pub fn down(&mut self, by: i64) {
        self.row = self.row.saturating_add_signed(by).min(self.rows.saturating_sub(1));
    }

    /// Moves the cursor by columns; stops at the ends.
    pub fn right(&mut self, by: isize) {
        self.column = self.column.saturating_add_signed(by).min(self.columns.len().saturating_sub(1));
    }

    /// Rows of one page.
    pub fn page(&self) -> i64 {
        i64::from(self.window.height.get().max(2)) - 1
    }

    /// Takes a moving command, in the plan while it is shown. False when it is none.
    pub fn take(&mut self, name: &str) -> bool {
        match &mut self.plan {
            Some(plan) => plan.command(name),
            None => self.command(name),
        }
    }

    /// Takes a moving command. False when it is none.
    pub fn command(&mut self, name: &str) -> bool {
        match name {
            "row.next" => self.down(1),
            "row.previous" => self.down(-1),
            "row.first" => self.row = 0,
            "row.last" => self.row = self.rows.saturating_sub(1),
            "page.down" => self.down(self.page()),
            "page.up" => self.down(-self.page()),
            "page.half-down" => self.down(self.page() / 2),
            "page.half-up" => self.down(-(self.page() / 2)),
            "column.left" => self.right(-1),
            "column.right" => self.right(1),
            "column.first" => self.column = 0,
            "column.last" => self.column = self.columns.len().saturating_sub(1),
            _ => return false,
        }
        true
    }

    /// The first row and column to show in a window of `height` rows, so that the cursor is
    /// inside and the window moves no further than it must.
    pub fn scroll(&self, height: u16) -> u64 {
        let height = u64::from(height.max(1));
        let lowest = self.row.saturating_sub(height - 1);
        let top = self.window.top.get().clamp(lowest, self.row.max(lowest));
        let top = top.min(self.rows.saturating_sub(height).max(lowest));
        self.window.top.set(top);
        top
    }

    /// The value under the cursor, handed to `take`. A row without it has `Tag::Absent`.
    pub fn cell<T>(&self, take: impl FnOnce(Value<'_>) -> T) -> Option<T> {
        let mut take = Some(take);
        let mut out = None;
        let found = self.reader.row(self.row, |column, value| {
            if column == self.column
                && let Some(take) = take.take()
            {
                out = Some(take(value));
            }
        });
        if found && out.is_none() {
            out = take.map(|take| take(Value { tag: Tag::Absent, raw: &[] }));
        }
        out
    }
}
