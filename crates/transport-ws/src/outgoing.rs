//! What goes to a remote: data gathers in messages, control frames stand between them. No I/O.

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use peerloom_core::Role;

use crate::frame::{Header, Opcode};
use crate::mask::Mask;

/// The sending side of a connection. It owns no buffer when everything has been sent.
pub(crate) struct Outgoing {
    role: Role,
    /// Whole frames, and then one that is still open, if there is one.
    buffer: BytesMut,
    /// Where the open frame begins: with room for its header, then what its message says so far.
    open: Option<usize>,
    /// The answer to the last ping. One is enough, whoever many there were
    /// (<https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3>).
    pong: Option<Bytes>,
    /// An answer stands in the buffer.
    answering: bool,
    /// The status of a close frame that is to be sent.
    closing: Option<u16>,
    closed: bool,
}

impl Outgoing {
    /// What goes out from the end of a connection that has this role.
    pub(crate) fn new(role: Role) -> Self {
        Outgoing {
            role,
            buffer: BytesMut::new(),
            open: None,
            pong: None,
            answering: false,
            closing: None,
            closed: false,
        }
    }

    /// Gathers as much as fits, which is nothing while too much waits to be sent.
    pub(crate) fn write(&mut self, slices: &[io::IoSlice<'_>]) -> usize {
        let mut written = 0;
        for slice in slices {
            let gathered = self.gather(slice);
            written += gathered;
            if gathered < slice.len() {
                break;
            }
        }
        written
    }

    fn gather(&mut self, bytes: &[u8]) -> usize {
        let header = self.header_room();
        let used = self.buffer.len() + if self.open.is_none() { header } else { 0 };
        let room = (header + MAX_MESSAGE).saturating_sub(used);
        if self.open.is_none() && !self.buffer.is_empty() && room < WORTH_A_MESSAGE {
            return 0;
        }
        let (now, _later) = bytes.split_at(bytes.len().min(room));
        if !now.is_empty() {
            if self.open.is_none() {
                self.buffer.reserve(header + now.len());
                self.open = Some(self.buffer.len());
                self.buffer.put_bytes(0, header);
            }
            self.buffer.extend_from_slice(now);
        }
        now.len()
    }

    /// Answers a ping, when the line has room for it; a later one takes its place.
    pub(crate) fn handle_ping(&mut self, payload: Bytes) {
        self.pong = Some(payload);
    }

    /// Ends the stream with this status, behind all that was written. What is written later is refused.
    pub(crate) fn close(&mut self, status: u16) {
        if !self.is_closed() {
            self.closing = Some(status);
        }
    }

    /// Whether [`Outgoing::close`] was called.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed || self.closing.is_some()
    }

    /// What is to be sent now: nothing when everything has been sent.
    ///
    /// # Errors
    /// When the system has no random bytes for a mask.
    pub(crate) fn transmit(&mut self) -> io::Result<&[u8]> {
        self.seal()?;
        if self.buffer.is_empty() {
            self.answering = false;
        }
        if !self.closed
            && !self.answering
            && let Some(payload) = self.pong.take()
        {
            self.answering = true;
            self.push_control(Opcode::Pong, &payload)?;
        }
        if let Some(status) = self.closing.take() {
            self.closed = true;
            self.push_control(Opcode::Close, &status.to_be_bytes())?;
        }
        Ok(&self.buffer)
    }

    /// So much of what was to be sent has been sent.
    pub(crate) fn handle_sent(&mut self, length: usize) {
        self.buffer.advance(length);
    }

    /// Everything has been sent, and nothing is left to keep a buffer for.
    pub(crate) fn rest(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
    }

    /// Makes a whole frame of the open one, which is a whole message.
    fn seal(&mut self) -> io::Result<()> {
        let Some(start) = self.open.take() else { return Ok(()) };
        let room = self.header_room();
        let (_, frame) = self.buffer.split_at_mut(start);
        let length = frame.len().saturating_sub(room);
        let header = header(self.role, Opcode::Binary, length)?;
        let (_, payload) = frame.split_at_mut(room);
        Mask::new(header.mask).apply(payload);

        let mut encoded = Vec::with_capacity(room);
        header.encode(&mut encoded);
        // A header that is shorter than the longest has its payload moved to it: 125 bytes at most.
        let spare = room.saturating_sub(encoded.len());
        if spare != 0 {
            frame.copy_within(room.., encoded.len());
        }
        let (place, _) = frame.split_at_mut(encoded.len());
        place.copy_from_slice(&encoded);
        self.buffer.truncate(self.buffer.len() - spare);
        Ok(())
    }

    fn push_control(&mut self, opcode: Opcode, payload: &[u8]) -> io::Result<()> {
        let header = header(self.role, opcode, payload.len())?;
        header.encode(&mut self.buffer);
        let start = self.buffer.len();
        self.buffer.extend_from_slice(payload);
        let (_, payload) = self.buffer.split_at_mut(start);
        Mask::new(header.mask).apply(payload);
        Ok(())
    }

    /// The longest header of a message.
    fn header_room(&self) -> usize {
        if self.role.is_dialer() { 2 + 2 + 4 } else { 2 + 2 }
    }
}

/// The header of a frame that is a message, with a new mask where there has to be one.
fn header(role: Role, opcode: Opcode, length: usize) -> io::Result<Header> {
    let mut mask = None;
    if role.is_dialer() {
        getrandom::fill(mask.insert([0; 4]))?;
    }
    // No machine has a `usize` of more than 64 bits.
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    Ok(Header { last: true, opcode, length, mask })
}

/// The most that one message says, and that waits to be sent: a few records or frames of the
/// layers above. Others gather a message before they hand it on, and so would have to wait for more.
pub(crate) const MAX_MESSAGE: usize = 65_535;

/// Behind frames that wait to be sent, a message with room for less is not begun.
const WORTH_A_MESSAGE: usize = MAX_MESSAGE / 2;
