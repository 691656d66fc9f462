//! A result read as a plan: the tree of an EXPLAIN, over the rows that it came in.

use super::results::Results;
use super::{Ctx, Focus, QueryTab};
use crate::query::plan::{PlanLine, PlanNode, lines, of_result};
use std::cell::Cell;

/// Rows of a result that are read as a plan; a longer one is cut there.
const ROWS: u64 = 5_000;

/// A plan and the line under the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanView {
    root: PlanNode,
    /// The cursor's line.
    pub line: usize,
    /// First line shown, and lines that fit: what the last drawing knew.
    pub window: (Cell<usize>, Cell<u16>),
    count: usize,
}

impl PlanView {
    /// The plan in `results`, when they are one.
    pub fn of(results: &Results) -> Option<Self> {
        let columns: Vec<&str> = results.columns.iter().map(|c| c.name.as_str()).collect();
        let mut rows = Vec::new();
        for row in 0..results.rows.min(ROWS) {
            let mut cells = Vec::with_capacity(columns.len());
            results.reader.row(row, |_, value| cells.push(String::from_utf8_lossy(value.raw).into_owned()));
            rows.push(cells);
        }
        let root = of_result(&columns, &rows)?;
        let count = lines(&root, true).len();
        Some(Self { root, line: 0, window: (Cell::new(0), Cell::new(0)), count })
    }

    /// Its lines, drawn without box characters when `ascii`.
    pub fn lines(&self, ascii: bool) -> Vec<PlanLine> {
        lines(&self.root, ascii)
    }

    /// The first line to show in a window of `height` lines, so that the cursor is inside.
    pub fn scroll(&self, height: u16) -> usize {
        let (top, kept) = &self.window;
        kept.set(height);
        let height = usize::from(height.max(1));
        let lowest = (self.line + 1).saturating_sub(height);
        top.set(top.get().clamp(lowest, self.line.max(lowest)));
        top.get()
    }

    /// Takes a moving command. False when it is none.
    pub fn command(&mut self, name: &str) -> bool {
        let page = usize::from(self.window.1.get().max(2)) - 1;
        let last = self.count.saturating_sub(1);
        self.line = match name {
            "row.next" => self.line + 1,
            "row.previous" => self.line.saturating_sub(1),
            "row.first" => 0,
            "row.last" => last,
            "page.down" => self.line + page,
            "page.up" => self.line.saturating_sub(page),
            "page.half-down" => self.line + page / 2,
            "page.half-up" => self.line.saturating_sub(page / 2),
            _ => return false,
        }
        .min(last);
        true
    }
}

impl QueryTab {
    /// Shows the rows as a plan, or again as rows.
    pub(super) fn toggle_plan(&mut self, ctx: &mut Ctx<'_>) {
        let Some(results) = &mut self.results else {
            return ctx.complain("there is no result: `:explain` explains the statement at the cursor");
        };
        if results.plan.take().is_some() {
            return;
        }
        results.plan = PlanView::of(results);
        if results.plan.is_none() {
            return ctx.complain("these rows are no plan");
        }
        self.editor.deselect();
        self.focus = Focus::Results;
    }

    /// What an EXPLAIN brought is shown as the plan that it is.
    pub(super) fn show_plan(&mut self) {
        if let Some(results) = &mut self.results {
            results.plan = PlanView::of(results);
        }
    }
}
