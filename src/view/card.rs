//! The operation card as a picture: everything a person needs to say no in time.

use super::pen::Pen;
use super::{cell, layout};
use crate::app::fresh::{self, Told};
use crate::app::operate::{Card, Filled, Focus};
use crate::config::Role;
use crate::model::{Moment, SafeText, Tier};
use ratatui::layout::Rect;

/// Draws the card.
pub fn draw(card: &Card, now: Moment, body: Rect, pen: &mut Pen<'_>) {
    let mut lines = lines(card, now);
    let panel = layout::panel(body, lines.iter().map(|l| rows(&l.1, body.width.min(100))).sum());
    let border = if card.tier == Tier::Reversible { Role::BorderFocused } else { Role::Danger };
    pen.fill(panel.outer, Role::Text);
    pen.frame(panel.outer, &format!("{} {}", card.spec.title, card.identifier()), border);
    let inner = panel.inner;
    let wrap_all = |lines: Vec<Line>| -> Vec<Line> {
        let pieces = |(focused, text, role): Line| {
            wrap(&text, inner.width.saturating_sub(2)).into_iter().map(move |piece| (focused, piece, role))
        };
        lines.into_iter().flat_map(pieces).collect()
    };
    let rest = wrap_all(lines.split_off(on(card).len()));
    let wrapped = fitted(wrap_all(lines), rest, usize::from(inner.height));
    for (y, (focused, text, role)) in (inner.y..inner.bottom()).zip(wrapped) {
        pen.text(inner.x, y, 2, if focused { "> " } else { "  " }, Role::Key);
        pen.text(inner.x + 2, y, inner.width.saturating_sub(2), &text, role);
        if focused {
            pen.tint(
                Rect { x: inner.x + 2, y, width: inner.width.saturating_sub(2), height: 1 },
                Role::Selected,
            );
        }
    }
}

/// A line: whether it is where the keys go, its text, its colour.
type Line = (bool, String, Role);

/// What is on a screen of `height`: what the operation is on stands first and what decides last; on a
/// low screen what lies between gives way, and that is said.
fn fitted(mut first: Vec<Line>, rest: Vec<Line>, height: usize) -> Vec<Line> {
    if first.len() + rest.len() > height {
        first.truncate(height / 2);
        let left = rest.len() - rest.len().min(height.saturating_sub(first.len() + 1));
        first.push((false, format!("… {left} lines more on a higher terminal"), Role::Dim));
        first.extend(rest.into_iter().skip(left));
    } else {
        first.extend(rest);
    }
    first
}

/// What the operation is on.
fn on(card: &Card) -> Vec<Line> {
    let place = &card.on.id.place;
    let account = card.caller.as_ref().map_or("unknown", |c| &c.account);
    let plain = |text: String| (false, text, Role::Text);
    let mut lines = vec![
        plain(format!("On       {}", card.identifier())),
        plain(format!(
            "Where    account {account}, {}, profile {}",
            SafeText::new(&place.region),
            SafeText::new(&place.profile)
        )),
    ];
    if let Some(why) = &card.production {
        lines.push((
            false,
            format!("         PRODUCTION ({why}): one tier more care, and a reason"),
            Role::Danger,
        ));
    }
    lines
}

fn lines(card: &Card, now: Moment) -> Vec<Line> {
    let plain = |text: String| (false, text, Role::Text);
    let mut lines = on(card);
    lines.extend(met(card, now));
    lines.extend([
        plain(format!("Calls    {}", card.spec.api)),
        (false, format!("         {}", SafeText::new(card.command_line())), Role::Dim),
        (false, format!("Impact   {}", card.spec.impact.0), Role::Warning),
        plain(format!("Way back {}", card.spec.recovery.0)),
    ]);
    for (at, filled) in card.fields.iter().enumerate() {
        lines.push((
            card.focus == Focus::Field(at),
            field(filled, card.focus == Focus::Field(at)),
            Role::Text,
        ));
    }
    let confirm = card.focus == Focus::Confirm;
    lines.push(match (card.starts, card.expected()) {
        (Some(at), _) if at <= now => {
            (true, "Looking at it once more before anything is sent. Esc aborts.".to_owned(), Role::Danger)
        }
        (Some(at), _) => {
            let left = at.ms_since(now).div_ceil(1_000);
            (true, format!("Starts in {left} s. Esc aborts."), Role::Danger)
        }
        (None, None) => (confirm, "y  does it".to_owned(), Role::Key),
        (None, Some(expected)) => {
            let ask = if card.tier == Tier::Loss { "the whole identifier" } else { "its last characters" };
            let typed = SafeText::new(&card.typed);
            let cursor = if confirm { "_" } else { "" };
            (confirm, format!("Type {ask}, {expected}, then Enter: {typed}{cursor}"), Role::Danger)
        }
    });
    lines.push((card.focus == Focus::Cancel, "[ Cancel ]".to_owned(), Role::Strong));
    let note = match (&card.complaint, card.focus) {
        (Some(complaint), _) => (false, complaint.to_string(), Role::Bad),
        (None, Focus::Cancel) => {
            (false, "Tab moves; Enter or Esc leaves without doing anything".into(), Role::Dim)
        }
        (None, Focus::Field(_)) => (false, "Tab moves; Left and Right choose".into(), Role::Dim),
        (None, Focus::Confirm) => (false, "Esc leaves without doing anything".into(), Role::Dim),
    };
    lines.push(note);
    lines
}

/// What the operation would meet: how the resource stands and who uses it, with the time of
/// each answer.
fn met(card: &Card, now: Moment) -> Vec<Line> {
    let at = |at: Moment| cell::clock(at.epoch_ms());
    let listed = card.listed.map_or_else(|| "as listed".to_owned(), |t| format!("as listed at {}", at(t)));
    let mut lines = Vec::new();
    let mut line =
        |label: &str, words: String, role| lines.push((false, format!("{label:<8} {words}"), role));
    match &card.state {
        Told::Asked => line("Status", format!("{} {listed}, asking anew", card.seen), Role::Text),
        Told::Unknown(why) => {
            line(
                "Status",
                format!("{} {listed}: STALE, asking anew failed: {why}", card.seen),
                Role::Warning,
            );
        }
        Told::Known(state, asked) => {
            let stale = now.ms_since(*asked) > fresh::STALE_MS;
            let role = if stale { Role::Warning } else { Role::Text };
            let age = if stale { ": STALE, it is asked again before anything is sent" } else { "" };
            line("Status", format!("{} at {}{age}", state.status, at(*asked)), role);
            let facts =
                [("Beneath", &state.beneath), ("Multi-AZ", &state.multi_az), ("Pending", &state.pending)];
            for (label, words) in facts {
                if let Some(words) = words {
                    line(label, words.to_string(), role);
                }
            }
        }
    }
    match &card.usage {
        Told::Asked => line("In use", "asking".to_owned(), Role::Text),
        Told::Unknown(why) => line("In use", format!("not known: {why}"), Role::Warning),
        Told::Known(usage, _) => {
            let words = usage.iter().map(|u| {
                let value = cell::measure(u.value, u.unit);
                format!("{} {value} at {}", u.title, cell::clock(u.at))
            });
            line("In use", words.collect::<Vec<_>>().join(", "), Role::Text);
        }
    }
    lines
}

fn field(filled: &Filled, focused: bool) -> String {
    let value = SafeText::new(&filled.value);
    let needed = if filled.field.required { "*" } else { "" };
    let shown = match (filled.choices.is_empty(), focused) {
        (true, true) => format!("{value}_"),
        (true, false) => value.to_string(),
        (false, _) => format!("< {value} >"),
    };
    format!("{}{needed}: {shown}", filled.field.title)
}

fn rows(text: &str, width: u16) -> usize {
    wrap(text, width.saturating_sub(6)).len()
}

/// `text` in pieces of at most `width` cells, broken at blanks where there are any.
fn wrap(text: &str, width: u16) -> Vec<String> {
    let width = usize::from(width.max(8));
    let mut lines = Vec::new();
    let mut line = String::new();
    let wide = |s: &str| unicode_width::UnicodeWidthStr::width(s);
    for word in text.split_inclusive(' ') {
        if !line.is_empty() && wide(&line) + wide(word.trim_end()) > width {
            lines.push(std::mem::replace(&mut line, "         ".to_owned()));
        }
        for c in word.chars() {
            if wide(&line) + unicode_width::UnicodeWidthChar::width(c).unwrap_or(0) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}
