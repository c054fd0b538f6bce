//! What can go wrong with a measurement.

use std::io;

/// Why a measurement has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The remote ended its side before everything asked for had come.
    #[error("the download ended after {received} of {expected} bytes")]
    Short {
        /// How many bytes came.
        received: u64,
        /// How many were asked for.
        expected: u64,
    },
    /// More came than was asked for.
    #[error("more than the {expected} bytes that were asked for came")]
    Long {
        /// How many bytes were asked for.
        expected: u64,
    },
    /// The stream failed.
    #[error("the stream failed")]
    Io(#[from] io::Error),
}
