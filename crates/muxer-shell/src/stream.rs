//! The handle of one stream.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use peerloom_core::Substream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;
use tokio::time::Instant;

use crate::Session;
use crate::connection::Connection;
use crate::state::State;

/// A stream of a connection.
///
/// The errors of its reads and writes have the kind `ConnectionReset` when the remote reset it,
/// `BrokenPipe` when this side had closed it, and `ConnectionAborted` when the connection broke or
/// ran into a limit; [`Error`](crate::Error) is what they carry.
pub struct Stream<S: Session> {
    connection: Arc<Connection<S>>,
    id: S::Id,
    /// Where on the line the last bytes of this stream are, while they may not have left.
    unflushed: Option<u64>,
}

impl<S: Session> Stream<S> {
    pub(crate) fn new(connection: Arc<Connection<S>>, id: S::Id) -> Self {
        Stream { connection, id, unflushed: Some(0) }
    }
}

impl<S: Session> Substream for Stream<S> {
    fn id(&self) -> u64 {
        self.id.into()
    }

    fn reset(&mut self) {
        self.connection.with(|state| state.reset(self.id));
    }

    fn hold_next_write(&mut self) {
        self.connection.with(State::hold_next_write);
    }
}

impl<S: Session> AsyncRead for Stream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let turn = ready!(coop::poll_proceed(cx));
        let (limit, now) = (buffer.remaining(), Instant::now().into_std());
        let read = self.connection.with(|state| state.read(self.id, cx.waker(), limit, now));
        let bytes = ready!(read)?;
        turn.made_progress();
        buffer.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl<S: Session> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let turn = ready!(coop::poll_proceed(cx));
        let Stream { connection, id, unflushed } = &mut *self;
        let written = ready!(connection.write(*id, cx.waker(), bytes, unflushed))?;
        turn.made_progress();
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Stream { connection, id, unflushed } = &mut *self;
        connection.flush(*id, cx.waker(), unflushed).map_err(Into::into)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Stream { connection, id, unflushed } = &mut *self;
        let position = unflushed.get_or_insert_default();
        connection.with(|state| state.shutdown(*id, position))?;
        connection.flush(*id, cx.waker(), unflushed).map_err(Into::into)
    }
}

impl<S: Session> Drop for Stream<S> {
    fn drop(&mut self) {
        let now = Instant::now().into_std();
        self.connection.with(|state| state.release(self.id, now));
    }
}

impl<S: Session> fmt::Debug for Stream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Stream");
        tuple.field(&self.id);
        if let Some(name) = self.connection.with(|state| state.name(self.id)) {
            tuple.field(&name);
        }
        tuple.finish()
    }
}
