//! The pure core of a muxer, as the shell sees it.

use std::fmt;
use std::hash::Hash;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::{Error, Violation};

/// All streams of one connection, as a machine without I/O, clock or wakers.
///
/// Received bytes go into [`Session::receive`]. The application's verbs are `open`, `accept`,
/// `write`, `read`, `shutdown`, `flush`, `reset` and `release`. What comes out are the segments that
/// `write` hands out, to be sent at once, the frames of [`Session::poll_transmit`], and events.
/// Once the session has failed, what it has still to say is sent, and nothing more is received.
pub trait Session: Send + 'static {
    /// What names a stream.
    type Id: Copy + Eq + Hash + fmt::Debug + Into<u64> + Send + Sync + Unpin + 'static;
    /// A frame without data, or what comes before data, as it is on the wire.
    type Header: AsRef<[u8]>;
    /// What the remote can do wrong.
    type Violation: Violation;

    /// Opens a stream; `None` while it has to wait for the remote, until [`Event::Openable`].
    ///
    /// # Errors
    /// When there can be no more streams.
    fn open(&mut self) -> Result<Option<Self::Id>, Error<Self::Violation>>;

    /// Takes the next stream of the remote's; those that came before its goodbye can be had after it.
    ///
    /// # Errors
    /// When there will be none any more.
    fn accept(&mut self) -> Result<Option<Self::Id>, Error<Self::Violation>>;

    /// Whether a stream can be written to, now or later.
    ///
    /// # Errors
    /// When it cannot.
    fn writable(&mut self, stream: Self::Id) -> Result<(), Error<Self::Violation>>;

    /// Claims up to `wanted` bytes for the next frame of a stream; `None` when it may send nothing
    /// now, until [`Event::Writable`].
    ///
    /// # Errors
    /// When the stream cannot be written to.
    fn write(
        &mut self,
        stream: Self::Id,
        wanted: usize,
    ) -> Result<Option<Segment<Self::Header>>, Error<Self::Violation>>;

    /// Reads up to `limit` bytes of a stream.
    ///
    /// # Errors
    /// When all has been read that came before the stream failed.
    fn read(
        &mut self,
        stream: Self::Id,
        limit: usize,
        now: Instant,
    ) -> Result<Read, Error<Self::Violation>>;

    /// Finishes our side of a stream.
    ///
    /// # Errors
    /// When the stream has ended otherwise.
    fn shutdown(&mut self, stream: Self::Id) -> Result<(), Error<Self::Violation>>;

    /// Makes sure that the remote learns of a stream on which nothing has been written. Whether
    /// something of the stream's is still to be sent.
    ///
    /// # Errors
    /// When the connection has ended, or the stream is gone.
    fn flush(&mut self, stream: Self::Id) -> Result<bool, Error<Self::Violation>>;

    /// Ends both sides of a stream.
    fn reset(&mut self, stream: Self::Id);

    /// The handle of a stream was dropped: what was finished is still delivered, the rest is reset.
    fn release(&mut self, stream: Self::Id, now: Instant);

    /// Ends the connection; the first reason is the one that everybody hears. [`Error::Closed`] is
    /// a goodbye: from now on nothing is opened, accepted or written.
    fn fail(&mut self, reason: Error<Self::Violation>);

    /// Takes what came over the wire, cut anyhow. What it has no room for it leaves, to be offered
    /// again, before anything else is, after [`Event::Receptive`].
    ///
    /// # Errors
    /// When the remote breaks the protocol, or ends the connection over an error.
    fn receive(&mut self, bytes: &mut Bytes, now: Instant) -> Result<(), Error<Self::Violation>>;

    /// The remote has ended its side of the byte stream. That is a goodbye only where the protocol
    /// says so.
    fn receive_end(&mut self) {}

    /// The next frame without data to send.
    fn poll_transmit(&mut self) -> Option<Self::Header>;

    /// What somebody may have waited for.
    fn poll_event(&mut self) -> Option<Event<Self::Id>>;

    /// When [`Session::handle_timeout`] wants to be called.
    fn poll_timeout(&self) -> Option<Instant>;

    /// Does what was due at a time.
    ///
    /// # Errors
    /// When the connection has failed by it.
    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error<Self::Violation>>;

    /// Why the connection has ended.
    ///
    /// # Errors
    /// When it has.
    fn alive(&self) -> Result<(), Error<Self::Violation>>;

    /// Whether the remote has said goodbye.
    fn is_remote_closed(&self) -> bool;

    /// How many streams are open.
    fn streams(&self) -> usize;

    /// The time there and back as it was last measured.
    fn round_trip(&self) -> Option<Duration> {
        None
    }

    /// What the side that opened a stream calls it, where the protocol has names.
    fn name(&self, _stream: Self::Id) -> Option<String> {
        None
    }
}

/// What somebody may have waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<I> {
    /// There is something to read: data, the end, or a failure.
    Readable(I),
    /// Writing may go on, or has failed.
    Writable(I),
    /// A stream of the remote's can be accepted.
    Incoming,
    /// Another stream can be opened.
    Openable,
    /// There is room again for received bytes that were left.
    Receptive,
    /// The remote has said goodbye: no more streams can be opened.
    RemoteClosed,
}

/// The beginning of a frame with data: the header, and how many of the writer's bytes follow it.
#[derive(Debug)]
pub struct Segment<H> {
    /// What comes first.
    pub header: H,
    /// How many bytes of data follow.
    pub length: usize,
}

/// What there is to read.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// The next bytes.
    Data(Bytes),
    /// The remote has finished.
    End,
    /// Nothing yet; an event will tell.
    Later,
}
