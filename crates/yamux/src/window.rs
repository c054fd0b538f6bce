//! How much the remote may send on a stream, growing until the line is full.
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
    /// When credit was last granted.
    renewed: Option<Instant>,
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
        ReceiveWindow { credit: INITIAL_WINDOW, size: INITIAL_WINDOW, renewed: None }
    }

    /// Counts data that the remote announced. `None` when it is more than was granted.
    #[must_use]
    pub(crate) fn receive(&mut self, length: u32) -> Option<()> {
        self.credit = self.credit.checked_sub(length)?;
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

    /// Grants what was read, and more when half of a window lasts less than two round trips.
    pub(crate) fn renew(
        &mut self,
        unread: usize,
        now: Instant,
        round_trip: Option<Duration>,
        growth: &mut Growth,
    ) -> u32 {
        let lasted = self.renewed.map(|before| now.saturating_duration_since(before));
        if let (Some(lasted), Some(round_trip)) = (lasted, round_trip)
            && lasted < round_trip.saturating_mul(2)
        {
            self.grow(growth);
        }
        self.renewed = Some(now);
        let grant = self.missing(unread);
        self.credit += grant;
        grant
    }

    /// How far it has grown above the size it began with.
    pub(crate) fn grown(&self) -> usize {
        to_usize(self.size - INITIAL_WINDOW)
    }

    fn grow(&mut self, growth: &mut Growth) {
        let larger = self.size.saturating_mul(2).min(growth.max_window).max(self.size);
        let more = to_usize(larger - self.size);
        if let Some(left) = growth.left.checked_sub(more) {
            growth.left = left;
            self.size = larger;
        }
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
        window.receive(200_000).unwrap();
        assert!(!window.is_due(200_000), "nothing has been read");
        assert!(!window.is_due(100_000), "less than half");
        assert!(window.is_due(200_000 - INITIAL_WINDOW as usize / 2));
        assert_eq!(window.renew(50_000, now, None, &mut growth()), 150_000);
        assert_eq!(window.credit + 50_000, INITIAL_WINDOW);
        assert!(window.receive(window.credit + 1).is_none());
    }

    #[test]
    fn a_window_doubles_while_it_is_what_slows_the_stream_down() {
        let (mut window, mut growth, mut now) = (ReceiveWindow::new(), growth(), Instant::now());
        for step in 0..10u32 {
            window.receive(window.credit).unwrap();
            window.renew(0, now, Some(ROUND_TRIP), &mut growth);
            assert_eq!(window.credit, (INITIAL_WINDOW << step).min(16 << 20));
            now += ROUND_TRIP;
        }
        assert_eq!(growth.left, (48 << 20) + INITIAL_WINDOW as usize);
        window.receive(window.credit).unwrap();
        window.renew(0, now + 3 * ROUND_TRIP, Some(ROUND_TRIP), &mut growth);
        assert_eq!(window.credit, 16 << 20, "slow reading leaves it as it is");
    }

    #[test]
    fn windows_grow_no_further_than_the_connection_allows() {
        let mut growth = Growth { max_window: 16 << 20, left: 300_000 };
        let mut window = ReceiveWindow::new();
        let now = Instant::now();
        for _ in 0..5 {
            window.receive(window.credit).unwrap();
            window.renew(0, now, Some(ROUND_TRIP), &mut growth);
        }
        assert_eq!((window.size, window.grown()), (512 << 10, 256 << 10));
    }
}
