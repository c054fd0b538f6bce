//! What an application gives to have its streams handled.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::stream::Stream;
use crate::task::Seat;

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

/// What is done with a stream: here and now, or in a task that takes the seat.
pub(crate) type StreamHandler = Arc<dyn Fn(Stream, Seat) + Send + Sync>;

/// A handler in the registry.
#[derive(Clone)]
pub(crate) struct Registered {
    /// What its streams usually speak: they share the name.
    pub(crate) name: Arc<str>,
    pub(crate) handler: StreamHandler,
}

/// A handler that somebody else keeps.
pub(crate) type WeakHandler = Weak<dyn Fn(Stream, Seat) + Send + Sync>;

/// Makes a handler of a closure whose future has a task of its own.
pub(crate) fn handler<F, Fut>(handle: F) -> StreamHandler
where
    F: Fn(Stream) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: HandlerOutput,
{
    Arc::new(move |stream, seat| seat.spawn(handle(stream)))
}
