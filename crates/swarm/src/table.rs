//! Who is connected.

use std::collections::HashMap;

use peerloom_peer_id::PeerId;

use crate::config::Limits;
use crate::connection::{Connection, ConnectionId};
use crate::error::Limit;

/// The open connections, by peer.
#[derive(Debug, Default)]
pub(crate) struct Table {
    by_peer: HashMap<PeerId, Vec<Connection>>,
    connections: usize,
    last_id: u64,
}

impl Table {
    /// The next connection's number.
    pub(crate) fn next_id(&mut self) -> ConnectionId {
        self.last_id += 1;
        ConnectionId(self.last_id)
    }

    /// Whether there is room for another connection with `peer`.
    pub(crate) fn room_for(&self, peer: &PeerId, limits: &Limits) -> Result<(), Limit> {
        if limits.connections <= self.connections {
            return Err(Limit { knob: "connections", allowed: limits.connections });
        }
        if limits.connections_per_peer <= self.of(peer).len() {
            let allowed = limits.connections_per_peer;
            return Err(Limit { knob: "connections_per_peer", allowed });
        }
        Ok(())
    }

    pub(crate) fn insert(&mut self, connection: Connection) {
        self.connections += 1;
        self.by_peer.entry(connection.peer()).or_default().push(connection);
    }

    pub(crate) fn remove(&mut self, connection: &Connection) {
        let Some(connections) = self.by_peer.get_mut(&connection.peer()) else { return };
        let before = connections.len();
        connections.retain(|other| other.id() != connection.id());
        self.connections -= before - connections.len();
        if connections.is_empty() {
            self.by_peer.remove(&connection.peer());
        }
    }

    /// The connections with a peer, oldest first.
    pub(crate) fn of(&self, peer: &PeerId) -> &[Connection] {
        self.by_peer.get(peer).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Connection> {
        self.by_peer.values().flatten()
    }

    pub(crate) fn peers(&self) -> impl Iterator<Item = PeerId> {
        self.by_peer.keys().copied()
    }
}
