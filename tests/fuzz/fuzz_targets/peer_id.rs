//! Peer ids and encoded keys: what can be read can be written, and is read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_peer_id::{EncodedKey, PeerId};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(peer) = PeerId::from_bytes(bytes) {
        assert_eq!(peer.as_bytes(), bytes);
        check_texts(peer);
    }
    if let Ok(Ok(peer)) = str::from_utf8(bytes).map(str::parse) {
        check_texts(peer);
    }
    if let Ok(key) = EncodedKey::decode(bytes) {
        check_key(&key);
    }
});

fn check_texts(peer: PeerId) {
    for text in [peer.to_string(), peer.to_cid(), peer.to_cid_base36()] {
        assert_eq!(text.parse(), Ok(peer), "{text}");
    }
    if let Some(key) = peer.public_key() {
        check_key(&key);
    }
}

fn check_key(key: &EncodedKey) {
    let encoding = key.encode();
    assert_eq!(EncodedKey::decode(&encoding).as_ref(), Ok(key));
    let peer = key.peer_id();
    assert_eq!(PeerId::from_bytes(peer.as_bytes()), Ok(peer));
    let inline = encoding.len() <= LONGEST_INLINE_KEY;
    assert_eq!(peer.public_key(), inline.then(|| key.clone()));
}

/// Above this a peer id holds the hash of the key.
const LONGEST_INLINE_KEY: usize = 42;
