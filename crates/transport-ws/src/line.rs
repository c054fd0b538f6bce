//! The way to the remote, which the writing half uses, and the reading half for its answers.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use bytes::Bytes;
use peerloom_core::{BoxWriter, Role};
use tokio::io::AsyncWrite;

use crate::outgoing::Outgoing;

/// Sends frames, for both halves of a stream. The lock is held while bytes are handed to the layer
/// below; the reading half wants it only when it has something to answer.
pub(crate) struct Line(Mutex<State>);

/// Which half asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Reading,
    Writing,
}

struct State {
    /// Gone when the writing half is.
    writer: Option<BoxWriter>,
    outgoing: Outgoing,
    waiting: Waiting,
    /// The remote has sent its close frame.
    remote_closed: bool,
    shut_down: bool,
}

/// Who waits for the line to take more. The layer below remembers one waker, so that it must wake both.
#[derive(Default)]
struct Waiting {
    reading: Option<Waker>,
    writing: Option<Waker>,
}

impl Line {
    pub(crate) fn new(writer: BoxWriter, role: Role) -> Self {
        Line(Mutex::new(State {
            writer: Some(writer),
            outgoing: Outgoing::new(role),
            waiting: Waiting::default(),
            remote_closed: false,
            shut_down: false,
        }))
    }

    /// Gathers some of the bytes; waits while too much waits to be sent already.
    pub(crate) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.lock();
        if state.outgoing.is_closed() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let mut written = state.outgoing.write(slices);
        if written == 0 && slices.iter().any(|slice| !slice.is_empty()) {
            ready!(state.poll_send(Half::Writing, cx))?;
            written = state.outgoing.write(slices);
        }
        Poll::Ready(Ok(written))
    }

    /// Sends everything that was gathered, and flushes the layer below. When both sides have sent
    /// their close frames, nothing follows in either direction, and the layer below ends too.
    pub(crate) fn poll_flush(&self, half: Half, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.lock().poll_flush(half, cx)
    }

    /// Sends everything, then a close frame.
    pub(crate) fn poll_shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.lock();
        state.outgoing.close(NORMAL);
        state.poll_flush(Half::Writing, cx)
    }

    /// The writing half is gone, and with it the way to the remote.
    pub(crate) fn abandon(&self) {
        let writer = self.lock().writer.take();
        drop(writer);
    }

    /// The remote wants to hear these bytes.
    pub(crate) fn handle_ping(&self, payload: Bytes) {
        self.lock().outgoing.handle_ping(payload);
    }

    /// The remote has broken the protocol, and is told so.
    pub(crate) fn handle_violation(&self, status: u16) {
        self.lock().outgoing.close(status);
    }

    /// The remote has sent its close frame.
    pub(crate) fn handle_close(&self) {
        self.lock().remote_closed = true;
    }

    /// Whether this side has sent, or is to send, its close frame.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().outgoing.is_closed()
    }

    /// Nothing panics while it holds the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn writer(&mut self) -> io::Result<Pin<&mut BoxWriter>> {
        self.writer.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    fn poll_flush(&mut self, half: Half, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(half, cx))?;
        let waker = self.waiting.waker(half, cx);
        let cx = &mut Context::from_waker(&waker);
        ready!(self.writer()?.poll_flush(cx))?;
        if self.remote_closed && self.outgoing.is_closed() && !self.shut_down {
            ready!(self.writer()?.poll_shutdown(cx))?;
            self.shut_down = true;
        }
        self.waiting.done(half);
        self.outgoing.rest();
        Poll::Ready(Ok(()))
    }

    /// Hands everything to the layer below.
    fn poll_send(&mut self, half: Half, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let waker = self.waiting.waker(half, cx);
        loop {
            let bytes = self.outgoing.transmit()?;
            if bytes.is_empty() {
                self.waiting.done(half);
                return Poll::Ready(Ok(()));
            }
            let writer = self.writer.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
            let sent = Pin::new(writer).poll_write(&mut Context::from_waker(&waker), bytes);
            match ready!(sent)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                length => self.outgoing.handle_sent(length),
            }
        }
    }
}

impl Waiting {
    /// Notes that a half waits, and gives the waker for all that do.
    fn waker(&mut self, half: Half, cx: &Context<'_>) -> Waker {
        let (own, other) = match half {
            Half::Reading => (&mut self.reading, &self.writing),
            Half::Writing => (&mut self.writing, &self.reading),
        };
        let own = own.insert(cx.waker().clone());
        match other {
            Some(other) if !other.will_wake(own) => {
                Waker::from(Arc::new(Both(own.clone(), other.clone())))
            }
            Some(_) | None => own.clone(),
        }
    }

    /// A half waits no longer.
    fn done(&mut self, half: Half) {
        match half {
            Half::Reading => self.reading = None,
            Half::Writing => self.writing = None,
        }
    }
}

/// Wakes two tasks.
struct Both(Waker, Waker);

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
        self.1.wake_by_ref();
    }
}

/// The status of a connection that has done what it was for.
const NORMAL: u16 = 1000;
