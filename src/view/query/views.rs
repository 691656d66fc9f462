//! The rows in the view that is chosen, and the words that say which views there are.

use super::{Pen, graph, grid, plan, tree};
use crate::app::query::views::View;
use crate::app::query::{Focus, QueryTab, Results};
use crate::config::Role;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the result.
pub fn draw(tab: &QueryTab, results: &Results, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    match tab.views().shown() {
        View::Grid => match &results.plan {
            Some(plan) => plan::draw(plan, pen, area, tab.focus() == Focus::Results, frame),
            None => grid::draw(tab, results, pen, area, frame),
        },
        View::Tree => tree::draw(tab, results, pen, area, frame),
        View::Graph => graph::draw(tab, results, pen, area, frame),
    }
}

/// Says at the right end of `area` which view is shown among those there are. Returns the cells
/// that it took: none when there is no choice.
pub fn head(tab: &QueryTab, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) -> u16 {
    let fitting = tab.views().fitting();
    let width: usize = fitting.iter().map(|v| v.word().len() + 2).sum();
    let Ok(width) = u16::try_from(width) else { return 0 };
    if tab.results().is_none() || fitting.len() < 2 || width + 10 > area.width {
        return 0;
    }
    let mut x = area.right() - width;
    for view in fitting {
        let shown = *view == tab.views().shown();
        // The brackets tell it where colours do not.
        let text = if shown { format!("[{}]", view.word()) } else { format!(" {} ", view.word()) };
        let role = if shown { Role::TabCurrent } else { Role::Tab };
        x = frame.buffer_mut().set_stringn(x, area.y, text, usize::from(width), pen.style(role)).0;
    }
    width
}
