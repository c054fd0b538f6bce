//! Self-describing network addresses, as text and as bytes.
//!
//! [`Multiaddr`] is an address, [`Protocol`] one part of it, [`pattern`] says which kind an
//! address is.
//!
//! Specification: <https://github.com/multiformats/multiaddr>

mod error;
mod multiaddr;
pub mod pattern;
mod protocol;
#[cfg(feature = "serde")]
mod serde;
mod socket;
mod split;
mod text;
mod value;

pub use error::{Error, ValueError};
pub use multiaddr::{Iter, MAX_LENGTH, Multiaddr};
pub use pattern::Pattern;
pub use peerloom_peer_id::PeerId;
pub use protocol::Protocol;
pub use value::{
    Certhash, Garlic32, Garlic64, HttpPath, MacAddress, Name, Onion, Onion3, OnionService, UnixPath,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
