//! WebSocket addresses: what is below, what is asked of TLS, and of HTTP.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use peerloom_multiaddr::{Multiaddr, Protocol};

/// What a WebSocket address points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The address of the transport below.
    pub(crate) below: Multiaddr,
    /// What follows it, without `/p2p`.
    pub(crate) suffix: Multiaddr,
    pub(crate) secure: bool,
    /// The `/sni` of the address.
    sni: Option<String>,
    /// The path of the HTTP request without its slash, as it stands in the address.
    path: Option<Vec<u8>>,
}

impl Target {
    /// Reads an address.
    ///
    /// ```text
    /// below ( /ws | /wss | /tls/ws | /tls/sni/name/ws ) [/http-path/path] [/p2p/id]
    /// ```
    ///
    /// The path may stand behind the peer id too: <https://github.com/multiformats/multiaddr/blob/master/protocols/http-path.md>.
    /// Behind a `/dnsaddr` it is no address, but the end of those that are to be looked up.
    pub(crate) fn parse(address: &Multiaddr) -> Option<Self> {
        let mut parts: Vec<Protocol<'_>> = address.iter().collect();
        let mut path = None;
        let mut named = false;
        let websocket = loop {
            match parts.pop()? {
                Protocol::HttpPath(value) if path.is_none() => path = Some(value.to_vec()),
                Protocol::P2p(_) if !named => named = true,
                websocket @ (Protocol::Ws | Protocol::Wss) => break websocket,
                _ => return None,
            }
        };
        if matches!(parts.first(), Some(Protocol::Dnsaddr(_))) {
            return None;
        }
        let mut suffix = vec![websocket.clone()];
        let mut sni = None;
        if websocket == Protocol::Ws {
            if let [.., Protocol::Tls, Protocol::Sni(_)] = parts.as_slice() {
                let part = parts.pop()?;
                sni = part.value();
                suffix.push(part);
            }
            if parts.last() == Some(&Protocol::Tls) {
                suffix.extend(parts.pop());
            }
        }
        let secure = websocket == Protocol::Wss || suffix.contains(&Protocol::Tls);
        let http = address.iter().find(|part| matches!(part, Protocol::HttpPath(_)));
        Some(Target {
            suffix: suffix.into_iter().rev().chain(http).collect(),
            below: parts.into_iter().collect(),
            secure,
            sni,
            path,
        })
    }

    /// The same at the usual port of HTTP, for an address that has none.
    ///
    /// <https://github.com/libp2p/specs/blob/master/websockets/README.md#addressing>
    pub(crate) fn at_usual_port(&self) -> Self {
        let below = self.below.clone().with(Protocol::Tcp(self.usual_port()));
        Target { below, ..self.clone() }
    }

    /// The name that the server's certificate is to be for.
    #[cfg(feature = "tls")]
    pub(crate) fn server_name(&self) -> Option<String> {
        self.sni.clone().or_else(|| match self.host()? {
            Protocol::Ip6(ip) => Some(ip.to_string()),
            host => host.value(),
        })
    }

    /// What stands in the request as its host: the name, else the IP address, and the port unless it is the usual one.
    pub(crate) fn authority(&self) -> String {
        let mut authority = match (&self.sni, self.host()) {
            (Some(name), _) => name.clone(),
            (None, Some(Protocol::Ip6(ip))) => bracketed(ip),
            (None, Some(host)) => host.value().unwrap_or_default(),
            // What is not reached by a network is here.
            (None, None) => "localhost".to_owned(),
        };
        let port = self.below.iter().find_map(|part| match part {
            Protocol::Tcp(port) => Some(port),
            _ => None,
        });
        if let Some(port) = port.filter(|port| *port != self.usual_port()) {
            let _ = write!(authority, ":{port}");
        }
        authority
    }

    /// What a request asks for: the path with its slash, in the letters that may stand there.
    pub(crate) fn path(&self) -> String {
        let mut path = "/".to_owned();
        for byte in self.path.iter().flatten() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => path.push(char::from(*byte)),
                _ if UNRESERVED.contains(byte) => path.push(char::from(*byte)),
                _ => _ = write!(path, "%{byte:02X}"),
            }
        }
        path
    }

    /// Whether a path was asked for.
    pub(crate) fn has_path(&self) -> bool {
        self.path.is_some()
    }

    fn host(&self) -> Option<Protocol<'_>> {
        self.below.iter().find(|part| {
            matches!(
                part,
                Protocol::Ip4(_)
                    | Protocol::Ip6(_)
                    | Protocol::Dns(_)
                    | Protocol::Dns4(_)
                    | Protocol::Dns6(_)
            )
        })
    }

    fn usual_port(&self) -> u16 {
        if self.secure { 443 } else { 80 }
    }
}

fn bracketed(ip: Ipv6Addr) -> String {
    format!("[{ip}]")
}

/// What else may stand in a path, and the sign of what is encoded already
/// (<https://www.rfc-editor.org/rfc/rfc3986#section-3.3>).
const UNRESERVED: &[u8] = b"/%-._~!$&'()*+,;=:@";

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

    fn target(address: &str) -> Option<Target> {
        Target::parse(&address.parse().unwrap())
    }

    #[test]
    fn every_way_to_write_an_address_is_taken_apart() {
        for (below, suffix, secure) in [
            ("/ip4/1.2.3.4/tcp/80", "/ws", false),
            ("/ip4/1.2.3.4/tcp/80", "/wss", true),
            ("/ip4/1.2.3.4/tcp/80", "/tls/ws", true),
            ("/dns/a.example/tcp/80", "/tls/sni/b.example/ws", true),
            ("/dns/a.example", "/wss/http-path/a%2Fb", true),
            ("/memory/7", "/ws/http-path/a", false),
            ("/ip4/1.2.3.4/tcp/80/tls/ws", "/ws", false),
        ] {
            let address = format!("{below}{suffix}");
            let behind = suffix.split_once("/http-path").map_or_else(
                || format!("{address}{PEER}"),
                |(suffix, path)| format!("{below}{suffix}{PEER}/http-path{path}"),
            );
            for address in [format!("{address}{PEER}"), address, behind] {
                let target = target(&address).unwrap();
                assert_eq!(target.below.to_string(), below, "{address}");
                assert_eq!(target.suffix.to_string(), suffix, "{address}");
                assert_eq!(target.secure, secure, "{address}");
            }
        }
    }

    #[test]
    fn anything_else_is_none() {
        for address in [
            "/ip4/1.2.3.4/tcp/80",
            "/ip4/1.2.3.4/tcp/80/ws/utp",
            "/ip4/1.2.3.4/tcp/80/ws/sni/a.example",
            "/ip4/1.2.3.4/tcp/80/http-path/a",
            "/dnsaddr/a.example/ws",
            "/dnsaddr/a.example/tcp/443/tls/ws",
            "/ip4/1.2.3.4/tcp/80/ws/http-path/a/http-path/b",
            &format!("/ip4/1.2.3.4/tcp/80/ws{PEER}/p2p-circuit"),
            &format!("/ip4/1.2.3.4/tcp/80/ws{PEER}{PEER}"),
        ] {
            assert_eq!(target(address), None, "{address}");
        }
        assert_eq!(Target::parse(&Multiaddr::empty()), None);
    }

    #[test]
    fn the_request_names_the_host_of_the_address() {
        for (address, authority) in [
            ("/ip4/1.2.3.4/tcp/80/ws", "1.2.3.4"),
            ("/ip4/1.2.3.4/tcp/443/ws", "1.2.3.4:443"),
            ("/ip6/::1/tcp/443/wss", "[::1]"),
            ("/ip6/::1/tcp/80/wss", "[::1]:80"),
            ("/dns4/a.example/tcp/4001/ws", "a.example:4001"),
            ("/dns/a.example/wss", "a.example"),
            ("/ip4/1.2.3.4/tcp/4001/tls/sni/b.example/ws", "b.example:4001"),
            ("/memory/7/ws", "localhost"),
        ] {
            assert_eq!(target(address).unwrap().authority(), authority, "{address}");
        }
    }

    #[cfg(feature = "tls")]
    #[test]
    fn the_certificate_is_checked_for_the_name_that_the_address_has() {
        for (address, name) in [
            ("/ip4/1.2.3.4/tcp/80/wss", Some("1.2.3.4")),
            ("/ip6/::1/tcp/80/tls/ws", Some("::1")),
            ("/dns6/a.example/tcp/80/wss", Some("a.example")),
            ("/dns6/a.example/tcp/80/tls/sni/b.example/ws", Some("b.example")),
            ("/memory/7/wss", None),
        ] {
            assert_eq!(target(address).unwrap().server_name().as_deref(), name, "{address}");
        }
    }

    #[test]
    fn the_path_is_the_one_of_the_address_and_cannot_leave_its_line() {
        for (address, path) in [
            ("/memory/7/ws", "/"),
            // https://github.com/multiformats/multiaddr/blob/master/protocols/http-path.md
            ("/memory/7/ws/http-path/user", "/user"),
            ("/memory/7/ws/http-path/api%2Fv0%2Flogin", "/api/v0/login"),
            ("/memory/7/ws/http-path/a%2520space", "/a%20space"),
            ("/memory/7/ws/http-path/a%252Fslash", "/a%2Fslash"),
            ("/memory/7/ws/http-path/a%20b%0D%0Ac%3Fd%23e%C3%A4", "/a%20b%0D%0Ac%3Fd%23e%C3%A4"),
        ] {
            assert_eq!(target(address).unwrap().path(), path, "{address}");
        }
    }

    #[test]
    fn the_usual_port_is_that_of_http() {
        let at = |address| target(address).unwrap().at_usual_port().below.to_string();
        assert_eq!(at("/ip4/1.2.3.4/ws"), "/ip4/1.2.3.4/tcp/80");
        assert_eq!(at("/dns/a.example/tls/ws"), "/dns/a.example/tcp/443");
    }
}
