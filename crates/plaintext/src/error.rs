//! What can go wrong in the exchange of names, and whose fault it is.

use std::io;

use peerloom_core::Fault;
use peerloom_peer_id::PeerId;

/// An exchange that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed or ended before the exchange was over.
    #[error("the stream failed during the exchange")]
    Stream(#[source] io::Error),
    /// What tells how long the message is cannot be read.
    #[error("the length of the message is malformed")]
    MalformedLength,
    /// The message is longer than any honest one.
    #[error("a message of more than {0} bytes is announced")]
    TooLong(usize),
    /// The message is not the protobuf it should be.
    #[error("the message is malformed")]
    Malformed(#[source] prost::DecodeError),
    /// The message has no public key in it, or something that is none.
    #[error("the message carries no public key")]
    Key(#[source] peerloom_peer_id::Error),
    /// The message has no peer id in it, or something that is none.
    #[error("the message carries no peer id")]
    Id(#[source] peerloom_peer_id::Error),
    /// The peer id is not the one that follows from the public key.
    #[error("the remote names itself {claimed}, but its key is that of {actual}")]
    ForeignId {
        /// The peer id in the message.
        claimed: PeerId,
        /// The peer id that follows from the key in the message.
        actual: PeerId,
    },
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Stream(_) => Fault::Network,
            Error::MalformedLength
            | Error::TooLong(_)
            | Error::Malformed(_)
            | Error::Key(_)
            | Error::Id(_)
            | Error::ForeignId { .. } => Fault::Peer,
        }
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new(NAME, error.fault(), error)
    }
}

/// The layer's name in errors.
pub(crate) const NAME: &str = "plaintext";
