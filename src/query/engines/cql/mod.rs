//! CQL on Keyspaces and Cassandra: the native protocol, version 4, spoken here.
//!
//! Why not the driver `scylla`: with rustls it verifies a node's address instead of the
//! endpoint's name, which no certificate of Keyspaces holds; it goes on from the endpoint to
//! the nodes that the server names, past a tunnel and past what was verified; it sends statements
//! of its own; and it believes lengths that a server claims. One connection to the endpoint is
//! all that a query tab needs.

mod frame;
mod kind;
mod problem;
mod session;
mod sigv4;
#[cfg(test)]
mod tests;

use super::net::{CONNECT, Route};
use super::{EngineOptions, tls};
use crate::aws::Reach;
use crate::clock;
use crate::model::{EngineId, Failure, FailureKind, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
use crate::query::login as logins;
use aws_credential_types::provider::ProvideCredentials;
use frame::{Answer, Body, Wire, op, said};
use session::{CqlSession, Setup};
use std::path::PathBuf;
use std::sync::Arc;

/// The most steps of a login.
const STEPS: usize = 8;

/// Opens CQL sessions.
pub struct Cql {
    reach: Arc<Reach>,
    ca_bundle: Option<PathBuf>,
}

impl Cql {
    /// Logs in over `reach`.
    pub fn new(reach: Arc<Reach>, options: &EngineOptions) -> Self {
        Self { reach, ca_bundle: options.ca_bundle.clone() }
    }

    async fn open_session(
        &self,
        target: &Target,
        login: &Login,
        changes: bool,
        tell: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<CqlSession, Failure> {
        let route = Route::to(target)?;
        let doing = format!("query {}", target.resource.name);
        tell(Progress::Connecting(route.doing().into()));
        let ca_bundle = self.ca_bundle.clone();
        let tls = tokio::task::spawn_blocking(move || tls::config(ca_bundle.as_deref()))
            .await
            .map_err(|e| Failure::new(FailureKind::Bug, "set up TLS", e.to_string()))??;
        // TLS first: nothing of a login leaves before the endpoint's own name is verified.
        let stream = route.secure(route.tcp().await?, &tls).await?;
        let mut wire = Wire::new(Box::new(stream), doing.clone());
        let host = &*route.endpoint.0;
        let keyspaces = host.starts_with("cassandra") && host.contains(".amazonaws.com");
        tell(Progress::Connecting("logging in".into()));
        let logging_in = self.log_in(&mut wire, target, login, keyspaces);
        tokio::time::timeout(CONNECT * 3, logging_in).await.map_err(|_| {
            Failure::new(FailureKind::Unreachable, "log in", "the server did not answer in time")
        })??;
        let access = self.reach.access().clone();
        let mut session = CqlSession::new(wire, Setup { doing, access, changes, keyspaces });
        if let Some(keyspace) = target.database.as_deref().or(target.backend.database.as_deref()) {
            session.enter(keyspace).await?;
        }
        Ok(session)
    }

    /// Opens the talk and proves who we are, as the server asks.
    async fn log_in(
        &self,
        wire: &mut Wire,
        target: &Target,
        login: &Login,
        keyspaces: bool,
    ) -> Result<(), Failure> {
        let mut body = Body::default();
        body.short(2);
        for (name, value) in [("CQL_VERSION", "3.0.0"), ("DRIVER_NAME", "dbdeck")] {
            body.string(name);
            body.string(value);
        }
        let mut answer = wire.ask(op::STARTUP, &body).await?;
        for _ in 0..STEPS {
            let proof = match answer.op {
                said::READY | said::AUTH_SUCCESS => return Ok(()),
                said::AUTHENTICATE => self.opening(target, login).await?,
                said::AUTH_CHALLENGE => self.signed(&answer, login, wire).await?,
                said::ERROR => return Err(problem::failure(&answer.reader(), "log in", keyspaces)),
                _ => return Err(wire.garbled("the login took a step that does not exist")),
            };
            let mut body = Body::default();
            body.long(&proof);
            answer = wire.ask(op::AUTH_RESPONSE, &body).await?;
        }
        Err(wire.garbled("a login without an end"))
    }

    /// What a login begins with: user and password, or that a signature will follow.
    async fn opening(&self, target: &Target, login: &Login) -> Result<Vec<u8>, Failure> {
        if *login == Login::Iam {
            return Ok(sigv4::OPENING.to_vec());
        }
        let who = logins::resolve(login, target, &self.reach).await?;
        let Some(password) = who.password else { return Err(logins::password_wanted(target)) };
        Ok([b"\0", who.user.as_bytes(), b"\0", password.reveal().as_bytes()].concat())
    }

    /// The answer to a challenge: a signature, when that is how we log in.
    async fn signed(&self, answer: &Answer, login: &Login, wire: &mut Wire) -> Result<Vec<u8>, Failure> {
        const DOING: &str = "sign the login";
        let unsigned = |why: String| {
            Failure::new(FailureKind::Login, DOING, why)
                .hint("AWS credentials are needed: `aws sso login` or another profile")
        };
        if *login != Login::Iam {
            return Err(wire.garbled("the server asks for more than user and password"));
        }
        let mut reader = answer.reader();
        let challenge = reader.value().flatten().unwrap_or_default().to_vec();
        let provider = self.reach.config().credentials_provider();
        let provider = provider.ok_or_else(|| unsigned("no AWS credentials".to_owned()))?;
        let who = provider.provide_credentials().await.map_err(|e| unsigned(e.to_string()))?;
        let (region, now) = (&*self.reach.place().region, clock::now().epoch_ms());
        let signed = sigv4::answer(&challenge, &who, region, now, DOING)?;
        Ok(signed.reveal().as_bytes().to_vec())
    }
}

impl Engine for Cql {
    fn id(&self) -> EngineId {
        EngineId::Cql
    }

    fn open<'a>(
        &'a self,
        target: &'a Target,
        login: &'a Login,
        changes: bool,
        tell: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Task<'a, Box<dyn Session>> {
        Box::pin(async move {
            let session = self.open_session(target, login, changes, tell).await?;
            Ok(Box::new(session) as Box<dyn Session>)
        })
    }
}
