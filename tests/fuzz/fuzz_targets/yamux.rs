//! A yamux connection on which both sides do anything in any order.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use peerloom_core::{MuxerUpgrade, Role};
use peerloom_fuzz::{Action, Muxed, YamuxPeer, ZEROS, on_a_still_clock};
use peerloom_yamux::{Config, HEADER_LENGTH};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    dialer: bool,
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    /// The remote sends a header, whatever it means.
    Header([u8; HEADER_LENGTH]),
    /// The remote sends a header that means something.
    Frame {
        kind: u8,
        flags: u8,
        stream: u8,
        value: u32,
    },
    /// The remote sends data.
    Data {
        flags: u8,
        stream: u8,
        body: &'a [u8],
    },
    /// The remote sends much data.
    Zeros {
        flags: u8,
        stream: u8,
        length: u16,
    },
    Act(Action),
}

fuzz_target!(|input: Input<'_>| {
    on_a_still_clock(async {
        let (stream, peer) = YamuxPeer::connect();
        let role = if input.dialer { Role::Dialer } else { Role::Listener };
        let mut muxed = Muxed::new(peer, CONFIG.multiplex(stream, role), CONFIG.max_streams);
        for step in &input.steps {
            match *step {
                Step::Header(header) => muxed.peer.say(header, &[]),
                Step::Frame { kind, flags, stream, value } => {
                    muxed.peer.say(header(kind, flags, stream, value), &[]);
                }
                Step::Data { flags, stream, body } => {
                    muxed.peer.say(header(DATA, flags, stream, length_of(body)), body);
                }
                Step::Zeros { flags, stream, length } => {
                    let header = header(DATA, flags, stream, length.into());
                    muxed.peer.say(header, &ZEROS[..length.into()]);
                }
                Step::Act(action) => muxed.take(action).await,
            }
            muxed.settle();
        }
        muxed.end(0).await;
    });
});

/// A header that means something, almost always.
fn header(kind: u8, flags: u8, stream: u8, value: u32) -> [u8; HEADER_LENGTH] {
    let [v0, v1, v2, v3] = value.to_be_bytes();
    let stream = if kind % KINDS < PING { stream } else { 0 };
    [0, kind % KINDS, 0, flags % FLAGS, 0, 0, 0, stream, v0, v1, v2, v3]
}

fn length_of(body: &[u8]) -> u32 {
    u32::try_from(body.len()).expect("inputs are short")
}

/// Limits that an input can reach.
static CONFIG: LazyLock<Config> = LazyLock::new(|| Config {
    max_streams: 8,
    max_window: 1024 * 1024,
    max_buffered: 1024 * 1024,
    ..Config::default()
});

const DATA: u8 = 0;
const PING: u8 = 2;
/// Data, window update, ping, go away; and one more than there are.
const KINDS: u8 = 5;
/// All combinations, and one that nobody has defined.
const FLAGS: u8 = 17;
