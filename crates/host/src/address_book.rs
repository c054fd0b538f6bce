//! Where peers can be reached, as far as anybody has said.

use std::collections::{BTreeMap, HashMap};

use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::PeerId;

/// Addresses by peer: first the trusted ones, which the user told or which were dialled, the latest
/// first; behind them those that the peer itself claims, in its order.
///
/// When the book is full, the peer is forgotten that was added, claimed for or looked up the longest
/// time ago; peers with nothing but claims go before all others.
#[derive(Debug, Default)]
pub(crate) struct AddressBook {
    peers: HashMap<PeerId, Known>,
    /// Every peer by its rank: the first one is forgotten first.
    ranks: BTreeMap<Rank, PeerId>,
    /// Counts what was done with the book.
    uses: u64,
}

/// What is known of a peer.
#[derive(Debug, Default)]
struct Known {
    /// The trusted ones, then the claimed ones; never none.
    addresses: Vec<Multiaddr>,
    /// How many of them are trusted.
    trusted: usize,
    rank: Rank,
}

/// How much a peer is worth keeping. No two in the book have the same, and none the default one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    trusted: bool,
    last_use: u64,
}

impl AddressBook {
    /// Writes down an address that can be trusted: the user told it, or it was dialled.
    ///
    /// One of more than [`MAX_ADDRESS_LENGTH`] is not kept.
    pub(crate) fn add(&mut self, peer: PeerId, address: &Multiaddr) {
        self.change(peer, |known| known.add(address.without_peer_id()));
    }

    /// Writes down what a peer claims of itself, in the place of all that it has claimed before.
    ///
    /// It told so on a connection with `remote`. Only who is within this machine is believed to have a
    /// place there: nobody else shall make us connect to its sockets. What does not fit beside the
    /// trusted addresses is not kept.
    pub(crate) fn claim<'a>(
        &mut self,
        peer: PeerId,
        remote: &Multiaddr,
        addresses: impl IntoIterator<Item = &'a Multiaddr>,
    ) {
        let within = remote.is_within_this_machine();
        let addresses =
            addresses.into_iter().filter(|address| within || !address.is_within_this_machine());
        self.change(peer, |known| {
            known.addresses.truncate(known.trusted);
            for address in addresses {
                known.add_claimed(address.without_peer_id());
            }
        });
    }

    /// The addresses of a peer, the most promising first.
    pub(crate) fn of(&mut self, peer: &PeerId) -> impl Iterator<Item = &Multiaddr> {
        self.change(*peer, |_| {});
        self.peers.get(peer).into_iter().flat_map(|known| &known.addresses)
    }

    /// Changes what is known of a peer, and notes that it is the latest in use.
    fn change(&mut self, peer: PeerId, change: impl FnOnce(&mut Known)) {
        let mut known = self.peers.remove(&peer).unwrap_or_default();
        self.ranks.remove(&known.rank);
        change(&mut known);
        if known.addresses.is_empty() {
            return;
        }
        self.uses += 1;
        known.rank = Rank { trusted: 0 < known.trusted, last_use: self.uses };
        self.ranks.insert(known.rank, peer);
        self.peers.insert(peer, known);
        if MAX_PEERS < self.peers.len()
            && let Some((_, forgotten)) = self.ranks.pop_first()
        {
            self.peers.remove(&forgotten);
        }
    }
}

impl Known {
    fn add(&mut self, address: Multiaddr) {
        if !is_worth_keeping(&address) {
            return;
        }
        if let Some(position) = self.addresses.iter().position(|other| *other == address) {
            self.addresses.remove(position);
            self.trusted -= usize::from(position < self.trusted);
        }
        while !self.has_room_for(&address) && self.addresses.pop().is_some() {}
        self.trusted = self.trusted.min(self.addresses.len()) + 1;
        self.addresses.insert(0, address);
    }

    fn add_claimed(&mut self, address: Multiaddr) {
        let is_new = !self.addresses.contains(&address);
        if is_new && is_worth_keeping(&address) && self.has_room_for(&address) {
            self.addresses.push(address);
        }
    }

    fn has_room_for(&self, address: &Multiaddr) -> bool {
        let length: usize = self.addresses.iter().map(|other| other.as_bytes().len()).sum();
        self.addresses.len() < MAX_ADDRESSES
            && length + address.as_bytes().len() <= MAX_ADDRESSES_LENGTH
    }
}

fn is_worth_keeping(address: &Multiaddr) -> bool {
    !address.is_empty() && address.as_bytes().len() <= MAX_ADDRESS_LENGTH
}

/// How many peers are remembered: with all that is kept of them they take under 7 MiB.
const MAX_PEERS: usize = 4096;

/// How many addresses of one peer are remembered: more than anybody tries.
const MAX_ADDRESSES: usize = 16;

/// How long an address may be, in bytes: over a relay and with two hashes of certificates it takes
/// some 150.
const MAX_ADDRESS_LENGTH: usize = 256;

/// How long the addresses of one peer may be in all, in bytes: a usual one takes 8 to 50.
const MAX_ADDRESSES_LENGTH: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(number: usize) -> PeerId {
        let digest = u64::try_from(number).unwrap().to_be_bytes();
        PeerId::from_bytes(&[&[0, 8][..], &digest].concat()).unwrap()
    }

    fn tcp(port: usize) -> Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
    }

    /// An address that takes so many bytes, an even number.
    fn long(length: usize) -> Multiaddr {
        "/ws".repeat(length / 2).parse().unwrap()
    }

    fn known(book: &mut AddressBook, peer: PeerId) -> Vec<Multiaddr> {
        book.of(&peer).cloned().collect()
    }

    #[test]
    fn one_peer_cannot_fill_the_book() {
        let mut book = AddressBook::default();
        for port in 1..=100 {
            book.add(peer(1), &tcp(port));
        }
        let latest: Vec<_> = (100 - MAX_ADDRESSES + 1..=100).rev().map(tcp).collect();
        assert_eq!(known(&mut book, peer(1)), latest);
        book.claim(peer(2), &tcp(9), &(1..=100).map(tcp).collect::<Vec<_>>());
        let first: Vec<_> = (1..=MAX_ADDRESSES).map(tcp).collect();
        assert_eq!(known(&mut book, peer(2)), first);
    }

    #[test]
    fn only_who_is_within_this_machine_has_a_place_there() {
        let mut book = AddressBook::default();
        let local = ["/unix/run/door.sock", "/memory/1"].map(|text| text.parse().unwrap());
        book.claim(peer(1), &tcp(9), local.iter().chain([&tcp(1)]));
        assert_eq!(known(&mut book, peer(1)), [tcp(1)]);
        book.claim(peer(2), &local[1], &local);
        assert_eq!(known(&mut book, peer(2)), local);
    }

    #[test]
    fn an_address_is_kept_once_and_without_the_peer_id() {
        let mut book = AddressBook::default();
        let named = format!("/ip4/127.0.0.1/tcp/1/p2p/{}", peer(1)).parse().unwrap();
        book.claim(peer(1), &tcp(9), [&tcp(1), &named]);
        assert_eq!(known(&mut book, peer(1)), [tcp(1)]);
        book.add(peer(1), &named);
        book.add(peer(1), &tcp(1));
        book.claim(peer(1), &tcp(9), [&tcp(1), &named]);
        assert_eq!(known(&mut book, peer(1)), [tcp(1)]);
    }

    #[test]
    fn an_address_that_is_too_long_or_empty_is_not_kept() {
        let mut book = AddressBook::default();
        for address in [long(MAX_ADDRESS_LENGTH + 2), Multiaddr::empty()] {
            book.add(peer(1), &address);
            book.claim(peer(1), &tcp(9), [&address]);
            assert_eq!(known(&mut book, peer(1)), []);
        }
        assert!(book.peers.is_empty() && book.ranks.is_empty());
        book.add(peer(1), &long(MAX_ADDRESS_LENGTH));
        assert_eq!(known(&mut book, peer(1)), [long(MAX_ADDRESS_LENGTH)]);
    }

    #[test]
    fn trusted_addresses_come_first_the_latest_in_front() {
        let mut book = AddressBook::default();
        book.claim(peer(1), &tcp(9), [&tcp(1), &tcp(2), &tcp(3)]);
        book.add(peer(1), &tcp(4));
        book.add(peer(1), &tcp(3));
        assert_eq!(known(&mut book, peer(1)), [3, 4, 1, 2].map(tcp));
    }

    #[test]
    fn a_claim_takes_the_place_of_the_one_before_and_of_nothing_else() {
        let mut book = AddressBook::default();
        book.claim(peer(1), &tcp(9), [&tcp(1), &tcp(2)]);
        book.add(peer(1), &tcp(2));
        book.add(peer(1), &tcp(2));
        book.claim(peer(1), &tcp(9), [&tcp(3)]);
        assert_eq!(known(&mut book, peer(1)), [2, 3].map(tcp));
        book.claim(peer(1), &tcp(9), []);
        assert_eq!(known(&mut book, peer(1)), [tcp(2)]);
    }

    #[test]
    fn claims_never_push_out_trusted_addresses() {
        let mut book = AddressBook::default();
        let trusted: Vec<_> = (1..MAX_ADDRESSES).rev().map(tcp).collect();
        trusted.iter().rev().for_each(|address| book.add(peer(1), address));
        book.claim(peer(1), &tcp(9), &(100..200).map(tcp).collect::<Vec<_>>());
        assert_eq!(known(&mut book, peer(1)), [&trusted[..], &[tcp(100)]].concat());

        book.add(peer(2), &long(MAX_ADDRESS_LENGTH));
        book.claim(peer(2), &tcp(9), [&long(250), &long(248), &long(4), &long(2)]);
        assert_eq!(known(&mut book, peer(2)), [MAX_ADDRESS_LENGTH, 250, 4, 2].map(long));
    }

    #[test]
    fn a_trusted_address_pushes_out_claims_and_then_the_oldest() {
        let mut book = AddressBook::default();
        book.claim(peer(1), &tcp(9), &(100..200).map(tcp).collect::<Vec<_>>());
        for port in 1..=MAX_ADDRESSES + 1 {
            book.add(peer(1), &tcp(port));
        }
        let latest: Vec<_> = (2..=MAX_ADDRESSES + 1).rev().map(tcp).collect();
        assert_eq!(known(&mut book, peer(1)), latest);
        book.add(peer(1), &long(MAX_ADDRESS_LENGTH));
        book.add(peer(1), &long(MAX_ADDRESS_LENGTH - 2));
        assert_eq!(book.of(&peer(1)).next(), Some(&long(MAX_ADDRESS_LENGTH - 2)));
        let known = &book.peers[&peer(1)];
        assert_eq!(known.trusted, known.addresses.len());
    }

    #[test]
    fn who_was_not_used_for_longest_is_forgotten_first() {
        let mut book = AddressBook::default();
        for number in 0..MAX_PEERS {
            book.add(peer(number), &tcp(1));
        }
        book.add(peer(0), &tcp(2));
        assert_eq!(book.of(&peer(1)).count(), 1);
        book.claim(peer(2), &tcp(9), [&tcp(2)]);
        book.add(peer(MAX_PEERS), &tcp(1));
        assert_eq!([0, 1, 2, 3].map(|number| book.of(&peer(number)).count()), [2, 1, 2, 0]);
        assert_eq!(book.peers.len(), MAX_PEERS);
    }

    #[test]
    fn throw_away_peers_cannot_make_the_book_forget_trusted_addresses() {
        let mut book = AddressBook::default();
        book.add(peer(0), &tcp(1));
        for number in 1..3 * MAX_PEERS {
            book.claim(peer(number), &tcp(9), [&tcp(1)]);
        }
        assert_eq!(known(&mut book, peer(0)), [tcp(1)]);
        for number in 1..MAX_PEERS {
            book.add(peer(number), &tcp(1));
        }
        book.claim(peer(MAX_PEERS), &tcp(9), [&tcp(1)]);
        assert_eq!(known(&mut book, peer(MAX_PEERS)), []);
        assert_eq!(known(&mut book, peer(0)), [tcp(1)]);
    }

    #[test]
    fn a_full_book_takes_under_seven_mebibytes() {
        let mut book = AddressBook::default();
        let length = MAX_ADDRESSES_LENGTH / MAX_ADDRESSES;
        for number in 0..=MAX_PEERS {
            for address in 0..=MAX_ADDRESSES {
                let name = format!("/dns/{address:0width$}", width = length - 2);
                book.add(peer(number), &name.parse().unwrap());
            }
        }
        assert_eq!(book.ranks.len(), book.peers.len());
        let addresses = book.peers.values().map(|known| {
            // Behind each pointer: two counts, a vector, and its bytes.
            let each = size_of::<[usize; 2]>() + size_of::<Vec<u8>>() + length;
            assert_eq!(known.addresses.len(), MAX_ADDRESSES);
            known.addresses.capacity() * size_of::<Multiaddr>() + known.addresses.len() * each
        });
        // A hash table leaves an eighth of its places empty, a tree at most half of them.
        let table = book.peers.capacity() * 8 / 7 * (size_of::<(PeerId, Known)>() + 1);
        let tree = 2 * book.ranks.len() * size_of::<(Rank, PeerId)>();
        let size = addresses.sum::<usize>() + table + tree;
        assert!((5 << 20..7 << 20).contains(&size), "{size} bytes");
    }
}
