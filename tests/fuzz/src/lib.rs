//! What the fuzz targets share.

mod identity;
mod noise;
mod polling;
mod remote;
mod websocket;
mod yamux;

pub use identity::identity;
pub use noise::{NoisePeer, claim};
pub use polling::{finish, poll_until_idle};
pub use remote::Remote;
pub use websocket::Upgraded;
pub use yamux::YamuxPeer;
