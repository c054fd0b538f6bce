//! Why an identify message is not taken.

use peerloom_peer_id::PeerId;

/// Why an identify message is not taken. All but `Io` are the remote's fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed.
    #[error("the stream failed")]
    Io(#[from] std::io::Error),
    /// The messages are longer than any honest peer's.
    #[error("the identify messages are longer than {0} bytes")]
    TooLong(usize),
    /// More messages than one identify stream carries.
    #[error("more than {0} identify messages on one stream")]
    TooMany(usize),
    /// The bytes are not an identify message.
    #[error("malformed identify message")]
    Malformed(#[from] prost::DecodeError),
    /// A length that is no varint.
    #[error("malformed length")]
    MalformedLength,
    /// The public key in the message is another peer's.
    #[error("the message has the key of {actual}, but {expected} sent it")]
    WrongKey {
        /// Who secured the connection.
        expected: PeerId,
        /// Whose key the message has.
        actual: PeerId,
    },
    /// The public key in the message is none.
    #[error("malformed public key")]
    MalformedKey(#[source] peerloom_peer_id::Error),
}
