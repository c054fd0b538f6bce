//! What the remote says, and what it may not.

use std::time::{Duration, Instant};

use bytes::Bytes;
use peerloom_muxer_shell::{End, Life, worth_keeping};

use super::{Event, Session};
use crate::decoder::Item;
use crate::error::{Error, Violation};
use crate::flow::{Flow, Opening};
use crate::frame::{Flags, Frame, GoAway, StreamId};
use crate::window::ReceiveWindow;

impl Session {
    /// Takes what came over the wire, cut anyhow.
    ///
    /// # Errors
    /// When the remote breaks the protocol, or ends the connection over an error.
    pub(super) fn handle_bytes(&mut self, bytes: &mut Bytes, now: Instant) -> Result<(), Error> {
        if self.heartbeat.handle_heard(now) {
            self.burst = now;
        }
        let keep = worth_keeping(bytes.len());
        while let Some(item) = self.decoder.next(bytes)? {
            match item {
                Item::Frame(frame) => self.handle_frame(frame, now)?,
                Item::Body(piece, last) => self.handle_body(piece, last, keep),
            }
        }
        Ok(())
    }

    fn handle_frame(&mut self, frame: Frame, now: Instant) -> Result<(), Error> {
        match frame {
            Frame::Data { stream, flags, length } => self.handle_data(stream, flags, length, now),
            Frame::WindowUpdate { stream, flags, credit } => {
                self.handle_window_update(stream, flags, credit, now)
            }
            Frame::Ping(nonce) => self.reply(Frame::Pong(nonce)),
            Frame::Pong(nonce) => {
                self.heartbeat.handle_pong(nonce, now);
                Ok(())
            }
            Frame::GoAway(GoAway::Normal) => {
                self.streams.handle_goodbye();
                Ok(())
            }
            Frame::GoAway(reason) => Err(Violation::WentAway(reason).into()),
        }
    }

    fn handle_data(
        &mut self,
        stream: StreamId,
        flags: Flags,
        length: u32,
        now: Instant,
    ) -> Result<(), Error> {
        self.body = None;
        let burst = self.burst;
        let Some(life) = self.find(stream, flags, length, now)? else { return Ok(()) };
        if life.is_remote_finished() && 0 < length {
            return Err(Violation::DataAfterEnd(stream.get()).into());
        }
        life.flow.window.receive(length).ok_or(Violation::WindowOverrun(stream.get()))?;
        let unread = life.unread();
        life.flow.window.note(length, unread, now, burst);
        if life.flow.window.has_pace() {
            self.heartbeat.measure_once(now);
        }
        let fin = flags.contains(Flags::FIN);
        if 0 < length {
            self.body = Some((stream, fin));
            self.admit(stream, length);
        } else if fin {
            self.handle_end(stream);
        }
        Ok(())
    }

    fn handle_window_update(
        &mut self,
        stream: StreamId,
        flags: Flags,
        credit: u32,
        now: Instant,
    ) -> Result<(), Error> {
        let Some(life) = self.find(stream, flags, 0, now)? else { return Ok(()) };
        life.flow.add_credit(credit).ok_or(Violation::WindowOverflow(stream.get()))?;
        if 0 < credit && std::mem::take(&mut life.flow.wants_credit) {
            self.streams.tell(Event::Writable(stream));
        }
        if flags.contains(Flags::FIN) {
            self.handle_end(stream);
        }
        Ok(())
    }

    fn handle_body(&mut self, piece: Bytes, last: bool, keep: usize) {
        let Some((stream, fin)) = self.body else { return };
        self.streams.receive(stream, piece, keep);
        if last {
            self.body = None;
            if fin {
                self.handle_end(stream);
            }
        }
    }

    /// The stream that a frame is for, opened if the frame opens it. `None` when the frame says
    /// nothing more: its stream is refused, reset by it, or long gone.
    fn find(
        &mut self,
        stream: StreamId,
        flags: Flags,
        length: u32,
        now: Instant,
    ) -> Result<Option<&mut Life<Flow>>, Error> {
        if flags.contains(Flags::SYN) {
            if !self.handle_open(stream, flags, length, now)? {
                return Ok(None);
            }
        } else if self.is_unheard_of(stream) {
            return Err(Violation::InvalidStream(stream.get()).into());
        }
        self.acknowledge(stream);
        if flags.contains(Flags::RST) {
            self.streams.handle_reset(stream);
            self.settle(stream);
            return Ok(None);
        }
        Ok(self.streams.get_mut(stream))
    }

    /// Whether a stream is ours and the remote cannot know of it. The remote's own that are not in
    /// the table are old ones: frames that were on their way when the stream ended are no offence.
    fn is_unheard_of(&self, stream: StreamId) -> bool {
        let unopened = self.next.is_some_and(|next| next <= stream);
        let life = self.streams.get(stream);
        let silent = life.is_some_and(|life| life.flow.opening == Opening::Silent);
        stream.is_dialers() == self.role.is_dialer() && (unopened || silent)
    }

    /// Whether the new stream is taken. Everything is checked before anything changes.
    fn handle_open(
        &mut self,
        stream: StreamId,
        flags: Flags,
        length: u32,
        now: Instant,
    ) -> Result<bool, Error> {
        if stream.is_dialers() == self.role.is_dialer() {
            return Err(Violation::InvalidStream(stream.get()).into());
        }
        if self.streams.get(stream).is_some() {
            return Err(Violation::DuplicateStream(stream.get()).into());
        }
        let mut window = ReceiveWindow::new();
        window.receive(length).ok_or(Violation::WindowOverrun(stream.get()))?;
        if flags.contains(Flags::RST) {
            return Ok(false);
        }
        if !self.streams.has_room(self.config.max_streams) {
            self.reply(Frame::WindowUpdate { stream, flags: Flags::RST, credit: 0 })?;
            return Ok(false);
        }
        self.streams.arrive(stream, Flow::arrived());
        self.answer_at = self.answer_at.or_else(|| now.checked_add(ANSWER_DELAY));
        self.arrivals.push_back(stream);
        if MAX_ARRIVALS < self.arrivals.len()
            && let Some(oldest) = self.arrivals.pop_front()
        {
            self.answer(oldest);
        }
        Ok(true)
    }

    /// Resets the stream of an announced body that has no reader, or no room.
    fn admit(&mut self, stream: StreamId, length: u32) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (limit, Some(life)) = (self.config.max_buffered, self.streams.get(stream)) else {
            return;
        };
        if life.discards() {
            self.streams.end(stream, End::Reset);
        } else if limit < self.streams.unread().saturating_add(length) {
            self.streams.end(stream, End::TooMuchUnread(limit));
        }
    }

    /// The remote will write no more on a stream.
    fn handle_end(&mut self, stream: StreamId) {
        if let Some(life) = self.streams.get_mut(stream) {
            life.flow.grant = 0;
        }
        self.streams.handle_finish(stream);
        self.settle(stream);
    }

    /// Queues an answer.
    ///
    /// # Errors
    /// When the remote asks for more than it reads.
    fn reply(&mut self, frame: Frame) -> Result<(), Error> {
        if MAX_REPLIES <= self.replies.len() {
            return Err(Violation::ReplyFlood(MAX_REPLIES).into());
        }
        self.replies.push_back(frame);
        Ok(())
    }
}

/// How many answers may wait for the remote to read them. Honest peers ask one thing at a time.
const MAX_REPLIES: usize = 1024;

/// How many new streams wait for something to answer them with, before the oldest gets a frame of its own.
const MAX_ARRIVALS: usize = 512;

/// How long a new stream waits for something to answer it with: longer than most handlers take, and
/// short beside the seconds that peers allow.
const ANSWER_DELAY: Duration = Duration::from_millis(20);
