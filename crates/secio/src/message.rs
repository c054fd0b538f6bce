//! The two messages of the handshake, as protobuf and as what they mean.
//!
//! [Data structures](https://github.com/libp2p/specs/blob/master/secio/README.md#data-structures).

use peerloom_identity::PublicKey;
use peerloom_peer_id::EncodedKey;
use prost::Message as _;

use crate::algorithm::{Offer, names};
use crate::{Error, Message};

/// A proposal, of either side, and its bytes as they went over the wire.
pub(crate) struct Proposal {
    pub(crate) bytes: Vec<u8>,
    pub(crate) nonce: [u8; NONCE],
    /// The encoded identity key as it stands in the message.
    pub(crate) key: Vec<u8>,
}

/// What a remote's proposal says beside that.
pub(crate) struct Proposed {
    pub(crate) proposal: Proposal,
    pub(crate) key: PublicKey,
    pub(crate) encoded_key: EncodedKey,
    pub(crate) exchanges: String,
    pub(crate) ciphers: String,
    pub(crate) hashes: String,
}

/// A signed ephemeral key.
pub(crate) struct SignedPoint {
    pub(crate) point: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Proposal {
    /// What this side proposes. Byte for byte as go-libp2p-secio writes it: all five fields, in their order.
    pub(crate) fn new(key: &PublicKey, offer: &Offer, nonce: [u8; NONCE]) -> Self {
        let key = key.encode().encode();
        let message = ProposeMessage {
            rand: Some(nonce.to_vec()),
            pubkey: Some(key.clone()),
            exchanges: Some(names(&offer.exchanges)),
            ciphers: Some(names(&offer.ciphers)),
            hashes: Some(names(&offer.hashes)),
        };
        Proposal { bytes: message.encode_to_vec(), nonce, key }
    }
}

impl Proposed {
    /// Reads a remote's proposal. That the key is the remote's is not known before it has signed.
    pub(crate) fn decode(bytes: Vec<u8>) -> Result<Self, Error> {
        let message = ProposeMessage::decode(&*bytes)
            .map_err(|error| Error::Malformed(Message::Proposal, error))?;
        let nonce = message.rand.unwrap_or_default();
        let nonce = nonce.try_into().map_err(|nonce: Vec<u8>| Error::Nonce(nonce.len()))?;
        let key = message.pubkey.unwrap_or_default();
        let encoded_key = EncodedKey::decode(&key).map_err(|e| Error::IdentityKey(e.into()))?;
        Ok(Proposed {
            key: PublicKey::try_from(&encoded_key).map_err(|e| Error::IdentityKey(e.into()))?,
            encoded_key,
            proposal: Proposal { bytes, nonce, key },
            exchanges: message.exchanges.unwrap_or_default(),
            ciphers: message.ciphers.unwrap_or_default(),
            hashes: message.hashes.unwrap_or_default(),
        })
    }
}

impl SignedPoint {
    pub(crate) fn encode(self) -> Vec<u8> {
        let SignedPoint { point, signature } = self;
        ExchangeMessage { epubkey: Some(point), signature: Some(signature) }.encode_to_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let ExchangeMessage { epubkey, signature } = ExchangeMessage::decode(bytes)
            .map_err(|error| Error::Malformed(Message::Exchange, error))?;
        let (point, signature) = (epubkey.unwrap_or_default(), signature.unwrap_or_default());
        Ok(SignedPoint { point, signature })
    }
}

/// The schema, number by number. A message has at most [`MAX_MESSAGE`] bytes, and so has all of this together.
#[derive(Clone, PartialEq, prost::Message)]
struct ProposeMessage {
    #[prost(bytes = "vec", optional, tag = "1")]
    rand: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pubkey: Option<Vec<u8>>,
    #[prost(string, optional, tag = "3")]
    exchanges: Option<String>,
    #[prost(string, optional, tag = "4")]
    ciphers: Option<String>,
    #[prost(string, optional, tag = "5")]
    hashes: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ExchangeMessage {
    #[prost(bytes = "vec", optional, tag = "1")]
    epubkey: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    signature: Option<Vec<u8>>,
}

/// How many bytes a nonce has.
pub(crate) const NONCE: usize = 16;

/// The longest handshake message that is read: an identity key may have 2 KiB, a signature 1 KiB, and the names in a
/// proposal are few.
pub(crate) const MAX_MESSAGE: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use peerloom_identity::Keypair;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
            let _ = SignedPoint::decode(&bytes);
            let _ = Proposed::decode(bytes);
        }

        #[test]
        fn a_proposal_is_read_as_it_was_meant_and_its_bytes_are_kept(
            nonce in any::<[u8; NONCE]>(),
            unknown in vec(any::<u8>(), 0..100),
        ) {
            let keypair = Keypair::generate_ed25519().unwrap();
            let mut bytes = Proposal::new(keypair.public_key(), &Offer::default(), nonce).bytes;
            // A field that we do not know.
            bytes.extend([9 << 3 | 2, u8::try_from(unknown.len()).unwrap()]);
            bytes.extend(unknown);
            let proposed = Proposed::decode(bytes.clone()).unwrap();
            prop_assert_eq!(proposed.proposal.bytes, bytes);
            prop_assert_eq!(proposed.proposal.nonce, nonce);
            prop_assert_eq!(proposed.encoded_key, keypair.public_key().encode());
            prop_assert_eq!(proposed.exchanges, "P-256,P-384,P-521");
            prop_assert_eq!(proposed.ciphers, "AES-128,AES-256");
            prop_assert_eq!(proposed.hashes, "SHA256,SHA512");
        }
    }
}
