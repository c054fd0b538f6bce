//! The tasks of inbound streams: one to agree on a protocol, and after that one for the handler.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::sync::futures::OwnedNotified;
use tracing::{Instrument as _, Span};

use crate::handlers::HandlerOutput;

/// What an inbound stream has while somebody is at work on it.
pub(crate) struct Seat {
    /// Its places among all streams, and among those of its connection.
    pub(crate) places: [Place; 2],
    /// Comes when the host closes.
    pub(crate) closing: OwnedNotified,
}

/// A place among the streams that there may be; dropping it gives it back.
pub(crate) struct Place(Arc<AtomicUsize>);

pin_project! {
    /// A stream being handled, until its handler is done with it or the host closes.
    struct Handling<F> {
        #[pin]
        handler: F,
        #[pin]
        closing: OwnedNotified,
        places: [Place; 2],
    }
}

impl Seat {
    /// Handles a stream in a task of its own, which holds nothing that only the negotiation needed.
    /// A handler that panics takes this task with it and nothing else.
    pub(crate) fn spawn<F>(self, handler: F)
    where
        F: Future + Send + 'static,
        F::Output: HandlerOutput,
    {
        let Seat { places, closing } = self;
        spawn(Span::current(), Handling { handler, closing, places });
    }
}

impl Place {
    pub(crate) fn take(taken: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        // Counted first and given back by the drop, also when there was none.
        let place = Place(taken.clone());
        (place.0.fetch_add(1, Ordering::Relaxed) < limit).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<F> Future for Handling<F>
where
    F: Future,
    F::Output: HandlerOutput,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.closing.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if let Some(error) = ready!(this.handler.poll(cx)).error() {
            tracing::debug!(%error, "the handler of a stream failed");
        }
        Poll::Ready(())
    }
}

/// Starts a task in a span, which takes room in the task only when somebody listens.
pub(crate) fn spawn(span: Span, task: impl Future<Output = ()> + Send + 'static) {
    if span.is_disabled() {
        tokio::spawn(task);
    } else {
        spawn_boxed(task.instrument(span));
    }
}

/// Starts a task of a kind that is rare beside streams. All kinds are one to the compiler, which else
/// makes thousands of lines of each.
pub(crate) fn spawn_boxed(task: impl Future<Output = ()> + Send + 'static) {
    let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(task);
    tokio::spawn(task);
}
