//! THE CORE: a pure state machine. Messages in, effects out; no I/O, no clock, no runtime.
//!
//! The order of ceremony: the shell calls [`update`] for everything that comes in, carries out
//! the effects, draws with [`crate::view::draw`] and sleeps until [`next_wake`]. A reply that
//! nobody waits for any more is dropped here and nowhere else.

pub mod board;
pub mod columns;
pub mod confirm;
pub mod detail;
pub mod dispatch;
pub mod effect;
pub mod filter;
pub mod fleet;
pub mod fresh;
pub mod jobs;
pub mod json;
pub mod keys;
pub mod line;
pub mod lists;
pub mod msg;
pub mod notices;
pub mod operate;
pub mod order;
pub mod overlay;
pub mod problems;
pub mod prompt;
pub mod query;
pub mod replies;
pub mod samples;
pub mod schedule;
pub mod scroll;
pub mod turns;
pub mod workspace;

#[cfg(test)]
mod tests;

pub use effect::{Effect, Exit, Format, Saved};
pub use msg::{At, Msg, Reply, Slot, TabId, Ticket};

use crate::config::{EditorStyle, Keymap, Theme};
use crate::guard::Access;
use crate::guard::production::Production;
use crate::model::{Caller, Moment, Place, Reading, ServiceSpec};
use jobs::Jobs;
use keys::Chord;
use notices::{Notices, Tone};
use overlay::Overlay;
use prompt::Prompt;
use query::{Ctx, History, QueryTab};
use samples::Samples;
use std::collections::BTreeMap;
use turns::Turns;
use workspace::{Content, Tab, Workspace};

/// What the core starts from.
#[derive(Debug)]
pub struct Start {
    /// Every service, in the order of their tabs.
    pub specs: Vec<&'static ServiceSpec>,
    /// Where to list: profiles times regions.
    pub places: Vec<Place>,
    /// Profiles to offer.
    pub profiles: Vec<String>,
    /// Regions to offer.
    pub regions: Vec<String>,
    /// Names of the themes to offer; each is read when it is chosen.
    pub themes: Vec<String>,
    /// The theme in use.
    pub theme: Theme,
    /// The live keymap.
    pub keymap: Keymap,
    /// What the person may do.
    pub access: Access,
    /// Whether to draw in plain ASCII.
    pub ascii: bool,
    /// Whether this is the demo estate.
    pub demo: bool,
    /// Size of the terminal: columns, rows.
    pub size: (u16, u16),
    /// When.
    pub now: Moment,
    /// The service to show first, by id or short name.
    pub start_view: Option<String>,
    /// How the editor of query tabs takes keys.
    pub editor: EditorStyle,
    /// Statements of earlier sessions.
    pub history: History,
    /// Seconds between refreshes of what is on the screen.
    pub refresh_s: u32,
    /// Most US cents that this session may spend on CloudWatch before sampling pauses.
    pub budget_cents: Option<u64>,
    /// What counts as production.
    pub production: Production,
}

/// Who we are at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Asked for.
    Asked,
    /// AWS told.
    Known(Caller),
    /// Not told.
    Unknown,
}

/// What the person sees the world through.
#[derive(Debug)]
pub struct Look {
    /// The theme in use.
    pub theme: Theme,
    /// Names of the themes to offer; each is read when it is chosen.
    pub themes: Vec<String>,
    /// Whether to draw in plain ASCII.
    pub ascii: bool,
    /// Size of the terminal: columns, rows.
    pub size: (u16, u16),
}

/// Where the person looks and as whom.
#[derive(Debug)]
pub struct Reachable {
    /// Where to list.
    pub places: Vec<Place>,
    /// Profiles to offer.
    pub profiles: Vec<String>,
    /// Regions to offer.
    pub regions: Vec<String>,
    /// Who we are at each place.
    pub identities: BTreeMap<Place, Identity>,
    /// What the session has asked of AWS.
    pub meter: Reading,
    /// Whether this is the demo estate.
    pub demo: bool,
}

/// The whole state: a tree whose nodes know their own commands and replies.
#[derive(Debug)]
pub struct App {
    /// Tabs.
    pub workspace: Workspace,
    /// What lies over the tab and takes the keys.
    pub overlay: Option<Overlay>,
    /// The line that takes text.
    pub prompt: Option<Prompt>,
    /// Messages and failures.
    pub notices: Notices,
    /// Operations.
    pub jobs: Jobs,
    /// Samples of the fleets.
    pub samples: Samples,
    /// What the person may do.
    pub access: Access,
    /// What counts as production: operations there take more care.
    pub production: Production,
    /// How it looks.
    pub look: Look,
    /// Where the person looks.
    pub reach: Reachable,
    /// The live keymap.
    pub keymap: Keymap,
    /// How often things refresh.
    pub refresh: schedule::Refresh,
    /// The moment of the last message.
    pub now: Moment,
    /// Commands typed so far, the newest last.
    recall: Vec<String>,
    chord: Chord,
    turns: Turns,
    editor: EditorStyle,
    /// Statements of all query tabs.
    history: History,
    wake: Option<Moment>,
    quit_asked: Option<Moment>,
}

impl App {
    /// The state before the first message. Nothing was asked for yet: [`next_wake`] says now,
    /// and the first [`Msg::Wake`] begins to list.
    pub fn new(start: Start) -> Self {
        let mut workspace = Workspace::new(&start.specs, &start.places);
        if let Some(view) = &start.start_view {
            workspace.go_service(view);
        }
        Self {
            workspace,
            overlay: None,
            prompt: None,
            notices: Notices::default(),
            jobs: Jobs::default(),
            samples: Samples::default(),
            access: start.access,
            production: start.production,
            look: Look { theme: start.theme, themes: start.themes, ascii: start.ascii, size: start.size },
            reach: Reachable {
                places: start.places,
                profiles: start.profiles,
                regions: start.regions,
                identities: BTreeMap::new(),
                meter: Reading::default(),
                demo: start.demo,
            },
            keymap: start.keymap,
            refresh: schedule::Refresh::new(start.refresh_s, start.budget_cents),
            now: start.now,
            recall: Vec::new(),
            chord: Chord::default(),
            turns: Turns::default(),
            editor: start.editor,
            history: start.history,
            wake: Some(start.now),
            quit_asked: None,
        }
    }

    /// Keys typed so far of a longer binding.
    pub const fn chord(&self) -> &Chord {
        &self.chord
    }

    /// The tab body's rectangle; empty on a screen that is too small.
    pub fn body(&self) -> ratatui::layout::Rect {
        crate::view::layout::screen(self.look.size).map(|s| s.body).unwrap_or_default()
    }

    /// Shows a message.
    pub fn say(&mut self, tone: Tone, text: impl AsRef<str>) {
        self.notices.say(self.now, tone, text);
    }

    /// Hands the current query tab, or the one named, to `act` with what it may use. `None`
    /// when there is no such tab.
    fn with_query<T>(
        &mut self,
        id: Option<TabId>,
        out: &mut Vec<Effect>,
        act: impl FnOnce(&mut QueryTab, &mut Ctx<'_>) -> T,
    ) -> Option<T> {
        let tab = match id {
            Some(id) => self.workspace.tab_mut(id),
            None => self.workspace.current_mut(),
        };
        let Some(Tab { content: Content::Query(query), .. }) = tab else { return None };
        let turns = &mut self.turns;
        let mut said = Vec::new();
        let mut ctx = Ctx {
            now: self.now,
            access: &self.access,
            issue: &mut |slot| turns.issue(slot),
            effects: out,
            said: &mut said,
            history: &mut self.history,
        };
        let result = act(query, &mut ctx);
        for said in said {
            let tone = if said.bad { Tone::Bad } else { Tone::Plain };
            self.notices.say(self.now, tone, said.text);
        }
        Some(result)
    }

    fn close_query(&mut self, id: TabId, out: &mut Vec<Effect>) {
        if self.with_query(Some(id), out, QueryTab::close).is_some() {
            self.workspace.close(id);
            self.turns.retire(&Slot::Query(id));
        }
    }
}

/// Takes one message and says what the shell should do.
pub fn update(app: &mut App, at: At) -> Vec<Effect> {
    let mut out = Vec::new();
    app.now = app.now.max(at.now);
    schedule::expire(app, &mut out);
    match at.msg {
        Msg::Key(key) => keys::key(app, key, &mut out),
        Msg::Paste(text) => keys::paste(app, &text, &mut out),
        Msg::Resize(columns, rows) => {
            app.look.size = (columns, rows);
            keys::doubt(app);
        }
        Msg::Focus(focused) => {
            if !focused {
                keys::doubt(app);
            }
        }
        Msg::Wake => {}
        Msg::Reply(ticket, reply) => {
            if app.turns.is_current(&ticket) {
                replies::reply(app, ticket, reply, &mut out);
            }
        }
        Msg::Meter(reading) => app.reach.meter = reading,
        Msg::End(exit) => out.push(Effect::Leave(exit)),
    }
    schedule::settle(app, &mut out);
    out
}

/// When the core wants to be woken; `None`: not before something comes in.
pub const fn next_wake(app: &App) -> Option<Moment> {
    app.wake
}
