//! What the handshake carries beside the Noise keys: who one is, the proof of it, and the muxers one offers.
//!
//! [The libp2p handshake payload](https://github.com/libp2p/specs/blob/master/noise/README.md#the-libp2p-handshake-payload).

use peerloom_identity::{Keypair, PublicKey};
use peerloom_peer_id::EncodedKey;
use prost::Message as _;

use crate::{Error, Message};

/// The proof that a Noise key belongs to a peer: made once, sent in every handshake with that key.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    identity_key: Vec<u8>,
    signature: Vec<u8>,
}

/// What a peer has proved and told.
pub(crate) struct Remote {
    pub(crate) key: EncodedKey,
    /// The muxers it offers, in its order of preference; empty if it does not say.
    pub(crate) muxers: Vec<String>,
}

impl Proof {
    /// Signs a Noise key.
    pub(crate) fn new(keypair: &Keypair, noise_key: &[u8; 32]) -> Result<Self, Error> {
        let identity_key = keypair.public_key().encode().encode();
        let signature = keypair.sign(&signed(noise_key)).map_err(|e| Error::Signing(e.into()))?;
        Ok(Proof { identity_key, signature })
    }

    /// The payload of message 2 or 3.
    pub(crate) fn payload(&self, muxers: &[&str]) -> Vec<u8> {
        let stream_muxers = muxers.iter().map(ToString::to_string).collect();
        let extensions = (!muxers.is_empty()).then_some(Extensions { stream_muxers });
        let Proof { identity_key, signature } = self.clone();
        let payload =
            Payload { identity_key: Some(identity_key), identity_sig: Some(signature), extensions };
        payload.encode_to_vec()
    }
}

impl Remote {
    /// Reads a payload, and checks that its identity key has signed the Noise key of its sender.
    pub(crate) fn verify(
        message: Message,
        payload: &[u8],
        noise_key: &[u8; 32],
    ) -> Result<Self, Error> {
        let payload = Payload::decode(payload).map_err(|e| Error::MalformedPayload(message, e))?;
        let encoded = payload.identity_key.unwrap_or_default();
        let key =
            EncodedKey::decode(&encoded).map_err(|e| Error::IdentityKey(message, e.into()))?;
        let usable =
            PublicKey::try_from(&key).map_err(|e| Error::IdentityKey(message, e.into()))?;
        let signature = payload.identity_sig.unwrap_or_default();
        usable.verify(&signed(noise_key), &signature).map_err(|_| Error::Signature(message))?;
        let muxers = payload.extensions.unwrap_or_default().stream_muxers;
        Ok(Remote { key, muxers })
    }
}

/// The schema, number by number. A message has at most 65,535 bytes, and so has all of this together.
#[derive(Clone, PartialEq, prost::Message)]
struct Payload {
    #[prost(bytes = "vec", optional, tag = "1")]
    identity_key: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    identity_sig: Option<Vec<u8>>,
    #[prost(message, optional, tag = "4")]
    extensions: Option<Extensions>,
}

/// Field 1, the certificate hashes of WebTransport, means nothing on a byte stream and is skipped.
#[derive(Clone, PartialEq, prost::Message)]
struct Extensions {
    #[prost(string, repeated, tag = "2")]
    stream_muxers: Vec<String>,
}

/// What the identity key signs.
fn signed(noise_key: &[u8; 32]) -> Vec<u8> {
    [DOMAIN, noise_key].concat()
}

const DOMAIN: &[u8] = b"noise-libp2p-static-key:";
