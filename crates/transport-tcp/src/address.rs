//! TCP addresses, as the stack writes them and as sockets know them.

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use peerloom_multiaddr::{Multiaddr, Name, Protocol};

/// What a TCP address points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    /// The interface of a link-local address, by name or number.
    pub(crate) zone: Option<Name<'static>>,
}

impl Target {
    /// Reads an IP address and a port, with `/p2p` behind them or not, and nothing else.
    pub(crate) fn parse(address: &Multiaddr) -> Option<Self> {
        let address = address.without_peer_id();
        let mut parts = address.iter();
        let (zone, ip) = match parts.next()? {
            Protocol::Ip4(ip) => (None, ip.into()),
            Protocol::Ip6(ip) => (None, ip.into()),
            Protocol::Ip6zone(zone) => match parts.next()? {
                Protocol::Ip6(ip) => (Some(zone.into_owned()), ip.into()),
                _ => return None,
            },
            _ => return None,
        };
        match (parts.next()?, parts.next()) {
            (Protocol::Tcp(port), None) => Some(Target { ip, port, zone }),
            _ => None,
        }
    }
}

/// A socket's address, at the interface with the number `scope` if it is of one link.
pub(crate) fn socket(ip: IpAddr, port: u16, scope: u32) -> SocketAddr {
    match ip {
        IpAddr::V6(ip) if is_of_one_link(ip.into()) => SocketAddrV6::new(ip, port, 0, scope).into(),
        _ => SocketAddr::new(ip, port),
    }
}

/// Whether an address means something only together with an interface
/// ([RFC 4007](https://www.rfc-editor.org/rfc/rfc4007#section-6)).
pub(crate) fn is_of_one_link(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

/// The TCP address of a socket, in `zone` if it is of one link; without a name that has a number.
pub(crate) fn of(socket: SocketAddr, zone: Option<Name<'_>>) -> Multiaddr {
    match (socket.ip(), zone) {
        (IpAddr::V6(ip), Some(zone)) if is_of_one_link(ip.into()) => {
            let parts = [Protocol::Ip6zone(zone), Protocol::Ip6(ip), Protocol::Tcp(socket.port())];
            parts.into_iter().collect()
        }
        _ => Multiaddr::from_tcp(socket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: &str) -> Option<(String, Option<String>)> {
        let target = Target::parse(&address.parse().unwrap())?;
        let socket = SocketAddr::new(target.ip, target.port).to_string();
        Some((socket, target.zone.map(|zone| zone.to_string())))
    }

    #[test]
    fn an_ip_address_and_a_port_is_a_target_and_the_peer_is_left_out() {
        let peer = "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
        for end in ["", peer] {
            for (address, expected, zone) in [
                ("/ip4/127.0.0.1/tcp/80", "127.0.0.1:80", None),
                ("/ip6/::1/tcp/80", "[::1]:80", None),
                ("/ip6zone/eth0/ip6/fe80::1/tcp/80", "[fe80::1]:80", Some("eth0".to_owned())),
            ] {
                assert_eq!(target(&format!("{address}{end}")), Some((expected.to_owned(), zone)));
            }
        }
    }

    #[test]
    fn anything_else_is_none() {
        for address in [
            "/ip4/127.0.0.1",
            "/ip4/127.0.0.1/udp/80",
            "/ip4/127.0.0.1/tcp/80/ws",
            "/ip4/127.0.0.1/tcp/80/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N/p2p-circuit",
            "/ip6zone/eth0/ip4/127.0.0.1/tcp/80",
            "/ip6/fe80::1/ip6zone/eth0/tcp/80",
            "/dns4/localhost/tcp/80",
            "/tcp/80",
            "/memory/1",
        ] {
            assert_eq!(target(address), None, "{address}");
        }
        assert_eq!(Target::parse(&Multiaddr::empty()), None);
    }

    #[test]
    fn only_a_socket_of_one_link_has_a_zone() {
        let zone = || Name::new("eth0").ok();
        let name = |ip: &str, zone| of(socket(ip.parse().unwrap(), 80, 3), zone).to_string();
        assert_eq!(name("fe80::1", zone()), "/ip6zone/eth0/ip6/fe80::1/tcp/80");
        assert_eq!(name("fe80::1", None), "/ip6zone/3/ip6/fe80::1/tcp/80");
        assert_eq!(name("2001:db8::1", zone()), "/ip6/2001:db8::1/tcp/80");
        assert_eq!(name("169.254.0.1", zone()), "/ip4/169.254.0.1/tcp/80");
    }
}
