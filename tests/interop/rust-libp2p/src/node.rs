//! The node: a swarm that serves ping, identify and echo, and how it listens and connects.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, identify, noise, ping, tcp, yamux};
use tokio::io::AsyncReadExt;

use crate::{Layers, Muxer, Security, echo};

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) ping: ping::Behaviour,
    pub(crate) identify: identify::Behaviour,
    pub(crate) echo: echo::Behaviour,
}

/// A node on a new identity.
pub(crate) fn swarm(layers: Layers) -> Result<Swarm<Behaviour>> {
    let Layers { security: Security::Noise, muxer: Muxer::Yamux } = layers;
    let swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)?
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

/// Prints where the node listens, and serves until standard input ends.
pub(crate) async fn listen(layers: Layers) -> Result<()> {
    let mut swarm = swarm(layers)?;
    let wildcard_port = Multiaddr::from(std::net::Ipv4Addr::LOCALHOST).with(Protocol::Tcp(0));
    swarm.listen_on(wildcard_port)?;
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
