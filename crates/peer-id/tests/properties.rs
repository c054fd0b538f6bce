//! What holds for every peer id, every key, every text and all bytes.

use peerloom_peer_id::{EncodedKey, KeyMessage, KeyType, PeerId, decode_multibase};
use proptest::collection::vec;
use proptest::prelude::*;

fn key() -> impl Strategy<Value = EncodedKey> {
    let kinds = [KeyType::Rsa, KeyType::Ed25519, KeyType::Secp256k1, KeyType::Ecdsa];
    (proptest::sample::select(kinds.to_vec()), vec(any::<u8>(), 0..600))
        .prop_map(|(key_type, data)| EncodedKey::new(key_type, data))
}

/// Bytes that are a multihash or a key message more often than chance has it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let framed = (
        prop_oneof![Just(vec![0x00]), Just(vec![0x12]), Just(vec![0x08, 1, 0x12])],
        0..48_u8,
        vec(any::<u8>(), 0..48),
    );
    prop_oneof![
        vec(any::<u8>(), 0..64),
        framed.prop_map(|(start, length, rest)| [&start[..], &[length], &rest].concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_key_and_its_name_round_trip(key in key()) {
        prop_assert_eq!(EncodedKey::decode(&key.encode()), Ok(key.clone()));
        let peer = key.peer_id();
        prop_assert_eq!(PeerId::from_bytes(peer.as_bytes()), Ok(peer));
        for text in [peer.to_string(), peer.to_cid(), peer.to_cid_base36()] {
            prop_assert_eq!(text.parse(), Ok(peer));
        }
        prop_assert_eq!(peer.public_key(), Some(key.clone()).filter(|key| key.encode().len() <= 42));
    }

    #[test]
    fn any_bytes_are_refused_or_kept(bytes in bytes()) {
        if let Ok(peer) = PeerId::from_bytes(&bytes) {
            prop_assert_eq!(peer.as_bytes(), bytes.clone());
            prop_assert_eq!(peer.to_string().parse(), Ok(peer));
            let _ = peer.public_key();
        }
        if let Ok(message) = KeyMessage::decode(&bytes) {
            let canonical = message.encode();
            prop_assert_eq!(KeyMessage::decode(&canonical), Ok(message));
        }
    }

    #[test]
    fn any_text_is_refused_or_names_a_peer(text in "(1|Qm|[bfkmuvzBFKMUVZ]|.)?[a-zA-Z0-9=_+-]{0,90}.?") {
        let _ = decode_multibase(&text);
        if let Ok(peer) = text.parse::<PeerId>() {
            prop_assert_eq!(peer.to_string().parse(), Ok(peer));
        }
    }
}
