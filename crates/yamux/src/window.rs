//! How much the remote may send on a stream: as much as fills the line, which the first bytes tell.
//!
//! <https://github.com/libp2p/specs/blob/master/yamux/README.md#flow-control>

use std::time::{Duration, Instant};

/// The receive window of one stream: what is granted and not used, and what waits unread, never add up to more than its size.
#[derive(Debug)]
pub(crate) struct ReceiveWindow {
    /// How much the remote may still send.
    credit: u32,
    /// How much may be on its way and unread, all together.
    size: u32,
    /// When the first of the bytes came for which credit is to be granted again.
    begun: Option<Instant>,
}

/// What the windows of a connection may grow by.
#[derive(Debug)]
pub(crate) struct Growth {
    /// The largest size of one window.
    pub(crate) max_window: u32,
    /// How much all windows together may still grow.
    pub(crate) left: usize,
}

impl ReceiveWindow {
    pub(crate) fn new() -> Self {
        ReceiveWindow { credit: INITIAL_WINDOW, size: INITIAL_WINDOW, begun: None }
    }

    /// Counts data that the remote announced. `None` when it is more than was granted.
    #[must_use]
    pub(crate) fn receive(&mut self, length: u32, now: Instant) -> Option<()> {
        self.credit = self.credit.checked_sub(length)?;
        self.begun.get_or_insert(now);
        Some(())
    }

    /// Whether the remote must not send any more.
    pub(crate) fn is_used_up(&self) -> bool {
        self.credit == 0
    }

    /// Whether half of the window has been read since credit was last granted.
    pub(crate) fn is_due(&self, unread: usize) -> bool {
        self.size / 2 <= self.missing(unread)
    }

    /// Grants what was read, and more when the line holds more: as fast as this came, the line carries
    /// so much in a round trip.
    pub(crate) fn renew(
        &mut self,
        unread: usize,
        now: Instant,
        round_trip: Option<Duration>,
        growth: &mut Growth,
    ) -> u32 {
        let read = self.missing(unread);
        if let (Some(begun), Some(round_trip)) = (self.begun.take(), round_trip) {
            let took = now.saturating_duration_since(begun).as_nanos().max(1);
            let carried = u128::from(read).saturating_mul(round_trip.as_nanos()) / took;
            self.grow(carried.saturating_mul(ROUND_TRIPS), growth);
        }
        self.begun = (unread != 0).then_some(now);
        let grant = self.missing(unread);
        self.credit += grant;
        grant
    }

    /// How far it has grown above the size it began with.
    pub(crate) fn grown(&self) -> usize {
        to_usize(self.size - INITIAL_WINDOW)
    }

    fn grow(&mut self, wanted: u128, growth: &mut Growth) {
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX).min(growth.max_window);
        let left = u32::try_from(growth.left).unwrap_or(u32::MAX);
        let more = wanted.saturating_sub(self.size).min(left);
        growth.left -= to_usize(more);
        self.size += more;
    }

    /// What has been read and not been granted again.
    fn missing(&self, unread: usize) -> u32 {
        let unread = u32::try_from(unread).unwrap_or(u32::MAX);
        self.size.saturating_sub(self.credit).saturating_sub(unread)
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What either side may send on a new stream before it gets a window update.
pub(crate) const INITIAL_WINDOW: u32 = 256 * 1024;

/// How many round trips' worth a window holds: one is on its way, one is paid for by credit that is on its way
/// back, and as much again, for half of a window is read before there is credit.
const ROUND_TRIPS: u128 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(100);

    fn growth() -> Growth {
        Growth { max_window: 16 << 20, left: 64 << 20 }
    }

    #[test]
    fn credit_is_granted_when_half_has_been_read_and_never_beyond_the_size() {
        let (mut window, now) = (ReceiveWindow::new(), Instant::now());
        window.receive(200_000, now).unwrap();
        assert!(!window.is_due(200_000), "nothing has been read");
        assert!(!window.is_due(100_000), "less than half");
        assert!(window.is_due(200_000 - INITIAL_WINDOW as usize / 2));
        assert_eq!(window.renew(50_000, now, None, &mut growth()), 150_000);
        assert_eq!(window.credit + 50_000, INITIAL_WINDOW);
        assert!(window.receive(window.credit + 1, now).is_none());
    }

    /// A window after `length` bytes that took so long to come and be read.
    fn after(length: u32, took: Duration, growth: &mut Growth) -> ReceiveWindow {
        let (mut window, now) = (ReceiveWindow::new(), Instant::now());
        window.receive(length / 2, now).unwrap();
        window.receive(length - length / 2, now + took / 2).unwrap();
        window.renew(0, now + took, Some(ROUND_TRIP), growth);
        window
    }

    #[test]
    fn a_window_grows_at_once_to_what_the_line_holds() {
        let mut growth = growth();
        let window = after(200_000, ROUND_TRIP / 10, &mut growth);
        assert_eq!((window.size, window.credit), (8_000_000, 8_000_000));
        assert_eq!(growth.left, (64 << 20) - window.grown());
        assert_eq!(after(200_000, Duration::ZERO, &mut growth).size, 16 << 20, "no further");
    }

    #[test]
    fn a_window_that_is_no_hindrance_stays_as_it_is() {
        assert_eq!(after(200_000, 4 * ROUND_TRIP, &mut growth()).size, INITIAL_WINDOW);
        let (mut window, now) = (ReceiveWindow::new(), Instant::now());
        window.receive(200_000, now).unwrap();
        window.renew(0, now + ROUND_TRIP / 10, None, &mut growth());
        assert_eq!(window.size, INITIAL_WINDOW, "nobody knows how far away the remote is");
    }

    #[test]
    fn what_came_before_a_grant_and_was_not_read_counts_from_then() {
        let (mut window, now) = (ReceiveWindow::new(), Instant::now());
        window.receive(INITIAL_WINDOW, now).unwrap();
        window.renew(100_000, now + 4 * ROUND_TRIP, Some(ROUND_TRIP), &mut growth());
        window.renew(0, now + 5 * ROUND_TRIP, Some(ROUND_TRIP), &mut growth());
        assert_eq!(window.size, 400_000);
    }

    #[test]
    fn windows_grow_no_further_than_the_connection_allows() {
        let mut growth = Growth { max_window: 16 << 20, left: 300_000 };
        let sizes = [0; 2].map(|_| after(200_000, ROUND_TRIP / 10, &mut growth).grown());
        assert_eq!((sizes, growth.left), ([300_000, 0], 0));
    }
}
