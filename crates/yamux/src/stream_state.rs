//! One stream as the session knows it: what was received, what may be sent, and which side has finished.
//!
//! ```text
//!  our side     Open ──shutdown──▶ Finishing ──FIN is sent──▶ Finished
//!  remote side  open ──FIN is received──▶ remote_finished
//!  either       ──reset──▶ End, at once and for both sides
//!
//!  ours     Silent ──the first frame has SYN──▶ Announced ──anything comes back──▶ Acknowledged
//!  theirs   Arrived ──our first frame has ACK──▶ Acknowledged
//! ```

use std::mem;

use crate::Error;
use crate::frame::{Flags, Frame, StreamId};
use crate::inbox::Inbox;
use crate::window::{INITIAL_WINDOW, ReceiveWindow};

/// A stream that is open, or that something is still to be sent for.
#[derive(Debug)]
pub(crate) struct StreamState {
    pub(crate) inbox: Inbox,
    pub(crate) window: ReceiveWindow,
    /// What the remote lets us send.
    credit: u32,
    /// What we let the remote send, and it does not know yet.
    pub(crate) grant: u32,
    pub(crate) opening: Opening,
    pub(crate) owner: Owner,
    pub(crate) writing: Writing,
    /// Whether the remote will write no more.
    pub(crate) remote_finished: bool,
    /// Why both sides have ended, when they have.
    pub(crate) end: Option<End>,
    /// Whether the remote is still to be told of the end.
    pub(crate) reset_due: bool,
    /// Whether the remote is to be told of the stream though there is nothing to say.
    pub(crate) announce: bool,
    /// Whether it stands in the session's list of streams with frames to send.
    pub(crate) queued: bool,
    /// Whether a reader waits for data.
    pub(crate) wants_data: bool,
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

/// Who has the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Nobody has accepted it yet.
    Nobody,
    /// The application.
    Application,
    /// The handle was dropped.
    Gone,
}

/// How far our side has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// More may be written.
    Open,
    /// Nothing more will be written; the remote has not been told.
    Finishing,
    /// The remote knows the end.
    Finished,
}

/// Why a stream ended before both sides had finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The remote reset it.
    RemoteReset,
    /// This side reset it.
    Reset,
    /// It did not fit into what may be buffered.
    TooMuchUnread,
}

impl StreamState {
    /// A stream of ours.
    pub(crate) fn opened() -> Self {
        StreamState::new(Opening::Silent, Owner::Application)
    }

    /// A stream of the remote's.
    pub(crate) fn arrived() -> Self {
        StreamState::new(Opening::Arrived, Owner::Nobody)
    }

    fn new(opening: Opening, owner: Owner) -> Self {
        StreamState {
            inbox: Inbox::default(),
            window: ReceiveWindow::new(),
            credit: INITIAL_WINDOW,
            grant: 0,
            opening,
            owner,
            writing: Writing::Open,
            remote_finished: false,
            end: None,
            reset_due: false,
            announce: false,
            queued: false,
            wants_data: false,
            wants_credit: false,
        }
    }

    /// Whether received data would have no reader.
    pub(crate) fn discards(&self) -> bool {
        self.end.is_some() || self.owner == Owner::Gone
    }

    /// Whether the first frame of this side, or the answer to the remote's, is still to be sent.
    pub(crate) fn is_unannounced(&self) -> bool {
        matches!(self.opening, Opening::Silent | Opening::Arrived | Opening::Overdue)
    }

    /// Whether nothing remains to be done for it.
    pub(crate) fn is_over(&self) -> bool {
        let finished = self.remote_finished && self.writing == Writing::Finished;
        !self.queued && self.owner == Owner::Gone && (self.end.is_some() || finished)
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

    /// The next frame without data, if there is one to send.
    pub(crate) fn next_frame(&mut self, stream: StreamId) -> Option<Frame> {
        if mem::take(&mut self.reset_due) {
            let unknown = self.opening == Opening::Silent;
            return (!unknown).then_some(Frame::WindowUpdate {
                stream,
                flags: Flags::RST,
                credit: 0,
            });
        }
        if self.end.is_some() {
            return None;
        }
        let finishing = self.writing == Writing::Finishing;
        if self.announce || self.grant != 0 || (finishing && self.opening == Opening::Silent) {
            let credit = mem::take(&mut self.grant);
            return Some(Frame::WindowUpdate { stream, flags: self.take_opening(), credit });
        }
        if finishing {
            self.writing = Writing::Finished;
            return Some(Frame::Data {
                stream,
                flags: self.take_opening() | Flags::FIN,
                length: 0,
            });
        }
        None
    }
}

impl End {
    /// What reads and writes report.
    pub(crate) fn error(self, max_buffered: usize) -> Error {
        match self {
            End::RemoteReset => Error::Reset,
            End::Reset => Error::Closed,
            End::TooMuchUnread => Error::TooMuchUnread(max_buffered),
        }
    }
}
