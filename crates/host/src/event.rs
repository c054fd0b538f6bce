//! What a host tells whoever listens.

use std::sync::Arc;

use peerloom_core::Error;
use peerloom_identify::Info;
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;
use peerloom_swarm::{Connection, Limit, UpgradeError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// What happens at a host.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A connection is open.
    Connected(Connection),
    /// A connection is gone.
    Disconnected {
        /// The connection.
        connection: Connection,
        /// What broke it; nothing if it was closed by either side.
        reason: Option<Arc<Error>>,
    },
    /// A peer told about itself.
    Identified {
        /// The peer.
        peer: PeerId,
        /// All that it has told so far on this connection.
        info: Arc<Info>,
    },
    /// The host can be reached at another address, which ends in its peer id.
    NewListenAddress(Multiaddr),
    /// The host can no longer be reached at an address.
    ListenAddressGone(Multiaddr),
    /// A listener has ended; its addresses are gone.
    ListenerFailed {
        /// The addresses it had.
        addresses: Vec<Multiaddr>,
        /// Why it ended.
        reason: Arc<Error>,
    },
    /// An inbound connection did not come about.
    InboundFailed {
        /// Where it came from.
        remote: Multiaddr,
        /// Why it failed.
        reason: Arc<UpgradeError>,
    },
    /// An inbound connection was turned away before anything was said.
    Refused {
        /// Where it came from.
        remote: Multiaddr,
        /// The limit that was reached.
        limit: Limit,
    },
    /// The reader was too slow and this many events are lost to it.
    Missed(u64),
}

/// The events of a host from now on.
#[derive(Debug)]
pub struct Events(broadcast::Receiver<Event>);

impl Events {
    pub(crate) fn of(sender: &broadcast::Sender<Event>) -> Self {
        Events(sender.subscribe())
    }

    /// Waits for the next event; nothing comes after the host has gone. Cancel safe.
    pub async fn next(&mut self) -> Option<Event> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(missed)) => Some(Event::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// How many events wait for a slow reader before it loses the oldest.
pub(crate) const EVENT_BACKLOG: usize = 1024;
