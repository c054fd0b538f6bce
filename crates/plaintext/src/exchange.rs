//! The one message of the protocol: who one says one is.
//!
//! [`Exchange`](https://github.com/libp2p/specs/blob/master/plaintext/README.md#messages)

use peerloom_peer_id::{EncodedKey, PeerId};
use prost::Message as _;

use crate::Error;

/// The message that names the peer with this key, behind its length.
pub(crate) fn encode(key: &EncodedKey) -> Vec<u8> {
    let exchange =
        Exchange { id: Some(key.peer_id().as_bytes().to_vec()), pubkey: Some(key.encode()) };
    exchange.encode_length_delimited_to_vec()
}

/// The key in a message, without its length, when the peer id beside it follows from it.
pub(crate) fn decode(message: &[u8]) -> Result<EncodedKey, Error> {
    let exchange = Exchange::decode(message).map_err(Error::Malformed)?;
    let key = EncodedKey::decode(&exchange.pubkey.unwrap_or_default()).map_err(Error::Key)?;
    let claimed = PeerId::from_bytes(&exchange.id.unwrap_or_default()).map_err(Error::Id)?;
    let actual = key.peer_id();
    if claimed == actual { Ok(key) } else { Err(Error::ForeignId { claimed, actual }) }
}

/// The schema, number by number. The key is a message of its own, which travels as bytes do.
#[derive(Clone, PartialEq, prost::Message)]
struct Exchange {
    #[prost(bytes = "vec", optional, tag = "1")]
    id: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pubkey: Option<Vec<u8>>,
}

#[cfg(test)]
mod tests {
    use peerloom_peer_id::KeyType;
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> EncodedKey {
        EncodedKey::new(KeyType::Ed25519, [byte; 32])
    }

    fn message(id: Option<&[u8]>, pubkey: Option<&[u8]>) -> Vec<u8> {
        let [id, pubkey] = [id, pubkey].map(|field| field.map(<[u8]>::to_vec));
        Exchange { id, pubkey }.encode_to_vec()
    }

    #[test]
    fn the_message_is_that_of_the_specification() {
        // By hand: the length; id 1 as an identity multihash of the key; pubkey 2 with Type 1, Data 2.
        let key = [&[8, 1, 18, 32], &[7; 32][..]].concat();
        let expected = [&[78, 10, 38, 0, 36], &key[..], &[18, 36], &key].concat();
        assert_eq!(encode(&self::key(7)), expected);
    }

    #[test]
    fn what_is_written_is_read() {
        for key in [key(1), EncodedKey::new(KeyType::Rsa, vec![3; 1070])] {
            let written = encode(&key);
            let prefix = if written.len() < 129 { 1 } else { 2 };
            assert_eq!(decode(&written[prefix..]).unwrap(), key);
        }
    }

    #[test]
    fn an_id_that_does_not_follow_from_the_key_is_refused() {
        let (one, other) = (key(1), key(2));
        let message = message(Some(other.peer_id().as_bytes()), Some(&one.encode()));
        let error = decode(&message).unwrap_err();
        let Error::ForeignId { claimed, actual } = error else { panic!("{error:?}") };
        assert_eq!((claimed, actual), (other.peer_id(), one.peer_id()));
    }

    #[test]
    fn a_message_without_a_key_or_an_id_is_refused() {
        let (id, key) = (key(1).peer_id().as_bytes().to_vec(), key(1).encode());
        for pubkey in [None, Some(&[][..]), Some(&[8, 1]), Some(&[8, 9, 18, 0]), Some(&key[1..])] {
            assert!(matches!(decode(&message(Some(&id), pubkey)), Err(Error::Key(_))));
        }
        for id in [None, Some(&[][..]), Some(&[0]), Some(&id[1..]), Some(&[&id[..], &[0]].concat())]
        {
            assert!(matches!(decode(&message(id, Some(&key))), Err(Error::Id(_))), "{id:?}");
        }
        for bytes in [&[0xff; 10][..], &[10, 9, 1], &[0x23]] {
            assert!(matches!(decode(bytes), Err(Error::Malformed(_))));
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_key_with_its_id_or_an_error(bytes: Vec<u8>, at: usize, to: u8) {
            let _ = decode(&bytes);
            let mut changed = encode(&key(1));
            let at = 1 + at % (changed.len() - 1);
            changed[at] = to;
            if let Ok(read) = decode(&changed[1..]) {
                prop_assert_eq!(read, key(1));
            }
        }
    }
}
