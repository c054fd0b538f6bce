//! RSA: what is written reads back, and what must not verify does not.

use peerloom_crypto::aws_lc::rsa::{PublicKey, SecretKey};
use peerloom_crypto::{Error, RsaSize};

use crate::conformance::bit_flips;

#[test]
fn only_the_signature_of_this_key_over_this_message_verifies() {
    let key = SecretKey::generate(RsaSize::Bits2048).unwrap();
    let other = SecretKey::generate(RsaSize::Bits2048).unwrap();
    let signature = key.sign(b"message").unwrap();
    let public = PublicKey::from_spki(key.public_key().as_spki()).unwrap();
    assert_eq!(&public, key.public_key());
    public.verify(b"message", &signature).unwrap();

    public.verify(b"massage", &signature).unwrap_err();
    other.public_key().verify(b"message", &signature).unwrap_err();
    for changed in bit_flips(&signature).step_by(11) {
        assert_eq!(public.verify(b"message", &changed), Err(Error::WrongSignature));
    }
    for length in 0..signature.len() {
        public.verify(b"message", &signature[..length]).unwrap_err();
    }
    public.verify(b"message", &[0; 256]).unwrap_err();
    public.verify(b"message", &[0xff; 256]).unwrap_err();

    let again = SecretKey::from_pkcs1(key.as_pkcs1()).unwrap();
    assert_eq!(again.as_pkcs1(), key.as_pkcs1());
    again.public_key().verify(b"message", &again.sign(b"message").unwrap()).unwrap();
    assert_eq!(format!("{key:?}"), "rsa::SecretKey");
}

#[test]
fn secret_keys_whose_numbers_do_not_fit_together_are_refused() {
    let pkcs1 = SecretKey::generate(RsaSize::Bits2048).unwrap().as_pkcs1().to_vec();
    for changed in bit_flips(&pkcs1).step_by(331) {
        SecretKey::from_pkcs1(&changed).unwrap_err();
    }
    for length in (0..pkcs1.len()).step_by(17) {
        SecretKey::from_pkcs1(&pkcs1[..length]).unwrap_err();
    }
    SecretKey::from_pkcs1(&[pkcs1.as_slice(), &[0]].concat()).unwrap_err();
}

#[test]
fn keys_that_are_too_short_or_too_long_are_refused() {
    for (bits, good) in
        [(1024, false), (2047, false), (2048, true), (8192, true), (8193, false), (16384, false)]
    {
        let public = PublicKey::from_spki(&spki_of(bits));
        let secret = SecretKey::from_pkcs1(&pkcs1_of(bits));
        if good {
            public.unwrap();
            // The length is good, the numbers are not.
            assert_eq!(secret.unwrap_err(), Error::MalformedKey);
        } else {
            assert_eq!(public.unwrap_err(), Error::RsaKeySize { bits });
            assert_eq!(secret.unwrap_err(), Error::RsaKeySize { bits });
        }
    }
}

/// A public key with an odd modulus of so many bits, and the usual exponent.
fn spki_of(bits: usize) -> Vec<u8> {
    let algorithm = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    let public = value(0x30, &[value(0x02, &[modulus(bits)]), value(0x02, &[vec![1, 0, 1]])]);
    value(0x30, &[algorithm.to_vec(), value(0x03, &[vec![0], public])])
}

fn pkcs1_of(bits: usize) -> Vec<u8> {
    let mut numbers = vec![value(0x02, &[vec![0]]), value(0x02, &[modulus(bits)])];
    numbers.resize(9, value(0x02, &[vec![3]]));
    value(0x30, &numbers)
}

fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xff; bits.div_ceil(8)];
    modulus[0] = 0xff >> ((8 - bits % 8) % 8);
    if modulus[0] == 0xff {
        modulus.insert(0, 0);
    }
    modulus
}

fn value(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let header = match length {
        [0, short @ ..=0x7f] => vec![tag, short],
        [0, long] => vec![tag, 0x81, long],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [header, content].concat()
}
