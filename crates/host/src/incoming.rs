//! The incoming streams of a protocol, one after the other.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use peerloom_multistream_select::Matcher;
use tokio::sync::mpsc;

use crate::handlers::{StreamHandler, handler};
use crate::shared::Shared;
use crate::stream::Stream;

/// The incoming streams of a protocol. Dropping it stops taking them.
pub struct Incoming {
    receiver: mpsc::Receiver<Stream>,
    protocol: String,
    handler: StreamHandler,
    shared: Weak<Shared>,
}

impl Incoming {
    pub(crate) fn register(shared: &Arc<Shared>, protocol: String) -> Self {
        let (sender, receiver) = mpsc::channel(INCOMING_BACKLOG);
        let handler = handler(move |stream| {
            std::future::ready(sender.try_send(stream).map_err(|_| "nobody takes it in time"))
        });
        shared.set_handler(protocol.as_str(), handler.clone());
        Incoming { receiver, protocol, handler, shared: Arc::downgrade(shared) }
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
        let Some(shared) = self.shared.upgrade() else { return };
        let current = shared.handlers().find(&self.protocol).cloned();
        if current.is_some_and(|current| Arc::ptr_eq(&current, &self.handler)) {
            shared.remove_handler(&Matcher::exact(&self.protocol));
        }
    }
}

/// How many streams wait to be taken; further ones are reset, as nobody reads them.
const INCOMING_BACKLOG: usize = 64;
