//! Keys of a peer, what they sign, and how they are kept.
//!
//! A [`Keypair`] signs, a [`PublicKey`] verifies and names its peer. A [`SignedEnvelope`] is data
//! signed for one purpose, a [`SignedPeerRecord`] the addresses of a peer that the peer itself has
//! signed; either gives its content away only when the signature is found good.
//!
//! Specifications: [peer ids and keys], [RFC 0002], [RFC 0003].
//!
//! [peer ids and keys]: https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
//! [RFC 0002]: https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md
//! [RFC 0003]: https://github.com/libp2p/specs/blob/master/RFC/0003-routing-records.md

mod envelope;
mod error;
mod key_file;
mod keypair;
mod message;
mod peer_record;
mod public_key;

pub use envelope::{MAX_ENVELOPE_LENGTH, SignedEnvelope, Verified};
pub use error::Error;
pub use key_file::{MAX_KEY_FILE_LENGTH, Overwrite};
pub use keypair::{KeyKind, Keypair};
pub use peer_record::{MAX_ADDRESSES, PeerRecord, SignedPeerRecord};
pub use public_key::PublicKey;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
