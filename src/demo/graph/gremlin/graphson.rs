//! Values as GraphSON 3.0, in the shape in which Gremlin Server sends them.

use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

use super::value::{Tree, Value};
use crate::demo::graph::{ElementId, Property, PropertyGraph, Vertex};

/// Writes values; it knows the numbers of vertex properties, which the graph itself does not count.
pub struct Writer<'g> {
    graph: &'g PropertyGraph,
    /// For each vertex, the number of its first property.
    first: Vec<usize>,
}

fn typed(name: &str, value: impl Into<Json>) -> Json {
    let mut out = Map::new();
    out.insert("@type".to_owned(), name.into());
    out.insert("@value".to_owned(), value.into());
    Json::Object(out)
}

impl<'g> Writer<'g> {
    /// A writer for values of `graph`.
    pub fn new(graph: &'g PropertyGraph) -> Self {
        let mut next = 0;
        let count = |vertex: &Vertex| {
            let first = next;
            next += vertex.properties.len();
            first
        };
        let first = graph.vertices().iter().map(count).collect();
        Self { graph, first }
    }

    /// The number of a vertex's property.
    pub fn number(&self, vertex: usize, slot: usize) -> i64 {
        self.first.get(vertex).map_or(0, |first| (first + slot) as i64)
    }

    /// `value` as Gremlin Server writes it.
    pub fn put(&self, value: &Value) -> Json {
        self.value(value, true)
    }

    /// `whole`: with the properties of vertices and edges, which are left out in paths and trees.
    fn value(&self, value: &Value, whole: bool) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(yes) => json!(yes),
            Value::Int(n) => typed("g:Int32", json!(n)),
            Value::Long(n) => typed("g:Int64", json!(n)),
            Value::Float(n) => typed("g:Float", real(f64::from(*n))),
            Value::Double(n) => typed("g:Double", real(*n)),
            Value::Decimal(n) => typed("gx:BigDecimal", real(*n)),
            Value::Text(text) => json!(&**text),
            Value::Date(ms) => typed("g:Date", json!(ms)),
            Value::Vertex(at) => self.vertex(*at, whole),
            Value::Edge(at) => self.edge(*at, whole),
            Value::VertexProperty(vertex, slot) => self.vertex_property(*vertex, *slot),
            Value::EdgeProperty(edge, slot) => {
                let property = self.graph.edges().get(*edge).and_then(|e| e.properties.get(*slot));
                property.map_or(Json::Null, |(key, value)| self.property(key, value))
            }
            Value::Token(name) => typed("g:T", json!(name)),
            Value::Direction(name) => typed("g:Direction", json!(name)),
            Value::List(items) => typed("g:List", self.all(items, whole)),
            Value::Set(items) => typed("g:Set", self.all(items, whole)),
            Value::Bulk(items) => self.bulk(items, whole),
            Value::Map(entries) => self.map(entries.iter(), whole),
            Value::Entry(entry) => self.map(std::iter::once(&**entry), whole),
            Value::Path(path) => {
                let labels = path.iter().map(|(_, labels)| {
                    typed("g:Set", labels.iter().map(|label| json!(&**label)).collect::<Json>())
                });
                let objects: Vec<Json> = path.iter().map(|(object, _)| self.value(object, false)).collect();
                typed(
                    "g:Path",
                    json!({ "labels": typed("g:List", labels.collect::<Json>()), "objects": typed("g:List", objects) }),
                )
            }
            Value::Tree(tree) => self.tree(tree),
        }
    }

    fn all(&self, items: &[Value], whole: bool) -> Json {
        items.iter().map(|item| self.value(item, whole)).collect()
    }

    fn map<'v>(&self, entries: impl Iterator<Item = &'v (Value, Value)>, whole: bool) -> Json {
        typed(
            "g:Map",
            entries.flat_map(|(k, v)| [self.value(k, whole), self.value(v, whole)]).collect::<Json>(),
        )
    }

    fn bulk(&self, items: &[Value], whole: bool) -> Json {
        let mut order: Vec<(&Value, i64)> = Vec::new();
        let mut places: HashMap<&Value, usize> = HashMap::new();
        for item in items {
            let place = *places.entry(item).or_insert(order.len());
            match order.get_mut(place) {
                Some((_, count)) => *count += 1,
                None => order.push((item, 1)),
            }
        }
        let pairs =
            order.iter().flat_map(|(item, count)| [self.value(item, whole), typed("g:Int64", json!(count))]);
        typed("g:BulkSet", pairs.collect::<Json>())
    }

    fn tree(&self, tree: &Tree) -> Json {
        let branches = tree
            .0
            .iter()
            .map(|(key, below)| json!({ "key": self.value(key, true), "value": self.tree(below) }));
        typed("g:Tree", branches.collect::<Json>())
    }

    fn id(&self, id: &ElementId) -> Json {
        self.value(&Value::from(id), true)
    }

    fn property(&self, key: &str, value: &Property) -> Json {
        typed("g:Property", json!({ "key": key, "value": self.value(&Value::from(value), true) }))
    }

    fn vertex_property(&self, vertex: usize, slot: usize) -> Json {
        let Some((key, value)) = self.graph.vertices().get(vertex).and_then(|v| v.properties.get(slot))
        else {
            return Json::Null;
        };
        let id = typed("g:Int64", json!(self.number(vertex, slot)));
        typed(
            "g:VertexProperty",
            json!({ "id": id, "value": self.value(&Value::from(value), true), "label": key }),
        )
    }

    fn vertex(&self, at: usize, whole: bool) -> Json {
        let Some(vertex) = self.graph.vertices().get(at) else { return Json::Null };
        let mut out = json!({ "id": self.id(&vertex.id), "label": vertex.label });
        if whole && !vertex.properties.is_empty() {
            let mut properties = Map::new();
            for (slot, (key, _)) in vertex.properties.iter().enumerate() {
                let many = properties.entry(key.as_str()).or_insert_with(|| Json::Array(Vec::new()));
                if let Json::Array(many) = many {
                    many.push(self.vertex_property(at, slot));
                }
            }
            put(&mut out, "properties", Json::Object(properties));
        }
        typed("g:Vertex", out)
    }

    fn edge(&self, at: usize, whole: bool) -> Json {
        let Some(edge) = self.graph.edges().get(at) else { return Json::Null };
        let end = |at: usize| self.graph.vertices().get(at);
        let (Some(from), Some(to)) = (end(edge.from), end(edge.to)) else { return Json::Null };
        let mut out = json!({
            "id": self.id(&edge.id),
            "label": edge.label,
            "inVLabel": to.label,
            "outVLabel": from.label,
            "inV": self.id(&to.id),
            "outV": self.id(&from.id),
        });
        if whole && !edge.properties.is_empty() {
            let properties = edge.properties.iter().map(|(k, v)| (k.clone(), self.property(k, v)));
            put(&mut out, "properties", Json::Object(properties.collect()));
        }
        typed("g:Edge", out)
    }
}

fn put(object: &mut Json, key: &str, value: Json) {
    if let Json::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}

/// A fraction; what JSON has no number for goes as words, as Gremlin Server does it.
fn real(n: f64) -> Json {
    if n.is_finite() {
        json!(n)
    } else if n.is_nan() {
        json!("NaN")
    } else {
        json!(if n < 0.0 { "-Infinity" } else { "Infinity" })
    }
}
