//! The seam that carries many streams over one connection.

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{ByteStream, Error, Role};

/// A protocol that multiplexes a byte stream.
pub trait MuxerUpgrade: Send + Sync + 'static {
    /// The protocol's id, as it is agreed on (`/yamux/1.0.0`, …).
    fn name(&self) -> &str;

    /// Starts to multiplex. Nothing is read unless the driver is polled, and what a full line has not taken stays where it is.
    fn multiplex(&self, stream: ByteStream, role: Role) -> Multiplexed;
}

/// A multiplexed connection: the handle, and the future that moves its bytes.
#[derive(Debug)]
pub struct Multiplexed {
    /// Opens and accepts streams.
    pub muxer: BoxMuxer,
    /// Does the reading and writing; to be run by whoever owns the connection.
    pub driver: Driver,
}

/// The work of a connection, given away.
///
/// It ends with `Ok` when either side has said goodbye, and with an error when the connection
/// broke. Dropping it closes the connection at once; every stream on it then fails.
pub struct Driver(Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>);

/// An open multiplexed connection. Every method takes `&self` and may be used from many tasks.
pub trait StreamMuxer: Send + Sync + 'static {
    /// Opens a stream. Waits while too many of ours await the remote's acknowledgement.
    ///
    /// # Errors
    /// When the connection is closed, or the remote allows no more streams.
    fn open(&self) -> impl Future<Output = Result<BoxSubstream, Error>> + Send;

    /// Waits for a stream of the remote's. Cancel safe.
    ///
    /// # Errors
    /// When the connection is closed.
    fn accept(&self) -> impl Future<Output = Result<BoxSubstream, Error>> + Send;

    /// The next of the remote's streams that have come already.
    ///
    /// Streams come with the turns of the driver: whoever runs it and asks after each turn misses none.
    ///
    /// # Errors
    /// When the connection is closed.
    fn try_accept(&self) -> Result<Option<BoxSubstream>, Error> {
        match pin!(self.accept()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(accepted) => accepted.map(Some),
            Poll::Pending => Ok(None),
        }
    }

    /// Says goodbye and waits until that is sent. Open streams end in a reset. Whoever stops waiting
    /// has said it all the same.
    ///
    /// # Errors
    /// When the connection broke before the goodbye was sent.
    fn close(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// What the muxer knows of the connection now.
    fn status(&self) -> MuxerStatus;
}

/// What a muxer can tell of its connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MuxerStatus {
    /// Streams that are open, of both sides.
    pub streams: usize,
    /// The last measured time there and back.
    pub round_trip: Option<Duration>,
    /// Whether no new stream can be opened: either side has said goodbye, or the connection broke.
    pub closing: bool,
}

/// One stream of a multiplexed connection.
///
/// Shutting the writer down half-closes it: the remote reads the end, and may still write.
/// What has been written is on its way without a flush, though a muxer may let what is written in bulk, without pauses,
/// wait up to three milliseconds for more of its kind; `poll_flush` waits until it has been handed to the transport.
/// Dropping a stream that both sides have not finished resets it.
pub trait Substream: AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static {
    /// The stream's number on its connection.
    fn id(&self) -> u64;

    /// Ends both directions now; the remote's reads and writes fail.
    fn reset(&mut self);

    /// Lets the next write wait for the one after it, to leave together with that; at the latest it
    /// leaves with a flush or with the next turn of the driver, which comes at once.
    fn hold_next_write(&mut self) {}
}

/// A [`Substream`] whose type is forgotten.
pub type BoxSubstream = Box<dyn Substream>;

/// A [`StreamMuxer`] whose type is forgotten.
pub struct BoxMuxer(Box<dyn DynStreamMuxer>);

/// A [`MuxerUpgrade`] whose type is forgotten.
pub type BoxMuxerUpgrade = Box<dyn MuxerUpgrade>;

impl MuxerStatus {
    /// Streams that are open, and whether there can be new ones.
    #[must_use]
    pub fn new(streams: usize, closing: bool) -> Self {
        MuxerStatus { streams, closing, round_trip: None }
    }

    /// The same with the last measured time there and back.
    #[must_use]
    pub fn with_round_trip(self, round_trip: Option<Duration>) -> Self {
        MuxerStatus { round_trip, ..self }
    }
}

impl Driver {
    /// Wraps the future that moves a connection's bytes.
    pub fn new(future: impl Future<Output = Result<(), Error>> + Send + 'static) -> Self {
        Driver(Box::pin(future))
    }
}

impl Future for Driver {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Driver")
    }
}

impl BoxMuxer {
    /// Forgets the type.
    pub fn new(muxer: impl StreamMuxer) -> Self {
        BoxMuxer(Box::new(muxer))
    }
}

impl StreamMuxer for BoxMuxer {
    async fn open(&self) -> Result<BoxSubstream, Error> {
        self.0.open().await
    }

    async fn accept(&self) -> Result<BoxSubstream, Error> {
        self.0.accept().await
    }

    fn try_accept(&self) -> Result<Option<BoxSubstream>, Error> {
        self.0.try_accept()
    }

    async fn close(&self) -> Result<(), Error> {
        self.0.close().await
    }

    fn status(&self) -> MuxerStatus {
        self.0.status()
    }
}

impl fmt::Debug for BoxMuxer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BoxMuxer").field(&StreamMuxer::status(self)).finish()
    }
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

trait DynStreamMuxer: Send + Sync {
    fn open(&self) -> BoxFuture<'_, Result<BoxSubstream, Error>>;
    fn accept(&self) -> BoxFuture<'_, Result<BoxSubstream, Error>>;
    fn try_accept(&self) -> Result<Option<BoxSubstream>, Error>;
    fn close(&self) -> BoxFuture<'_, Result<(), Error>>;
    fn status(&self) -> MuxerStatus;
}

impl<M: StreamMuxer> DynStreamMuxer for M {
    fn open(&self) -> BoxFuture<'_, Result<BoxSubstream, Error>> {
        Box::pin(StreamMuxer::open(self))
    }

    fn accept(&self) -> BoxFuture<'_, Result<BoxSubstream, Error>> {
        Box::pin(StreamMuxer::accept(self))
    }

    fn try_accept(&self) -> Result<Option<BoxSubstream>, Error> {
        StreamMuxer::try_accept(self)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(StreamMuxer::close(self))
    }

    fn status(&self) -> MuxerStatus {
        StreamMuxer::status(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{BoxMuxer, BoxSubstream, MuxerStatus, StreamMuxer};
    use crate::{Error, Fault};

    /// Has no streams: either none yet, or none any more.
    struct Empty {
        closed: bool,
    }

    impl StreamMuxer for Empty {
        async fn open(&self) -> Result<BoxSubstream, Error> {
            std::future::pending().await
        }

        async fn accept(&self) -> Result<BoxSubstream, Error> {
            if self.closed {
                return Err(Error::new("empty", Fault::Peer, "closed"));
            }
            self.open().await
        }

        async fn close(&self) -> Result<(), Error> {
            Ok(())
        }

        fn status(&self) -> MuxerStatus {
            MuxerStatus::new(0, self.closed)
        }
    }

    #[test]
    fn what_has_not_come_is_not_waited_for() {
        let accepted = |closed| BoxMuxer::new(Empty { closed }).try_accept();
        assert!(accepted(false).unwrap().is_none());
        assert!(accepted(true).is_err());
    }
}
