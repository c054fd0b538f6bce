//! Keys of every kind are made, kept and used.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use peerloom_identity::{KeyKind, Keypair, PublicKey};

fn is_whole(kind: KeyKind) {
    let keypair = Keypair::generate(kind).unwrap();
    let again = Keypair::from_protobuf(&keypair.to_protobuf()).unwrap();
    assert_eq!(again.peer_id(), keypair.peer_id());
    let public = PublicKey::try_from(&keypair.public_key().encode()).unwrap();
    public.verify(b"message", &again.sign(b"message").unwrap()).unwrap();
    let other = Keypair::generate(kind).unwrap();
    assert_ne!(other.peer_id(), keypair.peer_id());
    public.verify(b"message", &other.sign(b"message").unwrap()).unwrap_err();
}

#[test]
fn ed25519_keys_survive_being_kept() {
    is_whole(KeyKind::Ed25519);
}

#[test]
#[cfg(any(feature = "aws-lc", feature = "portable-curves"))]
fn keys_on_other_curves_survive_being_kept() {
    for kind in [KeyKind::Secp256k1, KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::EcdsaP521] {
        is_whole(kind);
    }
}

#[test]
#[cfg(feature = "aws-lc")]
fn rsa_keys_survive_being_kept() {
    is_whole(KeyKind::Rsa(Default::default()));
}
