//! What a layer reports across a seam: which layer, whose fault, and its own error as the source.

use std::error::Error as StdError;
use std::fmt;

use peerloom_peer_id::PeerId;

/// A layer's own error, erased.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// A failure of one layer, as the floors above see it.
///
/// `Display` names the layer and whose fault it was; the layer's own error is the
/// [`source`](StdError::source) and can be had by [`Error::downcast_ref`].
#[derive(Debug)]
pub struct Error {
    layer: &'static str,
    fault: Fault,
    source: BoxError,
}

/// Whose fault a failure was, and so who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The remote peer broke the protocol, or does not speak ours.
    Peer,
    /// The network lost the connection or never made it; nobody need be there.
    Network,
    /// A limit of this side was reached; the source names it.
    Limit,
    /// The caller asked for something that cannot be.
    Caller,
}

/// Somebody else answered than the one who was dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected peer {expected}, but {actual} answered")]
pub struct WrongPeer {
    /// The peer that the dialer asked for.
    pub expected: PeerId,
    /// The peer whose key secured the connection.
    pub actual: PeerId,
}

impl Error {
    /// A failure of the layer called `layer` ("tcp", "noise", …).
    pub fn new(layer: &'static str, fault: Fault, source: impl Into<BoxError>) -> Self {
        Error { layer, fault, source: source.into() }
    }

    /// The layer that failed.
    #[must_use]
    pub fn layer(&self) -> &'static str {
        self.layer
    }

    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The layer's own error, when it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error { layer, fault, .. } = self;
        write!(f, "{layer}: {fault}")
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Peer => "the remote peer is at fault",
            Fault::Network => "the remote cannot be reached or the connection was lost",
            Fault::Limit => "a limit of this side was reached",
            Fault::Caller => "the request cannot be met",
        })
    }
}
