//! Our nonce, from whichever half of a stream is used first.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};

use peerloom_core::BoxWriter;
use tokio::io::AsyncWrite;

use crate::writer::Writer;

/// The writing half. Until it is first written to, a [`Greeting`] may use it.
pub(crate) enum Greeter {
    Unused(Shared),
    Used(Writer<BoxWriter>),
}

/// For the reading half: js says nothing before it has the nonce of the other side, and a listener
/// has nothing to say before it has heard something.
pub(crate) struct Greeting(Weak<Mutex<Option<Writer<BoxWriter>>>>);

type Shared = Arc<Mutex<Option<Writer<BoxWriter>>>>;

impl Greeter {
    pub(crate) fn new(writer: Writer<BoxWriter>) -> (Self, Greeting) {
        let shared = Arc::new(Mutex::new(Some(writer)));
        let greeting = Greeting(Arc::downgrade(&shared));
        (Greeter::Unused(shared), greeting)
    }

    /// The writer, which from here on sends the nonce by itself.
    fn used(&mut self) -> Pin<&mut Writer<BoxWriter>> {
        match self {
            Greeter::Used(writer) => Pin::new(writer),
            Greeter::Unused(shared) => {
                let writer = lock(shared).take().expect("it is taken here alone, and but once");
                *self = Greeter::Used(writer);
                self.used()
            }
        }
    }
}

impl Greeting {
    /// Goes on with sending the nonce, unless there is a writer who does. Nobody waits for that,
    /// and if it fails, the next to write will hear of it.
    pub(crate) fn send(&self, cx: &mut Context<'_>) {
        if let Some(shared) = self.0.upgrade()
            && let Some(writer) = &mut *lock(&shared)
        {
            let _ = writer.poll_greet(cx);
        }
    }
}

impl AsyncWrite for Greeter {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if slices.iter().all(|slice| slice.is_empty()) {
            return Poll::Ready(Ok(0));
        }
        self.used().poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Greeter::Used(writer) => Pin::new(writer).poll_flush(cx),
            // Of what there is to say only a greeting can have begun.
            Greeter::Unused(shared) => match &mut *lock(shared) {
                Some(writer) => Pin::new(writer).poll_flush(cx),
                None => Poll::Ready(Ok(())),
            },
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.used().poll_shutdown(cx)
    }
}

/// A panic under the lock leaves a writer that is as good as before.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
