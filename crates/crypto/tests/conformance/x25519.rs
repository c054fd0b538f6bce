//! RFC 7748, sections 5.2 and 6.1, and the points that agree on nothing.

use peerloom_crypto::Error;

use super::array;
use crate::provider::x25519::SecretKey;

#[test]
fn both_sides_agree_on_the_secret_of_the_rfc() {
    let alice = array("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let bob = array("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let alice_public = array("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let bob_public = array("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    let secret = array("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");

    let alice = SecretKey::from_bytes(&alice).unwrap();
    let bob = SecretKey::from_bytes(&bob).unwrap();
    assert_eq!(alice.public_key(), alice_public);
    assert_eq!(bob.public_key(), bob_public);
    assert_eq!(*alice.agree(&bob_public).unwrap(), secret);
    assert_eq!(*bob.agree(&alice_public).unwrap(), secret);
}

#[test]
fn the_highest_bit_of_a_public_key_means_nothing() {
    let scalar = array("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d");
    let point = array("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493");
    let secret = array("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
    assert_eq!(*SecretKey::from_bytes(&scalar).unwrap().agree(&point).unwrap(), secret);
}

#[test]
fn a_point_of_small_order_agrees_on_nothing() {
    let key = SecretKey::generate().unwrap();
    for point in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        assert_eq!(key.agree(&array(point)).unwrap_err(), Error::ZeroSecret);
    }
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{:?}", SecretKey::generate().unwrap()), "x25519::SecretKey");
}
