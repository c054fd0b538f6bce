//! tentacle under the bench harness. Variant: `secio` (tcp with TCP_NODELAY, secio, yamux).
//!
//! It has no streams to open as one likes: a session opens a protocol, once, and what that carries is messages. So many
//! protocols are registered, a stream takes one of them, and the end of it gives it back.

mod service;
mod stream;

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};
use std::sync::Arc;
use std::time::Duration;

use bench_harness::{Conn, Node, Stream};
use tentacle::SessionId;
use tentacle::builder::{MetaBuilder, ServiceBuilder};
use tentacle::multiaddr::Multiaddr;
use tentacle::secio::SecioKeyPair;
use tentacle::service::{ServiceAsyncControl, TargetProtocol, TcpSocket};
use tokio::sync::oneshot;

use crate::service::{Events, Shared, Spawn};
use crate::stream::Slot;

#[derive(Clone)]
struct Peer {
    control: ServiceAsyncControl,
    shared: Arc<Shared>,
}

#[derive(Clone)]
struct Connected {
    node: Peer,
    session: SessionId,
}

impl Conn for Connected {
    async fn open(&self) -> io::Result<impl Stream> {
        let shared = &self.node.shared;
        let id = shared.free().pop_front().ok_or(io::ErrorKind::OutOfMemory)?;
        let (sender, receiver) = oneshot::channel();
        shared.opening().insert((self.session, id), sender);
        self.node.control.open_protocol(self.session, id).await.map_err(io::Error::other)?;
        if shared.closed().contains(&self.session) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let read = receiver.await.map_err(io::Error::other)?;
        Ok(Slot::of_dialer(self.node.control.clone(), self.session, read, shared.clone()))
    }

    async fn close(self) {
        let (sender, receiver) = oneshot::channel();
        self.node.shared.closing().insert(self.session, sender);
        let _ = self.node.control.disconnect(self.session).await;
        if !self.node.shared.closed().contains(&self.session) {
            let _ = receiver.await;
        }
    }
}

impl Node for Peer {
    type Conn = Connected;
    /// It refuses a second session with the same key.
    const MANY: bool = false;

    async fn listen(variant: &str) -> io::Result<(Self, String)> {
        start(variant, true).await
    }

    async fn dialer(variant: &str) -> io::Result<Self> {
        Ok(start(variant, false).await?.0)
    }

    async fn dial(&self, address: &str) -> io::Result<Connected> {
        let address: Multiaddr = address.parse().map_err(io::Error::other)?;
        let mut attempt = 0;
        loop {
            let (sender, receiver) = oneshot::channel();
            self.shared.dialing().push_back(sender);
            let no_protocol = TargetProtocol::Filter(Box::new(|_| false));
            let dialed = self.control.dial(address.clone(), no_protocol).await;
            dialed.map_err(io::Error::other)?;
            match receiver.await.map_err(io::Error::other)? {
                Ok(session) => return Ok(Connected { node: self.clone(), session }),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                // The listener may not have seen the end of the last session.
                Err(_) => attempt += 1,
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

async fn start(variant: &str, listen: bool) -> io::Result<(Peer, String)> {
    if variant != "secio" {
        return Err(io::Error::other(format!("unknown variant {variant}")));
    }
    let shared = Arc::new(Shared::default());
    let mut builder = ServiceBuilder::default();
    for id in (1..=PROTOCOLS).map(Into::into) {
        shared.free().push_back(id);
        let spawn = Spawn(shared.clone());
        builder = builder.insert_protocol(MetaBuilder::new().id(id).protocol_spawn(spawn).build());
    }
    let mut service = builder
        .handshake_type(SecioKeyPair::secp256k1_generated().into())
        .forever(true)
        .set_send_buffer_size(UNSENT)
        .timeout(Duration::from_secs(3600))
        .tcp_config(|socket, _| without_delay(socket))
        .build(Events(shared.clone()));
    let control: ServiceAsyncControl = service.control().clone();
    let mut address = String::new();
    if listen {
        let anywhere: Multiaddr = "/ip4/127.0.0.1/tcp/0".parse().map_err(io::Error::other)?;
        address = service.listen(anywhere).await.map_err(io::Error::other)?.to_string();
    }
    tokio::spawn(async move { service.run().await });
    Ok((Peer { control, shared }, address))
}

fn without_delay(socket: TcpSocket) -> io::Result<TcpSocket> {
    // SAFETY: the descriptor is open, and is given back before the stream that borrows it would close it.
    let stream = unsafe { std::net::TcpStream::from_raw_fd(socket.as_raw_fd()) };
    let set = stream.set_nodelay(true);
    let _ = stream.into_raw_fd();
    set.map(|()| socket)
}

fn main() {
    bench_harness::run::<Peer>()
}

/// How many protocols there are, and so streams at a time.
const PROTOCOLS: usize = 1200;

/// What is sent is queued without back-pressure, and a session with more than this unsent (24 MiB, if one says nothing) is ended.
const UNSENT: usize = 4 << 30;

/// How often a dial is tried again, a millisecond apart.
const ATTEMPTS: usize = 50;
