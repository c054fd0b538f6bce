//! Whose turn it is to write when the line cannot take what everybody has.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::frame::StreamId;

/// The streams that wait for room on the line, in order. The head may write its share, then it is the next one's turn.
///
/// While nobody waits, everybody may write as much as the line takes.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    queue: VecDeque<StreamId>,
    /// When to look whether the head uses its turn.
    deadline: Option<Instant>,
    /// Whether it has been somebody's turn since the deadline was set.
    moved: bool,
}

impl Turns {
    /// How many bytes a stream may write now.
    pub(crate) fn share(&self, stream: StreamId) -> usize {
        match self.queue.front() {
            None => usize::MAX,
            Some(head) if *head != stream => 0,
            Some(_) if self.queue.len() == 1 => usize::MAX,
            Some(_) => SHARE,
        }
    }

    /// The stream that is to write next.
    pub(crate) fn head(&self) -> Option<StreamId> {
        self.queue.front().copied()
    }

    /// A stream has more to write than it can; a stream that waits keeps its place.
    pub(crate) fn wait(&mut self, stream: StreamId) {
        if !self.queue.contains(&stream) {
            self.queue.push_back(stream);
        }
    }

    /// A stream has had its turn, or wants none any more. Whose turn it is, if that has changed.
    pub(crate) fn pass(&mut self, stream: StreamId) -> Option<StreamId> {
        if self.head() == Some(stream) {
            self.queue.pop_front();
            self.moved = true;
            return self.head();
        }
        self.queue.retain(|waiting| *waiting != stream);
        None
    }

    /// The line has room: the head can be expected to use its turn soon.
    pub(crate) fn handle_room(&mut self, now: Instant) {
        if self.queue.is_empty() {
            self.deadline = None;
        } else if self.deadline.is_none() {
            self.deadline = now.checked_add(PATIENCE);
            self.moved = false;
        }
    }

    /// When [`Turns::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// The streams to wake because the head did not use its turn: none of them waits any more.
    pub(crate) fn handle_timeout(&mut self, now: Instant, room: bool) -> VecDeque<StreamId> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return VecDeque::new();
        }
        self.deadline = None;
        if !room {
            return VecDeque::new();
        }
        if self.moved {
            self.handle_room(now);
            return VecDeque::new();
        }
        std::mem::take(&mut self.queue)
    }
}

/// What a stream may write when others wait: a frame of the longest kind.
const SHARE: usize = 64 * 1024;

/// How long the head may leave its turn unused, for instance because its write was cancelled.
const PATIENCE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(number: u32) -> StreamId {
        StreamId::new(number).unwrap()
    }

    #[test]
    fn those_who_wait_write_a_share_each_in_order() {
        let mut turns = Turns::default();
        assert_eq!(turns.share(stream(9)), usize::MAX, "nobody waits");
        for number in [1, 2, 3, 1] {
            turns.wait(stream(number));
        }
        assert_eq!((turns.share(stream(1)), turns.share(stream(2))), (SHARE, 0));
        assert_eq!(turns.share(stream(9)), 0, "nobody jumps the queue");
        assert_eq!(turns.pass(stream(1)), Some(stream(2)));
        turns.wait(stream(1));
        assert_eq!(turns.pass(stream(2)), Some(stream(3)));
        assert_eq!(turns.pass(stream(3)), Some(stream(1)));
        assert_eq!(turns.share(stream(1)), usize::MAX, "nobody else waits");
    }

    #[test]
    fn one_that_leaves_does_not_hold_up_the_others() {
        let mut turns = Turns::default();
        for number in [1, 2, 3] {
            turns.wait(stream(number));
        }
        assert_eq!(turns.pass(stream(2)), None);
        assert_eq!(turns.pass(stream(1)), Some(stream(3)));
    }

    #[test]
    fn a_turn_that_is_not_used_frees_everybody() {
        let (mut turns, start) = (Turns::default(), Instant::now());
        turns.wait(stream(1));
        turns.wait(stream(2));
        turns.wait(stream(3));
        turns.handle_room(start);
        assert_eq!(turns.pass(stream(1)), Some(stream(2)));
        assert!(turns.handle_timeout(start + PATIENCE, true).is_empty(), "the first one used it");
        let deadline = turns.poll_timeout().unwrap();
        assert_eq!(turns.handle_timeout(deadline, true), [stream(2), stream(3)]);
        assert_eq!(turns.share(stream(9)), usize::MAX);
        assert_eq!(turns.poll_timeout(), None);
    }
}
