//! A query tab on the screen: where statements go, the editor, what the guard or the server
//! said, how the run stands, and the rows.

mod clip;
mod editor;
mod grid;
mod overlay;
mod plan;

#[cfg(test)]
mod tests;

use crate::app::query::foresee::grouped;
use crate::app::query::target::{endpoint_words, engine_word};
use crate::app::query::{Focus, Message, QueryTab, Stage};
use crate::config::{Role, Theme};
use crate::model::{Moment, SafeText, Summary};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};
use unicode_width::UnicodeWidthStr;

/// What everything here draws with.
#[derive(Clone, Copy)]
struct Pen<'a> {
    theme: &'a Theme,
    ascii: bool,
}

impl Pen<'_> {
    fn style(self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// A separator between words of one line.
    const fn dot(self) -> &'static str {
        if self.ascii { " | " } else { " · " }
    }
}

/// The parts of the tab, top to bottom.
struct Parts {
    header: Rect,
    editor: Rect,
    message: Rect,
    status: Rect,
    grid: Rect,
}

/// The most lines a refusal or a failure takes.
const MESSAGE_LINES: u16 = 4;

/// Divides the area: the editor gives way to rows once there are some.
fn parts(tab: &QueryTab, area: Rect, message: &str) -> Parts {
    let header = Rect { height: area.height.min(1), ..area };
    let rest = area.height.saturating_sub(header.height);
    let said = if message.is_empty() || area.width == 0 {
        0
    } else {
        let lines = message.width() / usize::from(area.width) + 1;
        u16::try_from(lines).unwrap_or(u16::MAX).min(MESSAGE_LINES).min(rest / 3)
    };
    let status = u16::from(rest > 2);
    let free = rest.saturating_sub(said + status);
    let wanted = u16::try_from(tab.editor().lines().len()).unwrap_or(u16::MAX).saturating_add(1).max(3);
    let editor = if tab.results().is_none() {
        free
    } else {
        // A long statement may take half while it is edited, a third while rows are read.
        let most = if tab.focus() == Focus::Editor { free / 2 } else { free / 3 };
        wanted.min(most.max(1)).min(free)
    };
    let at = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    Parts {
        header,
        editor: at(header.height, editor),
        message: at(header.height + editor, said),
        status: at(header.height + editor + said, status),
        grid: at(header.height + editor + said + status, free - editor),
    }
}

/// Draws a query tab.
pub fn draw(tab: &QueryTab, theme: &Theme, area: Rect, frame: &mut Frame<'_>, ascii: bool, now: Moment) {
    let area = area.intersection(frame.area());
    if area.width == 0 || area.height == 0 {
        return;
    }
    let pen = Pen { theme, ascii };
    frame.buffer_mut().set_style(area, pen.style(Role::Text));
    let (message, role) = message(tab);
    let parts = parts(tab, area, &message);
    header(tab, pen, parts.header, frame);
    let cursor = editor::draw(tab, pen, parts.editor, frame);
    let paragraph = Paragraph::new(Line::styled(message, pen.style(role))).wrap(Wrap { trim: false });
    frame.render_widget(paragraph, parts.message);
    status(tab, pen, parts.status, frame, now);
    if let Some(results) = tab.results() {
        match &results.plan {
            Some(plan) => plan::draw(plan, pen, parts.grid, tab.focus() == Focus::Results, frame),
            None => grid::draw(tab, results, pen, parts.grid, frame),
        }
    }
    if let Some(layer) = tab.layer() {
        if let Some(at) = overlay::draw(layer, pen, area, frame) {
            frame.set_cursor_position(at);
        }
        return;
    }
    if let (Some(at), Focus::Editor) = (cursor, tab.focus()) {
        editor::completions(tab, pen, at, area, frame);
        frame.set_cursor_position(at);
    }
}

/// What is said beneath the editor: a refusal, a question, or why the run failed.
fn message(tab: &QueryTab) -> (String, Role) {
    match (tab.message(), tab.stage()) {
        (Some(Message::Refused(refusal)), _) => (refusal.to_string(), Role::Bad),
        (Some(Message::Again(words)), _) => (words.to_string(), Role::Warning),
        (_, Stage::Failed(failure)) => (failure.to_string(), Role::Bad),
        (Some(Message::Note(words)), _) => (words.to_string(), Role::Dim),
        (None, _) => (tab.foreseen().to_string(), Role::Dim),
    }
}

/// Where statements go and what guards them.
fn header(tab: &QueryTab, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    let target = tab.target();
    let mut words = vec![engine_word(target.engine).to_owned(), endpoint_words(target)];
    if let Some((host, port)) = &target.address {
        words.push(format!("by way of {host}:{port}"));
    }
    if let Some(database) = &target.database {
        words.push(format!("database {database}"));
    }
    if let Some(user) = &target.user {
        words.push(format!("user {user}"));
    }
    let mut text = SafeText::new(words.join(pen.dot())).to_string();
    if !tab.locks().is_empty() {
        let locks: Vec<&str> = tab.locks().iter().map(SafeText::as_str).collect();
        text = format!("{text}{}{}", pen.dot(), locks.join(", "));
    }
    let style = pen.style(Role::Status);
    frame.buffer_mut().set_style(area, style);
    let text = clip::clip(&text, usize::from(area.width), pen.ascii);
    frame.buffer_mut().set_stringn(area.x, area.y, text, usize::from(area.width), style);
}

/// How the run stands, the mode, and where the cursor is among the rows.
fn status(tab: &QueryTab, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>, now: Moment) {
    if area.height == 0 {
        return;
    }
    let (text, role) = stage(tab, pen, now);
    frame.buffer_mut().set_style(area, pen.style(Role::Border));
    let mode = [tab.editor().mode_word(), &tab.editor().typed()].join(" ");
    let left =
        format!("{}{text}", if mode.trim().is_empty() { String::new() } else { format!("{} ", mode.trim()) });
    let right = tab.results().filter(|r| r.rows > 0).map_or_else(String::new, |r| {
        let column = r.columns.get(r.column);
        let kind = column.filter(|c| !c.type_name.is_empty()).map_or("", |c| c.type_name.as_str());
        let marked = if r.anchor.is_some() {
            format!("{} marked{}", grouped(r.marked().end - r.marked().start), pen.dot())
        } else {
            String::new()
        };
        format!(
            "{marked}row {}/{}{}column {}/{} {kind}",
            grouped(r.row + 1),
            grouped(r.rows),
            pen.dot(),
            r.column + 1,
            r.columns.len()
        )
    });
    let width = usize::from(area.width);
    let left = clip::clip(&left, width, pen.ascii);
    frame.buffer_mut().set_stringn(area.x, area.y, &left, width, pen.style(role));
    let room = width.saturating_sub(left.width() + 2);
    if right.width() <= room
        && let Ok(offset) = u16::try_from(width - right.width())
    {
        frame.buffer_mut().set_stringn(area.x + offset, area.y, &right, width, pen.style(Role::Dim));
    }
}

fn stage(tab: &QueryTab, pen: Pen<'_>, now: Moment) -> (String, Role) {
    match tab.stage() {
        Stage::Idle => (String::new(), Role::Dim),
        Stage::Running { since, word, rows } => {
            let rows =
                if *rows > 0 { format!("{}{} rows", pen.dot(), grouped(*rows)) } else { String::new() };
            (format!("{word}{}{} s{rows}", pen.dot(), now.ms_since(*since) / 1_000), Role::Busy)
        }
        Stage::Done(summary) => done(summary, pen),
        Stage::Failed(_) if tab.results().is_some() => {
            ("failed; the rows below are from before".to_owned(), Role::Bad)
        }
        Stage::Failed(_) => ("failed".to_owned(), Role::Bad),
        Stage::Cancelled => ("cancelled".to_owned(), Role::Warning),
    }
}

fn done(summary: &Summary, pen: Pen<'_>) -> (String, Role) {
    let mut words = Vec::new();
    if summary.truncated {
        words.push(format!("CUT at {} rows: there are more", grouped(summary.rows)));
    } else {
        words.push(format!("{} rows", grouped(summary.rows)));
    }
    if let Some(changed) = summary.changed {
        words.push(format!("{} changed", grouped(changed)));
    }
    words.push(format!("{} ms", grouped(summary.took_ms)));
    words.extend(summary.notes.iter().map(ToString::to_string));
    (words.join(pen.dot()), if summary.truncated { Role::Warning } else { Role::Good })
}
