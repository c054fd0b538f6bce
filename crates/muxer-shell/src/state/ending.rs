//! How a connection ends: in order, with a goodbye on both sides, or because something has failed.

use std::io;
use std::task::{Context, Poll};

use crate::state::{Failure, Outcome, State};
use crate::{Error, Session};

impl<S: Session> State<S> {
    pub(crate) fn close(&mut self) {
        self.session.fail(Error::Closed);
        self.wakers.wake_all();
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

    /// Somebody had the pen and does not bring it back.
    pub(crate) fn lose_pen(&mut self) {
        self.line.abandon();
        self.fail(io::Error::other("the writer below panicked").into());
    }

    /// The connection has failed: everybody hears of it, and the driver ends.
    pub(super) fn fail(&mut self, reason: Failure<S>) {
        if self.session.alive().is_err() && self.broken.is_none() {
            self.broken = Some(reason.clone());
        }
        self.session.fail(reason);
        self.wakers.wake_all();
        self.wake_driver();
    }

    /// The driver ends: nothing will move any more.
    pub(crate) fn end(&mut self, reason: Failure<S>) {
        self.over = true;
        self.session.fail(reason);
        self.line.abandon();
        self.wakers.wake_all();
    }

    pub(super) fn say_goodbye(&mut self, cx: &mut Context<'_>) {
        match self.line.poll_shutdown(cx) {
            Poll::Ready(Ok(())) => {
                self.said_goodbye = true;
                self.wakers.wake_all();
            }
            Poll::Ready(Err(error)) => self.fail(error.into()),
            Poll::Pending => {}
        }
    }

    /// Whether the connection ends in order.
    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.session.alive(), Err(Error::Closed | Error::RemoteClosed))
    }

    /// Whether the remote has said goodbye and its last stream is gone.
    pub(super) fn is_done(&self) -> bool {
        self.session.is_remote_closed() && self.session.streams() == 0
    }
}
