//! What one provider makes, the other takes: the choice changes speed and nothing else.
#![cfg(all(feature = "aws-lc", feature = "portable"))]

#[cfg(feature = "stream-ciphers")]
use peerloom_crypto::Cipher;
#[cfg(feature = "portable-curves")]
use peerloom_crypto::Curve;
use peerloom_crypto::{Hash, aws_lc, portable};
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

#[test]
#[cfg(feature = "portable-curves")]
fn ecdh_secrets_are_the_same() {
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        for byte in 1..9 {
            // The order of P-521 begins with 01ff.
            let mut scalar = vec![byte; curve.scalar_length()];
            scalar[0] = 0;
            let one = aws_lc::ecdh::SecretKey::from_scalar(curve, &scalar).unwrap();
            let other = portable::ecdh::SecretKey::from_scalar(curve, &scalar).unwrap();
            assert_eq!(one.public_point(), other.public_point());
            let remote = portable::ecdh::SecretKey::generate(curve).unwrap();
            let remote = remote.public_point();
            assert_eq!(one.agree(remote).unwrap(), other.agree(remote).unwrap());
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
        for hash in [Hash::Sha256, Hash::Sha512] {
            let by_one = aws_lc::Hmac::new(hash, &key);
            let by_other = portable::Hmac::new(hash, &key);
            let tag = by_one.tag(&parts);
            by_other.verify(&parts, tag.as_ref()).unwrap();
            by_one.verify(&parts, by_other.tag(&parts).as_ref()).unwrap();
        }
    }

    #[test]
    #[cfg(feature = "stream-ciphers")]
    fn key_streams_are_the_same(
        key: [u8; 32],
        mut iv: [u8; 16],
        overflows: bool,
        data in proptest::collection::vec(any::<u8>(), 0..2000),
        cut in 0..64_usize,
    ) {
        if overflows {
            iv[..15].fill(0xff);
        }
        for cipher in [Cipher::Aes128, Cipher::Aes256, Cipher::Blowfish] {
            let (key, iv) = (&key[..cipher.key_length()], &iv[..cipher.iv_length()]);
            let (mut by_one, mut by_other) = (data.clone(), data.clone());
            let cut = data.len().min(cut);
            let mut one = aws_lc::Ctr::new(cipher, key, iv).unwrap();
            one.apply(&mut by_one[..cut]);
            one.apply(&mut by_one[cut..]);
            portable::Ctr::new(cipher, key, iv).unwrap().apply(&mut by_other);
            prop_assert_eq!(by_one, by_other);
        }
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

    #[test]
    #[cfg(feature = "aes-gcm")]
    fn what_aes_gcm_seals_is_the_same(
        key: [u8; 32],
        short: bool,
        nonce: [u8; 12],
        associated: Vec<u8>,
        data: Vec<u8>,
    ) {
        let key = if short { &key[..16] } else { &key };
        let one = aws_lc::AesGcm::new(key).unwrap();
        let other = portable::AesGcm::new(key).unwrap();
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
