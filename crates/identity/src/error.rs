//! What can be wrong with a key, a signature, an envelope, a record or a key file.

use std::io;
use std::path::PathBuf;

use peerloom_peer_id::PeerId;

/// Why a key cannot be used, or why something signed is not to be believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The protobuf message around a key is malformed.
    #[error("the key message is malformed")]
    KeyMessage(#[from] peerloom_peer_id::Error),
    /// The key is malformed, too weak, or of a kind that this build has no provider for.
    #[error("the {key_type:?} key cannot be used")]
    Key {
        /// What the key says it is.
        key_type: peerloom_peer_id::KeyType,
        /// What is wrong with it.
        source: peerloom_crypto::Error,
    },
    /// No key could be made, or nothing signed with it.
    #[error("the cryptographic provider failed")]
    Provider(#[source] peerloom_crypto::Error),
    /// The signature was not made by this key over this message.
    #[error("the signature does not match")]
    WrongSignature,
    /// The peer id is a hash, from which no key can be had.
    #[error("peer {0} is known by the hash of its key only")]
    KeyNotInPeerId(PeerId),

    /// An envelope above [`MAX_ENVELOPE_LENGTH`](crate::MAX_ENVELOPE_LENGTH).
    #[error("an envelope of {0} bytes is too long")]
    EnvelopeTooLong(usize),
    /// The bytes are no envelope.
    #[error("the envelope is malformed")]
    MalformedEnvelope,
    /// The envelope holds something else than what was asked for.
    #[error("the envelope has another payload type")]
    PayloadType,
    /// The payload of a signed envelope is no peer record.
    #[error("the peer record is malformed")]
    MalformedRecord,
    /// More addresses than [`MAX_ADDRESSES`](crate::MAX_ADDRESSES).
    #[error("the peer record has too many addresses")]
    TooManyAddresses,
    /// A record of one peer that another one has signed (RUSTSEC-2022-0009).
    #[error("a record of peer {subject} was signed by peer {signer}")]
    ForeignRecord {
        /// The peer that the record names.
        subject: PeerId,
        /// The peer whose key signed it.
        signer: PeerId,
    },

    /// There is no key file.
    #[error("there is no key file {0}")]
    KeyFileMissing(PathBuf),
    /// There is a file already, and it was not asked to be replaced.
    #[error("there is a key file {0} already")]
    KeyFileExists(PathBuf),
    /// Others than the owner may read or write the key file.
    #[error("key file {path} is open to others (mode {mode:o}), it has to be 600")]
    KeyFileOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A file above [`MAX_KEY_FILE_LENGTH`](crate::MAX_KEY_FILE_LENGTH) is no key file.
    #[error("key file {0} is too long")]
    KeyFileTooLong(PathBuf),
    /// The file could not be read or written.
    #[error("key file {path} cannot be used")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}
