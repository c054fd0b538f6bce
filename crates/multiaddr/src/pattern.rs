//! Patterns that say of which kind an address is.
//!
//! The constants are about the protocols of an address, not their values, and mean the whole
//! address: a `/p2p` at the end is not part of a transport's pattern
//! ([`Multiaddr::without_peer_id`] takes it away), and [`P2P`] wants it.
//!
//! ```
//! use peerloom_multiaddr::{Multiaddr, Pattern, pattern};
//!
//! const NOISE_OVER_TCP: Pattern = Pattern::And(&[pattern::TCP, Pattern::Protocol("noise")]);
//!
//! let address: Multiaddr = "/ip4/127.0.0.1/tcp/4001/noise".parse()?;
//! assert!(NOISE_OVER_TCP.matches(&address));
//! assert!(!pattern::TCP.matches(&address) && pattern::TCP.matches_prefix(&address));
//! # Ok::<(), peerloom_multiaddr::Error>(())
//! ```

use self::Pattern::{And, Many, Maybe, Or, Protocol};
use crate::Multiaddr;

/// A shape that an address can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern<'a> {
    /// One part, by the name of its protocol.
    Protocol(&'a str),
    /// One after the other.
    And(&'a [Pattern<'a>]),
    /// Any one of them.
    Or(&'a [Pattern<'a>]),
    /// It or nothing.
    Maybe(&'a Pattern<'a>),
    /// It once or several times.
    Many(&'a Pattern<'a>),
}

impl Pattern<'_> {
    /// Whether the whole address fits. One of more than 127 parts never does.
    #[must_use]
    pub fn matches(&self, address: &Multiaddr) -> bool {
        let names = names(address);
        names.len() < MAX_ENDS && self.step(&names, 1) >> names.len() & 1 == 1
    }

    /// Whether the address, or the first parts of it, fit.
    #[must_use]
    pub fn matches_prefix(&self, address: &Multiaddr) -> bool {
        self.step(&names(address), 1) != 0
    }

    /// Where the pattern can end when it begins at one of `starts`: bit 3 stands for the place
    /// behind the third part.
    fn step(&self, names: &[&str], starts: u128) -> u128 {
        match self {
            _ if starts == 0 => 0,
            Protocol(name) => {
                let here = names.iter().enumerate().filter(|(_, here)| *here == name);
                (here.fold(0, |places, (index, _)| places | 1 << index) & starts) << 1
            }
            And(patterns) => {
                patterns.iter().fold(starts, |starts, pattern| pattern.step(names, starts))
            }
            Or(patterns) => {
                patterns.iter().fold(0, |ends, pattern| ends | pattern.step(names, starts))
            }
            Maybe(pattern) => starts | pattern.step(names, starts),
            Many(pattern) => {
                let mut ends = 0;
                let mut new = starts;
                while new != 0 {
                    new = pattern.step(names, new) & !ends;
                    ends |= new;
                }
                ends
            }
        }
    }
}

/// The names of the parts, as many as can have an end, and one to tell that there are more.
fn names(address: &Multiaddr) -> Vec<&'static str> {
    address.iter().take(MAX_ENDS).map(|part| part.name()).collect()
}

/// How many places the matching tells apart. No sensible address has nearly as many parts, and a
/// peer that sends one cannot make matching slow.
const MAX_ENDS: usize = 128;

/// An IP address, with its zone or without.
pub const IP: Pattern<'_> =
    Or(&[Protocol("ip4"), Protocol("ip6"), And(&[Protocol("ip6zone"), Protocol("ip6")])]);

/// A domain name that is to be resolved.
pub const DNS: Pattern<'_> =
    Or(&[Protocol("dns"), Protocol("dns4"), Protocol("dns6"), Protocol("dnsaddr")]);

/// TCP at an IP address or a domain name.
pub const TCP: Pattern<'_> = And(&[HOST, Protocol("tcp")]);

/// UDP at an IP address or a domain name.
pub const UDP: Pattern<'_> = And(&[HOST, Protocol("udp")]);

/// µTP over UDP.
pub const UTP: Pattern<'_> = And(&[UDP, Protocol("utp")]);

/// QUIC over UDP, of version 1 or before.
pub const QUIC: Pattern<'_> = And(&[UDP, Or(&[Protocol("quic"), Protocol("quic-v1")])]);

/// WebSocket without TLS, over TCP or at a domain name with the usual port.
pub const WEBSOCKETS: Pattern<'_> = And(&[WEB, Protocol("ws")]);

/// WebSocket with TLS, over TCP or at a domain name with the usual port.
pub const WEBSOCKETS_SECURE: Pattern<'_> =
    And(&[WEB, Or(&[Protocol("wss"), And(&[TLS, Protocol("ws")])])]);

/// HTTP, with TLS or without, over TCP or at an IP address or domain name with the usual port.
pub const HTTP: Pattern<'_> = And(&[
    HOST,
    Maybe(&Protocol("tcp")),
    Or(&[Protocol("http"), Protocol("https"), And(&[TLS, Protocol("http")])]),
]);

/// WebTransport over QUIC version 1, with the hashes of its certificates or without.
pub const WEBTRANSPORT: Pattern<'_> =
    And(&[UDP, Protocol("quic-v1"), Protocol("webtransport"), CERTHASHES]);

/// WebRTC to a server, with the hashes of its certificates or without.
pub const WEBRTC_DIRECT: Pattern<'_> = And(&[UDP, Protocol("webrtc-direct"), CERTHASHES]);

/// WebRTC between two peers, who find each other by way of a relay or another server.
pub const WEBRTC: Pattern<'_> = And(&[Or(&[CIRCUIT, RELIABLE]), Protocol("webrtc")]);

/// A Unix socket.
pub const UNIX: Pattern<'_> = Protocol("unix");

/// A place in the memory of this process.
pub const MEMORY: Pattern<'_> = Protocol("memory");

/// Whatever carries bytes in order, and names that resolve to such an address.
pub const RELIABLE: Pattern<'_> = Or(&[
    TCP,
    UTP,
    QUIC,
    WEBSOCKETS,
    WEBSOCKETS_SECURE,
    HTTP,
    WEBTRANSPORT,
    WEBRTC_DIRECT,
    STAR,
    DNS,
    UNIX,
    MEMORY,
]);

/// A peer: at a reliable address, wherever it is (`/p2p/…` alone), or by way of a [`CIRCUIT`].
pub const P2P: Pattern<'_> = Or(&[PEER, CIRCUIT, And(&[WEBRTC, Protocol("p2p")])]);

/// By way of a relay, or of several. The relay and the peer behind it may be left open.
pub const CIRCUIT: Pattern<'_> =
    And(&[Maybe(&END), Many(&And(&[Protocol("p2p-circuit"), Maybe(&END)]))]);

const HOST: Pattern<'_> = Or(&[IP, DNS]);
const WEB: Pattern<'_> = Or(&[TCP, DNS]);
const TLS: Pattern<'_> = And(&[Protocol("tls"), Maybe(&Protocol("sni"))]);
const CERTHASHES: Pattern<'_> = Maybe(&Many(&Protocol("certhash")));
const PEER: Pattern<'_> = And(&[Maybe(&RELIABLE), Protocol("p2p")]);
const END: Pattern<'_> = Or(&[RELIABLE, PEER]);

/// The deprecated ways to find a peer through a server, which nobody dials but old addresses have.
const STAR: Pattern<'_> = And(&[
    Or(&[WEBSOCKETS, WEBSOCKETS_SECURE, HTTP]),
    Or(&[
        Protocol("p2p-webrtc-star"),
        Protocol("p2p-webrtc-direct"),
        Protocol("p2p-websocket-star"),
        Protocol("p2p-stardust"),
    ]),
]);

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC";
    const B: &str = "/p2p/12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV";
    const HASH: &str = "/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g";

    /// Each address with `A`, `B` and `HASH` put in.
    fn check(pattern: Pattern<'_>, positives: &[&str], negatives: &[&str]) {
        let parse = |text: &str| -> Multiaddr {
            let text = text.replace("/A", A).replace("/B", B).replace("/HASH", HASH);
            text.parse().unwrap()
        };
        for text in positives {
            assert!(pattern.matches(&parse(text)), "{text} fits");
            assert!(
                pattern.matches_prefix(&parse(text).with(crate::Protocol::Udt)),
                "{text} begins"
            );
        }
        for text in negatives {
            assert!(!pattern.matches(&parse(text)), "{text} does not fit");
        }
        assert!(!pattern.matches(&Multiaddr::empty()));
    }

    #[test]
    fn ip_and_dns_are_hosts_alone() {
        let ip = ["/ip4/0.0.0.0", "/ip6/fc00::", "/ip6zone/eth0/ip6/fe80::1"];
        let dns = ["/dns/ipfs.io", "/dns4/ipfs.io", "/dns6/ipfs.io", "/dnsaddr/ipfs.io"];
        check(
            IP,
            &ip,
            &["/ip4/0.0.0.0/tcp/5", "/udp/7/ip6/fc00::", "/ip6zone/x", "/ip6zone/x/ip4/1.2.3.4"],
        );
        check(IP, &[], &dns);
        check(DNS, &dns, &ip);
    }

    #[test]
    fn tcp_and_udp_want_a_host_and_nothing_behind() {
        let tcp = [
            "/ip4/0.0.7.6/tcp/1234",
            "/ip6/::/tcp/0",
            "/dns4/a.b/tcp/80",
            "/ip6zone/1/ip6/fe80::1/tcp/1",
        ];
        let udp = ["/ip4/0.0.7.6/udp/1234", "/ip6/::/udp/0", "/dns/a.b/udp/80"];
        check(TCP, &tcp, &udp);
        check(UDP, &udp, &tcp);
        check(TCP, &[], &["/tcp/1", "/ip6/::/udp/5/tcp/9", "/dns4/a.b", "/ip4/1.2.3.4/tcp/1/A"]);
        check(UDP, &[], &["/udp/1", "/ip6/::/tcp/5/udp/9", "/ip4/1.2.3.4/udp/1/utp"]);
    }

    #[test]
    fn utp_and_quic_stand_on_udp() {
        let utp = ["/ip4/1.2.3.4/udp/3456/utp", "/ip6/::/udp/0/utp"];
        let quic = ["/ip4/1.2.3.4/udp/1/quic", "/ip6/::/udp/1/quic-v1"];
        check(UTP, &utp, &quic);
        check(QUIC, &quic, &utp);
        check(UTP, &[], &["/ip4/0.0.0.0/tcp/1/utp", "/ip6/::/ip4/0.0.0.0/udp/1/utp", "/utp"]);
        check(
            QUIC,
            &[],
            &["/ip4/0.0.0.0/tcp/1/quic", "/quic", "/ip4/1.2.3.4/udp/1/quic-v1/webtransport"],
        );
    }

    #[test]
    fn websockets_stand_on_tcp_or_a_name() {
        let plain = ["/dns4/ipfs.io/ws", "/ip4/1.2.3.4/tcp/3456/ws", "/ip6/::/tcp/0/ws"];
        let secure = [
            "/dns4/ipfs.io/wss",
            "/ip4/1.2.3.4/tcp/1/wss",
            "/ip6/::/tcp/0/tls/ws",
            "/dns/a/tcp/1/tls/sni/b/ws",
        ];
        check(WEBSOCKETS, &plain, &secure);
        check(WEBSOCKETS_SECURE, &secure, &plain);
        check(
            WEBSOCKETS,
            &[],
            &[
                "/ip4/1.2.3.4/ws",
                "/ip4/1.2.3.4/tcp/1/udp/2/ws",
                "/ip4/1.2.3.4/tcp/1/ws/p2p-webrtc-star",
            ],
        );
        check(
            WEBSOCKETS_SECURE,
            &[],
            &["/ip4/1.2.3.4/udp/1/wss", "/ip4/1.2.3.4/tcp/1/tls", "/dns/a/tls/wss"],
        );
    }

    #[test]
    fn http_and_the_web_transports_are_told_apart() {
        let http = [
            "/dnsaddr/a/http",
            "/ip4/0.0.0.0/https",
            "/ip6/::/tcp/1/http",
            "/dns/a/tcp/443/tls/http",
        ];
        let webtransport = [
            "/ip4/1.2.3.4/udp/1/quic-v1/webtransport",
            "/dns/a/udp/1/quic-v1/webtransport/HASH/HASH",
        ];
        let direct = ["/ip4/1.2.3.4/udp/1/webrtc-direct", "/ip6/::/udp/1/webrtc-direct/HASH"];
        check(HTTP, &http, &["/ip4/1.2.3.4/udp/1/http", "/http", "/ip4/1.2.3.4"]);
        check(
            WEBTRANSPORT,
            &webtransport,
            &["/ip4/1.2.3.4/udp/1/quic/webtransport", "/ip4/1.2.3.4/udp/1/quic-v1"],
        );
        check(
            WEBRTC_DIRECT,
            &direct,
            &["/ip4/1.2.3.4/tcp/1/webrtc-direct", "/ip4/1.2.3.4/udp/1/webrtc"],
        );
        let webrtc = [
            "/ip4/1.2.3.4/tcp/1/A/p2p-circuit/webrtc",
            "/ip4/1.2.3.4/udp/1/webrtc-direct/HASH/webrtc",
        ];
        check(WEBRTC, &webrtc, &["/ip4/1.2.3.4/udp/1/webrtc", "/webrtc"]);
    }

    #[test]
    fn unix_and_memory_stand_alone() {
        check(UNIX, &["/unix/run/x.sock"], &["/memory/1", "/ip4/1.2.3.4/tcp/1/unix/a"]);
        check(MEMORY, &["/memory/1"], &["/unix/memory", "/memory/1/A"]);
    }

    #[test]
    fn reliable_is_what_carries_bytes_in_order() {
        let fit = [
            "/ip4/1.2.3.4/tcp/1",
            "/ip6/::/udp/0/utp",
            "/ip4/1.2.3.4/udp/1/quic-v1",
            "/dns/a/wss",
            "/ip4/1.2.3.4/tcp/1/ws",
            "/dnsaddr/a",
            "/unix/a",
            "/memory/1",
            "/ip6/::/tcp/1/http",
            "/ip6/::/udp/1/webrtc-direct/HASH",
            "/ip6/::/udp/1/quic-v1/webtransport/HASH",
        ];
        check(
            RELIABLE,
            &fit,
            &["/ip4/1.2.3.4", "/ip6/::/udp/1", "/tcp/1", "/A", "/ip4/1.2.3.4/tcp/1/A"],
        );
    }

    #[test]
    fn p2p_names_a_peer() {
        let fit = [
            "/ip4/1.2.3.4/tcp/1/A",
            "/A",
            "/dnsaddr/bootstrap.libp2p.io/A",
            "/ip4/1.2.3.4/tcp/1/ws/B",
            "/dns4/a/tcp/443/wss/B",
            "/ip4/1.2.3.4/udp/1/quic-v1/B",
            "/memory/1/B",
            "/ip4/1.2.3.4/udp/1/utp/A",
            "/ip4/1.2.3.4/tcp/1/A/p2p-circuit/B",
            "/A/p2p-circuit",
            "/p2p-circuit/B",
            "/p2p-circuit",
            "/ip4/1.2.3.4/tcp/1/ws/p2p-webrtc-star/A",
            "/ip4/1.2.3.4/tcp/1/http/p2p-webrtc-direct/A",
            "/ip4/1.2.3.4/tcp/1/ws/A/p2p-circuit/webrtc/B",
        ];
        let not = [
            "/ip4/1.2.3.4/tcp/1",
            "/ip4/1.2.3.4/A",
            "/ip4/1.2.3.4/udp/1/A",
            "/A/B",
            "/A/tcp/1",
            "/ip4/1.2.3.4/tcp/7650/ip4/192.168.0.1/tcp/4001/A",
            "/dns4/a/tcp/443/wss",
            "/webrtc/A",
        ];
        check(P2P, &fit, &not);
    }

    #[test]
    fn circuits_go_through_relays() {
        let fit = [
            "/p2p-circuit",
            "/p2p-circuit/A",
            "/A/p2p-circuit",
            "/A/p2p-circuit/B",
            "/ip4/1.2.3.4/tcp/1/p2p-circuit",
            "/p2p-circuit/ip4/127.0.0.1/tcp/4002/A",
            "/ip4/1.2.3.4/tcp/1/A/p2p-circuit/ip4/127.0.0.1/tcp/1/ws/B/p2p-circuit/A",
            "/p2p-circuit/ip4/1.2.3.4/tcp/3456/ws/p2p-webrtc-star/A",
        ];
        let not = [
            "/A",
            "/ip4/1.2.3.4/tcp/1/A",
            "/A/p2p-circuit/A/B",
            "/ip4/1.2.3.4/udp/1/p2p-circuit",
            "/A/B/p2p-circuit",
        ];
        check(CIRCUIT, &fit, &not);
    }

    #[test]
    fn an_address_with_a_thousand_relays_is_answered_at_once() {
        let endless: Multiaddr = std::iter::repeat_n(crate::Protocol::P2pCircuit, 1000).collect();
        assert!(!P2P.matches(&endless) && P2P.matches_prefix(&endless));
        let longest = endless.split_at(MAX_ENDS - 1).0;
        assert!(P2P.matches(&longest) && !P2P.matches(&endless.split_at(MAX_ENDS).0));
    }

    #[test]
    fn an_alternative_that_ends_early_does_not_hide_a_later_one() {
        let pattern = And(&[
            Or(&[Protocol("ip4"), And(&[Protocol("ip4"), Protocol("tcp")])]),
            Protocol("ws"),
        ]);
        assert!(pattern.matches(&"/ip4/1.2.3.4/tcp/1/ws".parse().unwrap()));
    }
}
