//! Waking both the reader and the writer of a stream, while either may do the other's work.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

/// The tasks that wait for a negotiation.
///
/// A stream keeps one waker for reading and one for writing. While a reader has to send a proposal
/// first, and a writer to read an answer last, one task would overwrite the other's. So the
/// stream gets a waker that wakes both.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    reader: Mutex<Option<Waker>>,
    writer: Mutex<Option<Waker>>,
}

/// Which half of a stream a task is using.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Half {
    Reader,
    Writer,
}

impl Wakers {
    /// Notes the task that uses one half, and returns the waker for the stream.
    pub(crate) fn register(self: &Arc<Self>, half: Half, cx: &Context<'_>) -> Waker {
        *self.slot(half).lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        Waker::from(Arc::clone(self))
    }

    /// Wakes the task that uses one half, if it waits.
    pub(crate) fn wake_half(&self, half: Half) {
        let waiting = self.slot(half).lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waiting {
            waker.wake();
        }
    }

    fn slot(&self, half: Half) -> &Mutex<Option<Waker>> {
        match half {
            Half::Reader => &self.reader,
            Half::Writer => &self.writer,
        }
    }
}

impl Half {
    /// The half that this one is not.
    pub(crate) fn other(self) -> Self {
        match self {
            Half::Reader => Half::Writer,
            Half::Writer => Half::Reader,
        }
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_half(Half::Reader);
        self.wake_half(Half::Writer);
    }
}
