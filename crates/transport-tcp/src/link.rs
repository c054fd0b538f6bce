//! A connected socket, as the layers above get it.

use std::io;
use std::net::SocketAddr;

use peerloom_core::{ByteStream, Raw, ReadAhead};
use peerloom_multiaddr::Multiaddr;
use tokio::net::TcpStream;

use crate::config::Config;
use crate::socket;

/// Sets the options of a connection and names its two ends.
pub(crate) fn open(
    stream: TcpStream,
    config: &Config,
    name: impl Fn(SocketAddr) -> Multiaddr,
) -> io::Result<Raw> {
    socket::set_options(&stream, config)?;
    let (local, remote) = (name(stream.local_addr()?), name(stream.peer_addr()?));
    let (reader, writer) = stream.into_split();
    Ok(Raw { stream: ByteStream::new(ReadAhead::new(reader), writer), local, remote })
}
