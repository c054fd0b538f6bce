//! The two numbers in front of everything: whose stream, what about it, and how much follows.
//!
//! ```text
//!  |       varint        | varint |  length bytes  |
//!  | number × 8 + kind   | length | data … or name |
//!
//!  kind   0 NewStream   1, 2 Message   3, 4 Close   5, 6 Reset      odd: by the receiver, even: by the initiator
//! ```
//!
//! <https://github.com/libp2p/specs/blob/master/mplex/README.md#message-format>

use std::fmt;

use peerloom_core::Role;
use peerloom_peer_id::{Error as VarintError, decode_varint};
use unsigned_varint::encode;

use crate::error::Violation;

/// What stands in front of a message; its data follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    kind: Kind,
    number: u64,
    length: u32,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A stream begins; the data is its name, which means nothing.
    NewStream,
    /// Data of a stream.
    Message(Sender),
    /// The sender will write no more on a stream.
    Close(Sender),
    /// A stream ends at once, both ways.
    Reset(Sender),
}

/// What the sender of a message is to its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The other side has opened it.
    Receiver,
    /// It has opened it.
    Initiator,
}

/// A stream of a connection. Both sides count their own, so that a number names two streams.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    number: u64,
    of_dialer: bool,
}

/// Some bytes to be sent: one or two headers, and the name of a stream.
#[derive(Clone, Copy)]
pub struct Header {
    bytes: [u8; MAX_HEADER],
    length: usize,
}

impl Frame {
    /// A frame. `None` when the number or the length is larger than can be.
    #[must_use]
    pub fn new(kind: Kind, number: u64, length: u32) -> Option<Frame> {
        (number <= MAX_NUMBER && length <= MAX_MESSAGE).then_some(Frame { kind, number, length })
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The number of its stream.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many bytes follow.
    #[must_use]
    pub fn length(&self) -> u32 {
        self.length
    }

    /// Reads a frame off the beginning of `bytes`, and tells how many of them it takes. `None` when
    /// more are needed.
    ///
    /// # Errors
    /// When the numbers, the kind or the length cannot be.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Frame, usize)>, Violation> {
        let Some((header, rest)) = number(bytes)? else { return Ok(None) };
        let kind = Kind::from_header(header)?;
        let Some((length, rest)) = number(rest)? else { return Ok(None) };
        let parsed = u32::try_from(length).ok();
        let frame = parsed.and_then(|length| Frame::new(kind, header >> KIND_BITS, length));
        let frame = frame.ok_or(Violation::MessageTooLong(length))?;
        Ok(Some((frame, bytes.len() - rest.len())))
    }

    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> Header {
        let mut header = Header::empty();
        header.push_frame(*self);
        header
    }

    /// The stream that it is about, when that side has sent it.
    pub(crate) fn stream(&self, sender: Role) -> StreamId {
        let opener = match self.kind.sender() {
            Sender::Initiator => sender,
            Sender::Receiver => sender.other(),
        };
        StreamId::new(self.number, opener)
    }
}

impl Kind {
    fn from_header(header: u64) -> Result<Kind, Violation> {
        let [.., low] = header.to_be_bytes();
        Ok(match low & KIND_MASK {
            0 => Kind::NewStream,
            1 => Kind::Message(Sender::Receiver),
            2 => Kind::Message(Sender::Initiator),
            3 => Kind::Close(Sender::Receiver),
            4 => Kind::Close(Sender::Initiator),
            5 => Kind::Reset(Sender::Receiver),
            6 => Kind::Reset(Sender::Initiator),
            unknown => return Err(Violation::UnknownKind(unknown)),
        })
    }

    fn code(self) -> u64 {
        match self {
            Kind::NewStream => 0,
            Kind::Message(Sender::Receiver) => 1,
            Kind::Message(Sender::Initiator) => 2,
            Kind::Close(Sender::Receiver) => 3,
            Kind::Close(Sender::Initiator) => 4,
            Kind::Reset(Sender::Receiver) => 5,
            Kind::Reset(Sender::Initiator) => 6,
        }
    }

    fn sender(self) -> Sender {
        match self {
            Kind::NewStream => Sender::Initiator,
            Kind::Message(sender) | Kind::Close(sender) | Kind::Reset(sender) => sender,
        }
    }
}

impl StreamId {
    /// The stream that has this number among those of its opener.
    #[must_use]
    pub fn new(number: u64, opener: Role) -> StreamId {
        StreamId { number, of_dialer: opener.is_dialer() }
    }

    /// Its number among those of its opener.
    #[must_use]
    pub fn number(self) -> u64 {
        self.number
    }

    /// Who opened it.
    #[must_use]
    pub fn opener(self) -> Role {
        if self.of_dialer { Role::Dialer } else { Role::Listener }
    }

    /// The next one of the same side.
    pub(crate) fn successor(self) -> Option<StreamId> {
        let number = self.number.checked_add(1).filter(|number| *number <= MAX_NUMBER)?;
        Some(StreamId { number, ..self })
    }

    /// What we are to it, as that side of the connection.
    pub(crate) fn sender(self, role: Role) -> Sender {
        if self.opener() == role { Sender::Initiator } else { Sender::Receiver }
    }
}

/// One number for both sides' streams, the same at both ends: those of the dialer are odd.
impl From<StreamId> for u64 {
    fn from(stream: StreamId) -> u64 {
        (stream.number << 1) | u64::from(stream.of_dialer)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let opener = if self.of_dialer { "dialer" } else { "listener" };
        write!(f, "stream {} of the {opener}", self.number)
    }
}

impl Header {
    /// What opens a stream of ours: its name is its number, as others do it.
    pub(crate) fn opening(stream: StreamId) -> Header {
        let name = stream.number.to_string();
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let mut header = Header::empty();
        header.push_frame(Frame { kind: Kind::NewStream, number: stream.number, length });
        header.push(name.as_bytes());
        header
    }

    pub(crate) fn empty() -> Header {
        Header { bytes: [0; MAX_HEADER], length: 0 }
    }

    pub(crate) fn push_frame(&mut self, frame: Frame) {
        let mut buffer = encode::u64_buffer();
        self.push(encode::u64((frame.number << KIND_BITS) | frame.kind.code(), &mut buffer));
        self.push(encode::u64(frame.length.into(), &mut buffer));
    }

    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        let place = self.bytes.get_mut(self.length..end);
        place.expect("two frames and a name fit").copy_from_slice(bytes);
        self.length = end;
    }
}

impl AsRef<[u8]> for Header {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Header").field(&self.as_ref()).finish()
    }
}

/// Takes a number off the front; `None` when it has not arrived whole.
fn number(bytes: &[u8]) -> Result<Option<(u64, &[u8])>, Violation> {
    match decode_varint(bytes) {
        Ok(taken) => Ok(Some(taken)),
        Err(VarintError::Truncated) => Ok(None),
        Err(_) => Err(Violation::Varint),
    }
}

/// The longest message that a peer may send, in bytes, as the specification says.
pub const MAX_MESSAGE: u32 = 1024 * 1024;

/// The largest number of a stream: what a varint of nine bytes has room for beside the kind.
const MAX_NUMBER: u64 = (1 << 60) - 1;

const KIND_BITS: u32 = 3;
const KIND_MASK: u8 = 7;

/// The longest that two numbers in front of a message can be.
pub(crate) const MAX_FRAME: usize = 18;

/// Two frames, and a name of as many digits as the largest number has.
const MAX_HEADER: usize = 2 * MAX_FRAME + 19;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Laid out by hand after the specification's field list.
    #[test]
    fn the_specifications_fields_are_where_they_should_be() {
        use Sender::{Initiator, Receiver};
        let vectors: [(Kind, u64, u32, &[u8]); 9] = [
            (Kind::NewStream, 0, 1, &[0, 1]),
            (Kind::Message(Receiver), 1, 5, &[9, 5]),
            (Kind::Message(Initiator), 1, 300, &[10, 0xac, 0x02]),
            (Kind::Close(Receiver), 16, 0, &[0x83, 0x01, 0]),
            (Kind::Close(Initiator), 16, 0, &[0x84, 0x01, 0]),
            (Kind::Reset(Receiver), 2, 0, &[21, 0]),
            (Kind::Reset(Initiator), 2, 0, &[22, 0]),
            (Kind::Message(Receiver), 7, 1 << 20, &[57, 0x80, 0x80, 0x40]),
            (
                Kind::Reset(Initiator),
                (1 << 60) - 1,
                0,
                &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0],
            ),
        ];
        for (kind, number, length, bytes) in vectors {
            let frame = Frame::new(kind, number, length).unwrap();
            assert_eq!(frame.encode().as_ref(), bytes, "{frame:?}");
            assert_eq!(Frame::decode(bytes).unwrap(), Some((frame, bytes.len())));
            for short in 0..bytes.len() {
                assert_eq!(Frame::decode(&bytes[..short]).unwrap(), None);
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let decode = |bytes: &[u8]| Frame::decode(bytes).unwrap_err();
        assert_eq!(decode(&[7]), Violation::UnknownKind(7));
        assert_eq!(decode(&[0x80, 0x00, 0]), Violation::Varint);
        assert_eq!(decode(&[0x80; 9]), Violation::Varint);
        // 2^60, which takes a tenth byte.
        let too_large = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
        assert_eq!(decode(&too_large), Violation::Varint);
        assert_eq!(decode(&[1, 0x81, 0x80, 0x40]), Violation::MessageTooLong((1 << 20) + 1));
        let huge = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(decode(&huge), Violation::MessageTooLong(u64::MAX >> 1));
        assert_eq!(Frame::new(Kind::NewStream, 1 << 60, 0), None);
        assert_eq!(Frame::new(Kind::NewStream, 0, MAX_MESSAGE + 1), None);
    }

    #[test]
    fn the_longest_that_we_send_fits() {
        let last = StreamId::new(MAX_NUMBER, Role::Dialer);
        assert_eq!(last.successor(), None);
        let mut header = Header::opening(last);
        let message = Frame::new(Kind::Message(Sender::Initiator), MAX_NUMBER, MAX_MESSAGE);
        header.push_frame(message.unwrap());
        assert!(header.as_ref().ends_with(&[0x80, 0x80, 0x40]));
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(bytes: Vec<u8>) {
            if let Ok(Some((frame, length))) = Frame::decode(&bytes) {
                let encoded = frame.encode();
                prop_assert_eq!(encoded.as_ref(), &bytes[..length]);
            }
        }
    }
}
