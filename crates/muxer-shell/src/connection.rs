//! One connection under one lock, and the calls that wait for it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker, ready};

use peerloom_core::BoxWriter;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::Session;
use crate::pen::Pen;
use crate::state::{Outcome, State};
use crate::wakers::Due;

/// What the muxer, its streams and the driver share.
pub(crate) struct Connection<S: Session> {
    state: Mutex<State<S>>,
    opened: Notify,
    accepted: Notify,
    ended: Notify,
}

impl<S: Session> Connection<S> {
    pub(crate) fn new(session: S, writer: BoxWriter) -> Self {
        Connection {
            state: Mutex::new(State::new(session, writer)),
            opened: Notify::new(),
            accepted: Notify::new(),
            ended: Notify::new(),
        }
    }

    /// Does something under the lock; afterwards wakes those whom it concerns, and writes what it has left to write.
    pub(crate) fn with<T>(&self, action: impl FnOnce(&mut State<S>) -> T) -> T {
        let (result, pen) = self.visit(None, action);
        self.write_out(pen);
        result
    }

    /// Does something under the lock that has no consequences before the next visit.
    pub(crate) fn quietly<T>(&self, action: impl FnOnce(&mut State<S>) -> T) -> T {
        action(&mut self.lock())
    }

    /// Writes as much of `bytes` as the window, the line and the other streams allow. `unflushed` is
    /// where they end on the line, unless they have been handed to the transport already.
    pub(crate) fn write(
        &self,
        stream: S::Id,
        waker: &Waker,
        bytes: &[u8],
        unflushed: &mut Option<u64>,
    ) -> Poll<Outcome<S, usize>> {
        let (mut rest, mut waker, mut pen) = (bytes, Some(waker), None);
        let (mut goes_on, now) = (None, Instant::now().into_std());
        let position = unflushed.get_or_insert_default();
        let end = loop {
            let (claim, due) = self.visit(pen, |state| {
                let claim = ready!(state.write(stream, waker, rest, position))?;
                goes_on.get_or_insert(state.goes_on(stream, claim.length, now));
                Poll::Ready(Ok(claim))
            });
            pen = due;
            let Poll::Ready(Ok(claim)) = claim else { break claim };
            let (body, later) = rest.split_at(claim.length);
            (rest, waker) = (later, None);
            if let Some(mut held) = claim.pen {
                self.use_pen(&mut held, |pen| pen.write(claim.header.as_ref(), body));
                pen = Some(held);
            }
            if rest.is_empty() {
                break Poll::Pending;
            }
        };
        let written = bytes.len() - rest.len();
        if goes_on == Some(true) && pen.as_ref().is_some_and(|pen| pen.may_wait()) {
            pen = self.visit(pen, |state| state.hold_batch(stream)).1;
        }
        let flushed = self.write_out(pen);
        if 0 < written && *position <= flushed {
            *unflushed = None;
        }
        match (written, end) {
            (0, end) => end.map_ok(|_| 0),
            (written, _) => Poll::Ready(Ok(written)),
        }
    }

    /// Waits until the bytes before a position, and what else the stream has to say, have been handed
    /// to the transport. Without a position there is nothing to wait for, and nobody is asked.
    pub(crate) fn flush(
        &self,
        stream: S::Id,
        waker: &Waker,
        unflushed: &mut Option<u64>,
    ) -> Poll<Outcome<S, ()>> {
        let Some(position) = unflushed else { return Poll::Ready(Ok(())) };
        // What this visit leaves to write is mostly written by it.
        if !self.with(|state| state.is_flushed(stream, position))? {
            ready!(self.with(|state| state.flush(stream, waker, position)))?;
        }
        *unflushed = None;
        Poll::Ready(Ok(()))
    }

    /// Opens a stream, once the remote has acknowledged enough of the others.
    pub(crate) async fn open(&self) -> Outcome<S, S::Id> {
        self.until(&self.opened, State::open).await
    }

    /// Takes the next stream of the remote's.
    pub(crate) async fn accept(&self) -> Outcome<S, S::Id> {
        self.until(&self.accepted, State::accept).await
    }

    /// Says goodbye, and waits until that has been sent.
    pub(crate) async fn close(&self) -> Outcome<S, ()> {
        self.with(State::close);
        // Not before the goodbye is written, so that two do not want the pen at once.
        self.with(State::wake_driver);
        self.until(&self.ended, State::closed).await
    }

    async fn until<T>(
        &self,
        changed: &Notify,
        attempt: fn(&mut State<S>) -> Outcome<S, Option<T>>,
    ) -> Outcome<S, T> {
        loop {
            if let Some(done) = self.with(attempt)? {
                return Ok(done);
            }
            let mut notified = pin!(changed.notified());
            notified.as_mut().enable();
            // Between the attempt and now it may have changed.
            if let Some(done) = self.with(attempt)? {
                return Ok(done);
            }
            notified.await;
        }
    }

    /// Does something under the lock, and wakes afterwards those whom it concerns. Whoever has the pen
    /// brings it back; whoever gets it has something to write.
    fn visit<T>(
        &self,
        pen: Option<Box<Pen>>,
        action: impl FnOnce(&mut State<S>) -> T,
    ) -> (T, Option<Box<Pen>>) {
        let (result, due, pen) = {
            let mut state = self.lock();
            if let Some(pen) = pen {
                state.put_back(pen);
            }
            let result = action(&mut state);
            let (due, pen) = state.conclude_visit();
            (result, due, pen)
        };
        if let Some(due) = due {
            self.wake(due);
        }
        (result, pen)
    }

    /// Writes what there is, and what others leave meanwhile, for a while. How much of the line has
    /// been flushed then, as far as this writer knows.
    fn write_out(&self, mut pen: Option<Box<Pen>>) -> u64 {
        let (mut flushed, mut round) = (0, 0);
        while let Some(mut held) = pen {
            self.use_pen(&mut held, Pen::flush);
            round += 1;
            (flushed, pen) = self.visit(Some(held), |state| {
                if MAX_ROUNDS <= round {
                    state.leave_to_driver();
                }
                state.flushed()
            });
        }
        flushed
    }

    /// Writes outside of the lock. A writer that panics takes the pen with it, and the connection ends.
    fn use_pen(&self, pen: &mut Pen, write: impl FnOnce(&mut Pen)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| write(pen))) {
            self.with(State::lose_pen);
            resume_unwind(panic);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, due: Due) {
        due.tasks.into_iter().for_each(Waker::wake);
        (0..due.incoming).for_each(|_| self.accepted.notify_one());
        (0..due.openable).for_each(|_| self.opened.notify_one());
        if due.closing || due.over {
            self.opened.notify_waiters();
        }
        if due.over {
            self.accepted.notify_waiters();
            self.ended.notify_waiters();
        }
    }
}

/// How often one that has written also writes what others have left meanwhile.
const MAX_ROUNDS: usize = 4;
