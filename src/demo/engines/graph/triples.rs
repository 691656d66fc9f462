//! SPARQL on oxigraph, over the property graph as triples.
//!
//! | In the property graph | In RDF |
//! |---|---|
//! | vertex `id` with label `model` | `<https://dbdeck.example/graph/model/id> a g:model` |
//! | its property `name` | `g:name "…"`, and `rdfs:label "…"` for its first property |
//! | text, long and int, double, bool, date | `xsd:string`, `xsd:integer`, `xsd:double`, `xsd:boolean`, `xsd:dateTime` |
//! | edge `trained_on` | `<…from> g:trained_on <…to>` |
//!
//! `g:` is `https://dbdeck.example/graph#`. An edge is one triple: its properties are not in RDF.
//! As on Neptune every triple is in a named graph, here Neptune's `DefaultNamedGraph`, and what a
//! query without `FROM` sees is the union of all graphs.

use super::GraphError;
use super::explain::{self, Account};
use crate::demo::graph::{ElementId, Property, PropertyGraph, Vertex};
use crate::model::DialectId;
use crate::query::dialect::{Class, dialect, sparql};
use oxigraph::io::{RdfFormat, RdfSerializer};
use oxigraph::model::vocab::{rdf, rdfs, xsd};
use oxigraph::model::{GraphName, Literal, NamedNode, Quad};
use oxigraph::sparql::results::{QueryResultsFormat, QueryResultsSerializer};
use oxigraph::sparql::{PreparedSparqlQuery, QueryEvaluationError, QueryResults, SparqlEvaluator};
use oxigraph::store::Store;

pub use oxigraph::sparql::CancellationToken as Cancel;

/// Where classes, properties and edges have their names.
pub const VOCABULARY: &str = "https://dbdeck.example/graph#";

/// Where vertices have theirs.
const VERTICES: &str = "https://dbdeck.example/graph/";

/// The graph that Neptune puts triples into which name none.
const GRAPH: &str = "http://aws.amazon.com/neptune/vocab/v01/DefaultNamedGraph";

/// A filled store.
pub struct Engine {
    store: Store,
}

/// Refuses what is no read before the parser sees it: the parser recurses, and the demo calls no host.
pub fn check(query: &str) -> Result<(), GraphError> {
    let verdict = dialect(DialectId::Sparql).classify(query);
    match verdict.class {
        Class::Read => Ok(()),
        Class::Write if verdict.rule == "sparql.service" => {
            Err(GraphError::unsupported("The demo's graph calls no other host: SERVICE is not answered."))
        }
        Class::Write => Err(GraphError::read_only()),
        Class::Unsure => Err(GraphError::malformed(format!("Malformed query: {}", verdict.why))),
    }
}

impl Engine {
    /// An engine that holds `graph`.
    pub fn filled(graph: &PropertyGraph) -> Result<Self, GraphError> {
        let broken = |e: &dyn std::fmt::Display| GraphError::failed(format!("the triple store: {e}"));
        let store = Store::new().map_err(|e| broken(&e))?;
        store.extend(quads(graph)).map_err(|e| broken(&e))?;
        Ok(Self { store })
    }

    /// Content type and body of the answer.
    pub fn answer(
        &self,
        query: &str,
        accept: &str,
        cancel: Cancel,
    ) -> Result<(&'static str, Vec<u8>), GraphError> {
        let prepared = prepared(query, cancel)?;
        let results = prepared.on_store(&self.store).execute().map_err(|e| told(&e))?;
        match results {
            QueryResults::Solutions(solutions) => {
                let (name, format) = results_format(accept);
                let variables = solutions.variables().to_vec();
                let serializer = QueryResultsSerializer::from_format(format);
                let mut body = serializer
                    .serialize_solutions_to_writer(Vec::new(), variables)
                    .map_err(|e| written(&e))?;
                for solution in solutions {
                    let solution = solution.map_err(|e| told(&e))?;
                    body.serialize(&solution).map_err(|e| written(&e))?;
                }
                Ok((name, body.finish().map_err(|e| written(&e))?))
            }
            QueryResults::Boolean(answer) => {
                let (name, format) = results_format(accept);
                let serializer = QueryResultsSerializer::from_format(format);
                let body =
                    serializer.serialize_boolean_to_writer(Vec::new(), answer).map_err(|e| written(&e))?;
                Ok((name, body))
            }
            QueryResults::Graph(triples) => {
                let (name, format) = graph_format(accept);
                let mut body = RdfSerializer::from_format(format).for_writer(Vec::new());
                for triple in triples {
                    let triple = triple.map_err(|e| told(&e))?;
                    body.serialize_triple(&triple).map_err(|e| written(&e))?;
                }
                Ok((name, body.finish().map_err(|e| written(&e))?))
            }
        }
    }

    /// What the engine says of a query, in lines.
    pub fn explain(&self, query: &str, account: Account, cancel: Cancel) -> Result<String, GraphError> {
        let mut bound = prepared(query, cancel)?.on_store(&self.store);
        if account == Account::Profile {
            bound = bound.compute_statistics();
        }
        let (results, explanation) = bound.explain();
        let results = results.map_err(|e| told(&e))?;
        if account == Account::Profile {
            // What is counted is what was asked for: all of it.
            match results {
                QueryResults::Solutions(mut all) => all.try_for_each(|one| one.map(drop)),
                QueryResults::Graph(mut all) => all.try_for_each(|one| one.map(drop)),
                QueryResults::Boolean(_) => Ok(()),
            }
            .map_err(|e| told(&e))?;
        }
        let mut json = Vec::new();
        explanation.write_in_json(&mut json).map_err(|e| written(&e))?;
        let said: serde_json::Value = serde_json::from_slice(&json)
            .map_err(|e| GraphError::failed(format!("reading the plan: {e}")))?;
        Ok(explain::oxigraph(&said, account))
    }
}

/// A query made ready: what it sees without `FROM` is the union of all graphs.
fn prepared(query: &str, cancel: Cancel) -> Result<PreparedSparqlQuery, GraphError> {
    let query = query.trim_start_matches('\u{feff}');
    let evaluator = SparqlEvaluator::new().with_cancellation_token(cancel);
    let mut prepared = sparql::PREFIXES
        .iter()
        .try_fold(evaluator, |evaluator, (name, iri)| evaluator.with_prefix(*name, *iri))
        .and_then(|evaluator| evaluator.with_base_iri(sparql::BASE))
        .map_err(|e| GraphError::failed(format!("the known prefixes: {e}")))?
        .parse_query(query)
        .map_err(|e| GraphError::malformed(format!("Malformed query: {e}")))?;
    if prepared.dataset().is_default_dataset() {
        prepared.dataset_mut().set_default_graph_as_union();
    }
    Ok(prepared)
}

fn written(error: &std::io::Error) -> GraphError {
    GraphError::failed(format!("writing the answer: {error}"))
}

fn told(error: &QueryEvaluationError) -> GraphError {
    match error {
        QueryEvaluationError::Cancelled => GraphError::stopped(),
        other => GraphError::malformed(other.to_string()),
    }
}

/// The first form of results that `accept` names, else JSON as Neptune has it.
fn results_format(accept: &str) -> (&'static str, QueryResultsFormat) {
    let known = [
        ("application/sparql-results+json", QueryResultsFormat::Json),
        ("application/json", QueryResultsFormat::Json),
        ("application/sparql-results+xml", QueryResultsFormat::Xml),
        ("text/csv", QueryResultsFormat::Csv),
        ("text/tab-separated-values", QueryResultsFormat::Tsv),
    ];
    match first(accept, &known) {
        Some(("application/json", format)) => ("application/sparql-results+json", format),
        found => found.unwrap_or(("application/sparql-results+json", QueryResultsFormat::Json)),
    }
}

/// The first form of triples that `accept` names, else N-Quads as Neptune has it.
fn graph_format(accept: &str) -> (&'static str, RdfFormat) {
    let known = [
        ("application/n-quads", RdfFormat::NQuads),
        ("application/n-triples", RdfFormat::NTriples),
        ("text/turtle", RdfFormat::Turtle),
        ("application/x-turtle", RdfFormat::Turtle),
        ("application/rdf+xml", RdfFormat::RdfXml),
    ];
    first(accept, &known).unwrap_or(("application/n-quads", RdfFormat::NQuads))
}

fn first<F: Copy>(accept: &str, known: &[(&'static str, F)]) -> Option<(&'static str, F)> {
    accept.split(',').find_map(|kind| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        known.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)).copied()
    })
}

/// The name of a class, property or edge.
fn named(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{VOCABULARY}{}", encoded(local)))
}

fn vertex_name(vertex: &Vertex) -> NamedNode {
    let id = match &vertex.id {
        ElementId::Number(id) => id.to_string(),
        ElementId::Word(id) => encoded(id),
    };
    NamedNode::new_unchecked(format!("{VERTICES}{}/{id}", encoded(&vertex.label)))
}

/// `text` with what cannot stand in an IRI percent-encoded.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || "-._~:@!$&'()*+,;=".contains(c) {
            out.push(c);
        } else {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

fn literal(property: &Property) -> Literal {
    match property {
        Property::Text(text) => Literal::new_simple_literal(text),
        Property::Int(number) => Literal::from(i64::from(*number)),
        Property::Long(number) => Literal::from(*number),
        Property::Double(number) => Literal::from(*number),
        Property::Bool(yes) => Literal::from(*yes),
        Property::Date(ms) => Literal::new_typed_literal(super::answer::moment(*ms), xsd::DATE_TIME),
    }
}

fn quads(graph: &PropertyGraph) -> Vec<Quad> {
    let home = GraphName::NamedNode(NamedNode::new_unchecked(GRAPH));
    let names: Vec<NamedNode> = graph.vertices().iter().map(vertex_name).collect();
    let mut quads = Vec::with_capacity(graph.edges().len() + graph.vertices().len() * 7);
    for (vertex, name) in graph.vertices().iter().zip(&names) {
        quads.push(Quad::new(name.clone(), rdf::TYPE, named(&vertex.label), home.clone()));
        for (at, (key, value)) in vertex.properties.iter().enumerate() {
            let value = literal(value);
            if at == 0 {
                quads.push(Quad::new(name.clone(), rdfs::LABEL, value.clone(), home.clone()));
            }
            quads.push(Quad::new(name.clone(), named(key), value, home.clone()));
        }
    }
    for edge in graph.edges() {
        if let (Some(from), Some(to)) = (names.get(edge.from), names.get(edge.to)) {
            quads.push(Quad::new(from.clone(), named(&edge.label), to.clone(), home.clone()));
        }
    }
    quads
}
