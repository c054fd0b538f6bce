//! The host: what an application holds in its hand.

use std::sync::Arc;

use peerloom_core::BoxSubstream;
use peerloom_identify::Info;
use peerloom_multiaddr::Multiaddr;
use peerloom_multistream_select::{self as multistream, Matcher, Negotiated};
use peerloom_peer_id::PeerId;
use peerloom_swarm::{Connection, DialError, ListenError, ListenerId, Listening, Swarm};

use crate::config::Config;
use crate::dials::Dials;
use crate::error::StreamError;
use crate::event::Events;
use crate::handlers::{HandlerOutput, handler};
use crate::identifying;
use crate::inbound::Upstairs;
use crate::incoming::Incoming;
use crate::shared::{Identity, Shared};
use crate::stream::Stream;
use crate::target::Target;

/// A peer of a network: it dials, listens, and speaks protocols on streams.
///
/// A clone is another handle of the same host. When the last one is dropped, everything is closed;
/// a handler that holds one keeps the host alive until [`Host::close`].
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    swarm: Swarm,
    dials: Dials,
}

impl Host {
    /// Starts a host. Needs a tokio runtime around it.
    ///
    /// # Errors
    /// When it cannot listen on an address of the configuration.
    pub async fn start(config: Config) -> Result<Self, ListenError> {
        let (shared, layers, swarm_config, listen) = Shared::new(config);
        let shared = Arc::new(shared);
        let upstairs = Arc::new(Upstairs(shared.clone()));
        let swarm = Swarm::new(shared.local_peer, layers, swarm_config, upstairs);
        if shared.identify {
            identifying::serve(&shared);
            tokio::spawn(identifying::push_changes(shared.clone()));
        }
        let host = Host(Arc::new(Inner { shared, swarm, dials: Dials::default() }));
        for address in listen {
            host.listen(address).await?;
        }
        Ok(host)
    }

    /// Who we are.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        self.0.shared.local_peer
    }

    /// Opens a stream with a peer and agrees on the first of `protocols` that it speaks; connects
    /// first if need be.
    ///
    /// When the stream is there, the peer speaks the protocol. A peer that has told by identify that
    /// it speaks the first one is believed, which saves a round trip: the protocol's name travels
    /// with the first data, and should the peer refuse it after all, the first read fails.
    ///
    /// # Errors
    /// When the peer cannot be reached, gives no stream, or speaks none of the protocols.
    pub async fn new_stream<P>(
        &self,
        target: impl Into<Target>,
        protocols: P,
    ) -> Result<Stream, StreamError>
    where
        P: IntoIterator,
        P::Item: Into<String>,
    {
        let protocols: Vec<String> = protocols.into_iter().map(Into::into).collect();
        let target = target.into();
        let connection = self.connect(target.clone()).await?;
        match self.new_stream_on(&connection, &protocols).await {
            // It went away while it was looked up: that is no answer to who asks for a stream.
            Err(error) if connection.is_closing() && error.is_of_connection() => {
                let connection = self.connect(target).await?;
                self.new_stream_on(&connection, &protocols).await
            }
            result => result,
        }
    }

    /// Opens a stream as [`Host::new_stream`] does, on this connection.
    ///
    /// # Errors
    /// When the connection gives no stream, or the peer speaks none of the protocols.
    pub async fn new_stream_on<P>(
        &self,
        connection: &Connection,
        protocols: P,
    ) -> Result<Stream, StreamError>
    where
        P: IntoIterator,
        P::Item: Into<String>,
    {
        let protocols: Vec<String> = protocols.into_iter().map(Into::into).collect();
        let info = self.0.shared.info(connection.id());
        match protocols.first() {
            None => Err(StreamError::NoProtocol),
            Some(first) if info.is_some_and(|info| info.protocols.contains(first)) => {
                self.new_stream_lazily(connection, first).await
            }
            Some(_) => self.negotiate(connection, &protocols).await,
        }
    }

    /// Opens a stream and takes it for granted that the peer speaks `protocol`: its name travels
    /// with the first data, and a refusal is the error of the first read.
    ///
    /// # Errors
    /// When the connection gives no stream.
    pub async fn new_stream_lazily(
        &self,
        connection: &Connection,
        protocol: impl Into<String>,
    ) -> Result<Stream, StreamError> {
        let peer = connection.peer();
        let stream = self.within(connection, open(connection)).await?;
        let lazy = Negotiated::lazy(stream, protocol.into())
            .map_err(|source| StreamError::Negotiation { peer, source })?;
        Ok(Stream::new(lazy, connection.clone()))
    }

    async fn negotiate(
        &self,
        connection: &Connection,
        protocols: &[String],
    ) -> Result<Stream, StreamError> {
        let peer = connection.peer();
        let agreeing = async {
            let mut stream = open(connection).await?;
            let index = multistream::dial(&mut stream, protocols)
                .await
                .map_err(|source| StreamError::Negotiation { peer, source })?;
            Ok((stream, index))
        };
        let (stream, index) = self.within(connection, agreeing).await?;
        let protocol = protocols.get(index).map_or("", String::as_str);
        Ok(Stream::new(Negotiated::settled(stream, protocol), connection.clone()))
    }

    /// Puts a limit on how long the remote may take to give a stream.
    async fn within<T>(
        &self,
        connection: &Connection,
        work: impl Future<Output = Result<T, StreamError>>,
    ) -> Result<T, StreamError> {
        let limit = self.0.shared.stream_negotiation;
        let timeout = StreamError::Timeout { peer: connection.peer(), limit };
        tokio::time::timeout(limit, work).await.unwrap_or(Err(timeout))
    }

    /// A connection with a peer: one that is open, or a new one. Whoever asks for the same peer
    /// meanwhile waits for the same dial.
    ///
    /// # Errors
    /// When no address leads to the peer: what became of each, step by step.
    pub async fn connect(&self, target: impl Into<Target>) -> Result<Connection, DialError> {
        let target = target.into();
        if let Some(connection) = self.connected(&target) {
            return Ok(connection);
        }
        let Some(peer) = target.peer else { return self.dial(target).await };
        let addresses = self.all_addresses(&target);
        let (swarm, dialled) = (self.0.swarm.clone(), addresses.clone());
        let dial = async move {
            // A dial may have ended since.
            match swarm.connection_with(&peer) {
                Some(connection) => Ok(connection),
                None => swarm.dial(Some(peer), dialled).await,
            }
        };
        let connection = self.0.dials.join(peer, addresses, dial).await?;
        self.remember(&connection);
        Ok(connection)
    }

    /// A new connection, even where there is one.
    ///
    /// # Errors
    /// As [`Host::connect`].
    pub async fn dial(&self, target: impl Into<Target>) -> Result<Connection, DialError> {
        let target = target.into();
        let addresses = self.all_addresses(&target);
        let connection = self.0.swarm.dial(target.peer, addresses).await?;
        self.remember(&connection);
        Ok(connection)
    }

    /// Closes every connection with a peer and waits until they are closed.
    pub async fn disconnect(&self, peer: &PeerId) {
        for connection in self.0.swarm.connections_with(peer) {
            connection.close().await;
        }
    }

    /// Tells where a peer can be reached. An address of more than 256 bytes is not kept.
    pub fn add_address(&self, peer: PeerId, address: &Multiaddr) {
        self.0.shared.address_book().add(peer, address);
    }

    /// Sets the handler of a protocol's incoming streams; it takes the place of the one before.
    ///
    /// Each stream has a task of its own, which ends when the host closes. What the handler returns
    /// is `()` or a `Result` whose error is logged.
    pub fn set_stream_handler<F, Fut>(&self, protocol: impl Into<String>, handle: F)
    where
        F: Fn(Stream) -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: HandlerOutput,
    {
        self.0.shared.set_handler(protocol.into(), handler(handle));
    }

    /// Sets a handler for every protocol that a matcher takes and that has no handler of its own.
    ///
    /// Others are told the [matcher's name](Matcher::name).
    pub fn set_stream_handler_match<F, Fut>(&self, matcher: Matcher, handle: F)
    where
        F: Fn(Stream) -> Fut + Send + Sync + 'static,
        Fut: Future + Send + 'static,
        Fut::Output: HandlerOutput,
    {
        self.0.shared.set_handler(matcher, handler(handle));
    }

    /// Removes a handler; says whether there was one. Streams that it has already go on.
    pub fn remove_stream_handler(&self, protocol: impl Into<Matcher>) -> bool {
        self.0.shared.remove_handler(&protocol.into())
    }

    /// The incoming streams of a protocol, one after the other, instead of a handler.
    #[must_use]
    pub fn accept(&self, protocol: impl Into<String>) -> Incoming {
        Incoming::register(&self.0.shared, protocol.into())
    }

    /// The protocols that have handlers.
    #[must_use]
    pub fn protocols(&self) -> Vec<String> {
        self.0.shared.handlers().names()
    }

    /// Listens on an address, which may be a wildcard and may leave the port to the system.
    ///
    /// # Errors
    /// When no transport supports the address, or it is not free.
    pub async fn listen(&self, address: Multiaddr) -> Result<Listening, ListenError> {
        self.0.swarm.listen(&address.without_peer_id()).await
    }

    /// Stops a listener and waits until its address is free. Connections that came through it stay.
    pub async fn stop_listening(&self, listener: ListenerId) {
        self.0.swarm.stop_listening(listener).await;
    }

    /// Every address that the host can be reached at, with its peer id.
    #[must_use]
    pub fn addresses(&self) -> Vec<Multiaddr> {
        self.0.swarm.addresses().into_iter().map(|address| self.0.shared.full(address)).collect()
    }

    /// The peers that we are connected to.
    #[must_use]
    pub fn peers(&self) -> Vec<PeerId> {
        self.0.swarm.peers()
    }

    /// The open connections.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        self.0.swarm.connections()
    }

    /// What the peer of a connection has told of itself, once identify is through.
    #[must_use]
    pub fn info(&self, connection: &Connection) -> Option<Arc<Info>> {
        self.0.shared.info(connection.id())
    }

    /// Waits until the peer of a connection has told of itself.
    ///
    /// # Errors
    /// When it does not tell, or the connection closes before.
    pub async fn identified(&self, connection: &Connection) -> Result<Arc<Info>, StreamError> {
        let peer = connection.peer();
        let known = self.0.shared.known().get(&connection.id()).cloned();
        let Some(known) = known else {
            return Err(StreamError::Unidentified { peer, source: None });
        };
        let mut identity = known.identity.subscribe();
        let told = tokio::select! {
            told = identity.wait_for(|identity| !matches!(identity, Identity::Pending)) => {
                told.map(|identity| identity.clone()).unwrap_or_default()
            }
            () = connection.closed() => Identity::Pending,
        };
        match told {
            Identity::Told(info) => Ok(info),
            Identity::Failed(source) => {
                Err(StreamError::Unidentified { peer, source: Some(source) })
            }
            Identity::Pending => Err(StreamError::Unidentified { peer, source: None }),
        }
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> Events {
        Events::of(&self.0.shared.events, &self.0.shared.closing)
    }

    /// Says goodbye on every connection, ends every handler, stops listening, and waits until all that is done.
    pub async fn close(&self) {
        self.0.swarm.close().await;
        self.0.shared.close();
    }

    /// An open connection with a target's peer, or one that was dialled at its address.
    fn connected(&self, target: &Target) -> Option<Connection> {
        if let Some(peer) = &target.peer {
            return self.0.swarm.connection_with(peer);
        }
        let dialled = |connection: &Connection| {
            connection.role().is_dialer()
                && !connection.is_closing()
                && target.addresses.contains(&connection.remote().without_peer_id())
        };
        self.0.swarm.connections().into_iter().find(dialled)
    }

    fn all_addresses(&self, target: &Target) -> Vec<Multiaddr> {
        let mut addresses = target.addresses.clone();
        if let Some(peer) = &target.peer {
            addresses.extend(self.0.shared.address_book().of(peer).cloned());
        }
        let mut seen = std::collections::HashSet::new();
        addresses.retain(|address| seen.insert(address.without_peer_id()));
        addresses
    }

    fn remember(&self, connection: &Connection) {
        self.add_address(connection.peer(), connection.remote());
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.close();
    }
}

async fn open(connection: &Connection) -> Result<BoxSubstream, StreamError> {
    let peer = connection.peer();
    connection.open().await.map_err(|source| StreamError::Open { peer, source })
}
