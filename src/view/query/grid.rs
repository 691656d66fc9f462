//! The result grid: only the rows and columns on screen are read and measured, however many
//! there are.

use super::{Pen, clip};
use crate::app::query::find::COLOURED;
use crate::app::query::{Focus, QueryTab, Results};
use crate::config::Role;
use crate::model::{Tag, Value};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

/// The widest a column gets; the cell viewer shows the rest.
const WIDEST: usize = 48;
/// The narrowest.
const NARROWEST: usize = 3;
/// Cells between columns.
const GAP: usize = 2;

/// One visible row: its number and its cells from the first shown column on.
struct Row {
    index: u64,
    cells: Vec<Shown>,
}

/// One visible value.
struct Shown {
    text: String,
    role: Role,
    /// Whether it stands to the right of its column.
    right: bool,
    /// Whether it holds what is searched for.
    hit: bool,
}

/// Draws the grid.
pub fn draw(tab: &QueryTab, results: &Results, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    let body = area.height.saturating_sub(1);
    results.window.height.set(body);
    if area.width < 4 || area.height == 0 {
        return;
    }
    let top = results.scroll(body);
    let last = top.saturating_add(u64::from(body)).min(results.rows);
    let gutter = last.max(1).ilog10() as usize + 2;
    let width = usize::from(area.width).saturating_sub(gutter);
    let mut left = first_column(results, width);
    let mut rows = read(results, top..last, left, width, pen.ascii);
    // Measuring may have widened columns so that the cursor's column moved out of sight.
    let again = first_column(results, width);
    if again != left {
        left = again;
        rows = read(results, top..last, left, width, pen.ascii);
    }
    let sight = Sight { gutter, left, columns: columns_in_sight(results, left, gutter, area) };
    head(results, pen, Rect { height: 1, ..area }, &sight, frame);
    let focused = tab.focus() == Focus::Results && tab.layer().is_none();
    for (y, row) in (area.y + 1..area.bottom()).zip(rows) {
        let line = Rect::new(area.x, y, area.width, 1);
        draw_row(results, pen, line, &sight, &row, focused, frame);
    }
}

/// Which columns are in sight.
struct Sight {
    /// Cells before the first column: row numbers.
    gutter: usize,
    /// The first column.
    left: usize,
    /// Column, where it begins on the screen, and how wide it is.
    columns: Vec<(usize, u16, usize)>,
}

/// The width of a column as far as it is known.
fn width_of(results: &Results, column: usize) -> usize {
    let widths = results.window.widths.borrow();
    widths.get(column).copied().map(usize::from).filter(|w| *w > 0).unwrap_or_else(|| {
        let name = results.columns.get(column).map_or(0, |c| c.name.as_str().width());
        name.clamp(NARROWEST, WIDEST)
    })
}

/// The first column to show so that the cursor's column is in sight.
fn first_column(results: &Results, width: usize) -> usize {
    let cursor = results.column;
    let mut left = results.window.left.get().min(cursor);
    let mut used = 0;
    let mut lowest = cursor;
    for column in (0..=cursor).rev() {
        used += width_of(results, column) + GAP;
        if used > width + GAP && column != cursor {
            break;
        }
        lowest = column;
    }
    left = left.max(lowest);
    results.window.left.set(left);
    left
}

/// Reads the visible rows and takes note of how wide their values are.
fn read(results: &Results, rows: std::ops::Range<u64>, left: usize, width: usize, ascii: bool) -> Vec<Row> {
    // Narrower columns than this there are none, so no more of them can be in sight.
    let right = left + width / (NARROWEST + GAP) + 1;
    let mut out = Vec::new();
    let mut widths = results.window.widths.borrow_mut();
    let shown = right.min(results.columns.len());
    if widths.len() < shown {
        widths.resize(shown, 0);
    }
    for (column, width) in widths.iter_mut().enumerate().take(shown).skip(left) {
        let name = results.columns.get(column).map_or(0, |c| c.name.as_str().width());
        *width = (*width).max(cells(name.clamp(NARROWEST, WIDEST)));
    }
    for index in rows {
        let mut row = Row { index, cells: Vec::new() };
        let find = results.find.as_ref().filter(|f| f.holds(index));
        let found = results.reader.row(index, |column, value| {
            if column < left || column >= shown {
                return;
            }
            let right = value.tag == Tag::Number;
            let (text, role) = clip::value(value, WIDEST, ascii);
            if let Some(width) = widths.get_mut(column) {
                *width = (*width).max(cells(text.width()));
            }
            let head = Value { raw: value.raw.get(..COLOURED).unwrap_or(value.raw), ..value };
            let hit = find.is_some_and(|f| f.words.hit(head));
            row.cells.push(Shown { text, role, right, hit });
        });
        if !found {
            break;
        }
        while row.cells.len() < shown.saturating_sub(left) {
            let (text, role) = clip::value(Value { tag: Tag::Absent, raw: &[] }, WIDEST, ascii);
            row.cells.push(Shown { text, role, right: false, hit: false });
        }
        out.push(row);
    }
    out
}

fn cells(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// Where a column begins and how wide it is, for each column in sight.
fn columns_in_sight(results: &Results, left: usize, gutter: usize, area: Rect) -> Vec<(usize, u16, usize)> {
    let mut out = Vec::new();
    let mut x = gutter;
    for column in left..results.columns.len() {
        let room = usize::from(area.width).saturating_sub(x);
        if room < 2 {
            break;
        }
        let width = width_of(results, column);
        out.push((column, area.x + cells(x), width.min(room)));
        x += width + GAP;
    }
    let whole = out.iter().filter(|(column, _, width)| *width == width_of(results, *column)).count();
    results.window.wide.set(whole);
    out
}

fn head(results: &Results, pen: Pen<'_>, area: Rect, sight: &Sight, frame: &mut Frame<'_>) {
    let style = pen.style(Role::Head);
    frame.buffer_mut().set_style(area, style);
    for (column, x, width) in sight.columns.iter().copied() {
        let Some(c) = results.columns.get(column) else { break };
        let name = clip::clip(&c.name, width, pen.ascii);
        put(frame, (x, area.y), &name, width, c.tag == Tag::Number, style);
    }
    if sight.left > 0 {
        let sign = if pen.ascii { "<" } else { "‹" };
        frame.buffer_mut().set_stringn(area.x, area.y, sign, 1, style);
    }
}

fn draw_row(
    results: &Results,
    pen: Pen<'_>,
    area: Rect,
    sight: &Sight,
    row: &Row,
    focused: bool,
    frame: &mut Frame<'_>,
) {
    let current = row.index == results.row;
    let marked = results.anchor.is_some() && results.marked().contains(&row.index);
    let number = format!("{:>1$} ", row.index + 1, sight.gutter.saturating_sub(1));
    let role = if current { Role::Strong } else { Role::Dim };
    frame.buffer_mut().set_stringn(area.x, area.y, number, sight.gutter, pen.style(role));
    for (column, x, width) in sight.columns.iter().copied() {
        let Some(shown) = row.cells.get(column - sight.left) else { continue };
        let mut style = pen.style(shown.role);
        if shown.hit {
            style = style.patch(pen.style(Role::Match));
        }
        if marked {
            style = style.patch(pen.style(Role::Marked));
        }
        if current && focused && column == results.column {
            style = style.patch(pen.style(Role::Selected));
        } else if current && focused {
            style = style.add_modifier(Modifier::BOLD);
        }
        let text = clip::clip(&shown.text, width, pen.ascii);
        put(frame, (x, area.y), &text, width, shown.right, style);
    }
}

/// Puts one cell, padded to its width.
fn put(frame: &mut Frame<'_>, (x, y): (u16, u16), text: &str, width: usize, right: bool, style: Style) {
    let pad = width.saturating_sub(text.width());
    let blank = " ".repeat(pad);
    let cell = if right { blank + text } else { text.to_owned() + &blank };
    frame.buffer_mut().set_stringn(x, y, cell, width, style);
}
