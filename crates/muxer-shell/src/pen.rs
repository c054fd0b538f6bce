//! What writes: bytes go straight through while the writer below takes them, and the rest is kept.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BytesMut};
use peerloom_core::BoxWriter;
use tokio::io::AsyncWrite;

/// The writer below, in the hand of whoever writes.
pub(crate) struct Pen {
    writer: BoxWriter,
    /// Whom the writer wakes, whoever writes.
    pub(crate) driver: Waker,
    /// What the writer has not taken; owns no memory while there is nothing.
    pub(crate) rest: BytesMut,
    /// Whether the writer takes nothing more before it wakes the driver.
    pub(crate) blocked: bool,
    /// How many bytes the writer has ever taken, and how many of those have been flushed.
    taken: u64,
    flushed: u64,
    /// Whether some of what has not been flushed is others', or was to leave before.
    urgent: bool,
    failure: Option<io::Error>,
}

impl Pen {
    pub(crate) fn new(writer: BoxWriter) -> Self {
        Pen {
            writer,
            driver: Waker::noop().clone(),
            rest: BytesMut::new(),
            blocked: false,
            taken: 0,
            flushed: 0,
            urgent: false,
            failure: None,
        }
    }

    /// How many of all bytes have been handed to the transport.
    pub(crate) fn flushed(&self) -> u64 {
        self.flushed
    }

    /// Whether everything has been handed to the transport.
    pub(crate) fn is_clean(&self) -> bool {
        self.rest.is_empty() && self.flushed == self.taken
    }

    /// Whether what has been written may wait for more: nobody else's, and less than a batch.
    pub(crate) fn may_wait(&self) -> bool {
        !self.urgent && self.taken - self.flushed < BATCH
    }

    /// Takes along what waits, to be written first.
    pub(crate) fn take_along(&mut self, rest: BytesMut) {
        self.urgent |= !rest.is_empty();
        self.rest = rest;
    }

    /// What has gone wrong since somebody asked.
    pub(crate) fn take_failure(&mut self) -> io::Result<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Writes the rest, then a header and its body, as far as the writer takes them.
    pub(crate) fn write(&mut self, header: &[u8], body: &[u8]) {
        let done = self.write_through(header, body);
        self.note(done);
    }

    /// Hands everything to the transport, as far as that goes without waiting.
    pub(crate) fn flush(&mut self) {
        // What was taken before goes first, so that those who wait for that are not kept waiting by others.
        let done = self.flush_writer().and_then(|()| {
            self.write_through(&[], &[])?;
            self.flush_writer()
        });
        self.note(done);
    }

    /// Ends the writing half, after everything has been handed to the transport.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.writer).poll_shutdown(cx)
    }

    /// Writes the rest, a header and a body; what the writer does not take is the new rest.
    fn write_through(&mut self, mut header: &[u8], mut body: &[u8]) -> io::Result<()> {
        let mut cx = Context::from_waker(&self.driver);
        if !self.writer.is_write_vectored() {
            self.rest.extend_from_slice(header);
            self.rest.extend_from_slice(body);
            (header, body) = (&[], &[]);
        }
        while !self.blocked && self.rest.len() + header.len() + body.len() != 0 {
            let slices = [IoSlice::new(&self.rest), IoSlice::new(header), IoSlice::new(body)];
            match Pin::new(&mut self.writer).poll_write_vectored(&mut cx, &slices) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(taken) => {
                    let mut taken = taken?;
                    self.taken += u64::try_from(taken).unwrap_or(u64::MAX);
                    let of_rest = taken.min(self.rest.len());
                    self.rest.advance(of_rest);
                    taken -= of_rest;
                    let of_header = taken.min(header.len());
                    header.advance(of_header);
                    body.advance(taken - of_header);
                }
                Poll::Pending => self.blocked = true,
            }
        }
        if self.rest.is_empty() {
            self.rest = BytesMut::new();
        }
        self.rest.extend_from_slice(header);
        self.rest.extend_from_slice(body);
        Ok(())
    }

    fn flush_writer(&mut self) -> io::Result<()> {
        if self.blocked || self.flushed == self.taken {
            return Ok(());
        }
        match Pin::new(&mut self.writer).poll_flush(&mut Context::from_waker(&self.driver)) {
            Poll::Ready(flushed) => {
                flushed?;
                (self.flushed, self.urgent) = (self.taken, false);
            }
            Poll::Pending => (self.blocked, self.urgent) = (true, true),
        }
        Ok(())
    }

    /// After a failure nothing more is written before the driver has heard of it.
    fn note(&mut self, done: io::Result<()>) {
        if let Err(error) = done {
            (self.failure, self.blocked) = (Some(error), true);
        }
    }
}

/// How much goes out together: three long frames, which a secured stream has a buffer for. To wake a
/// reader costs as much as to seal a frame, and several times that on a virtual machine.
const BATCH: u64 = 3 * 64 * 1024;

#[cfg(test)]
mod tests {
    use tokio::io::{BufWriter, duplex};

    use super::*;

    #[test]
    fn only_what_is_ones_own_and_less_than_a_batch_may_wait() {
        let (near, _far) = duplex(300_000);
        let mut pen = Pen::new(Box::new(BufWriter::with_capacity(400_000, near)));
        pen.write(&[7; 196_607], b"");
        assert!(pen.may_wait());
        pen.write(b"", &[7]);
        assert!(!pen.may_wait(), "a batch");
        pen.flush();
        pen.take_along(BytesMut::from("another's"));
        pen.write(b"", b"own");
        assert!(!pen.may_wait());
        pen.flush();
        pen.write(b"", b"own");
        assert!(pen.may_wait());
        pen.write(b"", &[7; 110_000]);
        pen.flush();
        pen.blocked = false;
        assert!(!pen.may_wait(), "it was to leave, and could not");
    }
}
