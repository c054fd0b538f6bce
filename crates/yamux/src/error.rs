//! What a remote can do wrong in yamux.

use crate::frame::{Flags, GoAway};

/// A connection or a stream that failed.
pub type Error = peerloom_muxer_shell::Error<Violation>;

/// How the remote broke the protocol, or why it went away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
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
    /// The remote ended the connection and says that something was wrong.
    #[error("the remote went away: {0}")]
    WentAway(GoAway),
}

impl peerloom_muxer_shell::Violation for Violation {
    const LAYER: &'static str = "yamux";
}

/// What to tell the remote when the connection ends over an error.
impl From<&Error> for GoAway {
    fn from(error: &Error) -> Self {
        match error {
            Error::Violation(Violation::WentAway(_)) | Error::RemoteClosed | Error::Closed => {
                GoAway::Normal
            }
            Error::Violation(_) => GoAway::ProtocolError,
            _ => GoAway::InternalError,
        }
    }
}
