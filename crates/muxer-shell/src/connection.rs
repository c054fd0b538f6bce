//! One connection under one lock, and the calls that wait for it.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::Waker;

use peerloom_core::BoxWriter;
use tokio::sync::Notify;

use crate::Session;
use crate::state::{Outcome, State};

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

    /// Does something under the lock, and wakes those whom it concerns afterwards.
    pub(crate) fn with<T>(&self, action: impl FnOnce(&mut State<S>) -> T) -> T {
        let (result, due) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let result = action(&mut state);
            (result, state.collect_due())
        };
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
        result
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
}
