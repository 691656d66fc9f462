//! The drawn graph as the person has it: which node is selected, what walking has added, and
//! how to take it back.

use super::layout::Layout;
use super::steer::{Towards, Ways};
use super::{Graph, NODES, WALKED};
use crate::app::query::foresee::grouped;
use crate::model::{Column, SafeText};
use crate::query::RowReader;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// The most walks that can be taken back.
const STEPS: usize = 50;

/// A drawing with the ways over it, for one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Columns and rows of the screen it was made for.
    pub size: (u16, u16),
    /// Where everything stands.
    pub layout: Layout,
    /// Where keys lead.
    pub ways: Ways,
}

/// The graph on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphView {
    /// Nodes and edges.
    pub graph: Arc<Graph>,
    /// The selected node.
    pub selected: usize,
    /// What is said below the drawing, and whether something failed.
    pub note: Option<(SafeText, bool)>,
    /// The graphs before each walk, with the node selected then.
    undo: Vec<(Arc<Graph>, usize)>,
    /// The last drawing: a cache, made anew when the graph or the size changes.
    drawn: RefCell<Option<Arc<Drawn>>>,
    /// The drawing's cell at the screen's upper left corner.
    pub corner: Cell<(u16, u16)>,
}

impl GraphView {
    /// The graph of a result.
    pub fn of(reader: &RowReader, columns: &[Column]) -> Self {
        let mut graph = Graph::default();
        graph.gather(reader, columns, NODES);
        Self {
            graph: Arc::new(graph),
            selected: 0,
            note: None,
            undo: Vec::new(),
            drawn: RefCell::default(),
            corner: Cell::default(),
        }
    }

    /// Looks at rows that have come since, unless one has walked on by now.
    pub fn follow(&mut self, reader: &RowReader, columns: &[Column]) {
        if self.undo.is_empty() && reader.rows() > self.graph.rows {
            let found = Arc::make_mut(&mut self.graph).gather(reader, columns, NODES);
            if found {
                self.drawn.take();
            }
        }
    }

    /// Selects the node with this id, when it is there.
    pub fn select(&mut self, id: &str) {
        self.selected = self.graph.find(id).unwrap_or(self.selected);
    }

    /// The drawing for a screen of this size.
    pub fn drawn(&self, size: (u16, u16)) -> Arc<Drawn> {
        if let Some(drawn) = self.drawn.borrow().as_ref().filter(|d| d.size == size) {
            return drawn.clone();
        }
        let layout = Layout::of(&self.graph, size.0, size.1);
        let ways = Ways::of(&layout);
        let drawn = Arc::new(Drawn { size, layout, ways });
        self.drawn.replace(Some(drawn.clone()));
        drawn
    }

    /// Takes a moving command. False when it is none.
    pub fn command(&mut self, name: &str) -> bool {
        let count = self.graph.nodes.len().max(1);
        let towards = match name {
            "graph.left" => Towards::Left,
            "graph.down" => Towards::Down,
            "graph.up" => Towards::Up,
            "graph.right" => Towards::Right,
            "graph.next" => {
                self.selected = (self.selected + 1) % count;
                return true;
            }
            "graph.previous" => {
                self.selected = (self.selected + count - 1) % count;
                return true;
            }
            _ => return false,
        };
        let last = self.drawn.borrow().as_ref().map(|d| d.size);
        let drawn = self.drawn(last.unwrap_or((80, 24)));
        self.selected = drawn.ways.from(self.selected, towards).unwrap_or(self.selected);
        true
    }

    /// Adds what a walk found. Says how many nodes and edges are new.
    pub fn merge(&mut self, reader: &RowReader, columns: &[Column]) -> (usize, usize) {
        let before = self.graph.clone();
        let graph = Arc::make_mut(&mut self.graph);
        graph.rewind();
        graph.gather(reader, columns, WALKED);
        let new = (graph.nodes.len() - before.nodes.len(), graph.edges.len() - before.edges.len());
        if *graph != *before {
            self.undo.push((before, self.selected));
            if self.undo.len() > STEPS {
                self.undo.remove(0);
            }
            self.drawn.take();
        }
        new
    }

    /// Takes back the last walk. False when there was none.
    pub fn undo(&mut self) -> bool {
        let Some((graph, selected)) = self.undo.pop() else { return false };
        (self.graph, self.selected) = (graph, selected);
        self.drawn.take();
        true
    }

    /// What the drawing leaves out, in words; empty when it is everything.
    pub fn left_out(&self, rows: u64) -> String {
        let graph = &self.graph;
        let mut words = Vec::new();
        if graph.nodes_out > 0 {
            words.push(format!("only the first {} nodes", graph.nodes.len()));
        }
        if graph.edges_out > 0 {
            words.push(format!("{} edges left out", graph.edges_out));
        }
        if self.undo.is_empty() && rows > graph.rows {
            words.push(format!("rows {} to {} not looked at", grouped(graph.rows + 1), grouped(rows)));
        }
        words.join(", ")
    }
}
