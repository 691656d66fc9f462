//! PostgreSQL, Aurora PostgreSQL, Aurora DSQL, Redshift: the wire protocol, spoken here so that every type comes as
//! the server's own text, rows go straight into the store, and each message sent is known.

mod cancel;
mod message;
mod session;
mod startup;
mod taking;
#[cfg(test)]
mod tests;
mod types;
mod wire;

use super::cancel::Line;
use super::net::{CONNECT, Route};
use super::{EngineOptions, LocalServers, Stream, tls};
use crate::aws::Reach;
use crate::guard::session as lock;
use crate::model::{DialectId, EngineId, Failure, FailureKind, SafeText, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
use crate::query::login::{self, Credentials};
use postgres_protocol::message::frontend;
use session::{PgSession, Server, Setup};
use startup::{Greeting, Refused, Wanted};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::Wire;

/// The longest a login may take, from the first byte.
const LOGIN: Duration = Duration::from_secs(30);
/// Roles that can do more than read and write rows.
const STRONG_ROLES: &str = "'rds_superuser','rdsadmin','pg_write_all_data','pg_write_server_files',\
    'pg_execute_server_program','pg_signal_backend','pg_maintain'";

/// Opens PostgreSQL sessions.
pub struct Postgres {
    reach: Arc<Reach>,
    ca_bundle: Option<PathBuf>,
    local: Option<Arc<dyn LocalServers>>,
}

impl Postgres {
    /// Logs in over `reach`.
    pub fn new(reach: Arc<Reach>, options: &EngineOptions) -> Self {
        Self { reach, ca_bundle: options.ca_bundle.clone(), local: options.local.clone() }
    }

    async fn open_session(
        &self,
        target: &Target,
        login: &Login,
        changes: bool,
        tell: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<PgSession, Failure> {
        let local = self.local.as_ref().and_then(|l| l.postgres(target));
        let is_local = local.is_some();
        let dialect = target.backend.dialect;
        // Both have PostgreSQL's protocol and few of its settings and catalogues.
        let kin = matches!(dialect, DialectId::Redshift | DialectId::Dsql);
        let doing = format!("query {}", target.resource.name);
        let (dialer, first): (Arc<dyn Dialer>, Box<dyn Stream>) = match local {
            Some(opening) => {
                tell(Progress::Connecting("starting the demo's PostgreSQL".into()));
                (Arc::new(NoDialer), opening.await?)
            }
            None => {
                let route = Route::to(target)?;
                tell(Progress::Connecting(route.doing().into()));
                let dialer = Arc::new(Network::new(route, self.ca_bundle.clone()).await?);
                let stream = dialer.connect().await?;
                (dialer, stream)
            }
        };
        tell(Progress::Connecting("logging in".into()));
        let who = login::resolve(login, target, &self.reach).await?;
        let mut wanted = Wanted {
            database: target.database.as_deref().or(target.backend.database.as_deref()),
            // Its kin know neither the option nor the default that it sets.
            read_only_option: !changes && !kin,
            secure: !is_local,
        };
        let mut wire = Wire::new(first, doing.clone());
        let greeting = match greet(&mut wire, &who, &wanted).await {
            Err(refused) if refused.is_about_options() && !is_local => {
                wanted.read_only_option = false;
                let Some(stream) = dialer.dial().await? else {
                    return Err(explain(refused, login, dialect, &doing));
                };
                wire = Wire::new(stream, doing.clone());
                greet(&mut wire, &who, &wanted).await
            }
            other => other,
        }
        .map_err(|refused| explain(refused, login, dialect, &doing))?;
        if !changes && !kin && !wanted.read_only_option {
            let failed = ask(&mut wire, lock::POSTGRES_DEFAULT).await?.error;
            if let Some(error) = failed {
                return Err(error.failure(&doing, None));
            }
        }
        let (server, locks) = if kin {
            kin_locks(&mut wire, changes, &doing).await?
        } else {
            (Server::Postgres, locks(&mut wire, changes).await?)
        };
        let setup = Setup {
            server,
            doing,
            access: self.reach.access().clone(),
            changes,
            by_options: wanted.read_only_option,
            cancels: !is_local,
            locks,
        };
        Ok(PgSession::new(wire, Arc::new(Line::new(cancel::Request { dialer, key: greeting.key })), setup))
    }
}

impl Engine for Postgres {
    fn id(&self) -> EngineId {
        EngineId::Postgres
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

/// Opens further connections to the same server.
trait Dialer: Send + Sync {
    /// A verified connection; `None` where there is no second way in.
    fn dial(&self) -> Task<'_, Option<Box<dyn Stream>>>;
}

/// A server inside the process: one connection only.
struct NoDialer;

impl Dialer for NoDialer {
    fn dial(&self) -> Task<'_, Option<Box<dyn Stream>>> {
        Box::pin(async { Ok(None) })
    }
}

/// A server on the network, always by TLS.
struct Network {
    route: Route,
    tls: Arc<rustls::ClientConfig>,
}

impl Network {
    async fn new(route: Route, ca_bundle: Option<PathBuf>) -> Result<Self, Failure> {
        let tls = tokio::task::spawn_blocking(move || tls::config(ca_bundle.as_deref()))
            .await
            .map_err(|e| Failure::new(FailureKind::Bug, "set up TLS", e.to_string()))??;
        Ok(Self { route, tls })
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, Failure> {
        let mut stream = self.route.tcp().await?;
        let broken =
            |e: std::io::Error| Failure::new(FailureKind::Unreachable, self.route.doing(), e.to_string());
        let mut request = bytes::BytesMut::new();
        frontend::ssl_request(&mut request);
        stream.write_all(&request).await.map_err(broken)?;
        // Exactly one byte: what a meddler appends in the clear must not be taken for the server's.
        let answer = tokio::time::timeout(CONNECT, stream.read_u8())
            .await
            .map_err(|_| broken(std::io::ErrorKind::TimedOut.into()))?
            .map_err(broken)?;
        match answer {
            b'S' => Ok(Box::new(self.route.secure(stream, &self.tls).await?)),
            b'N' => {
                Err(Failure::new(FailureKind::Unreachable, self.route.doing(), "the server offers no TLS")
                    .hint("dbdeck logs in by verified TLS only; no password was sent"))
            }
            _ => Err(Failure::new(FailureKind::Garbled, self.route.doing(), "this is not PostgreSQL")
                .hint("is the port right?")),
        }
    }
}

impl Dialer for Network {
    fn dial(&self) -> Task<'_, Option<Box<dyn Stream>>> {
        Box::pin(async { self.connect().await.map(Some) })
    }
}

async fn greet(wire: &mut Wire, who: &Credentials, wanted: &Wanted<'_>) -> Result<Greeting, Refused> {
    let logging_in = startup::log_in(wire, who, wanted);
    tokio::time::timeout(LOGIN, logging_in).await.unwrap_or_else(|_| {
        Err(Failure::new(FailureKind::Unreachable, "log in", "the server did not answer in time").into())
    })
}

/// A refused login with the next step for the person.
fn explain(refused: Refused, login: &Login, dialect: DialectId, doing: &str) -> Failure {
    let error = match refused {
        Refused::Failed(failure) => return failure,
        Refused::Server(error) => error,
    };
    let failure = error.failure(doing, None);
    match (failure.kind, login) {
        (FailureKind::Login, Login::Iam) if dialect == DialectId::Dsql => failure.hint(
            "DSQL wants `dsql:DbConnectAdmin` for admin and `dsql:DbConnect` for other roles; --user names another",
        ),
        (FailureKind::Login, Login::Iam) if dialect == DialectId::Redshift => {
            failure.hint("the temporary credentials were refused: is the user known in this database?")
        }
        (FailureKind::Login, Login::Iam) => failure.hint(
            "IAM login needs `GRANT rds_iam TO` this user, `rds-db:connect` on it, and IAM authentication on",
        ),
        (FailureKind::Login, Login::Secret(_)) => {
            failure.hint("is the secret this database's, and is its rotation over?")
        }
        (FailureKind::Login, _) => failure.hint("check user and password; --user names another user"),
        (FailureKind::NotFound, _) => failure.hint("name an existing database: SERVICE:ID/DATABASE"),
        _ => failure,
    }
}

async fn ask(wire: &mut Wire, sql: &'static str) -> Result<wire::Answer, Failure> {
    wire.put_own(sql)?;
    wire.send().await?;
    wire.answer().await
}

/// Which layers hold on a Redshift or a DSQL, by trying: they have PostgreSQL's protocol and few of
/// its catalogues. A server that opens no read-only transaction gets no session for reading.
async fn kin_locks(wire: &mut Wire, changes: bool, doing: &str) -> Result<(Server, Vec<SafeText>), Failure> {
    let mut locks: Vec<SafeText> = Vec::new();
    let mut tells = false;
    if !changes {
        if let Some(error) = ask(wire, lock::POSTGRES_ARM).await?.error {
            return Err(error
                .failure(doing, None)
                .hint("this server opens no read-only transaction: nothing was run on it"));
        }
        let check = ask(wire, lock::POSTGRES_CHECK).await?;
        let word = check.rows.first().and_then(|r| r.first()).cloned().flatten();
        match word.as_deref() {
            Some("on") => tells = true,
            Some(other) => {
                let why = format!("the read-only transaction is not: the server says {other}");
                return Err(Failure::new(FailureKind::Garbled, doing, why));
            }
            None => {}
        }
        let _ = ask(wire, lock::POSTGRES_UNDO).await?;
        locks.push("read-only transaction around each statement".into());
        if !tells {
            locks.push("the server does not tell whether it stood".into());
        }
    }
    let role = ask(wire, "SELECT usesuper FROM pg_catalog.pg_user WHERE usename = current_user").await?;
    locks.push(match role.rows.first().and_then(|r| r.first()).cloned().flatten().as_deref() {
        Some("t") => "the user can do everything: the guard and the transaction are what holds".into(),
        Some(_) => "user without superuser rights".into(),
        None => "user not checked: the server did not answer".into(),
    });
    Ok((Server::Redshift { tells }, locks))
}

/// Which layers hold, by the server's own word. A question that fails is said to have failed.
async fn locks(wire: &mut Wire, changes: bool) -> Result<Vec<SafeText>, Failure> {
    wire.put_query(&format!(
        "SELECT pg_catalog.pg_is_in_recovery(), r.rolsuper OR r.rolbypassrls, \
         (SELECT pg_catalog.string_agg(s.rolname, ', ') FROM pg_catalog.pg_roles s \
          WHERE s.rolname IN ({STRONG_ROLES}) AND pg_catalog.pg_has_role(current_user, s.oid, 'MEMBER')), \
         pg_catalog.current_setting('default_transaction_read_only') \
         FROM pg_catalog.pg_roles r WHERE r.rolname = current_user"
    ))?;
    wire.send().await?;
    let answer = wire.answer().await?;
    let mut locks: Vec<SafeText> = Vec::new();
    if !changes {
        locks.push("read-only transaction around each statement".into());
    }
    let Some([recovery, strong, roles, default]) = answer.rows.first().map(Vec::as_slice) else {
        locks.push("role not checked: the server did not answer".into());
        return Ok(locks);
    };
    if default.as_deref() == Some("on") {
        locks.push("read-only session default".into());
    }
    if recovery.as_deref() == Some("t") {
        locks.push("the server is a reader".into());
    }
    if strong.as_deref() == Some("t") {
        locks.push("the role can do everything: the guard and the transaction are what holds".into());
    } else if let Some(roles) = roles {
        locks.push(
            format!("the role is strong ({roles}): the guard and the transaction are what holds").into(),
        );
    } else {
        locks.push("role without superuser rights".into());
    }
    Ok(locks)
}
