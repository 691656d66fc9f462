//! A socket of this process that leads to the server: behind it, TLS verified for the endpoint's
//! own name. Only this user may open it, and it is gone with the session.

use crate::model::{Failure, FailureKind};
use crate::query::engines::net::Route;
use rustls::ClientConfig;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::client::TlsStream;

/// The socket and what serves it.
pub struct Relay {
    path: PathBuf,
    task: JoinHandle<()>,
    trouble: Arc<Mutex<Option<Failure>>>,
    doing: String,
    /// The folder that the socket is in.
    _folder: TempDir,
}

impl Relay {
    /// Opens the way once, so that what is wrong with it is said as it is, and then the socket.
    ///
    /// # Errors
    /// No route, no TLS that is trusted, or no socket can be made here.
    pub async fn open(route: Route, tls: Arc<ClientConfig>) -> Result<Self, Failure> {
        let first = connect(&route, &tls).await?;
        let doing = route.doing();
        let unmade = |e: std::io::Error| {
            Failure::new(FailureKind::Unreachable, "make a socket for the driver", e.to_string())
                .hint("name another folder for temporary files by TMPDIR")
        };
        let only_us = std::fs::Permissions::from_mode(0o700);
        let folder =
            tempfile::Builder::new().prefix("dbdeck-").permissions(only_us).tempdir().map_err(unmade)?;
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).map_err(unmade)?;
        let trouble = Arc::<Mutex<Option<Failure>>>::default();
        let task = tokio::spawn(serve(listener, route, tls, first, trouble.clone()));
        Ok(Self { path, task, trouble, doing, _folder: folder })
    }

    /// Where the socket is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why the last connection could not be made, when that was so.
    pub fn trouble(&self) -> Option<Failure> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The failure of a step that took too long.
    pub fn late(&self, doing: &str) -> Failure {
        let why = format!("the server did not answer in time ({})", self.doing);
        self.trouble().unwrap_or_else(|| Failure::new(FailureKind::Unreachable, doing, why))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(route: &Route, tls: &Arc<ClientConfig>) -> Result<TlsStream<TcpStream>, Failure> {
    let stream = route.tcp().await?;
    route.secure(stream, tls).await
}

/// Joins each connection of the driver with one of its own to the server.
async fn serve(
    listener: UnixListener,
    route: Route,
    tls: Arc<ClientConfig>,
    first: TlsStream<TcpStream>,
    trouble: Arc<Mutex<Option<Failure>>>,
) {
    let mut ready = Some(first);
    // Ends its tasks when it is dropped with this one.
    let mut joined = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        while joined.try_join_next().is_some() {}
        let (far, route, tls, trouble) = (ready.take(), route.clone(), tls.clone(), trouble.clone());
        joined.spawn(async move {
            let far = match far {
                Some(far) => Ok(far),
                None => connect(&route, &tls).await,
            };
            note(&trouble, far.as_ref().err());
            if let Ok(far) = far {
                join(near, far).await;
            }
        });
    }
}

fn note(trouble: &Mutex<Option<Failure>>, failure: Option<&Failure>) {
    *trouble.lock().unwrap_or_else(PoisonError::into_inner) = failure.cloned();
}

async fn join(mut near: UnixStream, mut far: TlsStream<TcpStream>) {
    // Either side may end it; the driver says what that means for a statement.
    let _ = copy_bidirectional(&mut near, &mut far).await;
}
