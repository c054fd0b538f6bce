//! Whom to reach: a peer, an address, or both.

use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;

/// Whom to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Who has to answer; whoever does, if nobody is named.
    pub peer: Option<PeerId>,
    /// Where to try, besides the addresses that are known of the peer.
    pub addresses: Vec<Multiaddr>,
}

impl From<PeerId> for Target {
    fn from(peer: PeerId) -> Self {
        Target { peer: Some(peer), addresses: Vec::new() }
    }
}

impl From<&PeerId> for Target {
    fn from(peer: &PeerId) -> Self {
        Target::from(*peer)
    }
}

impl From<Multiaddr> for Target {
    fn from(address: Multiaddr) -> Self {
        Target { peer: address.peer_id(), addresses: vec![address] }
    }
}

impl From<&Multiaddr> for Target {
    fn from(address: &Multiaddr) -> Self {
        Target::from(address.clone())
    }
}

impl From<(PeerId, Multiaddr)> for Target {
    fn from((peer, address): (PeerId, Multiaddr)) -> Self {
        Target { peer: Some(peer), addresses: vec![address] }
    }
}

impl From<(PeerId, Vec<Multiaddr>)> for Target {
    fn from((peer, addresses): (PeerId, Vec<Multiaddr>)) -> Self {
        Target { peer: Some(peer), addresses }
    }
}
