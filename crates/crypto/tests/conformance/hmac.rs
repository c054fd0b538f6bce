//! RFC 4231, and everything that must not verify.

use peerloom_crypto::{Error, Hash};

use super::{bit_flips, hex};
use crate::provider::{Hmac, hmac_sha256};

/// A key, data, and their tags with either hash.
struct Vector {
    key: &'static [u8],
    data: &'static [u8],
    with_256: &'static str,
    with_512: &'static str,
}

/// Test cases 2 and 6: a short key, and one longer than a block.
const VECTORS: [Vector; 2] = [
    Vector {
        key: b"Jefe",
        data: b"what do ya want for nothing?",
        with_256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        with_512: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554
            9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    },
    Vector {
        key: &[0xaa; 131],
        data: b"Test Using Larger Than Block-Size Key - Hash Key First",
        with_256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        with_512: "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352
            6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    },
];

#[test]
fn tags_are_those_of_rfc_4231() {
    for Vector { key, data, with_256, with_512 } in VECTORS {
        assert_eq!(Hmac::new(Hash::Sha256, key).tag(&[data]).as_ref(), hex(with_256));
        assert_eq!(Hmac::new(Hash::Sha512, key).tag(&[data]).as_ref(), hex(with_512));
        assert_eq!(hmac_sha256(key, &[data]).as_slice(), hex(with_256));
    }
}

#[test]
fn the_same_data_in_parts_have_the_same_tag_however_often() {
    let [Vector { key, data, with_256, with_512 }, _] = VECTORS;
    for (hash, tag) in [(Hash::Sha256, hex(with_256)), (Hash::Sha512, hex(with_512))] {
        let key = Hmac::new(hash, key);
        for cut in 0..=data.len() {
            let parts = [&data[..cut], &[], &data[cut..]];
            assert_eq!(key.tag(&parts).as_ref(), tag);
            key.verify(&parts, &tag).unwrap();
        }
    }
    assert_eq!(hmac_sha256(key, &[&data[..3], &data[3..]]).as_slice(), hex(with_256));
}

#[test]
fn nothing_but_what_was_tagged_verifies() {
    for hash in [Hash::Sha256, Hash::Sha512] {
        let key = Hmac::new(hash, b"key");
        let tag = key.tag(&[b"data"]);
        let tag = tag.as_ref();
        assert_eq!(tag.len(), hash.length());
        key.verify(&[b"data"], tag).unwrap();

        for changed in bit_flips(tag) {
            assert_eq!(key.verify(&[b"data"], &changed), Err(Error::NotAuthentic));
        }
        for length in 0..tag.len() {
            key.verify(&[b"data"], &tag[..length]).unwrap_err();
        }
        key.verify(&[b"data"], &[tag, &[0]].concat()).unwrap_err();
        for changed in bit_flips(b"data") {
            key.verify(&[&changed], tag).unwrap_err();
        }
        key.verify(&[], tag).unwrap_err();
        Hmac::new(hash, b"kez").verify(&[b"data"], tag).unwrap_err();
    }
    let tag = Hmac::new(Hash::Sha256, b"key").tag(&[b"data"]);
    Hmac::new(Hash::Sha512, b"key").verify(&[b"data"], tag.as_ref()).unwrap_err();
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{:?}", Hmac::new(Hash::Sha256, b"key")), "Hmac(Sha256)");
    assert_eq!(format!("{:?}", Hmac::new(Hash::Sha512, b"key")), "Hmac(Sha512)");
}
