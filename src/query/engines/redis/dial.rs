//! Ways to the nodes of a cache: by verified TLS, in the clear where encryption in transit is off, or
//! inside the process.

use super::super::net::Route;
use super::super::{Stream, tls};
use crate::model::{Failure, FailureKind, Target, Task};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// A node: host and port.
pub type Node = (Arc<str>, u16);

/// Opens connections to the nodes of one cache.
pub trait Dial: Send + Sync {
    /// The endpoint that the tab was opened on.
    fn home(&self) -> Node;

    /// A connection to `node`.
    fn dial<'a>(&'a self, node: &'a Node) -> Task<'a, Box<dyn Stream>>;
}

/// Over the network.
pub struct Network {
    route: Route,
    tls: Option<Arc<rustls::ClientConfig>>,
}

impl Network {
    /// The way to `target`; with TLS unless its engine says that there is none.
    ///
    /// # Errors
    /// No endpoint, or a CA bundle that cannot be read.
    pub async fn new(target: &Target, secure: bool, ca_bundle: Option<PathBuf>) -> Result<Self, Failure> {
        let route = Route::to(target)?;
        if !secure {
            return Ok(Self { route, tls: None });
        }
        let tls = tokio::task::spawn_blocking(move || tls::config(ca_bundle.as_deref()))
            .await
            .map_err(|e| Failure::new(FailureKind::Bug, "set up TLS", e.to_string()))??;
        Ok(Self { route, tls: Some(tls) })
    }

    /// What is being done, for failures.
    pub fn doing(&self) -> String {
        self.route.doing()
    }

    /// The way to a node that the cluster named. A login goes to the cluster's own nodes only.
    fn beside(&self, node: &Node) -> Result<Route, Failure> {
        let own = &self.route.endpoint.0;
        let name = match expected(own, &node.0, self.tls.is_some()) {
            Some(name) => Arc::from(name),
            None => {
                let why = format!("the cluster names the node {}, which is not one of its own", node.0);
                return Err(Failure::new(FailureKind::Garbled, self.route.doing(), why));
            }
        };
        Ok(self.route.beside(node.clone(), name))
    }
}

/// The name to verify at `host`, a node that the cluster behind `endpoint` named; `None` when it may not
/// be one of its nodes.
fn expected<'a>(endpoint: &'a str, host: &'a str, secure: bool) -> Option<&'a str> {
    if host == endpoint {
        return Some(host);
    }
    match (host.parse::<IpAddr>(), endpoint.parse::<IpAddr>()) {
        (Ok(node), home) => {
            let elsewhere = match node {
                IpAddr::V4(ip) => {
                    ip.is_link_local() || ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast()
                }
                IpAddr::V6(ip) => ip.is_unicast_link_local() || ip.is_unspecified() || ip.is_multicast(),
            };
            let loopback =
                node.is_loopback() && endpoint != "localhost" && !home.is_ok_and(|h| h.is_loopback());
            // By address a node has no name of its own: its certificate is the cluster's.
            (!elsewhere && !loopback).then_some(endpoint)
        }
        (Err(_), _) => {
            // `clustercfg.NAME.…` and `NAME-0001-001.NAME.…` with TLS; without it they share only the rest.
            let labels = |name: &str| name.split('.').skip(1).map(str::to_lowercase).collect::<Vec<_>>();
            let (own, other) = (labels(endpoint), labels(host));
            let tail = |all: &[String]| all.iter().rev().take(4).cloned().collect::<Vec<_>>();
            let akin = if secure { own == other } else { own.len() >= 4 && tail(&own) == tail(&other) };
            (akin && own.len() >= 2).then_some(host)
        }
    }
}

impl Dial for Network {
    fn home(&self) -> Node {
        self.route.endpoint.clone()
    }

    fn dial<'a>(&'a self, node: &'a Node) -> Task<'a, Box<dyn Stream>> {
        Box::pin(async move {
            let route = if *node == self.route.endpoint { self.route.clone() } else { self.beside(node)? };
            let stream = route.tcp().await?;
            match &self.tls {
                Some(tls) => Ok(Box::new(route.secure(stream, tls).await?) as Box<dyn Stream>),
                None => Ok(Box::new(stream) as Box<dyn Stream>),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::expected;

    #[test]
    fn only_nodes_of_the_cluster_are_dialled() {
        let own = "clustercfg.orders.abc.euw1.cache.amazonaws.com";
        for (host, wanted) in [
            ("orders-0001-001.orders.abc.euw1.cache.amazonaws.com", true),
            (own, true),
            ("10.0.3.7", true),
            ("other-001.other.xyz.euw1.cache.amazonaws.com", false),
            ("evil.example.com", false),
            ("169.254.169.254", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("0.0.0.0", false),
            ("", false),
        ] {
            assert_eq!(expected(own, host, true).is_some(), wanted, "{host}");
        }
        assert_eq!(expected(own, "10.0.3.7", true), Some(own), "the certificate must be the cluster's");
        let plain = "orders.abc.clustercfg.euw1.cache.amazonaws.com";
        assert!(expected(plain, "orders-0001-001.abc.0001.euw1.cache.amazonaws.com", false).is_some());
        assert!(expected(plain, "evil.example.com", false).is_none());
        assert!(expected("127.0.0.1", "127.0.0.1", false).is_some());
        assert!(expected("127.0.0.1", "127.0.0.2", false).is_some());
        assert!(expected("localhost", "evil.com", false).is_none());
    }
}
