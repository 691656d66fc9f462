//! Values of the graph in Neptune's openCypher JSON: a vertex is `{"~id", "~entityType": "node",
//! "~labels", "~properties"}`, an edge `{"~id", "~entityType": "relationship", "~start", "~end",
//! "~type", "~properties"}`, a path the list of both by turns, a date its ISO text.

use crate::demo::graph::{ElementId, Property, PropertyGraph};
use serde_json::{Map, Value, json};

/// A moment (milliseconds since the epoch) as ISO text in UTC.
pub fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |moment| moment.to_string())
}

/// A number as JSON: what JSON has no number for is its name.
pub fn double(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number)
}

/// An element's id: Neptune's are words.
pub fn id(id: &ElementId) -> String {
    match id {
        ElementId::Number(id) => id.to_string(),
        ElementId::Word(id) => id.clone(),
    }
}

fn property(property: &Property) -> Value {
    match property {
        Property::Text(text) => json!(text),
        Property::Int(number) => json!(number),
        Property::Long(number) => json!(number),
        Property::Double(number) => double(*number),
        Property::Bool(yes) => json!(yes),
        Property::Date(ms) => json!(moment(*ms)),
    }
}

/// Properties by name; a name that stands more than once has a list.
fn properties(all: &[(String, Property)]) -> Map<String, Value> {
    let mut map = Map::new();
    for (key, value) in all {
        let value = property(value);
        match map.get_mut(key) {
            None => {
                map.insert(key.clone(), value);
            }
            Some(Value::Array(several)) => several.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    map
}

/// The vertex at `at`.
pub fn vertex(graph: &PropertyGraph, at: usize) -> Option<Value> {
    let vertex = graph.vertices().get(at)?;
    Some(json!({
        "~id": id(&vertex.id),
        "~entityType": "node",
        "~labels": [vertex.label],
        "~properties": properties(&vertex.properties),
    }))
}

/// The edge at `at`.
pub fn edge(graph: &PropertyGraph, at: usize) -> Option<Value> {
    let edge = graph.edges().get(at)?;
    let end = |at: usize| graph.vertices().get(at).map(|vertex| id(&vertex.id));
    Some(json!({
        "~id": id(&edge.id),
        "~entityType": "relationship",
        "~start": end(edge.from)?,
        "~end": end(edge.to)?,
        "~type": edge.label,
        "~properties": properties(&edge.properties),
    }))
}
