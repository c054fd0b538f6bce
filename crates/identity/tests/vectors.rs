//! The keys of the peer-ids specification, and the forms in which keys must not be read.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed step fails the test")]

use peerloom_crypto::Error::Unavailable;
use peerloom_identity::{Error, Keypair, PublicKey, SignedEnvelope};
use peerloom_peer_id::{EncodedKey, KeyMessage, KeyType, PeerId};
use serde_json::Value;

/// The kinds that this build has.
const KINDS: &[&str] = if cfg!(feature = "aws-lc") {
    &["ed25519", "secp256k1", "ecdsa", "rsa"]
} else if cfg!(feature = "portable-curves") {
    &["ed25519", "secp256k1", "ecdsa"]
} else {
    &["ed25519"]
};

/// The private and the public key of the specification.
fn vector(kind: &str) -> (Vec<u8>, Vec<u8>) {
    let vectors: Value = serde_json::from_str(include_str!("vectors/keys.json")).unwrap();
    let key = &vectors["keys"][kind];
    (hex(key["private"].as_str().unwrap()), hex(key["public"].as_str().unwrap()))
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |index: usize| u8::from_str_radix(&text[index..index + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn encode(key_type: KeyType, data: &[u8]) -> Vec<u8> {
    KeyMessage { key_type, data }.encode()
}

#[test]
fn keys_of_the_specification_give_its_public_keys_and_are_written_as_they_were() {
    for kind in KINDS {
        let (private, public) = vector(kind);
        let keypair = Keypair::from_protobuf(&private).unwrap();
        assert_eq!(keypair.public_key().encode().encode(), public, "{kind}");
        assert_eq!(*keypair.to_protobuf(), private, "{kind}");
        let encoded = EncodedKey::decode(&public).unwrap();
        assert_eq!(&PublicKey::try_from(&encoded).unwrap(), keypair.public_key());
        assert_eq!(keypair.peer_id(), encoded.peer_id());
    }
}

#[test]
fn keys_of_the_specification_sign_for_themselves_alone() {
    for kind in KINDS {
        let keypair = Keypair::from_protobuf(&vector(kind).0).unwrap();
        let signature = keypair.sign(b"message").unwrap();
        for other in KINDS {
            let other = Keypair::from_protobuf(&vector(other).0).unwrap();
            let own = other.peer_id() == keypair.peer_id();
            assert_eq!(other.public_key().verify(b"message", &signature).is_ok(), own);
        }
        keypair.public_key().verify(b"massage", &signature).unwrap_err();
        keypair.public_key().verify(b"message", &signature[1..]).unwrap_err();
        keypair.public_key().verify(b"message", &[]).unwrap_err();
        let mut changed = signature;
        *changed.last_mut().unwrap() ^= 1;
        assert!(matches!(
            keypair.public_key().verify(b"message", &changed),
            Err(Error::WrongSignature)
        ));
    }
}

#[test]
fn data_of_one_type_are_no_key_of_another() {
    use KeyType::{Ecdsa, Ed25519, Rsa, Secp256k1};
    for kind in KINDS {
        let (private, public) = vector(kind);
        let (private, public) =
            (KeyMessage::decode(&private).unwrap(), EncodedKey::decode(&public).unwrap());
        for key_type in [Rsa, Ed25519, Secp256k1, Ecdsa] {
            if key_type != private.key_type {
                Keypair::from_protobuf(&encode(key_type, private.data)).unwrap_err();
                let public = EncodedKey::new(key_type, public.data());
                assert!(matches!(PublicKey::try_from(&public), Err(Error::Key { .. })));
            }
        }
    }
}

#[test]
fn the_older_form_of_ed25519_keys_is_read_and_written_as_the_new_one() {
    let (private, _) = vector("ed25519");
    let data = KeyMessage::decode(&private).unwrap().data;
    let (seed, public) = data.split_at(32);

    let old = encode(KeyType::Ed25519, &[seed, public, public].concat());
    assert_eq!(*Keypair::from_protobuf(&old).unwrap().to_protobuf(), private);

    let foreign = [9; 32];
    for parts in [
        vec![seed],
        vec![seed, &foreign],
        vec![seed, public, &foreign],
        vec![seed, &foreign, public],
        vec![seed, &foreign, &foreign],
        vec![seed, public, public, public],
        vec![seed, public, &public[..31]],
        vec![],
    ] {
        let key = encode(KeyType::Ed25519, &parts.concat());
        assert!(matches!(Keypair::from_protobuf(&key), Err(Error::Key { .. })), "{parts:?}");
    }
}

#[test]
fn keys_cut_short_or_longer_are_refused() {
    for kind in KINDS {
        let (private, public) = vector(kind);
        let (private, public) =
            (KeyMessage::decode(&private).unwrap(), EncodedKey::decode(&public).unwrap());
        let step = 1 + private.data.len() / 100;
        for length in (0..private.data.len()).step_by(step) {
            let cut = encode(private.key_type, &private.data[..length]);
            Keypair::from_protobuf(&cut).unwrap_err();
        }
        let longer = encode(private.key_type, &[private.data, &[0]].concat());
        Keypair::from_protobuf(&longer).unwrap_err();
        for length in 0..public.data().len() {
            let cut = EncodedKey::new(public.key_type(), &public.data()[..length]);
            PublicKey::try_from(&cut).unwrap_err();
        }
        let longer = EncodedKey::new(public.key_type(), [public.data(), &[0]].concat());
        PublicKey::try_from(&longer).unwrap_err();
    }
}

#[test]
fn small_keys_are_in_their_peer_ids() {
    for kind in KINDS {
        let keypair = Keypair::from_protobuf(&vector(kind).0).unwrap();
        let found = PublicKey::try_from(&keypair.peer_id());
        if ["ed25519", "secp256k1"].contains(kind) {
            assert_eq!(&found.unwrap(), keypair.public_key());
        } else {
            assert!(matches!(found, Err(Error::KeyNotInPeerId(_))));
        }
    }
}

#[test]
fn a_peer_id_with_a_key_written_in_another_way_gives_no_key() {
    // The two fields the other way round: the same key, but the peer id of nobody.
    let (_, public) = vector("ed25519");
    let swapped = [&public[2..], &public[..2]].concat();
    let length = u8::try_from(swapped.len()).unwrap();
    let peer = PeerId::from_bytes(&[&[0, length], swapped.as_slice()].concat()).unwrap();
    assert!(matches!(PublicKey::try_from(&peer), Err(Error::KeyNotInPeerId(_))));
}

#[test]
fn a_peer_with_a_key_that_this_build_has_not_is_known_but_nothing_of_it_verifies() {
    for (kind, needed) in
        [("secp256k1", "portable-curves"), ("ecdsa", "portable-curves"), ("rsa", "aws-lc")]
    {
        if KINDS.contains(&kind) {
            continue;
        }
        let (private, public) = vector(kind);
        let encoded = EncodedKey::decode(&public).unwrap();
        let peer = encoded.peer_id();
        assert_eq!(peer.to_string().parse::<PeerId>().unwrap(), peer);

        let mut errors = vec![
            Keypair::from_protobuf(&private).unwrap_err(),
            PublicKey::try_from(&encoded).unwrap_err(),
            SignedEnvelope::decode(&envelope(&public)).unwrap_err(),
        ];
        if peer.public_key().is_some() {
            errors.push(PublicKey::try_from(&peer).unwrap_err());
        }
        for error in errors {
            let Error::Key { source: Unavailable { key_type, feature }, .. } = error else {
                unreachable!("{error:?}");
            };
            assert_eq!((key_type, feature), (kind, needed));
        }
    }
}

/// An envelope of this peer around nothing.
fn envelope(public: &[u8]) -> Vec<u8> {
    let mut length = [0; 10];
    let length = unsigned_varint::encode::usize(public.len(), &mut length);
    [&[1 << 3 | 2], length, public, &[5 << 3 | 2, 0]].concat()
}

#[test]
fn secrets_do_not_show_themselves() {
    for kind in KINDS {
        let keypair = Keypair::from_protobuf(&vector(kind).0).unwrap();
        let shown = format!("{keypair:?}");
        assert!(shown.starts_with("Keypair { public: PublicKey("), "{shown}");
        assert!(shown.len() < 120, "{shown}");
    }
}
