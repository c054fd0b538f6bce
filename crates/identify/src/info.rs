//! What one peer tells another about itself.

use peerloom_identity::SignedPeerRecord;
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::{EncodedKey, PeerId};
use prost::Message as _;

use crate::error::Error;
use crate::message::Message;

/// What one peer tells another about itself.
///
/// One that was [received](crate::receive) takes under 48 KiB of memory, and still does after any
/// number of updates that were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Info {
    /// Its public key.
    pub public_key: Option<EncodedKey>,
    /// Where it says that it listens. Nobody has checked this.
    pub listen_addresses: Vec<Multiaddr>,
    /// The protocols that it speaks.
    pub protocols: Vec<String>,
    /// Where it sees us.
    pub observed_address: Option<Multiaddr>,
    /// The family of protocols, for example `ipfs/0.1.0`; often empty.
    pub protocol_version: String,
    /// The program, for example `peerloom/0.1.0`.
    pub agent_version: String,
    /// Its addresses once more, signed with its key.
    pub signed_record: Option<SignedPeerRecord>,
}

impl Info {
    /// Takes over what `update` says and keeps the rest: a push may tell only what has changed, and
    /// what is empty says nothing.
    pub fn apply(&mut self, update: Info) {
        fn replace<T: Default + PartialEq>(old: &mut T, new: T) {
            if new != T::default() {
                *old = new;
            }
        }
        replace(&mut self.public_key, update.public_key);
        replace(&mut self.listen_addresses, update.listen_addresses);
        replace(&mut self.protocols, update.protocols);
        replace(&mut self.observed_address, update.observed_address);
        replace(&mut self.protocol_version, update.protocol_version);
        replace(&mut self.agent_version, update.agent_version);
        replace(&mut self.signed_record, update.signed_record);
    }

    /// One message; or two, the signed record by itself, when one would be longer than others read.
    pub(crate) fn to_messages(&self) -> Vec<Message> {
        let mut message = Message {
            public_key: self.public_key.as_ref().map(EncodedKey::encode),
            listen_addresses: self
                .listen_addresses
                .iter()
                .take(MAX_OWN_ADDRESSES)
                .map(|address| address.as_bytes().to_vec())
                .collect(),
            protocols: self.protocols.clone(),
            observed_address: self.observed_address.as_ref().map(|a| a.as_bytes().to_vec()),
            protocol_version: said(&self.protocol_version),
            agent_version: said(&self.agent_version),
            signed_peer_record: self.signed_record.as_ref().map(SignedPeerRecord::encode),
        };
        if message.encoded_len() <= MAX_SINGLE_MESSAGE {
            return vec![message];
        }
        let record =
            Message { signed_peer_record: message.signed_peer_record.take(), ..Message::default() };
        vec![message, record]
    }

    /// What is kept of what a remote told: no more than the bounds below.
    pub(crate) fn from_message(message: &Message, remote: &PeerId) -> Result<Self, Error> {
        Ok(Info {
            public_key: message.public_key.as_deref().map(|key| check(key, remote)).transpose()?,
            listen_addresses: fitting(&message.listen_addresses, MAX_ADDRESS_LENGTH)
                .filter_map(|bytes| Multiaddr::try_from(bytes.as_slice()).ok())
                .take(MAX_ADDRESSES)
                .collect(),
            protocols: fitting(&message.protocols, MAX_PROTOCOL_LENGTH)
                .take(MAX_PROTOCOLS)
                .cloned()
                .collect(),
            observed_address: message
                .observed_address
                .as_deref()
                .filter(|bytes| bytes.len() <= MAX_ADDRESS_LENGTH)
                .and_then(|bytes| Multiaddr::try_from(bytes).ok()),
            protocol_version: cut(message.protocol_version.as_deref()),
            agent_version: cut(message.agent_version.as_deref()),
            signed_record: message
                .signed_peer_record
                .as_deref()
                .filter(|bytes| bytes.len() <= MAX_RECORD_LENGTH)
                .and_then(|bytes| SignedPeerRecord::decode(bytes).ok())
                .filter(|record| record.record().peer == *remote)
                .filter(|record| record.record().addresses.len() <= MAX_ADDRESSES),
        })
    }
}

/// An empty text is not sent: where it came behind another one, it would take its place.
fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn check(key: &[u8], remote: &PeerId) -> Result<EncodedKey, Error> {
    let key = EncodedKey::decode(key).map_err(Error::MalformedKey)?;
    if key.peer_id() == *remote {
        Ok(key)
    } else {
        Err(Error::WrongKey { expected: *remote, actual: key.peer_id() })
    }
}

/// The entries that are not too long, as long as there is room for them in all.
fn fitting<T: AsRef<[u8]>>(list: &[T], max_length: usize) -> impl Iterator<Item = &T> {
    let mut room = MAX_LIST_LENGTH;
    list.iter().filter(move |entry| {
        let length = entry.as_ref().len();
        let fits = length <= max_length && length <= room;
        if fits {
            room -= length;
        }
        fits
    })
}

/// The beginning of a version, up to the end of a character.
fn cut(version: Option<&str>) -> String {
    let version = version.unwrap_or_default();
    let kept = (0..=MAX_VERSION_LENGTH).rev().find_map(|end| version.get(..end));
    kept.unwrap_or_default().to_owned()
}

/// Above this go sends the signed record in a message of its own; older ones read no more in one.
const MAX_SINGLE_MESSAGE: usize = 2048;

/// How many addresses we tell: with all their bytes they leave room under the 4 KiB that others read.
const MAX_OWN_ADDRESSES: usize = 32;

/// How many addresses of a remote are kept, in its list and in its record: with many interfaces,
/// transports and relays it has some fifty.
const MAX_ADDRESSES: usize = 64;

/// How long an address may be, in bytes: over a relay and with two hashes of certificates it takes
/// some 150.
const MAX_ADDRESS_LENGTH: usize = 256;

/// How many protocols of a remote are kept: the busiest programs speak some forty.
const MAX_PROTOCOLS: usize = 256;

/// How long the name of a protocol may be, in bytes: names in use have under a hundred.
const MAX_PROTOCOL_LENGTH: usize = 256;

/// How long a list may be in all, in bytes: others keep a whole message under 4 KiB.
const MAX_LIST_LENGTH: usize = 8 * 1024;

/// How long the signed record may be, in bytes: as a list of addresses, with a key and a signature.
const MAX_RECORD_LENGTH: usize = 8 * 1024;

/// How much of a version is kept, in bytes: a name, a number and a commit take under a hundred.
const MAX_VERSION_LENGTH: usize = 256;

#[cfg(test)]
mod tests {
    use peerloom_identity::Keypair;
    use peerloom_peer_id::{KeyType, MAX_KEY_LENGTH};

    use super::*;

    /// An address that takes so many bytes, an even number.
    fn address(length: usize) -> Multiaddr {
        "/ws".repeat(length / 2).parse().unwrap()
    }

    /// How many bytes each part of what is kept takes.
    fn sizes(info: &Info) -> [usize; 8] {
        fn of(address: &Multiaddr) -> usize {
            // Behind the pointer: two counts, a vector, and its bytes.
            size_of::<[usize; 2]>() + size_of::<Vec<u8>>() + address.as_bytes().len()
        }
        fn of_list(list: &Vec<Multiaddr>) -> usize {
            list.capacity() * size_of::<Multiaddr>() + list.iter().map(of).sum::<usize>()
        }
        fn of_record(record: &SignedPeerRecord) -> usize {
            record.encode().len() + of_list(&record.record().addresses)
        }
        let names: usize = info.protocols.iter().map(String::capacity).sum();
        [
            size_of::<Info>(),
            info.public_key.as_ref().map_or(0, |key| key.data().len()),
            of_list(&info.listen_addresses),
            info.protocols.capacity() * size_of::<String>() + names,
            info.observed_address.as_ref().map_or(0, of),
            info.protocol_version.capacity(),
            info.agent_version.capacity(),
            info.signed_record.as_ref().map_or(0, of_record),
        ]
    }

    #[test]
    fn what_is_kept_of_a_remote_takes_under_48_kib_whatever_it_pushes() {
        let keypair = Keypair::generate_ed25519().unwrap();
        // A peer has one key all along; the largest possible one is counted, whoever has it.
        let key = EncodedKey::new(KeyType::Rsa, vec![0; MAX_KEY_LENGTH - 5]);
        let remote = key.peer_id();
        let message = Message { public_key: Some(key.encode()), ..Message::default() };
        let mut largest = sizes(&Info::from_message(&message, &remote).unwrap());
        let mut info = Info::default();
        let lengths = [2..=32, 112..=128, 250..=260];
        for length in lengths.into_iter().flat_map(|lengths| lengths.step_by(2)) {
            let count = 16 * 1024 / length;
            let record = |addresses| {
                SignedPeerRecord::seal(&keypair, 1, vec![address(length); addresses]).ok()
            };
            let fitting_record = (1..=MAX_ADDRESSES).rev().find_map(|addresses| {
                record(addresses).map(|r| r.encode()).filter(|r| r.len() <= MAX_RECORD_LENGTH)
            });
            let too_many = record(MAX_ADDRESSES + 1).map(|record| record.encode());
            for signed_peer_record in [fitting_record, too_many] {
                let message = Message {
                    public_key: None,
                    listen_addresses: vec![address(length).into_bytes(); count],
                    protocols: vec!["a".repeat(length); count],
                    observed_address: Some(address(length).into_bytes()),
                    protocol_version: Some("v".repeat(16 * 1024)),
                    agent_version: Some("a".repeat(16 * 1024)),
                    signed_peer_record,
                };
                info.apply(Info::from_message(&message, &keypair.peer_id()).unwrap());
                for (largest, size) in largest.iter_mut().zip(sizes(&info)) {
                    *largest = size.max(*largest);
                }
            }
        }
        let worst: usize = largest.iter().sum();
        assert!((46 * 1024..48 * 1024).contains(&worst), "{worst} bytes: {largest:?}");
    }

    #[test]
    fn what_is_too_long_is_left_out_and_the_rest_is_kept() {
        let keypair = Keypair::generate_ed25519().unwrap();
        let [fits, above] = [MAX_ADDRESS_LENGTH, MAX_ADDRESS_LENGTH + 2].map(address);
        let [name, longer] = [MAX_PROTOCOL_LENGTH, MAX_PROTOCOL_LENGTH + 1].map(|n| "a".repeat(n));
        let message = Message {
            listen_addresses: vec![above.as_bytes().to_vec(), fits.as_bytes().to_vec()],
            protocols: vec![longer, name.clone()],
            observed_address: Some(above.into_bytes()),
            agent_version: Some("é".repeat(MAX_VERSION_LENGTH)),
            protocol_version: Some(format!("v{}", "é".repeat(MAX_VERSION_LENGTH))),
            ..Message::default()
        };
        let info = Info::from_message(&message, &keypair.peer_id()).unwrap();
        assert_eq!(info.listen_addresses, [fits]);
        assert_eq!(info.protocols, [name]);
        assert_eq!(info.observed_address, None);
        assert_eq!(info.agent_version, "é".repeat(MAX_VERSION_LENGTH / 2));
        assert_eq!(info.protocol_version.len(), MAX_VERSION_LENGTH - 1);
    }

    #[test]
    fn a_record_that_is_too_long_or_has_too_many_addresses_is_left_out() {
        let keypair = Keypair::generate_ed25519().unwrap();
        let kept = |count, length| {
            let record = SignedPeerRecord::seal(&keypair, 1, vec![address(length); count]).unwrap();
            let signed_peer_record = Some(record.encode());
            let message = Message { signed_peer_record, ..Message::default() };
            Info::from_message(&message, &keypair.peer_id()).unwrap().signed_record.is_some()
        };
        assert!(kept(MAX_ADDRESSES, 100));
        assert!(!kept(MAX_ADDRESSES + 1, 2));
        assert!(!kept(2, MAX_RECORD_LENGTH / 2));
    }

    #[test]
    fn an_update_without_a_version_keeps_the_one_before() {
        let mut info = Info { agent_version: "test/1".to_owned(), ..Info::default() };
        info.apply(Info { protocols: vec!["/a".to_owned()], ..Info::default() });
        assert_eq!((info.agent_version.as_str(), info.protocols.len()), ("test/1", 1));
    }
}
