//! What can be wrong with a peer id or an encoded key.

/// Why bytes or a text are no peer id, or no encoded key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing is there.
    #[error("a peer id is never empty")]
    Empty,
    /// The bytes end before what they announce.
    #[error("the bytes end too early")]
    Truncated,
    /// Bytes are left after the end.
    #[error("{0} bytes are left over after the end")]
    TrailingBytes(usize),
    /// A varint is longer than it need be, or does not fit its type.
    #[error("a number is not written as the shortest varint")]
    Varint,
    /// The multihash is made with a function that peer ids do not use.
    #[error("hash function {0:#x} is neither identity (0x0) nor sha2-256 (0x12)")]
    HashFunction(u64),
    /// A sha2-256 digest of the wrong length.
    #[error("a sha2-256 digest has 32 bytes, not {0}")]
    Sha256Length(u64),
    /// A key in an identity multihash that had to be hashed.
    #[error("a key of {0} bytes must be hashed, only up to 42 stand in a peer id")]
    IdentityLength(u64),
    /// The first character names no multibase encoding that is read here.
    #[error("no encoding that is known here has the prefix {0:?}")]
    UnknownBase(char),
    /// A character, or a length, that the encoding does not have.
    #[error("the text is not valid {0}")]
    InvalidText(&'static str),
    /// A text that no peer id fills.
    #[error("a text of {0} bytes is too long")]
    TextTooLong(usize),
    /// A CID of another version than 1.
    #[error("a peer id is written as a CID of version 1, not {0}")]
    CidVersion(u64),
    /// A CID of something else than a key.
    #[error("a peer id has the content type libp2p-key (0x72), not {0:#x}")]
    CidCodec(u64),
    /// An encoded key above [`MAX_KEY_LENGTH`](crate::MAX_KEY_LENGTH).
    #[error("an encoded key of {0} bytes is too long")]
    KeyTooLong(usize),
    /// A key type that the specification does not know.
    #[error("key type {0} is unknown")]
    KeyType(u64),
    /// A field of a key message that has to be there is not.
    #[error("the key message lacks its field {0}")]
    MissingField(&'static str),
    /// A field of a key message that is not what it should be.
    #[error("field {field} of the key message has the wire type {wire_type}")]
    WireType {
        /// The field's number.
        field: u64,
        /// How it says that it is encoded.
        wire_type: u8,
    },
}
