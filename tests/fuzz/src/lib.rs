//! What the fuzz targets share.

mod identity;
mod mplex;
mod muxed;
mod noise;
mod polling;
mod records;
mod remote;
mod secio;
#[cfg(feature = "tls")]
mod tls;
mod websocket;
mod wire;
mod yamux;

pub use identity::identity;
pub use mplex::MplexPeer;
pub use muxed::{Action, Muxed, MuxerPeer, ZEROS, on_a_still_clock};
pub use noise::{NoisePeer, claim};
pub use polling::{finish, poll_until_idle};
pub use records::{RecordPeer, Talk};
pub use remote::Remote;
pub use secio::{Lie, SecioPeer};
#[cfg(feature = "tls")]
pub use tls::{TlsPeer, certificate};
pub use websocket::Upgraded;
pub use wire::Wire;
pub use yamux::YamuxPeer;
