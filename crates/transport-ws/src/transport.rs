//! The WebSocket transport.

use std::sync::Arc;

use peerloom_core::{BoxListener, BoxTransport, Link, Raw, Transport as _};
use peerloom_multiaddr::Multiaddr;

use crate::address::Target;
use crate::config::Config;
use crate::error::Error;
use crate::listener::{Accepting, Listener};
#[cfg(feature = "tls")]
use crate::tls;
use crate::upgrade;

/// Dials and listens for WebSockets over the byte streams of another transport. Clones share it.
///
/// It sets no time limits: a dial ends when its future is dropped, an opening on the listening side
/// when the stream is.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<BoxTransport>,
    #[cfg(feature = "tls")]
    certificate: Option<tls::Certificate>,
    #[cfg(feature = "tls")]
    client: tls::Client,
}

impl Transport {
    /// WebSockets over what `inner` dials and accepts.
    #[must_use]
    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::needless_pass_by_value, reason = "with TLS it is taken apart")
    )]
    pub fn new(inner: BoxTransport, config: Config) -> Self {
        #[cfg(not(feature = "tls"))]
        let Config {} = config;
        Transport {
            inner: Arc::new(inner),
            #[cfg(feature = "tls")]
            certificate: config.certificate,
            #[cfg(feature = "tls")]
            client: tls::Client::new(config.roots),
        }
    }

    /// Reads an address whose lower part the inner transport supports, at its usual port if it has none.
    fn target(&self, address: &Multiaddr) -> Result<Target, Error> {
        let target = Target::parse(address).ok_or_else(|| Error::Unsupported(address.clone()))?;
        let usual = target.at_usual_port();
        let mut supported = [target, usual].into_iter();
        let supported = supported.find(|target| self.inner.supports(&target.below));
        match supported.ok_or_else(|| Error::Unsupported(address.clone()))? {
            target if target.secure && !cfg!(feature = "tls") => Err(Error::NoTls(address.clone())),
            target => Ok(target),
        }
    }

    async fn connect(&self, address: &Multiaddr) -> Result<Raw, Error> {
        let target = self.target(address)?;
        let below = |error| Error::Below(address.clone(), error);
        let Link::Raw(raw) = self.inner.dial(&target.below).await.map_err(below)? else {
            return Err(Error::NotAStream(address.clone()));
        };
        #[cfg(feature = "tls")]
        let stream = match target.secure {
            true => self.secure(raw.stream, &target, address).await?,
            false => raw.stream,
        };
        #[cfg(not(feature = "tls"))]
        let stream = raw.stream;
        let stream = upgrade::connect(stream, &target.authority(), &target.path()).await?;
        let local = raw.local.encapsulate(&target.suffix);
        Ok(Raw { stream, local, remote: raw.remote.encapsulate(&target.suffix) })
    }

    #[cfg(feature = "tls")]
    async fn secure(
        &self,
        stream: peerloom_core::ByteStream,
        target: &Target,
        address: &Multiaddr,
    ) -> Result<peerloom_core::ByteStream, Error> {
        let name = target.server_name().and_then(|name| name.try_into().ok());
        let name = name.ok_or_else(|| Error::ServerName(address.clone()))?;
        self.client.connect(stream, name).await
    }

    async fn bind(&self, address: &Multiaddr) -> Result<Listener, Error> {
        let target = self.target(address)?;
        let accepting = Accepting {
            path: target.has_path().then(|| target.path().into()),
            #[cfg(feature = "tls")]
            certificate: match (target.secure, &self.certificate) {
                (false, _) => None,
                (true, Some(certificate)) => Some(certificate.clone()),
                (true, None) => return Err(Error::NoCertificate(address.clone())),
            },
        };
        let below = |error| Error::Below(address.clone(), error);
        let inner = self.inner.listen(&target.below).await.map_err(below)?;
        Ok(Listener::new(inner, target.suffix, accepting))
    }
}

impl peerloom_core::Transport for Transport {
    fn name(&self) -> &'static str {
        NAME
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        self.target(address).is_ok()
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, peerloom_core::Error> {
        Ok(Link::Raw(self.connect(address).await?))
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, peerloom_core::Error> {
        Ok(BoxListener::new(self.bind(address).await?))
    }
}

/// The transport's name in reports and errors.
pub(crate) const NAME: &str = "ws";
