//! What the fuzz targets share.

mod identity;
mod noise;
mod polling;
mod records;
mod remote;
mod secio;
mod yamux;

pub use identity::identity;
pub use noise::{NoisePeer, claim};
pub use polling::{finish, poll_until_idle};
pub use records::{RecordPeer, Talk};
pub use remote::Remote;
pub use secio::{Lie, SecioPeer};
pub use yamux::YamuxPeer;
