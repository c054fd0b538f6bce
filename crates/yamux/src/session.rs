//! All streams of one connection, as a machine without I/O, clock or wakers.
//!
//! Received bytes go into [`Session::receive`]. The application's verbs are `open`, `accept`,
//! `write`, `read`, `shutdown`, `reset` and `release`. What comes out are the segments that `write`
//! hands out, to be sent at once, the frames of [`Session::poll_transmit`], and events.

mod ending;
mod incoming;
mod outgoing;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use peerloom_core::Role;

use crate::decoder::Decoder;
use crate::frame::{Frame, GoAway, HEADER_LENGTH, StreamId};
use crate::heartbeat::Heartbeat;
use crate::stream_state::{End, Opening, Owner, StreamState, Writing};
use crate::window::Growth;
use crate::{Config, Error};

/// The streams of a connection and what is to be said about them.
pub(crate) struct Session {
    config: Config,
    role: Role,
    /// The number of our next stream.
    next: Option<StreamId>,
    streams: HashMap<StreamId, StreamState>,
    /// The remote's streams that nobody has accepted, in the order of their arrival.
    backlog: VecDeque<StreamId>,
    /// How many of our streams the remote has not acknowledged, and how many of those it does not know of.
    unacknowledged: usize,
    silent: usize,
    /// The remote's streams that were not answered yet, and when they will be if nothing else is sent.
    arrivals: VecDeque<StreamId>,
    answer_at: Option<Instant>,
    /// Streams whose handle was dropped after they had been finished, until they are reset.
    lingering: VecDeque<(Instant, StreamId)>,
    /// Streams with frames to send.
    control: VecDeque<StreamId>,
    /// Answers that the remote has caused.
    replies: VecDeque<Frame>,
    heartbeat: Heartbeat,
    growth: Growth,
    /// How many bytes wait in the inboxes of all streams.
    unread: usize,
    decoder: Decoder,
    /// The stream whose body is being received, and whether it ends with it.
    body: Option<(StreamId, bool)>,
    events: VecDeque<Event>,
    /// What the remote is still to be told about the end of the connection.
    go_away: Option<GoAway>,
    /// Whether the remote has said goodbye.
    remote_closed: bool,
    /// Why the connection has ended, when it has.
    ended: Option<Error>,
}

/// What somebody may have waited for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// There is something to read: data, the end, or a failure.
    Readable(StreamId),
    /// Writing may go on, or has failed.
    Writable(StreamId),
    /// A stream of the remote's can be accepted.
    Incoming,
    /// Another stream can be opened.
    Openable,
    /// The remote has said goodbye: no more streams can be opened.
    RemoteClosed,
}

/// The beginning of a frame with data: the header, and how many of the writer's bytes follow it.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) header: [u8; HEADER_LENGTH],
    pub(crate) length: usize,
}

/// What there is to read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The next bytes.
    Data(Bytes),
    /// The remote has finished.
    End,
    /// Nothing yet; an event will tell.
    Later,
}

impl Session {
    pub(crate) fn new(config: Config, role: Role, now: Instant) -> Self {
        let growth = Growth { max_window: config.max_window, left: config.max_buffered / 2 };
        Session {
            role,
            next: StreamId::new(if role.is_dialer() { 1 } else { 2 }),
            streams: HashMap::new(),
            backlog: VecDeque::new(),
            unacknowledged: 0,
            silent: 0,
            arrivals: VecDeque::new(),
            answer_at: None,
            lingering: VecDeque::new(),
            control: VecDeque::new(),
            replies: VecDeque::new(),
            heartbeat: Heartbeat::new(&config, now),
            growth,
            unread: 0,
            decoder: Decoder::default(),
            body: None,
            events: VecDeque::new(),
            go_away: None,
            remote_closed: false,
            ended: None,
            config,
        }
    }

    /// Opens a stream; `None` while too many await the remote's acknowledgement.
    pub(crate) fn open(&mut self) -> Result<Option<StreamId>, Error> {
        self.alive()?;
        if self.remote_closed {
            return Err(Error::RemoteClosed);
        }
        if self.config.max_streams <= self.streams.len() {
            return Err(Error::TooManyStreams(self.config.max_streams));
        }
        if MAX_UNACKNOWLEDGED <= self.unacknowledged {
            self.announce_silent();
            return Ok(None);
        }
        let stream = self.next.ok_or(Error::StreamsExhausted)?;
        self.next = stream.successor();
        self.streams.insert(stream, StreamState::opened());
        self.unacknowledged += 1;
        self.silent += 1;
        Ok(Some(stream))
    }

    /// Takes the next stream of the remote's. Those that came before its goodbye can be had after it.
    pub(crate) fn accept(&mut self) -> Result<Option<StreamId>, Error> {
        let alive = self.alive();
        if !matches!(alive, Err(Error::RemoteClosed)) || self.backlog.is_empty() {
            alive?;
        }
        let Some(stream) = self.backlog.pop_front() else { return Ok(None) };
        if let Some(state) = self.streams.get_mut(&stream) {
            state.owner = Owner::Application;
            if state.opening == Opening::Overdue {
                self.announce(stream);
            }
        }
        Ok(Some(stream))
    }

    /// Whether a stream can be written to, now or later.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) fn writable(&self, stream: StreamId) -> Result<(), Error> {
        self.alive()?;
        let state = self.streams.get(&stream).ok_or(Error::Closed)?;
        match state.end {
            Some(end) => Err(end.error(self.config.max_buffered)),
            None if state.writing == Writing::Open => Ok(()),
            None => Err(Error::Closed),
        }
    }

    /// Claims up to `wanted` bytes for the next frame of a stream; `None` when its window is used up.
    pub(crate) fn write(
        &mut self,
        stream: StreamId,
        wanted: usize,
    ) -> Result<Option<Segment>, Error> {
        self.writable(stream)?;
        let state = self.streams.get_mut(&stream).ok_or(Error::Closed)?;
        let length = state.claim(u32::try_from(wanted).unwrap_or(u32::MAX).min(MAX_BODY));
        if length == 0 {
            state.wants_credit = true;
            return Ok(None);
        }
        self.silent -= usize::from(state.opening == Opening::Silent);
        let frame = Frame::Data { stream, flags: state.take_opening(), length };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(Some(Segment { header: frame.encode(), length }))
    }

    /// Reads up to `limit` bytes of a stream.
    pub(crate) fn read(
        &mut self,
        stream: StreamId,
        limit: usize,
        now: Instant,
    ) -> Result<Read, Error> {
        let state = self.streams.get_mut(&stream).ok_or(Error::Closed)?;
        if let Some(bytes) = state.inbox.pop(limit) {
            self.unread -= bytes.len();
            if state.window.is_due(state.inbox.len()) {
                self.renew_window(stream, now);
            }
            return Ok(Read::Data(bytes));
        }
        if state.remote_finished && state.end != Some(End::Reset) {
            return Ok(Read::End);
        }
        if let Some(end) = state.end {
            return Err(end.error(self.config.max_buffered));
        }
        if let Some(reason) = &self.ended {
            return Err(reason.clone());
        }
        state.wants_data = true;
        if state.is_unannounced() {
            self.announce(stream);
        }
        Ok(Read::Later)
    }

    /// Finishes our side of a stream.
    pub(crate) fn shutdown(&mut self, stream: StreamId) -> Result<(), Error> {
        self.alive()?;
        let state = self.streams.get_mut(&stream).ok_or(Error::Closed)?;
        if let Some(end) = state.end {
            return Err(end.error(self.config.max_buffered));
        }
        if state.writing != Writing::Open {
            return Ok(());
        }
        state.writing = Writing::Finishing;
        self.queue(stream);
        Ok(())
    }

    /// Makes sure that the remote learns of a stream on which nothing has been written. Whether
    /// something of the stream's is still to be sent.
    pub(crate) fn flush(&mut self, stream: StreamId) -> Result<bool, Error> {
        self.alive()?;
        let state = self.streams.get(&stream).ok_or(Error::Closed)?;
        if state.opening == Opening::Silent && state.end.is_none() {
            self.announce(stream);
        }
        Ok(self.streams.get(&stream).is_some_and(|state| state.queued))
    }

    /// Says goodbye: from now on nothing is opened, accepted or written.
    pub(crate) fn close(&mut self) {
        self.fail(Error::Closed);
    }

    /// Ends the connection; the first reason is the one that everybody hears.
    pub(crate) fn fail(&mut self, reason: Error) {
        if self.ended.is_none() {
            self.go_away = Some(reason.go_away());
            self.ended = Some(reason);
        }
    }

    /// Why the connection has ended.
    ///
    /// # Errors
    /// When it has.
    pub(crate) fn alive(&self) -> Result<(), Error> {
        self.ended.clone().map_or(Ok(()), Err)
    }

    /// Whether the remote has said goodbye.
    pub(crate) fn is_remote_closed(&self) -> bool {
        self.remote_closed
    }

    /// How many streams are open.
    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }

    /// The time there and back as it was last measured.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.heartbeat.last()
    }

    fn announce_silent(&mut self) {
        if self.silent == 0 {
            return;
        }
        let silent = |(&stream, state): (&StreamId, &StreamState)| {
            (state.opening == Opening::Silent && !state.announce).then_some(stream)
        };
        let streams: Vec<StreamId> = self.streams.iter().filter_map(silent).collect();
        for stream in streams {
            self.announce(stream);
        }
    }

    fn renew_window(&mut self, stream: StreamId, now: Instant) {
        let Some(state) = self.streams.get_mut(&stream) else { return };
        let unread = state.inbox.len();
        if state.remote_finished || state.end.is_some() {
            return;
        }
        self.heartbeat.measure(now);
        let round_trip = self.heartbeat.shortest();
        state.grant += state.window.renew(unread, now, round_trip, &mut self.growth);
        self.queue(stream);
    }

    fn announce(&mut self, stream: StreamId) {
        if let Some(state) = self.streams.get_mut(&stream) {
            state.announce = true;
            self.queue(stream);
        }
    }

    /// Puts a stream into the list of those with frames to send.
    fn queue(&mut self, stream: StreamId) {
        if let Some(state) = self.streams.get_mut(&stream)
            && !std::mem::replace(&mut state.queued, true)
        {
            self.control.push_back(stream);
        }
    }
}

/// The longest body we send: peers take more, but it would keep other streams waiting.
const MAX_BODY: u32 = 64 * 1024;

/// How many of our streams may await their acknowledgement, as the specification advises; peers reset what is above.
const MAX_UNACKNOWLEDGED: usize = 256;

#[cfg(test)]
mod pair;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
