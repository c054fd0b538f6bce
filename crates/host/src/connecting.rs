//! Finding or making the connection to a peer.

use std::collections::HashSet;

use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;
use peerloom_swarm::{Connection, DialError};

use crate::host::Host;
use crate::target::Target;

impl Host {
    /// A connection with a peer: one that is open, or a new one. Whoever asks for the same peer
    /// meanwhile waits for the same dial.
    ///
    /// # Errors
    /// When no address leads to the peer: what became of each, step by step.
    pub async fn connect(&self, target: impl Into<Target>) -> Result<Connection, DialError> {
        let target = target.into();
        if let Some(connection) = self.connected(&target) {
            return Ok(connection);
        }
        let Some(peer) = target.peer else { return self.dial(target).await };
        let addresses = self.all_addresses(&target);
        let (swarm, dialled) = (self.0.swarm.clone(), addresses.clone());
        let dial = async move {
            // A dial may have ended since.
            match swarm.connection_with(&peer) {
                Some(connection) => Ok(connection),
                None => swarm.dial(Some(peer), dialled).await,
            }
        };
        let connection = self.0.dials.join(peer, addresses, dial).await?;
        self.remember(&connection);
        Ok(connection)
    }

    /// A new connection, even where there is one.
    ///
    /// # Errors
    /// As [`Host::connect`].
    pub async fn dial(&self, target: impl Into<Target>) -> Result<Connection, DialError> {
        let target = target.into();
        let addresses = self.all_addresses(&target);
        let connection = self.0.swarm.dial(target.peer, addresses).await?;
        self.remember(&connection);
        Ok(connection)
    }

    /// Closes every connection with a peer and waits until they are closed.
    pub async fn disconnect(&self, peer: &PeerId) {
        for connection in self.0.swarm.connections_with(peer) {
            connection.close().await;
        }
    }

    /// Tells where a peer can be reached. An address of more than 256 bytes is not kept.
    pub fn add_address(&self, peer: PeerId, address: &Multiaddr) {
        self.0.shared.address_book().add(peer, address);
    }

    /// An open connection with a target's peer, or one that was dialled at its address.
    fn connected(&self, target: &Target) -> Option<Connection> {
        if let Some(peer) = &target.peer {
            return self.0.swarm.connection_with(peer);
        }
        let dialled = |connection: &Connection| {
            connection.role().is_dialer()
                && !connection.is_closing()
                && target.addresses.contains(&connection.remote().without_peer_id())
        };
        self.0.swarm.connections().into_iter().find(dialled)
    }

    fn all_addresses(&self, target: &Target) -> Vec<Multiaddr> {
        let mut addresses = target.addresses.clone();
        if let Some(peer) = &target.peer {
            addresses.extend(self.0.shared.address_book().of(peer).cloned());
        }
        let mut seen = HashSet::new();
        addresses.retain(|address| seen.insert(address.without_peer_id()));
        addresses
    }

    fn remember(&self, connection: &Connection) {
        self.add_address(connection.peer(), connection.remote());
    }
}
