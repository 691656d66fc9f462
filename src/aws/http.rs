//! The HTTP client under the gate: TLS always verified, system roots plus the person's own
//! authorities, proxies from the environment.

use crate::model::{Failure, FailureKind};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A client that trusts the system's authorities and those in the PEM file `ca_bundle`
/// (`AWS_CA_BUNDLE` when `None`), through the proxy that `HTTPS_PROXY` and its like name.
///
/// # Errors
/// When the PEM file cannot be read or used.
pub fn client(ca_bundle: Option<&Path>) -> Result<SharedHttpClient, Failure> {
    let context = tls(ca_bundle)?;
    Ok(Builder::new().build_with_connector_fn(move |settings, parts| {
        let mut connector = Connector::builder()
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(
            parts.and_then(aws_smithy_runtime_api::client::runtime_components::RuntimeComponents::sleep_impl),
        );
        connector.build()
    }))
}

/// A connector for one database endpoint: a connection attempt ends after `connect`, an answer may
/// take as long as it takes. `way` says where a name leads; through a tunnel no proxy is asked.
///
/// # Errors
/// As [`client`].
pub fn connector(
    ca_bundle: Option<&Path>,
    way: Way,
    connect: Duration,
) -> Result<SharedHttpConnector, Failure> {
    let settings = HttpConnectorSettings::builder().connect_timeout(connect).build();
    let proxy = if way.to.is_some() { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
    let mut connector = Connector::builder()
        .proxy_config(proxy)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(tls(ca_bundle)?);
    connector.set_connector_settings(Some(settings));
    connector.set_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())));
    Ok(SharedHttpConnector::new(connector.build_with_resolver(way)))
}

/// Where names lead: to a tunnel's near end, or to the server that the name meant first. A reader
/// endpoint means another server each time it is asked, and what stops a statement must reach the
/// one that runs it.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// Every name leads to this host.
    pub to: Option<Arc<str>>,
    met: Arc<OnceLock<IpAddr>>,
}

impl Way {
    /// Through `to`, when there is one.
    pub fn through(to: Option<Arc<str>>) -> Self {
        Self { to, met: Arc::default() }
    }
}

impl ResolveDns for Way {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            if let Some(server) = self.met.get() {
                return Ok(vec![*server]);
            }
            let found = tokio::net::lookup_host((self.to.as_deref().unwrap_or(name), 0)).await;
            let all: Vec<IpAddr> = found.map_err(ResolveDnsError::new)?.map(|at| at.ip()).collect();
            match (self.to.is_some(), all.first()) {
                // The near end of a tunnel is one server under all its addresses.
                (false, Some(first)) => Ok(vec![*self.met.get_or_init(|| *first)]),
                _ => Ok(all),
            }
        })
    }
}

fn tls(ca_bundle: Option<&Path>) -> Result<TlsContext, Failure> {
    let from_env = std::env::var_os("AWS_CA_BUNDLE").map(std::path::PathBuf::from);
    let mut trust = TrustStore::default();
    if let Some(path) = ca_bundle.or(from_env.as_deref()) {
        let unusable = |why: String| {
            Failure::new(FailureKind::Usage, format!("read the CA bundle {}", path.display()), why)
                .hint("give a PEM file with --ca-bundle or AWS_CA_BUNDLE")
        };
        let pem = std::fs::read(path).map_err(|e| unusable(e.to_string()))?;
        if !pem.windows(10).any(|w| w == b"-----BEGIN") {
            return Err(unusable("it holds no PEM certificate".into()));
        }
        trust = trust.with_pem_certificate(pem);
    }
    TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|e| Failure::new(FailureKind::Usage, "set up TLS", e.to_string()))
}
