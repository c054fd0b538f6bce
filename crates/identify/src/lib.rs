//! Telling each other who one is, where one listens and what one speaks.
//!
//! The conversations of [identify] as `async fn`s over any byte stream. When to have them is the host's affair.
//!
//! [identify]: https://github.com/libp2p/specs/blob/master/identify/README.md

mod error;
mod exchange;
mod info;
mod message;

pub use error::Error;
pub use exchange::{receive, send};
pub use info::Info;

/// The protocol by which one asks: the side that opens the stream reads.
pub const PROTOCOL: &str = "/ipfs/id/1.0.0";

/// The protocol by which one tells of a change: the side that opens the stream writes.
pub const PUSH_PROTOCOL: &str = "/ipfs/id/push/1.0.0";

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
