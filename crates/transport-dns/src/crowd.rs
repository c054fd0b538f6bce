//! Futures that are awaited together, in the task of who awaits them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Futures side by side. Every one is polled when any of them wakes the task, so it is for dozens.
pub(crate) struct Crowd<'a, T>(Vec<Pin<Box<dyn Future<Output = T> + Send + 'a>>>);

impl<'a, T> Crowd<'a, T> {
    pub(crate) fn new() -> Self {
        Crowd(Vec::new())
    }

    pub(crate) fn push(&mut self, future: impl Future<Output = T> + Send + 'a) {
        self.0.push(Box::pin(future));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Waits for whichever ends first; `None` when there is nobody. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let mut ended = None;
        for (index, future) in self.0.iter_mut().enumerate() {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                ended = Some((index, output));
                break;
            }
        }
        let Some((index, output)) = ended else { return Poll::Pending };
        drop(self.0.remove(index));
        Poll::Ready(Some(output))
    }
}
