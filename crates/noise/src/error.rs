//! What can go wrong in a Noise connection, and whose fault it is.

use std::fmt;
use std::io;

use peerloom_core::Fault;

/// A handshake or a record that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed or ended in the middle of the handshake.
    #[error("the stream failed at {0}")]
    Stream(Message, #[source] io::Error),
    /// A handshake message has less than its pattern asks for.
    #[error("{0} is too short")]
    Short(Message),
    /// A part of a handshake message has been changed on its way, or was never sealed for us.
    #[error("{0} does not decrypt")]
    Forged(Message),
    /// A public key that leads to the same secret whoever holds it (Curve25519's low-order points).
    #[error("{0} carries a key of low order")]
    LowOrder(Message),
    /// What is to be sent does not fit into one Noise message.
    #[error("the payload of {0} is too long")]
    PayloadTooLong(Message),
    /// A payload that is not the protobuf it should be.
    #[error("the payload of {0} is malformed")]
    MalformedPayload(Message, #[source] prost::DecodeError),
    /// A payload without an identity key, or with one that cannot be used.
    #[error("{0} carries no usable identity key")]
    IdentityKey(Message, #[source] peerloom_core::BoxError),
    /// The identity key has not signed the Noise key that it came with.
    #[error("{0} carries a false identity signature")]
    Signature(Message),
    /// A record that is too short to hold its own tag.
    #[error("a record of {0} bytes is shorter than its tag")]
    ShortRecord(usize),
    /// A record that was changed, repeated, left out or moved.
    #[error("a record does not decrypt")]
    ForgedRecord,
    /// The stream ended in the middle of a record.
    #[error("the stream ended within a record")]
    Truncated,
    /// A record failed before; nothing that follows it can be trusted.
    #[error("an earlier record failed")]
    Failed,
    /// As many records were sealed or opened as one key allows: 2^64 - 1.
    #[error("the key has no nonces left")]
    NoncesExhausted,
    /// No key could be made, for want of random bytes.
    #[error("no key could be made")]
    Key(#[source] peerloom_crypto::Error),
    /// The identity key of this side could not sign.
    #[error("the identity key could not sign")]
    Signing(#[source] peerloom_core::BoxError),
}

/// A message of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// The initiator's ephemeral key.
    First,
    /// The responder's keys and identity.
    Second,
    /// The initiator's static key and identity.
    Third,
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::Stream(..) | Error::Truncated => Fault::Network,
            Error::PayloadTooLong(_) | Error::Key(_) | Error::Signing(_) => Fault::Caller,
            Error::NoncesExhausted => Fault::Limit,
            Error::Short(_)
            | Error::Forged(_)
            | Error::LowOrder(_)
            | Error::MalformedPayload(..)
            | Error::IdentityKey(..)
            | Error::Signature(_)
            | Error::ShortRecord(_)
            | Error::ForgedRecord
            | Error::Failed => Fault::Peer,
        }
    }
}

impl From<peerloom_record_stream::Error> for Error {
    fn from(error: peerloom_record_stream::Error) -> Self {
        use peerloom_record_stream::Error as Records;
        match error {
            Records::Truncated => Error::Truncated,
            Records::TooShort { length, .. } => Error::ShortRecord(length),
            // No length of two bytes is too long, nor more than a buffer holds.
            _ => Error::Failed,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error {
            Error::Truncated => io::ErrorKind::UnexpectedEof,
            Error::NoncesExhausted => io::ErrorKind::QuotaExceeded,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> peerloom_core::Error {
        peerloom_core::Error::new("noise", error.fault(), error)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Message::First => "handshake message 1",
            Message::Second => "handshake message 2",
            Message::Third => "handshake message 3",
        })
    }
}
