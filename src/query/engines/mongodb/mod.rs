//! DocumentDB: MongoDB's wire protocol by the `mongodb` driver, one server at a time.
//!
//! The driver never opens a connection itself. It talks to a socket of this process, behind
//! which `relay` opens TLS as for every other engine: verified for the endpoint's own name, also
//! through a tunnel, and always to the same server, so that what stops a statement reaches the
//! server that runs it. The members of the set are therefore not looked for: which endpoint is in
//! use is the row's and the person's choice.

mod documents;
mod relay;
mod running;
mod said;
mod session;
mod value;

pub use documents::show;
pub use value::{cell, document};

use super::net::{CONNECT, Route};
use super::{EngineOptions, tls};
use crate::aws::Reach;
use crate::model::{EngineId, Failure, FailureKind, SafeText, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
use crate::query::login;
use ::mongodb::Client;
use ::mongodb::bson::{Bson, Document, doc};
use ::mongodb::options::{AuthMechanism, ClientOptions, Credential, ServerAddress, ServerMonitoringMode};
use relay::Relay;
use running::Running;
use session::{DocumentSession, Setup};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The longest a login may take, all steps together.
const LOGIN: Duration = Duration::from_secs(30);

/// The database in use when none was named, as in MongoDB's shell.
pub const DATABASE: &str = "test";

/// Opens DocumentDB sessions.
pub struct MongoDb {
    reach: Arc<Reach>,
    ca_bundle: Option<PathBuf>,
}

impl MongoDb {
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
    ) -> Result<DocumentSession, Failure> {
        let route = Route::to(target)?;
        tell(Progress::Connecting(route.doing().into()));
        let ca_bundle = self.ca_bundle.clone();
        let tls = tokio::task::spawn_blocking(move || tls::config(ca_bundle.as_deref()))
            .await
            .map_err(|e| Failure::new(FailureKind::Bug, "set up TLS", e.to_string()))??;
        let relay = Relay::open(route, tls).await?;
        tell(Progress::Connecting("logging in".into()));
        let doing = format!("log in to {}", target.resource.name);
        let credential = self.credential(login, target, &doing).await?;
        let client = client(&relay, credential).map_err(|e| said::failure(&doing, &e, None))?;
        let admin = client.database("admin");
        let hello = tokio::time::timeout(LOGIN, admin.run_command(doc! { "hello": 1 }))
            .await
            .map_err(|_| relay.late(&doing))?
            .map_err(|e| explain(said::failure(&doing, &e, relay.trouble()), login))?;
        // A server without sessions still answers; what runs there cannot be named to stop it.
        let session = client.start_session().await.ok();
        let lsid = session.as_ref().map(|s| s.id().clone());
        let locks = if changes { Vec::new() } else { locks(&client, &hello).await };
        let setup = Setup {
            doing: format!("query {}", target.resource.name),
            access: self.reach.access().clone(),
            changes,
            database: target.database.as_deref().unwrap_or(DATABASE).to_owned(),
            locks,
        };
        let running = Arc::new(Running::new(client.clone(), lsid));
        Ok(DocumentSession::new(client, session, running, relay, setup))
    }

    /// What the driver logs in with; `None` when the server is to ask for nothing.
    async fn credential(
        &self,
        login: &Login,
        target: &Target,
        doing: &str,
    ) -> Result<Option<Credential>, Failure> {
        if *login == Login::Iam {
            let keys = self.reach.config().credentials_provider().ok_or_else(|| {
                Failure::new(FailureKind::Login, doing, "there are no AWS credentials to sign with")
            })?;
            let mut credential = Credential::builder()
                .mechanism(AuthMechanism::MongoDbAws)
                .source("$external".to_owned())
                .build();
            credential.aws_credential_provider = Some(keys);
            return Ok(Some(credential));
        }
        let who = login::resolve(login, target, &self.reach).await?;
        Ok(who.password.as_ref().map(|password| {
            Credential::builder()
                .username(who.user.to_string())
                .password(password.reveal().to_owned())
                .source("admin".to_owned())
                .build()
        }))
    }
}

/// What the person can do about a refused login, by the way they logged in.
fn explain(failure: Failure, login: &Login) -> Failure {
    match (failure.kind, login) {
        (FailureKind::Login, Login::Iam) => failure.hint(
            "DocumentDB takes IAM from 5.0 on, for users of $external made with the mechanism MONGODB-AWS and named by \
             the ARN of the user or role",
        ),
        _ => failure,
    }
}

/// A client of the driver over the relay. It opens nothing yet.
fn client(relay: &Relay, credential: Option<Credential>) -> ::mongodb::error::Result<Client> {
    let mut options =
        ClientOptions::builder().hosts(vec![ServerAddress::Unix { path: relay.path().to_owned() }]).build();
    options.app_name = Some("dbdeck".to_owned());
    options.credential = credential;
    options.direct_connection = Some(true);
    options.retry_reads = Some(false);
    // DocumentDB has no retryable writes.
    options.retry_writes = Some(false);
    options.connect_timeout = Some(CONNECT);
    options.server_selection_timeout = Some(CONNECT);
    options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
    options.max_pool_size = Some(4);
    Client::with_options(options)
}

/// What keeps a session from changing data beside the guard's judgement of each command.
async fn locks(client: &Client, hello: &Document) -> Vec<SafeText> {
    let mut locks = vec!["commands judged one by one; no JavaScript is sent".into()];
    if hello.get_bool("secondary").is_ok_and(|secondary| secondary) {
        locks.push("replica: the server takes no writes".into());
    }
    let admin = client.database("admin");
    let status = tokio::time::timeout(CONNECT, admin.run_command(doc! { "connectionStatus": 1 })).await;
    if let Ok(Ok(status)) = status
        && let Some(role) = read_role(&status)
    {
        locks.push(SafeText::new(format!("role without write rights: {role}")));
    }
    locks
}

/// Roles that only read. Source: DocumentDB developer guide, "Database access using role-based
/// access control".
const READ_ROLES: &[&str] = &["read", "readAnyDatabase", "clusterMonitor"];

/// The user's roles, when there are some and all of them only read.
fn read_role(status: &Document) -> Option<String> {
    let roles = status.get_document("authInfo").ok()?.get_array("authenticatedUserRoles").ok()?;
    let names: Option<Vec<&str>> =
        roles.iter().map(|r| r.as_document().and_then(|r| r.get("role")).and_then(Bson::as_str)).collect();
    let names = names.filter(|n| !n.is_empty() && n.iter().all(|name| READ_ROLES.contains(name)))?;
    Some(names.join(", "))
}

impl Engine for MongoDb {
    fn id(&self) -> EngineId {
        EngineId::MongoDb
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_roles_that_read_are_a_lock() {
        let status = |roles: Vec<Document>| doc! { "authInfo": { "authenticatedUserRoles": roles } };
        let role = |name: &str| doc! { "role": name, "db": "shop" };
        assert_eq!(read_role(&status(vec![role("read")])).as_deref(), Some("read"));
        assert_eq!(read_role(&status(vec![role("read"), role("readWrite")])), None);
        assert_eq!(read_role(&status(Vec::new())), None, "no roles at all: nobody logged in");
        assert_eq!(read_role(&doc! { "ok": 1 }), None);
    }
}
