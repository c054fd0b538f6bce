//! Connecting, and a connected socket as the layers above get it.

use std::io;
use std::time::Duration;

use peerloom_core::{ByteStream, Raw, ReadAhead};
use peerloom_multiaddr::Multiaddr;
use tokio::net::UnixStream;
use tokio::time::sleep;

use crate::address::Target;
use crate::error::Error;

/// Connects to a listener; waits while its backlog is full.
pub(crate) async fn connect(target: Target) -> Result<Raw, Error> {
    loop {
        match UnixStream::connect(&target.path).await {
            Ok(stream) => return Ok(open(stream, target.address)),
            // Linux says so and does not tell when there is room.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => sleep(ROOM).await,
            Err(error) => return Err(Error::connecting(&target.address, error)),
        }
    }
}

/// A connection at `address`. A dialer's end has no name, so both ends show as the listener's.
pub(crate) fn open(stream: UnixStream, address: Multiaddr) -> Raw {
    let (reader, writer) = stream.into_split();
    let stream = ByteStream::new(ReadAhead::new(reader), writer);
    Raw { stream, local: address.clone(), remote: address }
}

/// How long a dial rests before it looks again whether a full backlog has room.
const ROOM: Duration = Duration::from_millis(20);
