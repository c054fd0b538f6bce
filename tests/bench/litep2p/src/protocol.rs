//! The protocol through which litep2p opens streams and hands over those of others.

use std::collections::HashMap;
use std::fmt::Debug;
use std::io;

use bench_harness::serve;
use futures::StreamExt;
use litep2p::PeerId;
use litep2p::codec::ProtocolCodec;
use litep2p::protocol::{Direction, TransportEvent, TransportService, UserProtocol};
use litep2p::substream::Substream;
use litep2p::types::SubstreamId;
use litep2p::types::multiaddr::{self, Multiaddr};
use litep2p::types::protocol::ProtocolName;
use tokio::sync::mpsc;
use tokio::sync::oneshot::Sender;

pub(crate) enum Command {
    Dial(Multiaddr, Sender<io::Result<PeerId>>),
    Open(PeerId, Sender<io::Result<Substream>>),
    Close(PeerId),
}

pub(crate) struct Protocol {
    commands: mpsc::UnboundedReceiver<Command>,
    dialing: HashMap<PeerId, Sender<io::Result<PeerId>>>,
    opening: HashMap<SubstreamId, Sender<io::Result<Substream>>>,
}

impl Protocol {
    pub(crate) fn new(commands: mpsc::UnboundedReceiver<Command>) -> Self {
        Protocol { commands, dialing: HashMap::new(), opening: HashMap::new() }
    }

    fn carry_out(&mut self, command: Command, service: &mut TransportService) {
        match command {
            Command::Dial(address, sender) => {
                let peer = match address.iter().last() {
                    Some(multiaddr::Protocol::P2p(hash)) => PeerId::from_multihash(hash).ok(),
                    _ => None,
                };
                match (peer, service.dial_address(address)) {
                    (Some(peer), Ok(())) => drop(self.dialing.insert(peer, sender)),
                    (None, _) => drop(sender.send(Err(other("an address without a peer")))),
                    (_, Err(error)) => drop(sender.send(Err(other(error)))),
                }
            }
            Command::Open(peer, sender) => match service.open_substream(peer) {
                Ok(id) => drop(self.opening.insert(id, sender)),
                Err(error) => drop(sender.send(Err(other(error)))),
            },
            Command::Close(peer) => drop(service.force_close(peer)),
        }
    }

    fn take(&mut self, event: TransportEvent) {
        match event {
            TransportEvent::ConnectionEstablished { peer, .. } => {
                self.dialing.remove(&peer).map(|sender| sender.send(Ok(peer)));
            }
            TransportEvent::ConnectionClosed { .. } => {}
            TransportEvent::SubstreamOpened { substream, direction, .. } => match direction {
                Direction::Inbound => drop(tokio::spawn(serve(substream))),
                Direction::Outbound(id) => {
                    self.opening.remove(&id).map(|sender| sender.send(Ok(substream)));
                }
            },
            TransportEvent::SubstreamOpenFailure { substream, error } => {
                self.opening.remove(&substream).map(|sender| sender.send(Err(other(error))));
            }
            TransportEvent::DialFailure { peer, .. } => {
                let failed = Err(other("the dial failed"));
                self.dialing.remove(&peer).map(|sender| sender.send(failed));
            }
        }
    }
}

#[async_trait::async_trait]
impl UserProtocol for Protocol {
    fn protocol(&self) -> ProtocolName {
        ProtocolName::from("/bench/1")
    }

    fn codec(&self) -> ProtocolCodec {
        ProtocolCodec::Unspecified
    }

    async fn run(mut self: Box<Self>, mut service: TransportService) -> litep2p::Result<()> {
        loop {
            tokio::select! {
                Some(command) = self.commands.recv() => self.carry_out(command, &mut service),
                event = service.next() => match event {
                    Some(event) => self.take(event),
                    None => return Ok(()),
                },
            }
        }
    }
}

pub(crate) fn other(error: impl Debug) -> io::Error {
    io::Error::other(format!("{error:?}"))
}
