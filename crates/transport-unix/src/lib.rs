//! Unix sockets: dialing, listening, and who owns the file.
//!
//! Addresses are `/unix/<path>`: `/unix/run/node.sock` is the socket `/run/node.sock`. On systems that
//! have no such sockets the crate compiles and supports nothing.

mod address;
#[cfg(unix)]
mod claim;
mod error;
#[cfg(unix)]
mod link;
#[cfg(unix)]
mod listener;
mod transport;

pub use error::Error;
pub use transport::Transport;

#[cfg(all(doctest, unix))]
#[doc = include_str!("../README.md")]
struct Readme;
