//! A transport inside one process, for tests and for parts of a program that speak as peers.
//!
//! Addresses are `/memory/<number or name>`, and mean something inside one [`Network`] only.

mod config;
mod error;
mod listener;
mod network;
mod pipe;
mod place;
mod transport;

pub use config::Config;
pub use error::Error;
pub use network::Network;
pub use transport::Transport;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
