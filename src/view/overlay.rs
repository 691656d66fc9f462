//! A list as a picture: a frame over the tab, its entries, and its filter.

use super::layout;
use super::pen::Pen;
use crate::app::overlay::{List, Purpose};
use crate::config::Role;
use ratatui::layout::Rect;

/// How many lines a list wants inside its frame.
pub fn lines(list: &List) -> usize {
    list.entries.len().max(3) + 1
}

/// Draws a list.
pub fn draw(list: &List, body: Rect, pen: &mut Pen<'_>) {
    let panel = layout::panel(body, lines(list));
    pen.fill(panel.outer, Role::Text);
    pen.frame(panel.outer, &list.title, Role::BorderFocused);
    let inner = panel.inner;
    let shown = list.shown();
    let height = usize::from(inner.height.saturating_sub(1)).max(1);
    for (y, (at, entry)) in (inner.y..).zip(shown.iter().enumerate().skip(list.top).take(height)) {
        let selected = at == list.cursor;
        let mark = match &list.marked {
            Some(marked) if marked.contains(&entry.key) => "[x] ",
            Some(_) => "[ ] ",
            None => "",
        };
        let role = if entry.refused && list.purpose != Purpose::Help { Role::Dim } else { Role::Text };
        let x = pen.text(inner.x, y, 2, if selected { "> " } else { "  " }, Role::Key);
        let x = pen.text(x, y, inner.right().saturating_sub(x), mark, Role::Key);
        let x = pen.text(x, y, inner.right().saturating_sub(x), &entry.label, role);
        if !entry.note.is_empty() && x + 2 < inner.right() {
            pen.text(x + 2, y, inner.right() - x - 2, &entry.note, Role::Dim);
        }
        if selected {
            pen.tint(
                Rect { x: inner.x + 2, y, width: inner.width.saturating_sub(2), height: 1 },
                Role::Selected,
            );
        }
    }
    if shown.is_empty() {
        let words = if list.entries.is_empty() { "nothing yet" } else { "nothing matches" };
        pen.text(inner.x + 2, inner.y, inner.width.saturating_sub(2), words, Role::Dim);
    }
    foot(list, shown.len(), inner, pen);
}

fn foot(list: &List, shown: usize, inner: Rect, pen: &mut Pen<'_>) {
    let y = inner.bottom().saturating_sub(1);
    let filter = crate::model::SafeText::new(&list.filter);
    let words = if list.typing {
        format!("/{filter}_")
    } else if list.filter.is_empty() {
        // A failure's own words may take the whole line: the next step is told here.
        let told = list.current().filter(|e| e.refused || list.purpose == Purpose::Errors);
        told.map(|e| e.note.to_string()).unwrap_or_default()
    } else {
        format!("/{filter}  {shown} of {}", list.entries.len())
    };
    pen.text(inner.x, y, inner.width, &words, Role::Key);
}
