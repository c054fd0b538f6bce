//! One direction of a connection: a bounded pipe of bytes between a reader and a writer.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Bytes, BytesMut};
use peerloom_core::ReadHalf;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;

/// Where the bytes come out. Dropping it makes the writer fail.
pub(crate) struct Reader(Arc<Mutex<State>>);

/// Where the bytes go in. Shutting it down or dropping it ends the stream for the reader.
pub(crate) struct Writer(Arc<Mutex<State>>);

/// A pipe that holds up to `capacity` bytes that have not been read.
pub(crate) fn pipe(capacity: usize) -> (Reader, Writer) {
    let state = State {
        bytes: BytesMut::new(),
        capacity: capacity.max(1),
        written: false,
        abandoned: false,
        reader: None,
        writer: None,
    };
    let state = Arc::new(Mutex::new(state));
    (Reader(Arc::clone(&state)), Writer(state))
}

struct State {
    bytes: BytesMut,
    capacity: usize,
    /// Nothing more will be written.
    written: bool,
    /// Nothing more will be read.
    abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        self.poll_take(cx, buffer.remaining()).map(|bytes| {
            buffer.put_slice(&bytes);
            Ok(())
        })
    }
}

impl ReadHalf for Reader {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        self.poll_take(cx, usize::MAX).map(|bytes| Ok(bytes.freeze()))
    }
}

impl Reader {
    /// Takes up to `most` bytes, without copying them. Empty means the end.
    fn poll_take(&self, cx: &mut Context<'_>, most: usize) -> Poll<BytesMut> {
        let turn = ready!(coop::poll_proceed(cx));
        let mut state = lock(&self.0);
        if state.bytes.is_empty() && !state.written {
            state.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        turn.made_progress();
        let length = state.bytes.len().min(most);
        let bytes = state.bytes.split_to(length);
        wake(state.writer.take(), state);
        Poll::Ready(bytes)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.abandoned = true;
        state.bytes = BytesMut::new();
        wake(state.writer.take(), state);
    }
}

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let turn = ready!(coop::poll_proceed(cx));
        let mut state = lock(&self.0);
        if state.written || state.abandoned {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let mut room = state.capacity - state.bytes.len();
        if room == 0 {
            state.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        turn.made_progress();
        let before = state.bytes.len();
        for slice in slices {
            let (now, _later) = slice.split_at(slice.len().min(room));
            state.bytes.extend_from_slice(now);
            room -= now.len();
        }
        let written = state.bytes.len() - before;
        wake(state.reader.take(), state);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.finish();
        Poll::Ready(Ok(()))
    }
}

impl Writer {
    fn finish(&self) {
        let mut state = lock(&self.0);
        state.written = true;
        wake(state.reader.take(), state);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Nothing panics while it holds the lock, so a poisoned one is as good as any.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes the other side after the lock is released, for it will want it.
fn wake(waker: Option<Waker>, state: MutexGuard<'_, State>) {
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_full_pipe_stops_the_writer_until_the_reader_reads() {
        let (mut reader, mut writer) = pipe(4);
        assert_eq!(writer.write(b"abcdef").await.unwrap(), 4);
        let (written, read) =
            tokio::join!(writer.write(b"ef"), peerloom_core::read_bytes(&mut reader));
        assert_eq!(written.unwrap(), 2);
        assert_eq!(read.unwrap(), "abcd");
        assert_eq!(peerloom_core::read_bytes(&mut reader).await.unwrap(), "ef");
    }

    #[tokio::test]
    async fn what_was_written_before_the_end_is_still_read() {
        for shut_down in [true, false] {
            let (mut reader, mut writer) = pipe(16);
            writer.write_all(b"last").await.unwrap();
            if shut_down {
                writer.shutdown().await.unwrap();
                let error = writer.write(b"more").await.unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
            } else {
                drop(writer);
            }
            let mut read = Vec::new();
            reader.read_to_end(&mut read).await.unwrap();
            assert_eq!(read, b"last");
        }
    }

    #[tokio::test]
    async fn a_writer_that_waits_fails_when_the_reader_goes() {
        let (reader, mut writer) = pipe(4);
        writer.write_all(b"full").await.unwrap();
        let (written, ()) = tokio::join!(writer.write(b"!"), async { drop(reader) });
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn slices_are_written_together_as_far_as_there_is_room() {
        let (mut reader, mut writer) = pipe(5);
        let slices = [io::IoSlice::new(b"abc"), io::IoSlice::new(b""), io::IoSlice::new(b"defg")];
        assert_eq!(writer.write_vectored(&slices).await.unwrap(), 5);
        assert_eq!(peerloom_core::read_bytes(&mut reader).await.unwrap(), "abcde");
    }
}
