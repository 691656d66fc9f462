//! The result as a tree: a line for each row, and under an open one its values, level by level.

use super::{Pen, clip};
use crate::app::query::foresee::grouped;
use crate::app::query::tree::{Line, Look, Shown};
use crate::app::query::{Focus, QueryTab, Results};
use crate::config::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use std::collections::HashMap;
use unicode_width::UnicodeWidthStr;

/// The widest that keys of one level are made to stand above each other.
const KEYS: usize = 24;

/// Draws the tree.
pub fn draw(tab: &QueryTab, results: &Results, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    if area.width < 4 || area.height == 0 {
        return;
    }
    let tree = tab.views().tree();
    let window = tree.window(area.height, results.rows);
    let last = window.iter().map(|s| match s {
        Shown::Row(row, _) | Shown::Line(row, _) => *row + 1,
    });
    let gutter = last.max().map_or(1, |n| grouped(n).len());
    let mut keys: HashMap<usize, usize> = HashMap::new();
    for shown in &window {
        if let Shown::Line(_, line) = shown {
            let width = keys.entry(line.depth).or_default();
            *width = (*width).max(line.key.width().min(KEYS));
        }
    }
    let focused = tab.focus() == Focus::Results && tab.layer().is_none();
    let cursor = tree.current();
    let rows = (area.y..area.bottom()).zip(&window);
    for (y, shown) in rows {
        let mut x = area.x;
        let mut say = |text: &str, role: Role| {
            let room = usize::from(area.right().saturating_sub(x));
            let text = clip::signs(clip::clip(text, room, pen.ascii), pen.ascii);
            x = frame.buffer_mut().set_stringn(x, y, text, room, pen.style(role)).0;
        };
        let current = match shown {
            Shown::Row(row, open) => {
                say(sign(pen, true, *open), Role::Key);
                say(&format!(" {:>gutter$}  ", grouped(row + 1)), Role::Dim);
                if !open {
                    say(&tree.told(results, *row), Role::Text);
                }
                cursor.is_none() && tree.cursor().0 == *row
            }
            Shown::Line(_, line) => {
                let guide = if pen.ascii { "  " } else { "│ " };
                say(&" ".repeat(gutter + 2), Role::Dim);
                say(&guide.repeat(line.depth.saturating_sub(1).min(32)), Role::Border);
                say(sign(pen, line.opens, line.open), Role::Key);
                say(" ", Role::Dim);
                draw_line(line, keys.get(&line.depth).copied().unwrap_or_default(), pen, &mut say);
                cursor.is_some_and(|c| std::ptr::eq(c, *line))
            }
        };
        if current && focused {
            let style = pen.style(Role::Selected);
            frame.buffer_mut().set_style(Rect::new(area.x, y, area.width, 1), style);
        }
    }
}

fn draw_line(line: &Line, width: usize, pen: Pen<'_>, say: &mut impl FnMut(&str, Role)) {
    let role = match line.look {
        Look::Text => Role::String,
        Look::Number => Role::Number,
        Look::Word => Role::Null,
        Look::Nested => Role::Text,
        Look::More => Role::Warning,
    };
    let key = clip::clip(&line.key, KEYS, pen.ascii);
    if line.look != Look::More {
        say(&key, Role::Strong);
        say(&" ".repeat(width.saturating_sub(key.width()) + 2), Role::Dim);
    }
    if !line.open {
        say(&line.words, role);
    }
}

/// The sign of what opens.
const fn sign(pen: Pen<'_>, opens: bool, open: bool) -> &'static str {
    match (opens, open, pen.ascii) {
        (false, ..) => " ",
        (true, false, false) => "▸",
        (true, true, false) => "▾",
        (true, false, true) => "+",
        (true, true, true) => "-",
    }
}
