//! Doors: what stands on loopback where dbdeck expects a database server. A door speaks verified TLS or fails at it,
//! reads the password that comes, and leads on to the real server or into a trap; it keeps what it saw.

use std::future::Future;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use crate::servers::{self, eventually};

/// Certificates that nobody may accept, with a word of the reason that a person should read.
pub const REFUSABLE: &[(&str, &str)] = &[
    ("wrong-host", "name"),
    ("no-name", "name"),
    ("self-signed", "UnknownIssuer"),
    ("stranger", "UnknownIssuer"),
    ("expired", "expired"),
];

/// What a door saw of one connection.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Every byte that came before TLS stood.
    pub clear: Vec<u8>,
    /// Why TLS did not come to stand.
    pub tls: Option<String>,
    /// Who logged in.
    pub user: String,
    /// The password as it came in the clear inside TLS.
    pub password: Option<String>,
    /// Every byte that came after a trap had been sprung.
    pub after: Vec<u8>,
}

/// An open door.
pub struct Door {
    /// `HOST:PORT`
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Door {
    /// Opens a door that treats each connection as `treat` does.
    pub async fn open<F>(treat: impl Fn(TcpStream, Arc<Mutex<Seen>>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let all = Arc::<Mutex<Vec<Seen>>>::default();
        let seen = all.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let one = Arc::<Mutex<Seen>>::default();
                let (treating, all) = (treat(stream, one.clone()), all.clone());
                tokio::spawn(async move {
                    // A connection that breaks is what most of these tests are about.
                    let _broken = treating.await;
                    let one = one.lock().expect("what was seen").clone();
                    all.lock().expect("all that was seen").push(one);
                });
            }
        });
        Self { address, seen }
    }

    /// What was seen of the first `count` connections that are over.
    pub async fn seen(&self, count: usize) -> Vec<Seen> {
        let over = || async {
            let seen = self.seen.lock().expect("what was seen").clone();
            (seen.len() >= count).then_some(seen)
        };
        eventually("the end of a connection at the door", over).await
    }
}

fn file(name: &str) -> String {
    std::env::var("DBDECK_TEST_CERTIFICATES").expect("these tests run under tests/run") + "/" + name
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Takes TLS with the certificate of this name: `server` or one of [`REFUSABLE`].
pub async fn accept(stream: TcpStream, name: &str) -> std::io::Result<server::TlsStream<TcpStream>> {
    let (certificate, key) = match name {
        "server" => (file("server.pem"), file("server.key")),
        name => (file(&format!("refusable/{name}.pem")), file("refusable/key.pem")),
    };
    let chain = CertificateDer::pem_file_iter(certificate).expect("a certificate").map(|c| c.expect("PEM"));
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain.collect(), key)
        .expect("a certificate and its key");
    TlsAcceptor::from(Arc::new(config)).accept(stream).await
}

/// Goes over to TLS with a real server.
pub async fn connect(stream: TcpStream) -> std::io::Result<client::TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(servers::ca()).expect("the CA's file") {
        roots.add(certificate.expect("a certificate")).expect("an authority");
    }
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Reads everything that still comes.
pub async fn rest(stream: &mut (impl AsyncReadExt + Unpin), seen: impl Fn(&[u8])) {
    let mut some = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut some).await {
        seen(&some[..read]);
    }
}

/// A door that hands bytes on to `to` and lets the connection die once `most` have come back: a network that is
/// cut. Bytes stay as they are, so that TLS is the server's own.
pub async fn cut_after(to: String, most: usize) -> Door {
    Door::open(move |mut near, _| {
        let to = to.clone();
        async move {
            let mut far = TcpStream::connect(to).await?;
            let (mut from_near, mut to_near) = near.split();
            let (mut from_far, mut to_far) = far.split();
            let back = async {
                let (mut some, mut came) = ([0; 4096], 0);
                while came < most {
                    let read = from_far.read(&mut some).await?;
                    if read == 0 {
                        break;
                    }
                    to_near.write_all(&some[..read]).await?;
                    came += read;
                }
                std::io::Result::Ok(())
            };
            tokio::select! {
                done = back => done,
                done = tokio::io::copy(&mut from_near, &mut to_far) => done.map(|_| ()),
            }
        }
    })
    .await
}
