//! What the session hands out: frames without data, events, and the time it wants to be called at.

use std::collections::VecDeque;
use std::time::Instant;

use super::{Event, Session};
use crate::Error;
use crate::frame::{Frame, StreamId};
use crate::stream_state::{End, Opening, Owner};

impl Session {
    /// The next frame without data to send.
    pub(crate) fn poll_transmit(&mut self) -> Option<Frame> {
        if let Some(reply) = self.replies.pop_front() {
            return Some(reply);
        }
        give_back(&mut self.replies);
        if let Some(nonce) = self.heartbeat.poll_transmit() {
            return Some(Frame::Ping(nonce));
        }
        while let Some(&stream) = self.control.front() {
            if let Some(state) = self.streams.get_mut(&stream) {
                let silent = state.opening == Opening::Silent;
                if let Some(frame) = state.next_frame(stream) {
                    self.silent -= usize::from(silent);
                    return Some(frame);
                }
                state.queued = false;
            }
            self.control.pop_front();
            self.settle(stream);
        }
        give_back(&mut self.control);
        self.go_away.take().map(Frame::GoAway)
    }

    /// What somebody may have waited for.
    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        give_back(&mut self.events);
        event
    }

    /// When [`Session::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let linger = self.lingering.front().map(|(deadline, _)| *deadline);
        [self.heartbeat.poll_timeout(), self.answer_at, linger].into_iter().flatten().min()
    }

    /// Does what was due at a time.
    ///
    /// # Errors
    /// When the remote has been silent for too long.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.heartbeat.handle_timeout(now)?;
        if self.answer_at.is_some_and(|at| at <= now) {
            self.answer_at = None;
            for stream in std::mem::take(&mut self.arrivals) {
                self.answer(stream);
            }
        }
        while let Some(&(deadline, stream)) = self.lingering.front()
            && deadline <= now
        {
            self.lingering.pop_front();
            self.end(stream, End::Reset);
        }
        Ok(())
    }

    /// A stream of the remote's has waited long enough for something else to answer it with.
    pub(super) fn answer(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        if state.opening != Opening::Arrived {
            return;
        }
        if state.owner == Owner::Nobody {
            state.opening = Opening::Overdue;
        } else {
            self.announce(stream);
        }
    }
}

/// Frees the memory of a list that a burst has made long, once it is empty.
fn give_back<T>(list: &mut VecDeque<T>) {
    if list.is_empty() && SMALL_LIST < list.capacity() {
        *list = VecDeque::new();
    }
}

/// A list for that many is not worth giving back.
const SMALL_LIST: usize = 32;
