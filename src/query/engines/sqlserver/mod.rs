//! SQL Server over TDS, by the crate `tiberius`: TLS is required and verified against the same
//! authorities as everywhere here, and the server is told that the intent is to read.

mod session;
mod stream;
mod value;

use super::net::Route;
use super::{EngineOptions, tls};
use crate::aws::Reach;
use crate::model::{EngineId, Failure, FailureKind, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
use crate::query::login::{self as logins, Credentials};
use session::{MsSession, Setup};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stream::{Allowance, Counted};
use tiberius::error::Error;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};

/// The longest a login may take, from the first byte.
const LOGIN: Duration = Duration::from_secs(30);

/// Opens SQL Server sessions.
pub struct SqlServer {
    reach: Arc<Reach>,
    ca_bundle: Option<PathBuf>,
}

impl SqlServer {
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
    ) -> Result<MsSession, Failure> {
        let route = Route::to(target)?;
        tell(Progress::Connecting(route.doing().into()));
        let ca_bundle = self.ca_bundle.clone();
        let authorities = tokio::task::spawn_blocking(move || tls::bundles(ca_bundle.as_deref()))
            .await
            .map_err(|e| Failure::new(FailureKind::Bug, "set up TLS", e.to_string()))??;
        let tcp = route.tcp().await?;
        tell(Progress::Connecting("logging in".into()));
        let who = logins::resolve(login, target, &self.reach).await?;
        let mut config = config(&route, &who, changes);
        for bundle in authorities {
            config.trust_cert_ca_bundle(bundle);
        }
        if let Some(database) = target.database.as_deref().or(target.backend.database.as_deref()) {
            config.database(database);
        }
        let (client, allowance) = connect(config, tcp, &route).await?;
        let setup = Setup {
            doing: format!("query {}", target.resource.name),
            access: self.reach.access().clone(),
            changes,
            locks: Vec::new(),
        };
        let mut session = MsSession::new(client, allowance, setup);
        session.learn_locks().await?;
        Ok(session)
    }
}

/// What the driver is told, but for whom to trust.
fn config(route: &Route, who: &Credentials, changes: bool) -> Config {
    let mut config = Config::new();
    config.host(&route.endpoint.0);
    config.port(route.endpoint.1);
    config.application_name("dbdeck");
    // Without TLS there is no login: nothing is sent in the clear.
    config.encryption(EncryptionLevel::Required);
    config.readonly(!changes);
    config.handshake_timeout(Some(LOGIN));
    config.command_timeout(None);
    let password = who.password.as_ref().map_or("", |p| p.reveal());
    config.authentication(AuthMethod::sql_server(&who.user, password));
    config
}

async fn connect(
    config: Config,
    tcp: tokio::net::TcpStream,
    route: &Route,
) -> Result<(Client<Counted>, Allowance), Failure> {
    let (stream, allowance) = Counted::new(tcp);
    match Client::connect(config, stream).await {
        Ok(client) => Ok((client, allowance)),
        Err(error) => Err(not_opened(&error, route)),
    }
}

/// Why no session was opened.
fn not_opened(error: &Error, route: &Route) -> Failure {
    let unreachable = |why: String| Failure::new(FailureKind::Unreachable, route.doing(), why);
    match error {
        Error::Server(_) => session::failure(error, &route.doing())
            .hint("check user and password; --user names another user, SERVICE:ID/DATABASE another database"),
        Error::Tls(why) => {
            // What follows is advice for programmers, to verify less.
            let why = why.split(" To connect anyway").next().unwrap_or(why);
            unreachable(format!("TLS to {} was refused: {why}", route.endpoint.0))
                .hint("no password was sent; a private authority is trusted by --ca-bundle or AWS_CA_BUNDLE")
        }
        Error::Protocol(why) if why.contains("encryption level") => {
            unreachable("the server offers no TLS".to_owned())
                .hint("dbdeck logs in by verified TLS only; no password was sent")
        }
        Error::Routing { host, port } => unreachable(format!("the server sends readers on to {host}:{port}"))
            .hint("open the row of that replica, or give its address by --address"),
        Error::Io { message, .. } => unreachable(message.clone()),
        other => {
            Failure::new(FailureKind::Garbled, route.doing(), other.to_string()).hint("is the port right?")
        }
    }
}

impl Engine for SqlServer {
    fn id(&self) -> EngineId {
        EngineId::SqlServer
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
