//! A yamux connection on which both sides do anything in any order.
#![no_main]

use std::pin::{Pin, pin};
use std::sync::LazyLock;
use std::task::Poll;
use std::time::Duration;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use peerloom_core::{BoxMuxer, BoxSubstream, Driver, Multiplexed, MuxerUpgrade, Role, StreamMuxer};
use peerloom_fuzz::{YamuxPeer, poll_until_idle};
use peerloom_yamux::{Config, HEADER_LENGTH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::task::unconstrained;

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
    /// The remote begins to listen, or no longer does.
    Listen(bool),
    Open,
    Accept,
    Close,
    Write {
        stream: u8,
        length: u16,
    },
    Read {
        stream: u8,
        length: u16,
    },
    Shutdown {
        stream: u8,
    },
    Reset {
        stream: u8,
    },
    Drop {
        stream: u8,
    },
    Wait {
        milliseconds: u16,
    },
}

fuzz_target!(|input: Input<'_>| {
    RUNTIME.block_on(unconstrained(async {
        let mut connection =
            Connection::new(if input.dialer { Role::Dialer } else { Role::Listener });
        for step in &input.steps {
            connection.take(step).await;
            connection.settle();
        }
        connection.end();
    }));
});

struct Connection {
    peer: YamuxPeer,
    peer_listens: bool,
    muxer: BoxMuxer,
    driver: Option<Driver>,
    streams: Vec<BoxSubstream>,
}

impl Connection {
    fn new(role: Role) -> Self {
        let (stream, peer) = YamuxPeer::connect();
        let Multiplexed { muxer, driver } = CONFIG.multiplex(stream, role);
        Connection { peer, peer_listens: true, muxer, driver: Some(driver), streams: Vec::new() }
    }

    async fn take(&mut self, step: &Step<'_>) {
        match *step {
            Step::Header(header) => self.peer.say(header, &[]),
            Step::Frame { kind, flags, stream, value } => {
                self.peer.say(header(kind, flags, stream, value), &[]);
            }
            Step::Data { flags, stream, body } => {
                self.peer.say(header(DATA, flags, stream, length_of(body)), body);
            }
            Step::Zeros { flags, stream, length } => {
                let header = header(DATA, flags, stream, length.into());
                self.peer.say(header, &ZEROS[..length.into()]);
            }
            Step::Listen(listens) => self.peer_listens = listens,
            Step::Wait { milliseconds } => {
                tokio::time::advance(Duration::from_millis(milliseconds.into())).await;
            }
            Step::Open => {
                let opened = poll_until_idle(pin!(self.muxer.open()));
                self.keep(opened);
            }
            Step::Accept => {
                let accepted = poll_until_idle(pin!(self.muxer.accept()));
                self.keep(accepted);
            }
            Step::Close => drop(poll_until_idle(pin!(self.muxer.close()))),
            Step::Write { stream, .. }
            | Step::Read { stream, .. }
            | Step::Shutdown { stream }
            | Step::Reset { stream }
            | Step::Drop { stream } => self.take_on_stream(step, stream.into()),
        }
    }

    fn keep<E>(&mut self, stream: Poll<Result<BoxSubstream, E>>) {
        if let Poll::Ready(Ok(stream)) = stream {
            self.streams.push(stream);
        }
        assert!(self.muxer.status().streams <= CONFIG.max_streams);
    }

    fn take_on_stream(&mut self, step: &Step<'_>, choice: usize) {
        let Some(index) = choice.checked_rem(self.streams.len()) else { return };
        let stream = &mut self.streams[index];
        match *step {
            Step::Write { length, .. } => {
                let bytes = &ZEROS[..MANY * usize::from(length)];
                drop(poll_until_idle(pin!(stream.write_all(bytes))));
            }
            Step::Read { length, .. } => {
                drop(poll_until_idle(pin!(stream.read(&mut vec![0; length.into()]))));
            }
            Step::Shutdown { .. } => drop(poll_until_idle(pin!(stream.shutdown()))),
            Step::Reset { .. } => stream.reset(),
            _ => drop(self.streams.swap_remove(index)),
        }
    }

    /// Lets everything happen that can.
    fn settle(&mut self) {
        for _ in 0..MAX_ROUNDS {
            if self.driver.as_mut().is_some_and(|it| poll_until_idle(Pin::new(it)).is_ready()) {
                self.driver = None;
            }
            if !(self.peer_listens && self.peer.listen()) {
                return;
            }
        }
        panic!("there is always more to say");
    }

    /// The remote hangs up, and everybody has to notice.
    fn end(mut self) {
        self.peer_listens = true;
        self.peer.fall_silent();
        self.settle();
        assert!(self.driver.is_none(), "the driver works on for nobody");
        assert!(matches!(poll_until_idle(pin!(self.muxer.open())), Poll::Ready(Err(_))));
        for stream in &mut self.streams {
            let read = poll_until_idle(pin!(stream.read_to_end(&mut Vec::new()))).is_ready();
            let written = poll_until_idle(pin!(stream.write(b"anybody?"))).is_ready();
            assert!(read && written, "stream {} waits for nobody", stream.id());
        }
    }
}

/// A header that means something, almost always.
fn header(kind: u8, flags: u8, stream: u8, value: u32) -> [u8; HEADER_LENGTH] {
    let [v0, v1, v2, v3] = value.to_be_bytes();
    let stream = if kind % KINDS < PING { stream } else { 0 };
    [0, kind % KINDS, 0, flags % FLAGS, 0, 0, 0, stream, v0, v1, v2, v3]
}

fn length_of(body: &[u8]) -> u32 {
    u32::try_from(body.len()).expect("inputs are short")
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime that only has timers")
});

/// Limits that an input can reach.
static CONFIG: LazyLock<Config> = LazyLock::new(|| Config {
    max_streams: 8,
    max_window: 1024 * 1024,
    max_buffered: 1024 * 1024,
    ..Config::default()
});

static ZEROS: [u8; MANY * 65_536] = [0; MANY * 65_536];

/// With so many times two bytes a write can be longer than the first window.
const MANY: usize = 8;

const DATA: u8 = 0;
const PING: u8 = 2;
/// Data, window update, ping, go away; and one more than there are.
const KINDS: u8 = 5;
/// All combinations, and one that nobody has defined.
const FLAGS: u8 = 17;

/// Far more than all that both sides can have to say at once.
const MAX_ROUNDS: usize = 100_000;
