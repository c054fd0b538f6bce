//! A listening socket and its file.

use std::time::Duration;

use peerloom_core::{Link, ListenerEvent};
use peerloom_multiaddr::Multiaddr;
use tokio::net::UnixListener;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use crate::address::Target;
use crate::claim::{SocketFile, claim};
use crate::error::Error;
use crate::link;

/// Accepts connections, and removes its file when it goes.
pub(crate) struct Listener {
    // Before the socket, so that no file of ours is ever there without anybody behind it.
    _file: SocketFile,
    socket: UnixListener,
    address: Multiaddr,
    /// The end of a rest, after the system could accept nothing.
    rest: Option<Instant>,
}

/// Listens at a path that nobody else listens at.
pub(crate) async fn listen(target: Target) -> Result<Listener, Error> {
    let (file, socket) = claim(&target).await?;
    Ok(Listener { _file: file, socket, address: target.address, rest: None })
}

impl peerloom_core::Listener for Listener {
    fn addresses(&self) -> Vec<Multiaddr> {
        vec![self.address.clone()]
    }

    async fn next(&mut self) -> Result<ListenerEvent, peerloom_core::Error> {
        loop {
            if let Some(end) = self.rest {
                sleep_until(end).await;
            }
            match self.socket.accept().await {
                Ok((stream, _)) => {
                    self.rest = None;
                    let link = link::open(stream, self.address.clone());
                    return Ok(ListenerEvent::Incoming(Link::Raw(link)));
                }
                Err(error) => {
                    if self.rest.is_none() {
                        warn!(address = %self.address, %error, "no connection can be accepted now");
                    }
                    self.rest = Some(Instant::now() + REST);
                }
            }
        }
    }
}

/// How long to rest when descriptors or memory are short, as trying again would fail at once.
const REST: Duration = Duration::from_millis(100);
