//! openCypher on grafeo: the engine, its filling and its values. [`super::rewrite`] says what is
//! put right before it is asked.

use super::GraphError;
use super::answer;
use super::explain::{self, Account};
use super::rewrite::{ID, Prepared};
use super::watched::{Ended, Watch, Watched, watched};
use crate::demo::graph::{Property, PropertyGraph};
use grafeo::{Config, GrafeoDB, QueryResult};
use grafeo_common::types::{PropertyKey, Timestamp, Value as Cell};
use grafeo_core::LpgStore;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

/// How many steps a query may take in the store: half a million elements or eight million
/// properties, which is every one of the demo's many times, and few enough that the rows they make
/// fit in memory.
pub const STEPS: usize = 8_000_000;

/// Where the engine's numbers of vertices and of edges start. grafeo gives an element as its bare
/// number wherever it stands within a list, a map or a condition; so the numbers are such that no
/// value of the graph is mistaken for one.
const FIRST_VERTEX: i64 = 0x2e0d_0000_0000_0000;
const FIRST_EDGE: i64 = 0x2ed6_0000_0000_0000;

/// A parameter.
pub fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(yes) => Cell::Bool(*yes),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Cell::Float64(number.as_f64().unwrap_or(f64::NAN)), Cell::Int64)
        }
        Value::String(text) => Cell::from(text.as_str()),
        Value::Array(list) => Cell::List(list.iter().map(cell).collect::<Vec<_>>().into()),
        Value::Object(map) => Cell::Map(Arc::new(
            map.iter().map(|(key, value)| (PropertyKey::new(key.as_str()), cell(value))).collect(),
        )),
    }
}

/// A filled engine.
pub struct Engine {
    database: GrafeoDB,
    graph: Arc<PropertyGraph>,
}

impl Engine {
    /// An engine that holds `graph`.
    pub fn filled(graph: Arc<PropertyGraph>) -> Result<Self, GraphError> {
        let broken = |e: &dyn Display| GraphError::failed(format!("the graph engine: {e}"));
        let store = LpgStore::new().map_err(|e| broken(&e))?;
        store.set_next_node_id(FIRST_VERTEX.cast_unsigned());
        store.set_next_edge_id(FIRST_EDGE.cast_unsigned());
        let mut nodes = Vec::with_capacity(graph.vertices().len());
        for vertex in graph.vertices() {
            let properties = properties(&answer::id(&vertex.id), &vertex.properties);
            nodes.push(store.create_node_with_props(&[&vertex.label], properties));
        }
        for edge in graph.edges() {
            if let (Some(from), Some(to)) = (nodes.get(edge.from), nodes.get(edge.to)) {
                let properties = properties(&answer::id(&edge.id), &edge.properties);
                store.create_edge_with_props(*from, *to, &edge.label, properties);
            }
        }
        let config = Config::in_memory().without_query_timeout();
        let watched = Arc::new(Watched(Arc::new(store)));
        let database = GrafeoDB::with_read_store(watched, config).map_err(|e| broken(&e))?;
        Ok(Self { database, graph })
    }

    /// Answers `prepared` on this thread, under `watch`.
    pub fn answer(&self, prepared: &Prepared, watch: Watch, limit: Duration) -> Result<Value, GraphError> {
        let result = self.asked(prepared, watch, limit)?;
        let columns = result.columns.clone();
        let mut rows = Vec::with_capacity(result.row_count());
        for row in result.iter() {
            let mut line = Map::new();
            for (name, value) in columns.iter().zip(row) {
                line.insert(name.clone(), self.value(value)?);
            }
            rows.push(Value::Object(line));
        }
        Ok(json!({ "results": rows }))
    }

    /// What the engine says of `prepared`, in lines.
    pub fn explain(
        &self,
        mut prepared: Prepared,
        account: Account,
        watch: Watch,
        limit: Duration,
    ) -> Result<String, GraphError> {
        let sent = prepared.text.clone();
        let word = if account == Account::Plan { "EXPLAIN" } else { "PROFILE" };
        prepared.text = format!("{word} {sent}");
        let result = self.asked(&prepared, watch, limit)?;
        let said = result.iter().flatten().find_map(|value| match value {
            Cell::String(text) => Some(text.to_string()),
            _ => None,
        });
        let silent = || GraphError::unsupported("The demo's graph engine says nothing of this query.");
        Ok(explain::grafeo(&sent, &said.ok_or_else(silent)?, account))
    }

    fn asked(&self, prepared: &Prepared, watch: Watch, limit: Duration) -> Result<QueryResult, GraphError> {
        let asked = watched(watch, || {
            let session = self.database.session();
            if prepared.parameters.is_empty() {
                session.execute_cypher(&prepared.text)
            } else {
                session.execute_cypher_with_params(&prepared.text, prepared.parameters.clone())
            }
        });
        let greedy = "The query looked at more of the graph than the demo's engine allows: narrow it.";
        asked
            .map_err(|ended| match ended {
                Ended::Stopped => GraphError::stopped(),
                Ended::Late => GraphError::late(limit),
                Ended::Greedy => GraphError::new(500, "MemoryLimitExceededException", greedy),
            })?
            .map_err(|error| told(&error.to_string()))
    }

    /// A value as Neptune writes it.
    fn value(&self, value: &Cell) -> Result<Value, GraphError> {
        Ok(match value {
            Cell::Null => Value::Null,
            Cell::Bool(yes) => json!(yes),
            Cell::Int64(number) => self.element(*number).unwrap_or_else(|| json!(number)),
            Cell::Float64(number) => answer::double(*number),
            Cell::String(text) => json!(text.as_str()),
            Cell::Timestamp(moment) => json!(answer::moment(moment.as_millis())),
            Cell::Date(date) => json!(date.to_string()),
            Cell::Time(time) => json!(time.to_string()),
            Cell::Duration(duration) => json!(duration.to_string()),
            Cell::ZonedDatetime(moment) => json!(moment.to_string()),
            Cell::List(list) => self.list(list.iter())?,
            Cell::Map(map) => self.map(map)?,
            Cell::Path { nodes, edges } => {
                // Vertices and edges by turns.
                let mut parts = Vec::with_capacity(nodes.len() + edges.len());
                let mut edges = edges.iter();
                for node in nodes.iter() {
                    parts.push(node);
                    parts.extend(edges.next());
                }
                self.list(parts.into_iter())?
            }
            _ => {
                return Err(GraphError::unsupported(
                    "The demo's graph has no JSON form for a value of the answer.",
                ));
            }
        })
    }

    /// The vertex or edge whose number this is.
    fn element(&self, number: i64) -> Option<Value> {
        let at = |first: i64| number.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        at(FIRST_EDGE)
            .and_then(|at| answer::edge(&self.graph, at))
            .or_else(|| answer::vertex(&self.graph, at(FIRST_VERTEX)?))
    }

    fn list<'a>(&self, list: impl Iterator<Item = &'a Cell>) -> Result<Value, GraphError> {
        list.map(|value| self.value(value)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    fn map(&self, map: &BTreeMap<PropertyKey, Cell>) -> Result<Value, GraphError> {
        if let Some(Cell::Int64(id)) = map.get(&PropertyKey::new("_id")) {
            let lost = || GraphError::failed("The demo's graph lost an element of the answer.");
            return self.element(*id).ok_or_else(lost);
        }
        let mut object = Map::new();
        for (key, value) in map.iter().filter(|(key, _)| key.as_str() != ID) {
            object.insert(key.as_str().to_owned(), self.value(value)?);
        }
        Ok(Value::Object(object))
    }
}

/// What grafeo says, in Neptune's words. Its grammar is narrower than Neptune's: what it cannot
/// read was read before, and is no mistake of the person's.
fn told(error: &str) -> GraphError {
    let first = error.lines().next().unwrap_or_default();
    if first.contains("Undefined variable") || first.contains("duplicate column") {
        return GraphError::malformed(format!("Malformed query: {first}"));
    }
    GraphError::unsupported(format!("The demo's graph engine does not take this query: {first}"))
}

/// Properties for the store: the id first, and the first value of each name.
fn properties(id: &str, all: &[(String, Property)]) -> Vec<(PropertyKey, Cell)> {
    let mut properties = vec![(PropertyKey::new(ID), Cell::from(id))];
    for (key, value) in all {
        let key = PropertyKey::new(key.as_str());
        if properties.iter().any(|(known, _)| *known == key) {
            continue;
        }
        let value = match value {
            Property::Text(text) => Cell::from(text.as_str()),
            Property::Int(number) => Cell::Int64(i64::from(*number)),
            Property::Long(number) => Cell::Int64(*number),
            Property::Double(number) => Cell::Float64(*number),
            Property::Bool(yes) => Cell::Bool(*yes),
            Property::Date(ms) => Cell::Timestamp(Timestamp::from_millis(*ms)),
        };
        properties.push((key, value));
    }
    properties
}
