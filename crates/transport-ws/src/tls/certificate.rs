//! What this side shows of itself.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, InconsistentKeys, ServerConfig};

use super::{HTTP, provider, unusable};
use crate::error::Error;

/// A certificate with its chain and its private key, for a listener. Clones are cheap.
#[derive(Clone)]
pub struct Certificate(Arc<ServerConfig>);

impl Certificate {
    /// From the text of two PEM files: the certificate with those that lead to its root behind it, and its key.
    ///
    /// # Errors
    /// When one of them cannot be read, or they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, Error> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(|error| unusable("the certificate", error))?;
        let key = PrivateKeyDer::from_pem_slice(key);
        Certificate::new(chain, key.map_err(|error| unusable("the private key", error))?)
    }

    /// From the same in DER: the certificates in order, and the key in PKCS #8, PKCS #1 or SEC1.
    ///
    /// # Errors
    /// When one of them cannot be read, or they do not belong together.
    pub fn from_der(chain: Vec<Vec<u8>>, key: Vec<u8>) -> Result<Self, Error> {
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        let key = PrivateKeyDer::try_from(key);
        Certificate::new(chain, key.map_err(|error| unusable("the private key", error))?)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, Error> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("this system's TLS", error))?;
        let mut config =
            builder.with_no_client_auth().with_single_cert(chain, key).map_err(mismatch)?;
        config.alpn_protocols = vec![HTTP.to_vec()];
        Ok(Certificate(Arc::new(config)))
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0)
    }
}

/// Why a certificate and a key cannot be used together.
fn mismatch(error: rustls::Error) -> Error {
    const BOTH: &str = "the certificate with its key";
    match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            unusable(BOTH, "that is not the key of this certificate")
        }
        other => unusable(BOTH, other),
    }
}

/// Shows nothing of the key.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}
