//! Neptune Analytics: openCypher by `ExecuteQuery`, whose answer comes as a stream of bytes.

use super::{Taking, check, may_run};
use crate::aws::{Reach, failure::failure};
use crate::guard::{Cleared, LiveAccess};
use crate::model::{
    DialectId, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Target, Task,
};
use crate::query::engine::{Canceller, Engine, Explain, How, Login, Progress, Session, Sink};
use crate::query::graph::cypher;
use aws_sdk_neptunegraph::Client;
use aws_sdk_neptunegraph::types::{ExplainMode, QueryLanguage, QuerySummary};
use aws_smithy_types::{Document, Number};
use bytes::BytesMut;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The most bytes of one answer that are taken in: 1 GiB.
const LARGEST: usize = 1 << 30;

/// Queries a list of the running ones holds: more than may run at once.
const LISTED: i32 = 100;

/// Opens sessions on Neptune Analytics graphs.
pub struct NeptuneAnalytics {
    reach: Arc<Reach>,
}

impl NeptuneAnalytics {
    /// Over `reach`.
    pub const fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}

impl Engine for NeptuneAnalytics {
    fn id(&self) -> EngineId {
        EngineId::NeptuneAnalytics
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("Neptune Analytics".into()));
            let client = self.reach.neptune_graph_data()?;
            let stopper = Stopper {
                client: client.clone(),
                graph: target.resource.name.to_string(),
                current: Mutex::new(None),
            };
            Ok(Box::new(AnalyticsSession {
                client,
                graph: target.resource.name.to_string(),
                access: self.reach.access().clone(),
                changes,
                doing: format!("query {}", target.resource.name),
                how: How::default(),
                stopper: Arc::new(stopper),
            }) as Box<dyn Session>)
        })
    }
}

struct AnalyticsSession {
    client: Client,
    graph: String,
    access: LiveAccess,
    changes: bool,
    doing: String,
    how: How,
    stopper: Arc<Stopper>,
}

impl AnalyticsSession {
    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        may_run(statement, self.changes, &self.access, &self.doing)?;
        let how = std::mem::take(&mut self.how);
        let started = Instant::now();
        let mut taking = Taking::new(sink, limits);
        taking.intake.running();
        let text = &statement.get().text;
        self.stopper.set(Some((text.to_string(), started)));
        let ended = self.ask(text, &how, &mut taking).await;
        self.stopper.set(None);
        taking.intake.publish();
        ended?;
        Ok(taking.summary(started, Vec::new()))
    }

    async fn ask(&self, text: &str, how: &How, taking: &mut Taking<'_>) -> Result<(), Failure> {
        let mode = how.explain.map(|mode| match mode {
            Explain::Plan => ExplainMode::Static,
            _ => ExplainMode::Details,
        });
        let call = self
            .client
            .execute_query()
            .graph_identifier(&self.graph)
            .query_string(text)
            .language(QueryLanguage::OpenCypher)
            .set_explain_mode(mode)
            .set_parameters(documents(&how.params)?);
        let mut payload = call.send().await.map_err(|e| failure(&self.doing, &e))?.payload;
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk
                .map_err(|e| Failure::new(FailureKind::Unreachable, self.doing.as_str(), e.to_string()))?;
            if body.len() + chunk.len() > LARGEST {
                let why = "the answer has more than 1 GiB: ask for less (LIMIT)";
                return Err(Failure::new(FailureKind::Rejected, self.doing.as_str(), why));
            }
            body.extend_from_slice(&chunk);
        }
        if how.explain.is_some() {
            return taking.lines("plan", &String::from_utf8_lossy(&body));
        }
        let body = std::str::from_utf8(&body).map_err(|_| {
            Failure::new(FailureKind::Garbled, self.doing.as_str(), "the answer is not UTF-8")
        })?;
        cypher::rows(body, taking)
    }
}

/// The parameters as the SDK takes them.
fn documents(params: &[(String, String)]) -> Result<Option<HashMap<String, Document>>, Failure> {
    if params.is_empty() {
        return Ok(None);
    }
    let mut all = HashMap::new();
    for (name, json) in params {
        let unusable = || {
            let why = format!("the value of parameter {name} is no JSON");
            Failure::new(FailureKind::Usage, "run the statement", why)
        };
        let value: Json = serde_json::from_str(json).map_err(|_| unusable())?;
        all.insert(name.clone(), document(value));
    }
    Ok(Some(all))
}

fn document(value: Json) -> Document {
    match value {
        Json::Null => Document::Null,
        Json::Bool(yes) => Document::Bool(yes),
        Json::Number(n) => Document::Number(match (n.as_u64(), n.as_i64()) {
            (Some(n), _) => Number::PosInt(n),
            (None, Some(n)) => Number::NegInt(n),
            (None, None) => Number::Float(n.as_f64().unwrap_or(f64::NAN)),
        }),
        Json::String(text) => Document::String(text),
        Json::Array(items) => Document::Array(items.into_iter().map(document).collect()),
        Json::Object(fields) => Document::Object(fields.into_iter().map(|(k, v)| (k, document(v))).collect()),
    }
}

/// Stops what the session runs: found among the running queries by its text, since the service
/// tells no id before the answer.
struct Stopper {
    client: Client,
    graph: String,
    current: Mutex<Option<(String, Instant)>>,
}

impl Stopper {
    fn set(&self, current: Option<(String, Instant)>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = current;
    }

    async fn stop(&self, text: &str, since: Instant) -> Result<(), Failure> {
        const DOING: &str = "cancel the query";
        let listed = self.client.list_queries().graph_identifier(&self.graph).max_results(LISTED);
        let listed = listed.send().await.map_err(|e| failure(DOING, &e))?;
        let most = since.elapsed().as_millis() + 2_000;
        let fits = |query: &&QuerySummary| {
            query.query_string().is_some_and(|t| t.trim() == text.trim())
                && query.elapsed().is_none_or(|ms| u128::try_from(ms).is_ok_and(|ms| ms <= most))
        };
        let mut found = listed.queries().iter().filter(fits).filter_map(QuerySummary::id);
        match (found.next(), found.next()) {
            (None, _) => Ok(()),
            (Some(id), None) => {
                let call = self.client.cancel_query().graph_identifier(&self.graph).query_id(id);
                match call.send().await.map_err(|e| failure(DOING, &e)) {
                    Err(gone) if gone.kind == FailureKind::NotFound => Ok(()),
                    ended => ended.map(drop),
                }
            }
            _ => Err(Failure::new(FailureKind::Rejected, DOING, "several running queries have this text")),
        }
    }
}

impl Canceller for Stopper {
    fn cancel(&self) -> Task<'_, ()> {
        Box::pin(async {
            let current = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
            match current {
                Some((text, since)) => self.stop(&text, since).await,
                None => Ok(()),
            }
        })
    }
}

impl Session for AnalyticsSession {
    fn arrange(&mut self, language: DialectId, how: How) -> Result<(), Failure> {
        check(language, &how, &[Explain::Plan, Explain::Details])?;
        self.how = how;
        Ok(())
    }

    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.stopper.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        vec!["no session lock: the guard and the IAM policy hold".into()]
    }

    fn is_alive(&self) -> bool {
        true
    }
}
