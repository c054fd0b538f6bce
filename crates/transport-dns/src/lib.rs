//! Names in addresses: DNS in front of any transport.
//!
//! `/dns/<name>`, `/dns4/<name>` and `/dns6/<name>` stand for IP addresses with the same rest, and
//! `/dnsaddr/<name>` for the addresses in the name's TXT records
//! ([specification](https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md)).

mod config;
mod crowd;
mod error;
mod host;
mod lookup;
mod order;
mod race;
mod resolver;
mod system;
mod transport;
mod walk;

pub use config::Config;
pub use error::{Attempt, Error, LeftOut, LookupError, Omission, Reason, Record};
pub use resolver::Resolver;
pub use transport::Transport;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
