//! The TCP transport.

use std::net::SocketAddr;
use std::sync::Arc;

use peerloom_core::{BoxListener, Link, Raw};
use peerloom_multiaddr::{Multiaddr, Name};

use crate::address::{self, Target};
use crate::config::Config;
use crate::connect::connect;
use crate::error::Error;
use crate::interfaces::{self, Source};
use crate::link;
use crate::listener::Listener;
use crate::ports::Ports;
use crate::socket;

/// Dials and listens over TCP. Clones share the ports to dial from, when those are reused.
///
/// It resolves no names and sets no time limits: a dial ends when its future is dropped, and
/// else when the system gives up. Wants a tokio runtime with I/O and time.
#[derive(Clone)]
pub struct Transport {
    config: Config,
    ports: Ports,
    interfaces: Source,
}

impl Transport {
    /// A transport that makes its connections as `config` says.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let interfaces = Arc::new(interfaces::of_this_machine);
        Transport { config, ports: Ports::default(), interfaces }
    }

    async fn connect(&self, address: &Multiaddr) -> Result<Raw, Error> {
        let target = target(address)?;
        let remote = self.resolve(&target, address)?;
        let name = |socket| address::of(socket, target.zone.clone());
        let stream = connect(remote, &self.ports).await;
        stream
            .and_then(|stream| link::open(stream, &self.config, name))
            .map_err(|error| Error::connecting(address, error))
    }

    fn bind(&self, address: &Multiaddr) -> Result<Listener, Error> {
        let wanted = self.resolve(&target(address)?, address)?;
        let failed = |error| Error::listening(address, error);
        let socket = socket::listen(wanted, &self.config).map_err(failed)?;
        let bound = socket.local_addr().map_err(failed)?;
        let port = self.config.port_reuse.then(|| self.ports.list(bound));
        Listener::new(socket, self.config.clone(), Arc::clone(&self.interfaces), port)
            .map_err(failed)
    }

    /// The socket address of a target, for which the zone is looked up.
    fn resolve(&self, target: &Target, address: &Multiaddr) -> Result<SocketAddr, Error> {
        let scope = match &target.zone {
            Some(zone) => self.index(zone)?,
            None => (!address::is_of_one_link(target.ip)).then_some(0),
        };
        let scope = scope.ok_or_else(|| Error::UnknownZone(address.clone()))?;
        Ok(address::socket(target.ip, target.port, scope))
    }

    /// The number of an interface, by its name or as it is.
    fn index(&self, zone: &Name<'_>) -> Result<Option<u32>, Error> {
        if let Ok(index) = zone.parse() {
            return Ok(Some(index));
        }
        let interfaces = (self.interfaces)().map_err(Error::Interfaces)?;
        let interface = interfaces.iter().find(|interface| interface.zone == *zone);
        Ok(interface.map(|interface| interface.index))
    }
}

impl Default for Transport {
    fn default() -> Self {
        Transport::new(Config::default())
    }
}

impl peerloom_core::Transport for Transport {
    fn name(&self) -> &'static str {
        NAME
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        Target::parse(address).is_some()
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, peerloom_core::Error> {
        Ok(Link::Raw(self.connect(address).await?))
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, peerloom_core::Error> {
        Ok(BoxListener::new(self.bind(address)?))
    }
}

fn target(address: &Multiaddr) -> Result<Target, Error> {
    Target::parse(address).ok_or_else(|| Error::Unsupported(address.clone()))
}

/// The transport's name in reports and errors.
pub(crate) const NAME: &str = "tcp";

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use peerloom_core::{Fault, Listener as _, ListenerEvent, Transport as _};
    use tokio::time::{Duration, Instant, timeout};

    use super::*;
    use crate::interfaces::Interface;

    /// The interfaces of a machine that a test can change; `None` when they cannot be listed.
    type Machine = Arc<Mutex<Option<Vec<Interface>>>>;

    fn machine(interfaces: &[(&str, &'static str, u32)]) -> Option<Vec<Interface>> {
        let interface = |(ip, zone, index): &(&str, &'static str, u32)| Interface {
            ip: ip.parse().unwrap(),
            zone: Name::new(*zone).unwrap(),
            index: *index,
        };
        Some(interfaces.iter().map(interface).collect())
    }

    fn transport_at(machine: &Machine) -> Transport {
        let machine = Arc::clone(machine);
        let list = move || machine.lock().unwrap().clone().ok_or(io::ErrorKind::Other.into());
        Transport { interfaces: Arc::new(list), ..Transport::default() }
    }

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn port(address: &Multiaddr) -> u16 {
        Target::parse(address).unwrap().port
    }

    async fn next(listener: &mut BoxListener) -> String {
        match listener.next().await.unwrap() {
            ListenerEvent::NewAddress(address) => format!("+{address}"),
            ListenerEvent::AddressGone(address) => format!("-{address}"),
            ListenerEvent::Incoming(_) => "incoming".to_owned(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_wildcard_listener_tells_of_interfaces_that_come_and_go() {
        let machine: Machine = Arc::new(Mutex::new(machine(&[("127.0.0.1", "lo", 1)])));
        let transport = transport_at(&machine);
        let mut listener = transport.listen(&address("/ip4/0.0.0.0/tcp/0")).await.unwrap();
        let port = port(&listener.addresses()[0]);
        assert_eq!(listener.addresses(), [address(&format!("/ip4/127.0.0.1/tcp/{port}"))]);

        *machine.lock().unwrap() = self::machine(&[("198.51.100.3", "wlan0", 4)]);
        let before = Instant::now();
        assert_eq!(next(&mut listener).await, format!("-/ip4/127.0.0.1/tcp/{port}"));
        assert_eq!(next(&mut listener).await, format!("+/ip4/198.51.100.3/tcp/{port}"));
        assert!(before.elapsed() <= Duration::from_secs(11), "it looks every ten seconds");
        assert_eq!(listener.addresses(), [address(&format!("/ip4/198.51.100.3/tcp/{port}"))]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_whose_next_is_cancelled_again_and_again_still_looks_around() {
        let machine: Machine = Arc::new(Mutex::new(machine(&[("127.0.0.1", "lo", 1)])));
        let transport = transport_at(&machine);
        let mut listener = transport.listen(&address("/ip4/127.0.0.1/tcp/0")).await.unwrap();
        *machine.lock().unwrap() = self::machine(&[]);
        for _ in 0..9 {
            assert!(timeout(Duration::from_secs(1), listener.next()).await.is_err());
        }
        let gone = timeout(Duration::from_secs(2), next(&mut listener)).await.unwrap();
        assert!(gone.starts_with("-/ip4/127.0.0.1/tcp/"));
        assert!(listener.addresses().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn interfaces_that_cannot_be_listed_for_a_while_change_nothing() {
        let machine: Machine = Arc::new(Mutex::new(machine(&[("127.0.0.1", "lo", 1)])));
        let transport = transport_at(&machine);
        let mut listener = transport.listen(&address("/ip4/0.0.0.0/tcp/0")).await.unwrap();
        *machine.lock().unwrap() = None;
        assert!(timeout(Duration::from_secs(60), listener.next()).await.is_err());
        assert_eq!(listener.addresses().len(), 1);
    }

    #[tokio::test]
    async fn a_zone_is_an_interface_by_name_or_by_number() {
        let transport = transport_at(&Arc::new(Mutex::new(machine(&[("fe80::7", "eth1", 3)]))));
        let resolve = |text: &str| {
            let target = target(&address(text))?;
            transport.resolve(&target, &address(text)).map(|socket| socket.to_string())
        };
        assert_eq!(resolve("/ip6zone/eth1/ip6/fe80::9/tcp/80").unwrap(), "[fe80::9%3]:80");
        assert_eq!(resolve("/ip6zone/5/ip6/fe80::9/tcp/80").unwrap(), "[fe80::9%5]:80");
        for text in ["/ip6zone/eth0/ip6/fe80::9/tcp/80", "/ip6/fe80::9/tcp/80"] {
            assert!(matches!(resolve(text), Err(Error::UnknownZone(_))), "{text}");
        }
    }

    #[tokio::test]
    async fn what_the_system_says_becomes_an_error_with_a_name_and_a_fault() {
        let transport = Transport::default();
        let listener = transport.listen(&address("/ip4/127.0.0.1/tcp/0")).await.unwrap();
        let taken = listener.addresses()[0].clone();
        let error = transport.listen(&taken).await.map(drop).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::AddressInUse(at)) if *at == taken));
        assert_eq!(error.fault(), Fault::Caller);

        let foreign = address("/ip4/203.0.113.1/tcp/0");
        let error = transport.listen(&foreign).await.map(drop).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::AddressNotOurs(at)) if *at == foreign));

        drop(listener);
        let error = transport.dial(&taken).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::Refused(at)) if *at == taken));
        assert_eq!(error.fault(), Fault::Network);
    }

    #[tokio::test]
    async fn both_families_can_have_the_same_port() {
        let transport = Transport::default();
        let Ok(ip6) = transport.listen(&address("/ip6/::/tcp/0")).await else {
            return; // The machine has no IPv6.
        };
        let port = port(&ip6.addresses()[0]);
        let ip4 = transport.listen(&address(&format!("/ip4/0.0.0.0/tcp/{port}"))).await;
        assert!(ip4.is_ok(), "the listener for IPv6 leaves IPv4 alone");
    }

    #[tokio::test]
    async fn an_address_is_free_again_at_once_when_its_connections_linger() {
        let transport = Transport::default();
        let mut listener = transport.listen(&address("/ip4/127.0.0.1/tcp/0")).await.unwrap();
        let place = listener.addresses()[0].clone();
        let (dialed, accepted) = tokio::join!(transport.dial(&place), listener.next());
        drop(accepted);
        drop((dialed, listener));
        assert!(transport.listen(&place).await.is_ok());
    }
}
