//! A query tab: an editor, a result grid, and the one statement that may run. Every statement
//! passes the guard here, before anything is sent; what it refuses is said beside the text.

pub mod cell;
pub mod complete;
pub mod copy;
pub mod editor;
pub mod foresee;
pub mod history;
pub mod layer;
pub mod motion;
pub mod plan;
pub mod ready;
pub mod results;
pub mod run;
pub mod target;
pub mod vim;

#[cfg(test)]
mod tests;

pub use history::{Entry, History};
pub use layer::Layer;
pub use results::Results;
pub use run::{Message, Stage, TableFacts};

use super::effect::Effect;
use super::msg::{Reply, Slot, TabId, Ticket};
use crate::config::{Context, EditorStyle};
use crate::guard::Access;
use crate::model::{DialectId, Moment, SafeText, Target};
use crate::query::dialect::{Dialect, dialect};
use crossterm::event::{KeyCode, KeyEvent};
use editor::Editor;
use layer::{HistoryPicker, Step};
use std::fmt;
use target::TargetForm;

/// A short message for the person, to be shown for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The words.
    pub text: SafeText,
    /// Whether something was refused or failed.
    pub bad: bool,
}

/// What the core lends a query tab while it takes one message.
pub struct Ctx<'a> {
    /// When the message came.
    pub now: Moment,
    /// The access in force.
    pub access: &'a Access,
    /// Issues tickets: `Slot::Query` for runs and the external editor, `Slot::Aside` for saving.
    pub issue: &'a mut dyn FnMut(Slot) -> Ticket,
    /// Takes what the shell should do.
    pub effects: &'a mut Vec<Effect>,
    /// Takes short messages.
    pub said: &'a mut Vec<Said>,
    /// The statements of all tabs.
    pub history: &'a mut History,
}

impl Ctx<'_> {
    fn say(&mut self, text: impl AsRef<str>) {
        self.said.push(Said { text: SafeText::new(text), bad: false });
    }

    fn complain(&mut self, text: impl AsRef<str>) {
        self.said.push(Said { text: SafeText::new(text), bad: true });
    }
}

/// Which half of the tab has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// The editor.
    Editor,
    /// The result grid.
    Results,
}

/// How long a first Esc waits for the second, in milliseconds.
const ESC_ESC_MS: u64 = 1_500;

/// A query tab.
#[derive(Clone, PartialEq)]
pub struct QueryTab {
    /// Its identity.
    pub id: TabId,
    /// Its title.
    pub title: SafeText,
    target: Target,
    table: Option<TableFacts>,
    editor: Editor,
    results: Option<Results>,
    run: run::Run,
    locks: Vec<SafeText>,
    focus: Focus,
    layer: Option<Layer>,
    esc: Option<Moment>,
    recall: Option<usize>,
}

/// Shows no statement and no row: both are the person's own.
impl fmt::Debug for QueryTab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryTab")
            .field("id", &self.id)
            .field("title", &self.title)
            .field("stage", &self.run.stage)
            .field("rows", &self.results.as_ref().map(|r| r.rows))
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}

impl QueryTab {
    /// Opens a tab on `target`.
    pub fn open(id: TabId, target: Target, title: SafeText, _now: Moment, style: EditorStyle) -> Self {
        Self {
            id,
            title,
            target,
            table: None,
            editor: Editor::new(style),
            results: None,
            run: run::Run::default(),
            locks: Vec::new(),
            focus: Focus::Editor,
            layer: None,
            esc: None,
            recall: None,
        }
    }

    /// The same with what is known about a DynamoDB table, so that the tab can say how a
    /// statement will be answered before it runs.
    #[must_use]
    pub fn with_table(mut self, table: TableFacts) -> Self {
        self.table = Some(table);
        self
    }

    /// Where statements go.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// The editor.
    pub const fn editor(&self) -> &Editor {
        &self.editor
    }

    /// The last result.
    pub const fn results(&self) -> Option<&Results> {
        self.results.as_ref()
    }

    /// How the last run stands.
    pub const fn stage(&self) -> &Stage {
        &self.run.stage
    }

    /// What is said beside the editor: a refusal, a failure, or a question.
    pub const fn message(&self) -> Option<&Message> {
        self.run.message.as_ref()
    }

    /// The guard layers of the session.
    pub fn locks(&self) -> &[SafeText] {
        &self.locks
    }

    /// Which half has the keys.
    pub const fn focus(&self) -> Focus {
        self.focus
    }

    /// What lies over the tab.
    pub const fn layer(&self) -> Option<&Layer> {
        self.layer.as_ref()
    }

    /// The language of its statements.
    pub const fn dialect_id(&self) -> DialectId {
        self.target.backend.dialect
    }

    /// The language itself.
    pub fn dialect(&self) -> &'static dyn Dialect {
        dialect(self.dialect_id())
    }

    /// The keymap's context now.
    pub fn context(&self) -> Context {
        match (&self.layer, self.focus) {
            (Some(layer), _) => layer.context(),
            (None, Focus::Editor) => self.editor.context(),
            (None, Focus::Results) => Context::Results,
        }
    }

    /// Whether a statement runs.
    pub const fn running(&self) -> bool {
        self.run.is_running()
    }

    /// When the tab wants to be drawn anew without a message: once a second while it runs, for
    /// the elapsed time.
    pub fn next_wake(&self, now: Moment) -> Option<Moment> {
        let since = self.run.since()?;
        Some(now.plus_ms(1_000 - now.ms_since(since) % 1_000))
    }

    /// Closes the tab: stops what runs and ends the session.
    pub fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.run.cancel(ctx);
        ctx.effects.push(Effect::CloseSession(self.id));
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str, _ctx: &mut Ctx<'_>) {
        match (&mut self.layer, self.focus) {
            (Some(layer), _) => layer.paste(text),
            (None, Focus::Editor) => self.editor.paste(text),
            (None, Focus::Results) => {}
        }
    }

    /// Takes a key that the keymap has no command for.
    pub fn key(&mut self, key: KeyEvent, ctx: &mut Ctx<'_>) {
        if let Some(layer) = &mut self.layer {
            let step = layer.key(key);
            return self.after(step, ctx);
        }
        if key.code == KeyCode::Esc && self.running() {
            return self.escape(key, ctx);
        }
        self.esc = None;
        match self.focus {
            Focus::Results => self.results_key(key),
            Focus::Editor if key.code == KeyCode::Enter && self.editor.completion.is_some() => {
                self.complete();
            }
            Focus::Editor
                if matches!(key.code, KeyCode::Up | KeyCode::Down) && self.editor.completion.is_some() =>
            {
                self.step_completion(key.code == KeyCode::Down);
            }
            Focus::Editor if key.code == KeyCode::Enter && self.editor.enter_may_run() && self.is_ended() => {
                self.run_statement(ctx);
            }
            Focus::Editor => self.edit(key),
        }
    }

    fn edit(&mut self, key: KeyEvent) {
        let open = self.editor.completion.is_some();
        self.editor.key(key);
        // The list follows what is typed.
        if open && self.editor.completion.is_some() {
            self.editor.completion = self.completion();
        }
    }

    /// Esc while a statement runs: the second one cancels; each still leaves insert mode.
    fn escape(&mut self, key: KeyEvent, ctx: &mut Ctx<'_>) {
        if self.esc.take().is_some_and(|first| ctx.now.ms_since(first) <= ESC_ESC_MS) {
            return self.run.cancel(ctx);
        }
        self.esc = Some(ctx.now);
        ctx.say("Esc again cancels the statement");
        if self.focus == Focus::Editor {
            self.editor.key(key);
        }
    }

    fn results_key(&mut self, key: KeyEvent) {
        let Some(results) = &mut self.results else {
            self.focus = Focus::Editor;
            return;
        };
        match key.code {
            KeyCode::Esc if results.anchor.is_some() => results.anchor = None,
            KeyCode::Esc => self.focus = Focus::Editor,
            KeyCode::Char(' ' | 'v' | 'V') => {
                results.anchor = if results.anchor.is_some() { None } else { Some(results.row) };
            }
            _ => {}
        }
    }

    /// Takes a command; false when it means nothing here and is the core's to handle.
    pub fn command(&mut self, name: &str, ctx: &mut Ctx<'_>) -> bool {
        if let Some(layer) = &mut self.layer {
            if let Some(step) = layer.command(name) {
                self.after(step, ctx);
                return true;
            }
            // What would act on the tab beneath waits until the layer is closed.
            return name.starts_with("query.") || name.starts_with("rows.") || name.starts_with("cell.");
        }
        let (name, argument) = name.split_once(' ').map_or((name, ""), |(n, a)| (n, a.trim()));
        if self.focus == Focus::Results
            && let Some(results) = &mut self.results
            && results.take(name)
        {
            return true;
        }
        match name {
            "query.run" => self.run_statement(ctx),
            "query.explain" => self.explain(ctx),
            "query.tables" | "query.columns" | "query.external" | "query.queries" => {
                self.ask_ready(name, ctx)
            }
            "query.cancel" if self.running() => self.run.cancel(ctx),
            "query.cancel" => return false,
            "query.history" => {
                let mut picker = HistoryPicker::default();
                picker.search(ctx.history, self.dialect_id());
                self.layer = Some(Layer::History(picker));
            }
            "query.history-previous" => self.recall(true, ctx),
            "query.history-next" => self.recall(false, ctx),
            "query.edit-external" => self.edit_outside(ctx),
            "query.complete" => self.complete(),
            "query.target" => self.layer = Some(Layer::Target(Box::new(TargetForm::new(&self.target)))),
            "query.endpoint" => self.retarget(ctx, target::next_endpoint),
            "query.engine" => self.retarget(ctx, target::next_engine),
            "query.database" => {
                self.retarget(ctx, |t| t.database = (!argument.is_empty()).then(|| argument.into()));
            }
            "query.user" => self.retarget(ctx, |t| t.user = (!argument.is_empty()).then(|| argument.into())),
            "query.address" => self.readdress(argument, ctx),
            "query.save" => self.save_text(argument, ctx),
            "results.focus" | "focus.next" | "focus.previous" if self.focus == Focus::Editor => {
                if self.results.is_some() {
                    self.editor.deselect();
                    self.focus = Focus::Results;
                }
            }
            "editor.focus" | "focus.next" | "focus.previous" => self.focus = Focus::Editor,
            "cell.view" | "row.open" if self.focus == Focus::Results => self.view_cell(),
            "cell.copy" => self.copy(layer::CopyAs::Cell, ctx),
            "results.plan" => self.toggle_plan(ctx),
            "rows.copy-as" if self.results.is_some() => self.layer = Some(Layer::Copy(1)),
            "rows.export" if argument.is_empty() => self.ask_export(),
            "rows.export" => self.export(argument, ctx),
            "view.back" if self.focus == Focus::Results => self.focus = Focus::Editor,
            _ => return false,
        }
        true
    }

    /// Takes an answer to one of the tab's effects.
    pub fn reply(&mut self, reply: Reply, ctx: &mut Ctx<'_>) {
        match reply {
            Reply::Edited(text) => self.editor.set_text(&text),
            Reply::Locks(locks) => self.locks = locks,
            Reply::Columns(columns, reader) => match &mut self.results {
                // The same result with further columns: the cursor stays.
                Some(results) if results.reader == reader => results.columns = columns.into(),
                _ => self.results = Some(Results::new(columns, reader)),
            },
            Reply::NeedPassword(user, host) => self.ask_password(&user, host),
            other => {
                let rows = self.results.as_ref().map(|r| r.reader.rows());
                if let (Some(results), Some(rows)) = (&mut self.results, rows) {
                    results.rows = rows;
                }
                self.run.reply(other, ctx);
            }
        }
    }

    /// After a key or command in a layer.
    fn after(&mut self, step: Step, ctx: &mut Ctx<'_>) {
        match step {
            Step::Stay => {
                if let Some(Layer::History(picker)) = &mut self.layer {
                    picker.search(ctx.history, self.target.backend.dialect);
                }
            }
            Step::Close => self.layer = None,
            Step::Finish => self.finish(ctx),
        }
    }

    fn finish(&mut self, ctx: &mut Ctx<'_>) {
        match self.layer.take() {
            Some(Layer::Password(prompt)) => self.log_in(prompt, ctx),
            Some(Layer::History(picker)) => {
                if let Some(entry) = picker.found.get(picker.chosen) {
                    self.editor.set_text(&entry.statement.text);
                    self.focus = Focus::Editor;
                }
            }
            Some(Layer::Copy(at)) => {
                if let Some((_, _, how)) = layer::COPY_MENU.get(at) {
                    self.copy(*how, ctx);
                }
            }
            Some(Layer::Export(path)) => self.export(&path, ctx),
            Some(Layer::Target(mut form)) => match form.finish() {
                Some(target) => self.retarget(ctx, |t| *t = target),
                None => self.layer = Some(Layer::Target(form)),
            },
            Some(Layer::Cell(_)) | None => {}
        }
    }

    /// Changes where statements go: the open session is for the old place, so it ends.
    fn retarget(&mut self, ctx: &mut Ctx<'_>, change: impl FnOnce(&mut Target)) {
        if self.running() {
            return ctx.complain("a statement is running: cancel it before changing where statements go");
        }
        let before = self.target.clone();
        change(&mut self.target);
        if before != self.target {
            self.locks.clear();
            ctx.effects.push(Effect::CloseSession(self.id));
            ctx.say(format!(
                "statements go to {}, {}",
                target::engine_word(self.target.engine),
                target::endpoint_words(&self.target)
            ));
        }
    }

    /// Shows the rows as a plan, or again as rows.
    fn toggle_plan(&mut self, ctx: &mut Ctx<'_>) {
        let Some(results) = &mut self.results else {
            return ctx.complain("there is no result: `query.explain` explains the statement at the cursor");
        };
        results.plan = match results.plan {
            Some(_) => None,
            None => plan::PlanView::of(results),
        };
        if results.plan.is_some() {
            self.editor.deselect();
            self.focus = Focus::Results;
        } else if plan::PlanView::of(results).is_none() {
            ctx.complain("these rows are no plan");
        }
    }

    fn readdress(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        match target::parse_address(text, target::port_of(&self.target)) {
            Ok(address) => self.retarget(ctx, |t| target::set_address(t, address)),
            Err(wrong) => ctx.complain(wrong),
        }
    }

    /// Puts an earlier (or later) statement into the editor.
    fn recall(&mut self, earlier: bool, ctx: &mut Ctx<'_>) {
        if self.editor.completion.is_some() {
            return self.step_completion(!earlier);
        }
        let next = match (self.recall, earlier) {
            (None, true) => Some(0),
            (Some(at), true) => Some(at + 1),
            (Some(at), false) => at.checked_sub(1),
            (None, false) => return,
        };
        let entry = next.and_then(|at| ctx.history.search(self.dialect_id(), "").nth(at));
        match (entry, earlier) {
            (Some(entry), _) => {
                self.editor.set_text(&entry.statement.text);
                self.recall = next;
            }
            (None, true) => {}
            (None, false) => {
                self.editor.set_text("");
                self.recall = None;
            }
        }
    }

    fn edit_outside(&mut self, ctx: &mut Ctx<'_>) {
        if self.running() {
            return ctx.complain("a statement is running: its answer would be lost in the editor");
        }
        let ticket = (ctx.issue)(Slot::Query(self.id));
        let extension = if self.dialect_id() == DialectId::PartiQl { "partiql" } else { "sql" };
        ctx.effects.push(Effect::Edit { ticket, text: self.editor.text(), extension });
    }

    /// Completions of the word at the cursor.
    fn completion(&self) -> Option<complete::Completion> {
        let columns: Vec<String> = self.results.as_ref().map_or_else(Vec::new, |r| {
            r.columns.iter().take(500).map(|c| c.name.as_str().to_owned()).collect()
        });
        let (_, typed) = self.editor.word();
        complete::Completion::of(&typed, self.dialect().words(), &columns, &self.editor.text())
    }

    /// Tab: offers completions, takes the chosen one, or puts spaces in.
    fn complete(&mut self) {
        if let Some(open) = self.editor.completion.take() {
            return self.editor.replace_word(open.word());
        }
        match self.completion() {
            Some(one) if one.words.len() == 1 => self.editor.replace_word(one.word()),
            Some(many) => self.editor.completion = Some(many),
            None if self.editor.context() == Context::EditorInsert => self.editor.insert_tab(),
            None => {}
        }
    }

    fn step_completion(&mut self, forward: bool) {
        if let Some(open) = &mut self.editor.completion {
            open.step(forward);
        }
    }
}
