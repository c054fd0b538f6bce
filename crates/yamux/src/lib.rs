//! Many streams over one connection, with flow control.
//!
//! ```text
//!   Stream ‥ Stream   Muxer        handles, each a reference and a number        stream, muxer
//!        \     |      /
//!         Connection               one lock around all that follows              connection, state
//!        /     |      \
//!   Session  Turns   Line          what to say │ who may speak │ saying it       session, turns, line
//!              |
//!            Driver                reads, and goes on where the line was full    driver
//! ```
//!
//! Only the session knows yamux, and it knows nothing else: no socket, no clock, no task. A stream
//! that writes asks it for a header and puts that and its own bytes straight onto the line.

mod config;
mod connection;
mod decoder;
mod driver;
mod error;
mod frame;
mod heartbeat;
mod inbox;
mod line;
mod muxer;
mod session;
mod state;
mod stream;
mod stream_state;
mod turns;
mod wakers;
mod window;

pub use config::Config;
pub use error::Error;
pub use frame::{Flags, Frame, GoAway, HEADER_LENGTH, StreamId};
pub use muxer::Muxer;
pub use stream::Stream;

/// The protocol's id, as peers agree on it.
pub const NAME: &str = "/yamux/1.0.0";

/// The example of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
