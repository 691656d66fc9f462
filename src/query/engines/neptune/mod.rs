//! Neptune over its HTTPS endpoint: Gremlin and openCypher by the SDK's calls, SPARQL by a signed
//! request of the guard's making.
//!
//! There is no session to arm: a reader endpoint's instances refuse changes, `query=` is never
//! taken for a change, and beside them the guard and the IAM policy hold. Statements are never
//! retried. Source: Neptune user guide, "Gremlin HTTP", "openCypher HTTPS" and "SPARQL HTTP API".

pub mod analytics;
mod call;
mod running;

pub use call::{accept, rejected, told as failed};

use super::intake::Intake;
use crate::aws::{NeptuneWay, Reach};
use crate::clock;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{
    Column, DialectId, EndpointRole, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary,
    Tag, Target, Task,
};
use crate::query::engine::{Canceller, Engine, Explain, How, Login, Progress, Session, Sink};
use crate::query::graph::{Cell, Take};
use running::Running;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

/// Opens sessions on Neptune's endpoints.
pub struct Neptune {
    reach: Arc<Reach>,
}

impl Neptune {
    /// Over `reach`.
    pub const fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}

/// The way to the endpoint of `target`.
///
/// # Errors
/// It has none: the cluster is being made.
pub fn way(target: &Target) -> Result<NeptuneWay, Failure> {
    let Some(endpoint) = &target.endpoint else {
        let doing = format!("connect to {}", target.resource.name);
        return Err(Failure::new(FailureKind::Usage, doing, "it has no endpoint")
            .hint("a cluster that is being made has none yet"));
    };
    Ok(NeptuneWay {
        host: endpoint.host.clone(),
        port: endpoint.port,
        address: target.address.clone(),
        signed: target.backend.iam_login,
    })
}

impl Engine for Neptune {
    fn id(&self) -> EngineId {
        EngineId::Neptune
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("Neptune".into()));
            let data = self.reach.neptune_data(&way(target)?)?;
            let doing = format!("query {}", target.resource.name);
            let reader = target.endpoint.as_ref().is_some_and(|e| e.role == EndpointRole::Reader);
            Ok(Box::new(GraphSession {
                running: Arc::new(Running::new(data.clone(), doing.clone())),
                data,
                access: self.reach.access().clone(),
                changes,
                doing,
                reader,
                how: How::default(),
            }) as Box<dyn Session>)
        })
    }
}

struct GraphSession {
    data: crate::aws::NeptuneData,
    access: LiveAccess,
    changes: bool,
    doing: String,
    reader: bool,
    how: How,
    running: Arc<Running>,
}

impl GraphSession {
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
        let mut notes = Vec::new();
        let call = call::Call {
            data: &self.data,
            running: &self.running,
            access: &self.access,
            statement,
            how: &how,
            doing: &self.doing,
        };
        let ended = match statement.get().dialect {
            DialectId::Gremlin => call.gremlin(&mut taking, &mut notes).await,
            DialectId::Sparql => call.sparql(&mut taking, &mut notes).await,
            _ => call.open_cypher(&mut taking).await,
        };
        self.running.ended();
        taking.intake.publish();
        ended?;
        Ok(taking.summary(started, notes))
    }
}

/// Lock 1 once more, where the statement leaves.
fn may_run(
    statement: &Cleared<Statement>,
    changes: bool,
    access: &LiveAccess,
    doing: &str,
) -> Result<(), Failure> {
    if statement.changes() && !changes || !statement.holds(&access.read(), clock::now()) {
        let why = "this session was opened read-only, or the access changed since this was allowed";
        return Err(Failure::new(FailureKind::Refused, doing, why));
    }
    Ok(())
}

/// Takes the rows of an answer in.
struct Taking<'s> {
    intake: Intake<'s>,
}

impl<'s> Taking<'s> {
    const fn new(sink: &'s mut Sink, limits: Limits) -> Self {
        Self { intake: Intake::new(sink, limits) }
    }

    fn summary(&self, started: Instant, notes: Vec<SafeText>) -> Summary {
        Summary {
            rows: self.intake.rows,
            changed: None,
            truncated: self.intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes,
        }
    }

    /// Text as rows of one column, a line each: what a server says of a plan.
    fn lines(&mut self, column: &str, text: &str) -> Result<(), Failure> {
        let tag = Tag::Text;
        self.columns(&[Column { name: column.into(), type_name: "".into(), tag }]);
        for line in text.lines() {
            if !self.row(&[(tag, Cow::Borrowed(line))])? {
                break;
            }
        }
        Ok(())
    }
}

impl Take for Taking<'_> {
    fn columns(&mut self, columns: &[Column]) {
        self.intake.columns(columns.to_vec());
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<bool, Failure> {
        if !self.intake.admit(cells.iter().map(|(_, text)| text.len()).sum()) {
            return Ok(false);
        }
        for (tag, text) in cells {
            self.intake.value(*tag, text.as_bytes());
        }
        self.intake.end_row()?;
        self.intake.publish_many();
        Ok(true)
    }
}

/// The parameters as one JSON object, when there are any.
fn object(params: &[(String, String)]) -> Option<String> {
    let mut out = String::new();
    let fields = params.iter().map(|(name, json)| (name.as_str(), json.as_str()));
    crate::query::graph::json::push_object(&mut out, fields, String::push_str);
    (!params.is_empty()).then_some(out)
}

/// Refuses what `language` on Neptune has not.
fn check(language: DialectId, how: &How, modes: &[Explain]) -> Result<(), Failure> {
    let usage = |why: String| Failure::new(FailureKind::Usage, "run the statement", why);
    if !how.params.is_empty() && language != DialectId::OpenCypher {
        let why = format!("{} takes no parameters on Neptune", language.language());
        return Err(usage(why).hint("write the values into the statement"));
    }
    for (name, json) in &how.params {
        if serde_json::from_str::<serde::de::IgnoredAny>(json).is_err() {
            return Err(usage(format!("the value of parameter {name} is no JSON"))
                .hint("as in --param name='\"text\"' or --param n=3"));
        }
    }
    match how.explain {
        Some(mode) if !modes.contains(&mode) => {
            Err(usage(format!("there is no mode {} for {} here", mode.word(), language.language())))
        }
        _ => Ok(()),
    }
}

impl Session for GraphSession {
    fn arrange(&mut self, language: DialectId, how: How) -> Result<(), Failure> {
        check(language, &how, &[Explain::Plan, Explain::Dynamic, Explain::Details])?;
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
        self.running.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        let endpoint = if self.reader {
            "reader endpoint: its instances refuse changes"
        } else {
            "no session lock: the guard and the IAM policy hold"
        };
        vec![endpoint.into()]
    }

    fn is_alive(&self) -> bool {
        true
    }
}
