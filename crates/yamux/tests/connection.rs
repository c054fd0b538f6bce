//! A connection against a remote that is played by hand, byte by byte.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use peerloom_core::{
    BoxMuxer, ByteStream, Driver, Fault, Multiplexed, MuxerUpgrade, Role, StreamMuxer,
};
use peerloom_testkit::pair;
use peerloom_yamux::{Config, Error, Flags, Frame, GoAway, HEADER_LENGTH, StreamId, Violation};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter, DuplexStream, ReadBuf,
};
use tokio::task::JoinHandle;

/// Our side, and the other end of its line.
fn start(role: Role, capacity: usize) -> (BoxMuxer, Driver, DuplexStream) {
    start_with(&Config::default(), role, capacity)
}

fn start_with(config: &Config, role: Role, capacity: usize) -> (BoxMuxer, Driver, DuplexStream) {
    let (near, far) = tokio::io::duplex(capacity);
    let near = ByteStream::from_io(near);
    let Multiplexed { muxer, driver } = config.multiplex(near, role);
    (muxer, driver, far)
}

fn id(number: u32) -> StreamId {
    StreamId::new(number).unwrap()
}

async fn frame(remote: &mut DuplexStream) -> Frame {
    let mut header = [0; HEADER_LENGTH];
    remote.read_exact(&mut header).await.unwrap();
    Frame::decode(header).unwrap()
}

fn cause(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

async fn failure(driver: JoinHandle<Result<(), peerloom_core::Error>>) -> Error {
    let error = driver.await.unwrap().unwrap_err();
    error.downcast_ref::<Error>().unwrap().clone()
}

#[tokio::test]
async fn a_request_is_one_frame_and_its_end_another() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 4096);
    tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut wire = [0; 12 + 5 + 12];
    remote.read_exact(&mut wire).await.unwrap();
    assert_eq!(wire[..12], [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 5]);
    assert_eq!(wire[12..17], *b"hello");
    assert_eq!(wire[17..], [0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_remote_that_vanished_is_noticed() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 4096);
    let driver = tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    let Frame::Ping(nonce) = frame(&mut remote).await else { panic!("not a ping") };
    remote.write_all(&Frame::Pong(nonce).encode()).await.unwrap();
    let before = tokio::time::Instant::now();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(matches!(cause(&error), Error::Unresponsive));
    assert_eq!(before.elapsed().as_secs(), 50, "a ping after 30 seconds, and 20 of silence");
    assert!(matches!(failure(driver).await, Error::Unresponsive));
}

#[tokio::test(start_paused = true)]
async fn an_answered_ping_is_the_round_trip() {
    let (muxer, driver, mut remote) = start(Role::Listener, 4096);
    tokio::spawn(driver);
    let Frame::Ping(nonce) = frame(&mut remote).await else { panic!("not a ping") };
    tokio::time::sleep(Duration::from_millis(70)).await;
    remote.write_all(&Frame::Pong(nonce).encode()).await.unwrap();
    let Frame::Ping(_) = frame(&mut remote).await else { panic!("not a ping") };
    assert_eq!(muxer.status().round_trip, Some(Duration::from_millis(70)));
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_is_not_answered_ends_all_the_same() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 4096);
    let driver = tokio::spawn(driver);
    muxer.close().await.unwrap();
    assert_eq!(frame(&mut remote).await, Frame::GoAway(GoAway::Normal));
    assert_eq!(remote.read(&mut [0; 8]).await.unwrap(), 0, "the writing half is shut down");
    driver.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_after_the_goodbye_does_not_cut_it_short() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 4096);
    let mut driver = tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    stream.write_all(b"unfinished").await.unwrap();
    muxer.close().await.unwrap();
    drop(stream);
    assert!(poll_a_little(&mut driver).await.is_none(), "the remote may still be reading");
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert!(said.ends_with(&Frame::GoAway(GoAway::Normal).encode()));
    drop(remote);
    driver.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_over_a_line_that_stands_still_does_not_wait_for_ever() {
    let (muxer, driver, _remote) = start(Role::Dialer, 16);
    let driver = tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    stream.write_all(&[7; 1000]).await.unwrap();
    muxer.close().await.unwrap_err();
    driver.await.unwrap().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_stops_in_the_middle_does_not_wait_for_ever() {
    let (muxer, driver, _remote) = start(Role::Dialer, HEADER_LENGTH - 1);
    let driver = tokio::spawn(driver);
    tokio::task::yield_now().await;
    tokio::time::timeout(Duration::from_secs(6), muxer.close()).await.unwrap().unwrap_err();
    driver.await.unwrap().unwrap_err();
}

/// Whether somebody was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_goodbye_is_written_before_the_driver_is_woken_for_the_rest() {
    let (near, mut remote) = tokio::io::duplex(4096);
    let woken = Arc::new(Woken::default());
    let (reader, writer) = tokio::io::split(near);
    let early = woken.clone();
    let check = move |_: &[u8]| assert!(!early.0.load(Ordering::Relaxed), "woken too early");
    let near = ByteStream::from_halves(reader, Checked(writer, check));
    let Multiplexed { muxer, mut driver } = Config::default().multiplex(near, Role::Dialer);
    let waker = woken.clone().into();
    let mut cx = Context::from_waker(&waker);
    assert!(pin!(&mut driver).poll(&mut cx).is_pending());
    woken.0.store(false, Ordering::Relaxed);
    let mut nobody = Context::from_waker(Waker::noop());
    assert!(pin!(muxer.close()).poll(&mut nobody).is_pending());
    assert!(woken.0.load(Ordering::Relaxed));
    assert_eq!(frame(&mut remote).await, Frame::GoAway(GoAway::Normal));
}

#[tokio::test]
async fn the_remotes_goodbye_is_answered_by_the_end_once_its_streams_are_done() {
    let (muxer, driver, mut remote) = start(Role::Listener, 4096);
    let driver = tokio::spawn(driver);
    let open = Frame::Data { stream: id(1), flags: Flags::SYN | Flags::FIN, length: 0 };
    remote.write_all(&open.encode()).await.unwrap();
    remote.write_all(&Frame::GoAway(GoAway::Normal).encode()).await.unwrap();
    let mut stream = muxer.accept().await.unwrap();
    stream.write_all(b"late").await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
    let Frame::Data { length: 4, .. } = frame(&mut remote).await else { panic!("not the data") };
    remote.read_exact(&mut [0; 4]).await.unwrap();
    let end = Frame::Data { stream: id(1), flags: Flags::FIN, length: 0 };
    assert_eq!(frame(&mut remote).await, end);
    assert_eq!(remote.read(&mut [0; 8]).await.unwrap(), 0);
    drop(remote);
    driver.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_held_write_leaves_with_the_next_or_with_the_next_turn_of_the_driver() {
    let (near, mut remote) = tokio::io::duplex(4096);
    let (reader, writer) = tokio::io::split(near);
    let near = ByteStream::from_halves(reader, BufWriter::new(writer));
    let Multiplexed { muxer, driver } = Config::default().multiplex(near, Role::Dialer);
    tokio::spawn(driver);
    tokio::task::yield_now().await;
    let mut stream = muxer.open().await.unwrap();
    stream.hold_next_write();
    stream.write_all(b"held").await.unwrap();
    let mut received = [0; 100];
    let mut nobody = Context::from_waker(Waker::noop());
    assert!(pin!(remote.read(&mut received)).poll(&mut nobody).is_pending());
    stream.write_all(b"next").await.unwrap();
    assert_eq!(remote.read(&mut received).await.unwrap(), 2 * (HEADER_LENGTH + 4));

    stream.hold_next_write();
    stream.write_all(b"alone").await.unwrap();
    let soon = tokio::time::timeout(Duration::from_secs(1), remote.read(&mut received)).await;
    assert_eq!(soon.unwrap().unwrap(), HEADER_LENGTH + 5);
}

#[tokio::test]
async fn a_violation_is_told_to_the_remote_and_to_every_stream() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 4096);
    let driver = tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    let wrong = Frame::Data { stream: id(1), flags: Flags::SYN, length: 0 };
    remote.write_all(&wrong.encode()).await.unwrap();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert!(matches!(cause(&error), Error::Violation(Violation::InvalidStream(1))));
    let error = failure(driver).await;
    assert_eq!(error.fault(), Fault::Peer);
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert!(said.ends_with(&Frame::GoAway(GoAway::ProtocolError).encode()));
}

#[tokio::test]
async fn a_violation_behind_a_crowd_is_told_to_the_remote() {
    let (muxer, driver, mut remote) = start(Role::Listener, 4096);
    let driver = tokio::spawn(driver);
    let muxer = Arc::new(muxer);
    let readers: Vec<_> = (0..8).map(|_| tokio::spawn(reader(muxer.clone()))).collect();
    tokio::task::yield_now().await;
    for number in 0..8 {
        let open = Frame::Data { stream: id(2 * number + 1), flags: Flags::SYN, length: 1 };
        remote.write_all(&[&open.encode()[..], b"x"].concat()).await.unwrap();
    }
    // The crowd is woken, and has not written.
    tokio::task::yield_now().await;
    let wrong = Frame::Data { stream: id(2), flags: Flags::SYN, length: 0 };
    remote.write_all(&wrong.encode()).await.unwrap();
    assert!(matches!(failure(driver).await, Error::Violation(Violation::InvalidStream(2))));
    for reader in readers {
        reader.await.unwrap();
    }
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert!(said.ends_with(&Frame::GoAway(GoAway::ProtocolError).encode()));
}

/// Takes a stream and answers what comes on it.
async fn reader(muxer: Arc<BoxMuxer>) {
    let Ok(mut stream) = muxer.accept().await else { return };
    while stream.read_u8().await.is_ok() && stream.write_all(b"y").await.is_ok() {}
}

#[tokio::test(start_paused = true)]
async fn a_writer_below_that_panics_under_a_stream_ends_the_connection() {
    let (near, mut remote) = tokio::io::duplex(4096);
    let (reader, writer) = tokio::io::split(near);
    let check = |bytes: &[u8]| assert!(!bytes.ends_with(b"!"), "it does");
    let near = ByteStream::from_halves(reader, Checked(writer, check));
    let Multiplexed { muxer, driver } = Config::default().multiplex(near, Role::Dialer);
    let driver = tokio::spawn(driver);
    tokio::task::yield_now().await;
    let (mut one, mut other) = (muxer.open().await.unwrap(), muxer.open().await.unwrap());
    other.write_all(b"whole").await.unwrap();
    let broken = tokio::spawn(async move { one.write_all(b"!").await });
    assert!(broken.await.unwrap_err().is_panic());
    let reading = tokio::time::timeout(Duration::from_secs(1), other.read_u8()).await;
    assert_eq!(reading.unwrap().unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    assert_eq!(failure(driver).await.fault(), Fault::Network);
    remote.read_to_end(&mut Vec::new()).await.unwrap();
}

/// A writer that panics at what does not pass a check.
struct Checked<W, C>(W, C);

impl<W: AsyncWrite + Unpin, C: Fn(&[u8]) + Unpin> AsyncWrite for Checked<W, C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        (self.1)(bytes);
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn pings_that_nobody_reads_the_answers_of_end_the_connection() {
    let (_muxer, driver, mut remote) = start(Role::Listener, 1024);
    let driver = tokio::spawn(driver);
    let flood = Frame::Ping(1).encode().repeat(100);
    let mut sent = 0;
    while remote.write_all(&flood).await.is_ok() {
        sent += 100;
        assert!(sent < 20_000, "the flood is never stopped");
    }
    assert!(matches!(failure(driver).await, Error::Violation(Violation::ReplyFlood(_))));
}

#[tokio::test]
async fn an_echo_whose_answers_nobody_reads_takes_little() {
    let config = Config { max_window: 256 * 1024, ..Config::default() };
    let (muxer, driver, mut remote) = start_with(&config, Role::Listener, 4096);
    tokio::spawn(driver);
    tokio::spawn(async move {
        while let Ok(stream) = muxer.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = tokio::io::split(stream);
                tokio::io::copy(&mut reader, &mut writer).await
            });
        }
    });
    let mut taken = 0;
    for number in 0..20 {
        let stream = id(2 * number + 1);
        let mut flags = Flags::SYN;
        for _ in 0..4 {
            let header = Frame::Data { stream, flags, length: 64 * 1024 }.encode();
            remote.write_all(&header).await.unwrap();
            remote.write_all(&[7; 64 * 1024]).await.unwrap();
            taken += 64 * 1024;
            flags = Flags::NONE;
        }
    }
    assert_eq!(taken, 20 * 256 * 1024, "the windows, which are not renewed");
    let more = Frame::Data { stream: id(1), flags: Flags::NONE, length: 200_000 };
    remote.write_all(&more.encode()).await.unwrap();
    let mut said = Vec::new();
    let _ = remote.write_all(&[7; 200_000]).await;
    remote.read_to_end(&mut said).await.unwrap();
    assert!(said.len() < 20 * 256 * 1024);
}

#[tokio::test]
async fn an_open_that_waits_goes_on_when_a_stream_is_acknowledged_and_fails_after_a_goodbye() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 64 * 1024);
    tokio::spawn(driver);
    let mut streams = Vec::new();
    for _ in 0..256 {
        streams.push(muxer.open().await.unwrap());
    }
    let mut waiting = std::pin::pin!(muxer.open());
    assert!(poll_a_little(waiting.as_mut()).await.is_none());
    let announced = frame(&mut remote).await;
    assert!(matches!(announced, Frame::WindowUpdate { flags: Flags::SYN, .. }));
    let answer = Frame::WindowUpdate { stream: id(1), flags: Flags::ACK, credit: 0 };
    remote.write_all(&answer.encode()).await.unwrap();
    streams.push(waiting.await.unwrap());

    let mut waiting = std::pin::pin!(muxer.open());
    assert!(poll_a_little(waiting.as_mut()).await.is_none());
    remote.write_all(&Frame::GoAway(GoAway::Normal).encode()).await.unwrap();
    assert_eq!(waiting.await.map(drop).unwrap_err().fault(), Fault::Peer);
}

#[tokio::test]
async fn a_write_that_is_given_up_does_not_hold_the_others_up() {
    let (one, other) = pair(4096);
    let dialer = Config::default().multiplex(one, Role::Dialer);
    let listener = Config::default().multiplex(other, Role::Listener);
    tokio::spawn(dialer.driver);
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = dialer.muxer.open().await.unwrap();
        let given_up = poll_a_little(stream.write_all(&[7; 200_000])).await;
        streams.push(stream);
        assert!(given_up.is_none());
    }
    let mut patient = dialer.muxer.open().await.unwrap();
    let writing = tokio::spawn(async move {
        patient.write_all(&[9; 100_000]).await.unwrap();
        patient.shutdown().await.unwrap();
    });
    tokio::spawn(listener.driver);
    writing.await.unwrap();
    drop(streams);
}

#[tokio::test]
async fn a_flush_waits_for_what_the_line_has_not_taken() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 40);
    tokio::spawn(driver);
    tokio::task::yield_now().await;
    let mut stream = muxer.open().await.unwrap();
    stream.write_all(b"taken").await.unwrap();
    assert!(poll_a_little(stream.flush()).await.is_some());
    stream.write_all(&[7; 30]).await.unwrap();
    assert!(poll_a_little(stream.flush()).await.is_none(), "the line has room for a part");
    let mut fresh = muxer.open().await.unwrap();
    assert!(poll_a_little(fresh.write_all(&[7; 70_000])).await.is_none());
    assert!(poll_a_little(fresh.flush()).await.is_none(), "the remote has not heard of it");
    remote.read_exact(&mut [0; 2 * HEADER_LENGTH + 35]).await.unwrap();
    assert!(poll_a_little(stream.flush()).await.is_some());
}

#[tokio::test]
async fn crowds_one_after_the_other_do_not_keep_a_few_bytes_waiting() {
    let config = Config { keep_alive: None, ..Config::default() };
    let (muxer, mut driver, mut remote) = start_with(&config, Role::Listener, 4096);
    let cx = &mut Context::from_waker(Waker::noop());
    let numbers = [1, 3, 5, 7, 9];
    for number in numbers {
        let open = Frame::Data { stream: id(number), flags: Flags::SYN, length: 0 };
        remote.write_all(&open.encode()).await.unwrap();
    }
    assert!(Pin::new(&mut driver).poll(cx).is_pending());
    let mut streams: Vec<_> = numbers.map(|_| muxer.try_accept().unwrap().unwrap()).into();
    let mut patient = streams.pop().unwrap();
    for turn in 0..10 {
        for stream in &mut streams {
            let (mut piece, mut polled) = ([0; 8], Poll::Ready(Ok(())));
            while polled.is_ready() {
                polled = Pin::new(&mut *stream).poll_read(cx, &mut ReadBuf::new(&mut piece));
            }
        }
        for number in [1, 3, 5, 7] {
            let said = Frame::Data { stream: id(number), flags: Flags::NONE, length: 1 };
            remote.write_all(&said.encode()).await.unwrap();
            remote.write_all(b"x").await.unwrap();
        }
        assert!(Pin::new(&mut driver).poll(cx).is_pending());
        if turn == 0 {
            assert!(Pin::new(&mut patient).poll_write(cx, b"patient").is_ready());
        }
    }
    let mut heard = [0; 4096];
    let mut heard = ReadBuf::new(&mut heard);
    let _ = Pin::new(&mut remote).poll_read(cx, &mut heard);
    assert!(heard.filled().ends_with(b"patient"), "it waits behind one crowd, not behind all");
}

#[tokio::test]
async fn a_shutdown_waits_until_the_line_has_taken_it() {
    let (muxer, driver, mut remote) = start(Role::Dialer, 40);
    tokio::spawn(driver);
    tokio::task::yield_now().await;
    let (mut stream, mut other) = (muxer.open().await.unwrap(), muxer.open().await.unwrap());
    stream.write_all(b"taken").await.unwrap();
    stream.flush().await.unwrap();
    other.write_all(&[7; 30]).await.unwrap();
    assert!(
        poll_a_little(stream.shutdown()).await.is_none(),
        "its end is behind the other's bytes"
    );
    remote.read_exact(&mut [0; 2 * HEADER_LENGTH + 35]).await.unwrap();
    assert!(poll_a_little(stream.shutdown()).await.is_some());
}

/// Polls a future a few times and drops it; whether it was done.
async fn poll_a_little<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    for _ in 0..5 {
        let polled = std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx)));
        if let Poll::Ready(done) = polled.await {
            return Some(done);
        }
        tokio::task::yield_now().await;
    }
    None
}
