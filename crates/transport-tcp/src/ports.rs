//! The ports that this transport listens on, to dial from.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The sockets that listen with port reuse.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ports(Arc<Mutex<Vec<SocketAddr>>>);

/// Keeps a port on the list until it is dropped.
#[derive(Debug)]
pub(crate) struct Listed {
    ports: Ports,
    socket: SocketAddr,
}

impl Ports {
    pub(crate) fn list(&self, socket: SocketAddr) -> Listed {
        self.lock().push(socket);
        Listed { ports: self.clone(), socket }
    }

    /// The listening socket from whose address `remote` can be dialled, when there is one.
    pub(crate) fn source_for(&self, remote: SocketAddr) -> Option<SocketAddr> {
        self.lock().iter().copied().find(|socket| leads_to(*socket, remote))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut sockets = self.ports.lock();
        if let Some(position) = sockets.iter().position(|socket| *socket == self.socket) {
            sockets.swap_remove(position);
        }
    }
}

/// A socket is of use when its family and reach are those of the remote address, which is not its own.
fn leads_to(socket: SocketAddr, remote: SocketAddr) -> bool {
    socket.is_ipv4() == remote.is_ipv4()
        && socket != remote
        && (socket.ip().is_unspecified() || reach(socket.ip()) == reach(remote.ip()))
}

/// Whether an address is of this machine alone, and whether it is of this link alone.
fn reach(ip: IpAddr) -> (bool, bool) {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    (ip.is_loopback(), link_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn source_for(listening: &[&str], remote: &str) -> Option<SocketAddr> {
        let ports = Ports::default();
        let _listed: Vec<_> = listening.iter().map(|text| ports.list(socket(text))).collect();
        ports.source_for(socket(remote))
    }

    #[test]
    fn a_dial_leaves_from_a_listening_port_of_its_family() {
        let listening = ["0.0.0.0:4001", "[::]:4002"];
        assert_eq!(source_for(&listening, "192.0.2.1:80"), Some(socket("0.0.0.0:4001")));
        assert_eq!(source_for(&listening, "[2001:db8::1]:80"), Some(socket("[::]:4002")));
        assert_eq!(source_for(&["0.0.0.0:4001"], "[2001:db8::1]:80"), None);
    }

    #[test]
    fn a_loopback_or_link_local_listener_is_no_way_out() {
        assert_eq!(source_for(&["127.0.0.1:4001"], "192.0.2.1:80"), None);
        assert_eq!(source_for(&["[fe80::1]:4001"], "[2001:db8::1]:80"), None);
        assert_eq!(source_for(&["192.0.2.1:4001"], "127.0.0.1:80"), None);
        assert!(source_for(&["127.0.0.1:4001"], "127.0.0.1:80").is_some());
    }

    #[test]
    fn a_listener_is_not_dialled_from_itself() {
        assert_eq!(source_for(&["127.0.0.1:4001"], "127.0.0.1:4001"), None);
    }

    #[test]
    fn a_listener_that_was_dropped_lends_its_port_no_more() {
        let ports = Ports::default();
        let first = ports.list(socket("0.0.0.0:1"));
        let _second = ports.list(socket("0.0.0.0:2"));
        drop(first);
        assert_eq!(ports.source_for(socket("192.0.2.1:80")), Some(socket("0.0.0.0:2")));
    }
}
