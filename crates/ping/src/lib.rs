//! Is the other end alive, and how far away: the ping conversation over any byte stream.
//!
//! [The specification](https://github.com/libp2p/specs/blob/master/ping/ping.md).

mod conversation;
mod error;

pub use conversation::{PROTOCOL, ping, serve};
pub use error::Error;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
