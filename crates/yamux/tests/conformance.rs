//! yamux does what every muxer has to do.

use peerloom_testkit::muxer;
use peerloom_yamux::Config;

#[tokio::test]
async fn yamux_conforms_on_one_thread() {
    muxer::conforms(|| Box::new(Config::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yamux_conforms_on_two_threads() {
    muxer::conforms(|| Box::new(Config::default())).await;
}
