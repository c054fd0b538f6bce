//! Streams that misbehave on purpose, and the bytes that cross them.

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// `/multistream/1.0.0`, with its length and line break.
pub(crate) const HEADER: &[u8] = b"\x13/multistream/1.0.0\n";
/// "0x036e610a" in the specification.
pub(crate) const NOT_AVAILABLE: &[u8] = b"\x03na\n";
/// "0x036c730a" in the specification.
pub(crate) const LIST: &[u8] = b"\x03ls\n";

pub(crate) fn message(text: &str) -> Vec<u8> {
    assert!(text.len() < 127);
    let mut bytes = vec![u8::try_from(text.len() + 1).unwrap()];
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(b'\n');
    bytes
}

/// Fails instead of waiting for ever; with paused time that takes no time.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(1), future).await.expect("nothing moves any more")
}

/// A remote that has said what it says, whatever it hears.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) incoming: VecDeque<u8>,
    /// How often somebody has read.
    pub(crate) reads: usize,
    /// What was written, a write each.
    pub(crate) writes: Vec<Vec<u8>>,
    /// What comes after the incoming bytes.
    pub(crate) then: Then,
    /// Whether vectored writes are taken whole.
    pub(crate) vectored: bool,
    /// Whether writing fails.
    pub(crate) deaf: bool,
    pub(crate) shut_down: bool,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Then {
    #[default]
    End,
    Silence,
    Reset,
}

impl Script {
    pub(crate) fn new(incoming: &[&[u8]]) -> Self {
        Script { incoming: incoming.concat().into(), ..Script::default() }
    }

    pub(crate) fn silent() -> Self {
        Script { then: Then::Silence, ..Script::default() }
    }

    /// What nobody has read.
    pub(crate) fn unread(&mut self) -> &[u8] {
        self.incoming.make_contiguous()
    }
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.reads += 1;
        let count = buffer.remaining().min(self.incoming.len());
        if count == 0 {
            return match self.then {
                Then::End => Poll::Ready(Ok(())),
                Then::Silence => Poll::Pending,
                Then::Reset => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            };
        }
        buffer.put_slice(&self.incoming.drain(..count).collect::<Vec<_>>());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.deaf {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.writes.push(bytes.to_vec());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shut_down = true;
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        assert!(self.vectored);
        let all = slices.iter().flat_map(|slice| slice.iter().copied()).collect::<Vec<_>>();
        self.poll_write(cx, &all)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }
}

/// Passes on at most so many bytes at once, and wants to be asked twice each time.
#[derive(Debug)]
pub(crate) struct Chopped<S> {
    stream: S,
    most: usize,
    vectored: bool,
    read_before: bool,
    written_before: bool,
}

impl<S> Chopped<S> {
    pub(crate) fn new(stream: S, most: usize, vectored: bool) -> Self {
        Chopped { stream, most, vectored, read_before: false, written_before: false }
    }
}

/// Whether it is the second time; else the task is to come again.
fn twice(before: &mut bool, cx: &Context<'_>) -> bool {
    *before = !*before;
    if *before {
        cx.waker().wake_by_ref();
    }
    !*before
}

impl<S: AsyncRead + Unpin> AsyncRead for Chopped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !twice(&mut self.read_before, cx) {
            return Poll::Pending;
        }
        let mut bytes = vec![0; self.most.min(buffer.remaining())];
        let mut piece = ReadBuf::new(&mut bytes);
        let outcome = Pin::new(&mut self.stream).poll_read(cx, &mut piece);
        buffer.put_slice(piece.filled());
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Chopped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !twice(&mut self.written_before, cx) {
            return Poll::Pending;
        }
        let most = self.most.min(bytes.len());
        Pin::new(&mut self.stream).poll_write(cx, &bytes[..most])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = slices.iter().flat_map(|slice| slice.iter().copied()).collect::<Vec<_>>();
        self.poll_write(cx, &all)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }
}
