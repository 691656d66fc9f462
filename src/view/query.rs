//! A query tab as a picture.

use super::pen::Pen;
use crate::app::query::QueryTab;
use crate::config::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws a query tab.
pub fn draw(tab: &QueryTab, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let mut pen = Pen::new(frame.buffer_mut(), theme, false);
    pen.text(area.x, area.y, area.width, tab.title(), Role::Text);
}
