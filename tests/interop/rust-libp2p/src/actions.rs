//! What a dialer does with the other node, one function an action.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use libp2p::{Multiaddr, PeerId, Stream, Swarm, identify};
use rand::RngCore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::compat::Compat;

use crate::echo::{self, Opening};
use crate::node::{self, Behaviour, BehaviourEvent};
use crate::{Action, Layers};

/// Connects, does what is asked, and says goodbye.
pub(crate) async fn run(address: Multiaddr, action: Action, layers: Layers) -> Result<()> {
    let mut swarm = node::swarm(layers)?;
    let peer = node::connect(&mut swarm, address).await?;
    match action {
        Action::Ping => ping(&mut swarm).await?,
        Action::Identify => identify(&mut swarm, peer).await?,
        Action::Echo => echoes(&mut swarm, peer, Plan { streams: 1, length: MIB }).await?,
        Action::Streams => echoes(&mut swarm, peer, Plan { streams: 100, length: 8 * KIB }).await?,
        Action::Bulk => echoes(&mut swarm, peer, Plan { streams: 1, length: 8 * MIB }).await?,
    }
    node::disconnect(&mut swarm, peer).await;
    Ok(())
}

async fn ping(swarm: &mut Swarm<Behaviour>) -> Result<()> {
    let mut answers = 0;
    while answers < PINGS {
        if let BehaviourEvent::Ping(event) = node::behaviour_event(swarm).await? {
            event.result.context("a ping failed")?;
            answers += 1;
        }
    }
    Ok(())
}

async fn identify(swarm: &mut Swarm<Behaviour>, peer: PeerId) -> Result<()> {
    loop {
        match node::behaviour_event(swarm).await? {
            BehaviourEvent::Identify(identify::Event::Received { info, .. }) => {
                ensure!(info.public_key.to_peer_id() == peer, "the key is not that of {peer}");
                ensure!(info.protocols.contains(&echo::PROTOCOL), "lists {:?}", info.protocols);
                return Ok(());
            }
            BehaviourEvent::Identify(identify::Event::Error { error, .. }) => {
                return Err(error).context("identify failed");
            }
            _ => {}
        }
    }
}

/// How many echo streams to have open at once, and how much to send on each.
struct Plan {
    streams: usize,
    length: usize,
}

async fn echoes(swarm: &mut Swarm<Behaviour>, peer: PeerId, plan: Plan) -> Result<()> {
    let openings: Vec<Opening> =
        (0..plan.streams).map(|_| swarm.behaviour_mut().echo.open(peer)).collect();
    let work = async {
        // All of them are open before the first byte is sent.
        let streams = try_join_all(openings.into_iter().map(opened)).await?;
        try_join_all(streams.into_iter().map(|stream| echo(stream, plan.length))).await
    };
    tokio::pin!(work);
    loop {
        tokio::select! {
            outcome = &mut work => return outcome.map(drop),
            event = node::behaviour_event(swarm) => drop(event?),
        }
    }
}

async fn opened(opening: Opening) -> Result<Compat<Stream>> {
    opening.await.context("the connection is gone")?.context("no stream could be opened")
}

/// Sends random bytes and half-closes while it reads the echo, the last part of it only afterwards.
async fn echo(stream: Compat<Stream>, length: usize) -> Result<()> {
    let mut sent = vec![0; length];
    rand::rng().fill_bytes(&mut sent);
    let (mut reader, mut writer) = tokio::io::split(stream);
    let send = async {
        for chunk in sent.chunks(ODD_CHUNK) {
            writer.write_all(chunk).await.context("a write failed")?;
        }
        writer.shutdown().await.context("the half-close failed")
    };
    let mut received = vec![0; length.saturating_sub(READ_AFTER_CLOSE)];
    let receive = async { reader.read_exact(&mut received).await.context("a read failed") };
    tokio::try_join!(send, receive)?;
    reader.read_to_end(&mut received).await.context("a read after the half-close failed")?;
    ensure!(received == sent, "{length} bytes came back as {} others", received.len());
    Ok(())
}

const KIB: usize = 1024;

const MIB: usize = 1024 * KIB;

const PINGS: usize = 3;

/// Divides no frame, record or buffer of anybody's.
const ODD_CHUNK: usize = 7_919;

/// How much of the echo waits until our side is half-closed: fits into every muxer's window.
const READ_AFTER_CLOSE: usize = 64 * KIB;
