//! The node: a swarm that serves ping, identify and echo, and how it listens and connects.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, Transport as _};
use libp2p::core::upgrade;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, identify, noise, ping, tcp, tls, yamux};
use tokio::io::AsyncReadExt;

use crate::{KeyType, Layers, Muxer, Security, Transport, echo};

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) ping: ping::Behaviour,
    pub(crate) identify: identify::Behaviour,
    pub(crate) echo: echo::Behaviour,
}

/// A node on a new identity.
pub(crate) fn swarm(layers: Layers) -> Result<Swarm<Behaviour>> {
    let identity = match layers.key_type {
        KeyType::Ed25519 => Keypair::generate_ed25519(),
        KeyType::Secp256k1 => Keypair::generate_secp256k1(),
        KeyType::Ecdsa => Keypair::generate_ecdsa(),
    };
    let swarm = SwarmBuilder::with_existing_identity(identity)
        .with_tokio()
        .with_other_transport(|identity| transport(identity, layers))?
        .with_behaviour(|key| Behaviour {
            ping: ping::Behaviour::new(ping::Config::new().with_interval(PING_INTERVAL)),
            identify: identify::Behaviour::new(identify::Config::new(
                "ipfs/0.1.0".to_owned(),
                key.public(),
            )),
            echo: echo::Behaviour::default(),
        })?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
        .build();
    Ok(swarm)
}

/// What rust-libp2p dials and listens with.
type Upgraded = Boxed<(PeerId, StreamMuxerBox)>;

/// WebSocket where an address asks for it and TCP elsewhere, with the security and the muxer on both.
fn transport(identity: &Keypair, layers: Layers) -> Result<Upgraded, Box<dyn Error + Send + Sync>> {
    let tcp = || tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let raw = libp2p_websocket::Config::new(tcp()).or_transport(tcp());
    let raw = raw.upgrade(upgrade::Version::V1);
    let (noise, tls) = (|| noise::Config::new(identity), || tls::Config::new(identity));
    let (yamux, mplex) = (yamux::Config::default, libp2p_mplex::Config::default);
    Ok(match (layers.security, layers.muxer) {
        (Security::Noise, Muxer::Yamux) => raw.authenticate(noise()?).multiplex(yamux()).boxed(),
        (Security::Noise, Muxer::Mplex) => raw.authenticate(noise()?).multiplex(mplex()).boxed(),
        (Security::Tls, Muxer::Yamux) => raw.authenticate(tls()?).multiplex(yamux()).boxed(),
        (Security::Tls, Muxer::Mplex) => raw.authenticate(tls()?).multiplex(mplex()).boxed(),
    })
}

/// Prints where the node listens, and serves until standard input ends.
pub(crate) async fn listen(layers: Layers) -> Result<()> {
    let mut swarm = swarm(layers)?;
    let any_port = Multiaddr::from(std::net::Ipv4Addr::LOCALHOST).with(Protocol::Tcp(0));
    swarm.listen_on(match layers.transport {
        Transport::Tcp => any_port,
        Transport::Ws => any_port.with(Protocol::Ws("/".into())),
    })?;
    let mut nobody = Vec::new();
    let mut stdin = tokio::io::stdin();
    let stopped = stdin.read_to_end(&mut nobody);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            end = &mut stopped => return end.map(drop).context("standard input failed"),
            event = swarm.select_next_some() => if let SwarmEvent::NewListenAddr { address, .. } = event {
                println!("{}", address.with(Protocol::P2p(*swarm.local_peer_id())));
                std::io::stdout().flush()?;
            },
        }
    }
}

/// Dials the peer that the address names.
pub(crate) async fn connect(swarm: &mut Swarm<Behaviour>, address: Multiaddr) -> Result<PeerId> {
    let Some(Protocol::P2p(expected)) = address.iter().last() else {
        bail!("{address} does not end in a peer id");
    };
    swarm.dial(address)?;
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::ConnectionEstablished { peer_id, .. } if peer_id == expected => {
                return Ok(expected);
            }
            SwarmEvent::OutgoingConnectionError { error, .. } => {
                return Err(error).context("the dial failed");
            }
            _ => {}
        }
    }
}

/// Runs the node until an event of a behaviour's; the end of the connection is an error.
pub(crate) async fn behaviour_event(swarm: &mut Swarm<Behaviour>) -> Result<BehaviourEvent> {
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::Behaviour(event) => return Ok(event),
            SwarmEvent::ConnectionClosed { cause: Some(error), .. } => {
                return Err(error).context("the connection broke");
            }
            SwarmEvent::ConnectionClosed { cause: None, .. } => bail!("the connection was closed"),
            _ => {}
        }
    }
}

/// Says goodbye to the peer and waits until the connection is closed, however that ends.
pub(crate) async fn disconnect(swarm: &mut Swarm<Behaviour>, peer: PeerId) {
    if swarm.disconnect_peer_id(peer).is_ok() {
        while behaviour_event(swarm).await.is_ok() {}
    }
}

/// Short, so that three pings take no time.
const PING_INTERVAL: Duration = Duration::from_millis(100);

/// Longer than any action, so that no connection ends by itself.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);
