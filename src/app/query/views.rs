//! The views of a result: the grid always, the tree where values are nested, the graph where
//! there are entities or triples. A further view is a variant of [`View`], what it fits in
//! `Views::follow`, its commands in `view_command`, and its drawing.

use super::entity;
use super::graph::{self, GraphView, walk};
use super::layer::Layer;
use super::results::Results;
use super::run::Stage;
use super::tree::Tree;
use super::{Ctx, Focus, QueryTab};
use crate::app::effect::Effect;
use crate::app::msg::Reply;
use crate::config::Context;
use crate::guard::clear;
use crate::model::{Column, Failure, FailureKind, SafeText, Statement, Tag};
use crate::query::RowReader;

/// The rows looked at to know which views fit.
const LOOKED: u64 = 64;

/// A view of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Rows and columns.
    Grid,
    /// Rows with what is nested in them.
    Tree,
    /// Nodes and edges, drawn.
    Graph,
}

impl View {
    /// All of them, in the order they follow each other.
    pub const ALL: [Self; 3] = [Self::Grid, Self::Tree, Self::Graph];

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Tree => "tree",
            Self::Graph => "graph",
        }
    }

    /// The keymap's context while it has the keys.
    pub const fn context(self) -> Context {
        match self {
            Self::Grid => Context::Results,
            Self::Tree => Context::Tree,
            Self::Graph => Context::Graph,
        }
    }
}

/// A walk under way.
#[derive(Clone, Debug, PartialEq)]
struct Walk {
    /// The statement sent.
    text: SafeText,
    /// The answer so far.
    found: Option<(RowReader, Vec<Column>)>,
    /// How the tab stood before: the rows are still those.
    before: Stage,
}

/// How the result is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Views {
    chosen: View,
    /// Those that fit the result.
    fits: Vec<View>,
    /// The result they were made of.
    of: Option<RowReader>,
    looked: u64,
    tree: Tree,
    graph: Option<GraphView>,
    walk: Option<Walk>,
}

impl Default for Views {
    fn default() -> Self {
        Self {
            chosen: View::Grid,
            fits: vec![View::Grid],
            of: None,
            looked: 0,
            tree: Tree::default(),
            graph: None,
            walk: None,
        }
    }
}

impl Views {
    /// The view on the screen: the chosen one where it fits.
    pub fn shown(&self) -> View {
        if self.fits.contains(&self.chosen) { self.chosen } else { View::Grid }
    }

    /// The views that fit the result.
    pub fn fitting(&self) -> &[View] {
        &self.fits
    }

    /// The tree.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The drawn graph.
    pub const fn graph(&self) -> Option<&GraphView> {
        self.graph.as_ref()
    }

    /// The statement of the walk under way.
    pub fn asking(&self) -> Option<&SafeText> {
        self.walk.as_ref().map(|w| &w.text)
    }

    /// Follows the result: a new one is looked at anew, further rows of the same as they come.
    pub(super) fn follow(&mut self, results: Option<&Results>) {
        let Some(results) = results else {
            *self = Self { chosen: self.chosen, walk: self.walk.take(), ..Self::default() };
            return;
        };
        let mut selected = None;
        if self.of.as_ref() != Some(&results.reader) {
            selected = self.graph.as_ref().and_then(|g| Some(g.graph.nodes.get(g.selected)?.id().to_owned()));
            *self = Self {
                chosen: self.chosen,
                walk: self.walk.take(),
                of: Some(results.reader.clone()),
                ..Self::default()
            };
        }
        self.look(results);
        if self.shown() == View::Graph {
            match &mut self.graph {
                Some(view) => view.follow(&results.reader, &results.columns),
                None => {
                    let mut view = GraphView::of(&results.reader, &results.columns);
                    view.select(selected.as_deref().unwrap_or_default());
                    self.graph = Some(view);
                }
            }
        }
    }

    /// Looks at the first rows to know what fits.
    fn look(&mut self, results: &Results) {
        let (mut nested, mut entities) = (false, graph::triple_columns(&results.columns).is_some());
        let rows = results.reader.rows().min(LOOKED);
        for row in self.looked..rows {
            results.reader.row(row, |_, value| {
                let json = value.tag == Tag::Json;
                nested |= json;
                if json && !entities {
                    let head = value.raw.get(..entity::HEAD).unwrap_or(value.raw);
                    entities = entity::holds_entity(&String::from_utf8_lossy(head));
                }
            });
        }
        self.looked = rows;
        nested |= results.columns.iter().any(|c| c.tag == Tag::Json);
        for (view, fits) in [(View::Tree, nested), (View::Graph, entities)] {
            if fits && !self.fits.contains(&view) {
                self.fits.push(view);
            }
        }
        self.fits.sort_by_key(|view| *view as usize);
    }

    /// Forgets a walk: its answer will not come.
    pub(super) fn drop_walk(&mut self) {
        self.walk = None;
    }
}

impl QueryTab {
    /// How the result is shown.
    pub const fn views(&self) -> &Views {
        &self.views
    }

    /// Takes a command that is a view's. `None` when it is none.
    pub(super) fn view_command(&mut self, name: &str, argument: &str, ctx: &mut Ctx<'_>) -> Option<bool> {
        if name == "results.view" {
            self.choose_view(argument, ctx);
            return Some(true);
        }
        let focused = self.focus == Focus::Results;
        let results = self.results.as_mut().filter(|_| focused)?;
        match self.views.shown() {
            View::Grid => return None,
            View::Tree => match name {
                "tree.toggle" if !self.views.tree.opens() => self.view_line(),
                "cell.view" => self.view_line(),
                "cell.copy" => {
                    let raw = self.views.tree.raw(results);
                    self.copy_text("the value", raw, ctx);
                }
                _ if self.views.tree.command(name, results) => results.row = self.views.tree.cursor().0,
                _ => return None,
            },
            View::Graph => match name {
                "graph.expand" => self.expand(ctx),
                "graph.undo" => self.undo_walk(),
                "cell.copy" => {
                    let id = self.views.graph.as_ref().and_then(|g| g.graph.nodes.get(g.selected));
                    let id = id.map(|node| node.id().to_owned());
                    self.copy_text("the id", id, ctx);
                }
                _ => {
                    let view = self.views.graph.as_mut()?;
                    if !view.command(name) {
                        return None;
                    }
                    view.note = None;
                }
            },
        }
        Some(true)
    }

    /// The view that `word` names, or the next one that fits.
    fn choose_view(&mut self, word: &str, ctx: &mut Ctx<'_>) {
        if word == "plan" {
            return self.toggle_plan(ctx);
        }
        let Some(results) = &self.results else { return ctx.complain("there is no result to view yet") };
        let fits = self.views.fitting();
        let names: Vec<&str> = fits.iter().map(|v| v.word()).collect();
        let next = if word.is_empty() {
            let at = fits.iter().position(|v| *v == self.views.shown()).unwrap_or_default();
            fits.get((at + 1) % fits.len().max(1)).copied()
        } else {
            fits.iter().copied().find(|v| v.word() == word)
        };
        match next {
            Some(_) if fits.len() == 1 && word.is_empty() => {
                ctx.say("this result has the grid only: nothing in it is nested");
            }
            Some(view) => {
                self.views.chosen = view;
                self.views.tree.go(results.row);
                self.focus = Focus::Results;
                self.views.follow(self.results.as_ref());
            }
            None => ctx.complain(format!("this result has no view \"{word}\", but: {}", names.join(", "))),
        }
    }

    /// Opens the viewer on the tree's line.
    fn view_line(&mut self) {
        let Some(results) = &self.results else { return };
        let name = self.views.tree.current().map_or_else(|| "row".into(), |l| l.key.clone());
        let Some(raw) = self.views.tree.raw(results) else { return };
        let tag = if self.views.tree.opens() { Tag::Json } else { Tag::Text };
        let value = crate::model::Value { tag, raw: raw.as_bytes() };
        self.layer = Some(Layer::Cell(super::cell::CellView::of(&name, value)));
    }

    fn copy_text(&self, what: &str, text: Option<String>, ctx: &mut Ctx<'_>) {
        match text {
            Some(text) if text.len() <= super::copy::CLIPBOARD => {
                ctx.say(format!("copied {what}, {} bytes", text.len()));
                ctx.effects.push(Effect::Copy(text));
            }
            Some(_) => ctx.complain("too long for the clipboard; x exports to a file"),
            None => ctx.complain("there is nothing to copy"),
        }
    }

    /// Asks for the neighbours of the selected node, as a read like any other.
    fn expand(&mut self, ctx: &mut Ctx<'_>) {
        if self.running() {
            return ctx.complain("a statement is running: Ctrl-c or Esc Esc cancels it");
        }
        let dialect = self.dialect_id();
        let Some(view) = &mut self.views.graph else { return };
        let Some(node) = view.graph.nodes.get(view.selected) else { return };
        let text = match walk::statement(dialect, node.key()) {
            Ok(text) => text,
            Err(why) => {
                view.note = Some((SafeText::new(format!("not asked: {why}")), true));
                return;
            }
        };
        let statement = Statement { text: text.as_str().into(), dialect };
        match clear(ctx.access, ctx.now, statement.clone()) {
            Err(refusal) => {
                view.note = Some((SafeText::new(format!("{text} {refusal}")), true));
            }
            // Even where changes are allowed, a walk only reads.
            Ok(cleared) if cleared.changes() => {
                view.note = Some((SafeText::new(format!("not asked, as it may change data: {text}")), true));
            }
            Ok(cleared) => {
                view.note = None;
                let before = self.run.stage.clone();
                // It is asked for rows, and the parameters are those of the editor's statement.
                self.run.explain = None;
                let params = std::mem::take(&mut self.params);
                self.begin(statement, cleared, ctx);
                self.params = params;
                self.views.walk = Some(Walk { text: SafeText::new(text), found: None, before });
            }
        }
    }

    fn undo_walk(&mut self) {
        let Some(view) = &mut self.views.graph else { return };
        let words = if view.undo() { "the last step is taken back" } else { "there is no step to take back" };
        view.note = Some((words.into(), false));
    }

    /// Takes an answer to a walk. Gives back what is the tab's to handle.
    pub(super) fn walk_reply(&mut self, reply: Reply, ctx: &mut Ctx<'_>) -> Option<Reply> {
        let running = self.running();
        let Some(walk) = self.views.walk.as_mut().filter(|_| running) else { return Some(reply) };
        match reply {
            Reply::Columns(columns, reader) => walk.found = Some((reader, columns)),
            Reply::Rows(_) => self.run.reply(reply, ctx),
            Reply::Done(_) => {
                let walk = self.views.walk.take()?;
                self.run.stage = walk.before;
                let Some(view) = &mut self.views.graph else { return None };
                let new = walk.found.map_or((0, 0), |(reader, columns)| view.merge(&reader, &columns));
                let mut words = match new {
                    (0, 0) => "nothing new".to_owned(),
                    (nodes, edges) => format!("{nodes} nodes and {edges} edges more"),
                };
                if view.graph.nodes_out > 0 {
                    words.push_str(", the drawing is full");
                }
                view.note = Some((SafeText::new(format!("{words}: {}", walk.text)), false));
            }
            Reply::Failed(failure) => {
                let walk = self.views.walk.take()?;
                self.run.stage = walk.before;
                self.walk_failed(&walk.text, &failure);
            }
            other => return Some(other),
        }
        None
    }

    fn walk_failed(&mut self, text: &SafeText, failure: &Failure) {
        let Some(view) = &mut self.views.graph else { return };
        let words = if failure.kind == FailureKind::Cancelled {
            format!("cancelled: {text}")
        } else {
            format!("{failure}: {text}")
        };
        view.note = Some((SafeText::new(words), true));
    }
}

#[cfg(test)]
pub mod tests;
