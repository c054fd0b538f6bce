//! Pings: whether the remote is still there, and how far away it is.

use std::mem;
use std::time::{Duration, Instant};

use crate::{Config, Error};

/// Asks now and then, measures the answers, and notices silence. One ping is on its way at a time.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    interval: Option<Duration>,
    timeout: Duration,
    /// When the next ping is due.
    next: Option<Instant>,
    /// A ping that still has to be sent.
    unsent: bool,
    nonce: u32,
    /// When the ping was asked for that is not answered.
    asked: Option<Instant>,
    /// When anything last came from the remote.
    heard: Instant,
    /// When the round trip was last measured.
    measured: Option<Instant>,
    last: Option<Duration>,
    shortest: Option<Duration>,
}

impl Heartbeat {
    pub(crate) fn new(config: &Config, now: Instant) -> Self {
        Heartbeat {
            interval: config.keep_alive,
            timeout: config.ping_timeout,
            next: config.keep_alive.and_then(|interval| now.checked_add(interval.min(FIRST_PING))),
            unsent: false,
            nonce: 0,
            asked: None,
            heard: now,
            measured: None,
            last: None,
            shortest: None,
        }
    }

    /// How far away the remote is at most, when something else could tell.
    pub(crate) fn expect(&mut self, round_trip: Option<Duration>) {
        self.shortest = round_trip;
    }

    /// The time there and back as it was last measured.
    pub(crate) fn last(&self) -> Option<Duration> {
        self.last
    }

    /// The time there and back when nothing else is in the way.
    pub(crate) fn shortest(&self) -> Option<Duration> {
        self.shortest
    }

    /// Somebody would like to know the round trip: asks when what is known is old.
    pub(crate) fn measure(&mut self, now: Instant) {
        let fresh =
            self.measured.is_some_and(|then| now.saturating_duration_since(then) < MEASURE_AGAIN);
        if !fresh {
            self.ask(now);
        }
    }

    /// Somebody may soon like to know the round trip: asks when it is not known.
    pub(crate) fn measure_once(&mut self, now: Instant) {
        if self.measured.is_none() {
            self.ask(now);
        }
    }

    /// Something came from the remote. Whether after a break: as long as what is sent upon an answer takes to come.
    pub(crate) fn handle_heard(&mut self, now: Instant) -> bool {
        let quiet = now.saturating_duration_since(mem::replace(&mut self.heard, now));
        self.shortest.is_some_and(|round_trip| round_trip / 2 < quiet)
    }

    /// An answer came; one that was not asked for says nothing.
    pub(crate) fn handle_pong(&mut self, nonce: u32, now: Instant) {
        if nonce != self.nonce || self.unsent {
            return;
        }
        let Some(asked) = self.asked.take() else { return };
        let round_trip = now.saturating_duration_since(asked);
        self.last = Some(round_trip);
        self.shortest = Some(self.shortest.map_or(round_trip, |known| known.min(round_trip)));
        self.measured = Some(now);
    }

    /// The value of a ping to send.
    pub(crate) fn poll_transmit(&mut self) -> Option<u32> {
        mem::take(&mut self.unsent).then_some(self.nonce)
    }

    /// When [`Heartbeat::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.next.into_iter().chain(self.deadline()).min()
    }

    /// Sends the ping that is due.
    ///
    /// # Errors
    /// When nothing came from the remote since a ping, for as long as it may take.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            return Err(Error::Unresponsive);
        }
        if self.next.is_some_and(|next| next <= now) {
            self.next = self.interval.and_then(|interval| now.checked_add(interval));
            self.ask(now);
        }
        Ok(())
    }

    fn ask(&mut self, now: Instant) {
        if self.asked.is_none() {
            self.nonce = self.nonce.wrapping_add(1);
            self.asked = Some(now);
            self.unsent = true;
        }
    }

    /// Data that arrives shows that the remote lives, even when it keeps the answer waiting.
    fn deadline(&self) -> Option<Instant> {
        self.asked?.max(self.heard).checked_add(self.timeout)
    }
}

/// How long after the start the remote is first asked: a connection that has gone by then was for one
/// question, whatever else comes wants windows that fit the distance.
const FIRST_PING: Duration = Duration::from_millis(20);

/// How long a measured round trip is good enough.
const MEASURE_AGAIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn heartbeat() -> (Heartbeat, Instant) {
        let now = Instant::now();
        (Heartbeat::new(&Config::default(), now), now)
    }

    #[test]
    fn a_silent_remote_is_asked_and_then_given_up() {
        let (mut heartbeat, start) = heartbeat();
        assert_eq!(heartbeat.poll_timeout(), Some(start + FIRST_PING));
        heartbeat.handle_timeout(start + FIRST_PING).unwrap();
        let nonce = heartbeat.poll_transmit().unwrap();
        heartbeat.handle_pong(nonce, start + FIRST_PING);
        let asked = start + FIRST_PING + Duration::from_secs(30);
        assert_eq!(heartbeat.poll_timeout(), Some(asked));
        heartbeat.handle_timeout(asked).unwrap();
        assert!(heartbeat.poll_transmit().is_some());
        assert!(heartbeat.poll_transmit().is_none(), "one ping");
        let deadline = heartbeat.poll_timeout().unwrap();
        assert_eq!(deadline, asked + Duration::from_secs(20));
        assert!(matches!(heartbeat.handle_timeout(deadline), Err(Error::Unresponsive)));
    }

    #[test]
    fn an_answer_is_a_measurement() {
        let (mut heartbeat, start) = heartbeat();
        heartbeat.measure(start);
        let nonce = heartbeat.poll_transmit().unwrap();
        heartbeat.handle_pong(nonce + 1, start + Duration::from_millis(1));
        assert_eq!(heartbeat.last(), None, "another's answer");
        heartbeat.handle_pong(nonce, start + Duration::from_millis(80));
        assert_eq!(heartbeat.last(), Some(Duration::from_millis(80)));
        heartbeat.measure(start + Duration::from_secs(1));
        assert!(heartbeat.poll_transmit().is_none(), "known well enough");
        heartbeat.handle_timeout(start + Duration::from_secs(60)).unwrap();
    }

    #[test]
    fn what_is_expected_holds_until_it_turns_out_to_be_less() {
        let (mut heartbeat, start) = heartbeat();
        heartbeat.expect(Some(Duration::from_millis(50)));
        assert_eq!(
            (heartbeat.shortest(), heartbeat.last()),
            (Some(Duration::from_millis(50)), None)
        );
        heartbeat.measure_once(start);
        let nonce = heartbeat.poll_transmit().unwrap();
        heartbeat.handle_pong(nonce, start + Duration::from_millis(40));
        assert_eq!(heartbeat.shortest(), Some(Duration::from_millis(40)));
        heartbeat.measure_once(start + Duration::from_secs(1));
        assert!(heartbeat.poll_transmit().is_none(), "known");
    }

    #[test]
    fn a_remote_that_sends_data_is_alive_even_when_its_answer_is_late() {
        let (mut heartbeat, start) = heartbeat();
        heartbeat.measure(start);
        heartbeat.handle_heard(start + Duration::from_secs(15));
        heartbeat.handle_timeout(start + Duration::from_secs(21)).unwrap();
        assert!(heartbeat.handle_timeout(start + Duration::from_secs(35)).is_err());
    }
}
