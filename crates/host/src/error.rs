//! Why there is no stream.

use std::sync::Arc;
use std::time::Duration;

use peerloom_core::{BoxError, Error, Fault};
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
    #[error("{peer} did not answer the protocol negotiation within {limit:?}")]
    Timeout {
        /// Who is at the other end.
        peer: PeerId,
        /// How long it may take.
        limit: Duration,
    },
    /// The peer has not told of itself.
    #[error("{peer} has not told of itself{}", .source.as_ref().map_or_else(String::new, |source| format!(": {source}")))]
    Unidentified {
        /// Who is at the other end.
        peer: PeerId,
        /// Why it failed; nothing if the connection was closed before, or identify is off.
        source: Option<Arc<BoxError>>,
    },
    /// The caller named no protocol.
    #[error("no protocol was named")]
    NoProtocol,
}

impl StreamError {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            StreamError::Dial(_) => Fault::Network,
            StreamError::Open { source, .. } => source.fault(),
            StreamError::Negotiation { .. }
            | StreamError::Timeout { .. }
            | StreamError::Unidentified { .. } => Fault::Peer,
            StreamError::NoProtocol => Fault::Caller,
        }
    }
}
