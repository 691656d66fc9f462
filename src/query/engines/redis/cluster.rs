//! The nodes of a cache: which serves which slot, and how a command finds its node.
//!
//! `MOVED` and `ASK` are followed with a bound. A node that is lost is forgotten, the slots are read anew
//! from another, and a read is asked again until the time for it is over: so a failover is survived. A
//! command that may have changed something is never sent twice.

use super::dial::{Dial, Node};
use super::login::{Met, greet};
use super::resp::{Reply, Wire};
use crate::model::{Failure, FailureKind};
use crate::query::login::Credentials;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The longest that greeting a node may take.
const LOGIN: Duration = Duration::from_secs(15);
/// The longest wait for an answer to a question of our own.
pub const OWN: Duration = Duration::from_secs(10);
/// How long a read looks for a node that serves it: a failover takes some seconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between one look and the next.
const AGAIN: Duration = Duration::from_millis(250);
/// Redirections of one command.
const REDIRECTIONS: u32 = 16;
/// Slots of a cluster.
const SLOTS: u16 = 16_384;

/// How a node is met.
struct Way {
    dial: Arc<dyn Dial>,
    who: Option<Credentials>,
    /// Database of every connection, where there is more than one.
    database: Option<u32>,
    doing: String,
}

/// The nodes, and the connections to them.
pub struct Nodes {
    way: Way,
    doing: String,
    home: Node,
    /// What the node of the endpoint said.
    pub met: Met,
    wires: HashMap<Node, Wire>,
    /// Ranges of slots and their nodes, the primary first.
    slots: Vec<(u16, u16, Vec<Node>)>,
    /// How long a read looks for a node that serves it.
    pub patience: Duration,
    /// Redirections followed since they were last told.
    pub redirected: u32,
    /// Times that the slots were read anew.
    pub refreshed: u32,
}

/// The slot of a key: CRC16 (XMODEM) of what stands in its first braces, or of all of it.
pub fn slot(key: &[u8]) -> u16 {
    let tagged = key.iter().position(|b| *b == b'{').and_then(|open| {
        let rest = key.get(open + 1..)?;
        let close = rest.iter().position(|b| *b == b'}').filter(|n| *n > 0)?;
        rest.get(..close)
    });
    let crc = tagged.unwrap_or(key).iter().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    });
    crc % SLOTS
}

/// `MOVED 3999 127.0.0.1:6381` taken apart: the slot and the node; an empty host is the one that answered.
fn redirection(error: &str, answered: &Node) -> Option<(u16, Node)> {
    let mut words = error.split(' ').skip(1);
    let slot = words.next()?.parse().ok().filter(|s| *s < SLOTS)?;
    let (host, port) = words.next()?.rsplit_once(':')?;
    let host = if host.is_empty() { answered.0.clone() } else { host.trim_matches(['[', ']']).into() };
    Some((slot, (host, port.parse().ok()?)))
}

impl Way {
    /// A connection that has been greeted.
    async fn connect(&self, node: &Node) -> Result<(Wire, Met), Failure> {
        let meeting = async {
            let mut wire = Wire::new(self.dial.dial(node).await?, self.doing.clone());
            let met = greet(&mut wire, self.who.as_ref(), &self.doing).await?;
            if met.cluster && met.replica {
                // Without it a replica of a cluster sends every read to its primary.
                expect_ok(wire.ask(&["READONLY"]).await?, &self.doing)?;
            }
            if let Some(n) = self.database.filter(|n| *n > 0 && !met.cluster) {
                expect_ok(wire.ask(&["SELECT", &n.to_string()]).await?, &self.doing)?;
            }
            Ok((wire, met))
        };
        tokio::time::timeout(LOGIN, meeting).await.unwrap_or_else(|_| {
            Err(Failure::new(
                FailureKind::Unreachable,
                self.doing.as_str(),
                "the server did not answer in time",
            ))
        })
    }
}

impl Nodes {
    /// Meets the node of the endpoint.
    ///
    /// # Errors
    /// It cannot be reached, or refuses the login.
    pub async fn meet(
        dial: Arc<dyn Dial>,
        who: Option<Credentials>,
        database: Option<u32>,
        doing: String,
    ) -> Result<Self, Failure> {
        let home = dial.home();
        let mut nodes = Self {
            way: Way { dial, who, database, doing: doing.clone() },
            doing,
            home: home.clone(),
            met: Met::default(),
            wires: HashMap::new(),
            slots: Vec::new(),
            patience: PATIENCE,
            redirected: 0,
            refreshed: 0,
        };
        let (wire, met) = nodes.way.connect(&home).await?;
        nodes.wires.insert(home, wire);
        nodes.met = met;
        if nodes.met.cluster {
            if database.is_some_and(|n| n > 0) {
                return Err(Failure::new(
                    FailureKind::Usage,
                    nodes.doing.as_str(),
                    "a cluster has only database 0",
                ));
            }
            nodes.refresh().await;
        }
        Ok(nodes)
    }

    /// The connection to `node`, made when there is none.
    async fn wire(&mut self, node: &Node) -> Result<&mut Wire, Failure> {
        if !self.wires.contains_key(node) {
            let (wire, _) = self.way.connect(node).await?;
            self.wires.insert(node.clone(), wire);
        }
        self.wires
            .get_mut(node)
            .ok_or_else(|| Failure::new(FailureKind::Bug, self.doing.as_str(), "no connection"))
    }

    /// Nodes that hold slots as primaries, or the one node.
    pub fn primaries(&self) -> Vec<Node> {
        let mut all: Vec<Node> = Vec::new();
        for node in self.slots.iter().filter_map(|(_, _, nodes)| nodes.first()) {
            if !all.contains(node) {
                all.push(node.clone());
            }
        }
        // A replica that was opened by its own name answers for what it holds.
        if all.is_empty() || self.met.replica { vec![self.home.clone()] } else { all }
    }

    fn serving(&self, slot: u16) -> Option<Node> {
        let range = self.slots.iter().find(|(from, to, _)| (*from..=*to).contains(&slot))?;
        range.2.first().cloned()
    }

    /// Where a command with this first key begins.
    fn first(&self, key: Option<&[u8]>) -> Node {
        if !self.met.cluster || self.met.replica {
            return self.home.clone();
        }
        if let Some(node) = key.and_then(|key| self.serving(slot(key))) {
            return node;
        }
        // What no key leads anywhere is the opened node's, as long as that is there.
        if self.wires.contains_key(&self.home) {
            return self.home.clone();
        }
        let other = self.primaries().into_iter().find(|node| *node != self.home);
        other.unwrap_or_else(|| self.home.clone())
    }

    /// A question of our own to `node`.
    ///
    /// # Errors
    /// The connection broke, or no answer came in time.
    pub async fn own<A: AsRef<[u8]>>(&mut self, node: &Node, args: &[A]) -> Result<Reply, Failure> {
        let doing = self.doing.clone();
        let asking = async { self.wire(node).await?.ask(args).await };
        let answer = tokio::time::timeout(OWN, asking).await.unwrap_or_else(|_| {
            Err(Failure::new(FailureKind::Unreachable, doing, "the server did not answer in time"))
        });
        if answer.is_err() {
            self.wires.remove(node);
        }
        answer
    }

    /// Several questions of our own in one go, answered in order.
    ///
    /// # Errors
    /// As [`Nodes::own`].
    pub async fn pipeline(
        &mut self,
        node: &Node,
        commands: &[u8],
        count: usize,
    ) -> Result<Vec<Reply>, Failure> {
        let doing = self.doing.clone();
        let asking = async {
            let wire = self.wire(node).await?;
            wire.send(commands).await?;
            let mut all = Vec::new();
            for _ in 0..count {
                all.push(wire.reply().await?);
            }
            Ok(all)
        };
        let answer = tokio::time::timeout(OWN, asking).await.unwrap_or_else(|_| {
            Err(Failure::new(FailureKind::Unreachable, doing, "the server did not answer in time"))
        });
        if answer.is_err() {
            self.wires.remove(node);
        }
        answer
    }

    /// Reads the slots from the first node that tells them. Nodes that do not answer are passed over.
    pub async fn refresh(&mut self) {
        let mut known: Vec<Node> = self.wires.keys().cloned().collect();
        known.extend(self.slots.iter().flat_map(|(_, _, nodes)| nodes.iter().cloned()));
        known.push(self.home.clone());
        let mut asked: Vec<Node> = Vec::new();
        for node in known {
            if asked.contains(&node) {
                continue;
            }
            if let Ok(Reply::List(ranges)) = self.own(&node, &["CLUSTER", "SLOTS"]).await {
                let slots: Vec<_> = ranges.iter().filter_map(|r| range(r, &node)).collect();
                if !slots.is_empty() {
                    self.slots = slots;
                    self.refreshed += 1;
                    return;
                }
            }
            asked.push(node);
        }
    }

    /// Forgets every connection: what runs on them is nobody's any more.
    pub fn forget(&mut self) {
        self.wires.clear();
    }

    /// Sends a command where it belongs and takes its answer.
    ///
    /// # Errors
    /// No node serves it in time, the way there is lost, or the redirections do not end.
    pub async fn run(
        &mut self,
        args: &[Vec<u8>],
        key: Option<&[u8]>,
        changes: bool,
    ) -> Result<Reply, Failure> {
        let end = Instant::now() + self.patience;
        let mut node = self.first(key);
        let (mut asking, mut followed) = (false, 0);
        loop {
            let answer = self.once(&node, args, asking).await;
            asking = false;
            match answer {
                Ok(Reply::Error(error)) if error.starts_with("MOVED ") || error.starts_with("ASK ") => {
                    followed += 1;
                    self.redirected += 1;
                    let Some((slot, next)) = redirection(&error, &node) else {
                        return Err(self.garbled("a redirection that leads nowhere"));
                    };
                    if followed > REDIRECTIONS {
                        return Err(self.garbled("one redirection after the other"));
                    }
                    asking = error.starts_with("ASK ");
                    if !asking {
                        self.moved(slot, &next);
                        if followed % 4 == 3 {
                            // The cluster does not agree with itself yet.
                            tokio::time::sleep(AGAIN).await;
                            self.refresh().await;
                        }
                    }
                    node = next;
                }
                Ok(Reply::Error(error)) if is_passing(&error) && Instant::now() < end => {
                    tokio::time::sleep(AGAIN).await;
                    self.refresh_cluster().await;
                    node = self.first(key);
                }
                Err(failure) if self.may_ask_again(&failure, changes) && Instant::now() < end => {
                    tokio::time::sleep(AGAIN).await;
                    self.refresh_cluster().await;
                    node = self.first(key);
                }
                other => return other,
            }
        }
    }

    async fn refresh_cluster(&mut self) {
        if self.met.cluster {
            self.refresh().await;
        }
    }

    /// A lost node of a cluster is looked for again, for reads.
    fn may_ask_again(&self, failure: &Failure, changes: bool) -> bool {
        !changes && self.met.cluster && failure.kind == FailureKind::Unreachable
    }

    async fn once(&mut self, node: &Node, args: &[Vec<u8>], asking: bool) -> Result<Reply, Failure> {
        if asking {
            let ok = self.own(node, &["ASKING"]).await?;
            expect_ok(ok, &self.doing)?;
        }
        let answer = match self.wire(node).await {
            Ok(wire) => wire.ask(args).await,
            Err(failure) => Err(failure),
        };
        if answer.is_err() {
            self.wires.remove(node);
        }
        answer
    }

    /// Notes that `slot` is served by `node`.
    fn moved(&mut self, slot: u16, node: &Node) {
        let mut split = Vec::new();
        for (from, to, nodes) in std::mem::take(&mut self.slots) {
            if !(from..=to).contains(&slot) {
                split.push((from, to, nodes));
                continue;
            }
            if from < slot {
                split.push((from, slot - 1, nodes.clone()));
            }
            if slot < to {
                split.push((slot + 1, to, nodes));
            }
        }
        split.push((slot, slot, vec![node.clone()]));
        self.slots = split;
    }

    fn garbled(&self, what: &str) -> Failure {
        Failure::new(FailureKind::Garbled, self.doing.as_str(), format!("the cluster sent {what}"))
            .hint("CLUSTER SHARDS shows how its nodes see it")
    }
}

/// Errors that pass by themselves while a cluster heals or a server starts.
fn is_passing(error: &str) -> bool {
    ["CLUSTERDOWN", "TRYAGAIN", "LOADING", "MASTERDOWN"].iter().any(|code| error.starts_with(code))
}

fn expect_ok(answer: Reply, doing: &str) -> Result<(), Failure> {
    match answer {
        Reply::Error(error) => Err(Failure::new(FailureKind::Rejected, doing, error)),
        _ => Ok(()),
    }
}

/// A range of `CLUSTER SLOTS`: from, to, and its nodes.
fn range(reply: &Reply, answered: &Node) -> Option<(u16, u16, Vec<Node>)> {
    let [Reply::Int(from), Reply::Int(to), nodes @ ..] = reply.list() else { return None };
    let node = |n: &Reply| {
        let [host, Reply::Int(port), ..] = n.list() else { return None };
        let host =
            host.text().filter(|h| !h.is_empty() && *h != "?").map_or_else(|| answered.0.clone(), Arc::from);
        Some((host, u16::try_from(*port).ok().filter(|p| *p > 0)?))
    };
    let nodes: Vec<Node> = nodes.iter().filter_map(node).collect();
    let (from, to) = (u16::try_from(*from).ok()?, u16::try_from(*to).ok().filter(|t| *t < SLOTS)?);
    (from <= to && !nodes.is_empty()).then_some((from, to, nodes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        for (key, wanted) in [
            ("123456789", 12739),
            ("foo", 12182),
            ("{user1000}.following", 3443),
            ("{user1000}.followers", 3443),
        ] {
            assert_eq!(slot(key.as_bytes()), wanted, "{key}");
        }
        assert_eq!(slot(b"foo{}{bar}"), slot(b"foo{}{bar}"));
        assert_ne!(slot(b"foo{}{bar}"), slot(b"bar"), "empty braces tag nothing");
        assert_eq!(slot(b"foo{{bar}}zap"), slot(b"{bar"));
    }

    #[test]
    fn redirections_are_read_or_refused() {
        let here: Node = ("h".into(), 1);
        assert_eq!(redirection("MOVED 3999 10.0.0.1:6381", &here), Some((3999, ("10.0.0.1".into(), 6381))));
        assert_eq!(redirection("MOVED 3999 :6381", &here), Some((3999, ("h".into(), 6381))));
        assert_eq!(redirection("ASK 1 [::1]:7", &here), Some((1, ("::1".into(), 7))));
        for nonsense in ["MOVED", "MOVED x h:1", "MOVED 99999 h:1", "MOVED 1 h", "MOVED 1 h:99999"] {
            assert_eq!(redirection(nonsense, &here), None, "{nonsense}");
        }
    }
}
