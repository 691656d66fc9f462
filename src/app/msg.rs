//! What comes into the core: keys, time, and answers to effects.

use super::effect::Exit;
use crate::config::Theme;
use crate::model::Reading;
use crate::model::{Caller, Column, Detail, Failure, Moment, Outcome, Resource, SafeText, Sample, Summary};
use crate::query::RowReader;
use crossterm::event::KeyEvent;

/// A tab's identity: never reused within a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TabId(pub u32);

/// What an effect works for. A slot runs one effect at a time; its policy is in `run::effects`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// Listing a service at a place.
    Fleet(crate::model::ServiceId, crate::model::Place),
    /// Describing the resource of a detail view.
    Detail(TabId),
    /// Sampling metrics at a place.
    Samples(crate::model::Place),
    /// The statement of a query tab.
    Query(TabId),
    /// How the resource of the operation card stands.
    CardState,
    /// How much the resource of the operation card is used.
    CardUse,
    /// The search in the rows of a query tab.
    Find(TabId),
    /// The rows of a query tab on their way into a file.
    Export(TabId),
    /// An operation and the job that follows it.
    Change(u32),
    /// Who we are at a place.
    Identity(crate::model::Place),
    /// Everything that needs no reply order: copy, save.
    Aside,
}

/// Which effect a reply answers: a reply whose turn is not the slot's current one is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The slot.
    pub slot: Slot,
    /// Counts the slot's effects.
    pub turn: u32,
}

/// What comes into the core.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// A key press (or repeat).
    Key(KeyEvent),
    /// Bracketed paste, raw.
    Paste(String),
    /// The terminal's size in cells: columns, rows.
    Resize(u16, u16),
    /// The terminal gained or lost the focus.
    Focus(bool),
    /// Time has come to the moment asked for by `next_wake`.
    Wake,
    /// An answer to an effect.
    Reply(Ticket, Reply),
    /// What the session has asked of AWS so far.
    Meter(Reading),
    /// The outside asks to end: SIGTERM, SIGHUP, end of input.
    End(Exit),
}

/// An answer to an effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Part of a listing: rows, and whether more pages exist.
    Part(Vec<Resource>, bool),
    /// Something beside the rows could not be had; the listing goes on.
    Lacks(Failure),
    /// The listing has ended.
    Listed,
    /// A detail view.
    Described(Box<Detail>),
    /// Metric points.
    Samples(Vec<Sample>),
    /// Who we are at a place.
    Identity(Caller),
    /// A run moves: the stage in words.
    Stage(SafeText),
    /// Something to know about the session, in a sentence.
    Told(SafeText),
    /// A run has columns; rows will appear in the reader.
    Columns(Vec<Column>, RowReader),
    /// So many rows are at hand.
    Rows(u64),
    /// A run has ended.
    Done(Summary),
    /// The guard layers of the session that ran it.
    Locks(Vec<SafeText>),
    /// An operation moves or has ended.
    Performed(Outcome),
    /// Text back from the external editor.
    Edited(String),
    /// So many rows of an export are written.
    Exported(u64),
    /// A file was written: its path.
    Saved(SafeText),
    /// The theme that was chosen.
    Theme(Box<Theme>),
    /// A file of statements was read for this tab: its path and its text.
    Loaded(TabId, SafeText, String),
    /// It failed.
    Failed(Failure),
    /// A search has looked at some more rows.
    Found {
        /// Rows with a hit.
        rows: Vec<u64>,
        /// Values with a hit.
        cells: u64,
        /// Rows looked at.
        seen: u64,
    },
    /// A search has looked at all rows it was to look at.
    Searched,
    /// A secret is needed to log in: user name and host to ask for.
    NeedPassword(SafeText, SafeText),
}

/// A message with the moment it arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct At {
    /// When.
    pub now: Moment,
    /// What.
    pub msg: Msg,
}
