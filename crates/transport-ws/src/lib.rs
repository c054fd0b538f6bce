//! WebSocket, plain or in TLS, over any transport of byte streams.
//!
//! [`Transport`] puts it over another transport, [`connect`] and [`accept`] over a single stream.
//!
//! Specification: <https://github.com/libp2p/specs/blob/master/websockets/README.md> and
//! [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455)

mod address;
mod config;
mod error;
mod frame;
mod guise;
mod http;
mod incoming;
mod line;
mod listener;
mod mask;
mod opening;
mod outgoing;
mod reader;
mod refusal;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod upgrade;
mod violation;
mod websocket;
mod writer;

pub use config::Config;
pub use error::{Error, Step};
pub use refusal::Refusal;
#[cfg(feature = "tls")]
pub use tls::{Certificate, Roots};
pub use transport::Transport;
pub use upgrade::{accept, connect};
pub use violation::Violation;

#[cfg(all(doctest, feature = "tls"))]
#[doc = include_str!("../README.md")]
struct Readme;
