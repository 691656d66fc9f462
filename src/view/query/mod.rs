//! A query tab on the screen: where statements go, the editor, what the guard or the server
//! said, how the run stands, and the rows.

mod clip;
mod editor;
mod graph;
mod grid;
mod overlay;
mod plan;
mod tree;
mod views;

#[cfg(test)]
mod tests;

use crate::app::query::find::Find;
use crate::app::query::foresee::grouped;
use crate::app::query::target::endpoint_words;
use crate::app::query::{Focus, Layer, Message, QueryTab, Results, Stage};
use crate::config::{Role, Theme};
use crate::model::{Moment, SafeText, Summary};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
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
fn parts(tab: &QueryTab, area: Rect, said: &[(String, Role)]) -> Parts {
    let header = Rect { height: area.height.min(1), ..area };
    let rest = area.height.saturating_sub(header.height);
    let width = usize::from(area.width.max(1));
    let lines: usize = said.iter().map(|(text, _)| text.width() / width + 1).sum();
    let said = u16::try_from(lines).unwrap_or(u16::MAX).min(MESSAGE_LINES).min(rest / 3);
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
    let said = said(tab);
    let parts = parts(tab, area, &said);
    header(tab, pen, parts.header, frame);
    let cursor = editor::draw(tab, pen, parts.editor, frame);
    let lines: Vec<Line<'_>> =
        said.into_iter().map(|(text, role)| Line::styled(text, pen.style(role))).collect();
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), parts.message);
    let line = status(tab, pen, parts.status, frame, now);
    if let Some(results) = tab.results() {
        views::draw(tab, results, pen, parts.grid, frame);
    }
    if let Some(layer) = tab.layer() {
        if let Some(at) = overlay::draw(layer, pen, area, frame).or(line) {
            frame.set_cursor_position(at);
        }
        return;
    }
    if let (Some(at), Focus::Editor) = (cursor, tab.focus()) {
        editor::completions(tab, pen, at, area, frame);
        frame.set_cursor_position(at);
    }
}

/// What is said beneath the editor: a refusal, a question, why the run failed, and what the
/// statement that is being written will do.
fn said(tab: &QueryTab) -> Vec<(String, Role)> {
    let forecast = tab.forecast();
    let role = if forecast.scan { Role::Warning } else { Role::Dim };
    let ahead = (!forecast.words.is_empty()).then(|| (forecast.words.to_string(), role));
    match (tab.message(), tab.stage()) {
        (Some(Message::Refused(refusal)), _) => vec![(refusal.to_string(), Role::Bad)],
        (Some(Message::Again(words)), _) => vec![(words.to_string(), Role::Warning)],
        (_, Stage::Failed(failure)) => [(failure.to_string(), Role::Bad)].into_iter().chain(ahead).collect(),
        (Some(Message::Note(words)), _) => vec![(words.to_string(), Role::Dim)],
        (None, _) => ahead.into_iter().collect(),
    }
}

/// Where statements go and what guards them.
fn header(tab: &QueryTab, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    let target = tab.target();
    let mut words = vec![target.engine.title().to_owned()];
    if target.backend.languages().len() > 1 {
        words.push(tab.dialect_id().language().to_owned());
    }
    words.push(endpoint_words(target));
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
    let room = usize::from(area.width - views::head(tab, pen, area, frame));
    let text = clip::clip(&text, room, pen.ascii);
    frame.buffer_mut().set_stringn(area.x, area.y, text, room, style);
}

/// How the run stands, the mode, and where the cursor is among the rows; or the search line.
/// Gives back where the cursor stands in it.
fn status(tab: &QueryTab, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>, now: Moment) -> Option<Position> {
    if area.height == 0 {
        return None;
    }
    frame.buffer_mut().set_style(area, pen.style(Role::Border));
    let width = usize::from(area.width);
    let (left, role) = match tab.layer() {
        Some(Layer::Find(line)) => (format!("/{}", SafeText::new(&line.text)), Role::Strong),
        _ => left(tab, pen, now),
    };
    let left = clip::clip(&left, width, pen.ascii);
    frame.buffer_mut().set_stringn(area.x, area.y, &left, width, pen.style(role));
    let found = tab.results().and_then(|r| Some(found(r, r.find.as_ref()?)));
    let place = tab.results().filter(|r| r.rows > 0).map(|r| place(r, pen));
    let room = width.saturating_sub(left.width() + 2);
    // What was found matters more than the place when there is no room for both.
    let both = found.iter().chain(&place).cloned().collect::<Vec<_>>().join(pen.dot());
    let right = [Some(both), found, place].into_iter().flatten().find(|t| t.width() <= room);
    if let Some(right) = right
        && let Ok(offset) = u16::try_from(width - right.width())
    {
        frame.buffer_mut().set_stringn(area.x + offset, area.y, &right, width, pen.style(Role::Dim));
    }
    let x = u16::try_from(left.width()).unwrap_or(0).saturating_add(area.x);
    matches!(tab.layer(), Some(Layer::Find(_)))
        .then(|| Position::new(x.min(area.right().saturating_sub(1)), area.y))
}

/// The mode and how the run stands.
fn left(tab: &QueryTab, pen: Pen<'_>, now: Moment) -> (String, Role) {
    let (mut text, mut role) = stage(tab, pen, now);
    if let Some(watch) = tab.watching() {
        let age = watch.last.map_or(0, |at| now.ms_since(at) / 1_000);
        let every = watch.every_ms / 1_000;
        text = format!("every {every} s, {age} s old{}{text}", pen.dot());
    }
    if let Some(export) = tab.export_under_way() {
        let (rows, of) = (grouped(export.rows), grouped(export.of));
        text = format!("writing {}: {rows} of {of} rows{}ctrl-c stops", export.file, pen.dot());
        role = Role::Busy;
    }
    let mode = [tab.editor().mode_word(), &tab.editor().typed()].join(" ");
    let mode = if mode.trim().is_empty() { String::new() } else { format!("{} ", mode.trim()) };
    (format!("{mode}{text}"), role)
}

/// Where the cursor is among the rows and columns.
fn place(results: &Results, pen: Pen<'_>) -> String {
    let column = results.columns.get(results.column);
    let kind = column.filter(|c| !c.type_name.is_empty()).map_or("", |c| c.type_name.as_str());
    let marked = if results.anchor.is_some() {
        format!("{} marked{}", grouped(results.marked().end - results.marked().start), pen.dot())
    } else {
        String::new()
    };
    format!(
        "{marked}row {}/{}{}column {}/{} {kind}",
        grouped(results.row + 1),
        grouped(results.rows),
        pen.dot(),
        results.column + 1,
        results.columns.len()
    )
}

/// What a search has found, and how far it has come.
fn found(results: &Results, find: &Find) -> String {
    let cells =
        if find.cells == 1 { "1 value".to_owned() } else { format!("{} values", grouped(find.cells)) };
    let hits = match find.hits {
        0 if find.is_done() => "no hit".to_owned(),
        0 => "no hit yet".to_owned(),
        hits if find.holds(results.row) => {
            format!("hit row {} of {}, {cells}", grouped(find.rank(results.row)), grouped(hits))
        }
        1 => format!("1 hit row, {cells}"),
        hits => format!("{} hit rows, {cells}", grouped(hits)),
    };
    if find.is_done() {
        return hits;
    }
    format!("{hits}, {}% searched", find.seen.saturating_mul(100) / results.rows.max(1))
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
        Stage::Failed(_) if tab.has_own_rows() => {
            ("failed on the way; the rows below are what had come".to_owned(), Role::Bad)
        }
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
