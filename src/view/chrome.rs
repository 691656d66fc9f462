//! What is always on the screen: tab titles, the status line, and the line at the bottom that
//! is a prompt, a message or key hints.

use super::cell;
use super::hints;
use super::pen::Pen;
use crate::app::notices::Tone;
use crate::app::workspace::{Content, Tab};
use crate::app::{App, Identity, line};
use crate::config::Role;
use crate::guard::Mode;
use crate::guard::layers::{self, Layer, Standing};
use crate::model::{Place, SafeText};
use ratatui::layout::{Position, Rect};
use std::collections::BTreeSet;

/// Draws the tab titles: a window around the current one when they do not fit.
pub fn tabs(app: &App, area: Rect, pen: &mut Pen<'_>) {
    let tabs = app.workspace.tabs();
    let current = app.workspace.position();
    let titles: Vec<String> = tabs.iter().enumerate().map(|(at, tab)| title(at, tab)).collect();
    let width = |t: &String| unicode_width::UnicodeWidthStr::width(t.as_str()) + 1;
    let mut from = 0;
    while from < current
        && titles.iter().take(current + 1).skip(from).map(width).sum::<usize>() + 2 > usize::from(area.width)
    {
        from += 1;
    }
    let mut x = area.x;
    if from > 0 {
        x = pen.text(x, area.y, 1, "<", Role::Dim);
    }
    for (at, title) in titles.iter().enumerate().skip(from) {
        let role = if at == current { Role::TabCurrent } else { Role::Tab };
        if x + 2 >= area.right() {
            pen.text(area.right().saturating_sub(1), area.y, 1, ">", Role::Dim);
            break;
        }
        x = pen.text(x, area.y, area.right().saturating_sub(x), title, role) + 1;
    }
}

fn title(at: usize, tab: &Tab) -> String {
    let number = match at {
        0..9 => (at + 1).to_string(),
        9 => "0".into(),
        _ => String::new(),
    };
    match &tab.content {
        Content::Service(pane) => format!(" {number} {} ", pane.fleet.spec.title),
        Content::Query(query) => {
            let name: String = query.title.chars().take(20).collect();
            format!(" {number} {}{name} ", if query.running() { "* " } else { "" })
        }
    }
}

/// The locks in front of the view on show.
pub fn layers(app: &App) -> Vec<Layer> {
    match app.workspace.current().map(|tab| &tab.content) {
        Some(Content::Query(query)) => layers::of_session(query.locks()),
        Some(Content::Service(_)) | None => layers::of_fleet(),
    }
}

/// The mode, and how many locks stand in front of a change of the view on show.
fn badge(app: &App) -> Vec<(String, Role)> {
    let (mode, role) = match app.access.mode() {
        Mode::Sealed => ("SEALED", Role::Sealed),
        Mode::ReadOnly => ("READ-ONLY", Role::ReadOnly),
        Mode::Elevated { until, .. } => {
            let left = until.ms_since(app.now).div_ceil(1_000);
            return vec![(format!(" !! ELEVATED {}:{:02} !! ", left / 60, left % 60), Role::Elevated)];
        }
    };
    let layers = layers(app);
    let (stand, all) = layers::count(&layers);
    let guard = format!("guard {stand}/{all}");
    match layers::worst(&layers) {
        Standing::Stands => vec![(format!(" {mode} {guard} "), role)],
        Standing::NotYet => vec![(format!(" {mode} {guard}, no session yet "), role)],
        Standing::Missing => vec![(format!(" {mode} "), role), (format!(" {guard} "), Role::Warning)],
    }
}

/// Draws the status line: what must not be missed first, so that a narrow screen keeps it.
pub fn status(app: &App, area: Rect, pen: &mut Pen<'_>) {
    pen.fill(area, Role::Status);
    let mut x = area.x;
    for (words, role) in badge(app) {
        x = pen.text(x, area.y, area.right().saturating_sub(x), &words, role);
    }
    let dot = pen.dot();
    let mut first = true;
    for part in parts(app) {
        let width = u16::try_from(unicode_width::UnicodeWidthStr::width(part.as_str())).unwrap_or(u16::MAX);
        let sign = if first { " " } else { dot };
        if x.saturating_add(width).saturating_add(4) > area.right() {
            continue;
        }
        x = pen.text(x, area.y, area.width, &format!("{sign} {part} "), Role::Status);
        first = false;
    }
}

fn parts(app: &App) -> Vec<String> {
    let mut parts = Vec::new();
    if app.reach.demo {
        parts.push("DEMO".to_owned());
    }
    let places = &app.reach.places;
    let several = |words: BTreeSet<&str>, what: &str| match words.iter().next() {
        Some(only) if words.len() == 1 => SafeText::new(only).to_string(),
        _ => format!("{} {what}", words.len()),
    };
    parts.push(several(places.iter().map(|p| &*p.profile).collect(), "profiles"));
    parts.extend(account(app, places));
    parts.push(several(places.iter().map(|p| &*p.region).collect(), "regions"));
    if let Some(pane) = app.workspace.pane() {
        if pane.fleet.is_listing() {
            parts.push("listing".into());
        } else if let Some(at) = pane.fleet.oldest() {
            let paused = if app.refresh.paused { " paused" } else { "" };
            parts.push(format!("data {}{paused}", cell::clock(at.epoch_ms())));
        }
    }
    let running = app.jobs.running().count();
    if running > 0 {
        parts.push(format!("{running} {}", if running == 1 { "job" } else { "jobs" }));
    }
    let failures = app.notices.failures().len();
    if failures > 0 {
        parts.push(format!("{failures} {}", if failures == 1 { "error" } else { "errors" }));
    }
    let meter = app.reach.meter;
    parts.push(format!("{} calls ${:.4}", meter.calls, meter.cost_micros() as f64 / 1e6));
    if meter.throttled > 0 {
        parts.push(format!("{} throttled", meter.throttled));
    }
    if meter.refused > 0 {
        parts.push(format!("{} refused", meter.refused));
    }
    parts
}

fn account(app: &App, places: &[Place]) -> Option<String> {
    let accounts: BTreeSet<&str> = places
        .iter()
        .filter_map(|p| match app.reach.identities.get(p) {
            Some(Identity::Known(caller)) => Some(caller.account.as_str()),
            _ => None,
        })
        .collect();
    let first = accounts.iter().next()?;
    Some(if accounts.len() == 1 { (*first).to_owned() } else { format!("{} accounts", accounts.len()) })
}

/// Draws the line at the bottom. Returns where the terminal's cursor belongs, if anywhere.
pub fn bottom(app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
    if let Some(prompt) = &app.prompt {
        return Some(prompt_line(prompt, area, pen));
    }
    if let Some(notice) = app.notices.current() {
        let role = match notice.tone {
            Tone::Plain => Role::Strong,
            Tone::Good => Role::Good,
            Tone::Bad => Role::Bad,
        };
        let sign = if notice.tone == Tone::Bad { "! " } else { "" };
        pen.text(area.x + 1, area.y, area.width.saturating_sub(1), &format!("{sign}{}", notice.text), role);
        return None;
    }
    if !app.chord().keys().is_empty() {
        pen.text(area.x + 1, area.y, area.width, "…", Role::Key);
        return None;
    }
    hints::draw(app, area, pen);
    None
}

fn prompt_line(prompt: &crate::app::prompt::Prompt, area: Rect, pen: &mut Pen<'_>) -> Position {
    let sign = line::sign(prompt);
    let room = usize::from(area.width.saturating_sub(2));
    let before: String = prompt.text.chars().take(prompt.cursor).collect();
    let wide = |s: &str| unicode_width::UnicodeWidthStr::width(s);
    // The text scrolls so that the cursor stays on the line.
    let mut skip = 0;
    let mut shown_before = wide(&before);
    let mut chars = before.chars();
    while shown_before > room {
        let Some(c) = chars.next() else { break };
        shown_before -= unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        skip += 1;
    }
    let text: String = prompt.text.chars().skip(skip).collect();
    let x = pen.text(area.x, area.y, 1, sign, Role::Key);
    let end = pen.text(x, area.y, area.width.saturating_sub(1), &text, Role::Text);
    let offers: Vec<&str> =
        prompt.offers.iter().map(String::as_str).filter(|o| *o != prompt.text).take(12).collect();
    if !offers.is_empty() && end + 3 < area.right() {
        pen.text(end + 3, area.y, area.right() - end - 3, &offers.join("  "), Role::Dim);
    }
    Position::new(
        x.saturating_add(u16::try_from(shown_before).unwrap_or(0)).min(area.right().saturating_sub(1)),
        area.y,
    )
}
