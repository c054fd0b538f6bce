//! The seams between the layers: transports, securities, muxers and the byte streams between them.
//!
//! A layer crate implements one of these traits and knows nothing else of the stack; `swarm` strings
//! the boxed forms together.

mod error;
mod muxer;
mod read_ahead;
mod role;
mod security;
mod stream;
mod transport;

pub use error::{BoxError, Error, Fault, WrongPeer};
pub use muxer::{
    BoxMuxer, BoxMuxerUpgrade, BoxSubstream, Driver, Multiplexed, MuxerStatus, MuxerUpgrade,
    StreamMuxer, Substream,
};
pub use read_ahead::ReadAhead;
pub use role::Role;
pub use security::{BoxSecurityUpgrade, Handshake, Secured, SecurityUpgrade};
pub use stream::{BoxReader, BoxWriter, ByteStream, ReadHalf, read_bytes};
pub use transport::{
    BoxListener, BoxTransport, Complete, Link, Listener, ListenerEvent, Raw, Transport,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
