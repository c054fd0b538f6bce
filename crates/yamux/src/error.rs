//! What can go wrong on a yamux connection, and whose fault it is.

use std::io;
use std::sync::Arc;

use peerloom_core::Fault;

use crate::frame::{Flags, GoAway};

/// A connection or a stream that failed.
///
/// It can be copied, because every stream of a broken connection reports the same cause: it is what
/// [`io::Error::get_ref`] of a stream's error gives.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame of another version than 0.
    #[error("a frame of the unknown version {0}")]
    UnknownVersion(u8),
    /// A frame that is neither data, window update, ping nor go away.
    #[error("a frame of the unknown type {0}")]
    UnknownType(u8),
    /// Flags that nobody has defined, or that mean nothing on their frame.
    #[error("{0:?} on a frame that cannot have them")]
    InvalidFlags(Flags),
    /// A frame for a stream number that it cannot be for: 0, an unopened one, or one of the wrong side.
    #[error("a frame for the impossible stream {0}")]
    InvalidStream(u32),
    /// A stream was opened that is open already.
    #[error("stream {0} was opened twice")]
    DuplicateStream(u32),
    /// More data than the window allowed.
    #[error("stream {0} overran its receive window")]
    WindowOverrun(u32),
    /// Window updates that add up to more than a window can be.
    #[error("the window of stream {0} overflowed")]
    WindowOverflow(u32),
    /// Data on a stream that the remote had finished.
    #[error("stream {0} got data after its end")]
    DataAfterEnd(u32),
    /// The remote asks for answers, and does not read them.
    #[error("the remote does not read the {0} answers it asked for")]
    ReplyFlood(usize),
    /// Nothing came from the remote, not even the answer to a ping.
    #[error("the remote does not answer")]
    Unresponsive,
    /// The remote ended the connection and says that something was wrong.
    #[error("the remote went away: {0}")]
    WentAway(GoAway),
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
    /// The connection holds as much unread data as this side allows (`Config::max_buffered`).
    #[error("{0} bytes wait unread on the connection, as many as max_buffered allows")]
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

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::UnknownVersion(_)
            | Error::UnknownType(_)
            | Error::InvalidFlags(_)
            | Error::InvalidStream(_)
            | Error::DuplicateStream(_)
            | Error::WindowOverrun(_)
            | Error::WindowOverflow(_)
            | Error::DataAfterEnd(_)
            | Error::ReplyFlood(_)
            | Error::WentAway(_)
            | Error::RemoteClosed
            | Error::Reset => Fault::Peer,
            Error::Unresponsive | Error::Lost | Error::Io(_) => Fault::Network,
            Error::TooManyStreams(_) | Error::StreamsExhausted | Error::TooMuchUnread(_) => {
                Fault::Limit
            }
            Error::Closed | Error::DriverGone => Fault::Caller,
        }
    }

    /// What to tell the remote when the connection ends over this.
    pub(crate) fn go_away(&self) -> GoAway {
        match self {
            Error::WentAway(_) | Error::RemoteClosed | Error::Closed => GoAway::Normal,
            _ if self.fault() == Fault::Peer => GoAway::ProtocolError,
            _ => GoAway::InternalError,
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

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(Arc::new(error))
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        io::Error::new(error.kind(), error)
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new("yamux", error.fault(), error)
    }
}
