//! litep2p under the bench harness. Variant: `noise` (tcp with TCP_NODELAY, noise, yamux).

mod protocol;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bench_harness::{Conn, Node, Stream, setting};
use litep2p::config::ConfigBuilder;
use litep2p::transport::tcp;
use litep2p::types::multiaddr::Multiaddr;
use litep2p::{Litep2p, Litep2pEvent, PeerId, yamux};
use tokio::sync::mpsc;
use tokio::sync::oneshot::{self, Sender};

use crate::protocol::{Command, Protocol, other};

/// Who waits for the end of a connection. The node's own event says it: that of the protocol comes before one may dial again.
type Closing = Arc<Mutex<HashMap<PeerId, Sender<()>>>>;

#[derive(Clone)]
struct Peer {
    commands: mpsc::UnboundedSender<Command>,
    closing: Closing,
}

#[derive(Clone)]
struct Connected {
    node: Peer,
    peer: PeerId,
}

impl Conn for Connected {
    async fn open(&self) -> io::Result<impl Stream> {
        let (sender, receiver) = oneshot::channel();
        self.node.commands.send(Command::Open(self.peer, sender)).map_err(io::Error::other)?;
        receiver.await.map_err(io::Error::other)?
    }

    async fn close(self) {
        let (sender, receiver) = oneshot::channel();
        self.node.closing.lock().expect("no holder panics").insert(self.peer, sender);
        let _ = self.node.commands.send(Command::Close(self.peer));
        let _ = receiver.await;
    }
}

impl Node for Peer {
    type Conn = Connected;
    /// It keeps at most two connections with a peer.
    const MANY: bool = false;

    async fn listen(variant: &str) -> io::Result<(Self, String)> {
        start(variant)
    }

    async fn dialer(variant: &str) -> io::Result<Self> {
        Ok(start(variant)?.0)
    }

    async fn dial(&self, address: &str) -> io::Result<Connected> {
        let address: Multiaddr = address.parse().map_err(io::Error::other)?;
        let mut attempt = 0;
        loop {
            let (sender, receiver) = oneshot::channel();
            let dial = Command::Dial(address.clone(), sender);
            self.commands.send(dial).map_err(io::Error::other)?;
            match receiver.await.map_err(io::Error::other)? {
                Ok(peer) => return Ok(Connected { node: self.clone(), peer }),
                Err(error) if attempt == ATTEMPTS => return Err(error),
                // The listener may not have seen the end of the last connection.
                Err(_) => attempt += 1,
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn start(variant: &str) -> io::Result<(Peer, String)> {
    if variant != "noise" {
        return Err(io::Error::other(format!("unknown variant {variant}")));
    }
    let mut muxer = yamux::Config::default();
    if let count @ 1.. = setting("PB_MAX_STREAMS", 0) {
        // Without this it has 1 GiB in all, 256 KiB for each, and panics where that is not enough.
        muxer.set_max_connection_receive_window(None);
        muxer.set_max_num_streams(count);
    }
    let tcp = tcp::config::Config {
        listen_addresses: vec!["/ip4/127.0.0.1/tcp/0".parse().map_err(io::Error::other)?],
        nodelay: true,
        yamux_config: muxer,
        ..Default::default()
    };
    let (commands, received) = mpsc::unbounded_channel();
    let config = ConfigBuilder::new()
        .with_keep_alive_timeout(Duration::from_secs(3600))
        .with_user_protocol(Box::new(Protocol::new(received)))
        .with_tcp(tcp)
        .build();
    let mut node = Litep2p::new(config).map_err(other)?;
    let address = node.listen_addresses().next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let address = address.to_string();
    let closing = Closing::default();
    let waiting = closing.clone();
    tokio::spawn(async move {
        while let Some(event) = node.next_event().await {
            if let Litep2pEvent::ConnectionClosed { peer, .. } = event {
                let sender = waiting.lock().expect("no holder panics").remove(&peer);
                sender.map(|sender| sender.send(()));
            }
        }
    });
    Ok((Peer { commands, closing }, address))
}

fn main() {
    bench_harness::run::<Peer>()
}

/// How often a dial is tried again, a millisecond apart.
const ATTEMPTS: usize = 50;
