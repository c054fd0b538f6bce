//! What an application gives to have its streams handled.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use crate::stream::Stream;

/// What a handler of streams may return: nothing, or a result whose error is logged.
pub trait HandlerOutput: Send {
    /// The error, if there is one.
    fn error(&self) -> Option<&dyn fmt::Display>;
}

impl HandlerOutput for () {
    fn error(&self) -> Option<&dyn fmt::Display> {
        None
    }
}

impl<T: Send, E: fmt::Display + Send> HandlerOutput for Result<T, E> {
    fn error(&self) -> Option<&dyn fmt::Display> {
        self.as_ref().err().map(|error| error as &dyn fmt::Display)
    }
}

/// What is done with a stream.
pub(crate) type StreamHandler = Arc<dyn Fn(Stream) -> Handling + Send + Sync>;

/// A handler that somebody else keeps.
pub(crate) type WeakHandler = Weak<dyn Fn(Stream) -> Handling + Send + Sync>;

/// A stream being handled.
pub(crate) type Handling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a handler of a closure.
pub(crate) fn handler<F, Fut>(handle: F) -> StreamHandler
where
    F: Fn(Stream) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: HandlerOutput,
{
    Arc::new(move |stream| {
        let handling = handle(stream);
        Box::pin(async move {
            if let Some(error) = handling.await.error() {
                tracing::debug!(%error, "the handler of a stream failed");
            }
        })
    })
}
