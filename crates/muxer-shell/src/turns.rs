//! Whose turn it is to write when the line cannot take what everybody has.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The streams that wait for room on the line, in order. The head may write its share, then it is the next one's turn.
///
/// While nobody waits, everybody may write as much as the line takes. Whoever has written may go on for a while
/// before the next one comes, who has been woken: to change from one task to another costs as much as to write a frame.
#[derive(Debug)]
pub(crate) struct Turns<I> {
    queue: VecDeque<I>,
    /// Who has written last, and how much more he may.
    last: Option<(I, usize)>,
    /// When to look whether the head uses its turn.
    deadline: Option<Instant>,
    /// Whether it has been somebody's turn since the deadline was set.
    moved: bool,
}

impl<I: Copy + Eq> Turns<I> {
    pub(crate) fn new() -> Self {
        Turns { queue: VecDeque::new(), last: None, deadline: None, moved: false }
    }

    /// How many bytes a stream may write now.
    pub(crate) fn share(&self, stream: I) -> usize {
        match self.queue.front() {
            None => usize::MAX,
            Some(head) if *head != stream => self.left(stream).min(SHARE),
            Some(_) if self.queue.len() == 1 => usize::MAX,
            Some(_) => SHARE,
        }
    }

    /// A stream whose turn it is writes so many bytes. Then it is the next one's.
    pub(crate) fn write(&mut self, stream: I, length: usize) {
        let begins = self.head().is_none_or(|head| head == stream);
        let whole = if begins { TURN } else { self.left(stream) };
        self.pass(stream);
        self.last = Some((stream, whole.saturating_sub(length)));
    }

    /// The stream that is to write next.
    pub(crate) fn head(&self) -> Option<I> {
        self.queue.front().copied()
    }

    /// A stream has more to write than it can; a stream that waits keeps its place, and writes no more before it has come.
    pub(crate) fn wait(&mut self, stream: I) {
        self.forget(stream);
        if !self.queue.contains(&stream) {
            self.queue.push_back(stream);
        }
    }

    /// A stream has had its turn, or wants none any more.
    pub(crate) fn pass(&mut self, stream: I) {
        self.forget(stream);
        if self.head() == Some(stream) {
            self.queue.pop_front();
            self.moved = true;
        } else {
            self.queue.retain(|waiting| *waiting != stream);
        }
    }

    /// The line has room: the head can be expected to use its turn soon.
    pub(crate) fn watch(&mut self, now: Instant) {
        if self.deadline.is_none() && !self.queue.is_empty() {
            self.deadline = now.checked_add(PATIENCE);
            self.moved = false;
        }
    }

    /// Whether somebody looks whether the head uses its turn.
    pub(crate) fn is_watched(&self) -> bool {
        self.deadline.is_some()
    }

    /// When [`Turns::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// The streams to wake because the head did not use its turn: none of them waits any more.
    pub(crate) fn handle_timeout(&mut self, now: Instant, room: bool) -> VecDeque<I> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return VecDeque::new();
        }
        self.deadline = None;
        if self.moved || !room { VecDeque::new() } else { std::mem::take(&mut self.queue) }
    }

    /// A stream does not go on.
    fn forget(&mut self, stream: I) {
        self.last.take_if(|(last, _)| *last == stream);
    }

    /// How much more a stream may write whose turn it has been.
    fn left(&self, stream: I) -> usize {
        self.last.filter(|(last, _)| *last == stream).map_or(0, |(_, left)| left)
    }
}

/// What a stream may write when others wait: a frame of the longest kind.
const SHARE: usize = 64 * 1024;

/// What a stream may write in a row as long as the next one has not come.
const TURN: usize = 4 * SHARE;

/// How long the head may leave its turn unused, for instance because its write was cancelled.
const PATIENCE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_wait_write_a_share_each_in_order() {
        let mut turns = Turns::new();
        assert_eq!(turns.share(9), usize::MAX, "nobody waits");
        for number in [1, 2, 3, 1] {
            turns.wait(number);
        }
        assert_eq!((turns.share(1), turns.share(2)), (SHARE, 0));
        assert_eq!(turns.share(9), 0, "nobody jumps the queue");
        for (head, next) in [(1, 2), (2, 3), (3, 1)] {
            turns.pass(head);
            assert_eq!(turns.head(), Some(next));
            turns.wait(1);
        }
        assert_eq!(turns.share(1), usize::MAX, "nobody else waits");
    }

    #[test]
    fn one_that_has_written_goes_on_until_the_turn_is_over_or_the_next_one_comes() {
        let mut turns = Turns::new();
        turns.write(1, SHARE);
        [2, 3].into_iter().for_each(|number| turns.wait(number));
        for left in (0..TURN / SHARE - 1).rev() {
            assert_eq!((turns.share(1), turns.share(3)), (SHARE, 0));
            turns.write(1, SHARE);
            assert_eq!(turns.share(1) == 0, left == 0);
        }
        turns.wait(1);
        turns.write(2, 1000);
        assert_eq!((turns.share(2), turns.share(1), turns.head()), (SHARE, 0, Some(3)));
        turns.write(3, SHARE);
        assert_eq!(turns.share(2), 0, "the next one has come");
        turns.write(3, TURN - SHARE - 1);
        assert_eq!((turns.share(3), turns.head()), (1, Some(1)));
        turns.pass(3);
        assert_eq!(turns.share(3), 0, "it wants none any more");
    }

    #[test]
    fn one_that_has_to_wait_has_had_its_turn() {
        let mut turns = Turns::new();
        turns.write(1, SHARE);
        turns.wait(2);
        assert_eq!(turns.share(1), SHARE, "it goes on");
        // The line has no room for more; when it has, something else may wake the task before the head.
        turns.wait(1);
        assert_eq!((turns.share(1), turns.head()), (0, Some(2)));
    }

    #[test]
    fn one_that_leaves_does_not_hold_up_the_others() {
        let mut turns = Turns::new();
        for number in [1, 2, 3] {
            turns.wait(number);
        }
        turns.pass(2);
        assert_eq!(turns.head(), Some(1));
        turns.pass(1);
        assert_eq!(turns.head(), Some(3));
    }

    #[test]
    fn a_turn_that_is_not_used_frees_everybody() {
        let (mut turns, start) = (Turns::new(), Instant::now());
        turns.wait(1);
        turns.wait(2);
        turns.wait(3);
        turns.watch(start);
        assert!(turns.is_watched());
        turns.pass(1);
        assert!(turns.handle_timeout(start + PATIENCE, true).is_empty(), "the first one used it");
        turns.watch(start + PATIENCE);
        let deadline = turns.poll_timeout().unwrap();
        assert!(turns.handle_timeout(deadline, false).is_empty(), "nobody could");
        turns.watch(deadline);
        let deadline = turns.poll_timeout().unwrap();
        assert_eq!(turns.handle_timeout(deadline, true), [2, 3]);
        assert_eq!(turns.share(9), usize::MAX);
        assert_eq!(turns.poll_timeout(), None);
    }
}
