//! MySQL, MariaDB, Aurora MySQL: the wire protocol, spoken here because a client that offers
//! local files or several statements in one text, as the libraries do, cannot be made safe.

mod login;
mod message;
mod session;
mod wire;

use super::cancel::{Line, Stopper};
use super::net::{CONNECT, Route};
use super::{EngineOptions, Stream, tls};
use crate::aws::Reach;
use crate::model::{EngineId, Failure, FailureKind, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
use crate::query::login::{self as logins, Credentials};
use message::{Greeting, ServerError};
use session::{MySession, Setup};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::Wire;

/// The longest a login may take, from the first byte.
const LOGIN: Duration = Duration::from_secs(30);

/// Opens MySQL sessions.
pub struct MySql {
    reach: Arc<Reach>,
    ca_bundle: Option<PathBuf>,
}

impl MySql {
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
    ) -> Result<MySession, Failure> {
        let route = Route::to(target)?;
        let doing = format!("query {}", target.resource.name);
        tell(Progress::Connecting(route.doing().into()));
        let ca_bundle = self.ca_bundle.clone();
        let tls = tokio::task::spawn_blocking(move || tls::config(ca_bundle.as_deref()))
            .await
            .map_err(|e| Failure::new(FailureKind::Bug, "set up TLS", e.to_string()))??;
        let way = Way {
            route,
            tls,
            login: login.clone(),
            target: target.clone(),
            reach: self.reach.clone(),
            doing: doing.clone(),
        };
        let (wire, greeting) = way.connect(tell).await?;
        let setup = Setup {
            doing,
            access: self.reach.access().clone(),
            changes,
            deprecate_eof: login::capabilities(greeting.capabilities, false) & login::DEPRECATE_EOF != 0,
            mariadb: greeting.mariadb,
            locks: Vec::new(),
        };
        let line = Arc::new(Line::new(Kill { way, id: greeting.id }));
        let mut session = MySession::new(wire, line, setup);
        session.learn_locks().await?;
        Ok(session)
    }
}

impl Engine for MySql {
    fn id(&self) -> EngineId {
        EngineId::MySql
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

/// The way to one server, for the session and for what stops it.
struct Way {
    route: Route,
    tls: Arc<rustls::ClientConfig>,
    login: Login,
    target: Target,
    reach: Arc<Reach>,
    doing: String,
}

impl Way {
    /// A connection that is logged in.
    async fn connect(&self, tell: &(dyn Fn(Progress) + Send + Sync)) -> Result<(Wire, Greeting), Failure> {
        let stream = self.route.tcp().await?;
        let (stream, greeting) =
            tokio::time::timeout(CONNECT, self.greet(stream)).await.map_err(|_| {
                Failure::new(FailureKind::Unreachable, self.route.doing(), "the server does not greet")
            })??;
        tell(Progress::Connecting("logging in".into()));
        let who = logins::resolve(&self.login, &self.target, &self.reach).await?;
        let mut wire = Wire::new(stream, self.doing.clone(), 2);
        let logging_in = self.log_in(&mut wire, &greeting, &who);
        tokio::time::timeout(LOGIN, logging_in).await.map_err(|_| {
            Failure::new(FailureKind::Unreachable, "log in", "the server did not answer in time")
        })??;
        Ok((wire, greeting))
    }

    /// Reads the greeting and goes over to verified TLS.
    async fn greet(&self, mut stream: tokio::net::TcpStream) -> Result<(Box<dyn Stream>, Greeting), Failure> {
        let broken =
            |e: std::io::Error| Failure::new(FailureKind::Unreachable, self.route.doing(), e.to_string());
        let garbled = || {
            Failure::new(FailureKind::Garbled, self.route.doing(), "this is not MySQL")
                .hint("is the port right?")
        };
        // Exactly the greeting: what a meddler appends in the clear must not be taken for the server's.
        let mut header = [0; 4];
        stream.read_exact(&mut header).await.map_err(broken)?;
        let [a, b, c, sequence] = header;
        let len = u32::from_le_bytes([a, b, c, 0]) as usize;
        if sequence != 0 || len > 4_096 {
            return Err(garbled());
        }
        let mut body = vec![0; len];
        stream.read_exact(&mut body).await.map_err(broken)?;
        if body.first() == Some(&0xff) {
            return Err(ServerError::parse(&body).failure(&self.route.doing()));
        }
        let greeting = Greeting::parse(&body).ok_or_else(garbled)?;
        if greeting.capabilities & login::SSL == 0 {
            return Err(Failure::new(
                FailureKind::Unreachable,
                self.route.doing(),
                "the server offers no TLS",
            )
            .hint("dbdeck logs in by verified TLS only; no password was sent"));
        }
        let flags = login::capabilities(greeting.capabilities, self.database().is_some());
        stream.write_all(&login::tls_request(flags)).await.map_err(broken)?;
        let stream = self.route.secure(stream, &self.tls).await?;
        Ok((Box::new(stream), greeting))
    }

    fn database(&self) -> Option<&str> {
        self.target.database.as_deref().or(self.target.backend.database.as_deref())
    }

    async fn log_in(&self, wire: &mut Wire, greeting: &Greeting, who: &Credentials) -> Result<(), Failure> {
        let failure = match login::log_in(wire, greeting, who, self.database(), &self.doing).await {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        Err(match (failure.kind, &self.login) {
            (FailureKind::Login, _) if failure.hint.is_some() => failure,
            (FailureKind::Login, Login::Iam) => failure
                .hint("IAM login needs a user made with AWSAuthenticationPlugin and `rds-db:connect` on it"),
            (FailureKind::Login, Login::Secret(_)) => {
                failure.hint("is the secret this database's, and is its rotation over?")
            }
            (FailureKind::Login, _) => failure.hint("check user and password; --user names another user"),
            _ => failure,
        })
    }
}

/// Stops what one connection runs, over a connection of its own.
struct Kill {
    way: Way,
    id: u32,
}

impl Stopper for Kill {
    fn stop(&self) -> Task<'_, ()> {
        Box::pin(async {
            let (mut wire, _) = self.way.connect(&|_| {}).await?;
            let mut last = None;
            // RDS keeps KILL from its master user for other users' threads.
            for sql in [format!("KILL QUERY {}", self.id), format!("CALL mysql.rds_kill_query({})", self.id)]
            {
                wire.command(3, sql.as_bytes()).await?;
                let packet = wire.next().await?;
                match packet.first() {
                    Some(0xff) => last = Some(ServerError::parse(&packet)),
                    _ => {
                        wire.close().await;
                        return Ok(());
                    }
                }
            }
            wire.close().await;
            match last {
                // The thread is gone, and its statement with it.
                Some(error) if error.code == 1094 => Ok(()),
                Some(error) => Err(error.failure("cancel")),
                None => Ok(()),
            }
        })
    }
}
