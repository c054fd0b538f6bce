//! All streams of one connection, as a machine without I/O, clock or wakers.

mod incoming;
mod outgoing;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use peerloom_core::Role;
use peerloom_muxer_shell::{self as shell, End, Read, Streams};

use crate::Config;
use crate::decoder::Decoder;
use crate::error::{Error, Violation};
use crate::flow::{Flow, Opening};
use crate::frame::{Frame, GoAway, HEADER_LENGTH, StreamId};
use crate::heartbeat::Heartbeat;
use crate::window::Growth;

/// The streams of a connection and what is to be said about them.
#[derive(Debug)]
pub struct Session {
    config: Config,
    role: Role,
    /// The number of our next stream.
    next: Option<StreamId>,
    streams: Streams<StreamId, Flow, Violation>,
    /// How many of our streams the remote has not acknowledged, and how many of those it does not know of.
    unacknowledged: usize,
    silent: usize,
    /// The remote's streams that were not answered yet, and when they will be if nothing else is sent.
    arrivals: VecDeque<StreamId>,
    answer_at: Option<Instant>,
    /// Answers that the remote has caused.
    replies: VecDeque<Frame>,
    heartbeat: Heartbeat,
    growth: Growth,
    /// Since when bytes have been coming without a break.
    burst: Instant,
    decoder: Decoder,
    /// The stream whose body is being received, and whether it ends with it.
    body: Option<(StreamId, bool)>,
    /// What the remote is still to be told about the end of the connection.
    go_away: Option<GoAway>,
}

type Event = shell::Event<StreamId>;
type Segment = shell::Segment<[u8; HEADER_LENGTH]>;

impl Session {
    /// A connection without streams, for whoever moves the bytes without the shell.
    #[must_use]
    pub fn new(config: Config, role: Role, now: Instant) -> Self {
        let (max_window, left) = (config.max_window, config.max_buffered / 2);
        Session {
            role,
            next: StreamId::new(if role.is_dialer() { 1 } else { 2 }),
            streams: Streams::default(),
            unacknowledged: 0,
            silent: 0,
            arrivals: VecDeque::new(),
            answer_at: None,
            replies: VecDeque::new(),
            heartbeat: Heartbeat::new(&config, now),
            growth: Growth { max_window, left, carried: 0 },
            burst: now,
            decoder: Decoder::default(),
            body: None,
            go_away: None,
            config,
        }
    }

    /// With what is known of the distance to the remote, before it has been measured.
    #[must_use]
    pub fn with_round_trip(mut self, round_trip: Option<Duration>) -> Self {
        self.heartbeat.expect(round_trip);
        self
    }
}

impl shell::Session for Session {
    type Id = StreamId;
    type Header = [u8; HEADER_LENGTH];
    type Violation = Violation;

    /// `None` while too many await the remote's acknowledgement.
    fn open(&mut self) -> Result<Option<StreamId>, Error> {
        self.streams.can_open(self.config.max_streams)?;
        if MAX_UNACKNOWLEDGED <= self.unacknowledged {
            self.announce_silent();
            return Ok(None);
        }
        let stream = self.next.ok_or(Error::StreamsExhausted)?;
        self.next = stream.successor();
        self.streams.open(stream, Flow::opened());
        self.unacknowledged += 1;
        self.silent += 1;
        Ok(Some(stream))
    }

    fn accept(&mut self) -> Result<Option<StreamId>, Error> {
        let accepted = self.streams.accept()?;
        let life = accepted.and_then(|stream| self.streams.get(stream));
        if let Some(stream) = accepted
            && life.is_some_and(|life| life.flow.opening == Opening::Overdue)
        {
            self.announce(stream);
        }
        Ok(accepted)
    }

    fn writable(&mut self, stream: StreamId) -> Result<(), Error> {
        self.streams.writable(stream).map(drop)
    }

    fn write(&mut self, stream: StreamId, wanted: usize) -> Result<Option<Segment>, Error> {
        let flow = &mut self.streams.writable(stream)?.flow;
        let length = flow.claim(u32::try_from(wanted).unwrap_or(u32::MAX).min(MAX_BODY));
        if length == 0 {
            flow.wants_credit = true;
            return Ok(None);
        }
        self.silent -= usize::from(flow.opening == Opening::Silent);
        let frame = Frame::Data { stream, flags: flow.take_opening(), length };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        Ok(Some(Segment { header: frame.encode(), length }))
    }

    fn read(&mut self, stream: StreamId, limit: usize, now: Instant) -> Result<Read, Error> {
        let (read, life) = self.streams.read(stream, limit)?;
        if let Read::Data(bytes) = &read {
            let (round_trip, growth) = (self.heartbeat.shortest(), &mut self.growth);
            life.flow.window.read(bytes.len(), now, round_trip, growth);
        }
        match &read {
            Read::Data(_) if life.flow.window.is_due(life.unread()) => {
                self.renew_window(stream, now);
            }
            Read::Later if life.flow.is_unannounced() => self.announce(stream),
            Read::Data(_) | Read::Later | Read::End => {}
        }
        Ok(read)
    }

    fn shutdown(&mut self, stream: StreamId) -> Result<(), Error> {
        self.streams.shutdown(stream)
    }

    fn flush(&mut self, stream: StreamId) -> Result<bool, Error> {
        self.streams.alive()?;
        let life = self.streams.get(stream).ok_or(Error::Closed)?;
        let silent = life.flow.opening == Opening::Silent && !life.has_ended();
        let waits = silent || life.is_queued();
        if silent {
            self.announce(stream);
        }
        Ok(waits)
    }

    fn reset(&mut self, stream: StreamId) {
        self.streams.end(stream, End::Reset);
    }

    fn release(&mut self, stream: StreamId, now: Instant) {
        let life = self.streams.get(stream);
        let stuck = life.is_some_and(|life| life.flow.window.is_used_up());
        self.streams.release(stream, now, stuck);
        self.settle(stream);
    }

    fn fail(&mut self, reason: Error) {
        // A goodbye is answered by the end of the line.
        let goodbye = (!matches!(reason, Error::RemoteClosed)).then(|| GoAway::from(&reason));
        if self.streams.fail(reason) {
            self.go_away = goodbye;
        }
    }

    fn receive(&mut self, bytes: &mut Bytes, now: Instant) -> Result<(), Error> {
        self.handle_bytes(bytes, now)
    }

    fn poll_transmit(&mut self) -> Option<[u8; HEADER_LENGTH]> {
        self.next_frame().map(|frame| frame.encode())
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.streams.poll_event()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let timers = [self.heartbeat.poll_timeout(), self.answer_at, self.streams.poll_timeout()];
        timers.into_iter().flatten().min()
    }

    /// Fails when the remote has been silent for too long.
    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.heartbeat.handle_timeout(now)?;
        if self.answer_at.is_some_and(|at| at <= now) {
            self.answer_at = None;
            for stream in std::mem::take(&mut self.arrivals) {
                self.answer(stream);
            }
        }
        self.streams.handle_timeout(now);
        Ok(())
    }

    fn alive(&self) -> Result<(), Error> {
        self.streams.alive()
    }

    fn is_remote_closed(&self) -> bool {
        self.streams.is_remote_closed()
    }

    fn streams(&self) -> usize {
        self.streams.len()
    }

    fn round_trip(&self) -> Option<Duration> {
        self.heartbeat.last()
    }
}

/// The longest body we send: peers take more, but it would keep other streams waiting.
const MAX_BODY: u32 = 64 * 1024;

/// How many of our streams may await their acknowledgement, as the specification advises; peers reset what is above.
const MAX_UNACKNOWLEDGED: usize = 256;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
