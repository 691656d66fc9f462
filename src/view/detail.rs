//! The describe view as a picture.

use super::cell;
use super::pen::Pen;
use crate::app::detail::{DetailView, Line};
use crate::app::fleet::Fleet;
use crate::config::Role;
use ratatui::layout::Rect;

/// Cells for the labels.
const LABEL: u16 = 26;

/// Draws the lines on the screen.
pub fn draw(view: &DetailView, fleet: &Fleet, body: Rect, pen: &mut Pen<'_>) {
    let lines = view.lines(fleet);
    let shown = lines.iter().enumerate().skip(view.top);
    for (y, (at, line)) in (body.y..body.bottom()).zip(shown) {
        let selected = at == view.cursor;
        pen.text(body.x, y, 1, if selected { ">" } else { " " }, Role::Key);
        one(line, view.left, Rect { x: body.x + 2, y, width: body.width.saturating_sub(2), height: 1 }, pen);
        if selected {
            pen.tint(
                Rect { x: body.x + 2, y, width: body.width.saturating_sub(2), height: 1 },
                Role::Selected,
            );
        }
    }
}

fn one(line: &Line, left: usize, area: Rect, pen: &mut Pen<'_>) {
    let Rect { x, y, width, .. } = area;
    let label = LABEL.min(width / 2);
    let value = |pen: &mut Pen<'_>, text: &str, role| {
        pen.text(x + label, y, width.saturating_sub(label), text, role);
    };
    match line {
        Line::Heading(title) => {
            pen.text(x, y, width, title, Role::Head);
        }
        Line::Fact(name, content) => {
            pen.text(x + 1, y, label.saturating_sub(2), name, Role::Dim);
            let text = scrolled(&cell::text(content), left);
            value(pen, if text.is_empty() { "-" } else { &text }, cell::role(content));
        }
        Line::Problem(problem) => {
            let role = if problem.urgent { Role::Bad } else { Role::Warning };
            let sign = if problem.urgent { "!" } else { " " };
            pen.text(x, y, label, &format!("{sign}{}", problem.id), role);
            value(pen, &problem.what, role);
        }
        Line::Related(how, _, name, health) => {
            pen.text(x + 1, y, label.saturating_sub(2), how, Role::Dim);
            let from = pen.text(x + label, y, width.saturating_sub(label), name, Role::Strong);
            let word = format!("  {}{}", cell::health_sign(health), health.word());
            pen.text(from, y, (x + width).saturating_sub(from), &word, cell::health_role(health));
        }
        Line::Note(text) => {
            pen.text(x, y, width, text, Role::Warning);
        }
        Line::Json(text) => {
            pen.text(x, y, width, &scrolled(text, left), Role::Text);
        }
        Line::Gap => {}
    }
}

fn scrolled(text: &str, left: usize) -> String {
    text.chars().skip(left).collect()
}
