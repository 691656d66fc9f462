//! What grafeo does otherwise than Neptune is put right here, or refused:
//!
//! | Neptune | grafeo | here |
//! |---|---|---|
//! | `id(n)` is the element's word | is a number of its own | `(n).~id`, a property that only the engine sees |
//! | a column without `AS` is named by its text | some are renamed | every such column is given its text as alias |
//! | `ORDER BY count(n)` orders by the column of that text | orders wrongly | ordered by the column's alias; another aggregate is refused |
//! | `exists((a)-->(b))`, `size((a)-->(b))` | true, null | `EXISTS { }`, `COUNT { }` |
//! | `sum` of nothing is 0 | is null | `coalesce(sum(…), 0)` |
//! | a named path of several edges | unknown, or its last edge only | the list of its vertices and edges; refused where an edge stands for many |
//! | `collect(x)[0]` | null | refused |
//! | query hints | unknown | the time limit is kept, all are taken out |
//! | `shortestPath` is not supported | gives a path without vertices | refused, as Neptune does |
//! | procedures (Neptune Analytics) | has others | refused |

use super::GraphError;
use super::cypher::cell;
use crate::model::DialectId;
use crate::query::dialect::opencypher::{Call, NamedPath, Outline, PathPart, outline};
use crate::query::dialect::{Class, Span, TokenKind, dialect};
use grafeo_common::types::Value as Cell;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// The property that holds an element's id. Neptune takes it by this name, too.
pub const ID: &str = "~id";

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

/// A range is made in memory before it is used, and no step ends that.
const LONGEST_RANGE: u64 = 1_000_000;

const AGGREGATES: &[&str] =
    &["avg", "collect", "count", "max", "min", "percentilecont", "percentiledisc", "stdev", "stdevp", "sum"];

/// A query as grafeo takes it.
#[derive(Debug)]
pub struct Prepared {
    /// Its text.
    pub text: String,
    /// Its parameters.
    pub parameters: HashMap<String, Cell>,
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
    refuse(query, &outline)?;
    let parameters = match parameters {
        None | Some(Value::Null) => HashMap::new(),
        Some(Value::Object(map)) => map.iter().map(|(name, value)| (name.clone(), cell(value))).collect(),
        Some(_) => return Err(GraphError::malformed("Parameters are a JSON object.")),
    };
    let mut edits = Edits { query, all: Vec::new() };
    if let Some(hints) = outline.hints {
        edits.replace(hints, "");
    }
    edits.calls(&outline);
    edits.paths(&outline)?;
    edits.columns(&outline);
    edits.orders(&outline)?;
    Ok(Prepared { text: edits.applied(), parameters, limit: limit(query, &outline) })
}

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

/// Whether `word` stands in `query` outside quotes and comments.
fn mentions(query: &str, word: &str) -> bool {
    let mut spans = Vec::new();
    dialect(DialectId::OpenCypher).highlight(query, &mut spans);
    spans.retain(|(_, kind)| matches!(kind, TokenKind::Text | TokenKind::Comment | TokenKind::Quoted));
    let quoted = |at: usize| spans.iter().any(|(span, _)| span.start <= at && at < span.end);
    query.to_ascii_lowercase().match_indices(word).any(|(at, _)| !quoted(at))
}

/// Refuses what would be answered wrongly.
fn refuse(query: &str, outline: &Outline) -> Result<(), GraphError> {
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
        let long = |number: &str| number.parse::<u64>().is_ok_and(|number| number > LONGEST_RANGE);
        if name == "range" && at(query, call.arguments).split(|c: char| !c.is_ascii_digit()).any(long) {
            return Err(GraphError::unsupported("The demo's graph makes ranges up to a million."));
        }
        let after = query.get(call.arguments.end..).unwrap_or_default().trim_start();
        if name == "collect" && after.starts_with('[') {
            return Err(GraphError::unsupported(
                "The demo's graph takes no entry out of collect(…): name the list in a WITH first.",
            ));
        }
    }
    Ok(())
}

/// Changes to a query: byte place, how many bytes go, what comes.
struct Edits<'a> {
    query: &'a str,
    all: Vec<(usize, usize, String)>,
}

impl Edits<'_> {
    fn insert(&mut self, place: usize, comes: impl Into<String>) {
        self.all.push((place, 0, comes.into()));
    }

    fn replace(&mut self, span: Span, comes: impl Into<String>) {
        self.all.push((span.start, span.end - span.start, comes.into()));
    }

    fn calls(&mut self, outline: &Outline) {
        for call in &outline.calls {
            let name = at(self.query, call.name).to_ascii_lowercase();
            let pattern = at(self.query, call.arguments)
                .get(1..)
                .is_some_and(|inner| inner.trim_start().starts_with('('));
            match name.as_str() {
                "id" | "elementid" => {
                    self.replace(call.name, "");
                    self.insert(call.arguments.end, format!(".`{ID}`"));
                }
                "keys" => {
                    self.insert(call.name.start, "[key IN ");
                    self.insert(call.arguments.end, format!(" WHERE key <> '{ID}']"));
                }
                "sum" => {
                    self.insert(call.name.start, "coalesce(");
                    self.insert(call.arguments.end, ", 0)");
                }
                "exists" if pattern => self.braces(call, "EXISTS {"),
                "size" if pattern => self.braces(call, "COUNT {"),
                _ => {}
            }
        }
    }

    /// `name( … )` becomes `comes … }`.
    fn braces(&mut self, call: &Call, comes: &str) {
        self.replace(Span { start: call.name.start, end: call.arguments.start + 1 }, comes);
        self.replace(Span { start: call.arguments.end - 1, end: call.arguments.end }, "}");
    }

    /// A named path of several edges becomes the list of its parts wherever it is read.
    fn paths(&mut self, outline: &Outline) -> Result<(), GraphError> {
        for (nth, path) in outline.paths.iter().enumerate() {
            if path.parts.len() <= 3 {
                continue;
            }
            if path.parts.iter().any(|part| part.hops) {
                return Err(GraphError::unsupported(
                    "The demo's graph names a path of one edge or one run of edges, or of several single edges.",
                ));
            }
            let names = self.named_parts(nth, path);
            let only = |edge: bool| {
                let names = names.iter().filter(|(is, _)| *is == edge).map(|(_, name)| name.as_str());
                names.collect::<Vec<_>>().join(", ")
            };
            let whole = names.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
            for read in
                outline.names.iter().filter(|read| at(self.query, **read) == at(self.query, path.name))
            {
                let around =
                    |call: &&Call| call.arguments.start < read.start && read.end < call.arguments.end;
                let call = outline.calls.iter().find(around);
                let column = |span: Span| outline.columns.iter().any(|c| c.own && c.expression == span);
                match call.map(|call| (call, at(self.query, call.name).to_ascii_lowercase())) {
                    None if column(*read) => self.replace(*read, format!("[{whole}]")),
                    Some((call, name)) if name == "length" => {
                        let span = Span { start: call.name.start, end: call.arguments.end };
                        self.replace(span, (path.parts.len() / 2).to_string());
                    }
                    Some((call, name))
                        if matches!(name.as_str(), "nodes" | "relationships")
                            && column(Span { start: call.name.start, end: call.arguments.end }) =>
                    {
                        let span = Span { start: call.name.start, end: call.arguments.end };
                        self.replace(span, format!("[{}]", only(name == "relationships")));
                    }
                    _ => {
                        return Err(GraphError::unsupported(
                            "The demo's graph gives a named path of several edges as a column, with length(), \
                             nodes() and relationships(), and computes nothing else from it.",
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// The names of a path's parts, given to those that have none; whether each is an edge.
    fn named_parts(&mut self, nth: usize, path: &NamedPath) -> Vec<(bool, String)> {
        let mut names = Vec::with_capacity(path.parts.len());
        for (at_part, part) in path.parts.iter().enumerate() {
            let PathPart { name, place, edge, bare, .. } = *part;
            let given = match name {
                Some(name) => at(self.query, name).to_owned(),
                None => {
                    let given = format!("part_{nth}_{at_part}");
                    self.insert(place, if bare { format!("[{given}]") } else { given.clone() });
                    given
                }
            };
            names.push((edge, given));
        }
        names
    }

    /// Names the columns of the answer by their text.
    fn columns(&mut self, outline: &Outline) {
        for column in outline.columns.iter().filter(|column| column.own && column.alias.is_none()) {
            self.insert(column.expression.end, format!(" AS {}", self.quoted(column.expression)));
        }
    }

    fn quoted(&self, span: Span) -> String {
        format!("`{}`", at(self.query, span).replace('`', "``"))
    }

    /// Orders by the column that has the same text.
    fn orders(&mut self, outline: &Outline) -> Result<(), GraphError> {
        for (projection, order) in &outline.orders {
            let same = |c: &&crate::query::dialect::opencypher::Column| {
                c.projection == *projection && at(self.query, c.expression) == at(self.query, *order)
            };
            let column = outline.columns.iter().find(same);
            let alias = column.and_then(|c| match c.alias {
                Some(alias) => Some(at(self.query, alias).to_owned()),
                None => c.own.then(|| self.quoted(c.expression)),
            });
            if let Some(alias) = alias {
                // What was noted for the expression itself is no longer there.
                self.all.retain(|(place, ..)| *place < order.start || *place > order.end);
                self.replace(*order, alias);
                continue;
            }
            let within = |call: &Call| order.start <= call.name.start && call.arguments.end <= order.end;
            let aggregate =
                |call: &Call| AGGREGATES.contains(&at(self.query, call.name).to_ascii_lowercase().as_str());
            if outline.calls.iter().any(|call| within(call) && aggregate(call)) {
                return Err(GraphError::unsupported(
                    "The demo's graph orders by an aggregate only when it is a column, too.",
                ));
            }
        }
        Ok(())
    }

    /// The query with its changes.
    fn applied(mut self) -> String {
        // Those at one place stay in the order in which they were noted: a call's before its column's.
        self.all.sort_by_key(|(place, ..)| *place);
        let mut text = String::with_capacity(self.query.len() + 64);
        let mut from = 0;
        for (place, gone, comes) in self.all {
            text.push_str(self.query.get(from..place).unwrap_or_default());
            text.push_str(&comes);
            from = from.max(place + gone);
        }
        text.push_str(self.query.get(from..).unwrap_or_default());
        text.trim().trim_start_matches('\u{feff}').trim_end_matches([';', ' ', '\n', '\r', '\t']).to_owned()
    }
}
