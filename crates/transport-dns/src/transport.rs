//! DNS in front of a transport.

use peerloom_core::{BoxListener, BoxTransport, Link, Transport as _};
use peerloom_multiaddr::Multiaddr;

use crate::config::Config;
use crate::error::Error;
use crate::host::{Host, Kind};
use crate::race::race;
use crate::resolver::Resolver;

/// A transport that dials names as well, and leaves all other addresses to the transport inside.
///
/// It supports a name when the transport inside supports what the name may stand for, and every `/dnsaddr`,
/// which may stand for anything.
pub struct Transport {
    inner: BoxTransport,
    resolver: Resolver,
}

impl Transport {
    /// Puts DNS in front of `inner`.
    #[must_use]
    pub fn new(inner: BoxTransport, config: Config) -> Self {
        Transport::with_resolver(inner, Resolver::new(config))
    }

    /// The same with a resolver that others use too.
    #[must_use]
    pub fn with_resolver(inner: BoxTransport, resolver: Resolver) -> Self {
        Transport { inner, resolver }
    }

    async fn found(&self, address: &Multiaddr) -> Result<Option<Vec<Multiaddr>>, Error> {
        self.resolver.resolve(address, |address| self.inner.supports(address)).await
    }

    async fn dial_name(&self, address: &Multiaddr) -> Result<Link, Error> {
        if !self.supports(address) {
            return Err(Error::Unsupported(address.clone()));
        }
        let found = self.found(address).await?.unwrap_or_default();
        let address = address.clone();
        race(&self.inner, found).await.map_err(|attempts| Error::Dial { address, attempts })
    }
}

impl peerloom_core::Transport for Transport {
    /// The name of the transport inside, whose addresses names come down to.
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        match Host::parse(address) {
            Some(Host { kind: Kind::Dnsaddr, .. }) => true,
            Some(host) => host.samples().iter().any(|sample| self.inner.supports(sample)),
            None => self.inner.supports(address),
        }
    }

    async fn resolve(&self, address: &Multiaddr) -> Result<Vec<Multiaddr>, peerloom_core::Error> {
        if Host::parse(address).is_none() || !self.supports(address) {
            return self.inner.resolve(address).await;
        }
        Ok(self.found(address).await?.unwrap_or_default())
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, peerloom_core::Error> {
        match Host::parse(address) {
            Some(_) => Ok(self.dial_name(address).await?),
            None => self.inner.dial(address).await,
        }
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, peerloom_core::Error> {
        match Host::parse(address) {
            Some(_) => Err(Error::ListenOnName(address.clone()).into()),
            None => self.inner.listen(address).await,
        }
    }
}

/// The layer's name in errors.
pub(crate) const NAME: &str = "dns";
