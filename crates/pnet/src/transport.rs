//! A transport whose connections belong to a private network.

use peerloom_core::{BoxListener, BoxTransport, Error, Link, Raw, Transport as _};
use peerloom_multiaddr::Multiaddr;

use crate::Config;
use crate::listener::Listener;

/// Dials and listens by another transport, and puts the network's key around every connection.
///
/// It takes any transport of raw byte streams. One whose connections are secure and multiplexed
/// already (QUIC, WebRTC, WebTransport) leaves no room for the key: its connections are refused
/// with [`Error::Complete`](crate::Error::Complete), and a listener on it ends with that error.
pub struct Transport {
    inner: BoxTransport,
    config: Config,
}

impl Transport {
    /// The transport `inner` for the network with this key, or this configuration.
    #[must_use]
    pub fn new(inner: BoxTransport, network: impl Into<Config>) -> Self {
        Transport { inner, config: network.into() }
    }
}

impl peerloom_core::Transport for Transport {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        self.inner.supports(address)
    }

    /// The key does not depend on the name.
    async fn resolve(&self, address: &Multiaddr) -> Result<Vec<Multiaddr>, Error> {
        self.inner.resolve(address).await
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, Error> {
        protect(&self.config, self.inner.dial(address).await?)
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, Error> {
        let inner = self.inner.listen(address).await?;
        Ok(BoxListener::new(Listener { inner, config: self.config.clone() }))
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("inner", &self.inner.name()).finish_non_exhaustive()
    }
}

/// Puts the key around a connection, if it is one that leaves room for it.
pub(crate) fn protect(config: &Config, link: Link) -> Result<Link, Error> {
    match link {
        Link::Raw(raw) => Ok(Link::Raw(Raw { stream: config.protect(raw.stream), ..raw })),
        Link::Complete(complete) => Err(crate::Error::Complete(complete.protocol).into()),
    }
}
