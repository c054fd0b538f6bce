//! Addresses that begin with a name, and the names in them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use peerloom_multiaddr::{Multiaddr, Protocol};

/// A name at the beginning of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// What follows in the address.
    pub(crate) rest: Multiaddr,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// IP addresses, of one family or both.
    Ip { four: bool, six: bool },
    /// Whole addresses.
    Dnsaddr,
}

impl Host {
    /// The name that an address begins with, if it does.
    pub(crate) fn parse(address: &Multiaddr) -> Option<Self> {
        let (first, rest) = address.split_first()?;
        let (kind, name) = match first {
            Protocol::Dns(name) => (Kind::Ip { four: true, six: true }, name),
            Protocol::Dns4(name) => (Kind::Ip { four: true, six: false }, name),
            Protocol::Dns6(name) => (Kind::Ip { four: false, six: true }, name),
            Protocol::Dnsaddr(name) => (Kind::Dnsaddr, name),
            _ => return None,
        };
        Some(Host { kind, name: name.to_string(), rest })
    }

    /// Whether the name can be a domain name, with a dot at its end or not
    /// ([RFC 1035](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4)).
    pub(crate) fn is_domain(&self) -> bool {
        let name = self.name.strip_suffix('.').unwrap_or(&self.name);
        // The prefix of TXT records counts too.
        let longest = if self.kind == Kind::Dnsaddr { MAX_NAME - PREFIX.len() } else { MAX_NAME };
        name.len() <= longest
            && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
            && name.split('.').all(|label| (1..=MAX_LABEL).contains(&label.len()))
    }

    /// The address with an IP address in place of the name.
    pub(crate) fn at(&self, ip: IpAddr) -> Multiaddr {
        let ip = match ip {
            IpAddr::V4(ip) => Protocol::Ip4(ip),
            IpAddr::V6(ip) => Protocol::Ip6(ip),
        };
        Multiaddr::from(ip).encapsulate(&self.rest)
    }

    /// Addresses such as a look-up of the name may give; none for a [`Kind::Dnsaddr`], which may give any.
    pub(crate) fn samples(&self) -> Vec<Multiaddr> {
        let Kind::Ip { four, six } = self.kind else { return Vec::new() };
        let four = four.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let six = six.then_some(IpAddr::V6(Ipv6Addr::LOCALHOST));
        four.into_iter().chain(six).map(|ip| self.at(ip)).collect()
    }
}

/// What stands before a name whose TXT records are asked for.
pub(crate) const PREFIX: &str = "_dnsaddr.";

/// As long as a name may be in text, without a dot at its end.
const MAX_NAME: usize = 253;

/// As long as a part of a name may be.
const MAX_LABEL: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Option<Host> {
        Host::parse(&text.parse().unwrap())
    }

    #[test]
    fn a_name_stands_first_and_the_rest_is_kept() {
        let found = host("/dns6/a.example./tcp/443/wss").unwrap();
        assert_eq!(found.kind, Kind::Ip { four: false, six: true });
        assert_eq!(
            (found.name.as_str(), found.rest.to_string().as_str()),
            ("a.example.", "/tcp/443/wss")
        );
        assert_eq!(found.at("::1".parse().unwrap()).to_string(), "/ip6/::1/tcp/443/wss");
        for none in ["/ip4/1.2.3.4/tcp/1", "/tcp/1/dns/a", "/ip4/1.2.3.4/tcp/1/tls/sni/a/ws"] {
            assert_eq!(host(none), None);
        }
        assert_eq!(Host::parse(&Multiaddr::empty()), None);
    }

    #[test]
    fn names_have_bounds() {
        let long = |length: usize| "a.".repeat(length / 2) + &"a".repeat(length % 2);
        let is_domain =
            |kind: &str, name: &str| host(&format!("/{kind}/{name}")).unwrap().is_domain();
        for good in ["a", "a.", "xn--bcher-kva.example", "_a.b-c.1", &"a".repeat(63), &long(253)] {
            assert!(is_domain("dns", good), "{good}");
        }
        for bad in
            [".", "a..b", ".a", "a..", "ü.example", "a b", r"a\.b", &"a".repeat(64), &long(255)]
        {
            assert!(!is_domain("dns", bad), "{bad}");
        }
        assert!(is_domain("dnsaddr", &long(243)) && !is_domain("dnsaddr", &long(245)));
    }
}
