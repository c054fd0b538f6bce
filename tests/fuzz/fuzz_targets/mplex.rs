//! An mplex connection on which both sides do anything in any order.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use peerloom_core::{MuxerUpgrade, Role};
use peerloom_fuzz::{Action, MplexPeer, Muxed, ZEROS, on_a_still_clock};
use peerloom_mplex::{Config, Frame, Kind, Sender, WhenFull};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    dialer: bool,
    waits: bool,
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    /// The remote sends bytes, whatever they mean.
    Bytes(&'a [u8]),
    /// The remote sends a message, or only the beginning of one.
    Message {
        kind: u8,
        number: u8,
        data: &'a [u8],
        missing: u8,
    },
    /// The remote sends much data.
    Zeros {
        kind: u8,
        number: u8,
        length: u16,
    },
    Act(Action),
}

fuzz_target!(|input: Input<'_>| {
    on_a_still_clock(async {
        let (stream, peer) = MplexPeer::connect();
        let role = if input.dialer { Role::Dialer } else { Role::Listener };
        let config = config(input.waits);
        let mut muxed = Muxed::new(peer, config.multiplex(stream, role), config.max_streams);
        for step in &input.steps {
            match *step {
                Step::Bytes(bytes) => muxed.peer.say(bytes),
                Step::Message { kind, number, data, missing } => {
                    let length = data.len() + usize::from(missing);
                    muxed.peer.tell(frame(kind, number, length), data);
                }
                Step::Zeros { kind, number, length } => {
                    let data = &ZEROS[..length.into()];
                    muxed.peer.tell(frame(kind, number, data.len()), data);
                }
                Step::Act(action) => muxed.take(action).await,
            }
            muxed.settle();
        }
        // Each stream can stop the line once before the last message has been read.
        muxed.end(MAX_PAUSES).await;
    });
});

/// Limits that an input can reach.
fn config(waits: bool) -> Config {
    let when_full = if waits { WhenFull::Wait(Duration::from_secs(5)) } else { WhenFull::Reset };
    Config { max_streams: 8, max_unread: 64 * 1024, max_buffered: 200_000, when_full }
}

/// What stands in front of a message of any kind.
fn frame(kind: u8, number: u8, length: usize) -> Frame {
    let kind = match kind % 8 {
        0 => Kind::NewStream,
        1 => Kind::Close(Sender::Receiver),
        2 => Kind::Close(Sender::Initiator),
        3 => Kind::Reset(Sender::Receiver),
        4 => Kind::Reset(Sender::Initiator),
        5 => Kind::Message(Sender::Receiver),
        _ => Kind::Message(Sender::Initiator),
    };
    let length = u32::try_from(length).expect("inputs are short");
    Frame::new(kind, number.into(), length).expect("inputs are short")
}

/// More than an input can make streams that nobody reads.
const MAX_PAUSES: usize = 1000;
