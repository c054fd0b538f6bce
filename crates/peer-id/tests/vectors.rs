//! Keys and peer ids from the specification and from other implementations.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use data_encoding::HEXLOWER;
use peerloom_peer_id::{EncodedKey, KeyMessage, KeyType, PeerId};

/// A key of the specification's vectors.
fn vector(name: &str, half: &str) -> Vec<u8> {
    let file: serde_json::Value = serde_json::from_str(include_str!("vectors/keys.json")).unwrap();
    let key = file.pointer(&format!("/keys/{name}/{half}")).unwrap();
    HEXLOWER.decode(key.as_str().unwrap().as_bytes()).unwrap()
}

const KINDS: [(&str, KeyType); 4] = [
    ("rsa", KeyType::Rsa),
    ("ed25519", KeyType::Ed25519),
    ("secp256k1", KeyType::Secp256k1),
    ("ecdsa", KeyType::Ecdsa),
];

#[test]
fn keys_of_every_kind_are_read_and_written_as_they_were() {
    for (name, kind) in KINDS {
        let bytes = vector(name, "public");
        let key = EncodedKey::decode(&bytes).unwrap();
        assert_eq!(key.key_type(), kind);
        assert_eq!(key.encode(), bytes);
        assert_eq!(EncodedKey::new(kind, key.data()), key);
    }
}

#[test]
fn private_keys_have_the_same_message() {
    for (name, key_type) in KINDS {
        let bytes = vector(name, "private");
        let message = KeyMessage::decode(&bytes).unwrap();
        assert_eq!(message.key_type, key_type);
        assert_eq!(message.encode(), bytes);
        assert_eq!(
            format!("{message:?}"),
            format!("KeyMessage({key_type:?}, {} bytes)", message.data.len())
        );
    }
}

// The peer ids were computed from the keys with a few lines of another language, as the
// specification says.
#[test]
fn the_names_of_the_keys_are_these() {
    for (name, base58, cid, base36) in [
        (
            "ecdsa",
            "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk",
            "bafzbeidigywdclqvl5hxfefwp5onbffcfife7pza57mmfb4tiqmtkdjw64",
            "k2k4r8m0iploq6r25jp915xawtnx0qdr0je62jws2kki6votbj5191x3",
        ),
        (
            "ed25519",
            "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq",
            "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6",
            "k51qzi5uqu5dgy8qsq67hbz73jqkw87l3fgf4a91qb0d9b5173tir7n4vxk1oe",
        ),
        (
            "secp256k1",
            "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY",
            "bafzaajiiaijcca3xo7uzjzcsyilaj6i54cj44qk7kqzpoao5rti2pjx6udtdbp6kte",
            "kzwfwjn5ji4put13uvtwtc7azzwk42cq2o8ctfnxa6q8n90e72o3pjqbrp3lpcp",
        ),
        (
            "rsa",
            "QmaeANgBs1DTSxWSrPPtobgQuxW8XTfsS4ydbK4rCHzqxG",
            "bafzbeifwzcumbiyql7bhv7fe7mixg6i7aohegq75k234m63bnw6dbicmzu",
            "k2k4r8nz0pc9sm08wgacijx1ic8vxy9e2770otjszhz1nodfs0brtvpp",
        ),
    ] {
        let peer = EncodedKey::decode(&vector(name, "public")).unwrap().peer_id();
        assert_eq!(peer.to_string(), base58, "{name}");
        assert_eq!(peer.to_cid(), cid, "{name}");
        assert_eq!(peer.to_cid_base36(), base36, "{name}");
        for text in [base58, cid, base36] {
            assert_eq!(text.parse(), Ok(peer), "{text}");
        }
    }
}

#[test]
fn only_small_keys_stand_in_their_names() {
    for (name, _) in KINDS {
        let key = EncodedKey::decode(&vector(name, "public")).unwrap();
        let small = matches!(key.key_type(), KeyType::Ed25519 | KeyType::Secp256k1);
        assert_eq!(key.peer_id().public_key(), Some(key).filter(|_| small));
    }
}

#[test]
fn the_forms_of_one_name_are_one_peer() {
    // From the specification, and from go-multiaddr (multiaddr_test.go).
    for (base58, cid) in [
        (
            "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
            "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe",
        ),
        (
            "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
            "k2k4r8oqamigqdo6o7hsbfwd45y70oyynp98usk7zmyfrzpqxh1pohl7",
        ),
        (
            "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
            "bafzbeigvf25ytwc3akrijfecaotc74udrhcxzh2cx3we5qqnw5vgrei4bm",
        ),
        (
            "12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV",
            "k51qzi5uqu5dhb6l8spkdx7yxafegfkee5by8h7lmjh2ehc2sgg34z7c15vzqs",
        ),
        (
            "12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV",
            "bafzaajaiaejcalj543iwv2d7pkjt7ykvefrkfu7qjfi6sduakhso4lay6abn2d5u",
        ),
    ] {
        let peer: PeerId = base58.parse().unwrap();
        assert_eq!(cid.parse(), Ok(peer));
        assert_eq!(peer.to_string(), base58);
        assert!([peer.to_cid(), peer.to_cid_base36()].contains(&cid.to_owned()));
    }
}
