//! Test cases 4 and 16 of McGrew and Viega's specification of GCM, and everything that must not open.

use peerloom_crypto::Error;

use crate::conformance::{array, bit_flips, hex};
use crate::provider::AesGcm;

const KEY: &str = "feffe9928665731c6d6a8f9467308308";
const NONCE: &str = "cafebabefacedbaddecaf888";
const ASSOCIATED: &str = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const TEXT: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
    1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";

/// For a key of 16 bytes and for one of 32: what is sealed, and its tag.
const SEALED: [&str; 2] = [
    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
     21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
     5bc94fbc3221a5db94fae95ae7121a47",
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
     8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
     76fc6ece0f4e1768cddf8853bb2d551b",
];

fn keys() -> [AesGcm; 2] {
    [1, 2].map(|times| AesGcm::new(&hex(KEY).repeat(times)).unwrap())
}

#[test]
fn sealing_is_that_of_the_specification() {
    for (key, sealed) in keys().iter().zip(SEALED) {
        let mut data = hex(TEXT);
        let tag = key.seal(&array(NONCE), &hex(ASSOCIATED), &mut data);
        assert_eq!([data.as_slice(), &tag].concat(), hex(sealed));
        let mut sealed = hex(sealed);
        assert_eq!(key.open(&array(NONCE), &hex(ASSOCIATED), &mut sealed).unwrap(), hex(TEXT));
    }
}

#[test]
fn nothing_but_what_was_sealed_opens() {
    let (nonce, associated) = (array(NONCE), hex(ASSOCIATED));
    for (key, sealed) in keys().iter().zip(SEALED) {
        let mut sealed = hex(sealed);
        for mut changed in bit_flips(&sealed) {
            key.open(&nonce, &associated, &mut changed).unwrap_err();
        }
        for length in 0..sealed.len() {
            key.open(&nonce, &associated, &mut sealed.clone()[..length]).unwrap_err();
        }
        key.open(&[0; 12], &associated, &mut sealed.clone()).unwrap_err();
        key.open(&nonce, &[], &mut sealed.clone()).unwrap_err();
        AesGcm::new(&[0; 32]).unwrap().open(&nonce, &associated, &mut sealed).unwrap_err();
    }
}

#[test]
fn nothing_can_be_sealed_as_well() {
    for key in keys() {
        let mut tag = key.seal(&array(NONCE), &[], &mut []);
        assert!(key.open(&array(NONCE), &[], &mut tag).unwrap().is_empty());
    }
}

#[test]
fn a_key_of_another_length_is_none() {
    for length in [0, 15, 17, 24, 31, 33] {
        assert_eq!(AesGcm::new(&vec![1; length]).unwrap_err(), Error::MalformedKey);
    }
}
