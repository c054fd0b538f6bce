//! The portable provider against the vectors that both pass.
#![cfg(feature = "portable")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step fails the test")]

use peerloom_crypto::{Error, RsaSize, portable as provider};

#[cfg(feature = "aes-gcm")]
mod aes_gcm;
mod conformance;
#[cfg(feature = "stream-ciphers")]
mod ctr;
#[cfg(feature = "portable-curves")]
mod ecdh;
#[cfg(feature = "portable-curves")]
mod ecdsa;

#[test]
fn rsa_keys_need_the_other_provider() {
    use provider::rsa::{PublicKey, SecretKey};
    let missing = Error::Unavailable { key_type: "rsa", feature: "aws-lc" };
    assert_eq!(SecretKey::generate(RsaSize::Bits2048).unwrap_err(), missing);
    assert_eq!(SecretKey::from_pkcs1(&[]).unwrap_err(), missing);
    assert_eq!(PublicKey::from_spki(&[]).unwrap_err(), missing);
    assert_eq!(missing.to_string(), "rsa keys need the feature aws-lc");
}

#[test]
#[cfg(not(feature = "portable-curves"))]
fn keys_on_other_curves_need_a_feature() {
    use peerloom_crypto::Curve;
    use provider::ecdsa::{PublicKey, SecretKey};
    for (curve, key_type) in [
        (Curve::P256, "ecdsa"),
        (Curve::P384, "ecdsa"),
        (Curve::P521, "ecdsa"),
        (Curve::Secp256k1, "secp256k1"),
    ] {
        let missing = Error::Unavailable { key_type, feature: "portable-curves" };
        assert_eq!(SecretKey::generate(curve).unwrap_err(), missing);
        let scalar = vec![1; curve.scalar_length()];
        assert_eq!(SecretKey::from_bytes(curve, &scalar).unwrap_err(), missing);
        let mut point = vec![1; curve.point_length()];
        point[0] = if curve == Curve::Secp256k1 { 2 } else { 4 };
        assert_eq!(PublicKey::from_point(curve, &point).unwrap_err(), missing);
        // What is no key at all is one with no feature.
        assert_eq!(PublicKey::from_point(curve, &[9; 9]).unwrap_err(), Error::MalformedKey);
    }
}

#[test]
#[cfg(not(feature = "portable-curves"))]
fn agreeing_on_those_curves_does_too() {
    use peerloom_crypto::Curve;
    use provider::ecdh::SecretKey;
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let missing = Error::Unavailable { key_type: "ecdh", feature: "portable-curves" };
        assert_eq!(SecretKey::generate(curve).unwrap_err(), missing);
        let scalar = vec![1; curve.scalar_length()];
        assert_eq!(SecretKey::from_scalar(curve, &scalar).unwrap_err(), missing);
        assert_eq!(SecretKey::from_scalar(curve, &[1]).unwrap_err(), Error::MalformedKey);
    }
    let no_agreement = SecretKey::generate(Curve::Secp256k1).unwrap_err();
    assert_eq!(no_agreement, Error::NoAgreement);
}

#[test]
#[cfg(not(feature = "stream-ciphers"))]
fn stream_ciphers_need_a_feature() {
    use peerloom_crypto::Cipher;
    use provider::Ctr;
    let missing = Error::Unavailable { key_type: "aes", feature: "stream-ciphers" };
    assert_eq!(Ctr::new(Cipher::Aes128, &[1; 16], &[2; 16]).unwrap_err(), missing);
    assert_eq!(Ctr::new(Cipher::Aes256, &[1; 32], &[2; 16]).unwrap_err(), missing);
    assert_eq!(Ctr::new(Cipher::Aes256, &[1; 16], &[2; 16]).unwrap_err(), Error::MalformedKey);
}

#[test]
#[cfg(not(feature = "aes-gcm"))]
fn aes_gcm_needs_a_feature() {
    use provider::AesGcm;
    let missing = Error::Unavailable { key_type: "aes-gcm", feature: "aes-gcm" };
    assert_eq!(AesGcm::new(&[1; 16]).unwrap_err(), missing);
    assert_eq!(AesGcm::new(&[1; 32]).unwrap_err(), missing);
    assert_eq!(AesGcm::new(&[1; 24]).unwrap_err(), Error::MalformedKey);
}
