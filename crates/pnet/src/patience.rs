//! How long a remote may take to show the key.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::Error;

/// The time that a remote has, from when we first wait for it. A node without the key may take our
/// nonce for the length of a message, and then both would wait for ever.
pub(crate) struct Patience {
    /// None where nobody has to show a key.
    limit: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Patience { limit, timer: None }
    }

    /// Waits until there is none left.
    pub(crate) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        let Some(limit) = self.limit else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Error::Silent(limit))
    }
}
