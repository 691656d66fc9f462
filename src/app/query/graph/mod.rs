//! The graph in a result: nodes and edges gathered from rows, a bounded number of them, with what
//! was left out said. Where they stand on the screen is [`layout`], how one walks is [`walk`].

pub mod channel;
pub mod layers;
pub mod layout;
pub mod steer;
pub mod view;
pub mod walk;

pub use layout::Layout;
pub use view::GraphView;

use super::entity::{Body, Entity, Id, name_of, prefix};
use super::json::{self, Kind};
use crate::model::{Column, SafeText, Tag};
use crate::query::RowReader;
use std::collections::HashMap;

/// The most nodes taken from a result; walking may add to them.
pub const NODES: usize = 200;
/// The most nodes that walking makes of it.
pub const WALKED: usize = 400;
/// The most edges for each node that fits.
const EDGES_PER_NODE: usize = 4;
/// The most rows looked at.
pub const ROWS: u64 = 5_000;
/// The most bytes looked at, in all rows together.
const BYTES: usize = 8 << 20;
/// The most entities read of one value.
const ENTITIES: usize = 5_000;
/// Levels of lists and maps that entities are looked for in.
const DEEPEST: usize = 12;
/// The longest id taken: a longer one names nothing.
const LONGEST_ID: usize = 4 << 10;
/// The longest label, type or name kept, in bytes.
const LONGEST_WORD: usize = 200;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What names it to the server: a vertex id or an IRI. Raw, and only [`walk`] writes it
    /// into a statement.
    id: Id,
    /// The same for the screen.
    pub shown_id: SafeText,
    /// Its labels or RDF types; none when only its edges were in the result.
    pub labels: Vec<SafeText>,
    /// Its properties.
    pub properties: Vec<(SafeText, SafeText)>,
}

impl Node {
    fn new(id: &Id) -> Self {
        let shown_id = SafeText::new(prefix(&id.text, LONGEST_WORD));
        Self { id: id.clone(), shown_id, labels: Vec::new(), properties: Vec::new() }
    }

    /// What a person knows it by: its name, or its id; of an IRI the last part.
    pub fn name(&self) -> &str {
        name_of(&self.properties).map_or_else(|| local_name(&self.shown_id), SafeText::as_str)
    }

    /// Its properties but the one that names it, as a box tells them.
    pub fn told(&self) -> impl Iterator<Item = String> {
        self.properties.iter().filter(|(_, v)| v.as_str() != self.name()).map(|(k, v)| format!("{k} {v}"))
    }

    /// The id, raw.
    pub fn id(&self) -> &str {
        &self.id.text
    }

    /// The id and whether it is a number.
    pub const fn key(&self) -> &Id {
        &self.id
    }
}

/// An edge, between two nodes of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Its type, or the predicate's last part.
    pub kind: SafeText,
    /// The index of the node it leaves.
    pub from: usize,
    /// The index of the node it reaches.
    pub to: usize,
    /// Its properties.
    pub properties: Vec<(SafeText, SafeText)>,
}

/// Nodes and edges, in the order they were met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// Nodes met that did not fit, each time they were met.
    pub nodes_out: u64,
    /// Edges met that did not fit, or an end of which did not.
    pub edges_out: u64,
    /// Rows looked at.
    pub rows: u64,
    bytes: usize,
    by_id: HashMap<String, usize>,
    known: HashMap<String, usize>,
}

/// The columns of triples: which are subject, predicate and object.
pub fn triple_columns(columns: &[Column]) -> Option<[usize; 3]> {
    let at = |name: &str| columns.iter().position(|c| c.name.eq_ignore_ascii_case(name));
    let named = |s, p, o| Some([at(s)?, at(p)?, at(o)?]);
    named("subject", "predicate", "object").or_else(|| named("s", "p", "o").filter(|_| columns.len() == 3))
}

impl Graph {
    /// Looks at further rows of a result until `most` nodes are there or enough was looked at.
    /// Says whether anything was found.
    pub fn gather(&mut self, reader: &RowReader, columns: &[Column], most: usize) -> bool {
        let triples = triple_columns(columns);
        let before = (self.nodes.len(), self.edges.len());
        let rows = reader.rows();
        while self.rows < rows.min(ROWS) && self.bytes < BYTES && self.nodes_out == 0 {
            let mut triple = [const { String::new() }; 3];
            let found = reader.row(self.rows, |column, value| {
                self.bytes += value.raw.len();
                let place = triples.and_then(|t| t.iter().position(|c| *c == column));
                if let Some(part) = place.and_then(|at| triple.get_mut(at)) {
                    *part = prefix(&String::from_utf8_lossy(value.raw), LONGEST_ID).to_owned();
                } else if value.tag == Tag::Json {
                    let head = value.raw.get(..BYTES).unwrap_or(value.raw);
                    self.take(&String::from_utf8_lossy(head), most);
                }
            });
            if !found {
                break;
            }
            let [s, p, o] = &triple;
            if triples.is_some() && !s.is_empty() {
                self.triple(s, p, o, most);
            }
            self.rows += 1;
        }
        before != (self.nodes.len(), self.edges.len())
    }

    /// Takes every entity in `value`: nodes first, so that edges find their ends.
    fn take(&mut self, value: &str, most: usize) {
        let mut found = Vec::new();
        find(value, 0, &mut found);
        let cut = found.len() >= ENTITIES;
        let (nodes, edges): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|e| matches!(e.body, Body::Node(_)));
        for entity in nodes {
            let Body::Node(labels) = entity.body else { continue };
            let Some(at) = self.node(&entity.id, most) else { continue };
            if let Some(node) = self.nodes.get_mut(at) {
                if node.labels.is_empty() {
                    node.labels = labels.iter().map(|l| SafeText::new(prefix(l, LONGEST_WORD))).collect();
                }
                if node.properties.is_empty() {
                    node.properties = entity.properties;
                }
            }
        }
        for entity in edges {
            let Body::Relationship(kind, start, end) = entity.body else { continue };
            self.edge(entity.id.text, &kind, [&start, &end], entity.properties, most);
        }
        // What was not read may hold further nodes: that is told as nodes that do not fit.
        self.nodes_out += u64::from(cut);
    }

    /// One triple: an edge between two resources, a type, or a property.
    fn triple(&mut self, subject: &str, predicate: &str, object: &str, most: usize) {
        let (subject, predicate) = (bare(subject), bare(predicate));
        let Some(at) = self.node(&Id::text(subject), most) else { return };
        let resource = is_resource(object);
        let word = SafeText::new(local_name(predicate));
        if predicate == "http://www.w3.org/1999/02/22-rdf-syntax-ns#type" && resource {
            let label = SafeText::new(prefix(local_name(bare(object)), LONGEST_WORD));
            if let Some(node) = self.nodes.get_mut(at).filter(|n| !n.labels.contains(&label)) {
                node.labels.push(label);
            }
        } else if resource {
            let id = format!("{subject} {predicate} {object}");
            self.edge(id, &word, [&Id::text(subject), &Id::text(bare(object))], Vec::new(), most);
        } else if let Some(node) = self.nodes.get_mut(at).filter(|n| n.properties.len() < 64) {
            let property = (word, SafeText::new(prefix(object, LONGEST_WORD)));
            if !node.properties.contains(&property) {
                node.properties.push(property);
            }
        }
    }

    /// The node with this id, made when it is new and there is room.
    fn node(&mut self, id: &Id, most: usize) -> Option<usize> {
        if let Some(at) = self.by_id.get(&id.text) {
            return Some(*at);
        }
        if self.nodes.len() >= most || id.text.is_empty() || id.text.len() > LONGEST_ID {
            self.nodes_out += 1;
            return None;
        }
        self.by_id.insert(id.text.clone(), self.nodes.len());
        self.nodes.push(Node::new(id));
        Some(self.nodes.len() - 1)
    }

    fn edge(
        &mut self,
        id: String,
        kind: &SafeText,
        [from, to]: [&Id; 2],
        properties: Vec<(SafeText, SafeText)>,
        most: usize,
    ) {
        if self.known.contains_key(&id) {
            return;
        }
        let room = self.edges.len() < most * EDGES_PER_NODE;
        // An end that no row shows is a node all the same: one that is known by its id alone.
        let ends = if room { (self.node(from, most), self.node(to, most)) } else { (None, None) };
        let (Some(from), Some(to)) = ends else {
            self.edges_out += 1;
            return;
        };
        self.known.insert(id, self.edges.len());
        self.edges.push(Edge { kind: SafeText::new(prefix(kind, LONGEST_WORD)), from, to, properties });
    }

    /// The index of the node with this id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The edges of a node, each with the node at its other end: leaving ones first.
    pub fn edges_of(&self, node: usize) -> impl Iterator<Item = (&Edge, usize)> {
        let leaving = self.edges.iter().filter(move |e| e.from == node).map(|e| (e, e.to));
        let coming = self.edges.iter().filter(move |e| e.to == node && e.from != node);
        leaving.chain(coming.map(|e| (e, e.from)))
    }

    /// Lets further rows of another result be looked at: what was looked at before stays.
    pub fn rewind(&mut self) {
        (self.rows, self.bytes, self.nodes_out, self.edges_out) = (0, 0, 0, 0);
    }
}

/// Every entity in `value`, at any depth. An entity's own properties are not looked into.
fn find(value: &str, depth: usize, found: &mut Vec<Entity>) {
    let container = matches!(json::kind(value), Kind::Map | Kind::List);
    if depth > DEEPEST || found.len() >= ENTITIES || !container || !super::entity::holds_entity(value) {
        return;
    }
    match Entity::read(value) {
        Some(entity) => found.push(entity),
        None => {
            for entry in json::entries(value) {
                if found.len() >= ENTITIES {
                    return;
                }
                find(entry.value, depth + 1, found);
            }
        }
    }
}

/// An IRI without its angle brackets.
fn bare(term: &str) -> &str {
    term.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(term)
}

/// Whether an RDF term names a thing: an IRI or a blank node, and no literal.
fn is_resource(term: &str) -> bool {
    if term.starts_with("_:") {
        return true;
    }
    let term = bare(term);
    let Some((scheme, rest)) = term.split_once(':') else { return false };
    let word = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let begins = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let known = rest.starts_with("//") || matches!(scheme, "urn" | "mailto" | "tag" | "doi");
    word && begins && known && !term.contains(|c: char| c.is_whitespace() || c == '"')
}

/// The last part of an IRI; anything else as it is.
pub fn local_name(iri: &str) -> &str {
    if !iri.contains(':') {
        return iri;
    }
    let trimmed = iri.trim_end_matches(['/', '#']);
    let last = trimmed.rsplit(['/', '#']).next().unwrap_or(trimmed);
    let last = if last == trimmed && !last.starts_with("_:") {
        last.rsplit(':').next().unwrap_or(last)
    } else {
        last
    };
    if last.is_empty() { iri } else { last }
}

#[cfg(test)]
mod tests;
