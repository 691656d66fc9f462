//! The line of key hints, made from the live keymap: a hint cannot name a key that is not
//! bound, nor a command that does not hold here.

use super::pen::Pen;
use crate::app::{App, keys};
use crate::config::command;
use crate::config::{Context, Keymap, Role};
use ratatui::layout::Rect;

/// Hints for what holds now: key and word.
pub fn hints(app: &App) -> Vec<(String, &'static str)> {
    let (context, global) = keys::context(app);
    let mut found = of(&app.keymap, context);
    if global {
        let more = of(&app.keymap, Context::Global);
        found.extend(
            more.into_iter().filter(|(_, word)| !found.iter().any(|(_, w)| w == word)).collect::<Vec<_>>(),
        );
    }
    // Help and quitting come first: they are what the lost look for.
    found.sort_by_key(|(_, word)| !matches!(*word, "help" | "quit"));
    found
}

fn of(keymap: &Keymap, context: Context) -> Vec<(String, &'static str)> {
    let commands = command::COMMANDS.iter().filter(|c| !c.hint.is_empty() && c.contexts.contains(&context));
    commands.filter_map(|c| Some((keymap.keys_of(context, c.name).into_iter().next()?, c.hint))).collect()
}

/// Draws as many hints as fit.
pub fn draw(app: &App, area: Rect, pen: &mut Pen<'_>) {
    let mut x = area.x + 1;
    for (key, word) in hints(app) {
        let width = u16::try_from(key.len() + word.len() + 3).unwrap_or(u16::MAX);
        if x.saturating_add(width) > area.right() {
            break;
        }
        x = pen.text(x, area.y, area.width, &key, Role::Key) + 1;
        x = pen.text(x, area.y, area.width, word, Role::Dim) + 2;
    }
}
