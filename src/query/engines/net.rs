//! From a target to an open TCP connection, and from there to verified TLS.

use super::Stream;
use crate::model::{Failure, FailureKind, Target};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The longest wait for a connection, and for each step of opening a session.
pub const CONNECT: Duration = Duration::from_secs(10);

/// Where to connect and whom to expect there.
#[derive(Clone)]
pub struct Route {
    /// Connect here.
    pub address: (Arc<str>, u16),
    /// The endpoint's own name and port: what TLS verifies and an IAM token is signed for.
    pub endpoint: (Arc<str>, u16),
    /// The server that answered first. A reader endpoint leads elsewhere each time it is
    /// asked, and a cancel request must reach the same server.
    met: Arc<OnceLock<SocketAddr>>,
}

impl Route {
    /// The way to `target`.
    pub fn to(target: &Target) -> Result<Self, Failure> {
        let Some(endpoint) = &target.endpoint else {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("connect to {}", target.resource.name),
                "it has no endpoint",
            )
            .hint("an instance that is being made or is stopped has none yet"));
        };
        let own = (endpoint.host.clone(), endpoint.port);
        Ok(Self {
            address: target.address.clone().unwrap_or_else(|| own.clone()),
            endpoint: own,
            met: Arc::default(),
        })
    }

    /// The way to `address`, another node of the same cluster, which must prove to be `name`.
    pub fn beside(&self, address: (Arc<str>, u16), name: Arc<str>) -> Self {
        let endpoint = (name, address.1);
        Self { address, endpoint, met: Arc::default() }
    }

    /// What is being done, for failures: names where it goes.
    pub fn doing(&self) -> String {
        let (host, port) = &self.address;
        if self.address == self.endpoint {
            format!("connect to {host}:{port}")
        } else {
            format!("connect to {} through {host}:{port}", self.endpoint.0)
        }
    }

    /// Opens the TCP connection.
    pub async fn tcp(&self) -> Result<TcpStream, Failure> {
        let (host, port) = &self.address;
        let unreachable = |why: String| {
            Failure::new(FailureKind::Unreachable, self.doing(), why).hint(
                "is there a route from here (security group, VPN)? with a tunnel, give its near end by --address",
            )
        };
        let connect = async {
            match self.met.get() {
                Some(server) => TcpStream::connect(server).await,
                None => TcpStream::connect((&**host, *port)).await,
            }
        };
        let stream = tokio::time::timeout(CONNECT, connect)
            .await
            .map_err(|_| unreachable(format!("no answer within {} s", CONNECT.as_secs())))?
            .map_err(|e| unreachable(e.to_string()))?;
        if let Ok(server) = stream.peer_addr() {
            self.met.get_or_init(|| server);
        }
        // A peer that vanished behind a NAT must not hold a session for hours. Where the
        // system refuses, the connection still works.
        let keepalive = socket2::TcpKeepalive::new()
            .with_time(Duration::from_secs(30))
            .with_interval(Duration::from_secs(10));
        let _ = socket2::SockRef::from(&stream).set_tcp_keepalive(&keepalive);
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// Wraps `stream` in TLS, verified for the endpoint's own name.
    pub async fn secure<S: Stream>(
        &self,
        stream: S,
        config: &Arc<ClientConfig>,
    ) -> Result<tokio_rustls::client::TlsStream<S>, Failure> {
        let refused = |why: String| {
            Failure::new(
                FailureKind::Unreachable,
                self.doing(),
                format!("TLS to {} was refused: {why}", self.endpoint.0),
            )
            .hint("nothing was sent; a private authority is trusted by --ca-bundle or AWS_CA_BUNDLE")
        };
        let name = ServerName::try_from(self.endpoint.0.to_string()).map_err(|e| refused(e.to_string()))?;
        let connecting = TlsConnector::from(config.clone()).connect(name, stream);
        tokio::time::timeout(CONNECT, connecting)
            .await
            .map_err(|_| refused("no answer to the handshake".to_owned()))?
            .map_err(|e| refused(e.to_string()))
    }
}
