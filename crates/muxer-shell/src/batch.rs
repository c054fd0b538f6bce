//! What a bulk writer has written waits for more, so that the remote's reader is woken once for several frames.

use std::mem;
use std::time::{Duration, Instant};

/// Whether what was written waits for more of its kind.
///
/// It goes out when it has become a batch, when somebody who flushes, reads or has no room would
/// wait for it, with whatever else goes out, or after a short time.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    waits: bool,
    /// When it goes out, whole or not.
    deadline: Option<Instant>,
    /// Whether anything has waited since the deadline was set.
    used: bool,
}

impl Batch {
    /// Whether so much, written at once by one who has left so much already, is to wait for more.
    pub(crate) fn wants(written: usize, left: u64) -> bool {
        BULK <= written && left < WHOLE
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

    /// Nothing waits longer than its time, which is kept as long as there is a bulk writer.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| deadline <= now) {
            self.waits &= self.deadline.is_none();
            let goes_on = mem::take(&mut self.used);
            self.deadline = now.checked_add(PATIENCE).filter(|_| goes_on);
        }
    }

    /// When [`Batch::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }
}

/// Who writes half a frame at once is likely to go on.
const BULK: usize = 32 * 1024;

/// How much goes out at once: three frames, which a secured stream has a buffer for. To wake a
/// reader costs as much as to seal a frame, and several times that on a virtual machine.
const WHOLE: u64 = 3 * 64 * 1024;

/// How long a writer may leave what it has written, without writing more, flushing, reading or closing.
const PATIENCE: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_a_bulk_writer_wait_until_there_are_three() {
        const FRAME: usize = 64 * 1024;
        let left = |frames: u64| frames * (FRAME as u64 + 12);
        assert_eq!([1, 2, 3].map(|frames| Batch::wants(FRAME, left(frames))), [true, true, false]);
        assert!(!Batch::wants(BULK - 1, 0), "a message");
    }

    #[test]
    fn what_waits_goes_when_its_time_is_over() {
        let (mut batch, start) = (Batch::default(), Instant::now());
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
        let (mut batch, start) = (Batch::default(), Instant::now());
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
