//! What can go wrong with a ping.

use std::io;

/// Why a ping brought no round-trip time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The remote sent back other bytes than it was sent.
    #[error("the answer differs from what was sent")]
    Mismatch,
    /// The remote ended the stream instead of answering.
    #[error("the stream ended before the answer")]
    Ended,
    /// The stream failed, or the system had no random bytes.
    #[error("the stream failed")]
    Io(#[from] io::Error),
}
