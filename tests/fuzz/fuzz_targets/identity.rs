//! Keys, envelopes and peer records: what can be read is read again as the same, and nobody signs for another.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_fuzz::identity;
use peerloom_identity::{Keypair, PublicKey, SignedEnvelope, SignedPeerRecord};
use peerloom_peer_id::EncodedKey;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(encoded) = EncodedKey::decode(bytes) {
        check_public_key(&encoded);
    }
    if let Ok(keypair) = Keypair::from_protobuf(bytes) {
        check_keypair(&keypair);
    }
    if let Ok(envelope) = SignedEnvelope::decode(bytes) {
        assert_eq!(SignedEnvelope::decode(&envelope.encode()).as_ref().ok(), Some(&envelope));
        drop(SignedPeerRecord::try_from(envelope));
    }
    check_record(bytes);
});

fn check_public_key(encoded: &EncodedKey) {
    if let Ok(key) = PublicKey::try_from(encoded) {
        assert_eq!(key.encode(), *encoded, "a key has one encoding, and so one peer id");
        drop(key.verify(b"message", encoded.data()));
    }
}

fn check_keypair(keypair: &Keypair) {
    let kept = keypair.to_protobuf();
    let again = Keypair::from_protobuf(&kept).expect("what was kept can be read");
    assert_eq!(again.public_key(), keypair.public_key());
    check_public_key(&keypair.public_key().encode());
    let signature = keypair.sign(b"message").expect("a key in hand signs");
    assert!(keypair.public_key().verify(b"message", &signature).is_ok());
    assert!(keypair.public_key().verify(b"massage", &signature).is_err());
}

/// A record that its sender has signed, whatever it says.
fn check_record(bytes: &[u8]) {
    let sealed = SignedEnvelope::seal(identity(), "libp2p-peer-record", &[3, 1], bytes);
    let Ok(envelope) = sealed else { return };
    if let Ok(signed) = SignedPeerRecord::try_from(envelope) {
        assert_eq!(signed.record().peer, identity().peer_id());
        let again = SignedPeerRecord::decode(&signed.encode());
        assert_eq!(again.ok().as_ref(), Some(&signed));
    }
}
