//! The seam below everything: making and taking connections at an address.

use std::future::Future;
use std::pin::Pin;

use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::EncodedKey;

use crate::{ByteStream, Error, Multiplexed};

/// A way to reach addresses of some kind.
///
/// The addresses given to it may end in `/p2p/<peer id>`, which a transport that does not
/// secure its connections ignores.
pub trait Transport: Send + Sync + 'static {
    /// The transport's name in reports and errors ("tcp", "memory", …).
    fn name(&self) -> &'static str;

    /// Whether an address is of this transport's kind, to dial or to listen on.
    fn supports(&self, address: &Multiaddr) -> bool;

    /// The addresses that an address stands for, best first; that address alone when there is nothing to resolve.
    ///
    /// A name stands for what its look-up finds. Whoever dials asks this first and then dials the results,
    /// each by the transport that supports it, so that the story of a dial has every one of them. A result
    /// may be a name again (of another transport's kind) and is asked in its turn.
    ///
    /// To `dial` a name must work all the same: a transport that wraps another one passes this on
    /// only when what it adds to a connection does not depend on the name. One that does (the host name of
    /// TLS and HTTP) keeps the default, and leaves the name to the `dial` of the transport inside.
    ///
    /// # Errors
    /// When nothing is found, and why.
    fn resolve(
        &self,
        address: &Multiaddr,
    ) -> impl Future<Output = Result<Vec<Multiaddr>, Error>> + Send {
        std::future::ready(Ok(vec![address.clone()]))
    }

    /// Connects to an address.
    ///
    /// # Errors
    /// When the address is not supported, or nobody answers there.
    fn dial(&self, address: &Multiaddr) -> impl Future<Output = Result<Link, Error>> + Send;

    /// Listens on an address.
    ///
    /// # Errors
    /// When the address is not supported, taken, or not ours.
    fn listen(
        &self,
        address: &Multiaddr,
    ) -> impl Future<Output = Result<BoxListener, Error>> + Send;
}

/// A place where connections arrive. Dropping it stops listening.
pub trait Listener: Send + 'static {
    /// The addresses at which it can be reached now, without `/p2p`. A wildcard address stands
    /// here as the addresses of the interfaces.
    fn addresses(&self) -> Vec<Multiaddr>;

    /// Waits for what happens next. Cancel safe: a dropped future loses nothing.
    ///
    /// The addresses that `listen` bound are there from the start and not reported again.
    ///
    /// # Errors
    /// When listening has ended for good; a single failed connection is not an error of the listener.
    fn next(&mut self) -> impl Future<Output = Result<ListenerEvent, Error>> + Send;
}

/// What happens at a listener.
#[derive(Debug)]
pub enum ListenerEvent {
    /// Somebody connected.
    Incoming(Link),
    /// It can now be reached here too.
    NewAddress(Multiaddr),
    /// It can no longer be reached here: the interface went away.
    AddressGone(Multiaddr),
}

/// A connection as a transport makes it.
#[derive(Debug)]
pub enum Link {
    /// Bytes in order, still to be secured and multiplexed (TCP, WebSocket, memory, …).
    Raw(Raw),
    /// Already secure and multiplexed (QUIC, WebRTC, WebTransport).
    Complete(Complete),
}

/// A byte stream and its two ends.
#[derive(Debug)]
pub struct Raw {
    /// The bytes. A listener may hand them on before its transport has shaken hands with the
    /// remote: whoever first reads, writes or flushes then does that, and gets its failure.
    pub stream: ByteStream,
    /// Our end.
    pub local: Multiaddr,
    /// The other end.
    pub remote: Multiaddr,
}

/// A connection that needs no upgrade, and its two ends.
#[derive(Debug)]
pub struct Complete {
    /// The protocol that secured and multiplexed it (`/quic-v1`, …).
    pub protocol: &'static str,
    /// The streams.
    pub multiplexed: Multiplexed,
    /// The key that the remote proved to have.
    pub remote_key: EncodedKey,
    /// Our end.
    pub local: Multiaddr,
    /// The other end.
    pub remote: Multiaddr,
}

/// A [`Transport`] whose type is forgotten.
pub struct BoxTransport(Box<dyn DynTransport>);

/// A [`Listener`] whose type is forgotten.
pub struct BoxListener(Box<dyn DynListener>);

impl BoxTransport {
    /// Forgets the type.
    pub fn new(transport: impl Transport) -> Self {
        BoxTransport(Box::new(transport))
    }
}

impl Transport for BoxTransport {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        self.0.supports(address)
    }

    async fn resolve(&self, address: &Multiaddr) -> Result<Vec<Multiaddr>, Error> {
        self.0.resolve(address).await
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, Error> {
        self.0.dial(address).await
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, Error> {
        self.0.listen(address).await
    }
}

impl BoxListener {
    /// Forgets the type.
    pub fn new(listener: impl Listener) -> Self {
        BoxListener(Box::new(listener))
    }
}

impl Listener for BoxListener {
    fn addresses(&self) -> Vec<Multiaddr> {
        self.0.addresses()
    }

    async fn next(&mut self) -> Result<ListenerEvent, Error> {
        self.0.next().await
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

trait DynTransport: Send + Sync {
    fn name(&self) -> &'static str;
    fn supports(&self, address: &Multiaddr) -> bool;
    fn resolve<'a>(
        &'a self,
        address: &'a Multiaddr,
    ) -> BoxFuture<'a, Result<Vec<Multiaddr>, Error>>;
    fn dial<'a>(&'a self, address: &'a Multiaddr) -> BoxFuture<'a, Result<Link, Error>>;
    fn listen<'a>(&'a self, address: &'a Multiaddr) -> BoxFuture<'a, Result<BoxListener, Error>>;
}

impl<T: Transport> DynTransport for T {
    fn name(&self) -> &'static str {
        Transport::name(self)
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        Transport::supports(self, address)
    }

    fn resolve<'a>(
        &'a self,
        address: &'a Multiaddr,
    ) -> BoxFuture<'a, Result<Vec<Multiaddr>, Error>> {
        Box::pin(Transport::resolve(self, address))
    }

    fn dial<'a>(&'a self, address: &'a Multiaddr) -> BoxFuture<'a, Result<Link, Error>> {
        Box::pin(Transport::dial(self, address))
    }

    fn listen<'a>(&'a self, address: &'a Multiaddr) -> BoxFuture<'a, Result<BoxListener, Error>> {
        Box::pin(Transport::listen(self, address))
    }
}

trait DynListener: Send {
    fn addresses(&self) -> Vec<Multiaddr>;
    fn next(&mut self) -> BoxFuture<'_, Result<ListenerEvent, Error>>;
}

impl<L: Listener> DynListener for L {
    fn addresses(&self) -> Vec<Multiaddr> {
        Listener::addresses(self)
    }

    fn next(&mut self) -> BoxFuture<'_, Result<ListenerEvent, Error>> {
        Box::pin(Listener::next(self))
    }
}
