//! What is wrong with the records of a remote, whatever their cipher.

/// A stream of records that cannot go on.
///
/// Each cipher's own error is made from these, see [`Format::Error`](crate::Format::Error).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream ended in the middle of a record.
    #[error("the stream ended within a record")]
    Truncated,
    /// A record is announced that could not hold its own overhead.
    #[error("a record of {length} bytes has no room for the {overhead} that each has")]
    TooShort {
        /// How many bytes were announced.
        length: usize,
        /// How many it takes at least.
        overhead: usize,
    },
    /// A record is announced that is longer than is accepted.
    #[error("a record of {length} bytes is longer than {longest}")]
    TooLong {
        /// How many bytes were announced.
        length: usize,
        /// How many are accepted.
        longest: usize,
    },
    /// The long records that are being received fill the memory that is set aside for all of them.
    #[error("long records fill the {budget} bytes that they have in all")]
    OverBudget {
        /// How many bytes they may fill in all.
        budget: usize,
    },
    /// A record failed before; nothing that follows it can be trusted.
    #[error("an earlier record failed")]
    Failed,
}
