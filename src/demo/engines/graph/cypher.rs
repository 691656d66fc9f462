//! openCypher on grafeo.
//!
//! What grafeo does otherwise than Neptune is put right here, or refused:
//!
//! | Neptune | grafeo | here |
//! |---|---|---|
//! | `id(n)` is the element's word | is a number of its own | `(n).~id`, a property that only the engine sees |
//! | a column without `AS` is named by its text | some are renamed | every such column is given its text as alias |
//! | query hints | unknown | the time limit is kept, all are taken out |
//! | `shortestPath` is not supported | gives a path without vertices | refused, as Neptune does |
//! | procedures (Neptune Analytics) | has others | refused |

use super::GraphError;
use super::answer;
use super::watched::{Ended, Watch, Watched, watched};
use crate::demo::graph::{Property, PropertyGraph};
use crate::model::DialectId;
use crate::query::dialect::opencypher::{Outline, outline};
use crate::query::dialect::{Class, Span, dialect};
use grafeo::{Config, GrafeoDB};
use grafeo_common::types::{EdgeId, NodeId, PropertyKey, Timestamp, Value as Cell};
use grafeo_core::LpgStore;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

/// How many reads of the store a query may make: some ten times what a walk over every edge and
/// every property needs, and few enough that the rows they make fit in memory.
pub const STEPS: usize = 5_000_000;

/// The property that holds an element's id. Neptune takes it by this name, too.
const ID: &str = "~id";

/// A query as grafeo takes it.
#[derive(Debug)]
pub struct Prepared {
    text: String,
    parameters: HashMap<String, Cell>,
    /// The time limit of its hint.
    pub limit: Option<Duration>,
}

/// Judges and rewrites `query`.
pub fn prepare(query: &str, parameters: Option<&Value>) -> Result<Prepared, GraphError> {
    let Some(outline) = outline(query) else {
        let verdict = dialect(DialectId::OpenCypher).classify(query);
        return Err(match verdict.class {
            Class::Write => GraphError::read_only(),
            _ => GraphError::malformed(format!("Malformed query: {} ({})", verdict.why, verdict.construct)),
        });
    };
    refuse_what_is_answered_wrongly(query, &outline)?;
    let parameters = match parameters {
        None | Some(Value::Null) => HashMap::new(),
        Some(Value::Object(map)) => map.iter().map(|(name, value)| (name.clone(), cell(value))).collect(),
        Some(_) => return Err(GraphError::malformed("Parameters are a JSON object.")),
    };
    Ok(Prepared { text: rewritten(query, &outline), parameters, limit: limit(query, &outline) })
}

/// Whether the words of `query`, outside quotes, have `word`.
fn mentions(query: &str, word: &str) -> bool {
    let mut spans = Vec::new();
    dialect(DialectId::OpenCypher).highlight(query, &mut spans);
    let bare = query.to_ascii_lowercase();
    bare.match_indices(word).any(|(at, _)| {
        let quoted = |span: &Span| span.start <= at && at < span.end;
        !spans.iter().any(|(span, kind)| {
            use crate::query::dialect::TokenKind as K;
            quoted(span) && matches!(kind, K::Text | K::Comment | K::Quoted)
        })
    })
}

fn refuse_what_is_answered_wrongly(query: &str, outline: &Outline) -> Result<(), GraphError> {
    if mentions(query, "shortestpath") {
        return Err(GraphError::unsupported("shortestPath and allShortestPaths are not supported."));
    }
    if mentions(query, "neptune.") {
        return Err(GraphError::unsupported(
            "Procedures belong to Neptune Analytics, and the demo's graph has none of them.",
        ));
    }
    for call in &outline.calls {
        let name = at(query, call.name).to_ascii_lowercase();
        if NOT_HERE.contains(&name.as_str()) {
            return Err(GraphError::unsupported(format!(
                "The demo's graph does not have the function {name}."
            )));
        }
    }
    Ok(())
}

/// Functions of Neptune that grafeo does not have.
const NOT_HERE: &[&str] = &[
    "collintersection",
    "collsort",
    "collsortmaps",
    "collsortmulti",
    "collsortnodes",
    "collsubtract",
    "colltoset",
    "epochmillis",
    "join",
    "removekeyfrommap",
    "textindexof",
];

fn at(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

/// The milliseconds of `USING QUERY:TIMEOUTMILLISECONDS n`.
fn limit(query: &str, outline: &Outline) -> Option<Duration> {
    let hints = at(query, outline.hints?).to_ascii_uppercase();
    let (_, after) = hints.split_once("TIMEOUTMILLISECONDS")?;
    let digits: String = after.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(Duration::from_millis)
}

/// The query with its hints out, its ids as properties and its columns named.
fn rewritten(query: &str, outline: &Outline) -> String {
    // Byte place, how many bytes go, what comes.
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    if let Some(hints) = outline.hints {
        edits.push((hints.start, hints.end - hints.start, String::new()));
    }
    for call in &outline.calls {
        let name = at(query, call.name);
        if name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("elementId") {
            edits.push((call.name.start, name.len(), String::new()));
            edits.push((call.arguments.end, 0, format!(".`{ID}`")));
        } else if name.eq_ignore_ascii_case("keys") {
            edits.push((call.name.start, 0, "[key IN ".to_owned()));
            edits.push((call.arguments.end, 0, format!(" WHERE key <> '{ID}']")));
        }
    }
    for column in outline.columns.iter().filter(|column| column.alias.is_none()) {
        let name = at(query, column.expression).replace('`', "``");
        edits.push((column.expression.end, 0, format!(" AS `{name}`")));
    }
    // Those at one place stay in the order in which they were noted: a call's before its column's.
    edits.sort_by_key(|(place, ..)| *place);
    let mut text = String::with_capacity(query.len() + 64);
    let mut from = 0;
    for (place, gone, comes) in edits {
        text.push_str(query.get(from..place).unwrap_or_default());
        text.push_str(&comes);
        from = place + gone;
    }
    text.push_str(query.get(from..).unwrap_or_default());
    text.trim().trim_start_matches('\u{feff}').trim_end_matches([';', ' ', '\n', '\r', '\t']).to_owned()
}

/// A parameter.
fn cell(value: &Value) -> Cell {
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
    vertices: HashMap<NodeId, usize>,
    edges: HashMap<EdgeId, usize>,
}

impl Engine {
    /// An engine that holds `graph`.
    pub fn filled(graph: Arc<PropertyGraph>) -> Result<Self, GraphError> {
        let broken = |e: &dyn Display| GraphError::failed(format!("the graph engine: {e}"));
        let store = LpgStore::new().map_err(|e| broken(&e))?;
        let mut nodes = Vec::with_capacity(graph.vertices().len());
        for vertex in graph.vertices() {
            let properties = properties(answer::id(&vertex.id), &vertex.properties);
            nodes.push(store.create_node_with_props(&[&vertex.label], properties));
        }
        let mut edges = HashMap::with_capacity(graph.edges().len());
        for (at, edge) in graph.edges().iter().enumerate() {
            if let (Some(from), Some(to)) = (nodes.get(edge.from), nodes.get(edge.to)) {
                let properties = properties(answer::id(&edge.id), &edge.properties);
                edges.insert(store.create_edge_with_props(*from, *to, &edge.label, properties), at);
            }
        }
        let config = Config::in_memory().without_query_timeout();
        let database =
            GrafeoDB::with_read_store(Arc::new(Watched(Arc::new(store))), config).map_err(|e| broken(&e))?;
        let vertices = nodes.into_iter().enumerate().map(|(at, node)| (node, at)).collect();
        Ok(Self { database, graph, vertices, edges })
    }

    /// Answers `prepared` on this thread, under `watch`.
    pub fn answer(&self, prepared: &Prepared, watch: Watch) -> Result<Value, GraphError> {
        let limit = watch.deadline.saturating_duration_since(std::time::Instant::now());
        let asked = watched(watch, || {
            let session = self.database.session();
            if prepared.parameters.is_empty() {
                session.execute_cypher(&prepared.text)
            } else {
                session.execute_cypher_with_params(&prepared.text, prepared.parameters.clone())
            }
        });
        let result = asked
            .map_err(|ended| match ended {
                Ended::Stopped => GraphError::stopped(),
                Ended::Late => GraphError::late(limit),
                Ended::Greedy => GraphError::new(
                    500,
                    "MemoryLimitExceededException",
                    "The query looked at more of the graph than the demo's engine allows: narrow it.",
                ),
            })?
            .map_err(|error| GraphError::malformed(error.to_string()))?;
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

    /// A value as Neptune writes it.
    fn value(&self, value: &Cell) -> Result<Value, GraphError> {
        Ok(match value {
            Cell::Null => Value::Null,
            Cell::Bool(yes) => json!(yes),
            Cell::Int64(number) => json!(number),
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

    fn list<'a>(&self, list: impl Iterator<Item = &'a Cell>) -> Result<Value, GraphError> {
        list.map(|value| self.value(value)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    fn map(&self, map: &std::collections::BTreeMap<PropertyKey, Cell>) -> Result<Value, GraphError> {
        let get = |key: &str| map.get(&PropertyKey::new(key));
        let lost = || GraphError::failed("The demo's graph lost an element of the answer.");
        if let Some(Cell::Int64(id)) = get("_id") {
            let id = u64::try_from(*id).unwrap_or(u64::MAX);
            if get("_labels").is_some() {
                let at = self.vertices.get(&NodeId::new(id)).copied();
                return at.and_then(|at| answer::vertex(&self.graph, at)).ok_or_else(lost);
            }
            if get("_type").is_some() {
                let at = self.edges.get(&EdgeId::new(id)).copied();
                return at.and_then(|at| answer::edge(&self.graph, at)).ok_or_else(lost);
            }
        }
        let mut object = Map::new();
        for (key, value) in map.iter().filter(|(key, _)| key.as_str() != ID) {
            object.insert(key.as_str().to_owned(), self.value(value)?);
        }
        Ok(Value::Object(object))
    }
}

/// Properties for the store: the id first, and the first value of each name.
fn properties(id: String, all: &[(String, Property)]) -> Vec<(PropertyKey, Cell)> {
    let mut properties = vec![(PropertyKey::new(ID), Cell::from(id.as_str()))];
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
