//! Whom this side believes.

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use super::unusable;
use crate::error::Error;

/// The authorities whose certificates are believed when dialing. That they are for the right name
/// and valid now is checked in any case.
#[derive(Clone, Debug)]
pub struct Roots {
    system: bool,
    own: Vec<CertificateDer<'static>>,
}

impl Roots {
    /// Those that this system believes: what its administrator has installed.
    #[must_use]
    pub fn system() -> Self {
        Roots { system: true, own: Vec::new() }
    }

    /// Nobody yet.
    #[must_use]
    pub fn none() -> Self {
        Roots { system: false, own: Vec::new() }
    }

    /// Those of a PEM file as well.
    ///
    /// # Errors
    /// When it cannot be read, or has no certificate.
    pub fn with_pem(mut self, certificates: &[u8]) -> Result<Self, Error> {
        let certificates: Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(certificates).collect();
        let certificates = certificates.map_err(|error| unusable(ROOT, error))?;
        if certificates.is_empty() {
            return Err(unusable(ROOT, "the file holds none"));
        }
        for certificate in certificates {
            self = self.with(certificate)?;
        }
        Ok(self)
    }

    /// A certificate in DER as well.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with_der(self, certificate: Vec<u8>) -> Result<Self, Error> {
        self.with(CertificateDer::from(certificate))
    }

    fn with(mut self, certificate: CertificateDer<'static>) -> Result<Self, Error> {
        // A store of its own, only to see whether it can be read.
        let read = RootCertStore::empty().add(certificate.clone());
        read.map_err(|error| unusable(ROOT, error))?;
        self.own.push(certificate);
        Ok(self)
    }

    /// All of them. Those of the system are read from its files, which takes some milliseconds.
    pub(super) fn store(&self) -> Result<RootCertStore, Error> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.own.iter().cloned());
        if self.system {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
            if store.is_empty()
                && let Some(error) = found.errors.into_iter().next()
            {
                return Err(unusable("the root certificates of this system", error));
            }
        }
        Ok(store)
    }
}

impl Default for Roots {
    fn default() -> Self {
        Roots::system()
    }
}

/// What is at fault in an error.
const ROOT: &str = "the root certificate";
