//! The graph in a result, drawn: boxes and lines, what is selected told beside them. A screen
//! too small for that lists nodes and edges.

mod panel;

#[cfg(test)]
mod tests;

use super::{Pen, clip};
use crate::app::query::foresee::grouped;
use crate::app::query::graph::layout::towards::{DOWN, LEFT, RIGHT, UP};
use crate::app::query::graph::layout::{Area, Layout};
use crate::app::query::graph::{Edge, Graph, GraphView, Node};
use crate::app::query::{Focus, QueryTab, Results};
use crate::config::Role;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::collections::HashMap;
use unicode_width::UnicodeWidthStr;

/// The colours that labels take, in the order that labels are met.
const COLOURS: [Role; 6] =
    [Role::Series1, Role::Series2, Role::Series3, Role::Series4, Role::Series5, Role::Series6];
/// The smallest drawing.
const LEAST: (u16, u16) = (24, 5);

/// Writes on the screen.
struct Ink<'a, 'b> {
    frame: &'a mut Frame<'b>,
    pen: Pen<'a>,
}

impl Ink<'_, '_> {
    /// Writes `text` at most `width` cells wide. Returns the column after it.
    fn put(&mut self, (x, y): (u16, u16), width: u16, text: &str, style: Style) -> u16 {
        let text = clip::clip(text, usize::from(width), self.pen.ascii);
        self.frame.buffer_mut().set_stringn(x, y, text, usize::from(width), style).0
    }

    fn role(&mut self, at: (u16, u16), width: u16, text: &str, role: Role) -> u16 {
        self.put(at, width, text, self.pen.style(role))
    }
}

/// Draws the graph.
pub fn draw(tab: &QueryTab, results: &Results, pen: Pen<'_>, area: Rect, frame: &mut Frame<'_>) {
    let Some(view) = tab.views().graph() else { return };
    if area.width < 4 || area.height == 0 {
        return;
    }
    let mut ink = Ink { frame, pen };
    let focused = tab.focus() == Focus::Results && tab.layer().is_none();
    let line = Rect { y: area.bottom() - 1, height: 1, ..area };
    foot(tab, view, results.rows, line, &mut ink);
    let area = Rect { height: area.height - 1, ..area };
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return panel::list(view, &colours(&view.graph), area, focused, &mut ink);
    }
    let (drawing, panel) = divide(area);
    let colours = colours(&view.graph);
    let drawn = view.drawn((drawing.width, drawing.height));
    Canvas::of(view, &drawn.layout, &colours, drawing).draw(focused, &mut ink);
    if let Some(panel) = panel {
        panel::draw(view, &colours, panel, &mut ink);
    }
}

/// The drawing and what stands beside or below it.
fn divide(area: Rect) -> (Rect, Option<Rect>) {
    if area.width >= 72 {
        let width = (area.width / 3).clamp(26, 40);
        let drawing = Rect { width: area.width - width, ..area };
        return (drawing, Some(Rect { x: drawing.right(), width, ..area }));
    }
    if area.height >= 15 {
        let height = (area.height / 3).min(8);
        let drawing = Rect { height: area.height - height, ..area };
        return (drawing, Some(Rect { y: drawing.bottom(), height, ..area }));
    }
    (area, None)
}

/// How much is drawn, what was left out, and how walking went.
fn foot(tab: &QueryTab, view: &GraphView, rows: u64, area: Rect, ink: &mut Ink<'_, '_>) {
    let graph = &view.graph;
    let mut words = counted(graph.nodes.len(), "node") + ink.pen.dot() + &counted(graph.edges.len(), "edge");
    let left_out = view.left_out(rows);
    let x = ink.role((area.x, area.y), area.width, &words, Role::Dim);
    let (text, role) = match (tab.views().asking(), &view.note) {
        (Some(text), _) if tab.running() => (format!("asking: {text}"), Role::Busy),
        (_, Some((text, bad))) => (text.to_string(), if *bad { Role::Bad } else { Role::Dim }),
        _ if !left_out.is_empty() => (left_out, Role::Warning),
        _ => return,
    };
    words.clear();
    words.push_str(ink.pen.dot());
    words.push_str(&text);
    ink.role((x, area.y), area.right().saturating_sub(x), &words, role);
}

/// `1 node`, `2 nodes`.
fn counted(n: usize, word: &str) -> String {
    format!("{} {word}{}", grouped(n as u64), if n == 1 { "" } else { "s" })
}

/// The colour of each node: that of its first label.
fn colours(graph: &Graph) -> Vec<Role> {
    let mut met: HashMap<&str, usize> = HashMap::new();
    let mut roles = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let next = met.len();
        let at = node.labels.first().map(|label| *met.entry(label.as_str()).or_insert(next));
        let role = at.and_then(|at| COLOURS.get(at % COLOURS.len()).copied());
        roles.push(role.unwrap_or(Role::Dim));
    }
    roles
}

/// The part of the drawing that is on the screen.
struct Canvas<'a> {
    view: &'a GraphView,
    layout: &'a Layout,
    /// The colour of each node.
    colours: &'a [Role],
    area: Rect,
    /// The drawing's cell at the upper left of `area`; negative where the drawing is smaller.
    corner: (i32, i32),
}

impl<'a> Canvas<'a> {
    fn of(view: &'a GraphView, layout: &'a Layout, colours: &'a [Role], area: Rect) -> Self {
        let chosen = layout.boxes.get(view.selected).copied().unwrap_or_default();
        let (x, y) = view.corner.get();
        let across = follow(x, (chosen.x, chosen.width), area.width, layout.width);
        let down = follow(y, (chosen.y, chosen.height), area.height, layout.height);
        view.corner.set((across.max(0).unsigned_abs() as u16, down.max(0).unsigned_abs() as u16));
        Self { view, layout, colours, area, corner: (across, down) }
    }

    /// Where a cell of the drawing is on the screen, when it is.
    fn at(&self, x: u16, y: u16) -> Option<(u16, u16)> {
        let place = |at: u16, corner: i32, first: u16, len: u16| {
            let on = u16::try_from(i32::from(at) - corner).ok()?;
            (on < len).then_some(first + on)
        };
        let x = place(x, self.corner.0, self.area.x, self.area.width)?;
        Some((x, place(y, self.corner.1, self.area.y, self.area.height)?))
    }

    fn draw(&self, focused: bool, ink: &mut Ink<'_, '_>) {
        if self.view.graph.nodes.is_empty() {
            ink.role((self.area.x, self.area.y), self.area.width, "no node in the rows so far", Role::Dim);
            return;
        }
        self.lines(ink);
        for (number, node) in self.view.graph.nodes.iter().enumerate() {
            if let Some(area) = self.layout.boxes.get(number) {
                let chosen = focused && number == self.view.selected;
                let role = self.colour(number);
                let shape = Shape { node, area: *area, role, chosen };
                if self.layout.compact { self.pill(&shape, ink) } else { self.boxed(&shape, ink) }
            }
        }
        self.joints(focused, ink);
    }

    fn colour(&self, node: usize) -> Role {
        self.colours.get(node).copied().unwrap_or(Role::Dim)
    }

    /// Whether an edge belongs to the selected node.
    fn is_near(&self, edge: usize) -> bool {
        let near = |e: &Edge| e.from == self.view.selected || e.to == self.view.selected;
        self.view.graph.edges.get(edge).is_some_and(near)
    }

    fn lines(&self, ink: &mut Ink<'_, '_>) {
        let width = usize::from(self.area.width);
        let mut cells: Vec<(u8, bool)> = vec![(0, false); width * usize::from(self.area.height)];
        for (edge, line) in self.layout.lines.iter().enumerate() {
            let near = self.is_near(edge);
            for (x, y, towards) in line {
                let Some((x, y)) = self.at(*x, *y) else { continue };
                let at = usize::from(y - self.area.y) * width + usize::from(x - self.area.x);
                if let Some(cell) = cells.get_mut(at) {
                    *cell = (cell.0 | towards, cell.1 || near);
                }
            }
        }
        let places = (0..self.area.height).flat_map(|y| (0..self.area.width).map(move |x| (x, y)));
        for ((x, y), (towards, near)) in places.zip(cells).filter(|(_, (towards, _))| *towards != 0) {
            let role = if near { Role::BorderFocused } else { Role::Border };
            ink.role((self.area.x + x, self.area.y + y), 1, stroke(towards, ink.pen.ascii), role);
        }
        for word in &self.layout.words {
            let near = word.edges.iter().any(|e| self.is_near(*e));
            let style = ink.pen.style(if near { Role::Strong } else { Role::Dim });
            self.write(word.x, word.y, &word.text, style, ink);
        }
        for head in &self.layout.heads {
            let role = if self.is_near(head.edge) { Role::BorderFocused } else { Role::Border };
            let sign = match (head.right, ink.pen.ascii) {
                (true, false) => "▶",
                (false, false) => "◀",
                (true, true) => ">",
                (false, true) => "<",
            };
            if let Some(at) = self.at(head.x, head.y) {
                ink.role(at, 1, sign, role);
            }
        }
    }

    /// Writes from a cell of the drawing on, as far as that is on the screen.
    fn write(&self, x: u16, y: u16, text: &str, style: Style, ink: &mut Ink<'_, '_>) {
        let mut at = x;
        let mut rest = text;
        // What begins left of the screen is written from the screen's edge on.
        while self.at(at, y).is_none() && !rest.is_empty() {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let (head, tail) = rest.split_at_checked(first).unwrap_or((rest, ""));
            at += u16::try_from(head.width()).unwrap_or(1);
            rest = tail;
        }
        if let Some((x, y)) = self.at(at, y) {
            let room = self.area.right() - x;
            let shown: String = if ink.pen.ascii { rest.replace('…', "~") } else { rest.to_owned() };
            ink.frame.buffer_mut().set_stringn(x, y, shown, usize::from(room), style);
        }
    }

    /// A node of one row.
    fn pill(&self, shape: &Shape<'_>, ink: &mut Ink<'_, '_>) {
        let (open, close) = if shape.chosen { ("[", "]") } else { ("(", ")") };
        let room = usize::from(shape.area.width.saturating_sub(2));
        let name = clip::clip(shape.node.name(), room, ink.pen.ascii);
        let mut style = ink.pen.style(shape.role);
        if shape.chosen {
            style = style.patch(ink.pen.style(Role::Selected));
        }
        self.write(shape.area.x, shape.area.y, &format!("{open}{name}{close}"), style, ink);
    }

    /// A node with a border: its label in it, its name inside.
    fn boxed(&self, shape: &Shape<'_>, ink: &mut Ink<'_, '_>) {
        let [across, down, corners @ ..] = border(shape.chosen, ink.pen.ascii);
        let [nw, ne, sw, se] = corners;
        let Area { x, y, width, height } = shape.area;
        let inner = usize::from(width.saturating_sub(2));
        let line = ink.pen.style(if shape.chosen { Role::BorderFocused } else { shape.role });
        let label = shape.node.labels.first().map_or("", |l| l.as_str());
        let label = clip::clip(label, inner.saturating_sub(3), ink.pen.ascii);
        self.write(x, y, &format!("{nw}{}{ne}", across.repeat(inner)), line, ink);
        if !label.is_empty() {
            self.write(x + 1, y, &format!(" {label} "), ink.pen.style(shape.role), ink);
        }
        let bottom = y + height.saturating_sub(1);
        self.write(x, bottom, &format!("{sw}{}{se}", across.repeat(inner)), line, ink);
        let mut more = shape.node.told();
        for row in y + 1..bottom {
            let (text, mut style) = if row == y + 1 {
                (shape.node.name().to_owned(), ink.pen.style(Role::Strong))
            } else {
                (more.next().unwrap_or_default(), ink.pen.style(Role::Dim))
            };
            if shape.chosen && row == y + 1 {
                style = style.patch(ink.pen.style(Role::Selected));
            }
            let text = clip::clip(&text, inner.saturating_sub(2), ink.pen.ascii);
            let blank = " ".repeat(inner.saturating_sub(text.width() + 1));
            self.write(x, row, down, line, ink);
            self.write(x + 1, row, &format!(" {text}{blank}"), style, ink);
            self.write(x + width.saturating_sub(1), row, down, line, ink);
        }
    }

    /// Where edges leave their boxes, and edges that lead back to where they began.
    fn joints(&self, focused: bool, ink: &mut Ink<'_, '_>) {
        if self.layout.compact {
            return;
        }
        for (edge, line) in self.view.graph.edges.iter().zip(&self.layout.lines) {
            let Some(area) = self.layout.boxes.get(edge.from) else { continue };
            let chosen = focused && edge.from == self.view.selected;
            let role = self.colour(edge.from);
            let style = ink.pen.style(if chosen { Role::BorderFocused } else { role });
            let right = area.x + area.width;
            if edge.from == edge.to {
                self.write(
                    right.saturating_sub(2),
                    area.y,
                    if ink.pen.ascii { "@" } else { "↺" },
                    style,
                    ink,
                );
            }
            let (Some(first), Some(last)) = (line.first(), line.last()) else { continue };
            let inside = |y: u16| y > area.y && y + 1 < area.y + area.height;
            let (x, y, sign) = if first.0 == right && inside(first.1) {
                (right - 1, first.1, if chosen { "┠" } else { "├" })
            } else if last.0 + 1 == area.x && inside(last.1) {
                (area.x, last.1, if chosen { "┨" } else { "┤" })
            } else {
                continue;
            };
            self.write(x, y, if ink.pen.ascii { "+" } else { sign }, style, ink);
        }
    }
}

/// A node as it is drawn.
struct Shape<'a> {
    node: &'a Node,
    area: Area,
    role: Role,
    chosen: bool,
}

/// The first cell of one axis to show: a drawing that fits is in the middle, a larger one is
/// moved no further than the chosen box needs.
fn follow(corner: u16, (at, len): (u16, u16), room: u16, whole: u16) -> i32 {
    let (corner, at, len, room, whole) =
        (i32::from(corner), i32::from(at), i32::from(len), i32::from(room), i32::from(whole));
    if whole <= room {
        return (whole - room) / 2;
    }
    let margin = ((room - len) / 2).clamp(0, 4);
    let least = at + len + margin - room;
    let most = at - margin;
    corner.max(least).min(most.max(least)).clamp(0, whole - room)
}

/// The lines of a box: across, down and the corners from the upper left on.
const fn border(chosen: bool, ascii: bool) -> [&'static str; 6] {
    match (chosen, ascii) {
        (false, false) => ["─", "│", "╭", "╮", "╰", "╯"],
        (true, false) => ["━", "┃", "┏", "┓", "┗", "┛"],
        (false, true) => ["-", "|", "+", "+", "+", "+"],
        (true, true) => ["=", "#", "#", "#", "#", "#"],
    }
}

/// The sign of a line that goes on towards these sides.
const fn stroke(towards: u8, ascii: bool) -> &'static str {
    const ACROSS: u8 = LEFT | RIGHT;
    const DOWNWARDS: u8 = UP | DOWN;
    const RIGHT_DOWN: u8 = RIGHT | DOWN;
    const LEFT_DOWN: u8 = LEFT | DOWN;
    const RIGHT_UP: u8 = RIGHT | UP;
    const LEFT_UP: u8 = LEFT | UP;
    const NOT_LEFT: u8 = UP | DOWN | RIGHT;
    const NOT_RIGHT: u8 = UP | DOWN | LEFT;
    const NOT_UP: u8 = ACROSS | DOWN;
    const NOT_DOWN: u8 = ACROSS | UP;
    match (towards, ascii) {
        (ACROSS | LEFT | RIGHT, false) => "─",
        (ACROSS | LEFT | RIGHT, true) => "-",
        (DOWNWARDS | UP | DOWN, false) => "│",
        (DOWNWARDS | UP | DOWN, true) => "|",
        (_, true) => "+",
        (RIGHT_DOWN, _) => "╭",
        (LEFT_DOWN, _) => "╮",
        (RIGHT_UP, _) => "╰",
        (LEFT_UP, _) => "╯",
        (NOT_LEFT, _) => "├",
        (NOT_RIGHT, _) => "┤",
        (NOT_UP, _) => "┬",
        (NOT_DOWN, _) => "┴",
        _ => "┼",
    }
}
