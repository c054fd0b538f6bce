//! The knobs of a connection, and the seam that starts one.

use std::time::Duration;

use peerloom_core::{ByteStream, Multiplexed, MuxerUpgrade, Role};

use crate::NAME;
use crate::session::Session;

/// How connections are multiplexed. Start from [`Config::default`] and change what differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many streams may be open on a connection, of both sides together: 1024. The remote's
    /// further ones are reset, our own fail to open.
    pub max_streams: usize,
    /// How much received data may wait unread on a stream, in bytes: 1 MiB.
    pub max_unread: usize,
    /// How much received data may wait unread on a connection, in bytes: 4 MiB.
    pub max_buffered: usize,
    /// What happens when more comes: [`WhenFull::Wait`] for five seconds.
    pub when_full: WhenFull,
}

/// What happens to data for which there is no room, because a stream is not read.
///
/// mplex has no flow control: a remote cannot be told to send no more on *one* stream. The stream
/// that is to blame is the one that has all that it may have unread; when the connection has all
/// that it may, it is the one that has most of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// Nothing is read from the connection, of any stream, until half of what waited has been read.
    /// When that takes longer than this, the stream that is to blame is reset, and the others go on.
    Wait(Duration),
    /// The stream that is to blame is reset at once. No stream ever waits for another, but a reader
    /// that is slower than the network for a moment loses its stream.
    Reset,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            max_streams: 1024,
            max_unread: 1024 * 1024,
            max_buffered: 4 * 1024 * 1024,
            when_full: WhenFull::Wait(Duration::from_secs(5)),
        }
    }
}

impl MuxerUpgrade for Config {
    fn name(&self) -> &str {
        NAME
    }

    /// The driver needs the timers of a tokio runtime.
    fn multiplex(&self, stream: ByteStream, role: Role) -> Multiplexed {
        peerloom_muxer_shell::start(Session::new(self.clone(), role), stream)
    }
}
