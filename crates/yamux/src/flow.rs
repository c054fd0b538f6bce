//! What the session keeps of a stream beside its life: flow control, and whether both sides know of it.
//!
//! ```text
//!  ours     Silent ──the first frame has SYN──▶ Announced ──anything comes back──▶ Acknowledged
//!  theirs   Arrived ──our first frame has ACK──▶ Acknowledged
//! ```

use std::mem;

use peerloom_muxer_shell::Life;

use crate::frame::{Flags, Frame, StreamId};
use crate::window::{INITIAL_WINDOW, ReceiveWindow};

/// The windows and the opening of a stream.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) window: ReceiveWindow,
    /// What the remote lets us send.
    credit: u32,
    /// What we let the remote send, and it does not know yet.
    pub(crate) grant: u32,
    pub(crate) opening: Opening,
    /// Whether the remote is to be told of the stream though there is nothing to say.
    pub(crate) announce: bool,
    /// Whether a writer waits for credit.
    pub(crate) wants_credit: bool,
}

/// How far both sides have agreed on that there is this stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Ours; the remote has not been told.
    Silent,
    /// Ours; the remote has been told.
    Announced,
    /// The remote's; it has not been answered.
    Arrived,
    /// The remote's; the answer has waited long enough.
    Overdue,
    /// Known to both.
    Acknowledged,
}

impl Flow {
    /// Of a stream of ours.
    pub(crate) fn opened() -> Self {
        Flow::new(Opening::Silent)
    }

    /// Of a stream of the remote's.
    pub(crate) fn arrived() -> Self {
        Flow::new(Opening::Arrived)
    }

    fn new(opening: Opening) -> Self {
        Flow {
            window: ReceiveWindow::new(),
            credit: INITIAL_WINDOW,
            grant: 0,
            opening,
            announce: false,
            wants_credit: false,
        }
    }

    /// Whether the first frame of this side, or the answer to the remote's, is still to be sent.
    pub(crate) fn is_unannounced(&self) -> bool {
        matches!(self.opening, Opening::Silent | Opening::Arrived | Opening::Overdue)
    }

    /// Takes up to `wanted` bytes off the credit.
    pub(crate) fn claim(&mut self, wanted: u32) -> u32 {
        let claimed = wanted.min(self.credit);
        self.credit -= claimed;
        claimed
    }

    /// Adds credit. `None` when it is more than a window can be.
    #[must_use]
    pub(crate) fn add_credit(&mut self, credit: u32) -> Option<()> {
        self.credit = self.credit.checked_add(credit)?;
        Some(())
    }

    /// The flags that the next frame opens or acknowledges the stream with.
    pub(crate) fn take_opening(&mut self) -> Flags {
        self.announce = false;
        let (flags, opening) = match self.opening {
            Opening::Silent => (Flags::SYN, Opening::Announced),
            Opening::Arrived | Opening::Overdue => (Flags::ACK, Opening::Acknowledged),
            known @ (Opening::Announced | Opening::Acknowledged) => (Flags::NONE, known),
        };
        self.opening = opening;
        flags
    }
}

/// The next frame without data of a stream, if there is one to send.
pub(crate) fn next_frame(life: &mut Life<Flow>, stream: StreamId) -> Option<Frame> {
    if life.take_reset() {
        let unknown = life.flow.opening == Opening::Silent;
        return (!unknown).then_some(Frame::WindowUpdate { stream, flags: Flags::RST, credit: 0 });
    }
    if life.has_ended() {
        return None;
    }
    let (finishing, flow) = (life.is_finishing(), &mut life.flow);
    if flow.announce || flow.grant != 0 || (finishing && flow.opening == Opening::Silent) {
        let credit = mem::take(&mut flow.grant);
        return Some(Frame::WindowUpdate { stream, flags: flow.take_opening(), credit });
    }
    if finishing {
        let flags = flow.take_opening() | Flags::FIN;
        life.finish();
        return Some(Frame::Data { stream, flags, length: 0 });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An allocator that counts in steps of 16 bytes and needs 8 of them itself, as most do, takes 64 for that.
    #[test]
    fn a_stream_takes_no_more_than_a_cache_line() {
        assert!(size_of::<Life<Flow>>() <= 56);
    }
}
