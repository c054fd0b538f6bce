//! Addresses from sockets and back.

use std::net::{SocketAddr, SocketAddrV6};

use crate::{Error, Multiaddr, Name, Protocol};

impl Multiaddr {
    /// The address of a TCP socket; the scope of an IPv6 address becomes `/ip6zone/<number>` before it.
    #[must_use]
    pub fn from_tcp(socket: SocketAddr) -> Self {
        from_ip(socket).with(Protocol::Tcp(socket.port()))
    }

    /// The address of a UDP socket; the scope of an IPv6 address becomes `/ip6zone/<number>` before it.
    #[must_use]
    pub fn from_udp(socket: SocketAddr) -> Self {
        from_ip(socket).with(Protocol::Udp(socket.port()))
    }

    /// The socket that the address begins with: an IP address and a TCP or UDP port.
    ///
    /// What follows is not looked at; [`pattern`](crate::pattern) says what an address is for.
    ///
    /// # Errors
    /// When it begins with something else, or its zone is the name of an interface: which number
    /// that has, only the system knows.
    pub fn to_socket_addr(&self) -> Result<SocketAddr, Error> {
        let mut parts = self.iter().peekable();
        let zone = parts.next_if(|part| matches!(part, Protocol::Ip6zone(_)));
        let ip = parts.next();
        let (Some(Protocol::Tcp(port)) | Some(Protocol::Udp(port))) = parts.next() else {
            return Err(Error::NoSocket);
        };
        match (zone, ip) {
            (None, Some(Protocol::Ip4(ip))) => Ok((ip, port).into()),
            (None, Some(Protocol::Ip6(ip))) => Ok((ip, port).into()),
            (Some(Protocol::Ip6zone(zone)), Some(Protocol::Ip6(ip))) => {
                let scope = zone.parse().map_err(|_| Error::NamedZone(zone.to_string()))?;
                Ok(SocketAddrV6::new(ip, port, 0, scope).into())
            }
            _ => Err(Error::NoSocket),
        }
    }
}

fn from_ip(socket: SocketAddr) -> Multiaddr {
    match socket {
        SocketAddr::V4(socket) => Protocol::Ip4(*socket.ip()).into(),
        SocketAddr::V6(socket) => {
            let zone = Some(socket.scope_id()).filter(|scope| *scope != 0);
            let zone = zone.map(|scope| Protocol::Ip6zone(Name::from(u64::from(scope))));
            zone.into_iter().chain([Protocol::Ip6(*socket.ip())]).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_become_addresses_and_back() {
        for (socket, text) in [
            ("127.0.0.1:80", "/ip4/127.0.0.1/tcp/80"),
            ("[::1]:80", "/ip6/::1/tcp/80"),
            ("[fe80::1%3]:80", "/ip6zone/3/ip6/fe80::1/tcp/80"),
        ] {
            let socket: SocketAddr = socket.parse().unwrap();
            assert_eq!(Multiaddr::from_tcp(socket).to_string(), text);
            assert_eq!(Multiaddr::from_tcp(socket).to_socket_addr(), Ok(socket));
            let udp = Multiaddr::from_udp(socket);
            assert_eq!(udp.to_string(), text.replace("tcp", "udp"));
            assert_eq!(udp.with(Protocol::QuicV1).to_socket_addr(), Ok(socket));
        }
    }

    #[test]
    fn what_is_no_socket_says_why() {
        let socket = |text: &str| text.parse::<Multiaddr>().unwrap().to_socket_addr();
        for text in [
            "/dns/localhost/tcp/1",
            "/ip4/1.2.3.4",
            "/tcp/1",
            "/ip4/1.2.3.4/sctp/1",
            "/ip6zone/1",
            "/ip6zone/1/ip4/1.2.3.4/tcp/1",
            "/ip6/::1/ip6zone/1/tcp/1",
            "/memory/1",
        ] {
            assert_eq!(socket(text), Err(Error::NoSocket), "{text}");
        }
        assert_eq!(socket("/ip6zone/eth0/ip6/fe80::1/tcp/1"), Err(Error::NamedZone("eth0".into())));
        assert_eq!(Multiaddr::empty().to_socket_addr(), Err(Error::NoSocket));
    }
}
