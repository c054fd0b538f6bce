//! The address: its parts one after the other, kept as bytes.

use std::sync::Arc;

use crate::{Error, PeerId, Protocol};

/// A network address that says how to use it, from the outermost protocol to the innermost.
///
/// It is kept as bytes and shared, so that a clone is cheap. Addresses are equal when their
/// bytes are, and ordered as those.
///
/// An address that was read has at least one part. [`Multiaddr::empty`] is where building one
/// begins, and what is left when everything has been taken away; it shows as `/`, and neither
/// that text nor no bytes are read back.
///
/// ```
/// use peerloom_multiaddr::{Multiaddr, Protocol};
///
/// let address: Multiaddr = "/ip4/127.0.0.1/tcp/4001".parse()?;
/// assert_eq!(address.iter().last(), Some(Protocol::Tcp(4001)));
/// assert_eq!(address.with(Protocol::Ws).to_string(), "/ip4/127.0.0.1/tcp/4001/ws");
/// # Ok::<(), peerloom_multiaddr::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Multiaddr {
    bytes: Arc<Vec<u8>>,
}

/// The parts of an address, from the outermost to the innermost.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl Multiaddr {
    /// The address without any part.
    #[must_use]
    pub fn empty() -> Self {
        Multiaddr::default()
    }

    /// The parts.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.bytes }
    }

    /// The bytes, as they travel.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, as they travel; copied only when the address is shared.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.bytes)
    }

    /// How many parts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no part.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds a part at the end.
    ///
    /// Any two parts can follow each other, but behind a `/unix` path (save `/p2p`), or above [`MAX_LENGTH`]
    /// bytes, nobody will read the address.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a part is handed over, as to any collection"
    )]
    pub fn push(&mut self, part: Protocol<'_>) {
        part.encode(Arc::make_mut(&mut self.bytes));
    }

    /// Takes the last part away.
    pub fn pop(&mut self) -> Option<Protocol<'static>> {
        let (start, last) = self.parts().last()?;
        let last = last.into_owned();
        Arc::make_mut(&mut self.bytes).truncate(start);
        Some(last)
    }

    /// The address with one more part at the end, as [`push`](Multiaddr::push).
    #[must_use]
    pub fn with(mut self, part: Protocol<'_>) -> Self {
        self.push(part);
        self
    }

    /// The peer that is to be found at the other end: the last `/p2p`.
    ///
    /// There is none when `/p2p-circuit` follows it, as that peer is the relay then.
    #[must_use]
    pub fn peer_id(&self) -> Option<PeerId> {
        self.iter().fold(None, |found, part| match part {
            Protocol::P2p(peer) => Some(peer),
            Protocol::P2pCircuit => None,
            _ => found,
        })
    }

    /// The address without the `/p2p` at its end, if that is what stands there.
    #[must_use]
    pub fn without_peer_id(&self) -> Self {
        match self.parts().last() {
            Some((start, Protocol::P2p(_))) => self.cut(start).0,
            _ => self.clone(),
        }
    }

    /// Whether the address leads to what no network reaches: a Unix socket, or a place in memory.
    ///
    /// Whoever may be a stranger (a DNS record, a remote that tells of itself) must not choose
    /// among those: what listens there may take whoever connects for somebody of this machine.
    #[must_use]
    pub fn is_within_this_machine(&self) -> bool {
        self.iter().any(|part| matches!(part, Protocol::Unix(_) | Protocol::Memory(_)))
    }

    /// An address from the bytes of whole parts.
    pub(crate) fn from_checked(bytes: Vec<u8>) -> Self {
        Multiaddr { bytes: Arc::new(bytes) }
    }

    /// The parts, and where in the bytes each begins.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (usize, Protocol<'_>)> {
        let mut iter = self.iter();
        std::iter::from_fn(move || {
            let start = self.bytes.len() - iter.rest.len();
            Some((start, iter.next()?))
        })
    }

    /// The address in two, at the beginning of a part.
    pub(crate) fn cut(&self, start: usize) -> (Multiaddr, Multiaddr) {
        let (before, behind) = self.bytes.split_at(start.min(self.bytes.len()));
        (Multiaddr::from_checked(before.to_vec()), Multiaddr::from_checked(behind.to_vec()))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Protocol<'a>;

    fn next(&mut self) -> Option<Protocol<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        // The bytes were checked when the address was made, so this is never an error.
        Protocol::decode(&mut self.rest).ok()
    }
}

impl<'a> IntoIterator for &'a Multiaddr {
    type Item = Protocol<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> FromIterator<Protocol<'a>> for Multiaddr {
    fn from_iter<I: IntoIterator<Item = Protocol<'a>>>(parts: I) -> Self {
        parts.into_iter().fold(Multiaddr::empty(), Multiaddr::with)
    }
}

impl From<Protocol<'_>> for Multiaddr {
    fn from(part: Protocol<'_>) -> Self {
        Multiaddr::empty().with(part)
    }
}

impl TryFrom<Vec<u8>> for Multiaddr {
    type Error = Error;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Error> {
        check(&bytes)?;
        Ok(Multiaddr::from_checked(bytes))
    }
}

impl TryFrom<&[u8]> for Multiaddr {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        check(bytes)?;
        Ok(Multiaddr::from_checked(bytes.to_vec()))
    }
}

impl AsRef<[u8]> for Multiaddr {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// Whether bytes are whole parts, at least one.
fn check(mut bytes: &[u8]) -> Result<(), Error> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    if MAX_LENGTH < bytes.len() {
        return Err(Error::TooLong);
    }
    while !bytes.is_empty() {
        let part = Protocol::decode(&mut bytes)?;
        if part.takes_rest() {
            return check_behind_path(bytes);
        }
    }
    Ok(())
}

/// Whether the bytes behind a path are a peer or nothing.
fn check_behind_path(mut bytes: &[u8]) -> Result<(), Error> {
    if bytes.is_empty() {
        return Ok(());
    }
    match Protocol::decode(&mut bytes)? {
        Protocol::P2p(_) if bytes.is_empty() => Ok(()),
        _ => Err(Error::AfterPath),
    }
}

/// The longest address that is read, in bytes.
///
/// Addresses in use have some hundred bytes; the longest parts are I2P's destinations (some 400)
/// and paths of HTTP resources.
pub const MAX_LENGTH: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu";

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn parts_are_pushed_and_popped() {
        let mut address = Multiaddr::empty();
        assert!(address.is_empty() && address.pop().is_none());
        address.push(Protocol::Dns4(crate::Name::new("example.com").unwrap()));
        address.push(Protocol::Tcp(80));
        assert_eq!((address.to_string(), address.len()), ("/dns4/example.com/tcp/80".into(), 2));
        let shared = address.clone();
        assert_eq!(address.pop(), Some(Protocol::Tcp(80)));
        assert_eq!(address.pop().and_then(|part| part.value()), Some("example.com".into()));
        assert!(address.is_empty());
        assert_eq!(shared.len(), 2, "a clone keeps its parts");
    }

    #[test]
    fn the_peer_is_the_last_one_unless_it_is_a_relay() {
        let peer = PEER.parse().ok();
        let other = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
        assert_eq!(address(&format!("/ip4/1.2.3.4/tcp/1/p2p/{PEER}")).peer_id(), peer);
        assert_eq!(address(&format!("/p2p/{other}/p2p-circuit/p2p/{PEER}")).peer_id(), peer);
        assert_eq!(address(&format!("/p2p/{PEER}/http")).peer_id(), peer);
        assert_eq!(address(&format!("/p2p/{PEER}/p2p-circuit")).peer_id(), None);
        assert_eq!(address("/ip4/1.2.3.4/tcp/1").peer_id(), None);
    }

    #[test]
    fn the_peer_at_the_end_is_taken_away() {
        let plain = address("/ip4/1.2.3.4/tcp/1");
        assert_eq!(address(&format!("{plain}/p2p/{PEER}")).without_peer_id(), plain);
        assert_eq!(plain.without_peer_id(), plain);
        let relay = address(&format!("/p2p/{PEER}/p2p-circuit"));
        assert_eq!(relay.without_peer_id(), relay);
    }

    #[test]
    fn bytes_that_are_too_long_or_none_are_refused() {
        let long = |parts| [0xa2, 0x02].repeat(parts);
        assert_eq!(Multiaddr::try_from(&[][..]), Err(Error::Empty));
        assert_eq!(Multiaddr::try_from(long(MAX_LENGTH / 2)).unwrap().len(), MAX_LENGTH / 2);
        assert_eq!(Multiaddr::try_from(long(MAX_LENGTH / 2 + 1)), Err(Error::TooLong));
    }

    #[test]
    fn only_a_peer_follows_a_path() {
        let path = address("/unix/a");
        let peer = || Protocol::P2p(PEER.parse().unwrap());
        for wrong in [
            path.clone().with(Protocol::Ws),
            path.clone().with(peer()).with(peer()),
            path.clone().with(peer()).with(Protocol::P2pCircuit),
        ] {
            assert_eq!(Multiaddr::try_from(wrong.into_bytes()), Err(Error::AfterPath));
        }
        let at_peer = path.clone().with(peer());
        assert_eq!(Multiaddr::try_from(at_peer.as_bytes()), Ok(at_peer.clone()));
        assert_eq!(address(&at_peer.to_string()), at_peer);
        assert_eq!(address(&format!("/unix/a/ipfs/{PEER}/")), at_peer);
        assert_eq!((at_peer.peer_id(), at_peer.without_peer_id()), (PEER.parse().ok(), path));
        assert!(format!("/unix/a/p2p/{PEER}/p2p/{PEER}").parse::<Multiaddr>().is_err());
    }
}
