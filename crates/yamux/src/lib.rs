//! Many streams over one connection, with flow control.
//!
//! The session knows yamux and nothing else: no socket, no clock, no task. Handles, the
//! line and the driver are those that all muxers share, `peerloom-muxer-shell`.

mod config;
mod decoder;
mod error;
mod flow;
mod frame;
mod heartbeat;
mod session;
mod window;

pub use config::Config;
pub use error::{Error, Violation};
pub use frame::{Flags, Frame, GoAway, HEADER_LENGTH, StreamId};
pub use session::Session;

/// The handle of one connection.
pub type Muxer = peerloom_muxer_shell::Muxer<Session>;

/// The handle of one stream.
pub type Stream = peerloom_muxer_shell::Stream<Session>;

/// The protocol's id, as peers agree on it.
pub const NAME: &str = "/yamux/1.0.0";

/// The example of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
