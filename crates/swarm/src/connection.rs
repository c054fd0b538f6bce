//! An open connection: the handle, and the task behind it.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use peerloom_core::{BoxMuxer, BoxSubstream, Driver, Error, MuxerStatus, Role, StreamMuxer};
use peerloom_multiaddr::Multiaddr;
use peerloom_peer_id::{EncodedKey, PeerId};

use crate::event::{Event, Handler};
use crate::report::Report;
use crate::shutdown::Shutdown;

/// An open connection with a peer. A clone is another handle of the same connection; dropping
/// handles does not close it.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

/// The number of a connection, unique in its swarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

/// What is known of a connection when it opens.
pub(crate) struct Facts {
    pub(crate) id: ConnectionId,
    pub(crate) peer: PeerId,
    pub(crate) remote_key: EncodedKey,
    pub(crate) role: Role,
    pub(crate) local: Multiaddr,
    pub(crate) remote: Multiaddr,
    pub(crate) security: String,
    pub(crate) muxer: String,
    pub(crate) report: Report,
}

struct Inner {
    facts: Facts,
    streams: BoxMuxer,
    opened: Instant,
    /// Raised when it is closed.
    closed: Shutdown,
}

impl Connection {
    pub(crate) fn new(facts: Facts, streams: BoxMuxer) -> Self {
        Connection(Arc::new(Inner {
            facts,
            streams,
            opened: Instant::now(),
            closed: Shutdown::default(),
        }))
    }

    /// Opens a stream on which no protocol has been agreed on yet.
    ///
    /// # Errors
    /// When the connection is closed or the remote allows no more streams.
    pub async fn open(&self) -> Result<BoxSubstream, Error> {
        self.0.streams.open().await
    }

    /// Says goodbye, closes the connection and waits until it is closed. Open streams end in a reset.
    pub async fn close(&self) {
        self.leave();
        self.closed().await;
    }

    /// Says goodbye, without waiting for it: the driver does the rest.
    pub(crate) fn leave(&self) {
        let mut nobody = Context::from_waker(Waker::noop());
        let _ = pin!(self.0.streams.close()).poll(&mut nobody);
    }

    /// Waits until the connection is closed, by whichever side.
    pub async fn closed(&self) {
        self.0.closed.raised().await;
    }

    /// Whether the connection is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.closed.is_raised()
    }

    /// Whether it takes no more streams: either side has said goodbye.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.status().closing
    }

    /// Its number in this swarm.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.0.facts.id
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> PeerId {
        self.0.facts.peer
    }

    /// The key that the other end proved to have.
    #[must_use]
    pub fn remote_key(&self) -> &EncodedKey {
        &self.0.facts.remote_key
    }

    /// Which end this is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.0.facts.role
    }

    /// Our end.
    #[must_use]
    pub fn local(&self) -> &Multiaddr {
        &self.0.facts.local
    }

    /// The other end; for a dialer the address that was dialled.
    #[must_use]
    pub fn remote(&self) -> &Multiaddr {
        &self.0.facts.remote
    }

    /// The security protocol that was agreed on.
    #[must_use]
    pub fn security(&self) -> &str {
        &self.0.facts.security
    }

    /// The muxer that was agreed on.
    #[must_use]
    pub fn muxer(&self) -> &str {
        &self.0.facts.muxer
    }

    /// How the connection came to be, step by step.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.0.facts.report
    }

    /// How long it has been open.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.0.opened.elapsed()
    }

    /// What the muxer knows of it now.
    #[must_use]
    pub fn status(&self) -> MuxerStatus {
        self.0.streams.status()
    }

    /// Moves the connection's bytes and hands its streams up, until it is closed; says what broke it.
    /// A goodbye takes no longer than `limit`.
    pub(crate) async fn run(
        &self,
        mut driver: Driver,
        handler: &dyn Handler,
        limit: Duration,
    ) -> Option<Error> {
        let turn = poll_fn(|cx| {
            let result = pin!(&mut driver).poll(cx);
            if result.is_ready() {
                return result.map(Some);
            }
            loop {
                match self.0.streams.try_accept() {
                    Ok(Some(stream)) => {
                        handler.handle(Event::Stream { connection: self.clone(), stream });
                    }
                    Ok(None) => return Poll::Pending,
                    // The driver says why, now that nothing else can happen.
                    Err(_) => return Poll::Ready(None),
                }
            }
        });
        if let Some(result) = turn.await {
            return result.err();
        }
        // In a box, so that a connection does not have room for its end all its life.
        let Ok(result) = Box::pin(tokio::time::timeout(limit, driver)).await else {
            tracing::debug!(conn = %self.id(), "the goodbye was not taken in time");
            return None;
        };
        result.err()
    }

    pub(crate) fn mark_closed(&self) {
        self.0.closed.raise();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id())
            .field("peer", &self.peer())
            .field("role", &self.role())
            .field("remote", self.remote())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
