//! The Noise XX handshake and its record layer, as libp2p uses them.
//!
//! [`Config`] secures a byte stream with the identity keys of both peers; what comes out is a byte
//! stream again, private and authentic.
//!
//! Specification: <https://github.com/libp2p/specs/blob/master/noise/README.md>

mod cipher;
mod error;
mod handshake;
mod payload;
mod symmetric;
mod upgrade;

pub use error::{Error, Message};
pub use upgrade::Config;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
