//! Putting addresses together and taking them apart.

use crate::{Multiaddr, Protocol};

impl Multiaddr {
    /// The first part, and the rest.
    #[must_use]
    pub fn split_first(&self) -> Option<(Protocol<'_>, Multiaddr)> {
        let first = self.iter().next()?;
        Some((first, self.split_at(1).1))
    }

    /// Everything but the last part, and the last part.
    #[must_use]
    pub fn split_last(&self) -> Option<(Multiaddr, Protocol<'_>)> {
        let (start, last) = self.parts().last()?;
        Some((self.cut(start).0, last))
    }

    /// The first `index` parts, and the rest, which is empty when there are no more.
    #[must_use]
    pub fn split_at(&self, index: usize) -> (Multiaddr, Multiaddr) {
        let start = self.parts().nth(index).map_or(self.as_bytes().len(), |(start, _)| start);
        self.cut(start)
    }

    /// What stands before the first part for which `is_seam` holds, and that part with the rest.
    ///
    /// ```
    /// use peerloom_multiaddr::{Multiaddr, Protocol};
    ///
    /// let address: Multiaddr = "/ip4/1.2.3.4/tcp/80/ws".parse()?;
    /// let (socket, rest) = address.split_when(|part| *part == Protocol::Ws);
    /// assert_eq!((socket.to_string(), rest.to_string()), ("/ip4/1.2.3.4/tcp/80".into(), "/ws".into()));
    /// # Ok::<(), peerloom_multiaddr::Error>(())
    /// ```
    #[must_use]
    pub fn split_when(
        &self,
        mut is_seam: impl FnMut(&Protocol<'_>) -> bool,
    ) -> (Multiaddr, Multiaddr) {
        let seam = self.parts().find(|(_, part)| is_seam(part));
        self.cut(seam.map_or(self.as_bytes().len(), |(start, _)| start))
    }

    /// All the addresses, one behind the other.
    pub fn join<'a>(addresses: impl IntoIterator<Item = &'a Multiaddr>) -> Multiaddr {
        let parts: Vec<&[u8]> = addresses.into_iter().map(Multiaddr::as_bytes).collect();
        Multiaddr::from_checked(parts.concat())
    }

    /// This address with another inside of it: `/ip4/1.2.3.4/tcp/80` and `/ws` are `/ip4/1.2.3.4/tcp/80/ws`.
    #[must_use]
    pub fn encapsulate(&self, inner: &Multiaddr) -> Multiaddr {
        Multiaddr::join([self, inner])
    }

    /// What stands before the last place where `inner` does; the whole address when it is nowhere.
    ///
    /// What follows `inner` goes with it: `/ip4/1.2.3.4/tcp/80/ws` without `/tcp/80` is `/ip4/1.2.3.4`.
    #[must_use]
    pub fn decapsulate(&self, inner: &Multiaddr) -> Multiaddr {
        if inner.is_empty() {
            return self.clone();
        }
        let place = self.parts().filter(|(start, _)| self.stands_at(*start, inner)).last();
        place.map_or_else(|| self.clone(), |(start, _)| self.cut(start).0)
    }

    /// Whether the first parts are those of `other`.
    #[must_use]
    pub fn starts_with(&self, other: &Multiaddr) -> bool {
        self.stands_at(0, other)
    }

    /// Whether the last parts are those of `other`.
    #[must_use]
    pub fn ends_with(&self, other: &Multiaddr) -> bool {
        let Some(seam) = self.as_bytes().len().checked_sub(other.as_bytes().len()) else {
            return false;
        };
        other.is_empty()
            || self.parts().any(|(start, _)| start == seam && self.stands_at(start, other))
    }

    /// Whether the parts from `start` on begin with those of `other`.
    // No part's bytes are the beginning of another's, so that equal bytes are equal parts.
    fn stands_at(&self, start: usize, other: &Multiaddr) -> bool {
        self.as_bytes().get(start..).is_some_and(|bytes| bytes.starts_with(other.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The empty text stands for the empty address.
    fn address(text: &str) -> Multiaddr {
        if text.is_empty() { Multiaddr::empty() } else { text.parse().unwrap() }
    }

    #[test]
    fn the_ends_are_split_off() {
        let whole = address("/ip4/1.2.3.4/tcp/80/ws");
        let (first, rest) = whole.split_first().unwrap();
        assert_eq!((first.to_string(), rest), ("/ip4/1.2.3.4".into(), address("/tcp/80/ws")));
        let (rest, last) = whole.split_last().unwrap();
        assert_eq!((rest, last), (address("/ip4/1.2.3.4/tcp/80"), Protocol::Ws));
        assert_eq!(Multiaddr::empty().split_first(), None);
        assert_eq!(Multiaddr::empty().split_last(), None);
        assert!(address("/ws").split_first().unwrap().1.is_empty());
    }

    #[test]
    fn a_tunnel_is_cut_at_its_seam() {
        let peer = "/p2p/QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu";
        let tunnel =
            address(&format!("/ip4/162.246.145.218/tcp/7650/ip4/192.168.0.1/tcp/4001{peer}"));
        let (outer, inner) = tunnel.split_at(2);
        assert_eq!(outer, address("/ip4/162.246.145.218/tcp/7650"));
        assert_eq!(inner, address(&format!("/ip4/192.168.0.1/tcp/4001{peer}")));
        assert_eq!(outer.encapsulate(&inner), tunnel);
        assert_eq!(tunnel.decapsulate(&inner), outer);
        let lan = Protocol::Ip4([192, 168, 0, 1].into());
        assert_eq!(tunnel.split_when(|part| *part == lan), (outer, inner));
    }

    #[test]
    fn a_split_beyond_the_end_leaves_nothing_behind() {
        let whole = address("/ip4/1.2.3.4/tcp/80");
        assert_eq!(whole.split_at(0), (Multiaddr::empty(), whole.clone()));
        assert_eq!(whole.split_at(2), (whole.clone(), Multiaddr::empty()));
        assert_eq!(whole.split_at(9), (whole.clone(), Multiaddr::empty()));
        assert_eq!(whole.split_when(|_| false), (whole.clone(), Multiaddr::empty()));
    }

    #[test]
    fn decapsulating_cuts_before_the_last_occurrence() {
        // The cases of go-multiaddr, and some where the occurrence is not the only one.
        for (left, right, rest) in [
            ("/ip4/1.2.3.4/tcp/1234", "/ip4/1.2.3.4", ""),
            ("/ip4/1.2.3.4", "/ip4/1.2.3.4/tcp/1234", "/ip4/1.2.3.4"),
            ("/ip4/1.2.3.5/tcp/1234", "/ip4/5.3.2.1", "/ip4/1.2.3.5/tcp/1234"),
            ("/ip4/1.2.3.5/udp/1234/quic-v1", "/udp/1234", "/ip4/1.2.3.5"),
            ("/ip4/1.2.3.6/udp/1234/quic-v1", "/udp/1234/quic-v1", "/ip4/1.2.3.6"),
            ("/ip4/1.2.3.7/tcp/1234", "/ws", "/ip4/1.2.3.7/tcp/1234"),
            ("/dnsaddr/wss.com/tcp/4001", "/ws", "/dnsaddr/wss.com/tcp/4001"),
            ("/dnsaddr/wss.com/tcp/4001/ws", "/wss", "/dnsaddr/wss.com/tcp/4001/ws"),
            ("/dnsaddr/wss.com/ws", "/dnsaddr/wss.com", ""),
            ("/dnsaddr/wss.com/tcp/4001/wss", "/wss", "/dnsaddr/wss.com/tcp/4001"),
            (
                "/ip4/1.2.3.4/udp/1/ip4/1.2.3.4/udp/1/utp",
                "/ip4/1.2.3.4/udp/1",
                "/ip4/1.2.3.4/udp/1",
            ),
            ("/ip4/1.2.3.4/tcp/80", "", "/ip4/1.2.3.4/tcp/80"),
            ("", "/ws", ""),
        ] {
            assert_eq!(
                address(left).decapsulate(&address(right)),
                address(rest),
                "{left} without {right}"
            );
        }
    }

    #[test]
    fn beginnings_and_ends_are_whole_parts() {
        let whole = address("/ip4/1.2.3.4/tcp/80/ws");
        assert!(whole.starts_with(&address("/ip4/1.2.3.4")) && whole.starts_with(&whole));
        assert!(whole.ends_with(&address("/tcp/80/ws")) && whole.ends_with(&whole));
        assert!(whole.starts_with(&address("")) && whole.ends_with(&address("")));
        assert!(!whole.starts_with(&address("/tcp/80")) && !whole.ends_with(&address("/tcp/80")));
        assert!(!address("/ws").ends_with(&whole) && !address("/ws").starts_with(&whole));
        // The bytes of `/dns4/x…` end those of the longer name, the part does not end the address.
        let x = "x".repeat(usize::from(b'0'));
        let (long, short) = (address(&format!("/dns/a60{x}")), address(&format!("/dns4/{x}")));
        assert!(long.as_bytes().ends_with(short.as_bytes()) && !long.ends_with(&short));
    }
}
