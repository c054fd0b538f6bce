//! RFC 8439, section 2.8.2, and everything that must not open.

use super::{array, bit_flips, hex};
use crate::provider::ChaCha20Poly1305;

const TEXT: &[u8] = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
    for the future, sunscreen would be it.";
const ASSOCIATED: &str = "50515253c0c1c2c3c4c5c6c7";
const NONCE: &str = "070000004041424344454647";

fn key() -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&array(
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    ))
}

fn sealed() -> Vec<u8> {
    hex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6
         3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36
         92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
         3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060
         0691")
}

#[test]
fn sealing_is_that_of_the_rfc() {
    let mut data = TEXT.to_vec();
    let tag = key().seal(&array(NONCE), &hex(ASSOCIATED), &mut data);
    assert_eq!([data.as_slice(), &tag].concat(), sealed());
}

#[test]
fn opening_gives_the_text_back() {
    let mut data = sealed();
    assert_eq!(key().open(&array(NONCE), &hex(ASSOCIATED), &mut data).unwrap(), TEXT);
}

#[test]
fn nothing_but_what_was_sealed_opens() {
    let (key, nonce, associated) = (key(), array(NONCE), hex(ASSOCIATED));
    for mut changed in bit_flips(&sealed()) {
        key.open(&nonce, &associated, &mut changed).unwrap_err();
    }
    for length in 0..sealed().len() {
        key.open(&nonce, &associated, &mut sealed()[..length]).unwrap_err();
    }
    key.open(&[0; 12], &associated, &mut sealed()).unwrap_err();
    key.open(&nonce, &[], &mut sealed()).unwrap_err();
    ChaCha20Poly1305::new(&[0; 32]).open(&nonce, &associated, &mut sealed()).unwrap_err();
}

#[test]
fn nothing_can_be_sealed_as_well() {
    let (key, nonce) = (key(), array(NONCE));
    let mut tag = key.seal(&nonce, &[], &mut []);
    assert!(key.open(&nonce, &[], &mut tag).unwrap().is_empty());
}
