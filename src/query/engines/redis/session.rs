//! One session: a command at a time. The arguments are those that the guard judged; the server's own
//! marks are a second look before a read is sent.

use super::browse;
use super::cluster::Nodes;
use super::resp::Reply;
use super::shape;
use crate::clock;
use crate::guard::{Cleared, LiveAccess};
use crate::model::{Failure, FailureKind, Limits, SafeText, Statement, Summary, Task};
use crate::query::dialect::redis::{inline, reads_by_argument};
use crate::query::engine::{Canceller, Session, Sink};
use crate::query::engines::cancel::lost;
use crate::query::engines::intake::Intake;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Notify;

/// Commands that no session sends, whatever was allowed: they end the rule of one answer for one command,
/// or change what the session is.
const NEVER: &[&str] = &[
    "ASKING",
    "AUTH",
    "DISCARD",
    "EXEC",
    "HELLO",
    "MONITOR",
    "MULTI",
    "PSUBSCRIBE",
    "PSYNC",
    "PUNSUBSCRIBE",
    "QUIT",
    "READONLY",
    "READWRITE",
    "REPLCONF",
    "RESET",
    "SELECT",
    "SSUBSCRIBE",
    "SUBSCRIBE",
    "SUNSUBSCRIBE",
    "SYNC",
    "UNSUBSCRIBE",
    "UNWATCH",
    "WATCH",
];

/// What a session was opened as.
pub struct Setup {
    /// Where, for failures.
    pub doing: String,
    /// The access in force.
    pub access: LiveAccess,
    /// Whether it may change data.
    pub changes: bool,
    /// The layers that hold.
    pub locks: Vec<SafeText>,
}

/// What the server says of a command.
#[derive(Clone, Debug, Default)]
struct Told {
    /// Its marks; `None` when the server does not tell.
    flags: Option<Vec<String>>,
    /// Place of its first key among the arguments; 0 for none.
    first_key: usize,
    /// Whether the server knows the command at all.
    known: bool,
}

/// A session.
pub struct RedisSession {
    nodes: Nodes,
    setup: Setup,
    stop: Arc<Stop>,
    told: HashMap<String, Told>,
    alive: bool,
}

impl RedisSession {
    /// With `nodes`, which have been met.
    pub fn new(nodes: Nodes, setup: Setup) -> Self {
        Self { nodes, setup, stop: Arc::default(), told: HashMap::new(), alive: true }
    }

    async fn run_cleared(
        &mut self,
        statement: &Cleared<Statement>,
        limits: Limits,
        sink: &mut Sink,
    ) -> Result<Summary, Failure> {
        let changes = statement.changes();
        let refused = |why| Failure::new(FailureKind::Refused, self.setup.doing.as_str(), why);
        if changes && !self.setup.changes {
            return Err(refused("this session was opened read-only and stays so"));
        }
        if !statement.holds(&self.setup.access.read(), clock::now()) {
            return Err(refused("the access changed since this was allowed"));
        }
        if !self.alive {
            return Err(Failure::new(
                FailureKind::Unreachable,
                self.setup.doing.as_str(),
                "the session is closed",
            )
            .hint("run it again: a new session is opened"));
        }
        let started = Instant::now();
        let mut intake = Intake::new(sink, limits);
        intake.running();
        let stop = self.stop.clone();
        let ended = tokio::select! {
            ended = self.execute(&statement.get().text, changes, &mut intake) => ended,
            () = stop.0.notified() => Err(given_up(&self.setup.doing, changes)),
        };
        intake.publish();
        let (rows, truncated) = (intake.rows, intake.full);
        let notes = match ended {
            Ok(notes) => notes,
            Err(failure) => {
                let broke = matches!(
                    failure.kind,
                    FailureKind::Unreachable | FailureKind::Cancelled | FailureKind::Garbled
                );
                if broke {
                    // What runs there, or still comes from there, must not meet the next command.
                    self.nodes.forget();
                    self.alive = self.nodes.met.cluster && failure.kind == FailureKind::Cancelled && !changes;
                }
                return Err(lost(failure, changes));
            }
        };
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Summary { rows, changed: None, truncated, took_ms, notes })
    }

    async fn execute(
        &mut self,
        text: &str,
        changes: bool,
        intake: &mut Intake<'_>,
    ) -> Result<Vec<SafeText>, Failure> {
        let usage = |why: &str| Failure::new(FailureKind::Usage, "run the command", why);
        let args = inline::command(text).map_err(|_| usage("it is not one command"))?;
        let name = args.first().map(inline::Arg::text).unwrap_or_default().to_uppercase();
        if name == "BROWSE" {
            return browse::run(&mut self.nodes, args.get(1..).unwrap_or_default(), intake).await;
        }
        if NEVER.contains(&name.as_str()) {
            return Err(usage("a query tab gives one answer for each command and keeps its own session")
                .hint("the database is named when opening: SERVICE:ID/N"));
        }
        let sub = args.get(1).map(inline::Arg::text).unwrap_or_default().to_lowercase();
        let told = self.ask_about(&name, &sub).await;
        if !changes {
            self.second_look(&name, &told)?;
        }
        let key = args.get(told.first_key).filter(|_| told.first_key > 0).map(|a| a.bytes.clone());
        let sent: Vec<Vec<u8>> = args.iter().map(|a| a.bytes.clone()).collect();
        let (redirected, refreshed) = (self.nodes.redirected, self.nodes.refreshed);
        let reply = self.nodes.run(&sent, key.as_deref(), changes).await?;
        if let Reply::Error(error) = reply {
            return Err(objection(&error));
        }
        let mut notes = shape::take(&sent, reply, intake)?;
        let followed = self.nodes.redirected - redirected;
        if followed > 0 {
            notes.push(format!("the cluster sent it on {followed} times").into());
        }
        if self.nodes.refreshed > refreshed {
            notes.push("the cluster changed meanwhile: its slots were read anew".into());
        }
        Ok(notes)
    }

    /// What the server marks as writing is refused in a read, unless its arguments were found to read.
    fn second_look(&self, name: &str, told: &Told) -> Result<(), Failure> {
        let Some(flags) = &told.flags else { return Ok(()) };
        if flags.iter().any(|f| f == "write") && !reads_by_argument(name) {
            let why = format!("the server marks {} as writing", SafeText::new(name));
            return Err(Failure::new(FailureKind::Refused, self.setup.doing.as_str(), why));
        }
        Ok(())
    }

    /// Asks once about each command.
    async fn ask_about(&mut self, name: &str, sub: &str) -> Told {
        let both = format!("{name} {sub}");
        if let Some(told) = self.told.get(&both) {
            return told.clone();
        }
        // A node that is lost just now does not spare the command the second look: another is asked.
        let mut answer = Reply::Nil;
        for node in self.nodes.primaries() {
            if let Ok(said) = self.nodes.own(&node, &["COMMAND", "INFO", name]).await {
                answer = said;
                break;
            }
        }
        let entry = answer.list().first();
        let own = entry.and_then(|e| e.list().get(3));
        let told = Told {
            flags: flags(&answer, Some(&format!("{}|{sub}", name.to_lowercase()))),
            first_key: match own {
                Some(Reply::Int(n)) => usize::try_from(*n).unwrap_or(0),
                _ => usual_key(name),
            },
            known: entry.is_some_and(|e| !e.list().is_empty()),
        };
        if told.known {
            self.told.insert(both, told.clone());
        }
        told
    }
}

/// Where the first key of most commands stands, for servers that do not tell.
fn usual_key(name: &str) -> usize {
    const NONE: &[&str] =
        &["INFO", "PING", "SCAN", "DBSIZE", "CLUSTER", "CLIENT", "CONFIG", "SLOWLOG", "TIME", "ROLE"];
    match name {
        "OBJECT" | "XINFO" | "MEMORY" => 2,
        _ if NONE.contains(&name) => 0,
        _ => 1,
    }
}

/// The marks of the first command of a `COMMAND INFO`: its subcommand's where there is one called `sub`.
pub fn flags(answer: &Reply, sub: Option<&str>) -> Option<Vec<String>> {
    let entry = answer.list().first()?.list();
    let words = |e: &[Reply]| -> Option<Vec<String>> {
        Some(e.get(2)?.list().iter().filter_map(Reply::text).map(str::to_owned).collect())
    };
    let subs = entry.get(9).map(Reply::list).unwrap_or_default();
    let named = subs.iter().find(|s| sub.is_some() && s.list().first().and_then(Reply::text) == sub);
    named.and_then(|s| words(s.list())).or_else(|| words(entry))
}

/// The server runs one command to its end; only its connection can be given up.
fn given_up(doing: &str, changes: bool) -> Failure {
    let (kind, why) = if changes {
        (FailureKind::Unreachable, "nobody waits any more, but Redis ends a command only by itself")
    } else {
        (
            FailureKind::Cancelled,
            "cancelled: the connection was closed; Redis ends a running command by itself",
        )
    };
    Failure::new(kind, doing, why)
}

/// An error of the server, with the next step where one is known.
fn objection(error: &str) -> Failure {
    let failure = |kind| Failure::new(kind, "run the command", error);
    match error.split(' ').next().unwrap_or_default() {
        "NOPERM" => failure(FailureKind::Denied)
            .hint("the ACL of this user does not allow it; ACL WHOAMI names the user"),
        "NOAUTH" | "WRONGPASS" => failure(FailureKind::Login),
        "READONLY" => {
            failure(FailureKind::Rejected).hint("this node is a replica: --writer opens the primary")
        }
        "CROSSSLOT" => failure(FailureKind::Rejected)
            .hint("keys of one command must share a slot: only those with the same {tag} do"),
        "CLUSTERDOWN" => {
            failure(FailureKind::Unreachable).hint("CLUSTER SHARDS shows which slots nobody serves")
        }
        "LOADING" | "MASTERDOWN" | "BUSY" | "TRYAGAIN" => {
            failure(FailureKind::Unreachable).hint("it passes: try again")
        }
        "WRONGTYPE" => failure(FailureKind::Rejected).hint("TYPE tells what the key holds"),
        _ => failure(FailureKind::Rejected),
    }
}

/// Ends the waiting for an answer.
#[derive(Default)]
struct Stop(Notify);

impl Canceller for Stop {
    fn cancel(&self) -> Task<'_, ()> {
        self.0.notify_waiters();
        Box::pin(async { Ok(()) })
    }
}

impl Session for RedisSession {
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
        self.setup.locks.clone()
    }

    fn is_alive(&self) -> bool {
        self.alive
    }
}
