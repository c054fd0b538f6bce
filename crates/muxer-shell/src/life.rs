//! The life of one stream: what was received, and which side has finished.
//!
//! ```text
//!  our side     Open ──shutdown──▶ Finishing ──the remote is told──▶ Finished
//!  remote side  open ──it finishes──▶ remote_finished
//!  either       ──reset──▶ End, at once and for both sides
//! ```

use std::mem;

use bytes::Bytes;

use crate::inbox::Inbox;
use crate::{Error, Read, Violation};

/// A stream that is open, or that something is still to be sent for.
#[derive(Debug)]
pub struct Life<F> {
    /// What the protocol keeps of it.
    pub flow: F,
    inbox: Inbox,
    owner: Owner,
    writing: Writing,
    /// Whether the remote will write no more.
    remote_finished: bool,
    /// Why both sides have ended, when they have; in a box, for few streams end like that.
    end: Option<Box<End>>,
    /// Whether the remote is still to be told of the end.
    reset_due: bool,
    /// Whether it stands in the list of streams with frames to send.
    pub(crate) queued: bool,
    /// Whether a reader waits for data.
    wants_data: bool,
}

/// Why a stream ended before both sides had finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The remote reset it.
    RemoteReset,
    /// This side reset it.
    Reset,
    /// It did not fit into what may wait unread.
    TooMuchUnread(usize),
}

/// Who has the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// Nobody has accepted it yet.
    Nobody,
    /// The application.
    Application,
    /// The handle was dropped.
    Gone,
}

/// How far our side has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    /// More may be written.
    Open,
    /// Nothing more will be written; the remote has not been told.
    Finishing,
    /// The remote knows the end.
    Finished,
}

impl<F> Life<F> {
    /// A stream of ours.
    pub(crate) fn opened(flow: F) -> Self {
        Life::new(flow, Owner::Application)
    }

    /// A stream of the remote's.
    pub(crate) fn arrived(flow: F) -> Self {
        Life::new(flow, Owner::Nobody)
    }

    fn new(flow: F, owner: Owner) -> Self {
        Life {
            flow,
            inbox: Inbox::default(),
            owner,
            writing: Writing::Open,
            remote_finished: false,
            end: None,
            reset_due: false,
            queued: false,
            wants_data: false,
        }
    }

    /// How many bytes wait unread.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.inbox.len()
    }

    /// Whether it waits to be accepted.
    #[must_use]
    pub fn is_unaccepted(&self) -> bool {
        self.owner == Owner::Nobody
    }

    /// Whether the remote will write no more.
    #[must_use]
    pub fn is_remote_finished(&self) -> bool {
        self.remote_finished
    }

    /// Whether both sides have ended, in another way than by finishing.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Whether received data would have no reader.
    #[must_use]
    pub fn discards(&self) -> bool {
        self.end.is_some() || self.owner == Owner::Gone
    }

    /// Whether it stands in the list of streams with frames to send.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        self.queued
    }

    /// Whether the remote is still to be told that our side has finished.
    #[must_use]
    pub fn is_finishing(&self) -> bool {
        self.end.is_none() && self.writing == Writing::Finishing
    }

    /// The remote is told that our side has finished.
    pub fn finish(&mut self) {
        self.writing = Writing::Finished;
    }

    /// Whether the remote has to be told of the end of both sides; it is now.
    pub fn take_reset(&mut self) -> bool {
        mem::take(&mut self.reset_due)
    }

    pub(crate) fn accept(&mut self) {
        self.owner = Owner::Application;
    }

    pub(crate) fn writable<V: Violation>(&self) -> Result<(), Error<V>> {
        match self.end.as_deref() {
            Some(&end) => Err(end.into()),
            None if self.writing == Writing::Open => Ok(()),
            None => Err(Error::Closed),
        }
    }

    /// Reads up to `limit` bytes. What came before the remote finished is read even when a reset follows.
    pub(crate) fn read<V: Violation>(&mut self, limit: usize) -> Result<Read, Error<V>> {
        if let Some(bytes) = self.inbox.pop(limit) {
            return Ok(Read::Data(bytes));
        }
        match self.end.as_deref() {
            // What was thrown away must not look like an end.
            Some(&end @ (End::Reset | End::TooMuchUnread(_))) => Err(end.into()),
            _ if self.remote_finished => Ok(Read::End),
            Some(&end) => Err(end.into()),
            None => {
                self.wants_data = true;
                Ok(Read::Later)
            }
        }
    }

    /// Whether that is new: our side will write no more.
    pub(crate) fn shutdown<V: Violation>(&mut self) -> Result<bool, Error<V>> {
        if let Some(&end) = self.end.as_deref() {
            return Err(end.into());
        }
        let open = self.writing == Writing::Open;
        if open {
            self.writing = Writing::Finishing;
        }
        Ok(open)
    }

    /// Takes received data. Whether a reader waits for it.
    pub(crate) fn receive(&mut self, piece: Bytes, keep: usize) -> bool {
        self.inbox.push(piece, keep);
        self.take_reader()
    }

    /// The remote will write no more, which is nothing new after an end. Whether a reader waits for that.
    pub(crate) fn handle_finish(&mut self) -> bool {
        self.remote_finished |= self.end.is_none();
        self.take_reader()
    }

    /// The remote ended both sides; what came before a finish of its own stays readable. How many
    /// bytes were thrown away.
    pub(crate) fn handle_reset(&mut self) -> usize {
        self.end.get_or_insert_with(|| Box::new(End::RemoteReset));
        self.reset_due = false;
        if self.remote_finished {
            return 0;
        }
        if self.owner == Owner::Nobody {
            self.owner = Owner::Gone;
        }
        self.inbox.clear()
    }

    /// Ends both sides, for a reason of ours. How many bytes were thrown away; `None` when they had
    /// ended before.
    pub(crate) fn end(&mut self, end: End) -> Option<usize> {
        if self.end.is_some() {
            return None;
        }
        self.end = Some(Box::new(end));
        self.reset_due = true;
        Some(self.inbox.clear())
    }

    /// The handle was dropped. How many bytes were thrown away.
    pub(crate) fn release(&mut self) -> usize {
        self.owner = Owner::Gone;
        self.inbox.clear()
    }

    /// Whether our side has not finished.
    pub(crate) fn is_writing(&self) -> bool {
        self.writing == Writing::Open
    }

    /// Whether a reader waits; it no longer does.
    pub(crate) fn take_reader(&mut self) -> bool {
        mem::take(&mut self.wants_data)
    }

    /// Whether nothing remains to be done for it.
    pub(crate) fn is_over(&self) -> bool {
        let finished = self.remote_finished && self.writing == Writing::Finished;
        !self.queued && self.owner == Owner::Gone && (self.end.is_some() || finished)
    }
}

/// What reads and writes report.
impl<V: Violation> From<End> for Error<V> {
    fn from(end: End) -> Self {
        match end {
            End::RemoteReset => Error::Reset,
            End::Reset => Error::Closed,
            End::TooMuchUnread(limit) => Error::TooMuchUnread(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There may be thousands of them, most of them idle.
    #[test]
    fn a_life_is_small_beside_what_the_protocol_keeps() {
        assert!(size_of::<Life<[u64; 4]>>() <= size_of::<[u64; 4 + 3]>());
    }
}
