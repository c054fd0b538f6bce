//! rust-libp2p under the bench harness, with a minimal connection handler: its best case.
//! Variants over tcp: `noise` and `tls` (with yamux), `mplex` (noise and mplex).

mod behaviour;

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::time::Duration;

use bench_harness::{Conn, Node, Stream, setting};
use futures::StreamExt;
use futures::channel::oneshot::{self, Sender};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, Transport};
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, SwarmEvent};
use libp2p::{PeerId, Swarm, noise, tcp, tls, yamux};
use libp2p_mplex::MaxBufferBehaviour;
use tokio::sync::mpsc;
use tokio_util::compat::FuturesAsyncReadCompatExt;

use crate::behaviour::{Behaviour, OpenSender};

enum Command {
    Dial(libp2p::Multiaddr, Sender<io::Result<ConnectionId>>),
    Close(ConnectionId, Sender<()>),
}

#[derive(Clone)]
struct Connected {
    commands: mpsc::Sender<Command>,
    id: ConnectionId,
    open: OpenSender,
}

impl Conn for Connected {
    async fn open(&self) -> io::Result<impl Stream> {
        let (sender, receiver) = oneshot::channel();
        self.open.unbounded_send(sender).map_err(io::Error::other)?;
        Ok(receiver.await.map_err(io::Error::other)?.compat())
    }

    async fn close(self) {
        let (sender, receiver) = oneshot::channel();
        let _ = self.commands.send(Command::Close(self.id, sender)).await;
        let _ = receiver.await;
    }
}

struct Peer {
    commands: mpsc::Sender<Command>,
    behaviour: Behaviour,
}

impl Peer {
    async fn start(variant: &str, listen: bool) -> io::Result<(Self, String)> {
        let behaviour = Behaviour::default();
        let mut swarm = swarm(variant, behaviour.clone())?;
        let mut bound = String::new();
        if listen {
            let anywhere = "/ip4/127.0.0.1/tcp/0".parse().map_err(io::Error::other)?;
            swarm.listen_on(anywhere).map_err(io::Error::other)?;
            while bound.is_empty() {
                if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                    bound = address.to_string();
                }
            }
        }
        let (commands, received) = mpsc::channel(64);
        tokio::spawn(drive(swarm, received));
        Ok((Peer { commands, behaviour }, bound))
    }
}

impl Node for Peer {
    type Conn = Connected;

    async fn listen(variant: &str) -> io::Result<(Self, String)> {
        Peer::start(variant, true).await
    }

    async fn dialer(variant: &str) -> io::Result<Self> {
        Ok(Peer::start(variant, false).await?.0)
    }

    async fn dial(&self, address: &str) -> io::Result<Connected> {
        let (sender, receiver) = oneshot::channel();
        let address = address.parse().map_err(io::Error::other)?;
        self.commands.send(Command::Dial(address, sender)).await.map_err(io::Error::other)?;
        let id = receiver.await.map_err(io::Error::other)??;
        let open = self.behaviour.opener(id).ok_or(io::ErrorKind::NotConnected)?;
        Ok(Connected { commands: self.commands.clone(), id, open })
    }
}

/// What `SwarmBuilder` would make of it; that cannot be asked to choose as it runs.
fn swarm(variant: &str, behaviour: Behaviour) -> io::Result<Swarm<Behaviour>> {
    let keypair = Keypair::generate_ed25519();
    let transport = transport(variant, &keypair).map_err(io::Error::other)?;
    let config = libp2p::swarm::Config::with_tokio_executor()
        .with_idle_connection_timeout(Duration::from_secs(3600));
    Ok(Swarm::new(transport, behaviour, keypair.public().to_peer_id(), config))
}

fn transport(
    variant: &str,
    keypair: &Keypair,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, Box<dyn Error + Send + Sync>> {
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let tcp = tcp.upgrade(Version::V1Lazy);
    let limit = Duration::from_secs(10);
    Ok(match variant {
        "noise" => {
            let secured = tcp.authenticate(noise::Config::new(keypair)?);
            secured.multiplex(muxer()).timeout(limit).boxed()
        }
        "tls" => {
            let secured = tcp.authenticate(tls::Config::new(keypair)?);
            secured.multiplex(muxer()).timeout(limit).boxed()
        }
        "mplex" => {
            let secured = tcp.authenticate(noise::Config::new(keypair)?);
            secured.multiplex(mplex()).timeout(limit).boxed()
        }
        other => return Err(format!("unknown variant {other}").into()),
    })
}

fn muxer() -> yamux::Config {
    let mut config = yamux::Config::default();
    if let count @ 1.. = setting("PB_MAX_STREAMS", 0) {
        config.set_max_num_streams(MOST_STREAMS.min(count));
    }
    config
}

/// Without back-pressure of its own it would reset the streams that are not read.
fn mplex() -> libp2p_mplex::Config {
    let mut config = libp2p_mplex::Config::default();
    config.set_max_num_streams(setting("PB_MAX_STREAMS", 8192));
    config.set_max_buffer_behaviour(MaxBufferBehaviour::Block);
    config
}

/// Carries out commands and answers them.
async fn drive(mut swarm: Swarm<Behaviour>, mut commands: mpsc::Receiver<Command>) {
    let mut dialing: HashMap<ConnectionId, Sender<io::Result<ConnectionId>>> = HashMap::new();
    let mut closing: HashMap<ConnectionId, Sender<()>> = HashMap::new();
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                None => return,
                Some(Command::Dial(address, sender)) => {
                    let options = DialOpts::unknown_peer_id().address(address).build();
                    let id = options.connection_id();
                    match swarm.dial(options) {
                        Ok(()) => drop(dialing.insert(id, sender)),
                        Err(error) => drop(sender.send(Err(io::Error::other(error)))),
                    }
                }
                Some(Command::Close(id, sender)) => if swarm.close_connection(id) {
                    closing.insert(id, sender);
                },
            },
            event = swarm.select_next_some() => match event {
                SwarmEvent::ConnectionEstablished { connection_id, .. } => {
                    dialing.remove(&connection_id).map(|sender| sender.send(Ok(connection_id)));
                }
                SwarmEvent::ConnectionClosed { connection_id, .. } => {
                    closing.remove(&connection_id).map(|sender| sender.send(()));
                }
                SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                    let failed = Err(io::Error::other(error));
                    dialing.remove(&connection_id).map(|sender| sender.send(failed));
                }
                _ => {}
            }
        }
    }
}

fn main() {
    bench_harness::run::<Peer>()
}

/// Its yamux has 256 KiB for each stream of the 1 GiB of a connection, which libp2p does not let one change, and panics where that is not enough.
const MOST_STREAMS: usize = 4096;
