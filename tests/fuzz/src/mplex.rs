//! An mplex remote that sends whatever messages it is told to, and checks what it hears.

use std::collections::HashSet;

use peerloom_core::ByteStream;
use peerloom_mplex::{Frame, Kind, Sender};

use crate::{MuxerPeer, Wire};

/// The other end of a connection.
pub struct MplexPeer {
    wire: Wire,
    heard: Heard,
}

/// What has been heard.
#[derive(Default)]
struct Heard {
    /// The streams that the other side has opened.
    opened: HashSet<u64>,
    /// Which of those it has finished, and which it has reset. Those of the remote are not checked: it
    /// may use their numbers again.
    finished: HashSet<u64>,
    reset: HashSet<u64>,
}

impl MplexPeer {
    /// Both ends of a connection.
    pub fn connect() -> (ByteStream, MplexPeer) {
        let (stream, wire) = Wire::connect();
        (stream, MplexPeer { wire, heard: Heard::default() })
    }

    /// Sends bytes.
    pub fn say(&mut self, bytes: &[u8]) {
        self.wire.say(bytes);
    }

    /// Sends a message.
    pub fn tell(&mut self, frame: Frame, data: &[u8]) {
        self.wire.say(frame.encode().as_ref());
        self.wire.say(data);
    }
}

impl MuxerPeer for MplexPeer {
    fn listen(&mut self) -> bool {
        self.wire.listen(|bytes| self.heard.check_message(bytes))
    }

    fn fall_silent(&mut self) {
        self.wire.fall_silent();
    }
}

impl Heard {
    /// Checks the first message, if it is there, and tells how long it is.
    fn check_message(&mut self, bytes: &[u8]) -> Option<usize> {
        let (frame, length) = Frame::decode(bytes).expect("our messages are good ones")?;
        let whole = length + frame.length() as usize;
        bytes.get(..whole)?;
        match frame.kind() {
            Kind::NewStream => {
                assert!(self.opened.insert(frame.number()), "opened twice: {frame:?}");
            }
            Kind::Message(sender) => {
                assert!((1..=MAX_BODY).contains(&frame.length()), "{} bytes", frame.length());
                assert!(!self.has_ended(frame, sender), "data after the end: {frame:?}");
            }
            Kind::Close(sender) => {
                assert!(!self.has_ended(frame, sender), "two ends: {frame:?}");
                self.finished.extend((sender == Sender::Initiator).then_some(frame.number()));
            }
            Kind::Reset(Sender::Initiator) => {
                assert!(self.reset.insert(frame.number()), "two resets: {frame:?}");
            }
            Kind::Reset(Sender::Receiver) => {}
        }
        Some(whole)
    }

    fn has_ended(&self, frame: Frame, sender: Sender) -> bool {
        let number = frame.number();
        let ended = self.finished.contains(&number) || self.reset.contains(&number);
        sender == Sender::Initiator && (ended || !self.opened.contains(&number))
    }
}

/// The longest message that we send.
const MAX_BODY: u32 = 64 * 1024;
