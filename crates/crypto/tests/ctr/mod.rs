//! SP 800-38A, appendix F.5, and that a stream keeps its place.

use peerloom_crypto::{Cipher, Error};
use proptest::prelude::*;

use crate::conformance::hex;
use crate::provider::Ctr;

const TEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
    30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
const COUNTER: &str = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

fn encrypted(cipher: Cipher, key: &[u8], iv: &[u8], mut data: Vec<u8>) -> Vec<u8> {
    Ctr::new(cipher, key, iv).unwrap().apply(&mut data);
    data
}

#[test]
fn aes_is_that_of_the_standard() {
    let key = hex("2b7e151628aed2a6abf7158809cf4f3c");
    let sealed = hex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff
        5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
    assert_eq!(encrypted(Cipher::Aes128, &key, &hex(COUNTER), hex(TEXT)), sealed);
    assert_eq!(encrypted(Cipher::Aes128, &key, &hex(COUNTER), sealed), hex(TEXT));

    let key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
    let sealed = hex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5
        2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
    assert_eq!(encrypted(Cipher::Aes256, &key, &hex(COUNTER), hex(TEXT)), sealed);
}

#[test]
fn the_whole_block_is_the_counter() {
    // Made with Go's `crypto/aes` and `cipher.NewCTR`.
    let key: Vec<u8> = (0..16).collect();
    let data: Vec<u8> = (0..45).collect();
    let over_32_bits = hex("00112233445566778899aabbffffffff");
    let over_all_bits = hex("fffffffffffffffffffffffffffffffe");
    assert_eq!(
        encrypted(Cipher::Aes128, &key, &over_32_bits, data.clone()),
        hex("c4ba8e5079328bc7d7dc30550556dfc3037970608428d806d170537d6d9f64a4
            f92c2d86f3cc901f6edd751f99"),
    );
    assert_eq!(
        encrypted(Cipher::Aes128, &key, &over_all_bits, data),
        hex("b6b4c0db298ed208c747d2ffa26399e12c550d21da1294347cceb882124da50c
            e6801914a3aa7da54766ab498d"),
    );
}

#[test]
#[cfg(feature = "blowfish")]
fn blowfish_is_that_of_go() {
    // Made with Go's `golang.org/x/crypto/blowfish` and `cipher.NewCTR`; the counter overflows.
    let key: Vec<u8> = (0..32).collect();
    let sealed = encrypted(Cipher::Blowfish, &key, &hex("fffffffffffffffe"), (0..45).collect());
    assert_eq!(
        sealed,
        hex("aadccff5ce53d0aa169b3002912ab9241c93296899145d69
            259e14f429593352e229aa79b92d0ed5faf62f14eb"),
    );
}

#[test]
#[cfg(not(feature = "blowfish"))]
fn blowfish_needs_a_feature() {
    let missing = Error::Unavailable { key_type: "blowfish", feature: "blowfish" };
    assert_eq!(Ctr::new(Cipher::Blowfish, &[1; 32], &[2; 8]).unwrap_err(), missing);
}

#[test]
fn keys_and_counters_of_another_length_are_refused() {
    for cipher in [Cipher::Aes128, Cipher::Aes256, Cipher::Blowfish] {
        let (key, iv) = (vec![1; cipher.key_length()], vec![2; cipher.iv_length()]);
        for (key, iv) in [
            (&key[1..], iv.as_slice()),
            (&[key.as_slice(), &[1]].concat(), &iv),
            (&key, &iv[1..]),
            (&key, &[iv.as_slice(), &[2]].concat()),
            (&[], &[]),
        ] {
            assert_eq!(Ctr::new(cipher, key, iv).unwrap_err(), Error::MalformedKey);
        }
    }
    Ctr::new(Cipher::Aes128, &[1; 32], &[2; 16]).unwrap_err();
    Ctr::new(Cipher::Aes256, &[1; 16], &[2; 16]).unwrap_err();
}

#[test]
fn a_stream_does_not_show_itself() {
    let stream = Ctr::new(Cipher::Aes256, &[1; 32], &[2; 16]).unwrap();
    assert_eq!(format!("{stream:?}"), "Ctr");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_cutting_gives_the_same_key_stream(
        key: [u8; 32],
        iv: [u8; 16],
        data in proptest::collection::vec(any::<u8>(), 0..400),
        cuts in proptest::collection::vec(0..40_usize, 0..40),
    ) {
        for cipher in CIPHERS {
            let (key, iv) = (&key[..cipher.key_length()], &iv[..cipher.iv_length()]);
            let mut in_parts = data.clone();
            let mut stream = Ctr::new(*cipher, key, iv).unwrap();
            let mut rest = in_parts.as_mut_slice();
            for cut in &cuts {
                let (part, behind) = rest.split_at_mut(rest.len().min(*cut));
                stream.apply(part);
                rest = behind;
            }
            stream.apply(rest);
            prop_assert_eq!(in_parts, encrypted(*cipher, key, iv, data.clone()));
        }
    }
}

#[cfg(feature = "blowfish")]
const CIPHERS: &[Cipher] = &[Cipher::Aes128, Cipher::Aes256, Cipher::Blowfish];
#[cfg(not(feature = "blowfish"))]
const CIPHERS: &[Cipher] = &[Cipher::Aes128, Cipher::Aes256];
