//! mplex does what every muxer has to do, but for a goodbye of its own.

use std::time::Duration;

use peerloom_mplex::{Config, WhenFull};
use peerloom_testkit::muxer::{self, Goodbye};

/// On a clock that jumps when everybody waits, so that five seconds are none.
#[tokio::test(start_paused = true)]
async fn mplex_conforms_on_one_thread() {
    muxer::conforms_by(|| Box::new(Config::default()), Goodbye::EndOfLine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mplex_conforms_on_two_threads() {
    let when_full = WhenFull::Wait(Duration::from_secs(1));
    let config = Config { when_full, ..Config::default() };
    muxer::conforms_by(|| Box::new(config.clone()), Goodbye::EndOfLine).await;
}

#[tokio::test(start_paused = true)]
async fn mplex_conforms_when_it_waits_for_nobody() {
    let config = Config { when_full: WhenFull::Reset, ..Config::default() };
    muxer::conforms_by(|| Box::new(config.clone()), Goodbye::EndOfLine).await;
}
