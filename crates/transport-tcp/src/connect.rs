//! Connecting, from a listening port where that is wanted and possible.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use tracing::debug;

use crate::ports::Ports;
use crate::socket;

/// Connects to `remote`, from one of `ports` when one leads there and is free.
pub(crate) async fn connect(remote: SocketAddr, ports: &Ports) -> io::Result<TcpStream> {
    if let Some(source) = ports.source_for(remote) {
        match connect_from(source, remote).await {
            Err(error) if is_taken(&error) => {
                debug!(%source, %remote, "not free to be dialled from");
            }
            done => return done,
        }
    }
    let stream = socket::connect(remote).await?;
    if leads_to_itself(&stream)? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

async fn connect_from(source: SocketAddr, remote: SocketAddr) -> io::Result<TcpStream> {
    let stream = socket::connect_from(source, remote).await?;
    if leads_to_itself(&stream)? {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    Ok(stream)
}

/// TCP lets a socket that dials its own port meet itself there, even when somebody listens.
fn leads_to_itself(stream: &TcpStream) -> io::Result<bool> {
    Ok(stream.local_addr()? == stream.peer_addr()?)
}

/// Whether the same two ends are connected already, or the port cannot be shared.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable)
}
