//! What the lock of a connection is around: the session, the line, whose turn it is, and those who wait.

use std::io;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use peerloom_core::{BoxWriter, MuxerStatus};

use crate::line::Line;
use crate::turns::Turns;
use crate::wakers::{Due, Wakers};
use crate::{Error, Event, Read, Session};

/// Everything that a connection consists of, but for the reading half.
pub(crate) struct State<S: Session> {
    session: S,
    line: Line,
    turns: Turns<S::Id>,
    wakers: Wakers<S::Id>,
    /// Whether the goodbye has been sent and the writing half been shut down.
    said_goodbye: bool,
    /// What went wrong after the connection had ended.
    broken: Option<Failure<S>>,
    /// Whether the driver is gone.
    over: bool,
}

/// How a connection fails.
pub(crate) type Failure<S> = Error<<S as Session>::Violation>;

/// What comes of something that may fail by the connection.
pub(crate) type Outcome<S, T> = Result<T, Failure<S>>;

/// Where a connection stands, for the driver.
pub(crate) struct Standing<S: Session> {
    /// Why it has ended, when it has.
    pub(crate) ended: Option<Failure<S>>,
    /// What went wrong after that.
    pub(crate) broken: Option<Failure<S>>,
    /// Whether the remote has said goodbye.
    pub(crate) remote_closed: bool,
    /// Whether our goodbye has been sent, and the writing half been shut down.
    pub(crate) said_goodbye: bool,
    /// When to come again at the latest.
    pub(crate) timeout: Option<Instant>,
}

impl<S: Session> State<S> {
    pub(crate) fn new(session: S, writer: BoxWriter) -> Self {
        State {
            session,
            line: Line::new(writer),
            turns: Turns::new(),
            wakers: Wakers::new(),
            said_goodbye: false,
            broken: None,
            over: false,
        }
    }

    pub(crate) fn status(&self) -> MuxerStatus {
        let closing = self.session.alive().is_err() || self.session.is_remote_closed();
        MuxerStatus::new(self.session.streams(), closing).with_round_trip(self.session.round_trip())
    }

    /// Writes as much of `bytes` as the window, the line and the other streams allow.
    pub(crate) fn write(
        &mut self,
        stream: S::Id,
        waker: &Waker,
        bytes: &[u8],
    ) -> Poll<Outcome<S, usize>> {
        let share = self.turns.share(stream).min(bytes.len());
        let (mut rest, mut has_credit) = (bytes.get(..share).unwrap_or(bytes), true);
        while !rest.is_empty() && has_credit {
            let room = self.line.room(rest.len());
            if room == 0 {
                break;
            }
            has_credit = match self.session.write(stream, room)? {
                Some(segment) => {
                    let (body, later) = rest.split_at(segment.length);
                    self.send(segment.header.as_ref(), body)?;
                    rest = later;
                    true
                }
                None => false,
            };
        }
        let written = share - rest.len();
        if written != 0 || !has_credit {
            self.pass(stream);
        }
        if written == 0 {
            self.session.writable(stream)?;
            if has_credit {
                self.turns.wait(stream);
            }
            self.wakers.wait_to_write(stream, waker);
            return Poll::Pending;
        }
        self.transmit();
        Poll::Ready(Ok(written))
    }

    /// Takes the next bytes of a stream; none at its end.
    pub(crate) fn read(
        &mut self,
        stream: S::Id,
        waker: &Waker,
        limit: usize,
        now: Instant,
    ) -> Poll<Outcome<S, Bytes>> {
        let read = self.session.read(stream, limit, now)?;
        self.transmit();
        match read {
            Read::Data(bytes) => Poll::Ready(Ok(bytes)),
            Read::End => Poll::Ready(Ok(Bytes::new())),
            Read::Later => {
                self.wakers.wait_to_read(stream, waker);
                Poll::Pending
            }
        }
    }

    /// Waits until the bytes before `position`, and what else the stream has to say, have been
    /// handed to the transport.
    pub(crate) fn flush(
        &mut self,
        stream: S::Id,
        waker: &Waker,
        position: &mut u64,
    ) -> Poll<Outcome<S, ()>> {
        let waits = self.session.flush(stream)?;
        self.transmit();
        if waits {
            *position = self.line.sent();
        }
        if self.session.flush(stream)? || self.line.flushed() < *position {
            self.wakers.wait_to_flush(stream, waker);
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// Finishes our side of a stream, and waits as [`State::flush`] does.
    pub(crate) fn shutdown(
        &mut self,
        stream: S::Id,
        waker: &Waker,
        position: &mut u64,
    ) -> Poll<Outcome<S, ()>> {
        self.session.shutdown(stream)?;
        self.pass(stream);
        self.flush(stream, waker, position)
    }

    pub(crate) fn reset(&mut self, stream: S::Id) {
        self.session.reset(stream);
        self.pass(stream);
        self.transmit();
    }

    /// The handle of a stream was dropped.
    pub(crate) fn release(&mut self, stream: S::Id, now: Instant) {
        self.session.release(stream, now);
        self.pass(stream);
        self.wakers.forget(stream);
        self.transmit();
    }

    /// What the remote calls a stream.
    pub(crate) fn name(&self, stream: S::Id) -> Option<String> {
        self.session.name(stream)
    }

    /// How many bytes have been sent on the line.
    pub(crate) fn position(&self) -> u64 {
        self.line.sent()
    }

    /// The driver is here: goes on where the line was full, and lets those write who wait for it.
    pub(crate) fn resume(&mut self, driver: &Waker, now: Instant) {
        let flushed = self.line.flushed();
        if let Err(error) = self.line.resume(driver) {
            self.fail(error.into());
        }
        if flushed < self.line.flushed() {
            self.wakers.wake_flushing();
        }
        if self.line.is_free() {
            self.turns.handle_room(now);
            if let Some(head) = self.turns.head() {
                self.wakers.wake_writer(head);
            }
        }
    }

    /// Takes what the remote has sent, as far as there is room. After a goodbye nobody wants it any more.
    pub(crate) fn receive(&mut self, bytes: &mut Bytes, now: Instant) {
        if self.session.alive().is_err() {
            bytes.clear();
            return;
        }
        if let Err(error) = self.session.receive(bytes, now) {
            self.fail(error);
        }
        self.gather();
    }

    /// The remote will send no more.
    pub(crate) fn receive_end(&mut self) {
        if self.session.alive().is_ok() {
            self.session.receive_end();
        }
    }

    /// Sends what has come together, and tells the driver where the connection stands.
    pub(crate) fn conclude(&mut self, cx: &mut Context<'_>, now: Instant) -> Standing<S> {
        if let Err(error) = self.session.handle_timeout(now) {
            self.fail(error);
        }
        for stream in self.turns.handle_timeout(now, self.line.is_free()) {
            self.wakers.wake_writer(stream);
        }
        if self.session.is_remote_closed() && self.session.streams() == 0 {
            self.session.fail(Error::RemoteClosed);
        }
        self.transmit();
        let ended = self.session.alive().err();
        let goodbye = matches!(ended, Some(Error::Closed | Error::RemoteClosed));
        if goodbye && !self.said_goodbye && self.line.is_clean() {
            self.say_goodbye(cx);
        }
        Standing {
            ended,
            broken: self.broken.clone(),
            remote_closed: self.session.is_remote_closed(),
            said_goodbye: self.said_goodbye,
            timeout: self.session.poll_timeout().into_iter().chain(self.turns.poll_timeout()).min(),
        }
    }

    /// The driver ends: nothing will move any more.
    pub(crate) fn end(&mut self, reason: Failure<S>) {
        self.over = true;
        self.session.fail(reason);
        self.line.abandon();
        self.wakers.wake_all();
    }

    pub(crate) fn open(&mut self) -> Outcome<S, Option<S::Id>> {
        let stream = self.session.open()?;
        if stream.is_none() {
            self.transmit();
        }
        Ok(stream)
    }

    pub(crate) fn accept(&mut self) -> Outcome<S, Option<S::Id>> {
        let stream = self.session.accept()?;
        self.transmit();
        Ok(stream)
    }

    pub(crate) fn close(&mut self) {
        self.session.fail(Error::Closed);
        self.transmit();
        self.wakers.wake_all();
        self.wake_driver();
    }

    pub(crate) fn closed(&mut self) -> Outcome<S, Option<()>> {
        if self.said_goodbye || (self.over && self.session.is_remote_closed()) {
            return Ok(Some(()));
        }
        match self.session.alive() {
            Err(Error::Closed | Error::RemoteClosed) if !self.over => Ok(None),
            Err(Error::Closed) => Err(Error::Lost),
            Err(reason) => Err(reason),
            Ok(()) => Ok(None),
        }
    }

    fn say_goodbye(&mut self, cx: &mut Context<'_>) {
        match self.line.poll_shutdown(cx) {
            Poll::Ready(Ok(())) => {
                self.said_goodbye = true;
                self.wakers.wake_all();
            }
            Poll::Ready(Err(error)) => self.fail(error.into()),
            Poll::Pending => {}
        }
    }

    /// The connection has failed: everybody hears of it, and the driver ends.
    fn fail(&mut self, reason: Failure<S>) {
        if self.session.alive().is_err() && self.broken.is_none() {
            self.broken = Some(reason.clone());
        }
        self.session.fail(reason);
        self.wakers.wake_all();
        self.wake_driver();
    }

    fn wake_driver(&mut self) {
        let driver = self.line.driver();
        self.wakers.due().tasks.extend(driver);
    }

    fn send(&mut self, header: &[u8], body: &[u8]) -> Outcome<S, ()> {
        self.line.send(header, body).map_err(|error| {
            self.fail(error.into());
            self.session.alive().err().unwrap_or(Error::Lost)
        })
    }

    /// A stream has had its turn on the line.
    fn pass(&mut self, stream: S::Id) {
        if let Some(head) = self.turns.pass(stream) {
            self.wakers.wake_writer(head);
        }
    }

    /// Sends the frames without data, as far as the line takes them.
    fn transmit(&mut self) {
        if let Err(error) = self.try_transmit() {
            self.fail(error.into());
        }
    }

    fn try_transmit(&mut self) -> io::Result<()> {
        while self.gather() {
            self.line.flush()?;
            if !self.line.is_free() {
                return Ok(());
            }
        }
        self.line.flush()
    }

    /// Puts the frames without data on the line. Whether there may be more than it takes at a time.
    fn gather(&mut self) -> bool {
        while !self.line.is_full() {
            let Some(frame) = self.session.poll_transmit() else { return false };
            self.line.queue(frame.as_ref());
        }
        true
    }

    /// Who is to be woken once the lock is open.
    pub(crate) fn collect_due(&mut self) -> Due {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Readable(stream) => self.wakers.wake_reader(stream),
                Event::Writable(stream) => self.wakers.wake_writer(stream),
                Event::Incoming => self.wakers.due().incoming += 1,
                Event::Openable => self.wakers.due().openable += 1,
                Event::Receptive => self.wake_driver(),
                Event::RemoteClosed => self.wakers.due().closing = true,
            }
        }
        std::mem::take(self.wakers.due())
    }
}
