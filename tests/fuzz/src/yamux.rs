//! A yamux remote that sends whatever frames it is told to, and checks what it hears.

use std::collections::HashMap;

use peerloom_core::ByteStream;
use peerloom_yamux::{Flags, Frame, HEADER_LENGTH, StreamId};

use crate::{MuxerPeer, Wire};

/// The other end of a connection.
pub struct YamuxPeer {
    wire: Wire,
    account: Accounts,
}

/// What may still be heard.
#[derive(Default)]
struct Accounts {
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
        let (stream, wire) = Wire::connect();
        (stream, YamuxPeer { wire, account: Accounts::default() })
    }

    /// Sends a header, and the body that follows it.
    pub fn say(&mut self, header: [u8; HEADER_LENGTH], body: &[u8]) {
        match Frame::decode(header) {
            Ok(Frame::WindowUpdate { stream, flags, credit }) => {
                self.account.allow(stream, flags, credit.into());
            }
            Ok(Frame::Data { stream, flags, .. }) => self.account.allow(stream, flags, 0),
            Ok(Frame::Ping(_)) => self.account.pings += 1,
            Ok(Frame::Pong(_) | Frame::GoAway(_)) | Err(_) => {}
        }
        self.wire.say(&header);
        self.wire.say(body);
    }
}

impl MuxerPeer for YamuxPeer {
    fn listen(&mut self) -> bool {
        self.wire.listen(|heard| self.account.check_frame(heard))
    }

    fn fall_silent(&mut self) {
        self.wire.fall_silent();
    }
}

impl Accounts {
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
    fn check_frame(&mut self, heard: &[u8]) -> Option<usize> {
        let header = *heard.first_chunk()?;
        match Frame::decode(header).expect("our headers are good ones") {
            Frame::Data { stream, flags, length } => {
                let whole = HEADER_LENGTH + length as usize;
                heard.get(..whole)?;
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
