//! What was sent comes back: the echo conversation over any byte stream.

mod error;
mod exchange;
mod serve;

pub use error::Error;
pub use exchange::{Exchanged, exchange};
pub use serve::serve;

/// The protocol's name, as it is agreed on.
pub const PROTOCOL: &str = "/echo/1.0.0";

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
