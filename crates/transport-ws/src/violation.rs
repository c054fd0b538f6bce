//! How a remote can break the WebSocket protocol.

/// What a remote did that WebSocket, or WebSocket as a byte stream, does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Bits that belong to extensions, of which none was agreed on.
    #[error("a frame has reserved bits set")]
    ReservedBits,
    /// A kind of frame that does not exist.
    #[error("a frame has the unknown opcode {0}")]
    UnknownOpcode(u8),
    /// Text, where bytes are wanted.
    #[error("a text message came, where only binary ones are wanted")]
    Text,
    /// A control frame in fragments, or with more than 125 bytes.
    #[error("a control frame is too long or in fragments")]
    Control,
    /// A close frame without room for its status.
    #[error("a close frame has one byte")]
    Close,
    /// More payload than anybody sends in a frame: 256 MiB.
    #[error("a frame announces {0} bytes")]
    TooLong(u64),
    /// A client's frame that is not masked, as it has to be.
    #[error("the client's frame is not masked")]
    Unmasked,
    /// A server's frame that is masked, which it must not be.
    #[error("the server's frame is masked")]
    Masked,
    /// A new message within another one.
    #[error("a message begins before the one before it has ended")]
    Interrupted,
    /// The continuation of no message.
    #[error("a continuation of no message came")]
    Continuation,
}

impl Violation {
    /// The status of the close frame that answers it.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>
    pub(crate) fn status(self) -> u16 {
        match self {
            Violation::Text => 1003,
            Violation::TooLong(_) => 1009,
            Violation::ReservedBits
            | Violation::UnknownOpcode(_)
            | Violation::Control
            | Violation::Close
            | Violation::Unmasked
            | Violation::Masked
            | Violation::Interrupted
            | Violation::Continuation => 1002,
        }
    }
}
