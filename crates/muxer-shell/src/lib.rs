//! What all muxers share: everything but their frames and their flow control.
//!
//! ```text
//!   Stream ‥ Stream   Muxer        handles, each a reference and a number        stream, muxer
//!        \     |      /
//!         Connection               one lock around all that follows              connection, state
//!        /     |      \
//!   Session  Turns   Line          what to say │ who may speak │ who writes      session, turns, line
//!      ┊       |      ╎
//!   Streams  Driver  Pen           their lives │ reads, goes on │ what writes    streams, life, driver, pen
//! ```
//!
//! A muxer is a [`Session`]: it knows its protocol and nothing else, no socket, no clock, no task. A
//! stream that writes asks it for a header, takes the pen out of the lock, and writes that and its own
//! bytes with it.
//! [`Streams`] is for the session to hold: how streams open, finish on each side, and end.

mod batch;
mod connection;
mod driver;
mod error;
mod idle;
mod inbox;
mod life;
mod line;
mod muxer;
mod pen;
mod session;
mod state;
mod stream;
mod streams;
mod turns;
mod wakers;

pub use error::{Error, Violation};
pub use idle::free_list;
pub use inbox::worth_keeping;
pub use life::{End, Life};
pub use muxer::{Muxer, start};
pub use session::{Event, Read, Segment, Session};
pub use stream::Stream;
pub use streams::{LINGER, MAX_BACKLOG, Streams};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
