//! How streams come to their end, and are forgotten.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::{Event, Session};
use crate::frame::StreamId;
use crate::stream_state::{End, Opening, Owner, StreamState, Writing};

impl Session {
    /// Ends both sides of a stream.
    pub(crate) fn reset(&mut self, stream: StreamId) {
        self.end(stream, End::Reset);
    }

    /// The handle of a stream was dropped: what was finished is still delivered, the rest is reset.
    pub(crate) fn release(&mut self, stream: StreamId, now: Instant) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        state.owner = Owner::Gone;
        self.unread -= state.inbox.clear();
        let unfinished = state.writing == Writing::Open;
        // The remote may be waiting for us to read on, and would for ever.
        let stuck = !state.remote_finished && state.window.is_used_up();
        if state.end.is_none() && (unfinished || stuck) {
            self.end(stream, End::Reset);
        } else if !state.remote_finished && state.end.is_none() {
            self.linger(stream, now);
        }
        self.settle(stream);
    }

    /// Ends a stream for both sides, for a reason of ours.
    pub(super) fn end(&mut self, stream: StreamId, end: End) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        if state.end.is_some() {
            return;
        }
        state.end = Some(end);
        state.reset_due = true;
        self.unread -= state.inbox.clear();
        self.queue(stream);
        self.wake(stream);
    }

    pub(super) fn wake(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        if std::mem::take(&mut state.wants_data) {
            self.events.push_back(Event::Readable(stream));
        }
        if std::mem::take(&mut state.wants_credit) {
            self.events.push_back(Event::Writable(stream));
        }
    }

    fn linger(&mut self, stream: StreamId, now: Instant) {
        if MAX_STALE + self.streams.len() * 2 < self.lingering.len() {
            self.lingering.retain(|(_, stream)| self.streams.contains_key(stream));
        }
        if let Some(deadline) = now.checked_add(LINGER) {
            self.lingering.push_back((deadline, stream));
        }
    }

    /// Forgets a stream for which nothing remains to be done.
    pub(super) fn settle(&mut self, stream: StreamId) {
        if !self.streams.get(&stream).is_some_and(StreamState::is_over) {
            return;
        }
        self.acknowledge(stream);
        if let Some(state) = self.streams.remove(&stream) {
            self.unread -= state.inbox.len();
            self.growth.left += state.window.grown();
        }
        if self.streams.is_empty() && SMALL_TABLE < self.streams.capacity() {
            self.streams = HashMap::new();
        }
    }

    /// Our stream no longer counts as one that the remote has to acknowledge.
    pub(super) fn acknowledge(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        if !matches!(state.opening, Opening::Silent | Opening::Announced) {
            return;
        }
        self.silent -= usize::from(state.opening == Opening::Silent);
        state.opening = Opening::Acknowledged;
        self.unacknowledged -= 1;
        self.events.push_back(Event::Openable);
    }
}

/// How long a finished stream without a handle waits for the remote to finish, before it is reset
/// and its place is free. What was written is long delivered then, or the connection is dead.
pub(super) const LINGER: Duration = Duration::from_secs(60);

/// How many entries of streams that are long gone are kept before they are looked for.
const MAX_STALE: usize = 64;

/// A table for that many streams is not worth giving back.
const SMALL_TABLE: usize = 32;
