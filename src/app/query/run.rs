//! One run of one statement: which text, what the guard says, what it will cost, how far it
//! has come. Nothing is sent that the guard did not clear.

use super::layer::{Layer, PasswordPrompt};
use super::ready::{Ready, statement};
use super::{Ctx, Focus, QueryTab};
use crate::app::effect::{Effect, Saved};
use crate::app::msg::{Reply, Slot, Ticket};
use crate::guard::{Cleared, Refusal, clear};
use crate::model::{DialectId, Failure, FailureKind, Limits, Moment, SafeText, Statement, Summary};
use crate::query::dialect::Span;
use crate::query::dialect::partiql::TableKeys;
use crate::query::{Explain, Login};

/// What is known about a DynamoDB table before a statement runs on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// Its keys and indexes.
    pub keys: TableKeys,
    /// Items, as DynamoDB counted them some hours ago.
    pub items: Option<u64>,
    /// Bytes, likewise.
    pub bytes: Option<u64>,
}

/// How a run stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Nothing ran yet.
    #[default]
    Idle,
    /// Under way.
    Running {
        /// When it began.
        since: Moment,
        /// The stage in words: `queued`, `connecting`, `running`, `cancelling`.
        word: SafeText,
        /// Rows so far.
        rows: u64,
    },
    /// It ended well.
    Done(Summary),
    /// It failed; the rows that had come, or else those of before, are still there.
    Failed(Failure),
    /// It was cancelled; rows that had come are still there.
    Cancelled,
}

/// What is said beside the editor.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The guard said no; nothing was sent.
    Refused(Refusal),
    /// It needs a second press: why.
    Again(SafeText),
    /// Something to know about the statement.
    Note(SafeText),
}

/// The run of a tab.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// How it stands.
    pub stage: Stage,
    /// What is said beside the editor.
    pub message: Option<Message>,
    /// Whether the run has brought columns: then the rows at hand are its own, as far as they came.
    pub came: bool,
    ticket: Option<Ticket>,
    /// The statement under way: sent again once a password is there.
    sent: Option<Statement>,
    /// The statement that a second press will run.
    armed: Option<Statement>,
    /// The scan that the same command given again will watch.
    pub(super) asked_to_watch: Option<Statement>,
    /// The mode of the statement under way or armed, when the server is to explain it.
    pub(super) explain: Option<Explain>,
}

impl Run {
    /// Whether the statement under way asks how another would run.
    pub(super) fn explains(&self) -> bool {
        let word = self.sent.as_ref().and_then(|s| s.text.split_whitespace().next());
        word.is_some_and(|word| word.eq_ignore_ascii_case("explain"))
    }

    /// Whether a statement is under way.
    pub const fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running { .. })
    }

    /// Forgets what was said about a statement and the one that waits for a second press.
    pub fn forget(&mut self) {
        self.message = None;
        self.armed = None;
        self.asked_to_watch = None;
    }

    /// When the running statement began.
    pub const fn since(&self) -> Option<Moment> {
        match self.stage {
            Stage::Running { since, .. } => Some(since),
            _ => None,
        }
    }

    /// Asks the shell to stop the running statement, on the server first.
    pub fn cancel(&mut self, ctx: &mut Ctx<'_>) {
        if let (Stage::Running { word, .. }, Some(ticket)) = (&mut self.stage, &self.ticket) {
            *word = "cancelling".into();
            ctx.effects.push(Effect::Cancel(ticket.clone()));
        }
    }

    /// Takes an answer about the run.
    pub fn reply(&mut self, reply: Reply, ctx: &mut Ctx<'_>) {
        match (reply, &mut self.stage) {
            (Reply::Stage(stage), Stage::Running { word, .. }) if word.as_str() != "cancelling" => {
                *word = stage;
            }
            (Reply::Rows(n), Stage::Running { rows, .. }) => *rows = n,
            (Reply::Done(summary), _) => {
                self.stage = Stage::Done(summary);
                self.sent = None;
            }
            (Reply::Failed(failure), stage) => {
                if failure.kind == FailureKind::Cancelled {
                    *stage = Stage::Cancelled;
                } else if matches!(stage, Stage::Running { .. }) {
                    *stage = Stage::Failed(failure);
                } else {
                    // The external editor or a file, not a statement.
                    ctx.complain(failure.to_string());
                }
                self.sent = None;
            }
            (Reply::Told(words), _) => ctx.say(words),
            (Reply::Saved(path), _) => ctx.say(format!("written to {path}")),
            _ => {}
        }
    }
}

/// The words before a statement that ask how it would run; `None` where the language has none.
const fn explaining(dialect: DialectId) -> Option<&'static str> {
    match dialect {
        // The MySQL family tells costs in JSON alone.
        DialectId::MySql | DialectId::AuroraMySql | DialectId::MariaDb => Some("EXPLAIN FORMAT=JSON"),
        DialectId::Postgres
        | DialectId::AuroraPostgres
        | DialectId::Redshift
        | DialectId::Dsql
        | DialectId::InfluxQl
        | DialectId::InfluxSql => Some("EXPLAIN"),
        _ => None,
    }
}

impl QueryTab {
    /// The statement to run and where it stands in the text: the selection, or else the one at
    /// the cursor.
    pub(super) fn statement(&self) -> Option<(usize, String)> {
        if let Some(selected) = self.editor.selection() {
            let text = selected.trim();
            // A selection is one statement too: its terminator is not sent.
            let inner = self.dialect().split(text).into_iter().next()?;
            let whole = self.dialect().split(text).len() > 1;
            let span = if whole { text } else { text.get(inner.start..inner.end)? };
            return (!span.is_empty()).then(|| (usize::MAX, span.to_owned()));
        }
        let text = self.editor.text();
        let span = at_cursor(&self.dialect().split(&text), self.editor.offset())?;
        Some((span.start, text.get(span.start..span.end)?.to_owned()))
    }

    /// Whether the statement at the cursor is ended by `;`.
    pub(super) fn is_ended(&self) -> bool {
        let text = self.editor.text();
        let Some(span) = at_cursor(&self.dialect().split(&text), self.editor.offset()) else { return false };
        text.get(span.end..).is_some_and(|rest| rest.trim_start().starts_with(';'))
    }

    /// Runs the selection or the statement at the cursor.
    pub(super) fn run_statement(&mut self, ctx: &mut Ctx<'_>) {
        self.run_statement_as(None, ctx);
    }

    /// The same, in an explaining mode of the call.
    pub(super) fn run_statement_as(&mut self, explain: Option<Explain>, ctx: &mut Ctx<'_>) {
        if self.running() {
            return ctx.complain("a statement is running: Ctrl-c or Esc Esc cancels it");
        }
        self.look_ahead();
        let Some((start, text)) = self.statement() else {
            return ctx.complain("there is no statement here");
        };
        self.run.explain = explain;
        self.send(start, text, ctx);
    }

    /// Asks the server how it would run the statement, without running it.
    pub(super) fn explain(&mut self, ctx: &mut Ctx<'_>) {
        if self.running() {
            return ctx.complain("a statement is running: Ctrl-c or Esc Esc cancels it");
        }
        self.look_ahead();
        let Some((_, text)) = self.statement() else {
            return ctx.complain("there is no statement here");
        };
        if self.dialect_id() == DialectId::PartiQl {
            let (words, _) = self.foresee(&text);
            self.run.message = Some(Message::Note(words));
            return;
        }
        // SQL Server plans by a setting of the session, which its engine makes around the statement.
        if self.explains_by_mode() || self.dialect_id() == DialectId::SqlServer {
            return self.explain_by_mode(Explain::Plan, ctx);
        }
        let Some(how) = explaining(self.dialect_id()) else {
            return ctx.complain("this language has no ready statement for that");
        };
        self.run.explain = None;
        self.send(usize::MAX, format!("{how} {text}"), ctx);
    }

    /// Runs the ready statement that the command `name` stands for.
    pub(super) fn ask_ready(&mut self, name: &str, ctx: &mut Ctx<'_>) {
        if self.running() {
            return ctx.complain("a statement is running: Ctrl-c or Esc Esc cancels it");
        }
        match Ready::from_command(name).and_then(|what| statement(self.dialect_id(), what)) {
            Some(text) => self.send(usize::MAX, text.to_owned(), ctx),
            None => ctx.complain("this language has no ready statement for that"),
        }
    }

    /// Clears and sends one statement; `start` is its place in the editor's text, if it has one.
    fn send(&mut self, start: usize, text: String, ctx: &mut Ctx<'_>) {
        self.editor.completion = None;
        self.recall = None;
        let statement = Statement { text: text.into(), dialect: self.dialect_id() };
        let armed = self.run.armed.take().is_some_and(|s| s == statement);
        let cleared = match clear(ctx.access, ctx.now, statement.clone()) {
            Ok(cleared) => cleared,
            Err(refusal) => return self.refuse(start, &statement, refusal),
        };
        let (words, scan) = self.foresee(&statement.text);
        let ask = if cleared.changes() {
            // A reader would only refuse it.
            let on = if self.target.turn_to_writer() { " on the writer" } else { "" };
            Some(SafeText::new(format!(
                "this changes data and access is elevated: press again to run it{on}"
            )))
        } else if scan {
            Some(SafeText::new(format!("{words}: press again to run it")))
        } else {
            None
        };
        if let Some(ask) = ask.filter(|_| !armed) {
            self.run.armed = Some(statement);
            self.run.message = Some(Message::Again(ask));
            return;
        }
        self.run.message = (!words.is_empty()).then_some(Message::Note(words));
        self.unwatch(ctx);
        self.remember(&statement, ctx);
        self.editor.deselect();
        self.begin(statement, cleared, ctx);
    }

    /// Keeps a statement that is about to run in the history.
    pub(super) fn remember(&self, statement: &Statement, ctx: &mut Ctx<'_>) {
        let place = SafeText::new(format!("{} {}", self.target.resource.service, self.title));
        if ctx.history.add(statement.clone(), place.clone()) {
            let ticket = (ctx.issue)(Slot::Aside);
            ctx.effects.push(Effect::Save { ticket, what: Saved::History(statement.clone(), place) });
        }
    }

    /// Runs a cleared statement.
    pub(super) fn begin(&mut self, statement: Statement, cleared: Cleared<Statement>, ctx: &mut Ctx<'_>) {
        self.views.drop_walk();
        self.run.sent = Some(statement);
        self.launch(cleared, None, ctx);
    }

    /// Emits the run.
    fn launch(&mut self, statement: Cleared<Statement>, login: Option<Login>, ctx: &mut Ctx<'_>) {
        let ticket = (ctx.issue)(Slot::Query(self.id));
        self.run.ticket = Some(ticket.clone());
        self.run.came = false;
        self.run.stage = Stage::Running { since: ctx.now, word: "queued".into(), rows: 0 };
        ctx.effects.push(Effect::Run {
            ticket,
            tab: self.id,
            target: Box::new(self.target.clone()),
            login,
            statement,
            how: self.how(),
            limits: Limits::default(),
        });
    }

    /// Shows a refusal and puts the cursor on the construct.
    pub(super) fn refuse(&mut self, start: usize, statement: &Statement, mut refusal: Refusal) {
        if let Some((line, column)) = refusal.position
            && start != usize::MAX
        {
            self.editor.go_to(start + offset_of(&statement.text, (line, column)));
            // As the editor counts: the statement may stand further down.
            let text = self.editor.text();
            let before = text.get(..start).unwrap_or_default();
            let indent = before.rsplit('\n').next().map_or(0, |last| last.chars().count());
            let column = if line == 1 { column + indent } else { column };
            refusal.position = Some((line + before.matches('\n').count(), column));
        }
        self.run.message = Some(Message::Refused(refusal));
        self.focus = Focus::Editor;
    }

    /// What a PartiQL statement will do, in words, and whether it reads a whole table. Empty
    /// for other languages.
    pub(super) fn foresee(&self, text: &str) -> (SafeText, bool) {
        match (&self.table, self.dialect_id()) {
            (Some(table), DialectId::PartiQl) => super::foresee::partiql(text, table),
            _ => (SafeText::default(), false),
        }
    }

    /// A server asks for a password: the prompt opens, and the statement waits.
    pub(super) fn ask_password(&mut self, user: &str, host: SafeText) {
        self.run.stage = Stage::Idle;
        self.layer = Some(Layer::Password(PasswordPrompt::new(user, host)));
    }

    /// Runs the waiting statement with the password given. It passes the guard again: access
    /// may have changed while the prompt was open.
    pub(super) fn log_in(&mut self, mut prompt: PasswordPrompt, ctx: &mut Ctx<'_>) {
        let password = prompt.finish();
        let Some(statement) = self.run.sent.clone() else { return };
        if !prompt.user.is_empty() {
            self.target.user = Some(prompt.user.as_str().into());
        }
        match clear(ctx.access, ctx.now, statement.clone()) {
            Ok(cleared) => self.launch(cleared, Some(Login::Password(password)), ctx),
            Err(refusal) => self.refuse(usize::MAX, &statement, refusal),
        }
    }
}

/// The statement at byte `at`: the one around it, or the last one that ends before it, or the
/// first.
fn at_cursor(spans: &[Span], at: usize) -> Option<Span> {
    let around = spans.iter().find(|s| s.start <= at && at <= s.end);
    around.or_else(|| spans.iter().rev().find(|s| s.end <= at)).or_else(|| spans.first()).copied()
}

/// The byte offset of a line and column, both from 1.
fn offset_of(text: &str, (line, column): (usize, usize)) -> usize {
    let mut offset = 0;
    for (i, l) in text.split('\n').enumerate() {
        if i + 1 == line {
            return offset + l.char_indices().nth(column.saturating_sub(1)).map_or(l.len(), |(b, _)| b);
        }
        offset += l.len() + 1;
    }
    text.len()
}
