//! The incoming streams of a protocol, one after the other.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use crate::handlers::{StreamHandler, WeakHandler};
use crate::shared::Shared;
use crate::stream::Stream;

/// The incoming streams of a protocol. Dropping it stops taking them.
pub struct Incoming {
    receiver: mpsc::Receiver<Stream>,
    protocol: String,
    handler: WeakHandler,
    shared: Weak<Shared>,
}

impl Incoming {
    pub(crate) fn register(shared: &Arc<Shared>, protocol: String) -> Self {
        let (sender, receiver) = mpsc::channel(INCOMING_BACKLOG);
        let handler: StreamHandler = Arc::new(move |stream, _| {
            if sender.try_send(stream).is_err() {
                tracing::debug!("nobody takes an incoming stream in time");
            }
        });
        // Held weakly: when the registry lets go of it, there is nobody left to send.
        let weak = Arc::downgrade(&handler);
        shared.set_handler(protocol.as_str(), handler);
        Incoming { receiver, protocol, handler: weak, shared: Arc::downgrade(shared) }
    }

    /// Waits for the next stream; nothing comes after the host has gone or another handler has taken the protocol. Cancel safe.
    pub async fn next(&mut self) -> Option<Stream> {
        self.receiver.recv().await
    }
}

impl futures_core::Stream for Incoming {
    type Item = Stream;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Stream>> {
        self.receiver.poll_recv(cx)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.remove_handler_if(&self.protocol, &self.handler);
        }
    }
}

/// How many streams wait to be taken; further ones are reset, as nobody reads them.
const INCOMING_BACKLOG: usize = 64;
