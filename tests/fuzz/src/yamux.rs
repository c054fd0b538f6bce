//! A yamux remote that sends whatever frames it is told to, and checks what it hears.

use std::collections::HashMap;
use std::pin::pin;
use std::task::Poll;

use peerloom_core::ByteStream;
use peerloom_yamux::{Flags, Frame, HEADER_LENGTH, StreamId};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, SimplexStream, WriteHalf};

use crate::poll_until_idle;

/// The other end of a connection.
pub struct YamuxPeer {
    reader: ReadHalf<SimplexStream>,
    writer: WriteHalf<SimplexStream>,
    /// What was heard and is not yet a whole frame.
    heard: Vec<u8>,
    streams: HashMap<StreamId, Account>,
    /// How many more pongs may be heard.
    pings: usize,
}

/// What may still be heard on a stream.
struct Account {
    credit: u64,
    finished: bool,
}

impl YamuxPeer {
    /// Both ends of a connection.
    pub fn connect() -> (ByteStream, YamuxPeer) {
        let (near_reader, writer) = tokio::io::simplex(MAX_SAID);
        let (reader, near_writer) = tokio::io::simplex(MAX_UNHEARD);
        let (heard, streams, pings) = Default::default();
        let peer = YamuxPeer { reader, writer, heard, streams, pings };
        (ByteStream::from_halves(near_reader, near_writer), peer)
    }

    /// Sends a header, and the body that follows it.
    pub fn say(&mut self, header: [u8; HEADER_LENGTH], body: &[u8]) {
        match Frame::decode(header) {
            Ok(Frame::WindowUpdate { stream, flags, credit }) => {
                self.allow(stream, flags, credit.into());
            }
            Ok(Frame::Data { stream, flags, .. }) => self.allow(stream, flags, 0),
            Ok(Frame::Ping(_)) => self.pings += 1,
            Ok(Frame::Pong(_) | Frame::GoAway(_)) | Err(_) => {}
        }
        for bytes in [&header, body] {
            let sent = poll_until_idle(pin!(self.writer.write_all(bytes)));
            assert!(sent.is_ready(), "no input is that long");
        }
    }

    /// Sends no more.
    pub fn fall_silent(&mut self) {
        assert!(poll_until_idle(pin!(self.writer.shutdown())).is_ready());
    }

    /// Reads what is there, and tells whether there was anything.
    pub fn listen(&mut self) -> bool {
        let before = self.heard.len();
        let read = poll_until_idle(pin!(self.reader.read_buf(&mut self.heard)));
        assert!(!matches!(read, Poll::Ready(Err(_))));
        let heard_something = before < self.heard.len();
        while let Some(length) = self.check_frame() {
            self.heard.drain(..length);
        }
        heard_something
    }

    fn allow(&mut self, stream: StreamId, flags: Flags, credit: u64) {
        let account = self.streams.entry(stream).or_default();
        account.credit += credit;
        // The number of a stream that has ended can be that of a new one.
        if flags.contains(Flags::SYN) {
            account.credit += INITIAL_WINDOW;
            account.finished = false;
        }
    }

    /// Checks the first frame, if it is there, and tells how long it is.
    fn check_frame(&mut self) -> Option<usize> {
        let header = *self.heard.first_chunk()?;
        match Frame::decode(header).expect("our headers are good ones") {
            Frame::Data { stream, flags, length } => {
                let whole = HEADER_LENGTH + length as usize;
                self.heard.get(..whole)?;
                self.check_data(stream, flags, length);
                return Some(whole);
            }
            Frame::WindowUpdate { stream, flags, .. } => self.check_end(stream, flags),
            Frame::Pong(_) => {
                self.pings = self.pings.checked_sub(1).expect("nobody asked for this pong");
            }
            Frame::Ping(_) | Frame::GoAway(_) => {}
        }
        Some(HEADER_LENGTH)
    }

    fn check_data(&mut self, stream: StreamId, flags: Flags, length: u32) {
        assert!(length <= MAX_BODY, "{length} bytes in one frame");
        let account = self.streams.entry(stream).or_default();
        assert!(length == 0 || !account.finished, "data after the end of {stream:?}");
        account.credit =
            account.credit.checked_sub(length.into()).expect("more data than was allowed");
        self.check_end(stream, flags);
    }

    fn check_end(&mut self, stream: StreamId, flags: Flags) {
        if flags.contains(Flags::FIN) || flags.contains(Flags::RST) {
            self.streams.entry(stream).or_default().finished = true;
        }
    }
}

impl Default for Account {
    fn default() -> Self {
        Account { credit: INITIAL_WINDOW, finished: false }
    }
}

/// How much may be sent before the first window update.
const INITIAL_WINDOW: u64 = 256 * 1024;

/// The longest body that every implementation accepts.
const MAX_BODY: u32 = 64 * 1024;

/// More than the longest input makes the remote say.
const MAX_SAID: usize = 256 * 1024 * 1024;

/// More than the first window, and little enough for a remote that does not listen to be felt.
const MAX_UNHEARD: usize = 384 * 1024;
