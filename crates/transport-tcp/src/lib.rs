//! TCP: dialing, listening, and the interfaces behind a wildcard.
//!
//! Addresses are `/ip4/<address>/tcp/<port>`, `/ip6/<address>/tcp/<port>` and, for link-local
//! ones, `/ip6zone/<interface>/ip6/<address>/tcp/<port>`.

mod address;
mod config;
mod connect;
mod error;
mod interfaces;
mod link;
mod listener;
mod ports;
mod reach;
mod socket;
mod transport;

pub use config::{Config, KeepAlive};
pub use error::Error;
pub use transport::Transport;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
