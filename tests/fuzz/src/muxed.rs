//! A muxer under test: what our side does, and what has to hold whatever the remote does.

use std::pin::{Pin, pin};
use std::sync::LazyLock;
use std::task::Poll;
use std::time::Duration;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use peerloom_core::{BoxMuxer, BoxSubstream, Driver, Multiplexed, StreamMuxer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::task::unconstrained;

use crate::poll_until_idle;

/// The other end of a muxer's connection.
pub trait MuxerPeer {
    /// Reads what is there, checks it, and tells whether there was anything.
    fn listen(&mut self) -> bool;

    /// Sends no more.
    fn fall_silent(&mut self);
}

/// What anybody but the remote does.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Action {
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

/// A muxer, its streams, and the other end.
pub struct Muxed<P> {
    /// The other end.
    pub peer: P,
    peer_listens: bool,
    muxer: BoxMuxer,
    driver: Option<Driver>,
    streams: Vec<BoxSubstream>,
    max_streams: usize,
}

impl<P: MuxerPeer> Muxed<P> {
    /// A muxer that allows `max_streams`.
    pub fn new(peer: P, Multiplexed { muxer, driver }: Multiplexed, max_streams: usize) -> Self {
        let streams = Vec::new();
        Muxed { peer, peer_listens: true, muxer, driver: Some(driver), streams, max_streams }
    }

    /// Does something.
    pub async fn take(&mut self, action: Action) {
        match action {
            Action::Listen(listens) => self.peer_listens = listens,
            Action::Wait { milliseconds } => {
                tokio::time::advance(Duration::from_millis(milliseconds.into())).await;
            }
            Action::Open => {
                let opened = poll_until_idle(pin!(self.muxer.open()));
                self.keep(opened);
            }
            Action::Accept => {
                let accepted = poll_until_idle(pin!(self.muxer.accept()));
                self.keep(accepted);
            }
            Action::Close => drop(poll_until_idle(pin!(self.muxer.close()))),
            Action::Write { stream, .. }
            | Action::Read { stream, .. }
            | Action::Shutdown { stream }
            | Action::Reset { stream }
            | Action::Drop { stream } => self.take_on_stream(action, stream.into()),
        }
    }

    fn keep<E>(&mut self, stream: Poll<Result<BoxSubstream, E>>) {
        if let Poll::Ready(Ok(stream)) = stream {
            self.streams.push(stream);
        }
        assert!(self.muxer.status().streams <= self.max_streams);
    }

    fn take_on_stream(&mut self, action: Action, choice: usize) {
        let Some(index) = choice.checked_rem(self.streams.len()) else { return };
        let stream = &mut self.streams[index];
        match action {
            Action::Write { length, .. } => {
                let bytes = &ZEROS[..MANY * usize::from(length)];
                drop(poll_until_idle(pin!(stream.write_all(bytes))));
            }
            Action::Read { length, .. } => {
                drop(poll_until_idle(pin!(stream.read(&mut vec![0; length.into()]))));
            }
            Action::Shutdown { .. } => drop(poll_until_idle(pin!(stream.shutdown()))),
            Action::Reset { .. } => stream.reset(),
            _ => drop(self.streams.swap_remove(index)),
        }
    }

    /// Lets everything happen that can.
    pub fn settle(&mut self) {
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

    /// The remote hangs up, and everybody has to notice, once the muxer has been patient with its
    /// readers that many times.
    pub async fn end(mut self, patient: usize) {
        self.peer_listens = true;
        self.peer.fall_silent();
        self.settle();
        for _ in 0..patient {
            if self.driver.is_none() {
                break;
            }
            tokio::time::advance(PATIENCE).await;
            self.settle();
        }
        assert!(self.driver.is_none(), "the driver works on for nobody");
        assert!(matches!(poll_until_idle(pin!(self.muxer.open())), Poll::Ready(Err(_))));
        for stream in &mut self.streams {
            let read = poll_until_idle(pin!(stream.read_to_end(&mut Vec::new()))).is_ready();
            let written = poll_until_idle(pin!(stream.write(b"anybody?"))).is_ready();
            assert!(read && written, "stream {} waits for nobody", stream.id());
        }
    }
}

/// Runs a muxer in a runtime whose clock stands still.
pub fn on_a_still_clock(future: impl Future<Output = ()>) {
    RUNTIME.block_on(unconstrained(future));
}

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime that only has timers")
});

/// More bytes of nothing than any step asks for.
pub static ZEROS: [u8; MANY * 65_536] = [0; MANY * 65_536];

/// With so many times two bytes a write can be longer than the first window of yamux.
const MANY: usize = 8;

/// Far more than all that both sides can have to say at once.
const MAX_ROUNDS: usize = 100_000;

/// How long a muxer waits for a reader at most.
const PATIENCE: Duration = Duration::from_secs(5);
