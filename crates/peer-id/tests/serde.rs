//! Peer ids in serde's formats.
#![cfg(feature = "serde")]

use peerloom_peer_id::PeerId;
use serde_test::{Configure, Token, assert_de_tokens_error, assert_tokens};

const TEXT: &str = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

#[test]
fn people_read_the_text_and_machines_the_bytes() {
    let peer: PeerId = TEXT.parse().unwrap();
    assert_tokens(&peer.readable(), &[Token::Str(TEXT)]);
    let bytes: &'static [u8] = peer.as_bytes().to_vec().leak();
    assert_tokens(&peer.compact(), &[Token::Bytes(bytes)]);
    assert_eq!(serde_json::to_string(&peer).unwrap(), format!("{TEXT:?}"));
}

#[test]
fn what_names_no_peer_is_an_error() {
    assert_de_tokens_error::<serde_test::Readable<PeerId>>(
        &[Token::Str("")],
        "a peer id is never empty",
    );
    assert_de_tokens_error::<serde_test::Compact<PeerId>>(
        &[Token::Bytes(&[0x12])],
        "the bytes end too early",
    );
}
