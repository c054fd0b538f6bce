//! What a swarm tells the floor above.

use std::sync::Arc;

use peerloom_core::{BoxSubstream, Error};
use peerloom_multiaddr::Multiaddr;

use crate::connection::Connection;
use crate::error::{Limit, UpgradeError};

/// The floor above: it is told what happens, as it happens.
///
/// Called from the swarm's tasks; an implementation returns at once and spawns what takes time.
pub trait Handler: Send + Sync + 'static {
    /// Takes an event.
    fn handle(&self, event: Event);
}

/// What happens in a swarm.
#[non_exhaustive]
pub enum Event {
    /// A connection is open. Its streams come after this.
    Connected(Connection),
    /// A connection is gone. Nothing of it comes after this.
    Disconnected {
        /// The connection.
        connection: Connection,
        /// What broke it; nothing if it was closed by either side.
        reason: Option<Arc<Error>>,
    },
    /// The remote opened a stream; no protocol has been agreed on yet.
    Stream {
        /// The connection it came on.
        connection: Connection,
        /// The stream.
        stream: BoxSubstream,
    },
    /// The swarm can be reached at another address.
    NewAddress(Multiaddr),
    /// The swarm can no longer be reached at an address.
    AddressGone(Multiaddr),
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
}
