//! A property graph in memory: what the demo's graph databases hold. Gremlin runs on it
//! directly; the openCypher and the SPARQL engine are filled from it, so that the three
//! languages tell one story.

pub mod knowledge;

use std::collections::HashMap;

/// A property's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    /// Words.
    Text(String),
    /// `Int32` in Gremlin.
    Int(i32),
    /// `Int64` in Gremlin.
    Long(i64),
    /// `Double` in Gremlin.
    Double(f64),
    /// Yes or no.
    Bool(bool),
    /// Milliseconds since the Unix epoch: `Date` in Gremlin.
    Date(i64),
}

/// What names a vertex or an edge: TinkerPop's toy graphs count, Neptune uses words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ElementId {
    /// A number.
    Number(i64),
    /// A word.
    Word(String),
}

/// A vertex.
#[derive(Clone, Debug, PartialEq)]
pub struct Vertex {
    /// What names it.
    pub id: ElementId,
    /// Its label.
    pub label: String,
    /// Its properties, in the order they were set. A key may stand more than once (set
    /// cardinality, as Neptune has it).
    pub properties: Vec<(String, Property)>,
    /// Indexes of the edges that leave it, in the order they were added.
    pub outgoing: Vec<usize>,
    /// Indexes of the edges that reach it, in the order they were added.
    pub incoming: Vec<usize>,
}

/// An edge, from vertex index to vertex index.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// What names it.
    pub id: ElementId,
    /// Its label.
    pub label: String,
    /// Index of the vertex it leaves.
    pub from: usize,
    /// Index of the vertex it reaches.
    pub to: usize,
    /// Its properties, in the order they were set.
    pub properties: Vec<(String, Property)>,
}

/// A property graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PropertyGraph {
    vertices: Vec<Vertex>,
    edges: Vec<Edge>,
    by_id: HashMap<ElementId, usize>,
}

impl PropertyGraph {
    /// Adds a vertex and returns its index. An id that is taken keeps its first vertex.
    pub fn add_vertex(&mut self, id: ElementId, label: &str, properties: Vec<(String, Property)>) -> usize {
        if let Some(index) = self.by_id.get(&id) {
            return *index;
        }
        let index = self.vertices.len();
        self.by_id.insert(id.clone(), index);
        let (outgoing, incoming) = (Vec::new(), Vec::new());
        self.vertices.push(Vertex { id, label: label.to_owned(), properties, outgoing, incoming });
        index
    }

    /// Adds an edge between two vertex indexes and returns its index; `None` when one is unknown.
    pub fn add_edge(
        &mut self,
        id: ElementId,
        label: &str,
        from: usize,
        to: usize,
        properties: Vec<(String, Property)>,
    ) -> Option<usize> {
        let index = self.edges.len();
        self.vertices.get(to)?;
        self.vertices.get_mut(from)?.outgoing.push(index);
        self.vertices.get_mut(to)?.incoming.push(index);
        self.edges.push(Edge { id, label: label.to_owned(), from, to, properties });
        Some(index)
    }

    /// The vertices, in the order they were added.
    pub fn vertices(&self) -> &[Vertex] {
        &self.vertices
    }

    /// The edges, in the order they were added.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The index of the vertex with this id.
    pub fn vertex(&self, id: &ElementId) -> Option<usize> {
        self.by_id.get(id).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_found_from_both_ends() {
        let mut graph = PropertyGraph::default();
        let a = graph.add_vertex(ElementId::Number(1), "person", Vec::new());
        let b = graph.add_vertex(ElementId::Word("x".into()), "person", Vec::new());
        let knows = graph.add_edge(ElementId::Number(7), "knows", a, b, Vec::new());
        assert_eq!(knows, Some(0));
        assert_eq!(graph.add_edge(ElementId::Number(8), "knows", a, 9, Vec::new()), None);
        assert_eq!(graph.vertices()[a].outgoing, [0]);
        assert_eq!(graph.vertices()[b].incoming, [0]);
        assert_eq!(graph.edges().len(), 1);
        assert_eq!(graph.vertex(&ElementId::Word("x".into())), Some(b));
    }
}
