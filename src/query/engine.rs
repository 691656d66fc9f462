//! What an engine must do: open a session on a target, run cleared statements, cancel.

use super::store::RowWriter;
use crate::guard::Cleared;
use crate::model::{
    Column, DialectId, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Target, Task,
};
use std::fmt;
use std::sync::Arc;

/// How to log in. `Debug` never shows a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// An IAM token, made just before use (valid 15 minutes).
    Iam,
    /// The secret with this ARN or name in Secrets Manager, read at each login so that
    /// rotation is survived.
    Secret(Arc<str>),
    /// A password that the person gave.
    Password(Secret),
    /// Nothing: an AWS API signs each call, or a demo engine asks for nothing.
    None,
}

/// A secret text that never shows itself.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iam => "Iam",
            Self::Secret(_) => "Secret(***)",
            Self::Password(_) => "Password(***)",
            Self::None => "None",
        })
    }
}

/// How a statement is to be run, beside its text. `Debug` shows no value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct How {
    /// Values of the statement's parameters: name and JSON text.
    pub params: Vec<(String, String)>,
    /// The server's account of the statement instead of its rows.
    pub explain: Option<Explain>,
}

impl fmt::Debug for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "How({} parameters, {:?})", self.params.len(), self.explain)
    }
}

/// What the server is to tell about a statement. All but the first run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explain {
    /// The plan, without running it.
    Plan,
    /// The plan with what running it showed.
    Dynamic,
    /// Everything that running it showed.
    Details,
}

impl Explain {
    /// The words that name a mode, as `--explain` takes them.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("static", Self::Plan),
        ("dynamic", Self::Dynamic),
        ("details", Self::Details),
        ("explain", Self::Plan),
        ("profile", Self::Details),
    ];

    /// The mode of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(w, _)| w.eq_ignore_ascii_case(word)).map(|(_, mode)| *mode)
    }

    /// Its word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plan => "static",
            Self::Dynamic => "dynamic",
            Self::Details => "details",
        }
    }
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Resolving, connecting, logging in: a short word for the stage.
    Connecting(SafeText),
    /// The statement is with the server.
    Running,
    /// The columns are known (or have grown: DynamoDB items differ in shape).
    Columns(Vec<Column>),
    /// So many rows are at hand.
    Rows(u64),
}

/// Where a run delivers: rows into the store, progress to whoever watches.
pub struct Sink {
    /// Takes the rows.
    pub rows: RowWriter,
    progress: Box<dyn Fn(Progress) + Send + Sync>,
}

impl Sink {
    /// A sink that fills `rows` and tells `progress`.
    pub fn new(rows: RowWriter, progress: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self { rows, progress: Box::new(progress) }
    }

    /// Tells how far the run has come. Cheap; the listener coalesces.
    pub fn tell(&self, progress: Progress) {
        (self.progress)(progress);
    }
}

/// Opens sessions of one kind.
pub trait Engine: Send + Sync {
    /// Which.
    fn id(&self) -> EngineId;

    /// Opens a session. Read-only unless `changes`; a session never becomes writable later.
    /// `tell` hears the stages (`connecting`, `logging in`).
    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>>;
}

/// An open session: one statement at a time.
pub trait Session: Send {
    /// Says how the next statement, in `language`, is to be run.
    ///
    /// # Errors
    /// The engine has no such parameters or no such mode.
    fn arrange(&mut self, language: DialectId, how: How) -> Result<(), Failure> {
        if how == How::default() {
            return Ok(());
        }
        let why = format!("{} takes no parameters and explains nothing this way", language.language());
        Err(Failure::new(FailureKind::Usage, "run the statement", why))
    }

    /// Runs one statement to its end or to a limit. Never retried by itself. In a read-only
    /// session the lock is re-armed before and undone after.
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary>;

    /// What stops the running statement on the server; usable while `run` is borrowed.
    fn canceller(&self) -> Arc<dyn Canceller>;

    /// The guard layers that hold for this session, in words: `read-only transaction`,
    /// `reader endpoint`, `role without write rights`.
    fn locks(&self) -> Vec<SafeText>;

    /// Whether the session can take another statement.
    fn is_alive(&self) -> bool;
}

/// Stops what a session runs, on the server.
pub trait Canceller: Send + Sync {
    /// Asks the server to stop the running statement.
    fn cancel(&self) -> Task<'_, ()>;
}
