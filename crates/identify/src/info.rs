//! What one peer tells another about itself.

use peerloom_identity::SignedPeerRecord;
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::{EncodedKey, PeerId};
use prost::Message as _;

use crate::error::Error;
use crate::message::Message;

/// What one peer tells another about itself.
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
    /// Takes over what `update` says and keeps the rest: a push may tell only what has changed.
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
            protocol_version: Some(self.protocol_version.clone()),
            agent_version: Some(self.agent_version.clone()),
            signed_peer_record: self.signed_record.as_ref().map(SignedPeerRecord::encode),
        };
        if message.encoded_len() <= MAX_SINGLE_MESSAGE {
            return vec![message];
        }
        let record =
            Message { signed_peer_record: message.signed_peer_record.take(), ..Message::default() };
        vec![message, record]
    }

    pub(crate) fn from_message(message: &Message, remote: &PeerId) -> Result<Self, Error> {
        Ok(Info {
            public_key: message.public_key.as_deref().map(|key| check(key, remote)).transpose()?,
            listen_addresses: message
                .listen_addresses
                .iter()
                .take(MAX_ADDRESSES)
                .filter_map(|bytes| Multiaddr::try_from(bytes.as_slice()).ok())
                .collect(),
            protocols: message.protocols.iter().take(MAX_PROTOCOLS).cloned().collect(),
            observed_address: message
                .observed_address
                .as_deref()
                .and_then(|bytes| Multiaddr::try_from(bytes).ok()),
            protocol_version: message.protocol_version.clone().unwrap_or_default(),
            agent_version: message.agent_version.clone().unwrap_or_default(),
            signed_record: message
                .signed_peer_record
                .as_deref()
                .and_then(|bytes| SignedPeerRecord::decode(bytes).ok())
                .filter(|record| record.record().peer == *remote),
        })
    }
}

fn check(key: &[u8], remote: &PeerId) -> Result<EncodedKey, Error> {
    let key = EncodedKey::decode(key).map_err(Error::MalformedKey)?;
    if key.peer_id() == *remote {
        Ok(key)
    } else {
        Err(Error::WrongKey { expected: *remote, actual: key.peer_id() })
    }
}

/// Above this go sends the signed record in a message of its own; older ones read no more in one.
const MAX_SINGLE_MESSAGE: usize = 2048;

/// How many addresses we tell: with all their bytes they leave room under the 4 KiB that others read.
const MAX_OWN_ADDRESSES: usize = 32;

/// How many addresses of a remote are kept.
const MAX_ADDRESSES: usize = 128;

/// How many protocols of a remote are kept.
const MAX_PROTOCOLS: usize = 512;
