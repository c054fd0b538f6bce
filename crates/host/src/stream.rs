//! A stream as the application has it: bytes, and whose.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use peerloom_core::BoxSubstream;
use peerloom_multistream_select::Negotiated;
use peerloom_peer_id::PeerId;
use peerloom_swarm::Connection;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream with a peer, on which a protocol is spoken.
///
/// Reads and writes as any tokio stream. Shutting it down (`AsyncWriteExt::shutdown`) half-closes:
/// the remote reads the end and may still answer. Dropping a stream that both sides have not
/// finished resets it.
pub struct Stream {
    inner: Negotiated<BoxSubstream>,
    connection: Connection,
}

impl Stream {
    pub(crate) fn new(inner: Negotiated<BoxSubstream>, connection: Connection) -> Self {
        Stream { inner, connection }
    }

    /// Who is at the other end.
    #[must_use]
    pub fn peer(&self) -> PeerId {
        self.connection.peer()
    }

    /// The protocol that is spoken, as the dialer named it.
    #[must_use]
    pub fn protocol(&self) -> &str {
        self.inner.protocol()
    }

    /// The connection that carries it.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The stream's number on its connection.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.inner.inner().id()
    }

    /// Waits until the remote has agreed to the protocol. Only a stream that was opened lazily has to wait.
    ///
    /// # Errors
    /// When it does not agree, or the stream ends.
    pub async fn agreed(&mut self) -> io::Result<()> {
        Ok(self.inner.agreed().await?)
    }

    /// Ends both directions now; the remote's reads and writes fail.
    pub fn reset(mut self) {
        self.inner.inner_mut().reset();
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("id", &self.id())
            .field("protocol", &self.protocol())
            .field("peer", &self.peer())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every handler holds one, and most of them wait.
    #[test]
    fn a_stream_is_no_more_than_two_references_and_a_name() {
        assert!(size_of::<Stream>() <= size_of::<[usize; 5]>());
    }
}
