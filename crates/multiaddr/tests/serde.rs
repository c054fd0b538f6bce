//! Addresses in serde's formats.
#![cfg(feature = "serde")]

use peerloom_multiaddr::Multiaddr;
use serde_test::{Configure, Token, assert_de_tokens_error, assert_tokens};

const TEXT: &str = "/ip4/127.0.0.1/tcp/4001";

#[test]
fn people_read_the_text_and_machines_the_bytes() {
    let address: Multiaddr = TEXT.parse().unwrap();
    assert_tokens(&address.clone().readable(), &[Token::Str(TEXT)]);
    let bytes: &'static [u8] = address.as_bytes().to_vec().leak();
    assert_tokens(&address.clone().compact(), &[Token::Bytes(bytes)]);
    assert_eq!(serde_json::to_string(&address).unwrap(), format!("{TEXT:?}"));
}

#[test]
fn what_is_no_address_is_an_error() {
    let error = "protocol ip4 needs a value";
    assert_de_tokens_error::<serde_test::Readable<Multiaddr>>(&[Token::Str("/ip4")], error);
    let error = "unknown protocol code 1";
    assert_de_tokens_error::<serde_test::Compact<Multiaddr>>(&[Token::Bytes(&[1])], error);
}
