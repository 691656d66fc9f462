//! A query tab: an editor, a result grid, and the one statement that may run. Every statement
//! passes the guard here, before anything is sent; what it refuses is said beside the text.

pub mod cell;
pub mod complete;
pub mod copy;
pub mod editor;
pub mod entity;
mod files;
pub mod find;
pub mod foresee;
pub mod graph;
pub mod history;
mod how;
pub mod json;
pub mod layer;
pub mod motion;
pub mod plan;
pub mod ready;
pub mod results;
pub mod run;
pub mod target;
pub mod tree;
pub mod views;
pub mod vim;
pub mod watch;

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
use crate::model::{Column, DialectId, Moment, SafeText, Target};
use crate::query::RowReader;
use crate::query::dialect::{Dialect, dialect};
use crossterm::event::{KeyCode, KeyEvent};
use editor::Editor;
use foresee::Forecast;
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
    language: DialectId,
    table: Option<TableFacts>,
    /// Values of parameters by name, as JSON text.
    params: Vec<(String, String)>,
    editor: Editor,
    results: Option<Results>,
    export: Option<copy::Export>,
    run: run::Run,
    forecast: Forecast,
    locks: Vec<SafeText>,
    focus: Focus,
    layer: Option<Layer>,
    esc: Option<Moment>,
    recall: Option<usize>,
    watch: Option<watch::Watch>,
    coming: Option<Results>,
    views: views::Views,
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
            language: target.backend.dialect,
            target,
            table: None,
            params: Vec::new(),
            editor: Editor::new(style),
            results: None,
            export: None,
            run: run::Run::default(),
            forecast: Forecast::default(),
            locks: Vec::new(),
            focus: Focus::Editor,
            layer: None,
            esc: None,
            recall: None,
            watch: None,
            coming: None,
            views: views::Views::default(),
        }
    }

    /// An empty tab beside this one: the same target, language and table.
    #[must_use]
    pub fn beside(&self, id: TabId, style: EditorStyle) -> Self {
        let mut tab = Self::open(id, self.target.clone(), self.title.clone(), Moment::default(), style);
        tab.language = self.language;
        tab.table.clone_from(&self.table);
        tab
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

    /// The statement that is run again and again.
    pub const fn watching(&self) -> Option<&watch::Watch> {
        self.watch.as_ref()
    }

    /// Rows on their way into a file.
    pub const fn export_under_way(&self) -> Option<&copy::Export> {
        self.export.as_ref()
    }

    /// How the last run stands.
    pub const fn stage(&self) -> &Stage {
        &self.run.stage
    }

    /// Whether the rows at hand are the last run's, also when it failed on the way.
    pub const fn has_own_rows(&self) -> bool {
        self.run.came
    }

    /// What is said beside the editor: a refusal, a failure, or a question.
    pub const fn message(&self) -> Option<&Message> {
        self.run.message.as_ref()
    }

    /// How the statement under the cursor will be answered, told while it is written.
    pub const fn forecast(&self) -> &Forecast {
        &self.forecast
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
        self.language
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
            (None, Focus::Results) => self.views.shown().context(),
        }
    }

    /// Whether a statement runs.
    pub const fn running(&self) -> bool {
        self.run.is_running()
    }

    /// When the tab wants to be drawn anew without a message: once a second while it runs, for
    /// the elapsed time, or while it watches, for the age of the rows.
    pub fn next_wake(&self, now: Moment) -> Option<Moment> {
        let elapsed = self.run.since().map(|since| now.plus_ms(1_000 - now.ms_since(since) % 1_000));
        elapsed.or_else(|| self.watch_wake(now))
    }

    /// Closes the tab: stops what runs and ends the session.
    pub fn close(&mut self, ctx: &mut Ctx<'_>) {
        self.run.cancel(ctx);
        self.drop_find(ctx);
        ctx.effects.push(Effect::CloseSession(self.id));
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str, ctx: &mut Ctx<'_>) {
        match (&mut self.layer, self.focus) {
            (Some(layer), _) => layer.paste(text),
            (None, Focus::Editor) => self.editor.paste(text),
            (None, Focus::Results) => {}
        }
        self.find_typed(ctx);
        self.look_ahead();
    }

    /// Takes a key that the keymap has no command for.
    pub fn key(&mut self, key: KeyEvent, ctx: &mut Ctx<'_>) {
        self.take_key(key, ctx);
        self.look_ahead();
    }

    fn take_key(&mut self, key: KeyEvent, ctx: &mut Ctx<'_>) {
        if matches!(self.layer, Some(Layer::Cell(_))) && matches!(key.code, KeyCode::Char('y' | 'c')) {
            return self.copy(layer::CopyAs::Cell, ctx);
        }
        if let Some(layer) = &mut self.layer {
            let step = layer.key(key);
            return self.after(step, ctx);
        }
        // Esc that leaves a mode of the editor ends nothing else.
        let free = self.focus == Focus::Results || self.editor.is_at_rest();
        if key.code == KeyCode::Esc && free && self.unwatch(ctx) {
            return;
        }
        if key.code == KeyCode::Esc && self.running() {
            return self.escape(key, ctx);
        }
        self.esc = None;
        match self.focus {
            Focus::Results => self.results_key(key, ctx),
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

    /// One step back: a search ends first, then the editor has the keys.
    fn leave_results(&mut self, ctx: &mut Ctx<'_>) {
        if !self.drop_find(ctx) {
            self.focus = Focus::Editor;
        }
    }

    fn results_key(&mut self, key: KeyEvent, ctx: &mut Ctx<'_>) {
        let Some(results) = &mut self.results else {
            self.focus = Focus::Editor;
            return;
        };
        match key.code {
            KeyCode::Esc if results.anchor.is_some() => results.anchor = None,
            KeyCode::Esc => self.leave_results(ctx),
            KeyCode::Char(' ' | 'v' | 'V') => {
                results.anchor = if results.anchor.is_some() { None } else { Some(results.row) };
            }
            _ => {}
        }
    }

    /// Takes a command; false when it means nothing here and is the core's to handle.
    pub fn command(&mut self, name: &str, ctx: &mut Ctx<'_>) -> bool {
        let taken = self.take_command(name, ctx);
        self.look_ahead();
        taken
    }

    fn take_command(&mut self, name: &str, ctx: &mut Ctx<'_>) -> bool {
        if let Some(layer) = &mut self.layer {
            if let Some(step) = layer.command(name) {
                self.after(step, ctx);
                return true;
            }
            // What would act on the tab beneath waits until the layer is closed.
            return name.starts_with("query.") || name.starts_with("rows.") || name.starts_with("cell.");
        }
        let (name, argument) = name.split_once(' ').map_or((name, ""), |(n, a)| (n, a.trim()));
        if let Some(taken) = self.view_command(name, argument, ctx) {
            return taken;
        }
        if self.focus == Focus::Results
            && let Some(results) = &mut self.results
            && results.take(name)
        {
            return true;
        }
        match name {
            "query.run" => self.run_statement(ctx),
            "query.explain" => self.explain(ctx),
            "query.profile" => self.profile(ctx),
            "query.param" => self.set_param(argument, ctx),
            "query.tables" | "query.columns" | "query.external" | "query.queries" => {
                self.ask_ready(name, ctx);
            }
            "query.cancel" if self.running() => self.run.cancel(ctx),
            "query.cancel" => return self.stop_export(ctx) || self.unwatch(ctx),
            "query.watch" => self.watch(argument, ctx),
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
            "query.secret" => self.take_secret(argument, ctx),
            "query.iam" => self.switch_iam(ctx),
            "query.address" => self.readdress(argument, ctx),
            "query.language" => self.speak(argument, ctx),
            "query.save" | "query.save!" => self.save_text(argument, name.ends_with('!'), ctx),
            "query.load" => self.ask_file(argument, ctx),
            "results.focus" | "focus.next" | "focus.previous" if self.focus == Focus::Editor => {
                if self.results.is_some() {
                    self.editor.deselect();
                    self.focus = Focus::Results;
                } else {
                    ctx.say("no results yet: they come with the statement's first rows");
                }
            }
            "editor.focus" | "focus.next" | "focus.previous" => self.focus = Focus::Editor,
            "cell.view" | "row.open" if self.focus == Focus::Results => self.view_cell(),
            "cell.copy" => self.copy(layer::CopyAs::Cell, ctx),
            "rows.find" | "filter.open" if self.focus == Focus::Results => self.open_find(ctx),
            "find.next" | "find.previous" => self.step_hit(name == "find.next", ctx),
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
        if let Some(reply) = self.walk_reply(reply, ctx) {
            self.take_reply(reply, ctx);
        }
        self.views.follow(self.results.as_ref());
    }

    fn take_reply(&mut self, reply: Reply, ctx: &mut Ctx<'_>) {
        match reply {
            Reply::Edited(text) => {
                self.editor.set_text(&text);
                self.look_ahead();
            }
            Reply::Locks(locks) => self.locks = locks,
            Reply::Columns(columns, reader) => self.take_columns(columns, reader, ctx),
            Reply::NeedPassword(user, host) => self.ask_password(&user, host),
            other => {
                if let Some(results) = &mut self.results {
                    results.rows = results.reader.rows();
                }
                let (ran, explains) = (self.running(), self.run.explains());
                self.run.reply(other, ctx);
                if ran && !self.running() {
                    self.ended(ctx);
                    if explains {
                        self.show_plan();
                    }
                }
                self.find_on(ctx);
            }
        }
    }

    /// Columns of a result: of a new one, or further ones of the same; then the cursor stays.
    fn take_columns(&mut self, columns: Vec<Column>, reader: RowReader, ctx: &mut Ctx<'_>) {
        self.run.came = true;
        for known in [&mut self.results, &mut self.coming].into_iter().flatten() {
            if known.reader == reader {
                known.columns = columns.into();
                return;
            }
        }
        let results = Results::new(columns, reader);
        if self.is_rerun() { self.coming(results) } else { self.take_results(results, ctx) }
    }

    /// A run has ended, well or not.
    fn ended(&mut self, ctx: &mut Ctx<'_>) {
        let well = matches!(self.run.stage, Stage::Done(_));
        if well && !self.run.came {
            // Rows of an earlier statement would pass for its rows.
            self.drop_find(ctx);
            self.results = None;
            self.focus = Focus::Editor;
        } else if well {
            self.arrive(ctx);
        }
        self.coming = None;
        self.watched(well, ctx);
    }

    /// Shows a new result; what was searched for in the old one is searched for in it.
    fn take_results(&mut self, results: Results, ctx: &mut Ctx<'_>) {
        if matches!(self.layer, Some(Layer::Find(_))) {
            self.layer = None;
        }
        let words = self.results.as_ref().and_then(|r| r.find.as_ref()).map(|f| f.words.clone());
        self.drop_find(ctx);
        self.results = Some(results);
        if let Some(words) = words {
            self.find_again(words);
        }
    }

    /// After a key or command in a layer.
    fn after(&mut self, step: Step, ctx: &mut Ctx<'_>) {
        match step {
            Step::Stay => {
                if let Some(Layer::History(picker)) = &mut self.layer {
                    picker.search(ctx.history, self.language);
                }
                self.find_typed(ctx);
            }
            Step::Close => match self.layer.take() {
                Some(Layer::Find(line)) => self.close_find(&line, false, ctx),
                Some(Layer::Password(_)) => {
                    self.unwatch(ctx);
                }
                _ => {}
            },
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
            Some(Layer::Find(line)) => self.close_find(&line, true, ctx),
            Some(Layer::Export(path)) => self.export(&path, ctx),
            Some(Layer::Target(mut form)) => match form.finish() {
                Some(target) => self.retarget(ctx, |t| *t = target),
                None => self.layer = Some(Layer::Target(form)),
            },
            Some(Layer::Cell(_)) | None => {}
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
}
