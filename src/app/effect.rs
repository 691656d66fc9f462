//! What the core asks of the shell: plain data, compared in tests, refused by kind, cancelled
//! by ticket.

use super::msg::{TabId, Ticket};
use super::query::find::Words;
use crate::guard::Cleared;
use crate::metrics::Plan;
use crate::model::{Caller, Limits, Operation, Place, ResourceId, SafeText, ServiceId, Statement, Target};
use crate::query::{How, Login, RowReader};
use std::ops::Range;

/// How to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The person asked: exit code 0.
    Quit,
    /// A signal or the end of input: the exit code, as in 130 or 143.
    Signal(u8),
}

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, formula-safe.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// One JSON array of objects.
    Json,
    /// A Markdown table.
    Markdown,
}

/// Something to keep on disk.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// A statement that ran, for the history. `Debug` shows its fingerprint only.
    History(Statement, SafeText),
    /// Rows into a file chosen by the person.
    Export {
        /// Where.
        path: String,
        /// How.
        format: Format,
        /// What.
        rows: RowReader,
    },
    /// A statement into a file chosen by the person.
    Text {
        /// Where.
        path: String,
        /// What.
        text: Statement,
        /// Whether a file that is there already may be replaced.
        replace: bool,
    },
}

/// What the shell should do.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// List a service at a place. Replies: `Part`…, `Listed` or `Failed`.
    List {
        /// Answers go here.
        ticket: Ticket,
        /// Which service.
        service: ServiceId,
        /// Where.
        place: Place,
    },
    /// Describe one resource. Replies: `Described` or `Failed`.
    Describe {
        /// Answers go here.
        ticket: Ticket,
        /// Which.
        id: ResourceId,
    },
    /// Ask CloudWatch. Replies: `Samples` per plan, or `Failed`.
    Sample {
        /// Answers go here.
        ticket: Ticket,
        /// Calls to make, all of one place.
        plans: Vec<Plan>,
    },
    /// Ask who we are at a place. Replies: `Identity` or `Failed`.
    Identify {
        /// Answers go here.
        ticket: Ticket,
        /// Where.
        place: Place,
    },
    /// Open a session if there is none and run a statement.
    /// Replies: `Stage`, `NeedPassword` (then nothing more), `Told`, `Columns`, `Rows`…, `Locks`,
    /// `Done` or `Failed`.
    Run {
        /// Answers go here.
        ticket: Ticket,
        /// The tab whose session runs it.
        tab: TabId,
        /// Where.
        target: Box<Target>,
        /// How to log in when no session is open; `None` lets the shell choose: IAM when on,
        /// the managed secret when known, otherwise `NeedPassword`.
        login: Option<Login>,
        /// What.
        statement: Cleared<Statement>,
        /// How, beside its text.
        how: How,
        /// How much of the result.
        limits: Limits,
    },
    /// Start an operation and follow it. Replies: `Performed`… or `Failed`.
    Perform {
        /// Answers go here.
        ticket: Ticket,
        /// What.
        operation: Cleared<Operation>,
        /// Who confirmed it, when known: nobody else makes the call.
        planned: Option<Caller>,
    },
    /// Look for words in rows. Replies: `Found`… and then `Searched`, or `Failed`.
    Find {
        /// Answers go here.
        ticket: Ticket,
        /// Where.
        rows: RowReader,
        /// What.
        words: Words,
        /// Which rows, in this order.
        ranges: Vec<Range<u64>>,
    },
    /// Stop what this ticket started, on the server first.
    Cancel(Ticket),
    /// Close a tab's session.
    CloseSession(TabId),
    /// The access changed: the guard below must know (reason and remaining ms, or lowered).
    Elevate {
        /// Why.
        reason: String,
        /// For how long, in ms.
        for_ms: u64,
    },
    /// Back to read-only.
    Lower,
    /// Put this on the clipboard with OSC 52.
    Copy(String),
    /// Hand this text to `$VISUAL` or `$EDITOR`. Replies: `Edited` or `Failed`.
    Edit {
        /// Answers go here.
        ticket: Ticket,
        /// The text as it stands.
        text: String,
        /// File name extension for the editor's colouring, as in `sql`.
        extension: &'static str,
    },
    /// Keep something on disk. Replies: `Exported`… for rows, then `Saved` or `Failed`.
    Save {
        /// Answers go here.
        ticket: Ticket,
        /// What.
        what: Saved,
    },
    /// Read the theme of this name. Replies: `Theme` or `Failed`.
    Theme {
        /// Answers go here.
        ticket: Ticket,
        /// Its name.
        name: String,
    },
    /// Read a file of statements for a query tab. Replies: `Loaded` or `Failed`.
    Load {
        /// Answers go here.
        ticket: Ticket,
        /// The tab that asked.
        tab: TabId,
        /// Which file, as it was typed.
        path: String,
    },
    /// Draw the whole screen anew: something else has written on the terminal.
    Redraw,
    /// Stop to the shell (SIGTSTP).
    Suspend,
    /// End the program.
    Leave(Exit),
}
