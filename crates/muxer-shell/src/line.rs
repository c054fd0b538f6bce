//! The writing half of the connection: takes bytes straight through while it can, and keeps a little when it cannot.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, BytesMut};
use peerloom_core::BoxWriter;
use tokio::io::AsyncWrite;

/// The writer below, and what it has not taken yet.
///
/// Whoever writes, it is the driver that the writer below wakes: it goes on with what was left over.
pub(crate) struct Line {
    writer: Option<BoxWriter>,
    driver: Option<Waker>,
    /// What the writer has not taken; owns no memory while there is nothing.
    rest: BytesMut,
    /// Whether the writer takes nothing more before it wakes the driver.
    blocked: bool,
    /// Whether the writer has taken something and not been flushed.
    unflushed: bool,
    /// How many bytes were ever sent, and how many of those have been flushed.
    sent: u64,
    flushed: u64,
}

impl Line {
    /// Nothing moves before the driver has been heard of.
    pub(crate) fn new(writer: BoxWriter) -> Self {
        Line {
            writer: Some(writer),
            driver: None,
            rest: BytesMut::new(),
            blocked: true,
            unflushed: false,
            sent: 0,
            flushed: 0,
        }
    }

    /// How many more bytes it takes for somebody who has `wanted` of them: everything while the
    /// writer takes them, then what is worth a frame and fits into the rest.
    pub(crate) fn room(&self, wanted: usize) -> usize {
        if !self.blocked {
            return wanted;
        }
        let room = MAX_REST.saturating_sub(self.rest.len());
        if room < wanted.min(MIN_FRAME) { 0 } else { room.min(wanted) }
    }

    /// Whether the writer takes bytes now, as far as is known.
    pub(crate) fn is_free(&self) -> bool {
        !self.blocked
    }

    /// Whether nothing more should be queued before the rest has been flushed.
    pub(crate) fn is_full(&self) -> bool {
        MAX_REST <= self.rest.len()
    }

    /// How many bytes were ever sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many of all bytes have been handed to the transport.
    pub(crate) fn flushed(&self) -> u64 {
        self.flushed
    }

    /// Whether everything has been handed to the transport.
    pub(crate) fn is_clean(&self) -> bool {
        !self.blocked && !self.unflushed && self.rest.is_empty()
    }

    /// Adds a few bytes, to be sent together with what follows them.
    pub(crate) fn queue(&mut self, bytes: &[u8]) {
        self.sent += length(bytes);
        self.rest.extend_from_slice(bytes);
    }

    /// Sends a header and its body.
    pub(crate) fn send<'a>(&mut self, mut header: &'a [u8], mut body: &'a [u8]) -> io::Result<()> {
        self.sent += length(header) + length(body);
        if !self.blocked {
            (header, body) = self.write_through(header, body)?;
        }
        self.rest.extend_from_slice(header);
        self.rest.extend_from_slice(body);
        Ok(())
    }

    /// Hands everything to the transport, as far as that goes without waiting.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.write_through(&[], &[])?;
        self.flush_writer()
    }

    /// The driver is here, and will come again when the line is free: goes on with the rest.
    pub(crate) fn resume(&mut self, driver: &Waker) -> io::Result<()> {
        match &mut self.driver {
            Some(known) => known.clone_from(driver),
            None => self.driver = Some(driver.clone()),
        }
        self.blocked = false;
        // What was taken before goes first, so that those who wait for that are not kept waiting by others.
        self.flush_writer()?;
        self.flush()
    }

    /// Ends the writing half, after everything has been handed to the transport.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.writer {
            Some(writer) => Pin::new(writer).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Lets go of the writer and of everything that it has not taken.
    pub(crate) fn abandon(&mut self) {
        self.writer = None;
        self.rest = BytesMut::new();
        self.blocked = true;
    }

    /// Who wakes the driver.
    pub(crate) fn driver(&self) -> Option<Waker> {
        self.driver.clone()
    }

    /// Writes the rest, then a header and a body; gives back what was not taken of these.
    fn write_through<'a>(
        &mut self,
        mut header: &'a [u8],
        mut body: &'a [u8],
    ) -> io::Result<(&'a [u8], &'a [u8])> {
        let (Some(writer), Some(driver)) = (&mut self.writer, &self.driver) else {
            return Ok((header, body));
        };
        let mut cx = Context::from_waker(driver);
        if !writer.is_write_vectored() {
            self.rest.extend_from_slice(header);
            self.rest.extend_from_slice(body);
            (header, body) = (&[], &[]);
        }
        while !self.blocked && self.rest.len() + header.len() + body.len() != 0 {
            let slices = [IoSlice::new(&self.rest), IoSlice::new(header), IoSlice::new(body)];
            match Pin::new(&mut *writer).poll_write_vectored(&mut cx, &slices) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(taken) => {
                    let mut taken = taken?;
                    let of_rest = taken.min(self.rest.len());
                    self.rest.advance(of_rest);
                    taken -= of_rest;
                    let of_header = taken.min(header.len());
                    header.advance(of_header);
                    body.advance(taken - of_header);
                    self.unflushed = true;
                }
                Poll::Pending => self.blocked = true,
            }
        }
        if self.rest.is_empty() {
            self.rest = BytesMut::new();
        }
        Ok((header, body))
    }

    fn flush_writer(&mut self) -> io::Result<()> {
        let (Some(writer), Some(driver)) = (&mut self.writer, &self.driver) else { return Ok(()) };
        if self.blocked || !self.unflushed {
            return Ok(());
        }
        match Pin::new(writer).poll_flush(&mut Context::from_waker(driver)) {
            Poll::Ready(flushed) => {
                flushed?;
                self.unflushed = false;
                self.flushed = self.sent - length(&self.rest);
            }
            Poll::Pending => self.blocked = true,
        }
        Ok(())
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// How much is kept while the writer takes nothing: a frame, so that small writes go out together.
/// The writer below has buffers of its own.
const MAX_REST: usize = 64 * 1024;

/// A large write waits rather than send a frame that is shorter.
const MIN_FRAME: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Takes as much as it has room for, and counts how often it is asked.
    #[derive(Clone, Default)]
    struct Below(Arc<Mutex<Taken>>);

    #[derive(Default)]
    struct Taken {
        bytes: Vec<u8>,
        room: usize,
        writes: usize,
        flushes: usize,
        vectored: bool,
    }

    impl AsyncWrite for Below {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let mut taken = self.0.lock().unwrap();
            let all: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            let length = all.len().min(taken.room);
            taken.writes += 1;
            if length == 0 {
                return Poll::Pending;
            }
            taken.room -= length;
            taken.bytes.extend_from_slice(&all[..length]);
            Poll::Ready(Ok(length))
        }

        fn is_write_vectored(&self) -> bool {
            self.0.lock().unwrap().vectored
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.0.lock().unwrap().flushes += 1;
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn line(room: usize, vectored: bool) -> (Line, Below) {
        let below = Below::default();
        (below.0.lock().unwrap().room, below.0.lock().unwrap().vectored) = (room, vectored);
        (Line::new(Box::new(below.clone())), below)
    }

    #[test]
    fn what_the_writer_takes_goes_straight_through_in_one_piece() {
        for vectored in [true, false] {
            let (mut line, below) = line(1000, vectored);
            line.resume(Waker::noop()).unwrap();
            line.queue(b"control ");
            line.send(b"header ", b"body").unwrap();
            line.flush().unwrap();
            let taken = below.0.lock().unwrap();
            assert_eq!(taken.bytes, b"control header body");
            assert_eq!((taken.writes, taken.flushes), (1, 1));
            assert_eq!(line.rest.capacity(), 0, "an idle line owns no memory");
            assert!(line.is_clean() && line.flushed() == line.sent());
        }
    }

    #[test]
    fn what_the_writer_does_not_take_waits_for_the_driver() {
        for vectored in [true, false] {
            for room in 0..19 {
                let (mut line, below) = line(room, vectored);
                line.resume(Waker::noop()).unwrap();
                line.queue(b"control ");
                line.send(b"header ", b"body").unwrap();
                line.flush().unwrap();
                assert!(!line.is_clean() && line.flushed() < line.sent());
                let writes = below.0.lock().unwrap().writes;
                line.send(b" and", b" more").unwrap();
                assert_eq!(below.0.lock().unwrap().writes, writes, "nobody asks a blocked writer");
                below.0.lock().unwrap().room = 1000;
                line.resume(Waker::noop()).unwrap();
                assert_eq!(below.0.lock().unwrap().bytes, b"control header body and more");
                assert!(line.is_clean() && line.flushed() == line.sent());
            }
        }
    }

    #[test]
    fn those_who_wait_for_a_flush_are_not_kept_waiting_by_what_comes_after_them() {
        let (mut line, below) = line(10, true);
        line.resume(Waker::noop()).unwrap();
        for step in 1..10 {
            line.send(&[], &[7; 100]).unwrap();
            below.0.lock().unwrap().room = 10;
            line.resume(Waker::noop()).unwrap();
            assert_eq!(line.flushed(), 10 * step, "what was taken before this step");
        }
    }

    #[test]
    fn nothing_moves_before_the_driver_does_and_little_is_kept() {
        let (mut line, below) = line(usize::MAX, true);
        assert_eq!(line.room(1 << 20), MAX_REST);
        line.send(&[], &[7; MAX_REST - 100]).unwrap();
        assert_eq!((line.room(100), line.room(1000), line.room(1 << 20)), (100, 0, 0));
        line.flush().unwrap();
        assert_eq!(below.0.lock().unwrap().writes, 0);
        line.resume(Waker::noop()).unwrap();
        assert_eq!((line.room(1 << 20), below.0.lock().unwrap().bytes.len()), (1 << 20, 65_436));
    }
}
