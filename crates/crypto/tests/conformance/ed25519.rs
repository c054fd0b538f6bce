//! RFC 8032, section 7.1, and everything that must not verify.

use peerloom_crypto::Error;

use super::{array, bit_flips, hex};
use crate::provider::ed25519::{PublicKey, SecretKey};

const SEED: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const PUBLIC: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const MESSAGE: &[u8] = &[0x72];
const SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
    085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

#[test]
fn signing_is_that_of_the_rfc() {
    let key = SecretKey::from_seed(&array(SEED)).unwrap();
    assert_eq!(key.public_key().as_bytes(), &array(PUBLIC));
    assert_eq!(key.sign(MESSAGE).as_slice(), hex(SIGNATURE));
    assert_eq!(key.seed(), &array(SEED));

    let empty = SecretKey::from_seed(&array(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    ));
    let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555
        fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
    assert_eq!(empty.unwrap().sign(&[]).as_slice(), hex(signature));
}

#[test]
fn only_the_signature_of_this_key_over_this_message_verifies() {
    let key = PublicKey::from_bytes(&hex(PUBLIC)).unwrap();
    let signature = hex(SIGNATURE);
    key.verify(MESSAGE, &signature).unwrap();

    key.verify(&[0x73], &signature).unwrap_err();
    key.verify(&[], &signature).unwrap_err();
    SecretKey::generate().unwrap().public_key().verify(MESSAGE, &signature).unwrap_err();
    // A bit of every byte: this is slow without optimization.
    for changed in bit_flips(&signature).step_by(7) {
        assert_eq!(key.verify(MESSAGE, &changed), Err(Error::WrongSignature));
    }
    for length in 0..signature.len() {
        key.verify(MESSAGE, &signature[..length]).unwrap_err();
    }
    key.verify(MESSAGE, &[signature.as_slice(), &[0]].concat()).unwrap_err();
}

#[test]
fn any_64_bytes_are_not_a_signature() {
    // RUSTSEC-2019-0004.
    let key = PublicKey::from_bytes(&hex(PUBLIC)).unwrap();
    for byte in [0, 1, 0x7f, 0x80, 0xff] {
        key.verify(MESSAGE, &[byte; 64]).unwrap_err();
    }
}

#[test]
fn the_same_signature_with_a_larger_number_does_not_verify() {
    // s + L, which an implementation without the check of RFC 8032, section 5.1.7 takes.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut signature = hex(SIGNATURE);
    let mut carry = 0;
    for (digit, order) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(order) + carry;
        [*digit, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    let key = PublicKey::from_bytes(&hex(PUBLIC)).unwrap();
    assert_eq!(key.verify(MESSAGE, &signature), Err(Error::WrongSignature));
}

#[test]
fn keys_that_anybody_can_sign_for_are_refused() {
    for y in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // Not canonical: p + 0 and p + 1.
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        let mut key = hex(y);
        assert_eq!(PublicKey::from_bytes(&key), Err(Error::MalformedKey));
        key[31] |= 0x80;
        assert_eq!(PublicKey::from_bytes(&key), Err(Error::MalformedKey));
    }
}

#[test]
fn keys_of_another_length_are_refused() {
    for length in [0, 31, 33, 64] {
        assert_eq!(PublicKey::from_bytes(&vec![9; length]), Err(Error::MalformedKey));
    }
}

#[test]
fn a_key_off_the_curve_verifies_nothing() {
    // No x belongs to y = 2.
    let mut bytes = [0; 32];
    bytes[0] = 2;
    let key = PublicKey::from_bytes(&bytes).unwrap();
    assert_eq!(key.verify(MESSAGE, &hex(SIGNATURE)), Err(Error::WrongSignature));
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{:?}", SecretKey::generate().unwrap()), "ed25519::SecretKey");
}
