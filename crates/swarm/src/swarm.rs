//! The swarm: its handle, and what its tasks share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use peerloom_core::{Error, Role};
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;
use tracing::Instrument as _;

use crate::admission::Admission;
use crate::config::{Config, Layers};
use crate::connection::{Connection, Facts};
use crate::error::UpgradeError;
use crate::event::{Event, Handler};
use crate::listen::Listeners;
use crate::report::Report;
use crate::shutdown::Shutdown;
use crate::table::Table;
use crate::upgrade::Upgraded;

/// Connections with many peers, over any transports, securities and muxers.
///
/// Needs a tokio runtime around it, which runs its tasks. A clone is another handle; when the last
/// one is dropped, everything is closed.
#[derive(Clone)]
pub struct Swarm {
    pub(crate) shared: Arc<Shared>,
    _guard: Arc<Guard>,
}

/// What the handles and the tasks share.
pub(crate) struct Shared {
    pub(crate) local_peer: PeerId,
    pub(crate) layers: Layers,
    pub(crate) config: Config,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) listeners: Mutex<Listeners>,
    pub(crate) shutdown: Arc<Shutdown>,
    table: Mutex<Table>,
}

/// Closes the swarm when the last handle goes.
struct Guard(Arc<Shared>);

/// A link that has become a connection, but is not one of the swarm's yet.
pub(crate) struct Arrival {
    pub(crate) upgraded: Upgraded,
    pub(crate) role: Role,
    pub(crate) local: Multiaddr,
    pub(crate) remote: Multiaddr,
    pub(crate) report: Report,
}

impl Swarm {
    /// A swarm of the peer `local_peer`, which tells `handler` what happens.
    ///
    /// The securities in `layers` prove the same peer's key.
    #[must_use]
    pub fn new(
        local_peer: PeerId,
        layers: Layers,
        config: Config,
        handler: Arc<dyn Handler>,
    ) -> Self {
        let shared = Arc::new(Shared {
            local_peer,
            layers,
            config,
            handler,
            admission: Arc::default(),
            listeners: Mutex::default(),
            shutdown: Arc::default(),
            table: Mutex::default(),
        });
        Swarm { _guard: Arc::new(Guard(shared.clone())), shared }
    }

    /// Who we are.
    #[must_use]
    pub fn local_peer(&self) -> PeerId {
        self.shared.local_peer
    }

    /// The peers that we are connected to.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerId> {
        self.shared.table().peers().collect()
    }

    /// The open connections.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.shared.table().all().cloned().collect()
    }

    /// The open connections with one peer, oldest first.
    #[must_use]
    pub fn connections_with(&self, peer: &PeerId) -> Vec<Connection> {
        self.shared.table().of(peer).to_vec()
    }

    /// The oldest open connection with a peer that takes new streams.
    #[must_use]
    pub fn connection_with(&self, peer: &PeerId) -> Option<Connection> {
        self.shared.table().of(peer).iter().find(|connection| !connection.is_closing()).cloned()
    }

    /// Stops listening, closes every connection and waits until all that is done.
    pub async fn close(&self) {
        self.shared.leave();
        self.shared.listeners_ended().await;
        for connection in self.connections() {
            connection.closed().await;
        }
    }

    /// Whether the swarm has been closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.shutdown.is_raised()
    }

    /// Waits until the swarm is closed, or the last other handle dropped.
    pub fn closed(&self) -> impl Future<Output = ()> + Send + 'static {
        let shutdown = self.shared.shutdown.clone();
        async move { shutdown.raised().await }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl Shared {
    /// Says goodbye to everybody, without waiting for it. Nobody comes in after this.
    fn leave(&self) {
        self.shutdown.raise();
        let connections: Vec<_> = self.table().all().cloned().collect();
        connections.iter().for_each(Connection::leave);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes an arrival one of the swarm's connections, if there is room, and runs it.
    pub(crate) fn establish(
        self: &Arc<Self>,
        arrival: Arrival,
    ) -> Result<Connection, UpgradeError> {
        let Arrival { upgraded, role, local, remote, report } = arrival;
        let Upgraded { multiplexed, remote_key, security, muxer } = upgraded;
        let peer = remote_key.peer_id();
        if peer == self.local_peer {
            return Err(UpgradeError::Myself(peer));
        }
        let connection = {
            let mut table = self.table();
            if self.shutdown.is_raised() {
                return Err(UpgradeError::Closed);
            }
            table.room_for(&peer, &self.config.limits).map_err(UpgradeError::Limit)?;
            let id = table.next_id();
            let facts =
                Facts { id, peer, remote_key, role, local, remote, security, muxer, report };
            let connection = Connection::new(facts, multiplexed.muxer);
            table.insert(connection.clone());
            connection
        };
        // Whoever gets the connection finds that the floor above knows it.
        self.handler.handle(Event::Connected(connection.clone()));
        let span = tracing::debug_span!("connection", %peer, conn = %connection.id());
        let running = self.clone().run(connection.clone(), multiplexed.driver);
        tokio::spawn(running.instrument(span));
        Ok(connection)
    }

    /// A connection's task.
    async fn run(self: Arc<Self>, connection: Connection, driver: peerloom_core::Driver) {
        tracing::debug!(remote = %connection.remote(), security = connection.security(), muxer = connection.muxer(), "connected");
        let goodbye = self.config.timeouts.goodbye;
        let mut entry = Entry { shared: self.as_ref(), connection: &connection, reason: None };
        entry.reason = connection.run(driver, self.handler.as_ref(), goodbye).await;
    }
}

/// A connection's place in the table; it is given back also when the connection's task panics or
/// goes down with its runtime.
struct Entry<'a> {
    shared: &'a Shared,
    connection: &'a Connection,
    reason: Option<Error>,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        // First what others wait for: whoever logs or handles may panic.
        self.shared.table().remove(self.connection);
        self.connection.mark_closed();
        let reason = self.reason.take().map(Arc::new);
        tracing::debug!(?reason, "disconnected");
        let connection = self.connection.clone();
        self.shared.handler.handle(Event::Disconnected { connection, reason });
    }
}
