//! What a remote can do wrong in mplex.

/// A connection or a stream that failed.
pub type Error = peerloom_muxer_shell::Error<Violation>;

/// How the remote broke the protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A number that is written longer than it need be, or longer than nine bytes.
    #[error("a number in front of a message is longer than it may be")]
    Varint,
    /// A message of a kind that there is not.
    #[error("a message of the unknown kind {0}")]
    UnknownKind(u8),
    /// A message that is longer than the specification allows.
    #[error("a message of {0} bytes")]
    MessageTooLong(u64),
    /// A stream was opened that is open already.
    #[error("stream {0} was opened twice")]
    DuplicateStream(u64),
    /// The remote opens streams that are refused, and does not read that they are.
    #[error("the remote does not read that {0} of its streams are refused")]
    ReplyFlood(usize),
}

impl peerloom_muxer_shell::Violation for Violation {
    const LAYER: &'static str = "mplex";
}
