//! The demo's graph database as its clients meet it: statements in three languages over HTTP,
//! what runs, how it is stopped, and what the graph holds. One graph for all.

use super::graph::{Account, GraphEngines, GraphError, Stop};
use crate::demo::graph::gremlin::{EvaluateError, evaluate, explain, profile};
use crate::demo::graph::{PropertyGraph, knowledge::knowledge};
use crate::guard::raw;
use crate::query::dialect::gremlin;
use crate::query::engines::neptune::accept;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// An HTTP status and a body.
pub type Answer = (u16, Vec<u8>);

/// The graph and the engines over it, made when first asked.
pub struct Knowledge {
    filled: OnceLock<(Arc<PropertyGraph>, GraphEngines)>,
    running: Mutex<BTreeMap<String, Running>>,
    served: AtomicU64,
}

/// A statement under way.
#[derive(Clone)]
struct Running {
    language: &'static str,
    text: String,
    since: Instant,
    stop: Stop,
    halt: Arc<AtomicBool>,
}

impl fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Knowledge")
    }
}

impl Default for Knowledge {
    fn default() -> Self {
        Self { filled: OnceLock::new(), running: Mutex::default(), served: AtomicU64::new(0) }
    }
}

/// An error as Neptune words it.
pub fn fault(status: u16, code: &str, words: &str) -> Answer {
    let body = json!({ "requestId": "demo", "code": code, "detailedMessage": words, "message": words });
    (status, body.to_string().into_bytes())
}

fn ok(body: &Json) -> Answer {
    (200, body.to_string().into_bytes())
}

fn wrong(error: &GraphError) -> Answer {
    (error.status, error.body("demo").to_string().into_bytes())
}

impl Knowledge {
    fn filled(&self) -> &(Arc<PropertyGraph>, GraphEngines) {
        self.filled.get_or_init(|| {
            let graph = Arc::new(knowledge());
            let engines = GraphEngines::new(graph.clone());
            (graph, engines)
        })
    }

    /// Answers a request to `path` of an endpoint; blocks until it is answered.
    pub fn answer(&self, path: &str, body: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(body);
        let parts: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
        match parts.as_slice() {
            ["gremlin"] => self.gremlin(&text, None),
            ["gremlin", "explain"] => self.gremlin(&text, Some(Account::Plan)),
            ["gremlin", "profile"] => self.gremlin(&text, Some(Account::Profile)),
            ["opencypher"] | ["opencypher", "explain"] => self.open_cypher(&text, "query"),
            ["sparql"] => self.sparql(&text),
            [language @ ("gremlin" | "opencypher"), "status"] => self.listed(language),
            [_, "status", id] => self.cancel(id),
            ["sparql", "status"] => match raw::field(&text, "queryId") {
                Some(id) => self.cancel(&id),
                None => self.listed("sparql"),
            },
            ["propertygraph", "statistics", "summary"] => ok(&json!({
                "status": "200 OK",
                "payload": { "version": "v1", "graphSummary": self.summary() }
            })),
            ["rdf", "statistics", "summary"] => self.rdf_summary(),
            _ => fault(400, "UnsupportedOperationException", &format!("the demo does not answer /{path}")),
        }
    }

    /// Answers a request to `path` of an Analytics graph.
    pub fn analytics(&self, path: &str, body: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(body);
        let parts: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
        match parts.as_slice() {
            ["queries"] if !text.is_empty() => self.open_cypher(&text, "query"),
            ["queries"] => {
                let running = self.lock();
                let queries: Vec<Json> = running.iter().map(|(id, q)| json!({
                    "id": id, "queryString": q.text, "waited": 0, "elapsed": elapsed(q), "state": "RUNNING"
                })).collect();
                ok(&json!({ "queries": queries }))
            }
            ["queries", id] => self.cancel(id),
            ["summary"] => ok(&json!({ "version": "v1", "graphSummary": self.summary() })),
            _ => fault(400, "ValidationException", &format!("the demo does not answer /{path}")),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` as a statement that others can see and stop.
    fn run<T>(
        &self,
        language: &'static str,
        id: Option<String>,
        text: &str,
        work: impl FnOnce(&Running) -> T,
    ) -> T {
        let number = self.served.fetch_add(1, Ordering::Relaxed);
        let id = id.unwrap_or_else(|| format!("00000000-0000-4000-8000-{number:012x}"));
        let running = Running {
            language,
            text: text.to_owned(),
            since: Instant::now(),
            stop: Stop::default(),
            halt: Arc::default(),
        };
        self.lock().insert(id.clone(), running.clone());
        let ended = work(&running);
        self.lock().remove(&id);
        ended
    }

    fn cancel(&self, id: &str) -> Answer {
        let Some(running) = self.lock().get(id).cloned() else {
            return fault(400, "InvalidParameterException", "Supplied queryId is invalid");
        };
        running.halt.store(true, Ordering::Relaxed);
        running.stop.now();
        ok(&json!({ "status": "200 OK", "payload": true }))
    }

    fn listed(&self, language: &str) -> Answer {
        let running = self.lock();
        let of = running.iter().filter(|(_, q)| q.language == language);
        let queries: Vec<Json> = of
            .map(|(id, q)| {
                json!({
                    "queryId": id,
                    "queryString": q.text.chars().take(1_024).collect::<String>(),
                    "queryEvalStats": { "waited": 0, "elapsed": elapsed(q), "cancelled": false }
                })
            })
            .collect();
        ok(&json!({
            "acceptedQueryCount": queries.len(), "runningQueryCount": queries.len(), "queries": queries
        }))
    }

    fn gremlin(&self, body: &str, account: Option<Account>) -> Answer {
        #[derive(serde::Deserialize)]
        struct Asked {
            gremlin: String,
            #[serde(rename = "queryId")]
            id: Option<String>,
        }
        let Ok(asked) = serde_json::from_str::<Asked>(body) else {
            return fault(400, "BadRequestException", "no traversal in the body");
        };
        let traversal = match gremlin::parse(&asked.gremlin) {
            Ok(traversal) => traversal,
            Err(refusal) => return fault(400, "MalformedQueryException", &refusal.why),
        };
        let (graph, _) = self.filled();
        let ended = self.run("gremlin", asked.id, &asked.gremlin, |running| match account {
            Some(Account::Plan) => explain(graph, &traversal).map(|text| (200, text.into_bytes())),
            Some(Account::Profile) => {
                profile(graph, &traversal, &running.halt).map(|text| (200, text.into_bytes()))
            }
            None => evaluate(graph, &traversal, &running.halt).map(|data| {
                ok(&json!({
                    "requestId": "demo",
                    "status": { "message": "", "code": 200, "attributes": { "@type": "g:Map", "@value": [] } },
                    "result": { "data": data, "meta": { "@type": "g:Map", "@value": [] } }
                }))
            }),
        });
        ended.unwrap_or_else(|error| {
            let (status, code) = match error {
                EvaluateError::Unknown { .. } => (400, "UnsupportedOperationException"),
                EvaluateError::Stopped => (500, "CancelledByUserException"),
                EvaluateError::TooLong => (500, "MemoryLimitExceededException"),
                _ => (400, "InvalidParameterException"),
            };
            fault(status, code, &error.to_string())
        })
    }

    fn open_cypher(&self, body: &str, field: &str) -> Answer {
        let asked: Json = serde_json::from_str(body).unwrap_or_default();
        let Some(query) = asked.get(field).and_then(Json::as_str) else {
            return fault(400, "BadRequestException", "no query in the body");
        };
        // Neptune takes parameters as JSON text, Neptune Analytics as JSON.
        let params = match asked.get("parameters") {
            Some(Json::String(text)) => serde_json::from_str(text).ok(),
            other => other.cloned(),
        };
        let (_, engines) = self.filled();
        let ended = self.run("opencypher", None, query, |running| match asked.get("explain").map(account) {
            None => engines.opencypher_until(query, params.as_ref(), &running.stop).map(|all| ok(&all)),
            Some(account) => {
                let told = engines.opencypher_explained(query, params.as_ref(), account, &running.stop);
                told.map(|text| (200, text.into_bytes()))
            }
        });
        ended.unwrap_or_else(|error| wrong(&error))
    }

    fn sparql(&self, form: &str) -> Answer {
        let Some(query) = raw::field(form, "query") else {
            return fault(400, "ReadOnlyViolationException", "the demo's graph is read only");
        };
        let explain = raw::field(form, "explain").map(|mode| account(&Json::from(mode)));
        let (_, engines) = self.filled();
        let ended = self.run("sparql", raw::field(form, "queryId"), &query, |running| match explain {
            None => engines.sparql_until(&query, accept(&query), &running.stop).map(|(_, body)| (200, body)),
            Some(account) => {
                let told = engines.sparql_explained(&query, account, &running.stop);
                told.map(|text| (200, text.into_bytes()))
            }
        });
        ended.unwrap_or_else(|error| wrong(&error))
    }

    /// What is in the graph, counted.
    fn summary(&self) -> Json {
        let (graph, _) = self.filled();
        let node_labels: BTreeSet<&str> = graph.vertices().iter().map(|v| v.label.as_str()).collect();
        let edge_labels: BTreeSet<&str> = graph.edges().iter().map(|e| e.label.as_str()).collect();
        let node_keys: BTreeSet<&str> =
            graph.vertices().iter().flat_map(|v| &v.properties).map(|(k, _)| k.as_str()).collect();
        let edge_keys: BTreeSet<&str> =
            graph.edges().iter().flat_map(|e| &e.properties).map(|(k, _)| k.as_str()).collect();
        let node_values: usize = graph.vertices().iter().map(|v| v.properties.len()).sum();
        let edge_values: usize = graph.edges().iter().map(|e| e.properties.len()).sum();
        json!({
            "numNodes": graph.vertices().len(),
            "numEdges": graph.edges().len(),
            "numNodeLabels": node_labels.len(),
            "numEdgeLabels": edge_labels.len(),
            "nodeLabels": node_labels,
            "edgeLabels": edge_labels,
            "numNodeProperties": node_keys.len(),
            "numEdgeProperties": edge_keys.len(),
            "totalNodePropertyValues": node_values,
            "totalEdgePropertyValues": edge_values
        })
    }

    /// The same for triples, counted by the engine that holds them.
    fn rdf_summary(&self) -> Answer {
        const COUNT: &str = "SELECT (COUNT(*) AS ?quads) (COUNT(DISTINCT ?s) AS ?subjects) \
                             (COUNT(DISTINCT ?p) AS ?predicates) WHERE { ?s ?p ?o }";
        let (_, engines) = self.filled();
        let body = match engines.sparql(COUNT, accept(COUNT)) {
            Ok((_, body)) => body,
            Err(error) => return wrong(&error),
        };
        let counted: Json = serde_json::from_slice(&body).unwrap_or_default();
        let of = |name: &str| {
            let value = counted.pointer(&format!("/results/bindings/0/{name}/value"));
            value.and_then(Json::as_str).and_then(|n| n.parse::<u64>().ok())
        };
        ok(&json!({
            "status": "200 OK",
            "payload": { "version": "v1", "graphSummary": {
                "numQuads": of("quads"),
                "numDistinctSubjects": of("subjects"),
                "numDistinctPredicates": of("predicates")
            } }
        }))
    }
}

/// What Neptune's modes ask of an engine: `static` runs nothing.
fn account(mode: &Json) -> Account {
    if mode.as_str() == Some("static") { Account::Plan } else { Account::Profile }
}

fn elapsed(running: &Running) -> u64 {
    u64::try_from(running.since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
