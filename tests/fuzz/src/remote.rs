//! A remote that says given bytes, whatever it hears.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream on which the remote says these bytes, then half-closes. It reads everything.
pub struct Remote<'a> {
    bytes: &'a [u8],
    /// How much comes with one read.
    piece: usize,
    /// What was said to it.
    pub heard: Vec<u8>,
}

impl<'a> Remote<'a> {
    /// All that it has to say comes with the first read.
    pub fn at_once(bytes: &'a [u8]) -> Self {
        Remote { bytes, piece: usize::MAX, heard: Vec::new() }
    }

    /// Every byte comes by itself.
    pub fn byte_by_byte(bytes: &'a [u8]) -> Self {
        Remote { bytes, piece: 1, heard: Vec::new() }
    }
}

impl AsyncRead for Remote<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let length = self.piece.min(self.bytes.len()).min(buffer.remaining());
        let (piece, rest) = self.bytes.split_at(length);
        buffer.put_slice(piece);
        self.bytes = rest;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Remote<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.heard.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
