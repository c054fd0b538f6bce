//! The knobs of a connection, and the seam that starts one.

use std::time::Duration;

use peerloom_core::{ByteStream, Multiplexed, MuxerUpgrade, Role};
use tokio::time::Instant;

use crate::NAME;
use crate::session::Session;

/// How connections are multiplexed. Start from [`Config::default`] and change what differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many streams may be open on a connection, of both sides together: 8192. The remote's
    /// further ones are reset, our own fail to open.
    pub max_streams: usize,
    /// How far the receive window of a stream may grow, in bytes: 16 MiB, as other implementations
    /// do. All begin with the 256 KiB of the specification.
    pub max_window: u32,
    /// How much received data may wait unread on a connection, in bytes: 64 MiB. Half of it is for
    /// windows to grow by; a stream whose data does not fit any more is reset.
    pub max_buffered: usize,
    /// How often the remote is asked whether it is still there: every 30 seconds, and for the
    /// first time soon after the start, to learn how far away it is. `None` never asks on its own, and then only the line can tell that the remote has vanished.
    pub keep_alive: Option<Duration>,
    /// How long the remote may be silent after a ping before the connection has failed: 20 seconds.
    pub ping_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            max_streams: 8192,
            max_window: 16 * 1024 * 1024,
            max_buffered: 64 * 1024 * 1024,
            keep_alive: Some(Duration::from_secs(30)),
            ping_timeout: Duration::from_secs(20),
        }
    }
}

impl MuxerUpgrade for Config {
    fn name(&self) -> &str {
        NAME
    }

    /// The driver needs the timers of a tokio runtime.
    fn multiplex(&self, stream: ByteStream, role: Role) -> Multiplexed {
        let session = Session::new(self.clone(), role, Instant::now().into_std());
        let session = session.with_round_trip(stream.round_trip());
        peerloom_muxer_shell::start(session, stream)
    }
}
