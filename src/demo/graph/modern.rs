//! TinkerPop's two graphs that everybody's examples use, for tests: six vertices, and the songs of a band.

use super::{ElementId, Property, PropertyGraph};

/// "modern": people who know each other and software they made.
pub fn modern() -> PropertyGraph {
    let mut graph = PropertyGraph::default();
    let text = |key: &str, value: &str| (key.to_owned(), Property::Text(value.to_owned()));
    let age = |age| ("age".to_owned(), Property::Int(age));
    for (id, label, properties) in [
        (1, "person", vec![text("name", "marko"), age(29)]),
        (2, "person", vec![text("name", "vadas"), age(27)]),
        (3, "software", vec![text("name", "lop"), text("lang", "java")]),
        (4, "person", vec![text("name", "josh"), age(32)]),
        (5, "software", vec![text("name", "ripple"), text("lang", "java")]),
        (6, "person", vec![text("name", "peter"), age(35)]),
    ] {
        graph.add_vertex(ElementId::Number(id), label, properties);
    }
    for (id, label, from, to, weight) in [
        (7, "knows", 0, 1, 0.5),
        (8, "knows", 0, 3, 1.0),
        (9, "created", 0, 2, 0.4),
        (10, "created", 3, 4, 1.0),
        (11, "created", 3, 2, 0.4),
        (12, "created", 5, 2, 0.2),
    ] {
        let weight = vec![("weight".to_owned(), Property::Double(weight))];
        graph.add_edge(ElementId::Number(id), label, from, to, weight);
    }
    graph
}

/// "grateful": songs, who wrote and sang them, and which followed which.
pub fn grateful() -> PropertyGraph {
    type Properties = serde_json::Map<String, serde_json::Value>;
    #[derive(serde::Deserialize)]
    struct Stored {
        vertices: Vec<(i64, String, Properties)>,
        edges: Vec<StoredEdge>,
    }
    /// Id, label, from, to, properties.
    #[derive(serde::Deserialize)]
    struct StoredEdge(i64, String, i64, i64, Properties);
    let properties = |stored: Properties| {
        let value = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => Property::Text(text),
            other => Property::Int(i32::try_from(other.as_i64().unwrap()).unwrap()),
        };
        stored.into_iter().map(|(key, stored)| (key, value(stored))).collect::<Vec<_>>()
    };
    let stored: Stored = serde_json::from_str(include_str!("../../../tests/corpus/grateful.json")).unwrap();
    let mut graph = PropertyGraph::default();
    for (id, label, stored) in stored.vertices {
        graph.add_vertex(ElementId::Number(id), &label, properties(stored));
    }
    for StoredEdge(id, label, from, to, stored) in stored.edges {
        let end = |id| graph.vertex(&ElementId::Number(id)).unwrap();
        let (from, to) = (end(from), end(to));
        graph.add_edge(ElementId::Number(id), &label, from, to, properties(stored));
    }
    graph
}
