//! What happens on a connection while somebody writes: the writer below does it, in the middle of a write.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use peerloom_core::{BoxMuxer, ByteStream, Driver, Multiplexed, MuxerUpgrade, Role, StreamMuxer};
use peerloom_yamux::{Config, Flags, Frame, GoAway, HEADER_LENGTH, StreamId};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter, DuplexStream, WriteHalf};

#[tokio::test(start_paused = true)]
async fn whoever_writes_for_others_leaves_the_rest_to_the_driver_after_a_while() {
    let (muxer, driver, mut remote, meanwhile) = start();
    tokio::spawn(driver);
    tokio::task::yield_now().await;
    let mut stream = muxer.open().await.unwrap();
    let (mut other, times) = (muxer.open().await.unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = times.clone();
    *meanwhile.lock().unwrap() = Some(Box::new(move || {
        if counted.fetch_add(1, Ordering::Relaxed) < LEFT {
            let mut nobody = Context::from_waker(Waker::noop());
            assert!(Pin::new(&mut other).poll_write(&mut nobody, b"x").is_ready());
        }
    }));
    stream.write_all(b"a").await.unwrap();
    let written = times.load(Ordering::Relaxed);
    let mut received = [0; (LEFT + 1) * (HEADER_LENGTH + 1)];
    let reading = tokio::time::timeout(Duration::from_secs(1), remote.read_exact(&mut received));
    let all = reading.await;
    // The stream must not go with the writer of its own connection.
    let nothing = meanwhile.lock().unwrap().take();
    drop(nothing);
    assert!((2..10).contains(&written), "{written} writes by one that had one byte to write");
    all.expect("the driver goes on").unwrap();
}

#[tokio::test]
async fn a_goodbye_that_was_left_to_somebody_else_is_followed_by_the_end_of_the_line() {
    let (muxer, mut driver, mut remote, meanwhile) = start();
    let heard = Arc::new(Heard::default());
    let waker = Waker::from(heard.clone());
    assert!(Pin::new(&mut driver).poll(&mut Context::from_waker(&waker)).is_pending());
    let mut stream = muxer.open().await.unwrap();
    let mut closing = Box::pin(async move { muxer.close().await });
    let driver = Arc::new(Mutex::new(driver));
    let (driven, hears, mut begun) = (driver.clone(), heard.clone(), false);
    *meanwhile.lock().unwrap() = Some(Box::new(move || {
        if !std::mem::replace(&mut begun, true) {
            assert!(closing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            let mut driver = driven.lock().unwrap();
            assert!(Pin::new(&mut *driver).poll(&mut Context::from_waker(&waker)).is_pending());
            hears.0.store(false, Ordering::Relaxed);
        }
    }));
    stream.write_all(b"last").await.unwrap();
    assert!(heard.0.load(Ordering::Relaxed), "the driver hears that everything has left");
    let mut nobody = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut *driver.lock().unwrap()).poll(&mut nobody).is_pending());
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert_eq!(said.len(), HEADER_LENGTH + 4 + HEADER_LENGTH);
}

#[tokio::test]
async fn a_violation_in_the_middle_of_a_write_is_told_behind_it() {
    let (muxer, mut driver, mut remote, meanwhile) = start();
    let heard = Arc::new(Heard::default());
    let waker = Waker::from(heard.clone());
    assert!(Pin::new(&mut driver).poll(&mut Context::from_waker(&waker)).is_pending());
    let mut stream = muxer.open().await.unwrap();
    let wrong = Frame::Data { stream: StreamId::new(1).unwrap(), flags: Flags::SYN, length: 0 };
    remote.write_all(&wrong.encode()).await.unwrap();
    let (driver, mut begun) = (Arc::new(Mutex::new(driver)), false);
    let (driven, hears) = (driver.clone(), heard.clone());
    *meanwhile.lock().unwrap() = Some(Box::new(move || {
        if !std::mem::replace(&mut begun, true) {
            let mut driver = driven.lock().unwrap();
            assert!(Pin::new(&mut *driver).poll(&mut Context::from_waker(&waker)).is_pending());
            hears.0.store(false, Ordering::Relaxed);
        }
    }));
    stream.write_all(b"last").await.unwrap();
    assert!(heard.0.load(Ordering::Relaxed), "the driver hears that everything has left");
    let mut nobody = Context::from_waker(Waker::noop());
    let ended = Pin::new(&mut *driver.lock().unwrap()).poll(&mut nobody);
    assert!(matches!(ended, Poll::Ready(Err(_))));
    drop((muxer, stream, meanwhile.lock().unwrap().take(), driver));
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert!(said.ends_with(&Frame::GoAway(GoAway::ProtocolError).encode()));
}

#[tokio::test(start_paused = true)]
async fn what_others_leave_in_the_middle_of_a_bulk_write_does_not_wait_with_that() {
    let (muxer, driver, mut remote, meanwhile) = start();
    tokio::spawn(driver);
    tokio::task::yield_now().await;
    let (mut stream, mut other) = (muxer.open().await.unwrap(), muxer.open().await.unwrap());
    stream.write_all(&[7; 64 * 1024]).await.unwrap();
    let mut left = false;
    *meanwhile.lock().unwrap() = Some(Box::new(move || {
        if !std::mem::replace(&mut left, true) {
            let mut nobody = Context::from_waker(Waker::noop());
            assert!(Pin::new(&mut other).poll_write(&mut nobody, b"left").is_ready());
        }
    }));
    stream.write_all(&[7; 64 * 1024]).await.unwrap();
    let mut received = [0; 2 * (HEADER_LENGTH + 64 * 1024) + HEADER_LENGTH + 4];
    let mut nobody = Context::from_waker(Waker::noop());
    let reading = std::pin::pin!(remote.read_exact(&mut received)).poll(&mut nobody);
    // The stream must not go with the writer of its own connection.
    let nothing = meanwhile.lock().unwrap().take();
    drop(nothing);
    assert!(reading.is_ready(), "it waits");
}

type Meanwhile = Arc<Mutex<Option<Box<dyn FnMut() + Send>>>>;

/// A connection over a writer that does something in the middle of each write, and keeps what it takes until it is flushed.
fn start() -> (BoxMuxer, Driver, DuplexStream, Meanwhile) {
    let (near, far) = tokio::io::duplex(1 << 20);
    let (reader, line) = tokio::io::split(near);
    let meanwhile = Meanwhile::default();
    let line = BufWriter::with_capacity(1 << 18, line);
    let writer = Meddling { line, meanwhile: meanwhile.clone() };
    // No ping may cover up that the driver was forgotten.
    let config = Config { keep_alive: None, ..Config::default() };
    let Multiplexed { muxer, driver } =
        config.multiplex(ByteStream::from_halves(reader, writer), Role::Dialer);
    (muxer, driver, far, meanwhile)
}

struct Meddling {
    line: BufWriter<WriteHalf<DuplexStream>>,
    meanwhile: Meanwhile,
}

impl AsyncWrite for Meddling {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let what = self.meanwhile.lock().unwrap().take();
        if let Some(mut what) = what {
            what();
            *self.meanwhile.lock().unwrap() = Some(what);
        }
        Pin::new(&mut self.line).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_shutdown(cx)
    }
}

/// Whether somebody was woken.
#[derive(Default)]
struct Heard(AtomicBool);

impl Wake for Heard {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How many bytes another stream leaves, each in the middle of a write.
const LEFT: usize = 30;
