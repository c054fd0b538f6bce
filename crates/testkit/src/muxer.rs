//! What every muxer has to do, whatever its frames look like.

#![expect(clippy::unwrap_used, reason = "what does not conform fails the test")]

mod ends;
mod exchange;
mod faults;
mod pressure;

use std::time::Duration;

use peerloom_core::{BoxMuxerUpgrade, Error, Fault};

/// Runs every check of the suite on a muxer; panics at the first that fails, and names it.
///
/// Runs in any tokio runtime with timers. A test of a muxer is this one line:
/// `testkit::muxer::conforms(|| Box::new(yamux::Config::default())).await`.
pub async fn conforms(make: impl Fn() -> BoxMuxerUpgrade) {
    conforms_by(make, Goodbye::Said).await;
}

/// The same for a muxer with another kind of goodbye.
pub async fn conforms_by(make: impl Fn() -> BoxMuxerUpgrade, goodbye: Goodbye) {
    let upgrade = make();
    assert!(upgrade.name().starts_with('/'), "a protocol id begins with a slash");

    check("echo", exchange::bytes_go_both_ways(&upgrade)).await;
    check("both sides open", exchange::either_side_opens_streams(&upgrade)).await;
    check("many streams", exchange::many_streams_at_once(&upgrade)).await;
    check("half-close", exchange::each_side_finishes_by_itself(&upgrade)).await;
    check("finish and drop", exchange::what_was_finished_is_delivered(&upgrade)).await;
    check("no round trip", exchange::opening_takes_no_round_trip(&upgrade)).await;
    check("announce", exchange::a_flush_announces_a_stream(&upgrade)).await;
    check("integrity", exchange::large_transfers_arrive_unchanged(&upgrade)).await;
    check("turns", exchange::streams_come_with_the_turns_of_the_driver(&upgrade)).await;
    check("status", exchange::the_status_counts_streams(&upgrade)).await;

    check("unread stream", pressure::an_unread_stream_stops_no_other(&upgrade)).await;
    check("back-pressure", pressure::a_reader_that_stops_stops_its_writer(&upgrade)).await;
    check("fairness", pressure::writers_share_the_line(&upgrade)).await;
    check("dead line", pressure::a_line_that_stands_still_stops_its_writers(&upgrade)).await;

    check("reset", faults::a_reset_is_seen_by_the_other_side(&upgrade)).await;
    check("drop", faults::dropping_an_unfinished_stream_resets_it(&upgrade)).await;
    check("close", faults::closing_ends_everything(&upgrade)).await;
    check("close begun", faults::a_goodbye_that_nobody_waits_for_is_said(&upgrade)).await;
    check("close delivers", faults::closing_delivers_what_was_finished(&upgrade)).await;
    check("driver dropped", faults::without_the_driver_everything_fails(&upgrade, goodbye)).await;
    check("line lost", faults::a_lost_line_fails_every_stream(&upgrade, goodbye)).await;
    check("nonsense", faults::nonsense_ends_the_connection(&upgrade)).await;
}

/// How a side says that it has come to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goodbye {
    /// With a frame: a line that ends without one was lost.
    Said,
    /// By ending the line: nobody can tell whether it was lost.
    EndOfLine,
}

impl Goodbye {
    /// What a driver makes of a line that ends between frames.
    fn check_end_of_line(self, result: Result<(), Error>) {
        match self {
            Goodbye::Said => {
                let error = result.expect_err("there was no goodbye");
                assert_eq!(error.fault(), Fault::Network);
            }
            Goodbye::EndOfLine => result.expect("the end of the line is a goodbye"),
        }
    }
}

async fn check(name: &str, steps: impl Future<Output = ()>) {
    let in_time = tokio::time::timeout(TIME_LIMIT, steps).await;
    assert!(in_time.is_ok(), "the check \"{name}\" does not end");
}

/// Far longer than any check takes.
const TIME_LIMIT: Duration = Duration::from_secs(60);
