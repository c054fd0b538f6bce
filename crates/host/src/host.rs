//! The host: what an application holds in its hand.

use std::sync::Arc;

use peerloom_core::BoxSubstream;
use peerloom_identify::Info;
use peerloom_multiaddr::Multiaddr;
use peerloom_multistream_select::{self as multistream, Matcher, Negotiated};
use peerloom_peer_id::PeerId;
use peerloom_swarm::{Connection, ListenError, ListenerId, Listening, Swarm};

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
use crate::task;

/// A peer of a network: it dials, listens, and speaks protocols on streams.
///
/// A clone is another handle of the same host. When the last one is dropped, everything is closed;
/// a handler that holds one keeps the host alive until [`Host::close`].
#[derive(Clone)]
pub struct Host(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    pub(crate) swarm: Swarm,
    pub(crate) dials: Dials,
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
            task::spawn_boxed(identifying::push_changes(shared.clone()));
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
                self.new_stream_lazily(connection, first.as_str()).await
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
        protocol: impl Into<Arc<str>>,
    ) -> Result<Stream, StreamError> {
        let peer = connection.peer();
        let stream = self.within(connection, open(connection)).await?;
        let lazy = Negotiated::lazy(stream, protocol)
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
    ///
    /// ```
    /// use peerloom_host::{Host, Stream};
    /// use peerloom_multistream_select::{InvalidRequirement, Matcher};
    ///
    /// fn greet(host: &Host) -> Result<(), InvalidRequirement> {
    ///     let versions = Matcher::semver("/greet", "^1.2")?;
    ///     host.set_stream_handler_match(versions, |stream: Stream| async move {
    ///         println!("{} speaks {}", stream.peer(), stream.protocol());
    ///     });
    ///     Ok(())
    /// }
    /// ```
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
    ///
    /// ```
    /// # use peerloom_host::Host;
    /// async fn first_guest(host: &Host) {
    ///     let mut incoming = host.accept("/chat/1.0.0");
    ///     if let Some(stream) = incoming.next().await {
    ///         println!("{} wants to talk", stream.peer());
    ///     }
    /// }
    /// ```
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
    ///
    /// ```
    /// # use peerloom_host::{Event, Host};
    /// async fn watch(host: &Host) {
    ///     let mut events = host.events();
    ///     while let Some(event) = events.next().await {
    ///         match event {
    ///             Event::Connected(connection) => println!("hello {}", connection.peer()),
    ///             Event::Disconnected { connection, .. } => println!("bye {}", connection.peer()),
    ///             _ => {}
    ///         }
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn events(&self) -> Events {
        Events::of(&self.0.shared.events, &self.0.shared.closing)
    }

    /// Says goodbye on every connection, ends every handler, stops listening, and waits until all that is done.
    pub async fn close(&self) {
        self.0.swarm.close().await;
        self.0.shared.close();
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
