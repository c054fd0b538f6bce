//! Futures without a runtime: what waits for nobody else is polled until it is done.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// The outcome of a future that waits for nobody else.
///
/// # Panics
/// When it has none: it waits for ever.
pub fn finish<F: Future>(future: F) -> F::Output {
    match poll_until_idle(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("waits for ever"),
    }
}

/// Polls a future for as long as it asks for it.
///
/// # Panics
/// When it never stops asking.
pub fn poll_until_idle<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(woken.clone());
    for _ in 0..MAX_POLLS {
        if !woken.0.swap(false, Ordering::Relaxed) {
            return Poll::Pending;
        }
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            return polled;
        }
    }
    panic!("still busy after {MAX_POLLS} polls");
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Far more than what a target does takes.
const MAX_POLLS: usize = 100_000;
