//! Sending what agrees on a security protocol together with the first message of its handshake.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use peerloom_core::BoxWriter;
use tokio::io::AsyncWrite;

/// A writing half that gathers what is written before the first flush and sends it in one piece.
/// From then on everything goes straight through.
pub(crate) struct Together {
    writer: BoxWriter,
    gathered: Option<BytesMut>,
}

impl Together {
    pub(crate) fn new(writer: BoxWriter) -> Self {
        Together { writer, gathered: Some(BytesMut::new()) }
    }

    /// Sends what was gathered, and gathers no more once that was something.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(gathered) = self.gathered.as_mut().filter(|gathered| !gathered.is_empty()) {
            match ready!(Pin::new(&mut self.writer).poll_write(cx, gathered))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => gathered.advance(written),
            }
            if gathered.is_empty() {
                self.gathered = None;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Together {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Some(gathered) = &mut self.gathered
            && gathered.len() + bytes.len() <= MAX_GATHERED
        {
            gathered.extend_from_slice(bytes);
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.writer).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.writer).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.writer).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.writer).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.writer.is_write_vectored()
    }
}

/// How much is gathered: a packet.
const MAX_GATHERED: usize = 1400;

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Waker;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// What one read at the other end gets.
    async fn piece(far: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
        let mut buffer = vec![0; 4096];
        let length = far.read(&mut buffer).await.unwrap();
        buffer.truncate(length);
        buffer
    }

    #[tokio::test]
    async fn what_comes_before_the_first_flush_goes_out_in_one_piece_and_then_each_write_at_once() {
        let (near, mut far) = duplex(4096);
        let mut writer = Together::new(Box::new(near));
        writer.flush().await.unwrap();
        writer.write_all(b"proposal ").await.unwrap();
        writer.write_all(b"and handshake").await.unwrap();
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(pin!(piece(&mut far)).poll(&mut nobody).is_pending(), "it is not flushed yet");
        writer.flush().await.unwrap();
        assert_eq!(piece(&mut far).await, b"proposal and handshake");
        writer.write_all(b"more").await.unwrap();
        assert_eq!(piece(&mut far).await, b"more");
    }

    #[tokio::test]
    async fn a_line_that_takes_a_byte_at_a_time_loses_none() {
        let (near, mut far) = duplex(1);
        let mut writer = Together::new(Box::new(near));
        let sending = async {
            writer.write_all(b"proposal ").await.unwrap();
            writer.write_all(&[7; MAX_GATHERED]).await.unwrap();
            writer.shutdown().await.unwrap();
        };
        let mut received = Vec::new();
        let (_, read) = tokio::join!(sending, far.read_to_end(&mut received));
        read.unwrap();
        assert_eq!(received, [&b"proposal "[..], &[7; MAX_GATHERED]].concat());
    }
}
