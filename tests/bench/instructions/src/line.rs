//! A line in memory that costs little: what is written is handed on as it is, in pieces that the reader owns.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use peerloom_core::{ByteStream, ReadHalf};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Both ends. Nobody is woken: whoever waits is polled again.
pub fn connect() -> (ByteStream, ByteStream) {
    let (there, back) = (Line::default(), Line::default());
    (ByteStream::new(back.clone(), there.clone()), ByteStream::new(there, back))
}

#[derive(Clone, Default)]
struct Line(Arc<Mutex<VecDeque<Bytes>>>);

impl Line {
    fn with<T>(&self, look: impl FnOnce(&mut VecDeque<Bytes>) -> T) -> T {
        look(&mut self.0.lock().expect("nobody panics while holding it"))
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.with(|pieces| {
            let Some(piece) = pieces.front_mut() else { return Poll::Pending };
            let length = piece.len().min(buffer.remaining());
            buffer.put_slice(&piece[..length]);
            piece.advance(length);
            if piece.is_empty() {
                pieces.pop_front();
            }
            Poll::Ready(Ok(()))
        })
    }
}

impl ReadHalf for Line {
    fn poll_read_bytes(&mut self, _: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        self.with(|pieces| pieces.pop_front()).map_or(Poll::Pending, |piece| Poll::Ready(Ok(piece)))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut piece = Vec::with_capacity(slices.iter().map(|slice| slice.len()).sum());
        slices.iter().for_each(|slice| piece.extend_from_slice(slice));
        let length = piece.len();
        if length > 0 {
            self.with(|pieces| pieces.push_back(piece.into()));
        }
        Poll::Ready(Ok(length))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
