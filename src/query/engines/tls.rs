//! Whom to trust: RDS's own authorities (in no system store), the system's, and a file of the
//! person's. Certificates and names are always verified; there is no switch.

use crate::model::{Failure, FailureKind};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// RDS's authorities; source and date are in `roots/README.md`.
const RDS: &[u8] = include_bytes!("roots/rds-global-bundle.pem");

/// A client configuration that trusts RDS's authorities, the system's, and those of `extra`
/// (or of `AWS_CA_BUNDLE`). Reads files: call it off the UI thread.
pub fn config(extra: Option<&Path>) -> Result<Arc<ClientConfig>, Failure> {
    let roots = roots(extra)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Failure::new(FailureKind::Bug, "set up TLS", e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// PEM texts of the authorities to trust beside the system's, for a driver that does its own TLS: RDS's
/// and those of `extra` (or of `AWS_CA_BUNDLE`).
///
/// # Errors
/// The file cannot be read or holds no usable certificate.
pub fn bundles(extra: Option<&Path>) -> Result<Vec<Vec<u8>>, Failure> {
    // The same look as everywhere, so that a broken file is told in the same words.
    roots(extra)?;
    let mut bundles = vec![RDS.to_vec()];
    if let Some(path) = extra.map(Path::to_owned).or_else(from_environment) {
        let unusable =
            |e: std::io::Error| Failure::new(FailureKind::Usage, "read the CA bundle", e.to_string());
        bundles.push(std::fs::read(path).map_err(unusable)?);
    }
    Ok(bundles)
}

fn from_environment() -> Option<PathBuf> {
    std::env::var_os("AWS_CA_BUNDLE").filter(|v| !v.is_empty()).map(PathBuf::from)
}

fn roots(extra: Option<&Path>) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(CertificateDer::pem_slice_iter(RDS).flatten());
    // A machine without a system store still reaches RDS: what cannot be loaded is not trusted.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let Some(path) = extra.map(Path::to_owned).or_else(from_environment) else { return Ok(roots) };
    let unusable = |why: String| {
        Failure::new(FailureKind::Usage, format!("read the CA bundle {}", path.display()), why)
            .hint("give a file of PEM certificates")
    };
    let pem = std::fs::read(&path).map_err(|e| unusable(e.to_string()))?;
    let mut added = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|e| unusable(e.to_string()))?;
        roots.add(certificate).map_err(|e| unusable(e.to_string()))?;
        added += 1;
    }
    if added == 0 { Err(unusable("no certificate in it".to_owned())) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_authority_of_rds_is_usable() {
        let mut roots = RootCertStore::empty();
        let (added, ignored) =
            roots.add_parsable_certificates(CertificateDer::pem_slice_iter(RDS).map(|c| c.expect("PEM")));
        assert_eq!((added, ignored), (120, 0));
    }

    #[test]
    fn a_bundle_without_certificates_is_said_to_be_one() {
        let file = tempfile::NamedTempFile::new().expect("file");
        let failure = config(Some(file.path())).expect_err("nothing in it");
        assert_eq!(failure.kind, FailureKind::Usage);
    }
}
