//! The name of a peer: a multihash of its public key.
//!
//! [`PeerId`] is the name, [`EncodedKey`] the public key as it travels, from which the name
//! follows. No arithmetic on curves happens here, and no private key is ever kept.
//!
//! Specification: <https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md>

mod error;
mod key;
mod message;
mod multibase;
mod peer_id;
#[cfg(feature = "serde")]
mod serde;
mod varint;

pub use error::Error;
pub use key::{EncodedKey, MAX_KEY_LENGTH};
pub use message::{KeyMessage, KeyType};
pub use multibase::decode_multibase;
pub use peer_id::PeerId;
pub use varint::decode_varint;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
