//! What a remote sends: frames become data, pings and the end. No I/O.

use bytes::{Buf, Bytes, BytesMut};
use peerloom_core::Role;

use crate::frame::{Header, Opcode};
use crate::mask::Mask;
use crate::violation::Violation;

/// The receiving side of a connection. Payload is handed on as it comes: no frame and no message
/// is ever gathered, but for control frames.
pub(crate) struct Incoming {
    role: Role,
    /// How much of a frame's payload is still to come, and its mask.
    payload: usize,
    mask: Mask,
    /// A message has begun, and its last frame has not.
    in_message: bool,
}

/// What became of the bytes that came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Data of the stream, in order, never empty.
    Data(Bytes),
    /// To be answered with the same bytes.
    Ping(Bytes),
    /// Nothing follows. Why, if it was said.
    Close(Option<u16>),
    /// Something without meaning for the stream.
    Nothing,
}

impl Incoming {
    /// What comes to the end of a connection that has this role.
    pub(crate) fn new(role: Role) -> Self {
        Incoming { role, payload: 0, mask: Mask::default(), in_message: false }
    }

    /// How much of what comes next is payload.
    pub(crate) fn payload(&self) -> usize {
        self.payload
    }

    /// Takes payload, at most [`Incoming::payload`] bytes, and unmasks it in its place.
    pub(crate) fn handle_payload(&mut self, bytes: &mut [u8]) {
        self.mask.apply(bytes);
        self.payload = self.payload.saturating_sub(bytes.len());
    }

    /// Takes from the front of what was received; `None` when that is not enough for anything.
    ///
    /// Never leaves more than a control frame.
    pub(crate) fn handle(&mut self, received: &mut BytesMut) -> Result<Option<Event>, Violation> {
        if self.payload != 0 {
            let mut data = received.split_to(self.payload.min(received.len()));
            self.handle_payload(&mut data);
            return Ok((!data.is_empty()).then(|| Event::Data(data.freeze())));
        }
        let Some((header, length)) = Header::decode(received)? else { return Ok(None) };
        match (self.role, header.mask) {
            (Role::Listener, None) => return Err(Violation::Unmasked),
            (Role::Dialer, Some(_)) => return Err(Violation::Masked),
            (Role::Listener, Some(_)) | (Role::Dialer, None) => {}
        }
        // The bound on a frame fits every `usize` of 32 bits and more.
        let payload = usize::try_from(header.length).unwrap_or(usize::MAX);
        if header.opcode.is_control() {
            if received.len() < length + payload {
                return Ok(None);
            }
            received.advance(length);
            let mut payload = received.split_to(payload);
            Mask::new(header.mask).apply(&mut payload);
            return control(header.opcode, payload.freeze()).map(Some);
        }
        self.check_order(header.opcode)?;
        received.advance(length);
        self.in_message = !header.last;
        (self.payload, self.mask) = (payload, Mask::new(header.mask));
        Ok(Some(Event::Nothing))
    }

    /// Whether a data frame may come here.
    fn check_order(&self, opcode: Opcode) -> Result<(), Violation> {
        match (opcode, self.in_message) {
            (Opcode::Text, _) => Err(Violation::Text),
            (Opcode::Continuation, false) => Err(Violation::Continuation),
            (Opcode::Continuation, true) => Ok(()),
            (_, true) => Err(Violation::Interrupted),
            (_, false) => Ok(()),
        }
    }

    /// Whether a message has begun and not ended.
    pub(crate) fn is_within_message(&self) -> bool {
        self.in_message || self.payload != 0
    }
}

fn control(opcode: Opcode, payload: Bytes) -> Result<Event, Violation> {
    match (opcode, &*payload) {
        (Opcode::Ping, _) => Ok(Event::Ping(payload)),
        (Opcode::Close, []) => Ok(Event::Close(None)),
        (Opcode::Close, [_]) => Err(Violation::Close),
        (Opcode::Close, [high, low, ..]) => {
            Ok(Event::Close(Some(u16::from_be_bytes([*high, *low]))))
        }
        _ => Ok(Event::Nothing),
    }
}
