//! What can go wrong with an echo.

use std::io;

/// Why an exchange did not end as it should; positions count bytes from the start of the stream.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A byte came back changed.
    #[error("byte {offset} came back changed")]
    Mismatch {
        /// The first changed byte.
        offset: u64,
    },
    /// The remote ended its side before everything had come back.
    #[error("the echo ended after {received} of {expected} bytes")]
    Short {
        /// How many bytes came back.
        received: u64,
        /// How many were to come back.
        expected: u64,
    },
    /// More came back than was sent.
    #[error("more than the {expected} bytes that were sent came back")]
    Long {
        /// How many bytes were to come back.
        expected: u64,
    },
    /// The stream failed, or the system had no random bytes.
    #[error("the stream failed")]
    Io(#[from] io::Error),
}
