//! Redis and Valkey: ElastiCache and MemoryDB, over RESP on a stream of our own, so that TLS is verified
//! in one place and every byte sent is known.

mod browse;
mod cluster;
mod dial;
mod login;
mod resp;
mod session;
mod shape;
#[cfg(test)]
mod tests;

use super::{EngineOptions, LocalServers, Stream};
use crate::aws::Reach;
use crate::model::{EngineId, Failure, FailureKind, SafeText, Target, Task};
use crate::query::engine::{Engine, Login, Progress, Session};
use cluster::Nodes;
pub use dial::{Dial, Network, Node};
use resp::Reply;
use session::{RedisSession, Setup};
use std::path::PathBuf;
use std::sync::Arc;

/// Opens sessions with Redis and Valkey.
pub struct Redis {
    reach: Arc<Reach>,
    ca_bundle: Option<PathBuf>,
    local: Option<Arc<dyn LocalServers>>,
}

impl Redis {
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
    ) -> Result<RedisSession, Failure> {
        let doing = format!("query {}", target.resource.name);
        let secure = target.engine != EngineId::RedisPlain;
        if !secure && *login != Login::None {
            let why = "its encryption in transit is off: a password would travel in the clear";
            return Err(Failure::new(FailureKind::Refused, doing, why)
                .hint("turn encryption in transit on, or log in with nothing"));
        }
        let database = database(target, &doing)?;
        let dial: Arc<dyn Dial> = match &self.local {
            Some(local) => Arc::new(Inside { local: local.clone(), target: target.clone() }),
            None => {
                let network = Network::new(target, secure, self.ca_bundle.clone()).await?;
                tell(Progress::Connecting(network.doing().into()));
                Arc::new(network)
            }
        };
        let who = login::who(login, target, &self.reach).await?;
        tell(Progress::Connecting("logging in".into()));
        let mut nodes = Nodes::meet(dial, who, database, doing.clone()).await?;
        let locks = locks(&mut nodes, changes, secure).await;
        let setup = Setup { doing, access: self.reach.access().clone(), changes, locks };
        Ok(RedisSession::new(nodes, setup))
    }
}

/// The number of the database to open.
fn database(target: &Target, doing: &str) -> Result<Option<u32>, Failure> {
    let Some(named) = target.database.as_deref().or(target.backend.database.as_deref()) else {
        return Ok(None);
    };
    let number = named.parse::<u32>().ok();
    number.map(Some).ok_or_else(|| {
        Failure::new(
            FailureKind::Usage,
            doing,
            format!("{} is not the number of a database", SafeText::new(named)),
        )
        .hint("as in SERVICE:ID/1")
    })
}

/// Which layers hold, by the server's own word.
async fn locks(nodes: &mut Nodes, changes: bool, secure: bool) -> Vec<SafeText> {
    let home = nodes.primaries().into_iter().next();
    let Some(home) = home else { return Vec::new() };
    let mut locks: Vec<SafeText> = Vec::new();
    if !changes {
        locks.push("the guard's list of commands".into());
        let told = nodes.own(&home, &["COMMAND", "INFO", "SET"]).await;
        locks.push(match session::flags(&told.unwrap_or(Reply::Nil), None) {
            Some(flags) if flags.iter().any(|f| f == "write") => {
                "the server's own mark of what writes".into()
            }
            _ => "the server does not tell what writes: the guard's list is what holds".into(),
        });
    }
    if nodes.met.replica {
        locks.push("the server is a replica".into());
    }
    if !secure {
        locks.push("not encrypted in transit".into());
    }
    locks.push(user_lock(nodes, &home).await);
    locks
}

/// Whether the user may write, by asking the server to try without doing it.
async fn user_lock(nodes: &mut Nodes, home: &Node) -> SafeText {
    let who = match nodes.own(home, &["ACL", "WHOAMI"]).await {
        Ok(Reply::Text(name)) => String::from_utf8_lossy(&name).into_owned(),
        _ => return "user not checked: the server does not tell".into(),
    };
    match nodes.own(home, &["ACL", "DRYRUN", &who, "SET", "dbdeck", ""]).await {
        Ok(Reply::Text(answer)) if answer == b"OK" => {
            format!("the user {who} may write: the guard is what holds").into()
        }
        Ok(Reply::Text(_)) => format!("the user {who} may not write").into(),
        _ => format!("rights of the user {who} not checked: the server does not tell").into(),
    }
}

impl Engine for Redis {
    fn id(&self) -> EngineId {
        EngineId::Redis
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

/// Servers of this process: the same for every node that is named.
struct Inside {
    local: Arc<dyn LocalServers>,
    target: Target,
}

impl Dial for Inside {
    fn home(&self) -> Node {
        let endpoint = self.target.endpoint.as_ref();
        endpoint.map_or_else(|| ("demo".into(), 0), |e| (e.host.clone(), e.port))
    }

    fn dial<'a>(&'a self, _: &'a Node) -> Task<'a, Box<dyn Stream>> {
        let nothing = || {
            let doing = format!("connect to {}", self.target.resource.name);
            Failure::new(FailureKind::Unreachable, doing, "the demo has no server behind this row")
        };
        self.local.cache(&self.target).unwrap_or_else(|| Box::pin(async move { Err(nothing()) }))
    }
}
