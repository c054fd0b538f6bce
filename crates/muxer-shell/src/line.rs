//! Who writes to the connection: one at a time has the pen, and takes along what the others have left.

use std::io;
use std::mem;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use peerloom_core::BoxWriter;

use crate::pen::Pen;

/// The pen, while nobody has it, and what waits to be written.
///
/// The pen is taken under the lock of the connection and used outside of it. Whoever brings it back
/// finds what has been left meanwhile. Where the writer below takes nothing more, the driver goes on.
pub(crate) struct Line {
    pen: Option<Box<Pen>>,
    driver: Waker,
    /// What waits for the pen; owns no memory while there is nothing.
    rest: BytesMut,
    /// How much of it whoever has the pen took along.
    carried: usize,
    /// Whether nobody but the driver may go on.
    blocked: bool,
    /// Whether the driver came while somebody had the pen.
    resumed: bool,
    /// How often the driver still comes before little goes out.
    corked: u8,
    hold: Hold,
    /// Whether nothing more may be written.
    shut: bool,
    /// Whether the pen is not to come back.
    abandoned: bool,
    /// How many bytes were ever sent, and how many of those have been flushed.
    sent: u64,
    flushed: u64,
}

/// What waits for the write after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Nothing,
    /// The next frame will.
    Next,
    /// What there is does.
    Rest,
}

impl Line {
    /// It moves before the driver has been heard of, as far as the writer takes it without waiting.
    pub(crate) fn new(writer: BoxWriter) -> Self {
        Line {
            pen: Some(Box::new(Pen::new(writer))),
            driver: Waker::noop().clone(),
            rest: BytesMut::new(),
            carried: 0,
            blocked: false,
            resumed: false,
            corked: 0,
            hold: Hold::Nothing,
            shut: false,
            abandoned: false,
            sent: 0,
            flushed: 0,
        }
    }

    /// Whether it takes so many bytes: as many as there are from whoever gets the pen, from others what
    /// fits into the rest. A part of them would be a turn that is worth less than that of others.
    pub(crate) fn has_room(&self, wanted: usize) -> bool {
        self.is_free() || self.waiting() + wanted <= MAX_REST
    }

    /// Whether nobody writes, and whoever comes may.
    pub(crate) fn is_free(&self) -> bool {
        !self.blocked && self.pen.is_some()
    }

    /// Whether somebody writes right now, and will bring the pen back.
    pub(crate) fn is_away(&self) -> bool {
        self.pen.is_none() && !self.abandoned
    }

    /// Whether anything waits for the pen.
    pub(crate) fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Whether only the driver can go on.
    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Whether nothing more should be queued: before the rest has been flushed, or at all.
    pub(crate) fn is_full(&self) -> bool {
        self.shut || MAX_REST <= self.waiting()
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
        !self.blocked && self.rest.is_empty() && self.pen.as_ref().is_some_and(|pen| pen.is_clean())
    }

    /// Adds a few bytes, to be sent together with what follows them.
    pub(crate) fn queue(&mut self, bytes: &[u8]) {
        self.sent += length(bytes);
        self.keep(bytes);
    }

    /// Sends a header and its body: gives the pen to write them with, unless they had to be left for
    /// whoever has it.
    pub(crate) fn send(&mut self, header: &[u8], body: &[u8]) -> Option<Box<Pen>> {
        self.sent += length(header) + length(body);
        let pen = if self.hold == Hold::Next {
            self.hold = Hold::Rest;
            None
        } else if self.waits(header.len() + body.len()) {
            None
        } else {
            self.take()
        };
        if pen.is_none() {
            self.keep(header);
            self.keep(body);
        }
        pen
    }

    /// The pen, if there is something to write and nobody else writes it.
    pub(crate) fn take_due(&mut self) -> Option<Box<Pen>> {
        let due = self.is_due() && self.hold != Hold::Rest && !self.waits(0);
        if due { self.take() } else { None }
    }

    /// The pen comes back.
    pub(crate) fn put_back(&mut self, mut pen: Box<Pen>) -> io::Result<()> {
        if !self.rest.is_empty() {
            pen.rest.extend_from_slice(&self.rest);
        }
        self.rest = mem::take(&mut pen.rest);
        (self.flushed, self.carried) = (pen.flushed(), 0);
        self.blocked = pen.blocked && !mem::take(&mut self.resumed);
        let written = pen.take_failure();
        if self.abandoned {
            self.abandon();
        } else {
            self.pen = Some(pen);
        }
        written
    }

    /// The driver is here, and will come again when the line is free. Whether what waits has waited for it.
    pub(crate) fn resume(&mut self, driver: &Waker) -> bool {
        self.driver.clone_from(driver);
        self.resumed = self.pen.is_none();
        self.release();
        let uncorked = self.corked == 1;
        self.corked = self.corked.saturating_sub(1);
        mem::take(&mut self.blocked) || uncorked
    }

    /// The next frame waits for the one after it, or for the driver, which has to be woken.
    pub(crate) fn hold_next(&mut self) {
        self.hold = Hold::Next;
    }

    /// Nothing waits for a write after it any more.
    pub(crate) fn release(&mut self) {
        self.hold = Hold::Nothing;
    }

    /// Many are about to write: what little they have goes out together, when the driver has come a
    /// few times more. What waits for that already is not kept waiting by further crowds.
    pub(crate) fn cork(&mut self) {
        if self.corked == 0 {
            self.corked = CORKED_TURNS;
        }
    }

    /// Nobody writes any more: what waits goes out at once.
    pub(crate) fn uncork(&mut self) {
        self.corked = 0;
    }

    /// Whether the driver has to come again, for the line is corked.
    pub(crate) fn is_corked(&self) -> bool {
        self.corked != 0
    }

    /// Leaves what waits to the driver. Whether that has to be woken for it.
    pub(crate) fn leave(&mut self) -> bool {
        let leaves = !self.blocked && self.is_due();
        self.blocked |= leaves;
        leaves
    }

    /// Ends the writing half, after everything has been handed to the transport.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shut = true;
        self.pen.as_mut().map_or(Poll::Ready(Ok(())), |pen| pen.poll_shutdown(cx))
    }

    /// Lets go of the writer and of everything that it has not taken.
    pub(crate) fn abandon(&mut self) {
        (self.pen, self.rest) = (None, BytesMut::new());
        (self.abandoned, self.blocked) = (true, true);
    }

    /// Who wakes the driver.
    pub(crate) fn driver(&self) -> Waker {
        self.driver.clone()
    }

    /// Whether there is something to write.
    fn is_due(&self) -> bool {
        !self.rest.is_empty() || self.pen.as_ref().is_some_and(|pen| !pen.is_clean())
    }

    /// How much waits. What a writer took along counts as far as it is more than a rest, which is what a line
    /// that moves leaves room beside.
    fn waiting(&self) -> usize {
        self.rest.len() + self.carried.saturating_sub(MAX_REST)
    }

    /// Whether so many more bytes wait until the line is uncorked.
    fn waits(&self, more: usize) -> bool {
        self.corked != 0 && self.rest.len() + more < MAX_CORKED
    }

    fn keep(&mut self, bytes: &[u8]) {
        if !self.abandoned {
            self.rest.extend_from_slice(bytes);
        }
    }

    /// The pen, if it is there and writes, and with it everything that waits.
    fn take(&mut self) -> Option<Box<Pen>> {
        if self.blocked {
            return None;
        }
        let mut pen = self.pen.take()?;
        pen.driver.clone_from(&self.driver);
        pen.blocked = false;
        pen.take_along(mem::take(&mut self.rest));
        self.carried = pen.rest.len();
        self.release();
        Some(pen)
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// How much is kept while the writer takes nothing, or somebody writes: a frame, so that small writes
/// go out together. The writer below has buffers of its own.
const MAX_REST: usize = 64 * 1024;

/// How often the driver comes before a corked line is free: first all that it has woken have their turn, then the tasks
/// that these have begun.
const CORKED_TURNS: u8 = 2;

/// More than that is worth a write of its own.
const MAX_CORKED: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use std::io::IoSlice;
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};

    use tokio::io::AsyncWrite;

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

    /// Sends a frame as a stream does.
    fn send(line: &mut Line, header: &[u8], body: &[u8]) {
        if let Some(mut pen) = line.send(header, body) {
            pen.write(header, body);
            pen.flush();
            line.put_back(pen).unwrap();
        }
    }

    /// Comes as the driver does.
    fn resume(line: &mut Line) {
        line.resume(Waker::noop());
        if let Some(mut pen) = line.take_due() {
            pen.flush();
            line.put_back(pen).unwrap();
        }
    }

    #[test]
    fn what_the_writer_takes_goes_straight_through_in_one_piece() {
        for vectored in [true, false] {
            let (mut line, below) = line(1000, vectored);
            resume(&mut line);
            line.queue(b"control ");
            send(&mut line, b"header ", b"body");
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
                resume(&mut line);
                line.queue(b"control ");
                send(&mut line, b"header ", b"body");
                assert!(!line.is_clean() && line.flushed() < line.sent());
                let writes = below.0.lock().unwrap().writes;
                send(&mut line, b" and", b" more");
                assert_eq!(below.0.lock().unwrap().writes, writes, "nobody asks a blocked writer");
                below.0.lock().unwrap().room = 1000;
                resume(&mut line);
                assert_eq!(below.0.lock().unwrap().bytes, b"control header body and more");
                assert!(line.is_clean() && line.flushed() == line.sent());
            }
        }
    }

    #[test]
    fn whoever_brings_the_pen_back_finds_what_the_others_left() {
        let (mut line, below) = line(1000, true);
        resume(&mut line);
        let mut pen = line.send(b"a ", b"long frame").unwrap();
        assert!(line.send(b" and ", b"another").is_none());
        assert!(line.take_due().is_none(), "one writes at a time");
        pen.write(b"a ", b"long frame");
        pen.flush();
        line.put_back(pen).unwrap();
        assert_eq!(line.flushed(), 12);
        resume(&mut line);
        assert_eq!(below.0.lock().unwrap().bytes, b"a long frame and another");
        assert!(line.is_clean());
    }

    #[test]
    fn a_driver_that_comes_while_somebody_writes_does_not_come_in_vain() {
        let (mut line, below) = line(3, true);
        resume(&mut line);
        let mut pen = line.send(b"header ", b"body").unwrap();
        pen.write(b"header ", b"body");
        line.resume(Waker::noop());
        below.0.lock().unwrap().room = 1000;
        line.put_back(pen).unwrap();
        let mut pen = line.take_due().expect("the line is free again");
        pen.flush();
        line.put_back(pen).unwrap();
        assert_eq!(below.0.lock().unwrap().bytes, b"header body");
    }

    #[test]
    fn what_is_left_to_the_driver_is_left_once() {
        let (mut line, below) = line(1000, true);
        resume(&mut line);
        line.queue(b"control");
        assert!(line.leave() && !line.leave());
        assert!(line.take_due().is_none() && line.send(b" and", b" more").is_none());
        resume(&mut line);
        assert_eq!(below.0.lock().unwrap().bytes, b"control and more");
        assert!(!line.leave());
    }

    #[test]
    fn little_waits_on_a_corked_line_for_the_driver_and_much_does_not() {
        let (mut line, below) = line(1 << 20, true);
        resume(&mut line);
        line.cork();
        send(&mut line, b"header ", b"body");
        line.queue(b" control");
        assert!(line.take_due().is_none() && line.is_corked());
        (1..CORKED_TURNS).for_each(|_| resume(&mut line));
        assert_eq!(below.0.lock().unwrap().writes, 0);
        resume(&mut line);
        assert!(!line.is_corked());
        assert_eq!(below.0.lock().unwrap().bytes, b"header body control");

        line.cork();
        send(&mut line, b"little", b"");
        send(&mut line, &[], &[7; MAX_CORKED]);
        assert_eq!(below.0.lock().unwrap().bytes.len(), 19 + 6 + MAX_CORKED);
        assert_eq!(below.0.lock().unwrap().writes, 2);
    }

    #[test]
    fn a_held_frame_waits_for_the_next_one_or_for_the_driver() {
        let (mut line, below) = line(1000, true);
        resume(&mut line);
        line.hold_next();
        send(&mut line, b"held", b" ");
        assert!(line.take_due().is_none());
        send(&mut line, b"and", b" next");
        assert_eq!(below.0.lock().unwrap().bytes, b"held and next");
        line.queue(b",");
        let mut pen = line.take_due().expect("nothing is held any more");
        pen.flush();
        line.put_back(pen).unwrap();
        line.hold_next();
        send(&mut line, b" and", b" alone");
        assert_eq!(below.0.lock().unwrap().writes, 2);
        resume(&mut line);
        assert_eq!(below.0.lock().unwrap().bytes, b"held and next, and alone");
    }

    #[test]
    fn a_pen_that_comes_back_to_an_abandoned_line_is_let_go() {
        let (mut line, below) = line(1000, true);
        resume(&mut line);
        let pen = line.send(b"header ", b"body").unwrap();
        line.abandon();
        line.put_back(pen).unwrap();
        assert_eq!(Arc::strong_count(&below.0), 1);
        send(&mut line, b"and ", b"more");
        assert_eq!(line.rest.capacity(), 0);
    }

    #[test]
    fn those_who_wait_for_a_flush_are_not_kept_waiting_by_what_comes_after_them() {
        let (mut line, below) = line(10, true);
        resume(&mut line);
        for step in 1..10 {
            send(&mut line, &[], &[7; 100]);
            below.0.lock().unwrap().room = 10;
            resume(&mut line);
            assert_eq!(line.flushed(), 10 * step, "what was taken before this step");
        }
    }

    #[test]
    fn a_crowd_that_does_not_end_keeps_nobody_waiting() {
        let (mut line, below) = line(1000, true);
        resume(&mut line);
        line.cork();
        send(&mut line, b"little", b"");
        for _ in 0..CORKED_TURNS {
            resume(&mut line);
            line.cork();
        }
        assert_eq!(below.0.lock().unwrap().bytes, b"little");
    }

    #[test]
    fn what_is_left_while_a_slow_writer_is_asked_again_and_again_does_not_pile_up() {
        let (mut line, below) = line(0, true);
        resume(&mut line);
        for _ in 0..100 {
            below.0.lock().unwrap().room = 1;
            line.resume(Waker::noop());
            let mut pen = line.take_due();
            if line.has_room(MAX_REST) {
                pen = line.send(&[], &[7; MAX_REST]).or(pen);
            }
            while !line.is_full() {
                line.queue(&[7; 12]);
            }
            if let Some(mut pen) = pen {
                pen.flush();
                line.put_back(pen).unwrap();
            }
        }
        assert!(line.rest.len() < 3 * MAX_REST, "{} bytes wait", line.rest.len());
    }

    #[test]
    fn a_line_moves_before_the_driver_does_and_little_is_kept() {
        let (mut line, below) = line(100, true);
        send(&mut line, &[], &[7; MAX_REST]);
        assert_eq!(below.0.lock().unwrap().bytes.len(), 100);
        let kept = MAX_REST - 100;
        assert_eq!([100, 101, 1 << 20].map(|wanted| line.has_room(wanted)), [true, false, false]);
        assert!(line.take_due().is_none());
        below.0.lock().unwrap().room = usize::MAX;
        resume(&mut line);
        assert_eq!(below.0.lock().unwrap().bytes.len(), 100 + kept);
        assert!(line.has_room(1 << 20));
    }
}
