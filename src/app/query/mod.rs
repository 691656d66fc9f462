//! A query tab: an editor, a run and its results.

use super::Effect;
use super::msg::{Reply, Slot, TabId};
use super::notices::{Notices, Tone};
use super::turns::Turns;
use crate::config::{Context, Keymap};
use crate::guard::Access;
use crate::model::{Moment, SafeText, Target};
use crossterm::event::KeyEvent;

/// What a query tab may use of the rest of the core.
pub struct Ctx<'a> {
    /// When.
    pub now: Moment,
    /// What the person may do.
    pub access: &'a Access,
    /// Issues tickets.
    pub turns: &'a mut Turns,
    /// The live keymap.
    pub keymap: &'a Keymap,
    /// Size of the tab's body in cells: columns, rows.
    pub size: (u16, u16),
    /// Takes messages.
    pub notices: &'a mut Notices,
}

/// What a key or command led to.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    /// What the shell should do.
    pub effects: Vec<Effect>,
    /// Whether the key or command meant something here.
    pub taken: bool,
    /// Whether the tab asks to be closed.
    pub close: bool,
}

/// A query tab.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryTab {
    /// Its identity.
    pub id: TabId,
    /// Its title.
    pub title: SafeText,
}

impl QueryTab {
    /// A tab on `target`.
    pub fn open(id: TabId, target: Target, resource_name: SafeText, now: Moment) -> Self {
        let _ = (target, now);
        Self { id, title: resource_name }
    }

    /// Takes a key that no binding took.
    pub fn key(&mut self, key: KeyEvent, ctx: &mut Ctx<'_>) -> Outcome {
        let _ = (key, ctx);
        Outcome::default()
    }

    /// Takes a command.
    pub fn command(&mut self, name: &str, ctx: &mut Ctx<'_>) -> Outcome {
        ctx.notices.say(ctx.now, Tone::Plain, name);
        Outcome { close: name == "query.close", ..Outcome::default() }
    }

    /// Takes a paste.
    pub fn paste(&mut self, text: &str, ctx: &mut Ctx<'_>) -> Outcome {
        let _ = (text, ctx);
        Outcome::default()
    }

    /// Takes an answer.
    pub fn reply(&mut self, reply: Reply, ctx: &mut Ctx<'_>) -> Outcome {
        let _ = (reply, ctx, Slot::Query(self.id));
        Outcome::default()
    }

    /// Which bindings hold.
    pub fn contexts(&self) -> Context {
        Context::Results
    }

    /// Whether a statement runs.
    pub fn running(&self) -> bool {
        false
    }

    /// When it wants to be woken.
    pub fn next_wake(&self, now: Moment) -> Option<Moment> {
        let _ = now;
        None
    }
}
