//! What lies over a query tab: prompts, the history, the copy menu, the target form and the
//! whole cell. A password is drawn as dots.

use super::{Pen, clip};
use crate::app::query::Layer;
use crate::app::query::cell::{CellView, SHOWN};
use crate::app::query::layer::{COPY_MENU, HistoryPicker, PasswordPrompt};
use crate::app::query::target::{FIELDS, TargetForm};
use crate::config::Role;
use crate::model::SafeText;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Borders of ASCII characters only.
const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Draws the layer over `area`. Gives back where the cursor stands, when it takes text.
pub fn draw(layer: &Layer, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) -> Option<Position> {
    match layer {
        Layer::Password(prompt) => password(prompt, pen, area, frame),
        Layer::History(picker) => history(picker, pen, area, frame),
        Layer::Cell(cell) => {
            draw_cell(cell, pen, area, frame);
            None
        }
        Layer::Copy(chosen) => {
            copy_menu(*chosen, pen, area, frame);
            None
        }
        Layer::Export(path) => {
            let title = "Export all rows to .csv, .tsv, .json or .md (Enter writes, Esc leaves)";
            let inner = boxed(title, pen, (76, 3), area, frame);
            field(frame, pen, inner, "File", path, true)
        }
        // Drawn in the status line, so that it hides no row.
        Layer::Find(_) => None,
        Layer::Target(form) => target(form, pen, area, frame),
    }
}

/// A cleared box of about this size in the middle of `area`; gives back its inside.
fn boxed(title: &str, pen: Pen<'_>, size: (u16, u16), area: Rect, frame: &mut Frame<'_>) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let x = area.x + (area.width - width) / 2;
    let y = area.y + (area.height - height) / 2;
    let rect = Rect::new(x, y, width, height);
    let title = clip::clip(title, usize::from(width).saturating_sub(4), pen.ascii);
    let mut block = Block::bordered()
        .title(format!(" {title} "))
        .style(pen.style(Role::Text))
        .border_style(pen.style(Role::BorderFocused))
        .title_style(pen.style(Role::Strong));
    if pen.ascii {
        block = block.border_set(ASCII_BORDER);
    }
    let inner = block.inner(rect);
    frame.render_widget(Clear, rect);
    frame.render_widget(block, rect);
    inner
}

/// A labelled text in the first line of `area`; its end stays in sight. Gives back the cursor's
/// place when it has the focus.
fn field(
    frame: &mut Frame<'_>,
    pen: Pen<'_>,
    area: Rect,
    label: &str,
    text: &str,
    focused: bool,
) -> Option<Position> {
    const LABEL: u16 = 10;
    if area.height == 0 || area.width <= LABEL + 2 {
        return None;
    }
    let role = if focused { Role::Strong } else { Role::Dim };
    frame.buffer_mut().set_stringn(area.x, area.y, label, usize::from(LABEL), pen.style(role));
    let room = usize::from(area.width - LABEL - 1);
    let safe = SafeText::new(text);
    let mut shown = safe.as_str();
    while shown.width() > room {
        let cut = shown.graphemes(true).next().map_or(1, str::len);
        shown = shown.get(cut..).unwrap_or_default();
    }
    let style = pen.style(if focused { Role::Text } else { Role::Dim });
    frame.buffer_mut().set_stringn(area.x + LABEL, area.y, shown, room, style);
    let x = area.x + LABEL + u16::try_from(shown.width()).unwrap_or(0);
    focused.then_some(Position::new(x.min(area.right().saturating_sub(1)), area.y))
}

/// The line `n` of `area`.
fn line(area: Rect, n: usize) -> Rect {
    let n = u16::try_from(n).unwrap_or(u16::MAX).min(area.height);
    Rect::new(area.x, area.y + n, area.width, area.height.saturating_sub(n).min(1))
}

fn say(frame: &mut Frame<'_>, pen: Pen<'_>, area: Rect, text: &str, role: Role) {
    if area.height > 0 {
        let text = clip::clip(text, usize::from(area.width), pen.ascii);
        frame.buffer_mut().set_stringn(area.x, area.y, text, usize::from(area.width), pen.style(role));
    }
}

fn password(prompt: &PasswordPrompt, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) -> Option<Position> {
    let inner = boxed(&format!("Log in to {}", prompt.host), pen, (64, 6), area, frame);
    let dots = if pen.ascii { "*" } else { "•" }.repeat(prompt.typed());
    let user = field(frame, pen, line(inner, 0), "User", &prompt.user, !prompt.on_password);
    let secret = field(frame, pen, line(inner, 1), "Password", &dots, prompt.on_password);
    say(
        frame,
        pen,
        line(inner, 3),
        "Enter logs in and runs the statement; Esc leaves. Kept nowhere.",
        Role::Dim,
    );
    user.or(secret)
}

fn history(picker: &HistoryPicker, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) -> Option<Position> {
    let size = (area.width.saturating_sub(4), area.height.saturating_sub(2).min(24));
    let inner = boxed("Earlier statements (Enter takes one, Esc leaves)", pen, size, area, frame);
    let cursor = field(frame, pen, line(inner, 0), "Search", &picker.words, true);
    let height = usize::from(inner.height.saturating_sub(2)).max(1);
    let first = (picker.chosen + 1).saturating_sub(height);
    if picker.found.is_empty() {
        say(frame, pen, line(inner, 2), "nothing found", Role::Dim);
    }
    for (y, (i, entry)) in (2_usize..).zip(picker.found.iter().enumerate().skip(first).take(height)) {
        let role = if i == picker.chosen { Role::Selected } else { Role::Text };
        let statement: String =
            entry.statement.text.chars().take(400).map(|c| if c == '\n' { ' ' } else { c }).collect();
        say(frame, pen, line(inner, y), &SafeText::new(format!("{}  {statement}", entry.place)), role);
    }
    cursor
}

fn copy_menu(chosen: usize, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    let lines = u16::try_from(COPY_MENU.len()).unwrap_or(6);
    let inner = boxed("Copy", pen, (30, lines + 2), area, frame);
    for (i, (key, title, _)) in COPY_MENU.iter().enumerate() {
        let role = if i == chosen { Role::Selected } else { Role::Text };
        say(frame, pen, line(inner, i), &format!(" {key}  {title}"), role);
    }
}

fn target(form: &TargetForm, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) -> Option<Position> {
    let inner = boxed("Where statements go", pen, (72, 10), area, frame);
    let mut cursor = None;
    for (i, (label, value)) in FIELDS.iter().zip(form.values()).enumerate() {
        let at = field(frame, pen, line(inner, i), label, &value, i == form.field);
        cursor = cursor.or(at);
    }
    let hint = match (form.wrong, form.field) {
        (Some(wrong), _) => wrong,
        (None, 0 | 1) => "Space takes the next choice; Enter applies, Esc leaves",
        (None, 4) => "HOST:PORT to connect to instead; TLS still checks the endpoint's name",
        (None, 5) => "ARN or name in Secrets Manager: its user logs in; empty means none",
        _ => "empty means the default; Enter applies, Esc leaves",
    };
    let role = if form.wrong.is_some() { Role::Bad } else { Role::Dim };
    say(frame, pen, line(inner, FIELDS.len() + 1), hint, role);
    cursor
}

fn draw_cell(cell: &CellView, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    let size = (area.width.saturating_sub(2), area.height.saturating_sub(1));
    let inner = boxed(&cell.title, pen, size, area, frame);
    let width = usize::from(inner.width).max(1);
    let height = usize::from(inner.height).saturating_sub(1);
    let (mut drawn, mut all) = (0, 0);
    for text in &cell.lines {
        let mut rest = text.as_str();
        if !cell.wrap {
            rest = rest.char_indices().nth(cell.left).map_or("", |(i, _)| rest.get(i..).unwrap_or_default());
        }
        loop {
            let at = if cell.wrap { fitting(rest, width) } else { rest.len() };
            let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
            if all >= cell.top && drawn < height {
                say(frame, pen, line(inner, drawn), head, Role::Text);
                drawn += 1;
            }
            all += 1;
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
    }
    cell.seen.set((all, height));
    let last = (cell.top + drawn).min(all);
    let hint = if cell.bytes > SHOWN {
        let text =
            format!("the first {} KiB of {} bytes: copy or export for the rest", SHOWN >> 10, cell.bytes);
        (text, Role::Warning)
    } else {
        (format!("lines {}-{last} of {all}; y copies, w wraps or cuts, Esc closes", cell.top + 1), Role::Dim)
    };
    say(frame, pen, line(inner, height), &hint.0, hint.1);
}

/// How many bytes of `text` fit into `width` cells; at least one grapheme.
fn fitting(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (i, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > width && i > 0 {
            return i;
        }
    }
    text.len()
}
