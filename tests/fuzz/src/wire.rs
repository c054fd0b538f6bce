//! Both directions of a connection under test, as the other end has them.

use std::pin::pin;
use std::task::Poll;

use peerloom_core::ByteStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, SimplexStream, WriteHalf};

use crate::poll_until_idle;

/// The other end of a connection, and what it has heard that is not yet a whole frame.
pub struct Wire {
    reader: ReadHalf<SimplexStream>,
    writer: WriteHalf<SimplexStream>,
    heard: Vec<u8>,
}

impl Wire {
    /// Both ends of a connection.
    pub fn connect() -> (ByteStream, Wire) {
        let (near_reader, writer) = tokio::io::simplex(MAX_SAID);
        let (reader, near_writer) = tokio::io::simplex(MAX_UNHEARD);
        (ByteStream::from_halves(near_reader, near_writer), Wire { reader, writer, heard: vec![] })
    }

    /// Sends bytes.
    pub fn say(&mut self, bytes: &[u8]) {
        let sent = poll_until_idle(pin!(self.writer.write_all(bytes)));
        assert!(sent.is_ready(), "no input is that long");
    }

    /// Sends no more.
    pub fn fall_silent(&mut self) {
        assert!(poll_until_idle(pin!(self.writer.shutdown())).is_ready());
    }

    /// Reads what is there, and tells whether there was anything. `check` is given what was heard, and
    /// takes the first frame off it when that is whole: it tells how long that is.
    pub fn listen(&mut self, mut check: impl FnMut(&[u8]) -> Option<usize>) -> bool {
        let before = self.heard.len();
        let read = poll_until_idle(pin!(self.reader.read_buf(&mut self.heard)));
        assert!(!matches!(read, Poll::Ready(Err(_))));
        let heard_something = before < self.heard.len();
        while let Some(length) = check(&self.heard) {
            self.heard.drain(..length);
        }
        heard_something
    }
}

/// More than the longest input makes the remote say.
const MAX_SAID: usize = 256 * 1024 * 1024;

/// More than the first window of yamux, and little enough for a remote that does not listen to be felt.
const MAX_UNHEARD: usize = 384 * 1024;
