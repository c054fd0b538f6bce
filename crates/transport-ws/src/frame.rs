//! A frame's header: what stands in it, and what may not.

use bytes::BufMut;

use crate::violation::Violation;

/// What stands before the payload of a frame.
///
/// ```text
///  7 6 5 4 3 2 1 0   7 6 5 4 3 2 1 0
/// ├─┬─────┬───────┤ ├─┬─────────────┤ ├─ 0, 2 or 8 bytes ─┤ ├─ 0 or 4 bytes ─┤
/// │F│  0  │opcode │ │M│   length    │ │  extended length  │ │  masking key   │
/// ```
///
/// <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The frame is the last of its message.
    pub(crate) last: bool,
    pub(crate) opcode: Opcode,
    pub(crate) length: u64,
    /// What the payload is masked with.
    pub(crate) mask: Option<[u8; 4]>,
}

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Header {
    /// Reads a header from the front of `bytes`, and says how long it is; `None` when some of it is missing.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, Violation> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        if first & RESERVED != 0 {
            return Err(Violation::ReservedBits);
        }
        let (last, opcode) = (first & LAST != 0, Opcode::decode(first & OPCODE)?);
        let length = match second & !MASKED {
            EXTENDED_16 => rest
                .split_first_chunk()
                .map(|(length, rest)| (u64::from(u16::from_be_bytes(*length)), rest)),
            EXTENDED_64 => {
                rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest))
            }
            length => Some((length.into(), rest)),
        };
        if opcode.is_control() && (!last || second & !MASKED > MAX_CONTROL) {
            return Err(Violation::Control);
        }
        let Some((length, rest)) = length else { return Ok(None) };
        if MAX_FRAME < length {
            return Err(Violation::TooLong(length));
        }
        let (mask, rest) = match rest.split_first_chunk() {
            _ if second & MASKED == 0 => (None, rest),
            Some((mask, rest)) => (Some(*mask), rest),
            None => return Ok(None),
        };
        Ok(Some((Header { last, opcode, length, mask }, bytes.len() - rest.len())))
    }

    /// Writes the header in its shortest form.
    pub(crate) fn encode(&self, output: &mut impl BufMut) {
        output.put_u8(self.opcode.encode() | if self.last { LAST } else { 0 });
        let masked = if self.mask.is_some() { MASKED } else { 0 };
        match (u8::try_from(self.length), u16::try_from(self.length)) {
            (Ok(length @ ..=MAX_CONTROL), _) => output.put_u8(masked | length),
            (_, Ok(length)) => {
                output.put_u8(masked | EXTENDED_16);
                output.put_u16(length);
            }
            _ => {
                output.put_u8(masked | EXTENDED_64);
                output.put_u64(self.length);
            }
        }
        output.put_slice(self.mask.as_ref().map_or(&[], |mask| mask));
    }
}

impl Opcode {
    /// Whether the frame may stand between the frames of a message.
    pub(crate) fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }

    fn decode(number: u8) -> Result<Self, Violation> {
        Ok(match number {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return Err(Violation::UnknownOpcode(number)),
        })
    }

    fn encode(self) -> u8 {
        match self {
            Opcode::Continuation => 0,
            Opcode::Text => 1,
            Opcode::Binary => 2,
            Opcode::Close => 8,
            Opcode::Ping => 9,
            Opcode::Pong => 10,
        }
    }
}

/// The longest payload of a control frame, and of any frame without an extended length.
pub(crate) const MAX_CONTROL: u8 = 125;

/// The longest payload that is taken for one: 256 MiB, as rust-libp2p has it.
///
/// Payload is handed on as it comes, so that its length costs nothing. But nobody sends such
/// frames: a greater length comes from somebody who does not speak WebSocket.
pub(crate) const MAX_FRAME: u64 = 256 * 1024 * 1024;

const LAST: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
const EXTENDED_16: u8 = 126;
const EXTENDED_64: u8 = 127;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(bytes: &[u8]) -> Result<Option<(Header, usize)>, Violation> {
        Header::decode(bytes)
    }

    #[test]
    fn the_examples_of_the_rfc_are_read_and_written() {
        // https://www.rfc-editor.org/rfc/rfc6455#section-5.7, the headers alone.
        let header = |last, opcode, length, mask| Header { last, opcode, length, mask };
        let key = Some([0x37, 0xfa, 0x21, 0x3d]);
        for (bytes, expected) in [
            (&[0x81, 0x05][..], header(true, Opcode::Text, 5, None)),
            (&[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d], header(true, Opcode::Text, 5, key)),
            (&[0x01, 0x03], header(false, Opcode::Text, 3, None)),
            (&[0x80, 0x02], header(true, Opcode::Continuation, 2, None)),
            (&[0x89, 0x05], header(true, Opcode::Ping, 5, None)),
            (&[0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d], header(true, Opcode::Pong, 5, key)),
            (&[0x82, 0x7e, 0x01, 0x00], header(true, Opcode::Binary, 256, None)),
            (&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], header(true, Opcode::Binary, 65_536, None)),
        ] {
            assert_eq!(decode(bytes), Ok(Some((expected, bytes.len()))));
            let mut written = Vec::new();
            expected.encode(&mut written);
            assert_eq!(written, bytes);
            for length in 0..bytes.len() {
                assert_eq!(decode(&bytes[..length]), Ok(None), "a part of it is no error");
            }
        }
    }

    #[test]
    fn what_may_not_stand_in_a_header_is_named() {
        for bits in [0x10, 0x20, 0x40] {
            assert_eq!(decode(&[0x82 | bits, 0]), Err(Violation::ReservedBits));
        }
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            assert_eq!(decode(&[0x80 | opcode, 0]), Err(Violation::UnknownOpcode(opcode)));
        }
        for control in [8, 9, 10] {
            assert_eq!(decode(&[control, 0]), Err(Violation::Control), "a fragment");
            assert_eq!(decode(&[0x80 | control, 126]), Err(Violation::Control), "too long");
            assert_eq!(decode(&[0x80 | control, 0xff]), Err(Violation::Control), "too long");
        }
        let longest = (MAX_FRAME + 1).to_be_bytes();
        let bytes = [&[0x82, 127][..], &longest].concat();
        assert_eq!(decode(&bytes), Err(Violation::TooLong(MAX_FRAME + 1)));
    }

    proptest! {
        #[test]
        fn a_header_that_is_written_is_read_as_the_same(
            last in any::<bool>(),
            control in any::<bool>(),
            length in prop_oneof![0..300_u64, 65_000..66_000_u64, 0..=MAX_FRAME],
            mask in any::<Option<[u8; 4]>>(),
        ) {
            let header = if control {
                Header { last: true, opcode: Opcode::Ping, length: length % 126, mask }
            } else {
                Header { last, opcode: Opcode::Binary, length, mask }
            };
            let mut bytes = Vec::new();
            header.encode(&mut bytes);
            prop_assert_eq!(decode(&bytes), Ok(Some((header, bytes.len()))));
        }
    }
}
