//! What the session has to say without data: frames, announcements, windows, and who is forgotten after that.

use std::time::Instant;

use peerloom_muxer_shell::free_list;

use super::{Event, Session};
use crate::flow::{self, Opening};
use crate::frame::{Frame, StreamId};

impl Session {
    /// The next frame without data to send.
    pub(super) fn next_frame(&mut self) -> Option<Frame> {
        if let Some(reply) = self.replies.pop_front() {
            return Some(reply);
        }
        free_list(&mut self.replies);
        if let Some(nonce) = self.heartbeat.poll_transmit() {
            return Some(Frame::Ping(nonce));
        }
        while let Some(stream) = self.streams.next_queued() {
            if let Some(life) = self.streams.get_mut(stream) {
                let silent = life.flow.opening == Opening::Silent;
                if let Some(frame) = flow::next_frame(life, stream) {
                    self.silent -= usize::from(silent);
                    return Some(frame);
                }
            }
            self.streams.unqueue();
            self.settle(stream);
        }
        self.go_away.take().map(Frame::GoAway)
    }

    /// A stream of the remote's has waited long enough for something else to answer it with.
    pub(super) fn answer(&mut self, stream: StreamId) {
        let Some(life) = self.streams.get_mut(stream) else { return };
        if life.flow.opening != Opening::Arrived {
            return;
        }
        if life.is_unaccepted() {
            life.flow.opening = Opening::Overdue;
        } else {
            self.announce(stream);
        }
    }

    pub(super) fn announce(&mut self, stream: StreamId) {
        if let Some(life) = self.streams.get_mut(stream) {
            life.flow.announce = true;
            self.streams.queue(stream);
        }
    }

    pub(super) fn announce_silent(&mut self) {
        if self.silent == 0 {
            return;
        }
        let silent = self.streams.iter().filter_map(|(stream, life)| {
            let flow = &life.flow;
            (flow.opening == Opening::Silent && !flow.announce).then_some(stream)
        });
        for stream in silent.collect::<Vec<_>>() {
            self.announce(stream);
        }
    }

    pub(super) fn renew_window(&mut self, stream: StreamId, now: Instant) {
        let Some(life) = self.streams.get_mut(stream) else { return };
        if life.is_remote_finished() || life.has_ended() {
            return;
        }
        self.heartbeat.measure(now);
        let unread = life.unread();
        life.flow.grant += life.flow.window.renew(unread);
        self.streams.queue(stream);
    }

    /// Our stream no longer counts as one that the remote has to acknowledge.
    pub(super) fn acknowledge(&mut self, stream: StreamId) {
        let Some(life) = self.streams.get_mut(stream) else { return };
        let opening = life.flow.opening;
        if matches!(opening, Opening::Silent | Opening::Announced) {
            life.flow.opening = Opening::Acknowledged;
        }
        self.count_acknowledged(opening);
    }

    /// Forgets a stream for which nothing remains to be done.
    pub(super) fn settle(&mut self, stream: StreamId) {
        if let Some(flow) = self.streams.settle(stream) {
            self.growth.left += flow.window.grown();
            self.count_acknowledged(flow.opening);
        }
    }

    fn count_acknowledged(&mut self, before: Opening) {
        if matches!(before, Opening::Silent | Opening::Announced) {
            self.silent -= usize::from(before == Opening::Silent);
            self.unacknowledged -= 1;
            self.streams.tell(Event::Openable);
        }
    }
}
