//! The byte stream that crosses the seams: two halves that share nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A reliable, ordered stream of bytes, both ways.
///
/// It is made of two halves that can be taken apart without a lock between them, so that a layer
/// may read and write at the same time from different tasks. A layer that transforms bytes wraps
/// each half.
///
/// In one piece it is a conversation: a read that has to wait for the remote flushes first. Whoever
/// takes it apart does that.
pub struct ByteStream {
    reader: BoxReader,
    writer: BoxWriter,
    round_trip: Option<Duration>,
}

/// The reading half of a [`ByteStream`].
pub type BoxReader = Box<dyn ReadHalf>;

/// The writing half of a [`ByteStream`]; shutting it down half-closes the stream.
pub type BoxWriter = Box<dyn AsyncWrite + Send + Unpin>;

/// A reading half that may hand out bytes that it owns, without another copy.
pub trait ReadHalf: AsyncRead + Send + Unpin {
    /// Reads what is there, in a buffer that the caller keeps. Empty means the end of the stream.
    ///
    /// The default reads into a buffer on the stack, so that a stream that waits owns none.
    ///
    /// # Errors
    /// As `poll_read` would.
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let mut chunk = [0; STACK_CHUNK];
        let mut buffer = ReadBuf::new(&mut chunk);
        ready!(Pin::new(self).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(Bytes::copy_from_slice(buffer.filled())))
    }
}

/// Reads what is there as owned bytes; empty means the end of the stream.
///
/// # Errors
/// Whatever the reader reports.
pub async fn read_bytes<R: ReadHalf + ?Sized>(reader: &mut R) -> io::Result<Bytes> {
    std::future::poll_fn(|cx| reader.poll_read_bytes(cx)).await
}

impl ByteStream {
    /// Joins two halves into a stream.
    pub fn new(
        reader: impl ReadHalf + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        ByteStream { reader: Box::new(reader), writer: Box::new(writer), round_trip: None }
    }

    /// Any tokio stream. Its halves share a lock; a type with halves of its own does better with [`ByteStream::new`].
    pub fn from_io(io: impl AsyncRead + AsyncWrite + Send + 'static) -> Self {
        let (reader, writer) = tokio::io::split(io);
        ByteStream::new(PlainReader(reader), writer)
    }

    /// Any two tokio halves.
    pub fn from_halves(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        ByteStream::new(PlainReader(reader), writer)
    }

    /// Tells whoever gets the stream how long it takes there and back, at most.
    #[must_use]
    pub fn with_round_trip(self, round_trip: Duration) -> Self {
        ByteStream { round_trip: Some(round_trip), ..self }
    }

    /// How long it takes there and back, at most, when something below could tell.
    #[must_use]
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// Takes the stream apart.
    #[must_use]
    pub fn into_split(self) -> (BoxReader, BoxWriter) {
        (self.reader, self.writer)
    }

    /// The outcome of a read; when it has to wait, what the remote may be waiting for goes out.
    fn or_flush<T>(&mut self, read: Poll<T>, cx: &mut Context<'_>) -> Poll<T> {
        if read.is_pending() {
            // A remote that takes no more may still have sent what is to be read; the next write fails.
            let _ = Pin::new(&mut *self.writer).poll_flush(cx);
        }
        read
    }
}

impl AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut *self.reader).poll_read(cx, buffer);
        self.or_flush(read, cx)
    }
}

impl ReadHalf for ByteStream {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let read = self.reader.poll_read_bytes(cx);
        self.or_flush(read, cx)
    }
}

impl ReadHalf for BoxReader {
    fn poll_read_bytes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        (**self).poll_read_bytes(cx)
    }
}

impl AsyncWrite for ByteStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.writer).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.writer).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.writer).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.writer).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.writer.is_write_vectored()
    }
}

impl std::fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ByteStream")
    }
}

/// A reader with no owned bytes to give away.
struct PlainReader<R>(R);

impl<R: AsyncRead + Unpin> AsyncRead for PlainReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<R: AsyncRead + Send + Unpin> ReadHalf for PlainReader<R> {}

/// How much one read on the stack takes: the bytes are zeroed first, so not much more than a packet.
const STACK_CHUNK: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Waker;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_plain_stream_gives_owned_bytes_and_then_the_end() {
        let (near, mut far) = tokio::io::duplex(64);
        let (mut reader, mut writer) = ByteStream::from_io(near).into_split();
        far.write_all(b"hello").await.unwrap();
        assert_eq!(read_bytes(&mut reader).await.unwrap(), "hello");
        writer.write_all(b"bye").await.unwrap();
        let mut answer = [0; 3];
        far.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"bye");
        far.shutdown().await.unwrap();
        assert!(read_bytes(&mut reader).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_read_that_has_to_wait_sends_what_was_written_before() {
        let (near, mut far) = tokio::io::duplex(64);
        let (reader, writer) = tokio::io::split(near);
        let mut stream = ByteStream::from_halves(reader, tokio::io::BufWriter::new(writer));
        stream.write_all(b"question").await.unwrap();
        let (mut nobody, mut question) = (Context::from_waker(Waker::noop()), [0; 8]);
        assert!(pin!(stream.read_u8()).poll(&mut nobody).is_pending());
        assert!(pin!(far.read_exact(&mut question)).poll(&mut nobody).is_ready());
        assert_eq!(&question, b"question");
    }
}
