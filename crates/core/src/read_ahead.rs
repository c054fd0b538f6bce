//! A reading half that asks the system for more than it was asked for, when that was little.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

use crate::ReadHalf;

/// The reader of a socket, for a transport. It saves a negotiation, which reads a byte and then a few
/// more, a system call for each.
///
/// Reads of 512 bytes and more go straight through, and nothing is owned while nothing is left over.
pub struct ReadAhead<R> {
    inner: R,
    ahead: Bytes,
}

impl<R> ReadAhead<R> {
    /// Reads from `inner`, with nothing read ahead yet.
    pub fn new(inner: R) -> Self {
        ReadAhead { inner, ahead: Bytes::new() }
    }

    fn hand_out(&mut self, buffer: &mut ReadBuf<'_>) {
        let (now, _later) = self.ahead.split_at(self.ahead.len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.ahead.advance(now.len());
        if self.ahead.is_empty() {
            self.ahead = Bytes::new();
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for ReadAhead<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            self.hand_out(buffer);
            return Poll::Ready(Ok(()));
        }
        if !(1..LITTLE).contains(&buffer.remaining()) {
            return Pin::new(&mut self.inner).poll_read(cx, buffer);
        }
        let mut chunk = [MaybeUninit::uninit(); AHEAD];
        let mut chunk = ReadBuf::uninit(&mut chunk);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut chunk))?;
        let (now, later) = chunk.filled().split_at(chunk.filled().len().min(buffer.remaining()));
        buffer.put_slice(now);
        self.ahead = Bytes::copy_from_slice(later);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead + Send + Unpin> ReadHalf for ReadAhead<R> {}

/// Whoever has room for this many bytes reads in bulk already.
const LITTLE: usize = 512;

/// How many bytes are asked for instead: a negotiation and the first message of a handshake.
const AHEAD: usize = 1024;

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// Gives what it has, as much as fits, and counts how often it was asked.
    struct Socket {
        bytes: Bytes,
        reads: usize,
    }

    impl AsyncRead for Socket {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.reads += 1;
            let length = self.bytes.len().min(buffer.remaining());
            buffer.put_slice(&self.bytes.split_to(length));
            Poll::Ready(Ok(()))
        }
    }

    fn reader(length: u16) -> (Vec<u8>, ReadAhead<Socket>) {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        (bytes.clone(), ReadAhead::new(Socket { bytes: bytes.into(), reads: 0 }))
    }

    #[tokio::test]
    async fn many_small_reads_ask_the_system_once() {
        let (bytes, mut reader) = reader(900);
        for expected in &bytes {
            assert_eq!(reader.read_u8().await.unwrap(), *expected);
        }
        assert_eq!(reader.inner.reads, 1);
        assert!(reader.read_u8().await.is_err(), "the end follows the last byte");
    }

    #[tokio::test]
    async fn a_large_read_takes_what_was_read_ahead_and_then_goes_straight_to_the_system() {
        let (bytes, mut reader) = reader(5000);
        assert_eq!(reader.read_u8().await.unwrap(), bytes[0]);
        let mut buffer = vec![0; 3000];
        assert_eq!(reader.read(&mut buffer).await.unwrap(), AHEAD - 1);
        assert_eq!(buffer[..AHEAD - 1], bytes[1..AHEAD]);
        assert_eq!(reader.read(&mut buffer).await.unwrap(), 3000);
        assert_eq!(buffer, bytes[AHEAD..AHEAD + 3000]);
        assert_eq!(reader.inner.reads, 2);
    }

    #[tokio::test]
    async fn reads_of_every_size_give_the_bytes_in_order() {
        let (bytes, mut reader) = reader(60_000);
        let mut received = Vec::new();
        for size in [1, 2, 511, 512, 7, 1023, 1024, 3, 1025].into_iter().cycle() {
            let mut buffer = vec![0; size];
            let length = reader.read(&mut buffer).await.unwrap();
            if length == 0 {
                break;
            }
            received.extend_from_slice(&buffer[..length]);
        }
        assert_eq!(received, bytes);
    }

    #[tokio::test]
    async fn a_read_without_room_takes_nothing_from_the_system() {
        let (bytes, mut reader) = reader(10);
        assert_eq!(reader.read(&mut []).await.unwrap(), 0);
        assert_eq!(reader.inner.bytes, bytes);
    }
}
