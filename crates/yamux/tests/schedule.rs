//! Many tasks on one connection, over a line that stops and goes as it likes: nothing is lost, and nobody waits for ever.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use peerloom_core::{BoxMuxer, BoxSubstream, ByteStream, Driver, MuxerUpgrade, Role, StreamMuxer};
use peerloom_yamux::Config;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::task::yield_now;

#[tokio::test]
async fn everything_arrives_on_one_thread() {
    for seed in 0..SEEDS {
        run(seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_arrives_on_many_threads() {
    for seed in 0..SEEDS {
        run(seed).await;
    }
}

/// Both ends of a connection, with as many conversations as there are tasks, until all have ended.
async fn run(seed: u64) {
    let mut dice = Dice::new(seed);
    let (one, other) = tokio::io::duplex(1 << (8 + dice.below(9)));
    let (dialer, dialing) = start(one, Role::Dialer, &mut dice);
    let (listener, listening) = start(other, Role::Listener, &mut dice);
    let answering = tokio::spawn(answer(listener.clone()));
    let talks: Vec<_> =
        (0..TASKS).map(|_| tokio::spawn(talk(dialer.clone(), dice.child()))).collect();
    let all = async {
        for talk in talks {
            talk.await.unwrap();
        }
        dialer.close().await.unwrap();
        dialing.await.unwrap().unwrap();
        listening.await.unwrap().unwrap();
        answering.await.unwrap();
    };
    let in_time = tokio::time::timeout(Duration::from_secs(60), all).await;
    assert!(in_time.is_ok(), "the schedule {seed} does not end");
}

type Driving = tokio::task::JoinHandle<Result<(), peerloom_core::Error>>;

fn start(line: DuplexStream, role: Role, dice: &mut Dice) -> (Arc<BoxMuxer>, Driving) {
    // No ping may cover up that somebody was forgotten.
    let config = Config { keep_alive: None, ..Config::default() };
    let line = ByteStream::from_io(Moody { line, dice: dice.child() });
    let started = config.multiplex(line, role);
    (Arc::new(started.muxer), tokio::spawn(wander(started.driver, dice.child())))
}

/// Runs a driver on one task after the other.
async fn wander(mut driver: Driver, mut dice: Dice) -> Result<(), peerloom_core::Error> {
    loop {
        let mut turns = dice.below(200);
        let leg = tokio::spawn(async move {
            let end = poll_fn(|cx| match Pin::new(&mut driver).poll(cx) {
                Poll::Ready(end) => Poll::Ready(Some(end)),
                Poll::Pending if turns == 0 => Poll::Ready(None),
                Poll::Pending => {
                    turns -= 1;
                    Poll::Pending
                }
            });
            (end.await, driver)
        });
        match leg.await.unwrap() {
            (Some(end), _) => return end,
            (None, back) => driver = back,
        }
    }
}

/// Sends back what comes on every stream.
async fn answer(muxer: Arc<BoxMuxer>) {
    while let Ok(stream) = muxer.accept().await {
        tokio::spawn(async move {
            let (mut reader, mut writer) = tokio::io::split(stream);
            if tokio::io::copy(&mut reader, &mut writer).await.is_ok() {
                let _ = writer.shutdown().await;
            }
        });
    }
}

/// A few streams, one after the other, each of which says something and hears it again.
async fn talk(muxer: Arc<BoxMuxer>, mut dice: Dice) {
    for _ in 0..STREAMS {
        let mut stream = muxer.open().await.unwrap();
        if dice.below(8) == 0 {
            give_up(&mut stream, &mut dice).await;
            continue;
        }
        let said = vec![u8::try_from(dice.below(256)).unwrap(); dice.size()];
        let (reader, writer) = tokio::io::split(stream);
        let (mut heard, speaking) = (Vec::new(), speak(writer, &said, dice.child()));
        let listening = hear(reader, &mut heard, dice.child());
        tokio::join!(speaking, listening);
        assert!(heard == said);
    }
}

async fn speak(mut writer: tokio::io::WriteHalf<BoxSubstream>, said: &[u8], mut dice: Dice) {
    let mut rest = said;
    while !rest.is_empty() {
        let (next, later) = rest.split_at(dice.size().min(rest.len()));
        writer.write_all(next).await.unwrap();
        rest = later;
        match dice.below(3) {
            0 => writer.flush().await.unwrap(),
            1 => yield_now().await,
            _ => {}
        }
    }
    writer.shutdown().await.unwrap();
}

async fn hear(mut reader: tokio::io::ReadHalf<BoxSubstream>, heard: &mut Vec<u8>, mut dice: Dice) {
    let mut piece = vec![0; 1 + dice.size()];
    loop {
        let length = reader.read(&mut piece).await.unwrap();
        if length == 0 {
            return;
        }
        heard.extend_from_slice(piece.get(..length).unwrap());
        for _ in 0..dice.below(3) {
            yield_now().await;
        }
    }
}

/// Begins something and drops it, and the stream with it.
async fn give_up(stream: &mut BoxSubstream, dice: &mut Dice) {
    let bytes = vec![7; dice.size()];
    if dice.below(2) == 0 {
        stream.hold_next_write();
    }
    for _ in 0..dice.below(4) {
        let mut writing = pin!(stream.write_all(&bytes));
        poll_fn(|cx| Poll::Ready(writing.as_mut().poll(cx).is_ready())).await;
        yield_now().await;
    }
    let mut flushing = pin!(stream.flush());
    poll_fn(|cx| Poll::Ready(flushing.as_mut().poll(cx).is_ready())).await;
    if dice.below(2) == 0 {
        stream.reset();
    }
}

/// A line that takes little at a time, and now and then nothing for a while.
struct Moody {
    line: DuplexStream,
    dice: Dice,
}

impl Moody {
    /// Whether it does nothing before somebody is woken, at once or later and elsewhere.
    fn stops(&mut self, cx: &mut Context<'_>) -> bool {
        match self.dice.below(8) {
            0 => cx.waker().wake_by_ref(),
            1 => {
                let (waker, turns) = (cx.waker().clone(), self.dice.below(20));
                tokio::spawn(async move {
                    for _ in 0..turns {
                        yield_now().await;
                    }
                    waker.wake();
                });
            }
            _ => return false,
        }
        true
    }
}

impl AsyncRead for Moody {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Moody {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.stops(cx) {
            return Poll::Pending;
        }
        let length = bytes.len().min(1 + self.dice.size());
        Pin::new(&mut self.line).poll_write(cx, bytes.get(..length).unwrap())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.stops(cx) {
            return Poll::Pending;
        }
        Pin::new(&mut self.line).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.stops(cx) {
            return Poll::Pending;
        }
        Pin::new(&mut self.line).poll_shutdown(cx)
    }
}

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % limit
    }

    /// As often a few bytes as many.
    fn size(&mut self) -> usize {
        let magnitude = 4 + self.below(14);
        usize::try_from(self.below(1 << magnitude)).unwrap()
    }

    fn child(&mut self) -> Self {
        Dice::new(self.below(u64::MAX))
    }
}

/// How many schedules are tried, how many tasks talk at once, and on how many streams each.
const SEEDS: u64 = 4;
const TASKS: usize = 12;
const STREAMS: usize = 4;
