//! A flag that is raised once, and can be waited for.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Raised once; whoever waits for it hears of it.
#[derive(Debug, Default)]
pub(crate) struct Shutdown {
    raised: AtomicBool,
    raising: Notify,
}

impl Shutdown {
    /// Raises the flag.
    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        self.raising.notify_waiters();
    }

    /// Whether the flag is up.
    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    /// Waits for the flag.
    pub(crate) async fn raised(&self) {
        // It counts from here on, so that nothing is missed between the look and the wait.
        let raising = self.raising.notified();
        if !self.is_raised() {
            raising.await;
        }
    }
}
