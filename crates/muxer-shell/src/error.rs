//! What can go wrong on a multiplexed connection, and whose fault it is.

use std::io;
use std::sync::Arc;

use peerloom_core::Fault;

/// What a remote can do wrong in one protocol: the variants of [`Error`] that differ.
pub trait Violation: std::error::Error + Clone + Send + Sync + Unpin + 'static {
    /// The protocol's name in errors ("yamux", …).
    const LAYER: &'static str;
}

/// A connection or a stream that failed.
///
/// It can be copied, because every stream of a broken connection reports the same cause: it is what
/// [`io::Error::get_ref`] of a stream's error gives.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<V: Violation> {
    /// The remote broke the protocol, or ended the connection over an error.
    #[error(transparent)]
    Violation(#[from] V),
    /// Nothing came from the remote, not even an answer to what it was asked.
    #[error("the remote does not answer")]
    Unresponsive,
    /// The remote has said goodbye: it takes no new streams.
    #[error("the remote has closed the connection")]
    RemoteClosed,
    /// The connection ended without a goodbye.
    #[error("the connection ended without a goodbye")]
    Lost,
    /// The byte stream below failed.
    #[error("the connection failed")]
    Io(#[source] Arc<io::Error>),
    /// As many streams are open as this side allows (`Config::max_streams`).
    #[error("{0} streams are open, as many as max_streams allows")]
    TooManyStreams(usize),
    /// All numbers for streams of this side have been used.
    #[error("the connection has no stream numbers left")]
    StreamsExhausted,
    /// The stream is not read, and this side keeps no more (a limit in `Config`) that waits unread.
    #[error("the stream is not read, and this side keeps no more than {0} unread bytes")]
    TooMuchUnread(usize),
    /// The remote reset the stream.
    #[error("the remote reset the stream")]
    Reset,
    /// This side has finished writing, reset the stream or closed the connection.
    #[error("this side has closed it")]
    Closed,
    /// The driver was dropped, and nobody moves the connection's bytes any more.
    #[error("the driver of the connection is gone")]
    DriverGone,
}

impl<V: Violation> Error<V> {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Violation(_) | Error::RemoteClosed | Error::Reset => Fault::Peer,
            Error::Unresponsive | Error::Lost | Error::Io(_) => Fault::Network,
            Error::TooManyStreams(_) | Error::StreamsExhausted | Error::TooMuchUnread(_) => {
                Fault::Limit
            }
            Error::Closed | Error::DriverGone => Fault::Caller,
        }
    }

    fn kind(&self) -> io::ErrorKind {
        match self {
            Error::Reset => io::ErrorKind::ConnectionReset,
            Error::Closed => io::ErrorKind::BrokenPipe,
            _ => io::ErrorKind::ConnectionAborted,
        }
    }
}

impl<V: Violation> From<io::Error> for Error<V> {
    fn from(error: io::Error) -> Self {
        Error::Io(Arc::new(error))
    }
}

impl<V: Violation> From<Error<V>> for io::Error {
    fn from(error: Error<V>) -> Self {
        io::Error::new(error.kind(), error)
    }
}

impl<V: Violation> From<Error<V>> for peerloom_core::Error {
    fn from(error: Error<V>) -> Self {
        peerloom_core::Error::new(V::LAYER, error.fault(), error)
    }
}
