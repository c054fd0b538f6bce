//! What the lock of a connection is around: the session, the line, whose turn it is, and those who wait.

mod ending;

use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::Bytes;
use peerloom_core::{BoxWriter, MuxerStatus};

use crate::batch::Batch;
use crate::driver::Standing;
use crate::line::Line;
use crate::pen::Pen;
use crate::turns::Turns;
use crate::wakers::{Due, Wakers};
use crate::{Error, Event, Read, Segment, Session};

/// Everything that a connection consists of, but for the reading half.
pub(crate) struct State<S: Session> {
    session: S,
    line: Line,
    batch: Batch<S::Id>,
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

/// A frame of a stream: its header, and how many bytes of body follow.
pub(crate) struct Claim<S: Session> {
    pub(crate) header: S::Header,
    pub(crate) length: usize,
    /// What it is to be written with; without it, somebody else writes it.
    pub(crate) pen: Option<Box<Pen>>,
}

impl<S: Session> State<S> {
    pub(crate) fn new(session: S, writer: BoxWriter) -> Self {
        State {
            session,
            line: Line::new(writer),
            batch: Batch::new(),
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

    /// Claims the next frame of a stream: as much of `bytes` as the window, the line and the other
    /// streams allow. `position` is where it ends on the line. Who has to wait brings a waker.
    pub(crate) fn write(
        &mut self,
        stream: S::Id,
        waker: Option<&Waker>,
        bytes: &[u8],
        position: &mut u64,
    ) -> Poll<Outcome<S, Claim<S>>> {
        let share = self.turns.share(stream).min(bytes.len());
        let has_turn = 0 < share && self.line.has_room(share);
        let claimed = if has_turn {
            self.session.write(stream, share)
        } else {
            self.session.writable(stream).map(|()| None)
        };
        match &claimed {
            Ok(Some(Segment { header, length })) => {
                self.turns.write(stream, header.as_ref().len() + length);
            }
            Ok(None) if !has_turn => {}
            _ => self.turns.pass(stream),
        }
        if let Some(Segment { header, length }) = claimed? {
            let body = bytes.get(..length).unwrap_or(bytes);
            let pen = self.line.send(header.as_ref(), body);
            *position = self.line.sent();
            return Poll::Ready(Ok(Claim { header, length, pen }));
        }
        if let Some(waker) = waker {
            if has_turn {
                self.batch.release();
            } else {
                self.wait_for_turn(stream);
            }
            self.wakers.wait_to_write(stream, waker);
        }
        Poll::Pending
    }

    /// The next frame waits for the one after it, no longer than until the driver has had a turn.
    pub(crate) fn hold_next_write(&mut self) {
        self.line.hold_next();
        self.wake_driver();
    }

    /// A stream has claimed so many bytes. Whether it had written much before, and is likely to go on.
    pub(crate) fn goes_on(&mut self, stream: S::Id, length: usize, now: Instant) -> bool {
        self.batch.write(stream, length, now)
    }

    /// What a stream has written waits for more, unless anybody waits for their turn, or for its answer.
    pub(crate) fn hold_batch(&mut self, stream: S::Id) {
        let waited_for = self.turns.head().is_some() || self.wakers.has_reader(stream);
        if !waited_for && self.batch.hold() {
            self.wake_driver();
        }
    }

    /// Takes the next bytes of a stream; none at its end.
    pub(crate) fn read(
        &mut self,
        stream: S::Id,
        waker: &Waker,
        limit: usize,
        now: Instant,
    ) -> Poll<Outcome<S, Bytes>> {
        match self.session.read(stream, limit, now)? {
            Read::Data(bytes) => Poll::Ready(Ok(bytes)),
            Read::End => Poll::Ready(Ok(Bytes::new())),
            Read::Later => {
                self.batch.pause(stream);
                self.wakers.wait_to_read(stream, waker);
                Poll::Pending
            }
        }
    }

    /// Whether the bytes before `position`, and what else the stream has to say, have been handed to
    /// the transport.
    pub(crate) fn is_flushed(&mut self, stream: S::Id, position: &mut u64) -> Outcome<S, bool> {
        self.line.release();
        self.batch.pause(stream);
        if self.session.flush(stream)? {
            self.gather();
            let waits = self.session.flush(stream)?;
            *position = if waits { NOT_YET } else { self.line.sent() };
        } else if *position == NOT_YET {
            *position = self.line.sent();
        }
        Ok(*position <= self.line.flushed())
    }

    /// Waits until it is so.
    pub(crate) fn flush(
        &mut self,
        stream: S::Id,
        waker: &Waker,
        position: &mut u64,
    ) -> Poll<Outcome<S, ()>> {
        if self.is_flushed(stream, position)? {
            return Poll::Ready(Ok(()));
        }
        self.wakers.wait_to_flush(stream, waker);
        Poll::Pending
    }

    /// Finishes our side of a stream; its end is before `position`, with the bytes that are.
    pub(crate) fn shutdown(&mut self, stream: S::Id, position: &mut u64) -> Outcome<S, ()> {
        self.turns.pass(stream);
        self.session.shutdown(stream)?;
        self.is_flushed(stream, position).map(drop)
    }

    pub(crate) fn reset(&mut self, stream: S::Id) {
        self.session.reset(stream);
        self.turns.pass(stream);
    }

    /// The handle of a stream was dropped.
    pub(crate) fn release(&mut self, stream: S::Id, now: Instant) {
        self.session.release(stream, now);
        self.turns.pass(stream);
        self.wakers.forget(stream);
    }

    /// How much of the line has been handed to the transport.
    pub(crate) fn flushed(&self) -> u64 {
        self.line.flushed()
    }

    /// What the remote calls a stream.
    pub(crate) fn name(&self, stream: S::Id) -> Option<String> {
        self.session.name(stream)
    }

    /// The driver is here. Whether the line was blocked, or corked, until now: the next visit goes on there.
    pub(crate) fn resume(&mut self, driver: &Waker) -> bool {
        self.line.resume(driver)
    }

    /// Somebody has written and brings the pen back.
    pub(crate) fn put_back(&mut self, pen: Box<Pen>) {
        let flushed = self.line.flushed();
        if let Err(error) = self.line.put_back(pen) {
            self.fail(error.into());
        }
        if flushed < self.line.flushed() {
            self.wakers.wake_flushing();
        }
        if self.session.alive().is_err() && (self.line.is_clean() || !self.is_leaving()) {
            // Behind the last words the driver closes the line.
            self.wake_driver();
        }
    }

    /// Whoever has written has done enough for others: the driver goes on.
    pub(crate) fn leave_to_driver(&mut self) {
        self.gather();
        if self.line.leave() {
            self.wake_driver();
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
    }

    /// The remote will send no more.
    pub(crate) fn receive_end(&mut self) {
        if self.session.alive().is_ok() {
            self.session.receive_end();
        }
    }

    /// Does what is due, and tells the driver where the connection stands.
    pub(crate) fn conclude(&mut self, cx: &mut Context<'_>, now: Instant) -> Standing<S> {
        if let Err(error) = self.session.handle_timeout(now) {
            self.fail(error);
        }
        self.batch.handle_timeout(now);
        let blocked = self.line.is_blocked();
        for stream in self.turns.handle_timeout(now, !blocked) {
            self.wakers.wake_writer(stream);
        }
        if !blocked {
            self.turns.watch(now);
        }
        if self.is_done() {
            self.session.fail(Error::RemoteClosed);
        }
        self.collect_events();
        if CROWD <= self.wakers.due().tasks.len() + self.wakers.due().incoming {
            self.line.cork();
        }
        if self.line.is_corked() {
            // Behind those who were woken, which are in the runtime's queue already.
            cx.waker().wake_by_ref();
        }
        // A goodbye comes before the end of the line.
        self.gather();
        let ended = self.session.alive().err();
        if self.is_leaving() && !self.said_goodbye && self.line.is_clean() {
            self.say_goodbye(cx);
        }
        Standing {
            ended,
            broken: self.broken.clone(),
            remote_closed: self.session.is_remote_closed(),
            said_goodbye: self.said_goodbye,
            speaking: self.line.is_away(),
            timeout: self.poll_timeout(),
        }
    }

    pub(crate) fn open(&mut self) -> Outcome<S, Option<S::Id>> {
        self.session.open()
    }

    pub(crate) fn accept(&mut self) -> Outcome<S, Option<S::Id>> {
        self.session.accept()
    }

    pub(crate) fn wake_driver(&mut self) {
        let driver = self.line.driver();
        self.wakers.due().tasks.push(driver);
    }

    /// A stream cannot write before it is its turn.
    fn wait_for_turn(&mut self, stream: S::Id) {
        self.turns.wait(stream);
        if !self.turns.is_watched() && !self.line.is_blocked() {
            self.wake_driver();
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let timeouts =
            [self.session.poll_timeout(), self.turns.poll_timeout(), self.batch.poll_timeout()];
        timeouts.into_iter().flatten().min()
    }

    /// Puts the frames without data on the line.
    fn gather(&mut self) {
        while !self.line.is_full()
            && let Some(frame) = self.session.poll_transmit()
        {
            self.line.queue(frame.as_ref());
        }
    }

    /// Finds out who waits for what has happened.
    fn collect_events(&mut self) {
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
    }

    /// What is left to do once the lock is open: whom to wake, and what to write, if anything.
    pub(crate) fn conclude_visit(&mut self) -> (Option<Due>, Option<Box<Pen>>) {
        self.gather();
        self.collect_events();
        if self.session.alive().is_err() {
            // Nobody writes any more.
            self.line.release();
            self.line.uncork();
            self.batch.release();
        } else if self.is_done() {
            self.wake_driver();
        }
        if self.line.has_rest() {
            self.batch.release();
        }
        let pen = if self.batch.waits() { None } else { self.line.take_due() };
        if let Some(head) = self.turns.head().filter(|_| self.line.is_free()) {
            self.wakers.wake_writer(head);
        }
        (self.wakers.take_due(), pen)
    }
}

/// The position of what the line has had no room for: behind all that is on it.
const NOT_YET: u64 = u64::MAX;

/// So many tasks that were woken at once are likely to write at once.
const CROWD: usize = 4;
