//! What the remote says, and what it may not.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Event, Session};
use crate::Error;
use crate::decoder::Item;
use crate::frame::{Flags, Frame, GoAway, StreamId};
use crate::stream_state::{End, Opening, Owner, StreamState};

impl Session {
    /// Takes what came over the wire, cut anyhow.
    ///
    /// # Errors
    /// When the remote breaks the protocol, or ends the connection over an error.
    pub(crate) fn receive(&mut self, mut bytes: Bytes, now: Instant) -> Result<(), Error> {
        self.heartbeat.handle_heard(now);
        let keep = MIN_PIECE.max(bytes.len() / MAX_WASTE);
        while let Some(item) = self.decoder.next(&mut bytes)? {
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
                self.remote_closed = true;
                self.events.push_back(Event::RemoteClosed);
                Ok(())
            }
            Frame::GoAway(reason) => Err(Error::WentAway(reason)),
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
        let Some(state) = self.find(stream, flags, length, now)? else { return Ok(()) };
        if state.remote_finished && 0 < length {
            return Err(Error::DataAfterEnd(stream.get()));
        }
        state.window.receive(length).ok_or(Error::WindowOverrun(stream.get()))?;
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
        let Some(state) = self.find(stream, flags, 0, now)? else { return Ok(()) };
        state.add_credit(credit).ok_or(Error::WindowOverflow(stream.get()))?;
        if 0 < credit && std::mem::take(&mut state.wants_credit) {
            self.events.push_back(Event::Writable(stream));
        }
        if flags.contains(Flags::FIN) {
            self.handle_end(stream);
        }
        Ok(())
    }

    fn handle_body(&mut self, piece: Bytes, last: bool, keep: usize) {
        let Some((stream, fin)) = self.body else { return };
        if let Some(state) = self.streams.get_mut(&stream)
            && !state.discards()
        {
            self.unread += piece.len();
            state.inbox.push(piece, keep);
            if std::mem::take(&mut state.wants_data) {
                self.events.push_back(Event::Readable(stream));
            }
        }
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
    ) -> Result<Option<&mut StreamState>, Error> {
        if flags.contains(Flags::SYN) {
            if !self.handle_open(stream, flags, length, now)? {
                return Ok(None);
            }
        } else if self.is_unheard_of(stream) {
            return Err(Error::InvalidStream(stream.get()));
        }
        self.acknowledge(stream);
        if flags.contains(Flags::RST) {
            self.handle_reset(stream);
            return Ok(None);
        }
        Ok(self.streams.get_mut(&stream))
    }

    /// Whether a stream is ours and the remote cannot know of it. The remote's own that are not in
    /// the table are old ones: frames that were on their way when the stream ended are no offence.
    fn is_unheard_of(&self, stream: StreamId) -> bool {
        let unopened = self.next.is_some_and(|next| next <= stream);
        let silent =
            self.streams.get(&stream).is_some_and(|state| state.opening == Opening::Silent);
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
            return Err(Error::InvalidStream(stream.get()));
        }
        if self.streams.contains_key(&stream) {
            return Err(Error::DuplicateStream(stream.get()));
        }
        let mut state = StreamState::arrived();
        state.window.receive(length).ok_or(Error::WindowOverrun(stream.get()))?;
        if flags.contains(Flags::RST) {
            return Ok(false);
        }
        let full =
            MAX_BACKLOG <= self.backlog.len() || self.config.max_streams <= self.streams.len();
        if full || self.ended.is_some() {
            self.reply(Frame::WindowUpdate { stream, flags: Flags::RST, credit: 0 })?;
            return Ok(false);
        }
        self.streams.insert(stream, StreamState::arrived());
        self.backlog.push_back(stream);
        self.events.push_back(Event::Incoming);
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
        let Some(state) = self.streams.get(&stream) else { return };
        if state.discards() {
            self.end(stream, End::Reset);
        } else if self.config.max_buffered < self.unread.saturating_add(length) {
            self.end(stream, End::TooMuchUnread);
        }
    }

    /// The remote will write no more on a stream.
    fn handle_end(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        state.remote_finished = true;
        state.grant = 0;
        if std::mem::take(&mut state.wants_data) {
            self.events.push_back(Event::Readable(stream));
        }
        self.settle(stream);
    }

    /// The remote ended both sides of a stream; what came before a finish of its own stays readable.
    fn handle_reset(&mut self, stream: StreamId) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        state.end = state.end.or(Some(End::RemoteReset));
        state.reset_due = false;
        if !state.remote_finished {
            self.unread -= state.inbox.clear();
        }
        if state.owner == Owner::Nobody && !state.remote_finished {
            state.owner = Owner::Gone;
            self.backlog.retain(|waiting| *waiting != stream);
        }
        self.wake(stream);
        self.settle(stream);
    }

    /// Queues an answer.
    ///
    /// # Errors
    /// When the remote asks for more than it reads.
    fn reply(&mut self, frame: Frame) -> Result<(), Error> {
        if MAX_REPLIES <= self.replies.len() {
            return Err(Error::ReplyFlood(MAX_REPLIES));
        }
        self.replies.push_back(frame);
        Ok(())
    }
}

/// How many streams may wait to be accepted; the specification lets a peer open no more at once.
const MAX_BACKLOG: usize = 256;

/// How many answers may wait for the remote to read them. Honest peers ask one thing at a time.
const MAX_REPLIES: usize = 1024;

/// How many new streams wait for something to answer them with, before the oldest gets a frame of its own.
const MAX_ARRIVALS: usize = 512;

/// How long a new stream waits for something to answer it with: longer than most handlers take, and
/// short beside the seconds that peers allow.
const ANSWER_DELAY: Duration = Duration::from_millis(20);

/// A piece of a body that is shorter is copied: it is cheap, and the buffer it came in may be large.
const MIN_PIECE: usize = 16 * 1024;

/// How many times its own length a piece may keep alive of what was received with it.
const MAX_WASTE: usize = 4;
