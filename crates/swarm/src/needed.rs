//! What it would take to reach an address that no transport of a swarm supports.

use peerloom_multiaddr::Multiaddr;

/// The kind of transport that an address asks for, in words that follow "it would take".
pub(crate) fn needed(address: &Multiaddr) -> String {
    let place = address.without_peer_id();
    let names: Vec<&str> = place.iter().map(|part| part.name()).collect();
    if names.is_empty() && place != *address {
        return "an address: this names a peer and no place".to_owned();
    }
    if !names.is_empty() && names.iter().all(|name| HOSTS.contains(name)) {
        return "a port".to_owned();
    }
    let hops = names.iter().filter(|name| HOPS.contains(name)).count();
    let kind = KINDS.iter().find(|(name, _)| names.contains(name)).map(|(_, kind)| *kind);
    let stack = names.join("/");
    match kind {
        Some(kind) if kind == RELAY || hops < 2 => kind.to_owned(),
        _ if 1 < hops => format!("a tunnel (/{stack})"),
        _ => format!("a transport for /{stack}"),
    }
}

/// What says where a host is, and nothing of the way in.
const HOSTS: [&str; 6] = ["ip4", "ip6", "ip6zone", "dns", "dns4", "dns6"];

/// What an address has once for every connection that lies inside another.
const HOPS: [&str; 2] = ["tcp", "udp"];

const RELAY: &str = "a circuit relay";

/// The protocols that tell the kind of an address, the most telling first.
const KINDS: [(&str, &str); 17] = [
    ("p2p-circuit", RELAY),
    ("webtransport", "a WebTransport transport"),
    ("webrtc-direct", "a WebRTC transport"),
    ("webrtc", "a WebRTC transport"),
    ("quic-v1", "a QUIC transport"),
    ("quic", "a transport for the QUIC of before its RFC"),
    ("onion", "a Tor transport"),
    ("onion3", "a Tor transport"),
    ("garlic32", "an I2P transport"),
    ("garlic64", "an I2P transport"),
    ("wss", "a WebSocket transport with TLS"),
    ("ws", "a WebSocket transport"),
    ("dns", "a DNS transport"),
    ("dns4", "a DNS transport"),
    ("dns6", "a DNS transport"),
    ("dnsaddr", "a DNS transport"),
    ("unix", "a transport of Unix sockets"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_an_address_is_named() {
        let peer = "12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE";
        for (address, kind) in [
            ("/ip4/1.2.3.4/tcp/5/ip4/6.7.8.9/tcp/10/p2p/P", "a tunnel (/ip4/tcp/ip4/tcp)"),
            ("/ip4/1.2.3.4/tcp/5/ws/ip4/6.7.8.9/tcp/10", "a tunnel (/ip4/tcp/ws/ip4/tcp)"),
            ("/ip4/1.2.3.4/tcp/5/p2p/P/p2p-circuit", "a circuit relay"),
            ("/ip4/1.2.3.4/tcp/5/p2p/P/p2p-circuit/ip4/6.7.8.9/tcp/10", "a circuit relay"),
            ("/ip4/1.2.3.4/udp/5/quic-v1/webtransport", "a WebTransport transport"),
            ("/ip4/1.2.3.4/udp/5/quic-v1/p2p/P", "a QUIC transport"),
            ("/dns4/example.com/tcp/5/ws", "a WebSocket transport"),
            ("/dns/example.com/tcp/5", "a DNS transport"),
            ("/ip4/1.2.3.4/udp/5/utp", "a transport for /ip4/udp/utp"),
            ("/p2p/P", "an address: this names a peer and no place"),
            ("/p2p/P/p2p-circuit", "a circuit relay"),
            ("/ip4/127.0.0.1", "a port"),
            ("/ip4/127.0.0.1/p2p/P", "a port"),
            ("/ip6zone/eth0/ip6/fe80::1", "a port"),
            ("/dns4/example.com", "a port"),
            ("/dns/example.com/ws", "a WebSocket transport"),
            ("/dnsaddr/example.com", "a DNS transport"),
        ] {
            let address: Multiaddr = address.replace("/P", &format!("/{peer}")).parse().unwrap();
            assert_eq!(needed(&address), kind, "{address}");
        }
    }
}
