//! Swarms on one memory network, and a handler that writes everything down.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::sync::Arc;

use peerloom_core::{
    BoxMuxerUpgrade, BoxSecurityUpgrade, BoxTransport, ByteStream, Error, Handshake, Multiplexed,
    MuxerUpgrade, Role, Secured, SecurityUpgrade,
};
use peerloom_identity::Keypair;
use peerloom_multiaddr::Multiaddr;
use peerloom_swarm::{Config, DialError, Event, Handler, Layers, Outcome, Swarm, UpgradeError};
use peerloom_transport_memory::Network;
use tokio::sync::mpsc;

/// A swarm and what it has told.
pub(crate) struct Node {
    pub(crate) swarm: Swarm,
    pub(crate) events: mpsc::UnboundedReceiver<Event>,
}

/// What a test wants different from tcp-less noise and yamux.
#[derive(Default)]
pub(crate) struct Wishes {
    pub(crate) securities: Option<Vec<&'static str>>,
    pub(crate) muxers: Option<Vec<&'static str>>,
    pub(crate) config: Config,
    /// Instead of the memory transport alone.
    pub(crate) transports: Option<Vec<BoxTransport>>,
    /// Whether the floor above panics at the first stream.
    pub(crate) panics: bool,
}

struct Recorder {
    events: mpsc::UnboundedSender<Event>,
    panics: bool,
}

impl Handler for Recorder {
    fn handle(&self, event: Event) {
        assert!(!(self.panics && matches!(event, Event::Stream { .. })), "on purpose");
        let _ = self.events.send(event);
    }
}

impl Node {
    pub(crate) fn new(network: &Network) -> Self {
        Node::with(network, Wishes::default())
    }

    pub(crate) fn with(network: &Network, wishes: Wishes) -> Self {
        let keypair = Keypair::generate_ed25519().unwrap();
        let securities = wishes.securities.unwrap_or(vec!["/noise"]);
        let muxers = wishes.muxers.unwrap_or(vec!["/yamux/1.0.0"]);
        let layers = Layers {
            transports: wishes
                .transports
                .unwrap_or_else(|| vec![BoxTransport::new(network.transport())]),
            securities: securities
                .into_iter()
                .map(|name| {
                    let inner = peerloom_noise::Config::new(&keypair);
                    BoxSecurityUpgrade::new(Renamed { name, inner })
                })
                .collect(),
            muxers: muxers
                .into_iter()
                .map(|name| {
                    let inner = peerloom_yamux::Config::default();
                    Box::new(Renamed { name, inner }) as BoxMuxerUpgrade
                })
                .collect(),
        };
        let (sender, events) = mpsc::unbounded_channel();
        let handler = Arc::new(Recorder { events: sender, panics: wishes.panics });
        Node { swarm: Swarm::new(keypair.peer_id(), layers, wishes.config, handler), events }
    }

    /// Listens somewhere and says where, with the peer id.
    pub(crate) async fn listen(&self) -> Multiaddr {
        let listening = self.swarm.listen(&"/memory/0".parse().unwrap()).await.unwrap();
        let address = listening.addresses.first().unwrap().clone();
        address.with(peerloom_multiaddr::Protocol::P2p(self.swarm.local_peer()))
    }

    /// Waits for the event that `pick` wants and drops those before it.
    pub(crate) async fn until<T>(&mut self, mut pick: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            if let Some(picked) = pick(self.events.recv().await.unwrap()) {
                return picked;
            }
        }
    }
}

/// A protocol under another name.
struct Renamed<U> {
    name: &'static str,
    inner: U,
}

impl<U: SecurityUpgrade> SecurityUpgrade for Renamed<U> {
    fn name(&self) -> &str {
        self.name
    }

    async fn secure(&self, stream: ByteStream, handshake: Handshake<'_>) -> Result<Secured, Error> {
        self.inner.secure(stream, handshake).await
    }
}

impl<U: MuxerUpgrade> MuxerUpgrade for Renamed<U> {
    fn name(&self) -> &str {
        self.name
    }

    fn multiplex(&self, stream: ByteStream, role: Role) -> Multiplexed {
        self.inner.multiplex(stream, role)
    }
}

/// How the last attempt of a dial failed.
pub(crate) fn failure(error: &DialError) -> &UpgradeError {
    match &error.attempts().last().unwrap().outcome {
        Outcome::Failed(error) => Some(error.as_ref()),
        _ => None,
    }
    .unwrap()
}
