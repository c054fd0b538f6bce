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
    /// How fast bytes come and are read; of a stream that has had more than a few.
    pace: Option<Box<Pace>>,
}

/// How much was read of what has come without a break, and since when.
#[derive(Debug)]
struct Pace {
    begun: Instant,
    read: usize,
}

/// What the windows of a connection may grow by.
#[derive(Debug)]
pub(crate) struct Growth {
    /// The largest size of one window.
    pub(crate) max_window: u32,
    /// How much all windows together may still grow.
    pub(crate) left: usize,
    /// How many bytes the fastest stream has had in a round trip.
    pub(crate) carried: u128,
}

impl ReceiveWindow {
    pub(crate) fn new() -> Self {
        ReceiveWindow { credit: INITIAL_WINDOW, size: INITIAL_WINDOW, pace: None }
    }

    /// Counts data that the remote announced. `None` when it is more than was granted.
    #[must_use]
    pub(crate) fn receive(&mut self, length: u32) -> Option<()> {
        self.credit = self.credit.checked_sub(length)?;
        Some(())
    }

    /// Notes that data came, while so much waits unread. `burst` is since when the connection has brought data
    /// without a break: before that it was not the line that was slow.
    pub(crate) fn note(&mut self, length: u32, unread: usize, now: Instant, burst: Instant) {
        let share = to_usize(self.share());
        match &mut self.pace {
            Some(pace) if unread == 0 && (pace.begun < burst || share <= pace.read) => {
                **pace = Pace::new(now);
            }
            None if WORTH_NOTING <= length => self.pace = Some(Box::new(Pace::new(now))),
            Some(_) | None => {}
        }
    }

    /// Whether the round trip will be needed.
    pub(crate) fn has_pace(&self) -> bool {
        self.pace.is_some()
    }

    /// Grows when the line holds more: as fast as a share of the window came and was read, the line carries so
    /// much in a round trip. Streams that are about as fast get as much, so that none gets ahead of the others.
    pub(crate) fn read(
        &mut self,
        length: usize,
        now: Instant,
        round_trip: Option<Duration>,
        growth: &mut Growth,
    ) {
        let share = self.share();
        let Some(pace) = &mut self.pace else { return };
        pace.read += length;
        if pace.read < to_usize(share) {
            return;
        }
        let carried =
            round_trip.map(|round_trip| pace.in_time(round_trip, now)).unwrap_or_default();
        growth.carried = growth.carried.max(carried);
        let fair = if growth.carried / MUCH_SLOWER <= carried { growth.carried } else { carried };
        let wanted = fair.saturating_mul(ROUND_TRIPS);
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX).min(growth.max_window);
        let left = u32::try_from(growth.left).unwrap_or(u32::MAX);
        let more = wanted.saturating_sub(self.size).min(left);
        growth.left -= to_usize(more);
        self.size += more;
    }

    /// Whether the remote must not send any more.
    pub(crate) fn is_used_up(&self) -> bool {
        self.credit == 0
    }

    /// Whether so much has been read since credit was last granted that more is worth a frame.
    pub(crate) fn is_due(&self, unread: usize) -> bool {
        self.share() <= self.missing(unread)
    }

    /// Grants what was read, and what the window has grown by.
    pub(crate) fn renew(&mut self, unread: usize) -> u32 {
        let grant = self.missing(unread);
        self.credit += grant;
        grant
    }

    /// How far it has grown above the size it began with.
    pub(crate) fn grown(&self) -> usize {
        to_usize(self.size - INITIAL_WINDOW)
    }

    /// What credit is granted for at a time.
    fn share(&self) -> u32 {
        MAX_SHARE.min(self.size / 2)
    }

    /// What has been read and not been granted again.
    fn missing(&self, unread: usize) -> u32 {
        let unread = u32::try_from(unread).unwrap_or(u32::MAX);
        self.size.saturating_sub(self.credit).saturating_sub(unread)
    }
}

impl Pace {
    fn new(now: Instant) -> Self {
        Pace { begun: now, read: 0 }
    }

    /// How many bytes come and are read in a time.
    fn in_time(&self, time: Duration, now: Instant) -> u128 {
        let took = now.saturating_duration_since(self.begun).as_nanos().max(1);
        let read = u128::try_from(self.read).unwrap_or(u128::MAX);
        read.saturating_mul(time.as_nanos()) / took
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// What either side may send on a new stream before it gets a window update.
pub(crate) const INITIAL_WINDOW: u32 = 256 * 1024;

/// What is worth a frame however large the window is: the remote need not wait for half of that.
const MAX_SHARE: u32 = 1024 * 1024;

/// How many round trips' worth a window holds: one is on its way, one is paid for by credit that is on its way
/// back, and as much again, for there is no credit before a share has been read.
const ROUND_TRIPS: u128 = 4;

/// How many times slower than the fastest a stream is that needs no window like that.
const MUCH_SLOWER: u128 = 16;

/// A stream that has only ever had less at a time needs no other window.
const WORTH_NOTING: u32 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(100);

    fn growth() -> Growth {
        Growth { max_window: 16 << 20, left: 64 << 20, carried: 0 }
    }

    #[test]
    fn credit_is_granted_when_half_has_been_read_and_never_beyond_the_size() {
        let mut window = ReceiveWindow::new();
        window.receive(200_000).unwrap();
        assert!(!window.is_due(200_000), "nothing has been read");
        assert!(!window.is_due(100_000), "less than half");
        assert!(window.is_due(200_000 - INITIAL_WINDOW as usize / 2));
        assert_eq!(window.renew(50_000), 150_000);
        assert_eq!(window.credit + 50_000, INITIAL_WINDOW);
        assert!(window.receive(window.credit + 1).is_none());
    }

    /// Receives so many bytes in a burst, that come and are read in so long.
    fn carry(
        window: &mut ReceiveWindow,
        growth: &mut Growth,
        burst: Instant,
        length: u32,
        took: Duration,
    ) {
        window.receive(length).unwrap();
        window.note(length, 0, burst, burst);
        window.read(length as usize, burst + took, Some(ROUND_TRIP), growth);
    }

    /// A window after bytes that came and were read in so long.
    fn after(took: Duration, growth: &mut Growth) -> ReceiveWindow {
        let mut window = ReceiveWindow::new();
        carry(&mut window, growth, Instant::now(), 200_000, took);
        window
    }

    #[test]
    fn a_window_grows_at_once_to_what_the_line_holds() {
        let mut growth = growth();
        let mut window = after(ROUND_TRIP / 10, &mut growth);
        assert_eq!(
            (window.size, window.renew(0)),
            (8_000_000, 8_000_000 - INITIAL_WINDOW + 200_000)
        );
        assert_eq!(growth.left, (64 << 20) - window.grown());
        assert_eq!(after(Duration::ZERO, &mut growth).size, 16 << 20, "no further");
    }

    #[test]
    fn a_window_that_is_no_hindrance_stays_as_it_is() {
        assert_eq!(after(4 * ROUND_TRIP, &mut growth()).size, INITIAL_WINDOW, "a slow reader");
        let (mut window, now) = (ReceiveWindow::new(), Instant::now());
        window.note(200_000, 0, now, now);
        window.read(200_000, now + ROUND_TRIP / 10, None, &mut growth());
        assert_eq!(window.size, INITIAL_WINDOW, "nobody knows how far away the remote is");
    }

    #[test]
    fn streams_that_are_about_as_fast_get_the_same_window_and_slow_ones_do_not() {
        let mut growth = growth();
        let sizes = [1, 8, 20].map(|times| after(ROUND_TRIP / 10 * times, &mut growth).size);
        assert_eq!(sizes, [8_000_000, 8_000_000, 400_000]);
    }

    #[test]
    fn what_waited_for_its_reader_did_not_come_in_a_moment() {
        let (mut window, mut growth, now) = (ReceiveWindow::new(), growth(), Instant::now());
        window.note(200_000, 0, now, now);
        for _ in 0..2 {
            window.read(200_000, now + ROUND_TRIP, Some(ROUND_TRIP), &mut growth);
            window.note(1, 200_000, now + ROUND_TRIP, now);
        }
        assert_eq!(window.size, 1_600_000);
    }

    #[test]
    fn time_in_which_nothing_was_on_its_way_does_not_count() {
        let (mut window, mut growth, now) = (ReceiveWindow::new(), growth(), Instant::now());
        carry(&mut window, &mut growth, now, 50_000, ROUND_TRIP / 10);
        carry(&mut window, &mut growth, now + ROUND_TRIP, 150_000, ROUND_TRIP / 10);
        assert_eq!(window.size, 6_000_000);
    }

    #[test]
    fn time_in_which_others_had_the_line_or_the_reader_was_slow_does() {
        let begun = Instant::now();
        let later = begun + ROUND_TRIP;
        for (unread, burst) in [(0, begun), (100_000, later)] {
            let mut window = ReceiveWindow::new();
            window.note(100_000, 0, begun, begun);
            window.read(100_000 - unread, begun, Some(ROUND_TRIP), &mut growth());
            window.note(100_000, unread, later, burst);
            window.read(100_000 + unread, later, Some(ROUND_TRIP), &mut growth());
            assert_eq!(window.size, 800_000);
        }
    }

    #[test]
    fn windows_grow_no_further_than_the_connection_allows() {
        let mut growth = Growth { max_window: 16 << 20, left: 300_000, carried: 0 };
        let sizes = [0; 2].map(|_| after(ROUND_TRIP / 10, &mut growth).grown());
        assert_eq!((sizes, growth.left), ([300_000, 0], 0));
    }

    #[test]
    fn a_stream_of_small_messages_keeps_no_pace() {
        let (mut window, now) = (ReceiveWindow::new(), Instant::now());
        window.note(WORTH_NOTING - 1, 0, now, now);
        assert!(window.pace.is_none());
    }
}
