//! Streams by peer and protocol name, and handlers for them.
//!
//! A [`Host`] knows which protocol is whose handler, finds or makes the connection to a peer, agrees
//! on protocols, and keeps up who is who with identify. It knows no transport, no cipher and no muxer.

mod address_book;
mod config;
mod connecting;
mod crew;
mod dials;
mod error;
mod event;
mod handlers;
mod host;
mod identifying;
mod inbound;
mod incoming;
mod shared;
mod stream;
mod target;
mod task;

pub use config::{Config, StreamLimits};
pub use error::StreamError;
pub use event::{Event, Events};
pub use handlers::HandlerOutput;
pub use host::Host;
pub use incoming::Incoming;
pub use stream::Stream;
pub use target::Target;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
