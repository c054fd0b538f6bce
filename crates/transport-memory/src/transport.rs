//! The memory transport.

use peerloom_core::{BoxListener, ByteStream, Link, Raw};
use peerloom_multiaddr::Multiaddr;

use crate::error::Error;
use crate::listener::Listener;
use crate::network::Network;
use crate::pipe::pipe;
use crate::place;

/// Dials and listens on one [`Network`].
///
/// `/memory/0` listens at a number that is free. A dial waits while the listener's backlog is full.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    network: Network,
}

impl Transport {
    /// A transport on a network.
    #[must_use]
    pub fn new(network: Network) -> Self {
        Transport { network }
    }

    /// The two ends of a new connection to a place: the dialer's, and the listener's.
    fn connection(&self, remote: Multiaddr) -> (Raw, Raw) {
        let capacity = self.network.config().capacity;
        let (near_reader, far_writer) = pipe(capacity);
        let (far_reader, near_writer) = pipe(capacity);
        let local = self.network.pick();
        let near = Raw {
            stream: ByteStream::new(near_reader, near_writer),
            local: local.clone(),
            remote: remote.clone(),
        };
        let stream = ByteStream::new(far_reader, far_writer);
        (near, Raw { stream, local: remote, remote: local })
    }
}

impl peerloom_core::Transport for Transport {
    fn name(&self) -> &'static str {
        NAME
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        place::of(address).is_some()
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, peerloom_core::Error> {
        let place = place_of(address)?;
        let refused = || Error::Refused(address.clone());
        let backlog = self.network.backlog(&place).ok_or_else(refused)?;
        let (near, far) = self.connection(place);
        backlog.send(far).await.map_err(|_| refused())?;
        Ok(Link::Raw(near))
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, peerloom_core::Error> {
        let wanted = place_of(address)?;
        let place = if wanted == place::numbered(0) { self.network.pick() } else { wanted };
        let listener = Listener::open(self.network.clone(), place)
            .ok_or_else(|| Error::AddressInUse(address.clone()))?;
        Ok(BoxListener::new(listener))
    }
}

fn place_of(address: &Multiaddr) -> Result<Multiaddr, Error> {
    place::of(address).ok_or_else(|| Error::Unsupported(address.clone()))
}

/// The transport's name in reports and errors.
pub(crate) const NAME: &str = "memory";

#[cfg(test)]
mod tests {
    use peerloom_core::{Fault, Listener, ListenerEvent, Transport as _};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::Config;

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn two_networks_never_meet() {
        let (here, there) = (Network::default(), Network::default());
        let _listener = here.transport().listen(&address("/memory/kitchen")).await.unwrap();
        let error = there.transport().dial(&address("/memory/kitchen")).await.unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(Error::Refused(_))));
        assert_eq!(error.fault(), Fault::Network);
        assert!(here.transport().dial(&address("/memory/kitchen")).await.is_ok());
    }

    #[tokio::test]
    async fn a_number_that_is_taken_is_not_picked() {
        let transport = Network::default().transport();
        let _first = transport.listen(&address("/memory/1")).await.unwrap();
        let second = transport.listen(&address("/memory/0")).await.unwrap();
        assert_eq!(second.addresses(), [address("/memory/2")]);
        let third = transport.listen(&address("/memory/0")).await.unwrap();
        assert_eq!(third.addresses(), [address("/memory/3")]);
    }

    #[tokio::test]
    async fn a_place_that_is_given_back_can_be_had_again() {
        let transport = Network::default().transport();
        drop(transport.listen(&address("/memory/7")).await.unwrap());
        assert!(transport.listen(&address("/memory/7")).await.is_ok());
    }

    #[tokio::test]
    async fn a_dial_waits_while_the_backlog_is_full_and_is_refused_when_the_listener_goes() {
        let network = Network::new(Config { backlog: 1, ..Config::default() });
        let transport = network.transport();
        let mut listener = transport.listen(&address("/memory/7")).await.unwrap();
        let place = address("/memory/7");
        let _first = transport.dial(&place).await.unwrap();
        let (second, event) = tokio::join!(transport.dial(&place), listener.next());
        assert!(second.is_ok() && matches!(event, Ok(ListenerEvent::Incoming(_))));
        let (third, ()) = tokio::join!(transport.dial(&place), async { drop(listener) });
        assert!(matches!(third.unwrap_err().downcast_ref(), Some(Error::Refused(_))));
    }

    #[tokio::test]
    async fn a_connection_that_is_never_accepted_ends_with_the_listener() {
        let transport = Network::default().transport();
        let listener = transport.listen(&address("/memory/7")).await.unwrap();
        let Link::Raw(mut raw) = transport.dial(&address("/memory/7")).await.unwrap() else {
            panic!("a memory connection is raw");
        };
        drop(listener);
        assert_eq!(raw.stream.read(&mut [0; 1]).await.unwrap(), 0);
        assert!(raw.stream.write_all(b"anybody?").await.is_err());
    }

    #[tokio::test]
    async fn a_connection_holds_no_more_than_its_capacity_and_at_least_a_byte() {
        for (capacity, held) in [(10, 10), (0, 1)] {
            let transport = Network::new(Config { capacity, backlog: 0 }).transport();
            let _listener = transport.listen(&address("/memory/7")).await.unwrap();
            let Link::Raw(mut raw) = transport.dial(&address("/memory/7")).await.unwrap() else {
                panic!("a memory connection is raw");
            };
            assert_eq!(raw.stream.write(&[0; 100]).await.unwrap(), held);
        }
    }
}
