//! What one provider makes, the other takes: the choice changes speed and nothing else.
#![cfg(all(feature = "aws-lc", feature = "portable"))]

#[cfg(feature = "portable-curves")]
use peerloom_crypto::Curve;
use peerloom_crypto::{aws_lc, portable};
use proptest::prelude::*;

#[test]
fn ed25519_keys_and_signatures_are_the_same() {
    for byte in 0..16 {
        let one = aws_lc::ed25519::SecretKey::from_seed(&[byte; 32]).unwrap();
        let other = portable::ed25519::SecretKey::from_seed(&[byte; 32]).unwrap();
        assert_eq!(one.public_key().as_bytes(), other.public_key().as_bytes());
        assert_eq!(one.sign(b"message"), other.sign(b"message"));
    }
}

#[test]
fn x25519_secrets_are_the_same() {
    for byte in 0..16 {
        let one = aws_lc::x25519::SecretKey::from_bytes(&[byte; 32]).unwrap();
        let other = portable::x25519::SecretKey::from_bytes(&[byte; 32]).unwrap();
        assert_eq!(one.public_key(), other.public_key());
        assert_eq!(one.agree(&[9; 32]).unwrap(), other.agree(&[9; 32]).unwrap());
    }
}

#[test]
#[cfg(feature = "portable-curves")]
fn ecdsa_signatures_of_the_one_verify_with_the_other() {
    for curve in [Curve::P256, Curve::P384, Curve::P521, Curve::Secp256k1] {
        let one = aws_lc::ecdsa::SecretKey::generate(curve).unwrap();
        let other = portable::ecdsa::SecretKey::from_bytes(curve, one.as_bytes()).unwrap();
        assert_eq!(one.public_key().as_point(), other.public_key().as_point());
        assert_eq!(one.to_sec1(), other.to_sec1());
        assert_eq!(one.public_key().to_spki(), other.public_key().to_spki());
        for message in 0..4_u8 {
            other.public_key().verify(&[message], &one.sign(&[message]).unwrap()).unwrap();
            one.public_key().verify(&[message], &other.sign(&[message]).unwrap()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hashes_are_the_same(key: Vec<u8>, one: Vec<u8>, other: Vec<u8>) {
        prop_assert_eq!(aws_lc::sha256(&one), portable::sha256(&one));
        prop_assert_eq!(aws_lc::sha512(&one), portable::sha512(&one));
        let parts = [one.as_slice(), &other];
        prop_assert_eq!(aws_lc::hmac_sha256(&key, &parts), portable::hmac_sha256(&key, &parts));
    }

    #[test]
    fn sealed_data_are_the_same(key: [u8; 32], nonce: [u8; 12], associated: Vec<u8>, data: Vec<u8>) {
        let one = aws_lc::ChaCha20Poly1305::new(&key);
        let other = portable::ChaCha20Poly1305::new(&key);
        let (mut by_one, mut by_other) = (data.clone(), data.clone());
        let tag = one.seal(&nonce, &associated, &mut by_one);
        prop_assert_eq!(tag, other.seal(&nonce, &associated, &mut by_other));
        by_one.extend(tag);
        by_other.extend(tag);
        prop_assert_eq!(&by_one, &by_other);
        prop_assert_eq!(&*other.open(&nonce, &associated, &mut by_one).unwrap(), data.as_slice());
        prop_assert_eq!(&*one.open(&nonce, &associated, &mut by_other).unwrap(), data.as_slice());
    }

    /// Random bytes are on the curve half of the time; near the edges of the field most mistakes are.
    #[test]
    fn the_same_points_are_ed25519_keys(mut key: [u8; 32], edge in 0..4, low: u8, signature: [u8; 32]) {
        if edge != 0 {
            key = [if edge == 1 { 0xff } else { 0 }; 32];
            key[0] = low;
            if edge == 3 {
                key[31] = 0x80;
            }
        }
        let one = aws_lc::ed25519::PublicKey::from_bytes(&key);
        let other = portable::ed25519::PublicKey::from_bytes(&key);
        prop_assert_eq!(one.is_ok(), other.is_ok());
        if let (Ok(one), Ok(other)) = (one, other) {
            let signature = [key, signature].concat();
            let verdict = one.verify(&key, &signature);
            prop_assert_eq!(verdict, other.verify(&key, &signature));
        }
    }

    #[test]
    #[cfg(feature = "portable-curves")]
    fn the_same_bytes_are_ecdsa_keys_and_signatures(bytes: Vec<u8>, mut point: [u8; 33]) {
        use aws_lc::ecdsa::PublicKey as One;
        use portable::ecdsa::PublicKey as Other;

        prop_assert_eq!(One::from_spki(&bytes).is_ok(), Other::from_spki(&bytes).is_ok());
        point[0] = 2 | point[0] & 1;
        let one = One::from_point(Curve::Secp256k1, &point);
        let other = Other::from_point(Curve::Secp256k1, &point);
        prop_assert_eq!(one.is_ok(), other.is_ok());
        if let (Ok(one), Ok(other)) = (one, other) {
            prop_assert_eq!(one.as_point(), other.as_point());
            prop_assert_eq!(one.verify(&point, &bytes), other.verify(&point, &bytes));
        }
    }
}
