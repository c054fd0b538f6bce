//! Where a bound socket can be reached, as interfaces come and go.

use std::collections::VecDeque;
use std::net::SocketAddr;

use peerloom_core::ListenerEvent;
use peerloom_multiaddr::Multiaddr;

use crate::address;
use crate::interfaces::Interface;

/// The addresses of one listening socket. It is told which interfaces there are, and tells what has changed.
#[derive(Debug)]
pub(crate) struct Reach {
    bound: SocketAddr,
    interfaces: Vec<Interface>,
    /// Whether an interface has had the bound address. Some are ours without one, such as 127.0.0.2.
    seen: bool,
    addresses: Vec<Multiaddr>,
    changes: VecDeque<ListenerEvent>,
}

impl Reach {
    /// A socket that is bound to `bound`, while there are `interfaces`.
    pub(crate) fn new(bound: SocketAddr, interfaces: Vec<Interface>) -> Self {
        let mut reach = Reach {
            bound,
            interfaces: Vec::new(),
            seen: false,
            addresses: Vec::new(),
            changes: VecDeque::new(),
        };
        reach.handle_interfaces(interfaces);
        reach.changes.clear();
        reach
    }

    /// Where the socket can be reached now.
    pub(crate) fn addresses(&self) -> &[Multiaddr] {
        &self.addresses
    }

    /// The address of a socket at this machine or on one of its links.
    pub(crate) fn name(&self, socket: SocketAddr) -> Multiaddr {
        let interface = self.interfaces.iter().find(|interface| interface.index == scope(socket));
        address::of(socket, interface.map(|interface| interface.zone.clone()))
    }

    /// Takes notice of the interfaces that there are now.
    pub(crate) fn handle_interfaces(&mut self, interfaces: Vec<Interface>) {
        self.interfaces = interfaces;
        let addresses = self.reachable();
        let gone = self.addresses.iter().filter(|address| !addresses.contains(address));
        self.changes.extend(gone.cloned().map(ListenerEvent::AddressGone));
        let new = addresses.iter().filter(|address| !self.addresses.contains(address));
        self.changes.extend(new.cloned().map(ListenerEvent::NewAddress));
        self.addresses = addresses;
    }

    /// What has changed, one thing after the other.
    pub(crate) fn poll_change(&mut self) -> Option<ListenerEvent> {
        self.changes.pop_front()
    }

    fn reachable(&mut self) -> Vec<Multiaddr> {
        let (bound, wildcard) = (self.bound, self.bound.ip().is_unspecified());
        let sockets = self.interfaces.iter().map(|interface| {
            (interface, address::socket(interface.ip, bound.port(), interface.index))
        });
        let mut addresses = Vec::new();
        for (interface, socket) in sockets {
            let ours = if wildcard { socket.is_ipv4() == bound.is_ipv4() } else { socket == bound };
            let address = address::of(socket, Some(interface.zone.clone()));
            if ours && !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        self.seen |= !addresses.is_empty();
        if !wildcard && !self.seen {
            addresses.push(self.name(bound));
        }
        addresses
    }
}

/// The number of the interface that a link-local socket belongs to, 0 for all others.
fn scope(socket: SocketAddr) -> u32 {
    match socket {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(socket) => socket.scope_id(),
    }
}

#[cfg(test)]
mod tests {
    use peerloom_multiaddr::Name;

    use super::*;

    fn interface(ip: &str, name: &'static str, index: u32) -> Interface {
        Interface { ip: ip.parse().unwrap(), zone: Name::new(name).unwrap(), index }
    }

    fn machine() -> Vec<Interface> {
        vec![
            interface("127.0.0.1", "lo", 1),
            interface("::1", "lo", 1),
            interface("192.0.2.7", "eth0", 2),
            interface("fe80::7", "eth0", 2),
            interface("fe80::7", "eth1", 3),
        ]
    }

    fn reach(bound: &str) -> Reach {
        Reach::new(bound.parse().unwrap(), machine())
    }

    fn addresses(reach: &Reach) -> Vec<String> {
        reach.addresses().iter().map(ToString::to_string).collect()
    }

    fn changes(reach: &mut Reach) -> Vec<String> {
        std::iter::from_fn(|| reach.poll_change())
            .map(|change| match change {
                ListenerEvent::NewAddress(address) => format!("+{address}"),
                ListenerEvent::AddressGone(address) => format!("-{address}"),
                ListenerEvent::Incoming(_) => panic!("nobody connects to a reach"),
            })
            .collect()
    }

    #[test]
    fn a_wildcard_is_the_interfaces_of_its_family() {
        let expected = ["/ip4/127.0.0.1/tcp/80", "/ip4/192.0.2.7/tcp/80"];
        assert_eq!(addresses(&reach("0.0.0.0:80")), expected);
        let expected = [
            "/ip6/::1/tcp/80",
            "/ip6zone/eth0/ip6/fe80::7/tcp/80",
            "/ip6zone/eth1/ip6/fe80::7/tcp/80",
        ];
        assert_eq!(addresses(&reach("[::]:80")), expected);
    }

    #[test]
    fn a_wildcard_follows_the_interfaces() {
        let mut reach = reach("0.0.0.0:80");
        assert!(changes(&mut reach).is_empty(), "what is there from the start is no change");
        reach.handle_interfaces(machine());
        assert!(changes(&mut reach).is_empty());
        let lo_and_wlan = vec![machine().remove(0), interface("198.51.100.3", "wlan0", 4)];
        reach.handle_interfaces(lo_and_wlan);
        let expected = ["-/ip4/192.0.2.7/tcp/80", "+/ip4/198.51.100.3/tcp/80"];
        assert_eq!(changes(&mut reach), expected);
        assert_eq!(addresses(&reach), ["/ip4/127.0.0.1/tcp/80", "/ip4/198.51.100.3/tcp/80"]);
        reach.handle_interfaces(Vec::new());
        assert_eq!(changes(&mut reach).len(), 2);
        assert!(addresses(&reach).is_empty());
    }

    #[test]
    fn an_explicit_address_goes_and_comes_with_its_interface() {
        let mut reach = reach("192.0.2.7:80");
        assert_eq!(addresses(&reach), ["/ip4/192.0.2.7/tcp/80"]);
        reach.handle_interfaces(vec![interface("127.0.0.1", "lo", 1)]);
        assert_eq!(changes(&mut reach), ["-/ip4/192.0.2.7/tcp/80"]);
        assert!(addresses(&reach).is_empty());
        reach.handle_interfaces(machine());
        assert_eq!(changes(&mut reach), ["+/ip4/192.0.2.7/tcp/80"]);
    }

    #[test]
    fn an_address_that_no_interface_has_is_taken_at_its_word() {
        let mut reach = reach("127.0.0.2:80");
        assert_eq!(addresses(&reach), ["/ip4/127.0.0.2/tcp/80"]);
        reach.handle_interfaces(Vec::new());
        assert!(changes(&mut reach).is_empty());
    }

    #[test]
    fn a_link_local_address_is_of_its_own_interface() {
        let mut reach = reach("[fe80::7%3]:80");
        assert_eq!(addresses(&reach), ["/ip6zone/eth1/ip6/fe80::7/tcp/80"]);
        let remote = "[fe80::9%3]:7".parse().unwrap();
        assert_eq!(reach.name(remote).to_string(), "/ip6zone/eth1/ip6/fe80::9/tcp/7");
        let without_eth1 = machine().into_iter().filter(|interface| interface.index != 3);
        reach.handle_interfaces(without_eth1.collect());
        assert_eq!(changes(&mut reach), ["-/ip6zone/eth1/ip6/fe80::7/tcp/80"]);
    }
}
