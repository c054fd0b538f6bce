//! FIPS 180-4 examples and RFC 4231.

use super::hex;
use crate::provider::{Sha256, fill_random, hmac_sha256, sha256, sha512};

#[test]
fn sha_256_of_abc_is_that_of_the_standard() {
    let hash = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(sha256(b"abc").as_slice(), hash);
    let mut parts = Sha256::new();
    parts.update(b"a");
    parts.update(b"");
    parts.update(b"bc");
    assert_eq!(parts.finish().as_slice(), hash);
}

#[test]
fn sha_512_of_abc_is_that_of_the_standard() {
    let hash = hex("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    assert_eq!(sha512(b"abc").as_slice(), hash);
}

#[test]
fn hmac_sha_256_is_that_of_rfc_4231() {
    // Test cases 2 and 6: a short key, and one longer than a block.
    let mac = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]).as_slice(), mac);
    let mac = hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
    assert_eq!(hmac_sha256(&[0xaa; 131], &[text]).as_slice(), mac);
}

#[test]
fn random_bytes_differ() {
    let (mut one, mut other) = ([0; 32], [0; 32]);
    fill_random(&mut one).unwrap();
    fill_random(&mut other).unwrap();
    assert_ne!(one, other);
}
