//! Neither encrypts nor proves anything: `/plaintext/2.0.0`, for tests and debugging only.
//!
//! [`InsecurePlaintext`] believes every remote that names a key, and sends all data as they are.
//!
//! Specification: <https://github.com/libp2p/specs/blob/master/plaintext/README.md>

mod error;
mod exchange;
mod upgrade;

pub use error::Error;
pub use upgrade::InsecurePlaintext;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
