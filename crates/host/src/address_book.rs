//! Where peers can be reached, as far as anybody has said.

use std::collections::{HashMap, VecDeque};

use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;

/// Addresses by peer, the most lately told first; who has not been heard of for longest is forgotten first.
#[derive(Debug, Default)]
pub(crate) struct AddressBook {
    addresses: HashMap<PeerId, VecDeque<Multiaddr>>,
    /// The peers in the order in which they were first heard of.
    order: VecDeque<PeerId>,
}

impl AddressBook {
    /// Writes down an address of a peer.
    pub(crate) fn add(&mut self, peer: PeerId, address: &Multiaddr) {
        let address = address.without_peer_id();
        if !self.addresses.contains_key(&peer) {
            self.make_room();
            self.order.push_back(peer);
        }
        let known = self.addresses.entry(peer).or_default();
        known.retain(|other| *other != address);
        known.push_front(address);
        known.truncate(MAX_ADDRESSES);
    }

    /// The addresses of a peer, the most lately told first.
    pub(crate) fn of(&self, peer: &PeerId) -> impl Iterator<Item = &Multiaddr> {
        self.addresses.get(peer).into_iter().flatten()
    }

    fn make_room(&mut self) {
        while MAX_PEERS <= self.addresses.len() {
            let Some(oldest) = self.order.pop_front() else { return };
            self.addresses.remove(&oldest);
        }
    }
}

/// How many peers are remembered: a few megabytes.
const MAX_PEERS: usize = 4096;

/// How many addresses of one peer are remembered.
const MAX_ADDRESSES: usize = 16;

#[cfg(test)]
mod tests {
    use peerloom_identity::Keypair;

    use super::*;

    #[test]
    fn one_peer_cannot_fill_the_book() {
        let mut book = AddressBook::default();
        let peer = Keypair::generate_ed25519().unwrap().peer_id();
        for port in 1..=100 {
            book.add(peer, &format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap());
        }
        let known: Vec<_> = book.of(&peer).map(ToString::to_string).collect();
        assert_eq!(known.len(), MAX_ADDRESSES);
        assert_eq!(known[0], "/ip4/127.0.0.1/tcp/100");
    }

    #[test]
    fn an_address_is_kept_once_and_without_the_peer_id() {
        let mut book = AddressBook::default();
        let peer = Keypair::generate_ed25519().unwrap().peer_id();
        book.add(peer, &"/ip4/127.0.0.1/tcp/1".parse().unwrap());
        book.add(peer, &format!("/ip4/127.0.0.1/tcp/1/p2p/{peer}").parse().unwrap());
        assert_eq!(book.of(&peer).count(), 1);
    }
}
