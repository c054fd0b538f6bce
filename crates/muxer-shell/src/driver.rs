//! The work of a connection: reads, goes on where the line was full, and keeps the time.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use peerloom_core::BoxReader;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::connection::Connection;
use crate::state::{Failure, Outcome, State};
use crate::{Error, Session};

/// Moves a connection's bytes. It alone has the reading half, and hands what it reads to the streams.
pub(crate) struct Work<S: Session> {
    connection: Arc<Connection<S>>,
    reader: BoxReader,
    /// What was read and the session has no room for: nothing more is read before that is gone.
    rest: Bytes,
    /// How reading has ended.
    end: Option<Outcome<S, ()>>,
    /// Made when it is first needed, since it needs a runtime.
    timer: Option<Pin<Box<Sleep>>>,
    /// How long the end of a closed connection is waited for.
    patience: Option<Instant>,
}

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
    /// Whether somebody writes, and takes the last words along.
    pub(crate) speaking: bool,
    /// When to come again at the latest.
    pub(crate) timeout: Option<std::time::Instant>,
}

impl<S: Session> Work<S> {
    pub(crate) fn new(connection: Arc<Connection<S>>, reader: BoxReader) -> Self {
        Work { connection, reader, rest: Bytes::new(), end: None, timer: None, patience: None }
    }

    /// Does all that can be done now, in bounded time; ready when the connection has ended.
    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<S, ()>> {
        if self.connection.quietly(|state| state.resume(cx.waker())) {
            // Before anything is read, which takes longer and may bring the next crowd.
            self.connection.with(|_| ());
        }
        self.receive(cx);
        let now = Instant::now();
        let standing = self.connection.with(|state| state.conclude(cx, now.into_std()));
        let result = self.outcome(&standing, now);
        if result.is_pending() {
            self.sleep(cx, standing.timeout.map(Instant::from_std));
        }
        result
    }

    fn receive(&mut self, cx: &mut Context<'_>) {
        let (mut read, mut told) = (0, 0);
        while self.hand_over() && self.end.is_none() {
            if READ_AT_ONCE < read {
                cx.waker().wake_by_ref();
                return;
            }
            if told + TELL_AFTER <= read {
                self.connection.with(|_| ());
                told = read;
            }
            match self.reader.poll_read_bytes(cx) {
                Poll::Ready(Ok(bytes)) if bytes.is_empty() => {
                    self.end = Some(Ok(()));
                    self.connection.with(State::receive_end);
                }
                Poll::Ready(Ok(bytes)) => {
                    read += bytes.len().max(COST_OF_A_READ);
                    self.rest = bytes;
                }
                Poll::Ready(Err(error)) => self.end = Some(Err(error.into())),
                Poll::Pending => return,
            }
        }
    }

    /// Gives the session what was read. Whether it has taken all of it.
    fn hand_over(&mut self) -> bool {
        if !self.rest.is_empty() {
            let (rest, now) = (&mut self.rest, Instant::now().into_std());
            self.connection.quietly(|state| state.receive(rest, now));
        }
        if self.rest.is_empty() {
            self.rest = Bytes::new();
        }
        self.rest.is_empty()
    }

    /// How the connection has ended, when it has.
    fn outcome(&mut self, standing: &Standing<S>, now: Instant) -> Poll<Outcome<S, ()>> {
        let goodbye = standing.remote_closed || standing.said_goodbye;
        if let Some(reason) = &standing.broken {
            return Poll::Ready(if goodbye { Ok(()) } else { Err(reason.clone()) });
        }
        match &standing.ended {
            Some(Error::Closed | Error::RemoteClosed) => {
                if standing.said_goodbye && self.end.is_some() {
                    return Poll::Ready(Ok(()));
                }
                if now < *self.patience.get_or_insert(now + PATIENCE) {
                    return Poll::Pending;
                }
                Poll::Ready(if goodbye { Ok(()) } else { Err(Error::Unresponsive) })
            }
            Some(_) if standing.speaking => Poll::Pending,
            Some(reason) => Poll::Ready(Err(reason.clone())),
            None => match self.end.clone() {
                Some(_) if goodbye => Poll::Ready(Ok(())),
                Some(end) => Poll::Ready(end.and(Err(Error::Lost))),
                None => Poll::Pending,
            },
        }
    }

    /// Sees to it that the driver is polled again in time.
    fn sleep(&mut self, cx: &mut Context<'_>, timeout: Option<Instant>) {
        let Some(deadline) = timeout.into_iter().chain(self.patience).min() else { return };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        if timer.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }
}

impl<S: Session> Future for Work<S> {
    type Output = Result<(), peerloom_core::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.advance(cx));
        let reason = result.clone().err().unwrap_or(Error::RemoteClosed);
        self.connection.with(|state| state.end(reason));
        Poll::Ready(result.map_err(Into::into))
    }
}

/// Without the driver nobody reads, and nobody goes on where the line was full: whoever waits hears of it.
impl<S: Session> Drop for Work<S> {
    fn drop(&mut self) {
        self.connection.with(|state| state.end(Error::DriverGone));
    }
}

/// How much is read before others get a turn: a few milliseconds' work.
const READ_AT_ONCE: usize = 1024 * 1024;

/// How much is handed over before those who wait for it are woken, while there is more to read:
/// to wake a task costs as much as to move tens of kilobytes.
const TELL_AFTER: usize = 512 * 1024;

/// What a short read counts for.
const COST_OF_A_READ: usize = 16 * 1024;

/// How long a goodbye may take: to be sent, and to be answered by the end of the remote's side.
const PATIENCE: Duration = Duration::from_secs(5);
