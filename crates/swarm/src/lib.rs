//! Dialing, listening and upgrading: where the layers become connections.
//!
//! The one crate that joins transports, securities and muxers. It knows them only as trait objects,
//! knows peers by their ids and streams as bytes; what protocols run on the streams is the affair of
//! the floor above, which is told everything through a [`Handler`].

mod admission;
mod config;
mod connection;
mod dial;
mod error;
mod event;
mod listen;
mod needed;
mod report;
mod shutdown;
mod swarm;
mod table;
mod together;
mod upgrade;

pub use config::{Config, Layers, Limits, Timeouts};
pub use connection::{Connection, ConnectionId};
pub use error::{DialError, Limit, ListenError, UpgradeError};
pub use event::{Event, Handler};
pub use listen::{ListenerId, Listening};
pub use report::{Attempt, Outcome, Phase, Report, Skipped, Step};
pub use swarm::Swarm;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
