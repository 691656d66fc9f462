//! Keys to commands: the layer that owns the keys is derived from what is open, and keys of a
//! longer binding wait for the rest of it.

use super::notices::Tone;
use super::overlay::Overlay;
use super::prompt::{self, Typed};
use super::{App, Effect, Exit, confirm, dispatch, line};
use crate::config::{Context, Lookup};
use crate::model::Moment;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// How long the rest of a longer binding may take, in ms.
const CHORD_MS: u64 = 1_500;

/// Keys typed so far of a longer binding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chord {
    keys: Vec<KeyEvent>,
    since: Moment,
}

impl Chord {
    /// The keys.
    pub fn keys(&self) -> &[KeyEvent] {
        &self.keys
    }

    /// When waiting for the rest ends.
    pub fn next_wake(&self) -> Option<Moment> {
        (!self.keys.is_empty()).then(|| self.since.plus_ms(CHORD_MS))
    }

    /// Forgets the keys when the time is over.
    pub fn expire(&mut self, now: Moment) {
        if self.next_wake().is_some_and(|at| at <= now) {
            self.keys.clear();
        }
    }
}

/// The context whose bindings hold now, and whether those of `Global` do as well.
pub fn context(app: &App) -> (Context, bool) {
    if app.overlay.is_some() {
        return (Context::List, false);
    }
    let context = app.workspace.current().map_or(Context::Global, super::workspace::Tab::context);
    let takes_text = matches!(context, Context::EditorNormal | Context::EditorInsert | Context::EditorVisual);
    (context, !takes_text)
}

/// Takes a key.
pub fn key(app: &mut App, key: KeyEvent, out: &mut Vec<Effect>) {
    if key.kind == KeyEventKind::Release {
        return;
    }
    let is_ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    if crate::view::layout::screen(app.look.size).is_none() {
        // Nothing is on the screen: only leaving makes sense.
        if is_ctrl_c || key.code == KeyCode::Char('q') {
            out.push(Effect::Leave(Exit::Quit));
        }
        return;
    }
    match &mut app.overlay {
        Some(Overlay::Card(_)) => return confirm::key(app, key, out),
        Some(Overlay::List(list)) if list.typing => return list_typing(app, key),
        _ => {}
    }
    if app.prompt.is_some() {
        return prompt_key(app, key, out);
    }
    let (context, global) = context(app);
    app.chord.keys.push(key);
    app.chord.since = app.now;
    let found = match app.keymap.lookup(context, &app.chord.keys) {
        Lookup::None if global => app.keymap.lookup(Context::Global, &app.chord.keys),
        found => found,
    };
    match found {
        Lookup::Pending => {}
        Lookup::Command(name) => {
            let name = name.to_owned();
            app.chord.keys.clear();
            dispatch::command(app, &name, out);
        }
        Lookup::None => {
            let keys = std::mem::take(&mut app.chord.keys);
            let mut taken = false;
            for key in keys {
                taken |= app.with_query(None, out, |query, ctx| query.key(key, ctx)).is_some();
            }
            if !taken && is_ctrl_c {
                dispatch::command(app, "app.quit", out);
            }
        }
    }
}

/// Takes a paste.
pub fn paste(app: &mut App, text: &str, out: &mut Vec<Effect>) {
    match &mut app.overlay {
        Some(Overlay::Card(card)) => return card.paste(text),
        Some(Overlay::List(list)) if list.typing => {
            list.filter.extend(text.chars().filter(|c| !c.is_control()).take(100));
            return list.reveal(1);
        }
        Some(Overlay::List(_)) => return,
        None => {}
    }
    if let Some(prompt) = &mut app.prompt {
        prompt.paste(text);
        line::changed(app);
        return;
    }
    if app.with_query(None, out, |query, ctx| query.paste(text, ctx)).is_none() {
        app.say(Tone::Plain, "nothing here takes a paste");
    }
}

/// Something happened that the person did not do on the card: a countdown stops.
pub fn doubt(app: &mut App) {
    if let Some(Overlay::Card(card)) = &mut app.overlay {
        card.doubt();
    }
}

fn list_typing(app: &mut App, key: KeyEvent) {
    let height = dispatch::list_height(app);
    let Some(Overlay::List(list)) = &mut app.overlay else { return };
    let chord = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match key.code {
        KeyCode::Esc => {
            list.filter.clear();
            list.typing = false;
        }
        KeyCode::Enter | KeyCode::Down | KeyCode::Tab => list.typing = false,
        KeyCode::Backspace if list.filter.is_empty() => list.typing = false,
        KeyCode::Backspace => drop(list.filter.pop()),
        KeyCode::Char('c') if chord => list.typing = false,
        KeyCode::Char('u') if chord => list.filter.clear(),
        KeyCode::Char(c) if !chord && list.filter.chars().count() < 100 => list.filter.push(c),
        _ => {}
    }
    list.cursor = 0;
    list.reveal(height);
}

fn prompt_key(app: &mut App, key: KeyEvent, out: &mut Vec<Effect>) {
    let Some(prompt) = &mut app.prompt else { return };
    match prompt.key(key) {
        Typed::Nothing => {}
        Typed::Changed => line::changed(app),
        Typed::Complete(forward) => line::complete(app, forward),
        Typed::Recall(earlier) => line::recall(app, earlier),
        Typed::GaveUp => {
            let Some(prompt) = app.prompt.take() else { return };
            if prompt.purpose == prompt::Purpose::Filter {
                line::filter(app, &prompt.before);
            }
        }
        Typed::Entered => {
            let Some(prompt) = app.prompt.take() else { return };
            match prompt.purpose {
                prompt::Purpose::Filter => line::filter(app, &prompt.text),
                prompt::Purpose::Command => line::run(app, &prompt.text, out),
            }
        }
    }
}
