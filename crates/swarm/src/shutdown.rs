//! A flag that is raised once, and can be waited for.

use tokio::sync::watch;

/// Raised once; every clone sees it.
#[derive(Clone, Debug)]
pub(crate) struct Shutdown(watch::Sender<bool>);

impl Shutdown {
    pub(crate) fn new() -> Self {
        Shutdown(watch::Sender::new(false))
    }

    /// Raises the flag.
    pub(crate) fn raise(&self) {
        self.0.send_replace(true);
    }

    /// Whether the flag is up.
    pub(crate) fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the flag.
    pub(crate) async fn raised(&self) {
        // The sender is `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|raised| *raised).await;
    }
}
