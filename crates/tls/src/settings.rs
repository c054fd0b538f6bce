//! How rustls is set up: TLS 1.3, both sides with a certificate, no resumption.

use std::sync::{Arc, LazyLock};

use peerloom_core::BoxError;
use peerloom_crypto::ecdsa::SecretKey;
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::cipher_suite::{
    TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::NoServerSessionStorage;
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig, SupportedCipherSuite};

use crate::verifier::{Own, Verifier};

/// What all connections with one certificate have in common.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) dialer: Arc<ClientConfig>,
    /// Offers no muxer.
    pub(crate) listener: Arc<ServerConfig>,
}

impl Settings {
    pub(crate) fn new(certificate: Vec<u8>, key: &SecretKey) -> Result<Self, BoxError> {
        let sec1 = PrivateKeyDer::Sec1(key.to_sec1().to_vec().into());
        let key = PROVIDER.key_provider.load_private_key(sec1)?;
        let own = Arc::new(Own(Arc::new(CertifiedKey::new(vec![certificate.into()], key))));

        let mut dialer = ClientConfig::builder_with_provider(PROVIDER.clone())
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier))
            .with_client_cert_resolver(own.clone());
        dialer.resumption = Resumption::disabled();
        dialer.enable_secret_extraction = true;

        let mut listener = ServerConfig::builder_with_provider(PROVIDER.clone())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(Arc::new(Verifier))
            .with_cert_resolver(own);
        listener.alpn_protocols = vec![LIBP2P.to_vec()];
        listener.session_storage = Arc::new(NoServerSessionStorage {});
        listener.send_tls13_tickets = 0;
        listener.enable_secret_extraction = true;
        Ok(Settings { dialer: Arc::new(dialer), listener: Arc::new(listener) })
    }

    /// For a listener that has chosen this protocol among those that the dialer offers.
    pub(crate) fn listener_for(&self, protocol: &[u8]) -> Arc<ServerConfig> {
        if protocol == LIBP2P {
            return self.listener.clone();
        }
        let mut listener = ServerConfig::clone(&self.listener);
        listener.alpn_protocols = vec![protocol.to_vec()];
        Arc::new(listener)
    }
}

/// The signatures that are understood, in handshakes and on certificates.
pub(crate) fn algorithms() -> &'static WebPkiSupportedAlgorithms {
    &PROVIDER.signature_verification_algorithms
}

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    let cipher_suites = cipher_suites(has_aes());
    Arc::new(CryptoProvider { cipher_suites, ..default_provider() })
});

/// AES first where the CPU has instructions for it; elsewhere ChaCha20 is faster, and leaks no timing.
fn cipher_suites(has_aes: bool) -> Vec<SupportedCipherSuite> {
    let mut suites = vec![TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384];
    let place = if has_aes { suites.len() } else { 0 };
    suites.insert(place, TLS13_CHACHA20_POLY1305_SHA256);
    suites
}

/// Whether the CPU has instructions for AES and for the multiplication in GCM.
fn has_aes() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let found = is_x86_feature_detected!("aes") && is_x86_feature_detected!("pclmulqdq");
    #[cfg(target_arch = "aarch64")]
    let found = std::arch::is_aarch64_feature_detected!("aes")
        && std::arch::is_aarch64_feature_detected!("pmull");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    let found = false;
    found
}

/// The application protocol when no muxer is agreed on.
pub(crate) const LIBP2P: &[u8] = b"libp2p";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aes_comes_first_where_the_cpu_has_it_and_last_where_not() {
        let chacha = TLS13_CHACHA20_POLY1305_SHA256;
        assert_eq!(cipher_suites(true).last(), Some(&chacha));
        assert_eq!(cipher_suites(false).first(), Some(&chacha));
        assert_eq!(cipher_suites(true).len(), 3);
    }
}
