//! Timestream for InfluxDB over its HTTP API: Flux and InfluxQL on version 2, SQL and InfluxQL on
//! version 3.
//!
//! There is no session to arm and no way to ask for a read alone: the guard's grammars hold, and a
//! token that may only read, which is why none is taken unasked. A statement whose request is
//! dropped ends on the server. Statements are never retried.

mod answer;
#[cfg(test)]
mod tests;

use super::cancel::lost;
use super::intake::Intake;
use crate::aws::{InfluxData, InfluxWay, Reach, failure::failure};
use crate::clock;
use crate::guard::raw::influx;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{
    Column, DialectId, EngineId, Failure, FailureKind, Limits, SafeText, Statement, Summary, Target, Task,
};
use crate::query::engine::{Canceller, Engine, Login, Progress, Secret, Session, Sink};
use crate::query::graph::{Cell, Take};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Mutex, Notify};

/// Opens sessions on InfluxDB's endpoints.
pub struct InfluxDb {
    reach: Arc<Reach>,
}

impl InfluxDb {
    /// Over `reach`.
    pub const fn new(reach: Arc<Reach>) -> Self {
        Self { reach }
    }
}

impl Engine for InfluxDb {
    fn id(&self) -> EngineId {
        EngineId::InfluxDb
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            tell(Progress::Connecting("InfluxDB".into()));
            let doing = format!("query {}", target.resource.name);
            let Some(endpoint) = &target.endpoint else {
                return Err(Failure::new(FailureKind::Usage, doing, "it has no endpoint yet"));
            };
            let way = InfluxWay {
                host: endpoint.host.clone(),
                port: endpoint.port,
                address: target.address.clone(),
            };
            let pass = Pass::of(login, target, &self.reach).await?;
            Ok(Box::new(InfluxSession {
                data: self.reach.influx(&way)?,
                access: self.reach.access().clone(),
                changes,
                doing,
                database: target.database.clone(),
                organisation: Mutex::new(pass.organisation.clone()),
                pass,
                stop: Arc::default(),
            }) as Box<dyn Session>)
        })
    }
}

/// What proves who asks. `Debug` is not derived: it would show the header.
struct Pass {
    authorization: Option<Secret>,
    /// The organisation, where it is known: what the person named as the user.
    organisation: Option<Arc<str>>,
}

/// A secret of Timestream for InfluxDB, or one that the person keeps.
#[derive(Deserialize)]
struct Stored {
    token: Option<String>,
    username: Option<String>,
    password: Option<String>,
    organization: Option<String>,
}

impl Pass {
    async fn of(login: &Login, target: &Target, reach: &Reach) -> Result<Self, Failure> {
        const DOING: &str = "log in to InfluxDB";
        let organisation = target.user.clone();
        let authorization = match login {
            Login::None => None,
            Login::Password(token) => Some(bearer(target, token.reveal())),
            Login::Iam => {
                return Err(Failure::new(FailureKind::Login, DOING, "InfluxDB knows no IAM")
                    .hint("give a token that may only read: made in InfluxDB, given when asked"));
            }
            Login::Secret(name) => {
                let call = reach.secrets_for_login().get_secret_value().secret_id(&**name);
                let answer = call.send().await.map_err(|e| failure("read the login secret", &e))?;
                let text = answer.secret_string().unwrap_or_default();
                // A secret that is no JSON is the token itself.
                let Ok(stored) = serde_json::from_str::<Stored>(text) else {
                    return Ok(Self { authorization: Some(bearer(target, text.trim())), organisation });
                };
                let organisation = organisation.or_else(|| stored.organization.map(Into::into));
                let authorization = match (stored.token, stored.username, stored.password) {
                    (Some(token), ..) => bearer(target, &token),
                    // Version 1's own form, which the compatible `/query` of version 2 takes as well.
                    (None, Some(user), Some(password)) => Secret::new(format!("Token {user}:{password}")),
                    _ => {
                        let why = "the secret holds neither a token nor a user with a password";
                        return Err(Failure::new(FailureKind::Login, DOING, why));
                    }
                };
                return Ok(Self { authorization: Some(authorization), organisation });
            }
        };
        Ok(Self { authorization, organisation })
    }
}

/// The header of a token: version 3 says Bearer where the older ones say Token.
fn bearer(target: &Target, token: &str) -> Secret {
    let scheme = if target.backend.dialect == DialectId::InfluxSql { "Bearer" } else { "Token" };
    Secret::new(format!("{scheme} {token}"))
}

struct InfluxSession {
    data: InfluxData,
    access: LiveAccess,
    changes: bool,
    doing: String,
    database: Option<Arc<str>>,
    organisation: Mutex<Option<Arc<str>>>,
    pass: Pass,
    stop: Arc<Stop>,
}

impl InfluxSession {
    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        if changes && !self.changes || !statement.holds(&self.access.read(), clock::now()) {
            let why = "this session was opened read-only, or the access changed since this was allowed";
            return Err(Failure::new(FailureKind::Refused, self.doing.as_str(), why));
        }
        let started = Instant::now();
        let mut taken = Taken { intake: Intake::new(sink, limits) };
        taken.intake.running();
        let mut notes = Vec::new();
        let ended = tokio::select! {
            ended = self.ask(statement, &mut taken, &mut notes) => ended,
            () = self.stop.0.notified() => {
                let why = "cancelled by dropping the request, which ends it on the server";
                Err(Failure::new(FailureKind::Cancelled, self.doing.as_str(), why))
            }
        };
        taken.intake.publish();
        ended.map_err(|failure| lost(failure, changes))?;
        Ok(Summary {
            rows: taken.intake.rows,
            changed: None,
            truncated: taken.intake.full,
            took_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            notes,
        })
    }

    async fn ask(
        &self,
        statement: &Cleared<Statement>,
        taken: &mut Taken<'_>,
        notes: &mut Vec<SafeText>,
    ) -> Result<(), Failure> {
        let language = statement.get().dialect;
        let organisation = match language {
            DialectId::Flux => Some(self.organisation().await?),
            _ => None,
        };
        if language == DialectId::InfluxSql && self.database.is_none() {
            return Err(Failure::new(FailureKind::Usage, self.doing.as_str(), "which database?")
                .hint("name it behind the resource, as in timestream:ID/DATABASE, or by F9"));
        }
        let asked =
            influx::Asked { database: self.database.as_deref(), organisation: organisation.as_deref() };
        let request = influx::statement(statement, &self.access.read(), self.data.url(), &asked)?;
        let answer = self.send(request).await?;
        let text = std::str::from_utf8(&answer).map_err(|_| {
            Failure::new(FailureKind::Garbled, self.doing.as_str(), "the answer is not UTF-8")
        })?;
        match language {
            DialectId::Flux => answer::flux(text, taken),
            DialectId::InfluxSql => answer::lines(text, taken),
            _ => answer::influxql(text, taken, notes),
        }
    }

    async fn send(
        &self,
        request: aws_smithy_runtime_api::client::orchestrator::HttpRequest,
    ) -> Result<bytes::Bytes, Failure> {
        let authorization = self.pass.authorization.as_ref().map(Secret::reveal);
        let answer = self.data.send(&self.doing, request, authorization).await.map_err(unreachable)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        Err(answer::rejected(&self.doing, answer.status, &answer.body))
    }

    /// The organisation of the token: the one that was named, or the only one that it sees.
    async fn organisation(&self) -> Result<Arc<str>, Failure> {
        let mut known = self.organisation.lock().await;
        if let Some(name) = &*known {
            return Ok(name.clone());
        }
        let body = self.send(influx::organisations(self.data.url())?).await?;
        let all = answer::organisations(&body);
        match all.as_slice() {
            [only] => Ok(known.insert(only.as_str().into()).clone()),
            some => {
                let why = format!("the token sees {} organisations, not one", some.len());
                Err(Failure::new(FailureKind::Usage, self.doing.as_str(), why)
                    .hint("name the organisation as the user: --user ORG, or F9"))
            }
        }
    }
}

/// Nothing answered: the endpoint is inside a VPC.
fn unreachable(failure: Failure) -> Failure {
    if failure.kind != FailureKind::Unreachable || failure.hint.is_some() {
        return failure;
    }
    let about_tls = failure.because.as_str().to_lowercase().contains("certificate");
    failure.hint(if about_tls {
        "nothing was sent; a private authority is trusted by --ca-bundle or AWS_CA_BUNDLE"
    } else {
        "is there a route from here (security group, VPN)? with a tunnel, give its near end by --address"
    })
}

/// Rows on their way into the store.
struct Taken<'s> {
    intake: Intake<'s>,
}

impl Take for Taken<'_> {
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

/// Drops the request under way.
#[derive(Default)]
struct Stop(Notify);

impl Canceller for Stop {
    fn cancel(&self) -> Task<'_, ()> {
        self.0.notify_waiters();
        Box::pin(async { Ok(()) })
    }
}

impl Session for InfluxSession {
    fn run<'a>(
        &'a mut self,
        statement: &'a Cleared<Statement>,
        limits: Limits,
        sink: &'a mut Sink,
    ) -> Task<'a, Summary> {
        Box::pin(self.run_cleared(statement, limits, sink))
    }

    fn canceller(&self) -> Arc<dyn Canceller> {
        self.stop.clone()
    }

    fn locks(&self) -> Vec<SafeText> {
        vec!["no session lock: the guard holds, and what the token may do".into()]
    }

    fn is_alive(&self) -> bool {
        true
    }
}
