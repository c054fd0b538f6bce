//! Why there is no stream.

use std::sync::Arc;
use std::time::Duration;

use peerloom_core::{Error, Fault};
use peerloom_multistream_select as multistream;
use peerloom_peer_id::PeerId;
use peerloom_swarm::DialError;

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The peer could not be reached.
    #[error("no connection")]
    Dial(#[from] DialError),
    /// The connection gave no stream.
    #[error("the connection with {peer} gave no stream")]
    Open {
        /// Who is at the other end.
        peer: PeerId,
        /// What the muxer says.
        #[source]
        source: Error,
    },
    /// The two sides did not agree on a protocol.
    #[error("no protocol was agreed on with {peer}")]
    Negotiation {
        /// Who is at the other end.
        peer: PeerId,
        /// What each side offered.
        #[source]
        source: multistream::Error,
    },
    /// The remote did not answer in time.
    #[error("{peer} neither took the stream nor agreed on a protocol within {limit:?}")]
    Timeout {
        /// Who is at the other end.
        peer: PeerId,
        /// How long it may take.
        limit: Duration,
    },
    /// The peer has not told of itself.
    #[error("{peer} has not told of itself")]
    Unidentified {
        /// Who is at the other end.
        peer: PeerId,
        /// Why it failed; nothing if the connection was closed before, or identify is off.
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// The caller named no protocol.
    #[error("no protocol was named")]
    NoProtocol,
}

impl StreamError {
    /// Whether the connection failed rather than the peer's answer.
    pub(crate) fn is_of_connection(&self) -> bool {
        use multistream::Error::{Closed, Io};
        matches!(
            self,
            StreamError::Open { .. } | StreamError::Negotiation { source: Closed | Io(_), .. }
        )
    }

    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            StreamError::Dial(error) => error.fault(),
            StreamError::Open { source, .. } => source.fault(),
            StreamError::Negotiation { .. }
            | StreamError::Timeout { .. }
            | StreamError::Unidentified { .. } => Fault::Peer,
            StreamError::NoProtocol => Fault::Caller,
        }
    }
}
