//! Agreeing on a protocol, by name, over a byte stream.
//!
//! multistream-select 1.0: the dialer proposes names, the listener repeats the one it takes.
//! [`dial`] and [`listen`] hold that conversation over any tokio stream; [`Negotiated`] sends the
//! proposal together with the first data instead of waiting for an answer; [`ls`] asks what the
//! other end speaks; [`Matcher`] and [`Registry`] say which names a listener takes.
//!
//! Nothing here knows the time: whoever calls puts a limit on how long an agreement may take.
//!
//! Specification: [multistream-select](https://github.com/multiformats/multistream-select) and
//! [libp2p connections](https://github.com/libp2p/specs/blob/master/connections/README.md#multistream-select).

mod answer;
mod dial;
mod error;
mod exchange;
mod frame;
mod listen;
mod listing;
mod matcher;
mod message;
mod negotiated;
mod registry;
mod wakers;

pub use dial::{dial, ls, proposal, propose};
pub use error::{Error, Malformed};
pub use frame::Decoded;
pub use listen::{Agreed, Supported, listen, listen_unflushed};
pub use listing::Listing;
pub use matcher::{InvalidRequirement, Matcher};
pub use message::Message;
pub use negotiated::Negotiated;
pub use registry::Registry;

/// The example of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
