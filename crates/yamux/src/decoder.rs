//! Cuts the received bytes into headers and pieces of bodies, however they arrive.

use bytes::{Buf, Bytes};

use crate::error::Violation;
use crate::frame::{Frame, HEADER_LENGTH};

/// Where in a frame the received bytes have come to.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// The beginning of a header that has not yet arrived whole.
    header: [u8; HEADER_LENGTH],
    filled: usize,
    /// How much of a body is still to come.
    body: usize,
}

/// What comes next on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// A header.
    Frame(Frame),
    /// A piece of the body of the last data frame, and whether it is the last one.
    Body(Bytes, bool),
}

impl Decoder {
    /// Takes the next item off the input; `None` when the input is used up.
    pub(crate) fn next(&mut self, input: &mut Bytes) -> Result<Option<Item>, Violation> {
        if input.is_empty() {
            return Ok(None);
        }
        if 0 < self.body {
            let piece = input.split_to(self.body.min(input.len()));
            self.body -= piece.len();
            return Ok(Some(Item::Body(piece, self.body == 0)));
        }
        let Some(header) = self.header(input) else { return Ok(None) };
        let frame = Frame::decode(header)?;
        if let Frame::Data { length, .. } = frame {
            self.body = usize::try_from(length).unwrap_or(usize::MAX);
        }
        Ok(Some(Item::Frame(frame)))
    }

    fn header(&mut self, input: &mut Bytes) -> Option<[u8; HEADER_LENGTH]> {
        let missing = self.header.get_mut(self.filled..)?;
        let length = missing.len().min(input.len());
        let (present, _) = missing.split_at_mut(length);
        input.copy_to_slice(present);
        self.filled += length;
        if self.filled < HEADER_LENGTH {
            return None;
        }
        self.filled = 0;
        Some(self.header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Flags, StreamId};

    #[test]
    fn frames_are_found_however_the_bytes_are_cut() {
        let stream = StreamId::new(1).unwrap();
        let data = Frame::Data { stream, flags: Flags::SYN, length: 5 };
        let mut wire = data.encode().to_vec();
        wire.extend(b"hello");
        wire.extend(Frame::Ping(9).encode());
        for size in 1..=wire.len() {
            let (mut decoder, mut frames, mut body, mut ends) =
                (Decoder::default(), vec![], vec![], 0);
            for piece in wire.chunks(size) {
                let mut input = Bytes::copy_from_slice(piece);
                while let Some(item) = decoder.next(&mut input).unwrap() {
                    match item {
                        Item::Frame(frame) => frames.push(frame),
                        Item::Body(bytes, last) => {
                            body.extend_from_slice(&bytes);
                            ends += usize::from(last);
                        }
                    }
                }
            }
            assert_eq!(frames, [data, Frame::Ping(9)], "in pieces of {size}");
            assert_eq!((body.as_slice(), ends), (&b"hello"[..], 1));
        }
    }
}
