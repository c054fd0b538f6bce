//! What a host tells whoever listens.

use std::sync::Arc;

use peerloom_core::Error;
use peerloom_identify::Info;
use peerloom_multiaddr::Multiaddr;
use peerloom_swarm::{Connection, Limit, UpgradeError};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

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
    /// A peer told about itself, and something in it is new.
    Identified {
        /// The connection on which it told.
        connection: Connection,
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
pub struct Events {
    events: broadcast::Receiver<Event>,
    closed: watch::Receiver<bool>,
}

impl Events {
    pub(crate) fn of(events: &broadcast::Sender<Event>, closed: &watch::Sender<bool>) -> Self {
        Events { events: events.subscribe(), closed: closed.subscribe() }
    }

    /// Waits for the next event; nothing comes after the host has closed. Cancel safe.
    pub async fn next(&mut self) -> Option<Event> {
        let received = tokio::select! {
            biased;
            received = self.events.recv() => received,
            _ = self.closed.wait_for(|closed| *closed) => return None,
        };
        match received {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(missed)) => Some(Event::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

/// How many events wait for a slow reader before it loses the oldest.
pub(crate) const EVENT_BACKLOG: usize = 1024;
