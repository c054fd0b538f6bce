//! A stream that remembers how the remote began, for when it turns out not to speak TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use peerloom_core::ByteStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::guise::TELLING;

/// The stream below TLS.
pub(super) struct Heard {
    stream: ByteStream,
    begin: Vec<u8>,
}

impl Heard {
    pub(super) fn new(stream: ByteStream) -> Self {
        Heard { stream, begin: Vec::new() }
    }

    /// The first bytes, as many as tell what they are.
    pub(super) fn begin(&self) -> &[u8] {
        &self.begin
    }
}

impl AsyncRead for Heard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let room = TELLING.saturating_sub(self.begin.len());
        self.begin.extend(buffer.filled().iter().skip(before).take(room));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Heard {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
