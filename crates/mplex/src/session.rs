//! All streams of one connection, as a machine without I/O, clock or wakers.

mod incoming;

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use peerloom_core::Role;
use peerloom_muxer_shell::{self as shell, End, Read, Streams, free_list, worth_keeping};

use crate::Config;
use crate::decoder::Decoder;
use crate::error::{Error, Violation};
use crate::flow::{self, Flow};
use crate::frame::{Frame, Header, Kind, StreamId};

/// The streams of a connection and what is to be said about them.
#[derive(Debug)]
pub struct Session {
    config: Config,
    role: Role,
    /// Our next stream.
    next: Option<StreamId>,
    streams: Streams<StreamId, Flow, Violation>,
    /// The remote's streams that are refused, and it has not been told.
    refused: VecDeque<StreamId>,
    decoder: Decoder,
    /// Whose the data is that is being received.
    body: Body,
    /// What received data waits for, when there is no room for it.
    pause: Option<Pause>,
}

/// Where received data goes.
#[derive(Clone, Copy, Debug)]
enum Body {
    /// Nobody wants it.
    Nowhere,
    /// It is the name of a stream.
    Name(StreamId),
    /// It is for the reader of a stream.
    Data(StreamId),
}

/// Why nothing is taken from the line.
#[derive(Debug)]
struct Pause {
    /// The stream that is to blame.
    slow: StreamId,
    /// Whether it has all that a stream may have unread; otherwise the connection has.
    of_stream: bool,
    /// How much may wait unread, of the stream or the connection, when the line goes on.
    enough: usize,
    /// When the stream is reset.
    until: Option<Instant>,
    /// Whether the driver has been told to go on.
    over: bool,
    /// How long a piece of what was left must be to be kept as it is.
    keep: usize,
}

type Event = shell::Event<StreamId>;
type Segment = shell::Segment<Header>;

impl Session {
    /// A connection without streams, for whoever moves the bytes without the shell.
    #[must_use]
    pub fn new(mut config: Config, role: Role) -> Self {
        // Without any room nobody could be waited for.
        config.max_unread = config.max_unread.max(1);
        config.max_buffered = config.max_buffered.max(1);
        Session {
            config,
            role,
            next: Some(StreamId::new(0, role)),
            streams: Streams::default(),
            refused: VecDeque::new(),
            decoder: Decoder::default(),
            body: Body::Nowhere,
            pause: None,
        }
    }

    fn announce(&mut self, stream: StreamId) {
        if let Some(life) = self.streams.get_mut(stream) {
            life.flow.announce = true;
            self.streams.queue(stream);
        }
    }
}

impl shell::Session for Session {
    type Id = StreamId;
    type Header = Header;
    type Violation = Violation;

    /// Never waits: mplex has no acknowledgements.
    fn open(&mut self) -> Result<Option<StreamId>, Error> {
        self.streams.can_open(self.config.max_streams)?;
        let stream = self.next.ok_or(Error::StreamsExhausted)?;
        self.next = stream.successor();
        self.streams.open(stream, Flow::opened());
        Ok(Some(stream))
    }

    fn accept(&mut self) -> Result<Option<StreamId>, Error> {
        self.streams.accept()
    }

    fn writable(&mut self, stream: StreamId) -> Result<(), Error> {
        self.streams.writable(stream).map(drop)
    }

    /// Always something: nothing but the line holds a writer back.
    fn write(&mut self, stream: StreamId, wanted: usize) -> Result<Option<Segment>, Error> {
        let flow = &mut self.streams.writable(stream)?.flow;
        let length = u32::try_from(wanted).unwrap_or(u32::MAX).min(MAX_BODY);
        let kind = Kind::Message(stream.sender(self.role));
        let mut header = flow.take_opening(stream);
        header.push_frame(Frame::new(kind, stream.number(), length).ok_or(Error::Closed)?);
        Ok(Some(Segment { header, length: usize::try_from(length).unwrap_or(usize::MAX) }))
    }

    fn read(&mut self, stream: StreamId, limit: usize, _: Instant) -> Result<Read, Error> {
        let (read, life) = self.streams.read(stream, limit)?;
        if read == Read::Later && life.flow.is_silent() {
            self.announce(stream);
        }
        Ok(read)
    }

    fn shutdown(&mut self, stream: StreamId) -> Result<(), Error> {
        self.streams.shutdown(stream)
    }

    fn flush(&mut self, stream: StreamId) -> Result<bool, Error> {
        self.streams.alive()?;
        let life = self.streams.get(stream).ok_or(Error::Closed)?;
        let silent = life.flow.is_silent() && !life.has_ended();
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
        self.streams.release(stream, now, false);
        self.streams.settle(stream);
    }

    fn fail(&mut self, reason: Error) {
        self.streams.fail(reason);
    }

    fn receive(&mut self, bytes: &mut Bytes, now: Instant) -> Result<(), Error> {
        if self.pause.as_ref().is_some_and(|pause| !pause.over) {
            return Ok(());
        }
        let before = self.pause.take();
        let keep = before.map_or(worth_keeping(bytes.len()), |pause| pause.keep);
        self.handle_bytes(bytes, keep, now)
    }

    /// mplex has no other goodbye.
    fn receive_end(&mut self) {
        if self.decoder.is_between_messages() {
            self.streams.handle_goodbye();
        }
    }

    fn poll_transmit(&mut self) -> Option<Header> {
        if let Some(stream) = self.refused.pop_front() {
            let kind = Kind::Reset(stream.sender(self.role));
            return Frame::new(kind, stream.number(), 0).map(|frame| frame.encode());
        }
        free_list(&mut self.refused);
        while let Some(stream) = self.streams.next_queued() {
            let life = self.streams.get_mut(stream);
            if let Some(frame) = life.and_then(|it| flow::next_frame(it, stream, self.role)) {
                return Some(frame);
            }
            self.streams.unqueue();
            self.streams.settle(stream);
        }
        None
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.streams.poll_event().or_else(|| self.end_pause())
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let pause = self.pause.as_ref().filter(|pause| !pause.over);
        self.streams.poll_timeout().into_iter().chain(pause.and_then(|pause| pause.until)).min()
    }

    /// Never fails: that the remote is gone, mplex learns from the line only.
    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.streams.handle_timeout(now);
        self.give_up(now);
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

    fn name(&self, stream: StreamId) -> Option<String> {
        self.streams.get(stream)?.flow.name_as_text()
    }
}

/// The longest message we send: peers take more, but it would keep other streams waiting.
const MAX_BODY: u32 = 64 * 1024;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
