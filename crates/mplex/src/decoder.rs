//! Cuts the received bytes into frames and pieces of their data, however they arrive.

use bytes::{Buf, Bytes};

use crate::error::Violation;
use crate::frame::{Frame, MAX_FRAME};

/// Where in a message the received bytes have come to.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// The beginning of a frame that has not yet arrived whole.
    frame: [u8; MAX_FRAME],
    filled: usize,
    /// How much of a message is still to come.
    body: usize,
}

/// What comes next on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// What stands in front of a message.
    Frame(Frame),
    /// A piece of its data.
    Body(Bytes),
}

impl Decoder {
    /// Takes the next item off the input, of data no more than `room`; `None` when the input is used
    /// up, or there is no room.
    pub(crate) fn next(
        &mut self,
        input: &mut Bytes,
        room: usize,
    ) -> Result<Option<Item>, Violation> {
        if 0 < self.body {
            let piece = input.split_to(self.body.min(input.len()).min(room));
            self.body -= piece.len();
            return Ok((!piece.is_empty()).then_some(Item::Body(piece)));
        }
        let Some(frame) = self.frame(input)? else { return Ok(None) };
        self.body = usize::try_from(frame.length()).unwrap_or(usize::MAX);
        Ok(Some(Item::Frame(frame)))
    }

    /// Whether all that has come is whole messages.
    pub(crate) fn is_between_messages(&self) -> bool {
        self.filled == 0 && self.body == 0
    }

    fn frame(&mut self, input: &mut Bytes) -> Result<Option<Frame>, Violation> {
        if self.filled == 0
            && let Some((frame, length)) = Frame::decode(input)?
        {
            input.advance(length);
            return Ok(Some(frame));
        }
        while !input.is_empty() {
            let place = self.frame.get_mut(self.filled);
            *place.expect("a frame is whole, or wrong, before this is full") = input.get_u8();
            self.filled += 1;
            let so_far = self.frame.get(..self.filled).unwrap_or(&self.frame);
            if let Some((frame, _)) = Frame::decode(so_far)? {
                self.filled = 0;
                return Ok(Some(frame));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Kind, Sender};

    #[test]
    fn messages_are_found_however_the_bytes_are_cut_and_whatever_room_there_is() {
        let data = Frame::new(Kind::Message(Sender::Receiver), 1 << 59, 300).unwrap();
        let close = Frame::new(Kind::Close(Sender::Initiator), 3, 0).unwrap();
        let mut wire = data.encode().as_ref().to_vec();
        wire.extend([7; 300]);
        wire.extend(close.encode().as_ref());
        for size in 1..=wire.len() {
            for room in [1, 7, usize::MAX] {
                let (mut decoder, mut frames, mut body) = (Decoder::default(), vec![], vec![]);
                for piece in wire.chunks(size) {
                    let mut input = Bytes::copy_from_slice(piece);
                    while let Some(item) = decoder.next(&mut input, room).unwrap() {
                        match item {
                            Item::Frame(frame) => frames.push(frame),
                            Item::Body(bytes) => body.extend_from_slice(&bytes),
                        }
                    }
                    assert!(input.is_empty());
                }
                assert_eq!(frames, [data, close], "in pieces of {size}");
                assert_eq!(body, [7; 300]);
                assert!(decoder.is_between_messages());
            }
        }
    }

    #[test]
    fn data_without_room_stays_where_it_is() {
        let data = Frame::new(Kind::Message(Sender::Receiver), 0, 5).unwrap();
        let mut input = Bytes::from([data.encode().as_ref(), b"hello"].concat());
        let mut decoder = Decoder::default();
        decoder.next(&mut input, 0).unwrap().unwrap();
        assert_eq!(decoder.next(&mut input, 0).unwrap(), None);
        assert_eq!((input.as_ref(), decoder.is_between_messages()), (&b"hello"[..], false));
    }

    #[test]
    fn a_number_without_end_is_noticed_at_its_ninth_byte() {
        let mut decoder = Decoder::default();
        for _ in 0..8 {
            let mut byte = Bytes::from_static(&[0xff]);
            assert_eq!(decoder.next(&mut byte, 0).unwrap(), None);
        }
        let mut byte = Bytes::from_static(&[0xff]);
        assert_eq!(decoder.next(&mut byte, 0).unwrap_err(), Violation::Varint);
    }
}
