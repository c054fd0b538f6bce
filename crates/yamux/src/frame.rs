//! The twelve bytes in front of everything: what a frame says, and how it is written.
//!
//! ```text
//!  0         1         2              4                        8                        12
//!  | version |  type   |    flags     |         stream         |  length, credit, …     | body of data …
//! ```
//!
//! <https://github.com/libp2p/specs/blob/master/yamux/README.md#framing>

use std::fmt;
use std::num::NonZeroU32;
use std::ops::BitOr;

use crate::error::Violation;

/// A frame's header, as it is on the wire; the body of [`Frame::Data`] follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Bytes of a stream.
    Data {
        /// The stream that they belong to.
        stream: StreamId,
        /// What happens to the stream.
        flags: Flags,
        /// How many bytes follow.
        length: u32,
    },
    /// Leave to send more on a stream.
    WindowUpdate {
        /// The stream that may go on.
        stream: StreamId,
        /// What happens to the stream.
        flags: Flags,
        /// How many more bytes may be sent.
        credit: u32,
    },
    /// A question that is answered by a [`Frame::Pong`] with the same value.
    Ping(u32),
    /// The answer to a [`Frame::Ping`].
    Pong(u32),
    /// The end of the connection.
    GoAway(GoAway),
}

/// The number of a stream on its connection: odd when the dialer opened it, even when the listener did.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(NonZeroU32);

/// What a frame says about the life of its stream.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flags(u16);

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoAway {
    /// It is no longer needed.
    Normal,
    /// The other side broke the protocol.
    ProtocolError,
    /// The sender has failed.
    InternalError,
    /// A reason that the specification does not know.
    Other(u32),
}

impl Frame {
    /// Reads a header.
    ///
    /// # Errors
    /// When the version, the type, the flags or the stream cannot be.
    pub fn decode(bytes: [u8; HEADER_LENGTH]) -> Result<Frame, Violation> {
        let [version, kind, flags @ .., s0, s1, s2, s3, v0, v1, v2, v3] = bytes;
        let flags = Flags(u16::from_be_bytes(flags));
        let stream = u32::from_be_bytes([s0, s1, s2, s3]);
        let value = u32::from_be_bytes([v0, v1, v2, v3]);
        if version != VERSION {
            return Err(Violation::UnknownVersion(version));
        }
        if flags.0 & !Flags::ALL != 0 {
            return Err(Violation::InvalidFlags(flags));
        }
        let frame = match kind {
            DATA => Frame::Data { stream: StreamId::parse(stream)?, flags, length: value },
            WINDOW_UPDATE => {
                Frame::WindowUpdate { stream: StreamId::parse(stream)?, flags, credit: value }
            }
            PING if flags == Flags::SYN => Frame::Ping(value),
            PING if flags == Flags::ACK => Frame::Pong(value),
            PING => return Err(Violation::InvalidFlags(flags)),
            GO_AWAY => Frame::GoAway(GoAway::from_code(value)),
            unknown => return Err(Violation::UnknownType(unknown)),
        };
        match frame {
            Frame::Ping(_) | Frame::Pong(_) | Frame::GoAway(_) if stream != SESSION => {
                Err(Violation::InvalidStream(stream))
            }
            frame => Ok(frame),
        }
    }

    /// Writes a header.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_LENGTH] {
        let (kind, flags, stream, value) = match *self {
            Frame::Data { stream, flags, length } => (DATA, flags, stream.get(), length),
            Frame::WindowUpdate { stream, flags, credit } => {
                (WINDOW_UPDATE, flags, stream.get(), credit)
            }
            Frame::Ping(value) => (PING, Flags::SYN, SESSION, value),
            Frame::Pong(value) => (PING, Flags::ACK, SESSION, value),
            Frame::GoAway(reason) => (GO_AWAY, Flags::NONE, SESSION, reason.code()),
        };
        let [f0, f1] = flags.0.to_be_bytes();
        let [s0, s1, s2, s3] = stream.to_be_bytes();
        let [v0, v1, v2, v3] = value.to_be_bytes();
        [VERSION, kind, f0, f1, s0, s1, s2, s3, v0, v1, v2, v3]
    }
}

impl StreamId {
    /// The stream of that number; 0 is the connection itself and no stream.
    #[must_use]
    pub fn new(number: u32) -> Option<StreamId> {
        NonZeroU32::new(number).map(StreamId)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }

    /// Whether the dialer opened it.
    #[must_use]
    pub fn is_dialers(self) -> bool {
        self.get() % 2 == 1
    }

    /// The next one that the same side can open.
    pub(crate) fn successor(self) -> Option<StreamId> {
        self.get().checked_add(2).and_then(StreamId::new)
    }

    fn parse(number: u32) -> Result<StreamId, Violation> {
        StreamId::new(number).ok_or(Violation::InvalidStream(number))
    }
}

impl From<StreamId> for u64 {
    fn from(stream: StreamId) -> u64 {
        stream.get().into()
    }
}

impl Flags {
    /// Nothing happens to the stream.
    pub const NONE: Flags = Flags(0);
    /// The stream begins.
    pub const SYN: Flags = Flags(1);
    /// The stream is accepted.
    pub const ACK: Flags = Flags(2);
    /// The sender will write no more.
    pub const FIN: Flags = Flags(4);
    /// The stream ends at once, both ways.
    pub const RST: Flags = Flags(8);

    const ALL: u16 = 15;

    /// Whether all of `flags` are set.
    #[must_use]
    pub fn contains(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl GoAway {
    fn from_code(code: u32) -> GoAway {
        match code {
            0 => GoAway::Normal,
            1 => GoAway::ProtocolError,
            2 => GoAway::InternalError,
            other => GoAway::Other(other),
        }
    }

    fn code(self) -> u32 {
        match self {
            GoAway::Normal => 0,
            GoAway::ProtocolError => 1,
            GoAway::InternalError => 2,
            GoAway::Other(code) => code,
        }
    }
}

impl BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flags {:#06b}", self.0)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stream {}", self.0)
    }
}

impl fmt::Display for GoAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GoAway::Normal => f.write_str("normal termination"),
            GoAway::ProtocolError => f.write_str("protocol error"),
            GoAway::InternalError => f.write_str("internal error"),
            GoAway::Other(code) => write!(f, "code {code}"),
        }
    }
}

/// The length of a frame's header in bytes.
pub const HEADER_LENGTH: usize = 12;

const VERSION: u8 = 0;

/// The number that stands for the connection itself.
const SESSION: u32 = 0;

const DATA: u8 = 0;
const WINDOW_UPDATE: u8 = 1;
const PING: u8 = 2;
const GO_AWAY: u8 = 3;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(number: u32) -> StreamId {
        StreamId::new(number).unwrap()
    }

    /// Laid out by hand after the specification's field list.
    #[test]
    fn the_specifications_fields_are_where_they_should_be() {
        let vectors: [(Frame, [u8; 12]); 8] = [
            (
                Frame::Data { stream: stream(1), flags: Flags::SYN, length: 5 },
                [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 5],
            ),
            (
                Frame::Data { stream: stream(0x0102_0304), flags: Flags::FIN, length: 0 },
                [0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0],
            ),
            (
                Frame::WindowUpdate { stream: stream(2), flags: Flags::ACK, credit: 0x0004_0000 },
                [0, 1, 0, 2, 0, 0, 0, 2, 0, 4, 0, 0],
            ),
            (
                Frame::WindowUpdate { stream: stream(3), flags: Flags::RST, credit: 0 },
                [0, 1, 0, 8, 0, 0, 0, 3, 0, 0, 0, 0],
            ),
            (Frame::Ping(0xdead_beef), [0, 2, 0, 1, 0, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef]),
            (Frame::Pong(7), [0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7]),
            (Frame::GoAway(GoAway::Normal), [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            (Frame::GoAway(GoAway::InternalError), [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]),
        ];
        for (frame, bytes) in vectors {
            assert_eq!(frame.encode(), bytes, "{frame:?}");
            assert_eq!(Frame::decode(bytes).unwrap(), frame);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let decode = |bytes| Frame::decode(bytes).unwrap_err();
        assert!(matches!(
            decode([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
            Violation::UnknownVersion(1)
        ));
        assert!(matches!(decode([0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]), Violation::UnknownType(4)));
        assert!(matches!(
            decode([0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0]),
            Violation::InvalidFlags(Flags(16))
        ));
        assert!(matches!(
            decode([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            Violation::InvalidStream(0)
        ));
        assert!(matches!(decode([0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Violation::InvalidFlags(_)));
        assert!(matches!(
            decode([0, 2, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0]),
            Violation::InvalidStream(9)
        ));
        assert!(matches!(
            decode([0, 3, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0]),
            Violation::InvalidStream(9)
        ));
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(bytes: [u8; 12], kind in 0u8..4, flags in 0u8..16) {
            let mut bytes = bytes;
            bytes[..4].copy_from_slice(&[0, kind, 0, flags]);
            if let Ok(frame) = Frame::decode(bytes) {
                let go_away = matches!(frame, Frame::GoAway(_));
                prop_assert!(go_away || frame.encode() == bytes);
                prop_assert_eq!(Frame::decode(frame.encode()).unwrap(), frame);
            }
        }

        #[test]
        fn no_twelve_bytes_panic(bytes: [u8; 12]) {
            let _ = Frame::decode(bytes);
        }
    }
}
