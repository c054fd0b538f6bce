//! What a bulk writer has written waits for more, so that the remote's reader is woken once for several frames.

use std::mem;
use std::time::{Duration, Instant};

/// Whether what was written waits for more of its kind.
///
/// Who has written much without a pause is likely to go on. What he writes then goes out when it has become a batch,
/// when anybody flushes, has nothing to read or no room, with whatever else goes out, or after a short time.
#[derive(Debug)]
pub(crate) struct Batch<I> {
    waits: bool,
    run: Option<Run<I>>,
    /// When it goes out, whole or not.
    deadline: Option<Instant>,
    /// Whether anything has waited since the deadline was set.
    used: bool,
}

/// What one stream has written without a pause.
#[derive(Clone, Copy, Debug)]
struct Run<I> {
    writer: I,
    length: usize,
    last: Instant,
}

impl<I: Copy + Eq> Batch<I> {
    pub(crate) fn new() -> Self {
        Batch { waits: false, run: None, deadline: None, used: false }
    }

    /// A stream writes, and what waits goes with that. Whether it had written much before, without a pause.
    pub(crate) fn write(&mut self, stream: I, length: usize, now: Instant) -> bool {
        let goes_on =
            |run: &Run<I>| run.writer == stream && now.saturating_duration_since(run.last) < PAUSE;
        let before = self.run.filter(goes_on).map_or(0, |run| run.length);
        let length = before.saturating_add(length);
        (self.waits, self.run) = (false, Some(Run { writer: stream, length, last: now }));
        MUCH <= before
    }

    /// A stream is waited for: for something to read, or for all of it to leave. What waits goes out.
    pub(crate) fn pause(&mut self, stream: I) {
        self.run.take_if(|run| run.writer == stream);
        self.release();
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
        self.waits &= self.deadline.is_none();
        let goes_on = mem::take(&mut self.used);
        self.deadline = now.checked_add(LONGEST_WAIT).filter(|_| goes_on);
    }

    /// When [`Batch::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }
}

/// How much somebody writes before he is likely to go on.
const MUCH: usize = 32 * 1024;

/// Who has not written for so long does something else.
const PAUSE: Duration = Duration::from_micros(200);

/// How often whatever waits goes out: about as long as the smallest step of the runtime's clock.
const LONGEST_WAIT: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_written_much_without_a_pause_is_likely_to_go_on() {
        let (mut batch, now) = (Batch::new(), Instant::now());
        assert!(!batch.write(1, MUCH - 1, now) && !batch.write(1, 1, now));
        assert!(batch.write(1, 1, now));
        assert!(!batch.write(2, MUCH, now), "somebody else");
        batch.pause(3);
        assert!(batch.write(2, 1, now), "another one's pause is none of his");
        batch.pause(2);
        assert!(!batch.write(2, MUCH, now));
        assert!(batch.write(2, 1, now + PAUSE / 2) && batch.write(2, 1, now + PAUSE));
        assert!(!batch.write(2, MUCH, now + 2 * PAUSE), "he has done something else");
    }

    #[test]
    fn what_waits_goes_when_its_time_is_over() {
        let (mut batch, start) = (Batch::<u8>::new(), Instant::now());
        assert!(batch.hold(), "nobody keeps the time");
        assert!(!batch.hold(), "somebody has been told to");
        batch.handle_timeout(start);
        assert_eq!((batch.waits(), batch.poll_timeout()), (true, Some(start + LONGEST_WAIT)));
        batch.handle_timeout(start + LONGEST_WAIT / 2);
        assert!(batch.waits());
        batch.handle_timeout(start + LONGEST_WAIT);
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
        batch.handle_timeout(start + LONGEST_WAIT);
        assert_eq!(batch.poll_timeout(), Some(start + 2 * LONGEST_WAIT));
        batch.handle_timeout(start + 2 * LONGEST_WAIT);
        assert_eq!(batch.poll_timeout(), None);
        assert!(batch.hold());
    }
}
