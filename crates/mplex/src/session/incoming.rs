//! What the remote says, what it may not, and what happens when there is no room for it.

use std::time::Instant;

use bytes::Bytes;
use peerloom_muxer_shell::{End, Life};

use super::{Body, Event, Pause, Session};
use crate::config::WhenFull;
use crate::decoder::Item;
use crate::error::{Error, Violation};
use crate::flow::Flow;
use crate::frame::{Frame, Kind, StreamId};

impl Session {
    /// Takes what came over the wire, as far as there is room; a piece shorter than `keep` is copied.
    pub(super) fn handle_bytes(
        &mut self,
        bytes: &mut Bytes,
        keep: usize,
        now: Instant,
    ) -> Result<(), Error> {
        loop {
            let room = self.room();
            match self.decoder.next(bytes, room)? {
                Some(Item::Frame(frame)) => self.handle_frame(frame)?,
                Some(Item::Body(piece)) => self.handle_body(piece, keep),
                None if bytes.is_empty() => return Ok(()),
                None => {
                    self.begin_pause(keep, now);
                    if self.pause.is_some() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn handle_frame(&mut self, frame: Frame) -> Result<(), Error> {
        let stream = frame.stream(self.role.other());
        self.body = Body::Nowhere;
        if self.streams.get(stream).is_some_and(|life| life.flow.is_silent()) {
            // The remote cannot mean a stream that it has not heard of.
            return Ok(());
        }
        match frame.kind() {
            Kind::NewStream => self.handle_open(stream)?,
            Kind::Message(_) if 0 < frame.length() => self.handle_message(stream),
            Kind::Message(_) => {}
            Kind::Close(_) => {
                self.streams.handle_finish(stream);
                self.streams.settle(stream);
            }
            Kind::Reset(_) => {
                self.streams.handle_reset(stream);
                self.streams.settle(stream);
            }
        }
        Ok(())
    }

    fn handle_open(&mut self, stream: StreamId) -> Result<(), Error> {
        if self.streams.get(stream).is_some() {
            return Err(Violation::DuplicateStream(stream.number()).into());
        }
        if self.streams.has_room(self.config.max_streams) {
            self.streams.arrive(stream, Flow::arrived());
            self.body = Body::Name(stream);
            return Ok(());
        }
        if MAX_REFUSED <= self.refused.len() {
            return Err(Violation::ReplyFlood(MAX_REFUSED).into());
        }
        self.refused.push_back(stream);
        Ok(())
    }

    /// Data for a stream that is not known, or that the remote has finished, is no offence: it was on
    /// its way when the stream ended, and whether the end came first must make no difference.
    fn handle_message(&mut self, stream: StreamId) {
        let life = self.streams.get(stream).filter(|life| !life.is_remote_finished());
        match life {
            Some(life) if life.discards() => self.streams.end(stream, End::Reset),
            Some(_) => self.body = Body::Data(stream),
            None => {}
        }
    }

    fn handle_body(&mut self, piece: Bytes, keep: usize) {
        match self.body {
            Body::Nowhere => {}
            Body::Name(stream) => {
                if let Some(life) = self.streams.get_mut(stream) {
                    life.flow.name(&piece);
                }
            }
            Body::Data(stream) => self.streams.receive(stream, piece, keep),
        }
    }

    /// For how much of the data that is being received there is room.
    fn room(&self) -> usize {
        let Body::Data(stream) = self.body else { return usize::MAX };
        match self.streams.get(stream) {
            Some(life) if !life.discards() => {
                let of_stream = self.config.max_unread.saturating_sub(life.unread());
                of_stream.min(self.config.max_buffered.saturating_sub(self.streams.unread()))
            }
            _ => usize::MAX,
        }
    }

    /// There is no room: finds out who is to blame, and waits for it or resets it.
    fn begin_pause(&mut self, keep: usize, now: Instant) {
        let Body::Data(stream) = self.body else { return };
        let unread = self.streams.get(stream).map_or(0, Life::unread);
        let of_stream = self.config.max_unread <= unread;
        let slow = if of_stream { stream } else { self.fullest().unwrap_or(stream) };
        let WhenFull::Wait(patience) = self.config.when_full else {
            return self.reset_slow(slow, of_stream);
        };
        let half = self.streams.get(slow).map_or(0, Life::unread).div_ceil(2);
        let all = if of_stream { unread } else { self.streams.unread() };
        let (enough, until) = (all.saturating_sub(half), now.checked_add(patience));
        self.pause = Some(Pause { slow, of_stream, enough, until, over: false, keep });
    }

    /// Tells the driver to go on, once enough has been read, or nobody wants the data any more.
    pub(super) fn end_pause(&mut self) -> Option<Event> {
        self.pause.as_ref().filter(|pause| !pause.over)?;
        let unwanted = self.room() == usize::MAX;
        let pause = self.pause.as_mut()?;
        let slow = self.streams.get(pause.slow).filter(|life| !life.discards());
        let unread = match slow {
            Some(life) if pause.of_stream => life.unread(),
            Some(_) => self.streams.unread(),
            None => 0,
        };
        pause.over = unwanted || unread <= pause.enough;
        pause.over.then_some(Event::Receptive)
    }

    /// Resets the stream that the line waits for, when that has had its time.
    pub(super) fn give_up(&mut self, now: Instant) {
        let pause = self.pause.as_ref().filter(|pause| !pause.over);
        if let Some(pause) = pause
            && pause.until.is_some_and(|until| until <= now)
        {
            self.reset_slow(pause.slow, pause.of_stream);
        }
    }

    fn reset_slow(&mut self, stream: StreamId, of_stream: bool) {
        let limit = if of_stream { self.config.max_unread } else { self.config.max_buffered };
        self.streams.end(stream, End::TooMuchUnread(limit));
    }

    /// The stream that has most unread.
    fn fullest(&self) -> Option<StreamId> {
        let fullest = self.streams.iter().max_by_key(|(_, life)| life.unread());
        fullest.map(|(stream, _)| stream)
    }
}

/// How many refusals may wait for the remote to read them: as many as a burst of an honest one's causes.
const MAX_REFUSED: usize = 1024;
