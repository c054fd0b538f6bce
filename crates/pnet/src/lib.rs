//! Private networks: only peers with the same pre-shared key can talk.
//!
//! [`Transport`] puts the key around every connection of another transport; [`Config::protect`]
//! does so for a single stream.
//!
//! Specification: <https://github.com/libp2p/specs/blob/master/pnet/Private-Networks-PSK-V1.md>

mod config;
mod error;
mod greeting;
mod key;
mod listener;
mod opening;
mod patience;
mod reader;
mod transport;
mod writer;

pub use config::Config;
pub use error::Error;
pub use key::{Encoding, PreSharedKey};
pub use transport::Transport;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
