//! What can go wrong in a secio connection, and whose fault it is.

use std::fmt;
use std::io;

use peerloom_core::Fault;
use peerloom_record_stream::Error as Records;

use crate::Kind;

/// A handshake or a frame that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed or ended in the middle of the handshake.
    #[error("the stream failed at {0}")]
    Stream(Message, #[source] io::Error),
    /// A handshake message is announced that is longer than any honest one.
    #[error("{message} has {length} bytes, more than {longest}")]
    TooLong {
        /// Which one.
        message: Message,
        /// How many bytes were announced.
        length: usize,
        /// How many are accepted.
        longest: usize,
    },
    /// A message that is not the protobuf it should be.
    #[error("{0} is malformed")]
    Malformed(Message, #[source] prost::DecodeError),
    /// A nonce of another length than all have.
    #[error("the proposal carries a nonce of {0} bytes")]
    Nonce(usize),
    /// A proposal without an identity key, or with one that cannot be used.
    #[error("the proposal carries no usable identity key")]
    IdentityKey(#[source] peerloom_core::BoxError),
    /// The remote has our key and our nonce: somebody holds up a mirror.
    #[error("the proposal is our own")]
    TalkingToOneself,
    /// This side was told to offer no algorithm of a kind.
    #[error("this side offers no {0}")]
    NothingToOffer(Kind),
    /// The two sides have no algorithm of a kind in common, though each may be as its owner wants it.
    #[error("no {kind} stands in both lists: we offer {ours:?}, the remote offers {theirs:?}")]
    NothingInCommon {
        /// Of which kind.
        kind: Kind,
        /// The names that we offer.
        ours: String,
        /// The names that the remote offers, as it wrote them.
        theirs: String,
    },
    /// The identity key has not signed the two proposals and the ephemeral key.
    #[error("the exchange carries a false signature")]
    Signature,
    /// An ephemeral key that is no point on the curve that was agreed on.
    #[error("the exchange carries a key that is not on the curve")]
    EphemeralKey(#[source] peerloom_crypto::Error),
    /// The first frame is authentic, but is not the nonce that it should be.
    #[error("the first frame does not return our nonce")]
    NonceEcho,
    /// A frame that is too short to hold its own tag.
    #[error("a frame of {length} bytes is shorter than its tag of {tag}")]
    ShortFrame {
        /// How long it is.
        length: usize,
        /// How long a tag is.
        tag: usize,
    },
    /// A frame that is longer than the specification allows.
    #[error("a frame of {length} bytes is longer than {longest}")]
    LongFrame {
        /// How many bytes were announced.
        length: usize,
        /// How many are accepted.
        longest: usize,
    },
    /// The frames of above 256 KiB that are being received fill what all of them may take.
    #[error("long frames fill the {0} bytes of `with_long_frame_memory`")]
    LongFrameMemory(usize),
    /// A frame with a false tag.
    #[error("a frame is not authentic")]
    ForgedFrame,
    /// The stream ended in the middle of a frame.
    #[error("the stream ended within a frame")]
    Truncated,
    /// A frame failed before; nothing that follows it can be trusted.
    #[error("an earlier frame failed")]
    Failed,
    /// No key could be made, for want of random bytes or because this build has not the algorithm.
    #[error("no key could be made")]
    Key(#[source] peerloom_crypto::Error),
    /// Every ephemeral key led to a secret that implementations read in two ways.
    #[error("{0} ephemeral keys led to no secret without a leading zero")]
    NoSecret(usize),
    /// The identity key of this side could not sign.
    #[error("the identity key could not sign")]
    Signing(#[source] peerloom_core::BoxError),
}

/// A message of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Identity, nonce and algorithms.
    Proposal,
    /// The signed ephemeral key.
    Exchange,
    /// The nonce, returned under the new keys.
    FirstFrame,
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Stream(..) | Error::Truncated => Fault::Network,
            Error::LongFrameMemory(_) => Fault::Limit,
            Error::NothingToOffer(_) | Error::Key(_) | Error::NoSecret(_) | Error::Signing(_) => {
                Fault::Caller
            }
            Error::TooLong { .. }
            | Error::Malformed(..)
            | Error::Nonce(_)
            | Error::IdentityKey(_)
            | Error::TalkingToOneself
            | Error::NothingInCommon { .. }
            | Error::Signature
            | Error::EphemeralKey(_)
            | Error::NonceEcho
            | Error::ShortFrame { .. }
            | Error::LongFrame { .. }
            | Error::ForgedFrame
            | Error::Failed => Fault::Peer,
        }
    }
}

impl From<Records> for Error {
    fn from(error: Records) -> Self {
        match error {
            Records::Truncated => Error::Truncated,
            Records::TooShort { length, overhead } => Error::ShortFrame { length, tag: overhead },
            Records::TooLong { length, longest } => Error::LongFrame { length, longest },
            Records::OverBudget { budget } => Error::LongFrameMemory(budget),
            _ => Error::Failed,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error {
            Error::Truncated => io::ErrorKind::UnexpectedEof,
            Error::LongFrameMemory(_) => io::ErrorKind::QuotaExceeded,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> peerloom_core::Error {
        peerloom_core::Error::new("secio", error.fault(), error)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Message::Proposal => "the proposal",
            Message::Exchange => "the exchange",
            Message::FirstFrame => "the first frame",
        })
    }
}
