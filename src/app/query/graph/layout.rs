//! Where nodes and edges stand: a pure function of the graph and the size, the same each time.
//! Columns from left to right, edges as straight lines with right angles between them; parts
//! that are not joined stand beside and below each other. No two boxes overlap; what is larger
//! than the screen is scrolled.

use super::channel::{self, Wire};
use super::layers::{self, Layers, Way};
use super::{Edge, Graph};
use crate::model::SafeText;
use std::collections::HashMap;
use unicode_width::UnicodeWidthStr;

/// The widest box, in cells.
const WIDEST: u16 = 26;
/// The narrowest box with a border.
const NARROWEST: u16 = 8;
/// The most rows inside a box: each takes one kind of edge at each side.
const MOST_ROWS: u16 = 4;
/// Passes that bring joined places onto one row.
const PASSES: usize = 10;
/// Cells between parts that are not joined: beside, below.
const APART: (u16, u16) = (3, 1);

/// Up, down, left and right: where a line goes on from a cell.
pub mod towards {
    /// To the row above.
    pub const UP: u8 = 1;
    /// To the row below.
    pub const DOWN: u8 = 2;
    /// To the left.
    pub const LEFT: u8 = 4;
    /// To the right.
    pub const RIGHT: u8 = 8;
}

/// A rectangle of cells on the drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left edge.
    pub x: u16,
    /// Top edge.
    pub y: u16,
    /// Cells wide.
    pub width: u16,
    /// Cells high.
    pub height: u16,
}

impl Area {
    /// The middle, in half cells.
    pub fn middle(&self) -> (i32, i32) {
        let twice = |at: u16, len: u16| 2 * i32::from(at) + i32::from(len);
        (twice(self.x, self.width), twice(self.y, self.height))
    }

    /// Whether the two share a cell.
    pub fn overlaps(&self, other: &Self) -> bool {
        let apart = |a: u16, la: u16, b: u16, lb: u16| a + la <= b || b + lb <= a;
        !apart(self.x, self.width, other.x, other.width) && !apart(self.y, self.height, other.y, other.height)
    }
}

/// A word on a line: what its edges are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// First cell.
    pub x: u16,
    /// Row.
    pub y: u16,
    /// The word.
    pub text: SafeText,
    /// The edges it stands for.
    pub edges: Vec<usize>,
}

/// An arrow head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
    /// Whether it points right, or else left.
    pub right: bool,
    /// Its edge.
    pub edge: usize,
}

/// The drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The box of each node.
    pub boxes: Vec<Area>,
    /// The cells of each edge and where the line goes on from them.
    pub lines: Vec<Vec<(u16, u16, u8)>>,
    /// Arrow heads.
    pub heads: Vec<Head>,
    /// Types of edges.
    pub words: Vec<Word>,
    /// Cells wide.
    pub width: u16,
    /// Cells high.
    pub height: u16,
    /// Whether nodes are one row without a border.
    pub compact: bool,
}

impl Layout {
    /// The drawing of `graph` for a screen of `width` by `height` cells: with borders, unless
    /// only without them all of it can be seen, or with them it would take several screens.
    pub fn of(graph: &Graph, width: u16, height: u16) -> Self {
        let roomy = Self::drawn(graph, width, false);
        if roomy.width <= width && roomy.height <= height {
            return roomy;
        }
        let compact = Self::drawn(graph, width, true);
        let fits = compact.width <= width && compact.height <= height;
        let near = roomy.height <= height.saturating_mul(2) && roomy.width <= width.saturating_mul(2);
        if near && !fits { roomy } else { compact }
    }

    fn drawn(graph: &Graph, width: u16, compact: bool) -> Self {
        let mut out = Self {
            boxes: vec![Area::default(); graph.nodes.len()],
            lines: vec![Vec::new(); graph.edges.len()],
            compact,
            ..Self::default()
        };
        let mut shelf = Shelf { x: 0, y: 0, height: 0, room: width };
        for members in layers::parts(graph.nodes.len(), &graph.edges) {
            let part = Part::of(graph, &members, compact);
            let (x, y) = shelf.place(part.width, part.height);
            part.put(x, y, &mut out);
        }
        for area in &out.boxes {
            out.width = out.width.max(area.x + area.width);
            out.height = out.height.max(area.y + area.height);
        }
        for (x, y, _) in out.lines.iter().flatten() {
            out.width = out.width.max(x + 1);
            out.height = out.height.max(y + 1);
        }
        out
    }
}

/// Parts beside each other, row by row.
struct Shelf {
    x: u16,
    y: u16,
    height: u16,
    room: u16,
}

impl Shelf {
    fn place(&mut self, width: u16, height: u16) -> (u16, u16) {
        if self.x > 0 && self.x.saturating_add(width) > self.room {
            self.y = self.y.saturating_add(self.height + APART.1);
            (self.x, self.height) = (0, 0);
        }
        let at = (self.x, self.y);
        self.x = self.x.saturating_add(width + APART.0);
        self.height = self.height.max(height);
        at
    }
}

/// The size of a node's box with `rows` rows inside.
fn size(graph: &Graph, node: usize, rows: u16, compact: bool) -> (u16, u16) {
    let Some(node) = graph.nodes.get(node) else { return (NARROWEST, 1) };
    let cells = |n: usize| u16::try_from(n).unwrap_or(WIDEST);
    let name = cells(node.name().width());
    if compact {
        return (name.saturating_add(2).clamp(3, WIDEST), 1);
    }
    let label = cells(node.labels.first().map_or(0, |l| l.width()));
    let told = node.told().take(usize::from(rows - 1)).map(|t| cells(t.width())).max().unwrap_or(0);
    let inner = name.max(told).saturating_add(4);
    (inner.max(label.saturating_add(6)).clamp(NARROWEST, WIDEST), rows + 2)
}

/// One connected part, with its own origin.
struct Part<'a> {
    graph: &'a Graph,
    layers: Layers,
    /// The row of each net at its origin, of each net's end at a node, counted in the box.
    origin_row: HashMap<usize, u16>,
    end_row: HashMap<(usize, usize), u16>,
    /// Left edge of each column and its width.
    columns: Vec<(u16, u16)>,
    sizes: HashMap<usize, (u16, u16)>,
    /// Top row of each place.
    tops: HashMap<usize, i32>,
    wires: Vec<Vec<Wire>>,
    width: u16,
    height: u16,
    compact: bool,
}

impl<'a> Part<'a> {
    fn of(graph: &'a Graph, members: &[usize], compact: bool) -> Self {
        let layers = Layers::of(graph.nodes.len(), members, &graph.edges);
        let mut part = Self {
            graph,
            layers,
            origin_row: HashMap::new(),
            end_row: HashMap::new(),
            columns: Vec::new(),
            sizes: HashMap::new(),
            tops: HashMap::new(),
            wires: Vec::new(),
            width: 0,
            height: 0,
            compact,
        };
        for node in members {
            let rows = part.ports(*node);
            part.sizes.insert(*node, size(graph, *node, rows, compact));
        }
        part.stand();
        part.wire();
        part
    }

    /// Gives the edges of a node their rows in its box. Says how many rows there are inside.
    fn ports(&mut self, node: usize) -> u16 {
        let nets = &self.layers.nets;
        let order: HashMap<usize, usize> =
            self.layers.columns.iter().flat_map(|c| c.iter().enumerate().map(|(i, p)| (*p, i))).collect();
        let place = |p: &usize| order.get(p).copied().unwrap_or_default();
        // At the right: nets that begin here, and those of the same column that end here.
        let mut right: Vec<(usize, usize, bool)> = Vec::new();
        // At the left: nets that end here; those of one type share a row.
        let mut left: Vec<(usize, usize, (&str, Way))> = Vec::new();
        for (number, net) in nets.iter().enumerate() {
            if net.origin == node {
                let sum: usize = net.ends.iter().map(|(_, end)| place(end)).sum();
                right.push((sum / net.ends.len().max(1), number, true));
            }
            let Some((edge, _)) = net.ends.iter().find(|(_, end)| *end == node) else { continue };
            if net.way == Way::Side {
                right.push((place(&net.origin), number, false));
            } else {
                let kind = self.graph.edges.get(*edge).map_or("", |e| e.kind.as_str());
                left.push((place(&net.origin), number, (kind, net.way)));
            }
        }
        right.sort_unstable();
        left.sort_unstable();
        let mut kinds: Vec<(&str, Way)> = Vec::new();
        for (.., kind) in &left {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
        }
        let wanted = u16::try_from(right.len().max(kinds.len())).unwrap_or(MOST_ROWS);
        let rows = if self.compact { 1 } else { wanted.clamp(1, MOST_ROWS) };
        let first = u16::from(!self.compact);
        let row = |nth: usize| first + u16::try_from(nth).unwrap_or(MOST_ROWS).min(rows - 1);
        for (nth, (_, number, begins)) in right.iter().enumerate() {
            if *begins {
                self.origin_row.insert(*number, row(nth));
            } else {
                self.end_row.insert((*number, node), row(nth));
            }
        }
        for (_, number, kind) in &left {
            let nth = kinds.iter().position(|k| k == kind).unwrap_or_default();
            self.end_row.insert((*number, node), row(nth));
        }
        rows
    }

    /// The row in a place where `net` meets it, at the place's right or left.
    fn row_in(&self, place: usize, net: usize, right: bool) -> i32 {
        let found = if right { self.origin_row.get(&net) } else { self.end_row.get(&(net, place)) };
        if self.sizes.contains_key(&place) { i32::from(found.copied().unwrap_or_default()) } else { 0 }
    }

    fn height_of(&self, place: usize) -> i32 {
        self.sizes.get(&place).map_or(1, |(_, h)| i32::from(*h))
    }

    /// Gives every place its row: close to its neighbours, never over another.
    fn stand(&mut self) {
        let gap = i32::from(!self.compact);
        for column in &self.layers.columns {
            let mut y = 0;
            for place in column {
                self.tops.insert(*place, y);
                y += self.height_of(*place) + gap;
            }
        }
        let count = self.layers.columns.len();
        for pass in 0..PASSES {
            let rightwards = pass % 2 == 0;
            let mut wanted: HashMap<usize, Vec<i32>> = HashMap::new();
            for step in 0..count {
                let at = if rightwards { step } else { count - 1 - step };
                let Some(column) = self.layers.columns.get(at).cloned() else { continue };
                wanted.clear();
                for (left, right, net) in &self.layers.links {
                    let (own, own_row, other, other_row) = if rightwards {
                        (*right, self.row_in(*right, *net, false), *left, self.row_in(*left, *net, true))
                    } else {
                        (*left, self.row_in(*left, *net, true), *right, self.row_in(*right, *net, false))
                    };
                    if column.contains(&own) {
                        let top = self.tops.get(&other).copied().unwrap_or_default();
                        wanted.entry(own).or_default().push(top + other_row - own_row);
                    }
                }
                self.settle(&column, &mut wanted, gap);
            }
        }
        let least = self.tops.values().min().copied().unwrap_or_default();
        self.tops.values_mut().for_each(|top| *top -= least);
    }

    /// Moves the places of a column as near to where they want to be as their order allows:
    /// places that push each other move as one.
    fn settle(&mut self, column: &[usize], wanted: &mut HashMap<usize, Vec<i32>>, gap: i32) {
        // Each block: the sum of its wishes, how many, and how many places it holds.
        let mut blocks: Vec<(i64, i64, usize)> = Vec::new();
        let mut offset = 0;
        let mut offsets = Vec::new();
        for place in column {
            let own = self.tops.get(place).copied().unwrap_or_default();
            let wish = wanted.get_mut(place).map_or(own, |all| {
                all.sort_unstable();
                all.get((all.len() - 1) / 2).copied().unwrap_or(own)
            });
            blocks.push((i64::from(wish - offset), 1, 1));
            while let [.., (sum, n, _), (sum2, n2, _)] = blocks.as_slice()
                && sum2 * n < sum * n2
                && let (Some(last), Some(before)) = (blocks.pop(), blocks.last_mut())
            {
                *before = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            }
            offsets.push(offset);
            offset += self.height_of(*place) + gap;
        }
        let mut rest = column.iter().zip(offsets);
        for (sum, n, places) in blocks {
            let base = i32::try_from(sum.div_euclid(n)).unwrap_or_default();
            for (place, offset) in rest.by_ref().take(places) {
                self.tops.insert(*place, base + offset);
            }
        }
    }

    /// Leads the nets through the channels between columns, and gives columns their places.
    fn wire(&mut self) {
        let mut x = 0;
        let count = self.layers.columns.len();
        for at in 0..count {
            let places = self.layers.columns.get(at).cloned().unwrap_or_default();
            let width = places.iter().filter_map(|p| self.sizes.get(p)).map(|s| s.0).max().unwrap_or(1);
            self.columns.push((x, width));
            x += width;
            let mut wires = self.wires_after(at);
            x += channel::route(&mut wires);
            self.wires.push(wires);
        }
        self.width = x;
        let bottom = |(place, top): (&usize, &i32)| top + self.height_of(*place);
        let lowest = self.tops.iter().map(bottom).max().unwrap_or_default();
        self.height = u16::try_from(lowest).unwrap_or(u16::MAX);
    }

    /// The nets in the channel to the right of column `at`.
    fn wires_after(&self, at: usize) -> Vec<Wire> {
        let column = |node: usize| self.layers.column_of.get(&node).copied().unwrap_or_default();
        let mut wires = Vec::new();
        for (number, net) in self.layers.nets.iter().enumerate() {
            let begins = column(net.origin) == at;
            let pass = self.layers.passes.get(&(number, at)).copied();
            let Some(place) = pass.or(begins.then_some(net.origin)) else { continue };
            let top = |p: usize| self.tops.get(&p).copied().unwrap_or_default();
            let mut wire = Wire::new(number, top(place) + self.row_in(place, number, true));
            if net.way == Way::Side {
                let ends = net.ends.iter().map(|(_, end)| top(*end) + self.row_in(*end, number, false));
                wire.back = ends.collect();
            } else {
                let next = self.layers.links.iter().filter(|(l, _, n)| *l == place && *n == number);
                wire.on = next.map(|(_, r, _)| top(*r) + self.row_in(*r, number, false)).collect();
            }
            if begins {
                wire.word = self.word(number);
            }
            wires.push(wire);
        }
        channel::share_words(&mut wires);
        wires
    }

    /// The type of a net's edges.
    fn word(&self, net: usize) -> String {
        let edge = self.layers.nets.get(net).and_then(|n| n.ends.first()).map(|(edge, _)| *edge);
        edge.and_then(|e| self.graph.edges.get(e)).map_or_else(String::new, |e: &Edge| e.kind.to_string())
    }

    /// Puts the part's boxes and lines into the drawing, `x` and `y` cells from its origin.
    fn put(&self, x: u16, y: u16, out: &mut Layout) {
        for (node, (width, height)) in &self.sizes {
            let column = self.layers.column_of.get(node).and_then(|c| self.columns.get(*c));
            let top = self.tops.get(node).copied().unwrap_or_default();
            if let (Some((left, _)), Some(area)) = (column, out.boxes.get_mut(*node)) {
                let top = u16::try_from(top).unwrap_or_default();
                *area = Area { x: x + left, y: y + top, width: *width, height: *height };
            }
        }
        for (number, net) in self.layers.nets.iter().enumerate() {
            for (edge, end) in &net.ends {
                self.put_edge(number, *edge, *end, (x, y), out);
            }
        }
        for (at, wires) in self.wires.iter().enumerate() {
            let Some((left, width)) = self.columns.get(at) else { continue };
            for wire in wires.iter().filter(|w| !w.word.is_empty()) {
                let Some(net) = self.layers.nets.get(wire.net) else { continue };
                let edges = wires.iter().filter(|w| w.from == wire.from).filter_map(|w| {
                    let net = self.layers.nets.get(w.net)?;
                    Some(net.ends.iter().map(|(edge, _)| *edge))
                });
                let box_width = self.sizes.get(&net.origin).map_or(*width, |s| s.0);
                // The word stands at the column's right end, or nearer to a narrower box.
                let at_x = x + left + box_width + 1;
                let at_y = y + u16::try_from(wire.from).unwrap_or_default();
                let text = SafeText::new(&wire.word);
                out.words.push(Word { x: at_x, y: at_y, text, edges: edges.flatten().collect() });
            }
        }
    }

    /// The cells of one edge, channel by channel.
    fn put_edge(&self, number: usize, edge: usize, end: usize, (x, y): (u16, u16), out: &mut Layout) {
        let Some(net) = self.layers.nets.get(number) else { return };
        let column = |node: usize| self.layers.column_of.get(&node).copied().unwrap_or_default();
        let (first, last) = (column(net.origin), column(end));
        let row = |r: i32| y + u16::try_from(r).unwrap_or_default();
        let Some(cells) = out.lines.get_mut(edge) else { return };
        let top = |p: usize| self.tops.get(&p).copied().unwrap_or_default();
        for at in first..last.max(first + 1) {
            let Some(wire) = self.wires.get(at).and_then(|w| w.iter().find(|w| w.net == number)) else {
                return;
            };
            let Some((left, width)) = self.columns.get(at) else { return };
            let edge_of_column = x + left + width;
            let begin = match self.layers.passes.get(&(number, at)) {
                Some(_) => x + left,
                None => x + left + self.sizes.get(&net.origin).map_or(*width, |s| s.0),
            };
            let track = edge_of_column + wire.track;
            if net.way == Way::Side {
                let stop = x + left + self.sizes.get(&end).map_or(*width, |s| s.0);
                let to = top(end) + self.row_in(end, number, false);
                channel::back(cells, (begin, row(wire.from)), track, (stop, row(to)));
                out.heads.push(Head { x: stop, y: row(to), right: false, edge });
                return;
            }
            let next = if at + 1 == last {
                end
            } else {
                self.layers.passes.get(&(number, at + 1)).copied().unwrap_or(end)
            };
            let to = top(next) + self.row_in(next, number, false);
            let stop = x + self.columns.get(at + 1).map_or(0, |c| c.0);
            channel::on(cells, (begin, row(wire.from)), track, (stop, row(to)));
            if at + 1 == last && net.way == Way::Out {
                out.heads.push(Head { x: stop.saturating_sub(1), y: row(to), right: true, edge });
            }
            if at == first && net.way == Way::In {
                out.heads.push(Head { x: begin, y: row(wire.from), right: false, edge });
            }
        }
    }
}
