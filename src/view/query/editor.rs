//! The editor: lines with their numbers, coloured by the language, the selection, the cursor
//! and the list of completions.

use super::Pen;
use crate::app::query::QueryTab;
use crate::app::query::editor::Editor;
use crate::config::Role;
use crate::model::SafeText;
use crate::query::dialect::{Span, TokenKind};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Clear;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A longer text is not coloured: colouring reads all of it at each drawing.
const COLOURED: usize = 128 << 10;
/// Columns that a tab character reaches to.
const TAB: usize = 4;

/// Draws the editor. Gives back where the cursor stands on the screen.
pub fn draw(tab: &QueryTab, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) -> Option<Position> {
    let editor = tab.editor();
    let lines = editor.lines();
    let gutter = (digits(lines.len()) + 1).min(usize::from(area.width / 3));
    let width = usize::from(area.width).saturating_sub(gutter);
    let (row, col) = editor.cursor();
    let cursor = lines.get(row).map_or(0, |l| column_of(l, col));
    let (top, left) = scroll(editor, row, cursor, usize::from(area.height), width);
    let tokens = tokens(tab);
    let mut start: usize = lines.iter().take(top).map(|l| l.len() + 1).sum();
    for (y, (i, line)) in (area.y..area.bottom()).zip(lines.iter().enumerate().skip(top)) {
        let number = format!("{:>1$} ", i + 1, gutter.saturating_sub(1));
        let role = if i == row { Role::Strong } else { Role::Dim };
        frame.buffer_mut().set_stringn(area.x, y, number, gutter, pen.style(role));
        let line_area =
            Rect::new(area.x + gutter_cells(gutter), y, area.width.saturating_sub(gutter_cells(gutter)), 1);
        draw_line(editor, pen, line_area, frame, &Line { index: i, text: line, start, left }, &tokens);
        start += line.len() + 1;
    }
    if editor.is_empty() && area.height > 0 {
        let hint = if pen.ascii { "type a statement; F5 runs it" } else { "type a statement · F5 runs it" };
        frame.buffer_mut().set_stringn(
            area.x + gutter_cells(gutter) + 1,
            area.y,
            hint,
            width.saturating_sub(1),
            pen.style(Role::Dim),
        );
    }
    let x = u16::try_from(cursor.saturating_sub(left)).ok()?.checked_add(area.x + gutter_cells(gutter))?;
    let y = u16::try_from(row.saturating_sub(top)).ok()?.checked_add(area.y)?;
    let at = Position::new(x.min(area.right().saturating_sub(1)), y);
    (area.contains(at)).then_some(at)
}

fn gutter_cells(gutter: usize) -> u16 {
    u16::try_from(gutter).unwrap_or(0)
}

fn digits(n: usize) -> usize {
    n.max(1).ilog10() as usize + 1
}

/// The display column of character `col`.
fn column_of(line: &str, col: usize) -> usize {
    let mut x = 0;
    let mut left = col;
    for grapheme in line.graphemes(true) {
        let chars = grapheme.chars().count();
        if left < chars {
            break;
        }
        left -= chars;
        x += shown(grapheme, x).width();
    }
    x
}

/// A grapheme as it is drawn at column `x`.
fn shown(grapheme: &str, x: usize) -> String {
    if grapheme == "\t" {
        return " ".repeat(TAB - x % TAB);
    }
    SafeText::new(grapheme).to_string()
}

/// Moves the window no further than it must.
fn scroll(editor: &Editor, row: usize, column: usize, height: usize, width: usize) -> (usize, usize) {
    let (top, left) = editor.window.get();
    let top = top.clamp((row + 1).saturating_sub(height.max(1)), row);
    let left = left.clamp((column + 1).saturating_sub(width.max(1)), column);
    editor.window.set((top, left));
    (top, left)
}

/// The tokens of the whole text.
fn tokens(tab: &QueryTab) -> Vec<(Span, TokenKind)> {
    let mut out = Vec::new();
    let text = tab.editor().text();
    if text.len() <= COLOURED {
        tab.dialect().highlight(&text, &mut out);
    }
    out
}

const fn role(kind: TokenKind) -> Role {
    match kind {
        TokenKind::Keyword => Role::Keyword,
        TokenKind::Function => Role::Function,
        TokenKind::Text => Role::String,
        TokenKind::Number => Role::Number,
        TokenKind::Comment => Role::Comment,
        TokenKind::Quoted => Role::Quoted,
        TokenKind::Parameter => Role::Parameter,
        TokenKind::Operator => Role::Operator,
    }
}

/// One line of the text: which, its words, its first byte in the text, the first column shown.
struct Line<'a> {
    index: usize,
    text: &'a str,
    start: usize,
    left: usize,
}

fn draw_line(
    editor: &Editor,
    pen: Pen<'_>,
    area: Rect,
    frame: &mut Frame<'_>,
    line: &Line<'_>,
    tokens: &[(Span, TokenKind)],
) {
    let selected = editor.selected();
    let (mut x, mut col) = (0_usize, 0_usize);
    let mut next = tokens.partition_point(|(span, _)| span.end <= line.start);
    for (byte, grapheme) in line.text.grapheme_indices(true) {
        let at = line.start + byte;
        while tokens.get(next).is_some_and(|(span, _)| span.end <= at) {
            next += 1;
        }
        let token = tokens.get(next).filter(|(span, _)| span.start <= at);
        let mut style = pen.style(token.map_or(Role::Text, |(_, kind)| role(*kind)));
        if selected.is_some_and(|(from, to)| from <= (line.index, col) && (line.index, col) < to) {
            style = style.patch(pen.style(Role::Selection));
        }
        let text = shown(grapheme, x);
        let width = text.width();
        if x >= line.left {
            let Ok(offset) = u16::try_from(x - line.left) else { break };
            if offset >= area.width {
                break;
            }
            frame.buffer_mut().set_stringn(
                area.x + offset,
                area.y,
                &text,
                usize::from(area.width - offset),
                style,
            );
        }
        x += width;
        col += grapheme.chars().count();
    }
}

/// Draws the completions on offer, beneath the cursor or above it.
pub fn completions(tab: &QueryTab, pen: Pen<'_>, cursor: Position, area: Rect, frame: &mut Frame<'_>) {
    const MOST: usize = 8;
    let Some(completion) = &tab.editor().completion else { return };
    let first = (completion.chosen + 1).saturating_sub(MOST);
    let words: Vec<_> = completion.words.iter().enumerate().skip(first).take(MOST).collect();
    let width = words.iter().map(|(_, w)| w.width()).max().unwrap_or(0).min(40) + 2;
    let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(words.len())) else { return };
    let width = width.min(area.width);
    let x = cursor.x.min(area.right().saturating_sub(width));
    let below = cursor.y + 1;
    let y = if below + height <= area.bottom() { below } else { cursor.y.saturating_sub(height).max(area.y) };
    let list = Rect::new(x, y, width, height).intersection(area);
    frame.render_widget(Clear, list);
    for (y, (i, word)) in (list.y..list.bottom()).zip(words) {
        let role = if i == completion.chosen { Role::Selected } else { Role::Status };
        let text = super::clip::clip(&SafeText::new(word), usize::from(width).saturating_sub(2), pen.ascii);
        let padded = format!(" {text:<room$}", room = usize::from(width).saturating_sub(1));
        frame.buffer_mut().set_stringn(list.x, y, padded, usize::from(list.width), pen.style(role));
    }
}
