//! What can be wrong with an address, and with the value of one of its parts.

/// Why a text or bytes are no address, or an address cannot be used as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An address has at least one part.
    #[error("an address has at least one part, such as /ip4/127.0.0.1")]
    Empty,
    /// A text that does not begin with a slash.
    #[error("an address begins with a slash, {0:?} does not")]
    NoLeadingSlash(String),
    /// Two slashes in a row where the name of a protocol should be.
    #[error("two slashes follow each other where the name of a protocol should stand")]
    EmptyPart,
    /// A name that is in no table.
    #[error("unknown protocol {0}")]
    UnknownName(String),
    /// A code that is in no table.
    #[error("unknown protocol code {0}")]
    UnknownCode(u64),
    /// The address ends where a value should be.
    #[error("protocol {0} needs a value")]
    MissingValue(&'static str),
    /// A value that its protocol cannot have.
    #[error("protocol {protocol}: {problem}")]
    Value {
        /// The protocol's name.
        protocol: &'static str,
        /// What is wrong with it.
        problem: ValueError,
    },
    /// The bytes end inside of a value.
    #[error("the bytes end inside of the value of protocol {0}")]
    Truncated(&'static str),
    /// A code or a length that is not a varint of the shortest form.
    #[error("a code or length is not written as the shortest varint")]
    Varint,
    /// Something else than a peer follows a `/unix` path, which takes the rest of an address.
    #[error("nothing but /p2p can follow a path")]
    AfterPath,
    /// More bytes than [`MAX_LENGTH`](crate::MAX_LENGTH).
    #[error("an address of more than {max} bytes is too long", max = crate::MAX_LENGTH)]
    TooLong,
    /// A socket was asked for, but the address does not begin with an IP address and a port.
    #[error("the address does not begin with an IP address and a tcp or udp port")]
    NoSocket,
    /// A socket was asked for, but only the number of an interface fits into one.
    #[error("the zone {0} is a name, but a socket needs the number of the interface")]
    NamedZone(String),
}

/// Why a value does not fit its protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// It has to be something.
    #[error("the value is empty")]
    Empty,
    /// Bytes of the wrong length.
    #[error("the value has {actual} bytes, not {expected}")]
    Length {
        /// How many it should have.
        expected: &'static str,
        /// How many it has.
        actual: usize,
    },
    /// Text that is not UTF-8.
    #[error("the value is not text")]
    NotText,
    /// A slash would begin the next part.
    #[error("{0:?} has a slash in it")]
    Slash(String),
    /// What could do harm where the address is shown.
    #[error("the value has a control character in it")]
    Control,
    /// Not an IPv4 address.
    #[error("{0:?} is no IPv4 address")]
    NotIp4(String),
    /// Not an IPv6 address.
    #[error("{0:?} is no IPv6 address")]
    NotIp6(String),
    /// Something else than digits.
    #[error("{what} {text:?} is not a number")]
    NotNumber {
        /// What it should be.
        what: &'static str,
        /// What stands there.
        text: String,
    },
    /// A number that does not fit.
    #[error("{what} {text} is above {max}")]
    TooLarge {
        /// What the number is.
        what: &'static str,
        /// What stands there.
        text: String,
        /// The largest that fits.
        max: u16,
    },
    /// Onion services have no port 0.
    #[error("an onion service has no port 0")]
    ZeroPort,
    /// An onion service without a port.
    #[error("an onion service is written as address:port")]
    NoPort,
    /// Not a MAC address.
    #[error("{0:?} is no MAC address such as ac:fd:ec:0b:7c:fe")]
    NotMac(String),
    /// A text that is not in the encoding that it should have.
    #[error("the value is not valid {0}")]
    NotEncoded(&'static str),
    /// A percent sign that two hexadecimal digits do not follow.
    #[error("a % is written as %25")]
    Percent,
    /// A path that does not begin with a slash.
    #[error("a path begins with a slash")]
    RelativePath,
    /// A path that ends in a slash, which no socket can have as its name.
    #[error("a path does not end in a slash")]
    DirectoryPath,
    /// A path whose end would be read as the peer behind it.
    #[error("a path does not end in /p2p and a peer id")]
    PeerInPath,
    /// Bytes that are not one multihash.
    #[error("the value is no multihash")]
    NotMultihash,
    /// Not a peer id; this is why.
    #[error("no peer id, {0}")]
    PeerId(peerloom_peer_id::Error),
    /// Not multibase; this is why.
    #[error("no multibase text, {0}")]
    Multibase(peerloom_peer_id::Error),
}
