//! A plan as a tree: branches, steps, their conditions, and what the server expects of each.
//! The steps that cost most stand out.

use super::{Pen, clip};
use crate::app::query::plan::PlanView;
use crate::config::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

/// A step with this share of the whole cost, or more, stands out.
const DEAR: f64 = 0.3;

/// Draws the plan; the line under the cursor is marked when the results have the keys.
pub fn draw(plan: &PlanView, pen: Pen<'_>, area: Rect, focused: bool, frame: &mut Frame<'_>) {
    if area.width < 4 || area.height == 0 {
        return;
    }
    let top = plan.scroll(area.height);
    let width = usize::from(area.width);
    for (y, (at, line)) in (area.y..area.bottom()).zip(plan.lines(pen.ascii).iter().enumerate().skip(top)) {
        let row = Rect::new(area.x, y, area.width, 1);
        let role = match (line.step, line.share >= DEAR) {
            (true, true) => Role::Warning,
            (true, false) => Role::Text,
            (false, _) => Role::Dim,
        };
        let mut style = pen.style(role);
        if focused && at == plan.line {
            style = style.add_modifier(Modifier::REVERSED);
            frame.buffer_mut().set_style(row, style);
        }
        let share = if line.step && line.share > 0.0 {
            format!("  {:.0} %", line.share * 100.0)
        } else {
            String::new()
        };
        let right = format!("{}{share}", line.estimate);
        let text = clip::clip(&format!("{}{}", line.branch, line.text), width, pen.ascii);
        frame.buffer_mut().set_stringn(row.x, y, &text, width, style);
        let room = width.saturating_sub(text.width() + 2);
        if right.width() <= room
            && let Ok(offset) = u16::try_from(width - right.width())
        {
            frame.buffer_mut().set_stringn(row.x + offset, y, &right, width, style);
        }
    }
}
