//! A connection against a remote that is played by hand, byte by byte.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io;
use std::time::Duration;

use peerloom_core::{
    BoxMuxer, ByteStream, Driver, Fault, Multiplexed, MuxerUpgrade, Role, StreamMuxer,
};
use peerloom_mplex::{Config, Error, Frame, Kind, Sender, Violation, WhenFull};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter, DuplexStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Our side, and the other end of its line.
fn start(config: &Config, role: Role) -> (BoxMuxer, Driver, DuplexStream) {
    let (near, far) = tokio::io::duplex(4096);
    let near = ByteStream::from_io(near);
    let Multiplexed { muxer, driver } = config.multiplex(near, role);
    (muxer, driver, far)
}

fn message(kind: Kind, number: u64, data: &[u8]) -> Vec<u8> {
    let frame = Frame::new(kind, number, u32::try_from(data.len()).unwrap()).unwrap();
    [frame.encode().as_ref(), data].concat()
}

fn opening(number: u64) -> Vec<u8> {
    message(Kind::NewStream, number, b"a name")
}

fn data(number: u64, data: &[u8]) -> Vec<u8> {
    message(Kind::Message(Sender::Initiator), number, data)
}

/// Twice what may wait unread, on the first stream.
fn much() -> Vec<u8> {
    data(0, &[7; 1 << 20]).repeat(2)
}

fn cause(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

async fn failure(driver: JoinHandle<Result<(), peerloom_core::Error>>) -> peerloom_core::Error {
    driver.await.unwrap().unwrap_err()
}

/// Sends until nothing more is taken for a moment; how much was.
async fn send_what_is_taken(remote: &mut DuplexStream, bytes: &[u8]) -> usize {
    let mut taken = 0;
    while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
        let moment = Duration::from_millis(1);
        match tokio::time::timeout(moment, remote.write(rest)).await {
            Ok(written) => taken += written.unwrap(),
            Err(_) => break,
        }
    }
    taken
}

#[tokio::test]
async fn a_request_is_an_opening_a_message_and_a_close() {
    let (muxer, driver, mut remote) = start(&Config::default(), Role::Dialer);
    tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut wire = [0; 3 + 2 + 5 + 2];
    remote.read_exact(&mut wire).await.unwrap();
    assert_eq!(wire[..5], [0, 1, b'0', 2, 5]);
    assert_eq!(wire[5..10], *b"hello");
    assert_eq!(wire[10..], [4, 0]);
    // What the other side sends carries the odd kinds.
    remote.write_all(&[1, 2, b'h', b'i', 3, 0]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "hi");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_read_stops_the_line_for_five_seconds_and_loses_its_place() {
    let (muxer, driver, mut remote) = start(&Config::default(), Role::Listener);
    tokio::spawn(driver);
    remote.write_all(&[opening(0), opening(1)].concat()).await.unwrap();
    let mut slow = muxer.accept().await.unwrap();
    let mut other = muxer.accept().await.unwrap();
    let before = Instant::now();
    let wire = [much(), data(1, b"behind it")].concat();
    let taken = send_what_is_taken(&mut remote, &wire).await;
    assert!((1 << 20..1048 << 10).contains(&taken), "{taken} bytes are taken for nobody");
    let sending = tokio::spawn(async move {
        remote.write_all(&wire[taken..]).await.unwrap();
        remote
    });
    let mut words = [0; 9];
    other.read_exact(&mut words).await.unwrap();
    assert_eq!((&words, before.elapsed().as_secs()), (b"behind it", 5));
    let error = slow.read(&mut [0; 9]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(matches!(cause(&error), Error::TooMuchUnread(1_048_576)));
    let mut remote = sending.await.unwrap();
    let mut said = [0; 2];
    remote.read_exact(&mut said).await.unwrap();
    assert_eq!(said, [5, 0], "the remote hears of it");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_read_stops_nobody_when_it_is_reset_at_once() {
    let config = Config { when_full: WhenFull::Reset, ..Config::default() };
    let (muxer, driver, mut remote) = start(&config, Role::Listener);
    tokio::spawn(driver);
    let before = Instant::now();
    remote.write_all(&[opening(0), opening(1)].concat()).await.unwrap();
    remote.write_all(&[much(), data(1, b"behind it")].concat()).await.unwrap();
    let mut slow = muxer.accept().await.unwrap();
    let mut other = muxer.accept().await.unwrap();
    let mut words = [0; 9];
    other.read_exact(&mut words).await.unwrap();
    assert_eq!((&words, before.elapsed()), (b"behind it", Duration::ZERO));
    let error = slow.read(&mut [0; 9]).await.unwrap_err();
    assert!(matches!(cause(&error), Error::TooMuchUnread(1_048_576)));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_late_loses_nothing_and_waits_for_no_timer() {
    let (muxer, driver, mut remote) = start(&Config::default(), Role::Listener);
    tokio::spawn(driver);
    let wire = [opening(0), much()].concat();
    let taken = send_what_is_taken(&mut remote, &wire).await;
    let before = Instant::now();
    let mut stream = muxer.accept().await.unwrap();
    let sending = async {
        remote.write_all(&wire[taken..]).await.unwrap();
        remote.write_all(&message(Kind::Close(Sender::Initiator), 0, b"")).await.unwrap();
    };
    let mut received = Vec::new();
    let ((), read) = tokio::join!(sending, stream.read_to_end(&mut received));
    assert_eq!((read.unwrap(), before.elapsed()), (2 << 20, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn many_streams_that_are_not_read_take_no_more_than_the_connection_may_buffer() {
    for when_full in [WhenFull::Wait(Duration::from_secs(5)), WhenFull::Reset] {
        let config = Config { max_buffered: 1 << 20, when_full, ..Config::default() };
        let (muxer, driver, mut remote) = start(&config, Role::Listener);
        tokio::spawn(driver);
        let streams = (0..40).flat_map(|number| [opening(number), data(number, &[7; 200_000])]);
        let wire = streams.collect::<Vec<_>>().concat();
        let taken = send_what_is_taken(&mut remote, &wire).await;
        if when_full == WhenFull::Reset {
            assert_eq!(taken, wire.len());
        } else {
            assert!(taken < (1 << 20) + 20_000, "{taken} bytes are taken for nobody");
            let waiting = tokio::spawn(async move { remote.write_all(&wire[taken..]).await });
            waiting.await.unwrap().unwrap();
        }
        let (mut left, mut kept) = (0, Vec::new());
        for _ in 0..40 {
            let mut stream = muxer.accept().await.unwrap();
            let mut buffer = vec![0; 300_000];
            while let Ok(Ok(length)) =
                tokio::time::timeout(Duration::from_millis(1), stream.read(&mut buffer)).await
            {
                left += length;
            }
            kept.push(stream);
        }
        assert!(left <= 1 << 20, "{left} bytes were kept with {when_full:?}");
        assert!((1 << 19) < left);
    }
}

#[tokio::test]
async fn an_echo_whose_answers_nobody_reads_takes_little() {
    let config = Config { when_full: WhenFull::Reset, ..Config::default() };
    let (muxer, driver, mut remote) = start(&config, Role::Listener);
    tokio::spawn(driver);
    tokio::spawn(async move {
        while let Ok(stream) = muxer.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = tokio::io::split(stream);
                tokio::io::copy(&mut reader, &mut writer).await
            });
        }
    });
    for number in 0..20 {
        let wire = [opening(number), data(number, &vec![7; 1 << 20])].concat();
        remote.write_all(&wire).await.unwrap();
    }
    remote.shutdown().await.unwrap();
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert!(said.len() < 20 * (256 << 10) + (128 << 10), "{} bytes were kept", said.len());
}

#[tokio::test]
async fn the_end_of_the_line_is_a_goodbye_after_everything_has_been_said() {
    let (muxer, driver, mut remote) = start(&Config::default(), Role::Dialer);
    let driver = tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    stream.write_all(b"bye").await.unwrap();
    stream.shutdown().await.unwrap();
    muxer.close().await.unwrap();
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert_eq!(said, [0, 1, b'0', 2, 3, b'b', b'y', b'e', 4, 0]);
    drop(remote);
    driver.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_bulk_writer_has_left_goes_out_before_the_end_and_at_once() {
    static BODY: [u8; 64 * 1024] = [7; 64 * 1024];
    let (near, mut remote) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(near);
    let near = ByteStream::from_halves(reader, BufWriter::with_capacity(1 << 20, writer));
    let Multiplexed { muxer, driver } = Config::default().multiplex(near, Role::Dialer);
    tokio::spawn(driver);
    tokio::task::yield_now().await;
    let mut stream = muxer.open().await.unwrap();
    // The first of a run leaves at once.
    for _ in 0..2 {
        stream.write_all(&BODY).await.unwrap();
    }
    let before = Instant::now();
    muxer.close().await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO);
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
    assert!(said.ends_with(&BODY));
    assert!(2 * BODY.len() < said.len());
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_that_is_not_answered_or_not_taken_ends_after_five_seconds() {
    for taken in [true, false] {
        let (muxer, driver, _remote) = start(&Config::default(), Role::Dialer);
        let driver = tokio::spawn(driver);
        let mut stream = muxer.open().await.unwrap();
        if !taken {
            stream.write_all(&[7; 9000]).await.unwrap();
        }
        let start = Instant::now();
        assert_eq!(muxer.close().await.is_ok(), taken);
        assert_eq!(driver.await.unwrap().is_ok(), taken);
        let took = start.elapsed();
        assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&took), "{took:?}");
    }
}

#[tokio::test]
async fn a_line_that_ends_between_messages_ends_well_and_within_one_it_is_lost() {
    for (rest, lost) in [(&b""[..], false), (&[2, 5, b'h'][..], true), (&[0x80][..], true)] {
        let (muxer, driver, mut remote) = start(&Config::default(), Role::Listener);
        let driver = tokio::spawn(driver);
        let said = [&opening(0), &data(0, b"last words"), rest].concat();
        remote.write_all(&said).await.unwrap();
        drop(remote);
        let result = driver.await.unwrap();
        assert_eq!(result.is_err(), lost);
        if let Err(error) = result {
            assert_eq!((error.layer(), error.fault()), ("mplex", Fault::Network));
            assert!(matches!(error.downcast_ref(), Some(Error::Lost)));
            continue;
        }
        let mut stream = muxer.accept().await.unwrap();
        let mut words = [0; 10];
        stream.read_exact(&mut words).await.unwrap();
        let error = stream.read(&mut words).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert!(matches!(cause(&error), Error::RemoteClosed));
    }
}

#[tokio::test]
async fn a_violation_ends_every_stream() {
    let (muxer, driver, mut remote) = start(&Config::default(), Role::Dialer);
    let driver = tokio::spawn(driver);
    let mut stream = muxer.open().await.unwrap();
    remote.write_all(&[7]).await.unwrap();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert!(matches!(cause(&error), Error::Violation(Violation::UnknownKind(7))));
    let error = failure(driver).await;
    assert_eq!((error.layer(), error.fault()), ("mplex", Fault::Peer));
    let mut said = Vec::new();
    remote.read_to_end(&mut said).await.unwrap();
}

#[tokio::test]
async fn openings_that_nobody_reads_the_refusals_of_end_the_connection() {
    let (_muxer, driver, mut remote) = start(&Config::default(), Role::Listener);
    let driver = tokio::spawn(driver);
    let mut opened = 0;
    while remote.write_all(&opening(opened)).await.is_ok() {
        opened += 1;
        assert!(opened < 100_000, "the flood is never stopped");
    }
    let error = failure(driver).await;
    assert!(matches!(error.downcast_ref(), Some(Error::Violation(Violation::ReplyFlood(_)))));
}
