//! What can go wrong with a private network, and whose fault it is.

use std::io;
use std::time::Duration;

use peerloom_core::Fault;

/// A network key that is none, or a remote that does not have it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The key file does not begin with the codec of version 1.
    #[error("a network key begins with a line that is /key/swarm/psk/1.0.0/")]
    NotAKey,
    /// The second line of the key file names no encoding that there is.
    #[error("the second line of a network key is /base16/, /base64/ or /bin/")]
    UnknownEncoding,
    /// What follows is not 32 bytes in the encoding that was named.
    #[error("a network key is 32 bytes in its encoding, and nothing else")]
    MalformedKey,
    /// The system has no random bytes, for a key or a nonce.
    #[error("no random bytes")]
    NoRandomness(#[source] peerloom_crypto::Error),
    /// The transport below makes connections that are secure and multiplexed already.
    #[error("{0} encrypts by itself: no network key can be put around its connections")]
    Complete(&'static str),
    /// The remote began to speak unencrypted.
    #[error("the remote is not in a private network")]
    NotPrivate,
    /// What the remote says does not decrypt to the beginning of a conversation.
    #[error("the remote has another network key, or none")]
    OtherNetwork,
    /// The remote was gone before it had said enough to tell.
    #[error("the remote hung up before it had shown the network key; it may have another, or none")]
    HungUp,
    /// The remote waits, most likely because it could make no sense of what it heard.
    #[error("the remote has not shown the network key within {0:?}; it may have another, or none")]
    Silent(Duration),
    /// The stream ended in the middle of the remote's nonce.
    #[error("the stream ended within the nonce")]
    Truncated,
}

impl Error {
    /// Whose fault it was.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Error::NotPrivate | Error::OtherNetwork | Error::Silent(_) => Fault::Peer,
            Error::HungUp | Error::Truncated => Fault::Network,
            Error::NotAKey
            | Error::UnknownEncoding
            | Error::MalformedKey
            | Error::NoRandomness(_)
            | Error::Complete(_) => Fault::Caller,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::NotPrivate | Error::OtherNetwork => io::ErrorKind::InvalidData,
            Error::HungUp | Error::Truncated => io::ErrorKind::UnexpectedEof,
            Error::Silent(_) => io::ErrorKind::TimedOut,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

impl From<Error> for peerloom_core::Error {
    fn from(error: Error) -> Self {
        peerloom_core::Error::new("pnet", error.fault(), error)
    }
}
