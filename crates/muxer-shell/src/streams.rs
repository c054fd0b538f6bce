//! The streams of a session: how they open, finish and come to their end, whatever the protocol.

use std::collections::VecDeque;
use std::hash::Hash;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::idle::{Table, free_list, free_table};
use crate::life::{End, Life};
use crate::{Error, Event, Read, Violation};

/// The streams that are named by `I`, with what the protocol keeps of each in an `F`.
#[derive(Debug)]
pub struct Streams<I, F, V: Violation> {
    /// Each in a box of its own, because a table is half empty when it has grown.
    table: Table<I, Box<Life<F>>>,
    /// The remote's streams that nobody has accepted, in the order of their arrival.
    backlog: VecDeque<I>,
    /// Streams with frames to send.
    queue: VecDeque<I>,
    /// Streams whose handle was dropped after they had been finished, until they are reset.
    lingering: VecDeque<(Instant, I)>,
    events: VecDeque<Event<I>>,
    /// How many bytes wait unread on all streams.
    unread: usize,
    /// Whether the remote has said goodbye.
    remote_closed: bool,
    /// Why the connection has ended, when it has.
    ended: Option<Error<V>>,
}

impl<I, F, V: Violation> Default for Streams<I, F, V> {
    fn default() -> Self {
        Streams {
            table: Table::default(),
            backlog: VecDeque::new(),
            queue: VecDeque::new(),
            lingering: VecDeque::new(),
            events: VecDeque::new(),
            unread: 0,
            remote_closed: false,
            ended: None,
        }
    }
}

impl<I: Copy + Eq + Hash, F, V: Violation> Streams<I, F, V> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// How many bytes wait unread on all of them.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, stream: I) -> Option<&Life<F>> {
        self.table.get(&stream).map(Box::as_ref)
    }

    /// One of them, to be changed.
    pub fn get_mut(&mut self, stream: I) -> Option<&mut Life<F>> {
        self.table.get_mut(&stream).map(Box::as_mut)
    }

    /// All of them, in any order.
    pub fn iter(&self) -> impl Iterator<Item = (I, &Life<F>)> {
        self.table.iter().map(|(stream, life)| (*stream, life.as_ref()))
    }

    /// How many wait to be accepted.
    #[must_use]
    pub fn backlog(&self) -> usize {
        self.backlog.len()
    }

    /// How many have frames to send.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether the connection goes on.
    ///
    /// # Errors
    /// Why it has ended, when it has.
    pub fn alive(&self) -> Result<(), Error<V>> {
        self.ended.clone().map_or(Ok(()), Err)
    }

    /// Ends the connection; the first reason is the one that everybody hears. Whether this is it.
    pub fn fail(&mut self, reason: Error<V>) -> bool {
        let first = self.ended.is_none();
        if first {
            self.ended = Some(reason);
        }
        first
    }

    /// The remote has said goodbye.
    pub fn handle_goodbye(&mut self) {
        self.remote_closed = true;
        self.tell(Event::RemoteClosed);
    }

    /// Whether the remote has said goodbye.
    #[must_use]
    pub fn is_remote_closed(&self) -> bool {
        self.remote_closed
    }

    /// Whether a stream can be opened.
    ///
    /// # Errors
    /// When there can be no more, for the connection has ended or `max_streams` are open.
    pub fn can_open(&self, max_streams: usize) -> Result<(), Error<V>> {
        self.alive()?;
        if self.remote_closed {
            return Err(Error::RemoteClosed);
        }
        if max_streams <= self.table.len() {
            return Err(Error::TooManyStreams(max_streams));
        }
        Ok(())
    }

    /// Adds a stream of ours.
    pub fn open(&mut self, stream: I, flow: F) {
        self.table.insert(stream, Box::new(Life::opened(flow)));
    }

    /// Whether a stream of the remote's can be taken.
    #[must_use]
    pub fn has_room(&self, max_streams: usize) -> bool {
        let full = MAX_BACKLOG <= self.backlog.len() || max_streams <= self.table.len();
        !full && self.ended.is_none()
    }

    /// Adds a stream of the remote's, which waits to be accepted.
    pub fn arrive(&mut self, stream: I, flow: F) {
        self.table.insert(stream, Box::new(Life::arrived(flow)));
        self.backlog.push_back(stream);
        self.tell(Event::Incoming);
    }

    /// Takes the next stream of the remote's. Those that came before its goodbye can be had after it.
    ///
    /// # Errors
    /// When the connection has ended.
    pub fn accept(&mut self) -> Result<Option<I>, Error<V>> {
        let alive = self.alive();
        if !matches!(alive, Err(Error::RemoteClosed)) || self.backlog.is_empty() {
            alive?;
        }
        let Some(stream) = self.backlog.pop_front() else { return Ok(None) };
        if let Some(life) = self.table.get_mut(&stream) {
            life.accept();
        }
        Ok(Some(stream))
    }

    /// A stream that can be written to.
    ///
    /// # Errors
    /// When it cannot.
    pub fn writable(&mut self, stream: I) -> Result<&mut Life<F>, Error<V>> {
        self.alive()?;
        let life = self.table.get_mut(&stream).ok_or(Error::Closed)?;
        life.writable()?;
        Ok(life)
    }

    /// Reads up to `limit` bytes of a stream; gives the stream too.
    ///
    /// # Errors
    /// When all has been read that came before the stream, or the connection, failed.
    pub fn read(&mut self, stream: I, limit: usize) -> Result<(Read, &mut Life<F>), Error<V>> {
        let life = self.table.get_mut(&stream).ok_or(Error::Closed)?;
        let read = life.read(limit)?;
        match &read {
            Read::Data(bytes) => self.unread -= bytes.len(),
            Read::Later => self.ended.clone().map_or(Ok(()), Err)?,
            Read::End => {}
        }
        Ok((read, life))
    }

    /// Finishes our side of a stream.
    ///
    /// # Errors
    /// When it has ended otherwise.
    pub fn shutdown(&mut self, stream: I) -> Result<(), Error<V>> {
        self.alive()?;
        if self.table.get_mut(&stream).ok_or(Error::Closed)?.shutdown()? {
            self.queue(stream);
        }
        Ok(())
    }

    /// Ends a stream for both sides, for a reason of ours.
    pub fn end(&mut self, stream: I, end: End) {
        let Some(life) = self.table.get_mut(&stream) else { return };
        let Some(cleared) = life.end(end) else { return };
        self.unread -= cleared;
        self.queue(stream);
        self.wake(stream);
    }

    /// The handle of a stream was dropped: what was finished is still delivered, the rest is reset;
    /// also when the remote is `stuck`, for it waits for us to read on, and would for ever.
    pub fn release(&mut self, stream: I, now: Instant, stuck: bool) {
        let Some(life) = self.table.get_mut(&stream) else { return };
        self.unread -= life.release();
        let (ended, finished) = (life.has_ended(), life.is_remote_finished());
        if !ended && (life.is_writing() || (stuck && !finished)) {
            self.end(stream, End::Reset);
        } else if !ended && !finished {
            self.linger(stream, now);
        }
    }

    /// Takes received data of a stream; a piece shorter than `keep` is copied.
    pub fn receive(&mut self, stream: I, piece: Bytes, keep: usize) {
        let Some(life) = self.table.get_mut(&stream) else { return };
        if life.discards() {
            return;
        }
        self.unread += piece.len();
        if life.receive(piece, keep) {
            self.tell(Event::Readable(stream));
        }
    }

    /// The remote will write no more on a stream.
    pub fn handle_finish(&mut self, stream: I) {
        if self.get_mut(stream).is_some_and(Life::handle_finish) {
            self.tell(Event::Readable(stream));
        }
    }

    /// The remote ended both sides of a stream.
    pub fn handle_reset(&mut self, stream: I) {
        let Some(life) = self.table.get_mut(&stream) else { return };
        let (unaccepted, ended) = (life.is_unaccepted(), life.has_ended());
        self.unread -= life.handle_reset();
        if unaccepted && !life.is_unaccepted() {
            self.backlog.retain(|waiting| *waiting != stream);
        }
        if !ended {
            self.wake(stream);
        }
    }

    /// Puts a stream into the list of those with frames to send.
    pub fn queue(&mut self, stream: I) {
        if let Some(life) = self.table.get_mut(&stream)
            && !std::mem::replace(&mut life.queued, true)
        {
            self.queue.push_back(stream);
        }
    }

    /// The first of those with frames to send.
    #[must_use]
    pub fn next_queued(&mut self) -> Option<I> {
        let next = self.queue.front().copied();
        free_list(&mut self.queue);
        next
    }

    /// The first of those with frames to send has none any more.
    pub fn unqueue(&mut self) {
        let first = self.queue.pop_front();
        if let Some(life) = first.and_then(|stream| self.table.get_mut(&stream)) {
            life.queued = false;
        }
    }

    /// Forgets a stream for which nothing remains to be done; gives what the protocol kept of it.
    pub fn settle(&mut self, stream: I) -> Option<F> {
        if !self.get(stream).is_some_and(Life::is_over) {
            return None;
        }
        let life = self.table.remove(&stream)?;
        self.unread -= life.unread();
        free_table(&mut self.table);
        Some(life.flow)
    }

    /// Somebody may wait for this.
    pub fn tell(&mut self, event: Event<I>) {
        self.events.push_back(event);
    }

    /// What somebody may have waited for.
    pub fn poll_event(&mut self) -> Option<Event<I>> {
        let event = self.events.pop_front();
        free_list(&mut self.events);
        event
    }

    /// When [`Streams::handle_timeout`] wants to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.lingering.front().map(|(deadline, _)| *deadline)
    }

    /// Resets the streams that have waited long enough for the remote to finish.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(deadline, stream)) = self.lingering.front()
            && deadline <= now
        {
            self.lingering.pop_front();
            // Where numbers are used again, it may be another stream by now.
            if self.get(stream).is_some_and(Life::discards) {
                self.end(stream, End::Reset);
            }
        }
        free_list(&mut self.lingering);
    }

    /// Whoever waits for a stream has to look again.
    fn wake(&mut self, stream: I) {
        if self.get_mut(stream).is_some_and(Life::take_reader) {
            self.tell(Event::Readable(stream));
        }
        self.tell(Event::Writable(stream));
    }

    fn linger(&mut self, stream: I, now: Instant) {
        if MAX_STALE + self.table.len() * 2 < self.lingering.len() {
            self.lingering.retain(|(_, stream)| self.table.contains_key(stream));
        }
        if let Some(deadline) = now.checked_add(LINGER) {
            self.lingering.push_back((deadline, stream));
        }
    }
}

/// How many streams may wait to be accepted: as many as peers open without an answer.
pub const MAX_BACKLOG: usize = 256;

/// How long a finished stream without a handle waits for the remote to finish, before it is reset
/// and its place is free. What was written is long delivered then, or the connection is dead.
pub const LINGER: Duration = Duration::from_secs(60);

/// How many entries of streams that are long gone are kept before they are looked for.
const MAX_STALE: usize = 64;
