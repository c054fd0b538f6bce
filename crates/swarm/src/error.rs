//! Why there is no connection.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use peerloom_core::{Error, Fault, WrongPeer};
use peerloom_multiaddr::Multiaddr;
use peerloom_multistream_select as multistream;
use peerloom_peer_id::PeerId;

use crate::report::{Attempt, Outcome, Phase};

/// Why no address of a dial led to a connection: the whole story.
#[derive(Clone)]
pub struct DialError {
    peer: Option<PeerId>,
    attempts: Arc<[Attempt]>,
}

/// Why one link did not become a connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeError {
    /// A phase took longer than it may.
    #[error("{phase} took longer than {limit:?}")]
    Timeout {
        /// The phase in which the other side stalled.
        phase: Phase,
        /// How long it may take.
        limit: Duration,
    },
    /// A layer failed.
    #[error("{phase} failed")]
    Layer {
        /// When it failed.
        phase: Phase,
        /// What it says.
        #[source]
        source: Error,
    },
    /// The two sides did not agree on a protocol.
    #[error("{phase} failed")]
    Negotiation {
        /// What they did not agree on.
        phase: Phase,
        /// What each side offered.
        #[source]
        source: multistream::Error,
    },
    /// What was sent ahead of the first answer was refused or hung up on, so the address was dialled once more: with the next
    /// proposal ahead, or with patience.
    #[error("what was sent ahead was not accepted, so the address was dialled once more")]
    Repeated(#[source] Box<UpgradeError>),
    /// Somebody else answered.
    #[error("the wrong peer answered")]
    WrongPeer(#[source] WrongPeer),
    /// We answered ourselves.
    #[error("the address leads back to this host, {0}")]
    Myself(PeerId),
    /// There is no room for another connection.
    #[error("no room for another connection")]
    Limit(#[source] Limit),
    /// The swarm was closed meanwhile.
    #[error("this host is closed")]
    Closed,
}

/// A limit that was reached, and the knob that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{knob} allows {allowed}")]
pub struct Limit {
    /// The field of [`Limits`](crate::Limits) that says so.
    pub knob: &'static str,
    /// How many there may be.
    pub allowed: usize,
}

/// Why a swarm does not listen at an address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// No transport of this swarm serves such addresses.
    #[error("no transport supports {address}: it would take {needed}; this host has: {present}")]
    NoTransport {
        /// The address.
        address: Multiaddr,
        /// What it would take.
        needed: String,
        /// The names of the transports that there are.
        present: String,
    },
    /// The transport could not.
    #[error("could not listen on {address}")]
    Transport {
        /// The address.
        address: Multiaddr,
        /// What the transport says.
        #[source]
        source: Error,
    },
    /// The swarm is closed.
    #[error("this host is closed")]
    Closed,
}

impl DialError {
    /// What became of the addresses of a dial; with none, that no address is known.
    #[must_use]
    pub fn new(peer: Option<PeerId>, attempts: Vec<Attempt>) -> Self {
        DialError { peer, attempts: attempts.into() }
    }

    /// The peer that was asked for, if one was.
    #[must_use]
    pub fn peer(&self) -> Option<PeerId> {
        self.peer
    }

    /// Every address, tried or skipped, and what became of it.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.peer {
            Some(peer) => write!(f, "could not reach {peer}")?,
            None => f.write_str("could not connect")?,
        }
        if self.attempts.is_empty() {
            return f.write_str(": no address is known");
        }
        for attempt in self.attempts.iter() {
            write!(f, "\n  {attempt}")?;
        }
        Ok(())
    }
}

/// As it is displayed: `main` prints the error that it returns by `Debug`.
impl fmt::Debug for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for DialError {}

impl DialError {
    /// Whose fault it was that the last attempt failed; the caller's when none was made.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let failed = self.attempts.iter().rev().find_map(|attempt| match &attempt.outcome {
            Outcome::Failed(error) => Some(error.fault()),
            Outcome::Skipped(_) | Outcome::Resolved(_) => None,
        });
        failed.unwrap_or(Fault::Caller)
    }
}

impl ListenError {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            ListenError::Transport { source, .. } => source.fault(),
            ListenError::NoTransport { .. } | ListenError::Closed => Fault::Caller,
        }
    }
}

impl UpgradeError {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            UpgradeError::Timeout { phase: Phase::Resolve | Phase::Connect, .. } => Fault::Network,
            UpgradeError::Timeout { .. }
            | UpgradeError::Negotiation { .. }
            | UpgradeError::WrongPeer(_) => Fault::Peer,
            UpgradeError::Layer { source, .. } => source.fault(),
            UpgradeError::Repeated(source) => source.fault(),
            UpgradeError::Limit(_) => Fault::Limit,
            UpgradeError::Myself(_) | UpgradeError::Closed => Fault::Caller,
        }
    }

    /// What a layer reported in a phase: another peer, or its own failure.
    pub(crate) fn of_layer(phase: Phase, error: Error) -> Self {
        if let Some(wrong) = error.downcast_ref::<WrongPeer>() {
            return UpgradeError::WrongPeer(wrong.clone());
        }
        UpgradeError::Layer { phase, source: error }
    }

    /// The same failure in another phase; what multistream-select has to say comes first.
    pub(crate) fn in_phase(self, phase: Phase) -> Self {
        match self {
            UpgradeError::Timeout { limit, .. } => UpgradeError::Timeout { phase, limit },
            UpgradeError::Layer { source, .. } => match negotiation(&source) {
                Some(source) => UpgradeError::Negotiation { phase, source },
                None => UpgradeError::Layer { phase, source },
            },
            other => other,
        }
    }

    /// Whether the remote said that it does not speak what was proposed.
    pub(crate) fn is_answered_refusal(&self) -> bool {
        let UpgradeError::Negotiation { source, .. } = self else { return false };
        matches!(source, multistream::Error::NotSupported { .. })
    }

    /// Whether the other side refused an optimistic proposal, or hung up on what came with it.
    pub(crate) fn is_refusal(&self) -> bool {
        let UpgradeError::Negotiation { source, .. } = self else { return false };
        match source {
            multistream::Error::NotSupported { .. } | multistream::Error::Closed => true,
            // A layer below that waited in vain, or could make nothing of what came, would again.
            multistream::Error::Io(error) => {
                !matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::InvalidData)
            }
            _ => false,
        }
    }
}

/// The failed negotiation that a layer tripped over, if that is what happened to it.
fn negotiation(error: &Error) -> Option<multistream::Error> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(negotiation) = error.downcast_ref::<multistream::Error>() {
            return Some(negotiation.clone());
        }
        next = match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    None
}
