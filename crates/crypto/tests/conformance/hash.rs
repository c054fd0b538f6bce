//! FIPS 180-4 examples.

use super::hex;
use crate::provider::{Sha256, fill_random, sha256, sha512};

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
fn random_bytes_differ() {
    let (mut one, mut other) = ([0; 32], [0; 32]);
    fill_random(&mut one).unwrap();
    fill_random(&mut other).unwrap();
    assert_ne!(one, other);
}
