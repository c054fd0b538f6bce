//! What a bulk writer has written waits for more, so that the remote's reader is woken once for several frames.

use std::mem;
use std::time::{Duration, Instant};

/// Whether what was written waits for more of its kind.
///
/// Who has written much without a pause is likely to go on. What he writes goes out when it has become a batch, when
/// anybody waits, who flushes, reads or has no room, with whatever else goes out, or after a short time.
#[derive(Debug)]
pub(crate) struct Batch<I> {
    waits: bool,
    /// Who has written last, and how much since he has paused.
    run: Option<(I, usize)>,
    /// When it goes out, whole or not.
    deadline: Option<Instant>,
    /// Whether anything has waited since the deadline was set.
    used: bool,
}

impl<I: Copy + Eq> Batch<I> {
    pub(crate) fn new() -> Self {
        Batch { waits: false, run: None, deadline: None, used: false }
    }

    /// A stream writes, and what waits goes with that. Whether it is likely to go on.
    pub(crate) fn write(&mut self, stream: I, length: usize) -> bool {
        let before = self.run.filter(|(writer, _)| *writer == stream).map_or(0, |(_, run)| run);
        let run = before.saturating_add(length);
        (self.waits, self.run) = (false, Some((stream, run)));
        BULK <= run
    }

    /// Who has written waits for an answer, or for all of it to leave: what waits goes out.
    pub(crate) fn pause(&mut self, stream: I) {
        self.run.take_if(|(writer, _)| *writer == stream);
        self.release();
    }

    /// Whether so much, left by a writer who is likely to go on, is to wait for more.
    pub(crate) fn has_room(left: u64) -> bool {
        left < WHOLE
    }

    /// What was written waits for more. Whether somebody has to be woken to keep the time.
    pub(crate) fn hold(&mut self) -> bool {
        self.waits = true;
        !mem::replace(&mut self.used, true) && self.deadline.is_none()
    }

    /// Nothing waits for more: either it goes out, or it waits for something else.
    pub(crate) fn release(&mut self) {
        self.waits = false;
    }

    pub(crate) fn waits(&self) -> bool {
        self.waits
    }

    /// Nothing waits longer than its time, which is kept as long as there is something to wait.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| now < deadline) {
            return;
        }
        if self.deadline.is_some() {
            (self.waits, self.run) = (false, None);
        }
        let goes_on = mem::take(&mut self.used);
        self.deadline = now.checked_add(PATIENCE).filter(|_| goes_on);
    }

    /// When [`Batch::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }
}

/// How much somebody writes before he is likely to go on.
const BULK: usize = 32 * 1024;

/// How much goes out at once: three long frames, which a secured stream has a buffer for. To wake a
/// reader costs as much as to seal a frame, and several times that on a virtual machine.
const WHOLE: u64 = 3 * 64 * 1024;

/// How long a writer may leave what he has written, without writing more, flushing, reading or closing.
const PATIENCE: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_written_much_without_a_pause_is_likely_to_go_on() {
        let mut batch = Batch::new();
        assert!(batch.write(1, BULK));
        assert!(!batch.write(2, BULK - 1), "somebody else");
        batch.pause(3);
        assert!(batch.write(2, 1), "another one's pause is none of his");
        batch.pause(2);
        assert!(!batch.write(2, BULK - 1) && batch.write(2, 1));
    }

    #[test]
    fn three_long_frames_are_a_batch() {
        let left = |frames: u64| frames * (12 + 64 * 1024);
        assert_eq!(
            [1, 2, 3].map(|frames| Batch::<u8>::has_room(left(frames))),
            [true, true, false]
        );
    }

    #[test]
    fn a_slow_writer_is_held_up_once_for_much_that_he_writes() {
        let (mut batch, start) = (Batch::new(), Instant::now());
        assert!(batch.write(1, BULK) && batch.hold());
        batch.handle_timeout(start);
        batch.handle_timeout(start + PATIENCE);
        assert!(!batch.waits() && !batch.write(1, BULK - 1));
    }

    #[test]
    fn what_waits_goes_when_its_time_is_over() {
        let (mut batch, start) = (Batch::<u8>::new(), Instant::now());
        assert!(batch.hold(), "nobody keeps the time");
        assert!(!batch.hold(), "somebody has been told to");
        batch.handle_timeout(start);
        assert_eq!((batch.waits(), batch.poll_timeout()), (true, Some(start + PATIENCE)));
        batch.handle_timeout(start + PATIENCE / 2);
        assert!(batch.waits());
        batch.handle_timeout(start + PATIENCE);
        assert!(!batch.waits());
    }

    #[test]
    fn the_time_is_kept_as_long_as_there_is_a_bulk_writer() {
        let (mut batch, start) = (Batch::<u8>::new(), Instant::now());
        batch.hold();
        batch.handle_timeout(start);
        batch.release();
        assert!(!batch.hold(), "somebody keeps the time");
        batch.release();
        batch.handle_timeout(start + PATIENCE);
        assert_eq!(batch.poll_timeout(), Some(start + 2 * PATIENCE));
        batch.handle_timeout(start + 2 * PATIENCE);
        assert_eq!(batch.poll_timeout(), None);
        assert!(batch.hold());
    }
}
