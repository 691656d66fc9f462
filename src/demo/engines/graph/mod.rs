//! The demo's graph databases: one property graph that answers openCypher on grafeo and SPARQL on
//! oxigraph, as a Neptune cluster would. An engine is filled when it is first asked.
//!
//! Nothing is written: the graph is the same for every language, and a change made in one would be
//! unknown to the others. Every query runs on a thread of its own, has a deadline and can be
//! stopped; what is left of it then is nothing.

mod answer;
mod cypher;
mod explain;
mod rewrite;
mod triples;
mod watched;

#[cfg(test)]
mod tests;

pub use explain::Account;

use crate::demo::graph::PropertyGraph;
use serde_json::{Value, json};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How long a query may take when it says nothing of it. (Neptune's own default is two minutes.)
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a query's thread may take to notice that it is over, before it is left alone.
const GRACE: Duration = Duration::from_secs(2);

/// How often a waiting caller looks whether the query was stopped.
const LOOK: Duration = Duration::from_millis(20);

/// Stack of a query's thread, in bytes: both engines recurse with the statement.
const STACK: usize = 32 << 20;

/// An error as Neptune words it: `code` and a sentence, and the status it comes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    /// HTTP status.
    pub status: u16,
    /// Neptune's name for it, as in `MalformedQueryException`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl GraphError {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The statement is not understood.
    fn malformed(message: impl Into<String>) -> Self {
        Self::new(400, "MalformedQueryException", message)
    }

    /// Neptune can, the demo cannot.
    fn unsupported(message: impl Into<String>) -> Self {
        Self::new(400, "UnsupportedOperationException", message)
    }

    fn read_only() -> Self {
        Self::new(400, "ReadOnlyViolationException", "The demo's graph is read only: nothing was changed.")
    }

    fn stopped() -> Self {
        Self::new(500, "CancelledByUserException", "The query was cancelled.")
    }

    fn late(limit: Duration) -> Self {
        let message = format!("The query took longer than its {} milliseconds.", limit.as_millis());
        Self::new(500, "TimeLimitExceededException", message)
    }

    fn failed(message: impl Into<String>) -> Self {
        Self::new(500, "InternalFailureException", message)
    }

    /// The body of the answer, with the request's id.
    pub fn body(&self, request_id: &str) -> Value {
        json!({ "code": self.code, "requestId": request_id, "detailedMessage": self.message, "message": self.message })
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Stops a query from elsewhere. Clones stop the same one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Stops the query that was given this.
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The engines over one graph.
pub struct GraphEngines {
    graph: Arc<PropertyGraph>,
    patience: Duration,
    cypher: OnceLock<Result<Arc<cypher::Engine>, GraphError>>,
    triples: OnceLock<Result<Arc<triples::Engine>, GraphError>>,
}

impl fmt::Debug for GraphEngines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GraphEngines({} vertices)", self.graph.vertices().len())
    }
}

impl GraphEngines {
    /// Engines over `graph`, not yet filled.
    pub fn new(graph: Arc<PropertyGraph>) -> Self {
        Self { graph, patience: PATIENCE, cypher: OnceLock::new(), triples: OnceLock::new() }
    }

    /// The same with another limit for queries that set none.
    #[must_use]
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Answers an openCypher query in Neptune's form: `{"results": [{column: value, …}, …]}`.
    /// Blocks until it is answered.
    ///
    /// # Errors
    /// Neptune's, when the query is malformed, writes or takes too long; and
    /// `UnsupportedOperationException` where Neptune could and the demo's engine cannot.
    pub fn opencypher(&self, query: &str, parameters: Option<&Value>) -> Result<Value, GraphError> {
        self.opencypher_until(query, parameters, &Stop::default())
    }

    /// The same, until `stop`.
    ///
    /// # Errors
    /// The same, and `CancelledByUserException`.
    pub fn opencypher_until(
        &self,
        query: &str,
        parameters: Option<&Value>,
        stop: &Stop,
    ) -> Result<Value, GraphError> {
        self.on_cypher(query, parameters, stop, |engine, prepared, watched, limit| {
            engine.answer(&prepared, watched, limit)
        })
    }

    /// What the engine says of an openCypher query instead of its rows, in lines, until `stop`.
    ///
    /// # Errors
    /// As [`Self::opencypher_until`].
    pub fn opencypher_explained(
        &self,
        query: &str,
        parameters: Option<&Value>,
        account: Account,
        stop: &Stop,
    ) -> Result<String, GraphError> {
        self.on_cypher(query, parameters, stop, move |engine, prepared, watched, limit| {
            engine.explain(prepared, account, watched, limit)
        })
    }

    fn on_cypher<T: Send + 'static>(
        &self,
        query: &str,
        parameters: Option<&Value>,
        stop: &Stop,
        work: impl FnOnce(&cypher::Engine, rewrite::Prepared, watched::Watch, Duration) -> Result<T, GraphError>
        + Send
        + 'static,
    ) -> Result<T, GraphError> {
        let prepared = rewrite::prepare(query, parameters)?;
        let limit = prepared.limit.map_or(self.patience, |own| own.min(self.patience));
        let filled = self.cypher.get_or_init(|| cypher::Engine::filled(self.graph.clone()).map(Arc::new));
        let engine = filled.clone()?;
        let watched =
            watched::Watch { stop: stop.0.clone(), deadline: Instant::now() + limit, steps: cypher::STEPS };
        run(limit, stop, &|| {}, move || work(&engine, prepared, watched, limit))
    }

    /// Answers a SPARQL query in a form that `accept` takes: results in JSON, XML, CSV or TSV,
    /// triples in N-Quads, N-Triples or Turtle. Content type and body. Blocks until it is answered.
    ///
    /// # Errors
    /// Neptune's, when the query is malformed, writes, leaves the server or takes too long.
    pub fn sparql(&self, query: &str, accept: &str) -> Result<(&'static str, Vec<u8>), GraphError> {
        self.sparql_until(query, accept, &Stop::default())
    }

    /// The same, until `stop`.
    ///
    /// # Errors
    /// The same, and `CancelledByUserException`.
    pub fn sparql_until(
        &self,
        query: &str,
        accept: &str,
        stop: &Stop,
    ) -> Result<(&'static str, Vec<u8>), GraphError> {
        let accept = accept.to_owned();
        self.on_triples(query, stop, move |engine, query, token| engine.answer(&query, &accept, token))
    }

    /// What the engine says of a SPARQL query instead of its rows, in lines, until `stop`.
    ///
    /// # Errors
    /// As [`Self::sparql_until`].
    pub fn sparql_explained(&self, query: &str, account: Account, stop: &Stop) -> Result<String, GraphError> {
        self.on_triples(query, stop, move |engine, query, token| engine.explain(&query, account, token))
    }

    fn on_triples<T: Send + 'static>(
        &self,
        query: &str,
        stop: &Stop,
        work: impl FnOnce(&triples::Engine, String, triples::Cancel) -> Result<T, GraphError> + Send + 'static,
    ) -> Result<T, GraphError> {
        triples::check(query)?;
        let filled = self.triples.get_or_init(|| triples::Engine::filled(&self.graph).map(Arc::new));
        let engine = filled.clone()?;
        let query = query.to_owned();
        let cancel = triples::Cancel::new();
        let token = cancel.clone();
        run(self.patience, stop, &|| cancel.cancel(), move || work(&engine, query, token))
    }
}

/// Queries that were given up and whose threads still run. An engine can be within a step that
/// takes long and reads nothing; it ends with that step.
static LEFT_ALONE: AtomicUsize = AtomicUsize::new(0);

/// How many of those there may be: more would take the machine's cores.
const MOST_LEFT_ALONE: usize = 2;

/// Runs `work` on a thread of its own for at most `limit`, or until `stop`; `cancel` tells it.
fn run<T: Send + 'static>(
    limit: Duration,
    stop: &Stop,
    cancel: &dyn Fn(),
    work: impl FnOnce() -> Result<T, GraphError> + Send + 'static,
) -> Result<T, GraphError> {
    if LEFT_ALONE.load(Ordering::Relaxed) >= MOST_LEFT_ALONE {
        let message = "The demo's engine is still ending queries that took too long: try again later.";
        return Err(GraphError::new(500, "TooManyRequestsException", message));
    }
    let (done, outcome) = channel();
    let alone = Arc::new(AtomicBool::new(false));
    let left = alone.clone();
    let work = move || {
        let end = End(left);
        // Nobody may be waiting any more.
        let _ = done.send(work());
        drop(end);
    };
    std::thread::Builder::new()
        .name("demo-graph".to_owned())
        .stack_size(STACK)
        .spawn(work)
        .map_err(|e| GraphError::failed(format!("no thread for the query: {e}")))?;
    let started = Instant::now();
    let mut over: Option<(Instant, GraphError)> = None;
    loop {
        match (outcome.recv_timeout(LOOK), &over) {
            (Ok(_), Some((_, why))) => return Err(why.clone()),
            (Ok(outcome), None) => return outcome,
            (Err(RecvTimeoutError::Disconnected), _) => {
                return Err(GraphError::failed("The demo's engine broke down over this query."));
            }
            (Err(RecvTimeoutError::Timeout), Some((since, why))) if since.elapsed() > GRACE => {
                LEFT_ALONE.fetch_add(1, Ordering::Relaxed);
                drop(End(alone));
                return Err(why.clone());
            }
            (Err(RecvTimeoutError::Timeout), Some(_)) => {}
            (Err(RecvTimeoutError::Timeout), None) => {
                let why = if stop.is_set() {
                    GraphError::stopped()
                } else if started.elapsed() > limit {
                    GraphError::late(limit)
                } else {
                    continue;
                };
                cancel();
                over = Some((Instant::now(), why));
            }
        }
    }
}

/// Half of a query: its thread, or whoever gave it up. The half that ends last puts
/// [`LEFT_ALONE`] right.
struct End(Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        if self.0.swap(true, Ordering::Relaxed) {
            LEFT_ALONE.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
