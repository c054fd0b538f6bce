//! What the fuzz targets share.

mod identity;
mod noise;
mod polling;
mod remote;
#[cfg(feature = "tls")]
mod tls;
mod yamux;

pub use identity::identity;
pub use noise::{NoisePeer, claim};
pub use polling::{finish, poll_until_idle};
pub use remote::Remote;
#[cfg(feature = "tls")]
pub use tls::{TlsPeer, certificate};
pub use yamux::YamuxPeer;
