//! The tasks of inbound streams: one to agree on a protocol, and after that one for the handler.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::task::AbortHandle;
use tracing::{Instrument as _, Span};

use crate::config::StreamLimits;
use crate::handlers::HandlerOutput;
use crate::shared::Known;

/// The place of an inbound stream among all, and among those of its connection, while somebody is at work on it;
/// dropping it gives it back.
pub(crate) struct Seat(Arc<Known>);

/// A place among those that there may be; dropping it gives it back.
pub(crate) struct Place(Arc<AtomicUsize>);

pin_project! {
    /// A stream being handled, until its handler is done with it or the host closes.
    struct Handling<F> {
        #[pin]
        handler: F,
        work: Work,
    }
}

/// What the task of a handler has beside the handler.
struct Work {
    seat: Seat,
    /// Its number among those who are at work.
    number: u64,
}

impl Seat {
    /// Takes a place, if there is one.
    pub(crate) fn take(known: &Arc<Known>, limits: &StreamLimits) -> Option<Self> {
        // Counted first and given back by the drop, also when there was none.
        let seat = Seat(known.clone());
        let in_all = known.inbound.fetch_add(1, Ordering::Relaxed);
        let open = known.open.fetch_add(1, Ordering::Relaxed);
        (in_all < limits.inbound && open < limits.inbound_per_connection).then_some(seat)
    }

    /// Handles a stream in a task of its own, which holds nothing that only the negotiation needed.
    /// A handler that panics takes this task with it and nothing else.
    pub(crate) fn spawn<F>(self, handler: F)
    where
        F: Future + Send + 'static,
        F::Output: HandlerOutput,
    {
        let crew = self.0.crew.clone();
        crew.start(|number| {
            spawn(Span::current(), Handling { handler, work: Work { seat: self, number } })
        });
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.inbound.fetch_sub(1, Ordering::Relaxed);
        self.0.open.fetch_sub(1, Ordering::Relaxed);
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

impl Drop for Work {
    fn drop(&mut self) {
        self.seat.0.crew.leave(self.number);
    }
}

impl<F> Future for Handling<F>
where
    F: Future,
    F::Output: HandlerOutput,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(error) = ready!(self.project().handler.poll(cx)).error() {
            tracing::debug!(%error, "the handler of a stream failed");
        }
        Poll::Ready(())
    }
}

/// Starts a task in a span, which takes room in the task only when somebody listens.
pub(crate) fn spawn(span: Span, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    if span.is_disabled() {
        tokio::spawn(task).abort_handle()
    } else {
        spawn_boxed(task.instrument(span))
    }
}

/// Starts a task of a kind that is rare beside streams. All kinds are one to the compiler, which else
/// makes thousands of lines of each.
pub(crate) fn spawn_boxed(task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(task);
    tokio::spawn(task).abort_handle()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host has thousands of them.
    #[test]
    fn a_task_has_little_beside_its_handler() {
        assert!(size_of::<Handling<[u64; 9]>>() <= size_of::<[u64; 9 + 2]>());
    }
}
