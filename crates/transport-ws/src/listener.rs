//! A place where WebSockets arrive.

use std::sync::Arc;

use peerloom_core::{BoxListener, ByteStream, Link, ListenerEvent, Raw};
use peerloom_multiaddr::Multiaddr;

use crate::error::Error;
use crate::opening::open_lazily;
#[cfg(feature = "tls")]
use crate::tls;
use crate::upgrade;

/// Takes what the transport below accepts. A client that is silent holds up nobody: the stream is
/// opened by whoever gets it.
pub(crate) struct Listener {
    inner: BoxListener,
    suffix: Multiaddr,
    accepting: Accepting,
}

/// How clients are received.
#[derive(Clone)]
pub(crate) struct Accepting {
    /// The one path that is served; without it all are.
    pub(crate) path: Option<Arc<str>>,
    #[cfg(feature = "tls")]
    pub(crate) certificate: Option<tls::Certificate>,
}

impl Listener {
    /// Receives like this what `inner` accepts, and adds `suffix` to its addresses.
    pub(crate) fn new(inner: BoxListener, suffix: Multiaddr, accepting: Accepting) -> Self {
        Listener { inner, suffix, accepting }
    }

    fn name(&self, below: &Multiaddr) -> Multiaddr {
        below.encapsulate(&self.suffix)
    }

    fn receive(&self, Raw { stream, local, remote }: Raw) -> Raw {
        let (local, remote) = (self.name(&local), self.name(&remote));
        Raw { stream: open_lazily(self.accepting.clone().open(stream)), local, remote }
    }
}

impl Accepting {
    async fn open(self, stream: ByteStream) -> Result<ByteStream, Error> {
        #[cfg(feature = "tls")]
        let stream = match &self.certificate {
            Some(certificate) => tls::accept(stream, certificate).await?,
            None => stream,
        };
        upgrade::accept(stream, self.path.as_deref()).await
    }
}

impl peerloom_core::Listener for Listener {
    fn addresses(&self) -> Vec<Multiaddr> {
        self.inner.addresses().iter().map(|address| self.name(address)).collect()
    }

    async fn next(&mut self) -> Result<ListenerEvent, peerloom_core::Error> {
        Ok(match self.inner.next().await? {
            ListenerEvent::Incoming(Link::Raw(raw)) => {
                ListenerEvent::Incoming(Link::Raw(self.receive(raw)))
            }
            ListenerEvent::Incoming(Link::Complete(complete)) => {
                return Err(Error::NotAStream(self.name(&complete.local)).into());
            }
            ListenerEvent::NewAddress(address) => ListenerEvent::NewAddress(self.name(&address)),
            ListenerEvent::AddressGone(address) => ListenerEvent::AddressGone(self.name(&address)),
        })
    }
}
