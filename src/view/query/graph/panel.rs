//! What is known of the selected node, and the list that stands in for the drawing on a small
//! screen.

use super::{Ink, counted};
use crate::app::query::graph::{Edge, GraphView, Node};
use crate::config::Role;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// The widest that names of properties take.
const NAMES: usize = 14;

/// Draws the panel at the right of or below the drawing.
pub fn draw(view: &GraphView, colours: &[Role], area: Rect, ink: &mut Ink<'_, '_>) {
    let Some(node) = view.graph.nodes.get(view.selected) else { return };
    // Beside the drawing it is higher than wide, as cells are twice as high.
    let inner = if area.height > area.width / 4 {
        let rule = if ink.pen.ascii { "|" } else { "│" };
        for y in area.y..area.bottom() {
            ink.role((area.x, y), 1, rule, Role::Border);
        }
        Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area }
    } else {
        let rule = if ink.pen.ascii { "-" } else { "─" };
        ink.role((area.x, area.y), area.width, &rule.repeat(usize::from(area.width)), Role::Border);
        Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
    };
    let rows = inner.y..inner.bottom();
    let mut lines = lines(view, colours, node);
    let room = rows.len();
    if lines.len() > room && room > 0 {
        let more = lines.len() - room + 1;
        lines.truncate(room - 1);
        lines.push(vec![(format!("{more} more"), Role::Dim)]);
    }
    for (y, line) in rows.zip(lines) {
        let mut x = inner.x;
        for (text, role) in line {
            let text = if ink.pen.ascii { ascii(&text) } else { text };
            x = ink.role((x, y), inner.right().saturating_sub(x), &text, role);
        }
    }
}

type Line = Vec<(String, Role)>;

fn lines(view: &GraphView, colours: &[Role], node: &Node) -> Vec<Line> {
    let graph = &view.graph;
    let colour = |node: usize| colours.get(node).copied().unwrap_or(Role::Dim);
    let mut lines: Vec<Line> = vec![vec![(node.name().to_owned(), Role::Strong)]];
    if node.labels.is_empty() {
        lines.push(vec![("only its edges are in the result".to_owned(), Role::Dim)]);
    } else {
        let labels: String = node.labels.iter().map(|l| format!(":{l}")).collect();
        lines.push(vec![(labels, colour(view.selected))]);
    }
    let width = node.properties.iter().map(|(k, _)| k.width()).max().unwrap_or(2).clamp(2, NAMES);
    let fact = |key: &str, value: &str| {
        let pad = width.saturating_sub(key.width()) + 1;
        vec![(format!("{key}{}", " ".repeat(pad)), Role::Dim), (value.to_owned(), Role::Text)]
    };
    lines.push(fact("id", &node.shown_id));
    lines.extend(node.properties.iter().map(|(key, value)| fact(key, value)));
    let edges: Vec<(&Edge, usize)> = graph.edges_of(view.selected).collect();
    if !edges.is_empty() {
        lines.push(Vec::new());
        lines.push(vec![(counted(edges.len(), "edge"), Role::Head)]);
    }
    for (edge, other) in edges {
        let name = graph.nodes.get(other).map_or("", Node::name).to_owned();
        let word = if edge.from == view.selected {
            format!("─{}─▶ ", edge.kind)
        } else {
            format!("◀─{}─ ", edge.kind)
        };
        lines.push(vec![(word, Role::Dim), (name, colour(other))]);
    }
    lines
}

/// Lines and arrow heads in ASCII.
fn ascii(text: &str) -> String {
    text.replace('─', "-").replace('▶', ">").replace('◀', "<")
}

/// The nodes, and the edges of the selected one below it.
pub fn list(view: &GraphView, colours: &[Role], area: Rect, focused: bool, ink: &mut Ink<'_, '_>) {
    let graph = &view.graph;
    let height = usize::from(area.height);
    let first = (view.selected + 1).saturating_sub(height.div_ceil(2));
    let mut y = area.y;
    for (number, node) in graph.nodes.iter().enumerate().skip(first) {
        if y >= area.bottom() {
            return;
        }
        let chosen = focused && number == view.selected;
        let label = node.labels.first().map_or_else(String::new, |l| format!(":{l} "));
        let role = if chosen { Role::Selected } else { colours.get(number).copied().unwrap_or(Role::Dim) };
        ink.role((area.x, y), area.width, &format!("({label}{})", node.name()), role);
        y += 1;
        if number != view.selected {
            continue;
        }
        for (edge, other) in graph.edges_of(number) {
            if y >= area.bottom() {
                return;
            }
            let name = graph.nodes.get(other).map_or("", Node::name);
            let (before, after) = if edge.from == number { ("-", "->") } else { ("<-", "-") };
            let text = format!("  {before}[:{}]{after} ({name})", edge.kind);
            ink.role((area.x, y), area.width, &text, Role::Dim);
            y += 1;
        }
    }
}
