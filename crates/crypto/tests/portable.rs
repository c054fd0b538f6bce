//! The portable provider against the vectors that both pass.
#![cfg(feature = "portable")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step fails the test")]

use peerloom_crypto::{Error, RsaSize, portable as provider};

mod conformance;

#[test]
fn rsa_is_a_typed_error() {
    assert_eq!(
        provider::rsa::SecretKey::generate(RsaSize::Bits2048).unwrap_err(),
        Error::RsaUnavailable
    );
    assert_eq!(provider::rsa::SecretKey::from_pkcs1(&[]).unwrap_err(), Error::RsaUnavailable);
    assert_eq!(provider::rsa::PublicKey::from_spki(&[]).unwrap_err(), Error::RsaUnavailable);
}
