//! The HTTP client under the gate: TLS always verified, system roots plus the person's own
//! authorities, proxies from the environment.

use crate::model::{Failure, FailureKind};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::path::Path;

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
