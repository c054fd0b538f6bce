//! Streams and connections that come to a bad end, or just to an end.

use std::io::ErrorKind;
use std::pin::pin;
use std::task::{Context, Waker};

use peerloom_core::{BoxMuxerUpgrade, Role, StreamMuxer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Goodbye;
use super::ends::{End, Ends, pattern};
use crate::pair;

/// After a reset the other side's reads and writes fail, and so do one's own; other streams live on.
pub(super) async fn a_reset_is_seen_by_the_other_side(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    near.reset();
    assert_eq!(read_error(&mut far).await, ErrorKind::ConnectionReset);
    assert!(far.write_all(b"?").await.is_err());
    assert!(near.write_all(b"?").await.is_err());
    assert!(near.read(&mut [0; 8]).await.is_err());
    ends.stream().await;
}

/// A stream that is dropped before both sides have finished is reset, whoever drops it.
pub(super) async fn dropping_an_unfinished_stream_resets_it(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (near, mut far) = ends.stream().await;
    drop(near);
    assert_eq!(read_error(&mut far).await, ErrorKind::ConnectionReset);
    let (mut near, far) = ends.stream().await;
    drop(far);
    assert_eq!(read_error(&mut near).await, ErrorKind::ConnectionReset);
}

/// A goodbye ends both drivers well; opening, accepting and every stream then fail on both sides.
pub(super) async fn closing_ends_everything(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    let Ends { dialer, listener } = ends;
    let mut buffer = [0; 8];
    let (closed, accepted, read) =
        tokio::join!(dialer.muxer.close(), dialer.muxer.accept(), near.read(&mut buffer));
    closed.unwrap();
    assert!(accepted.is_err(), "a waiting accept fails");
    assert!(read.is_err(), "a waiting read fails");
    assert!(dialer.muxer.open().await.is_err());
    assert!(near.write_all(b"?").await.is_err());
    dialer.muxer.close().await.expect("closing twice is closing");
    assert!(far.read(&mut [0; 8]).await.is_err());
    drop(far);
    assert!(listener.muxer.accept().await.is_err());
    assert!(listener.muxer.open().await.is_err());
    dialer.result().await.unwrap();
    listener.result().await.unwrap();
}

/// A goodbye is said even if its caller stops waiting at once.
pub(super) async fn a_goodbye_that_nobody_waits_for_is_said(upgrade: &BoxMuxerUpgrade) {
    let Ends { dialer, listener } = Ends::new(upgrade);
    let mut nobody = Context::from_waker(Waker::noop());
    let _ = pin!(dialer.muxer.close()).poll(&mut nobody);
    assert!(dialer.muxer.accept().await.is_err());
    dialer.result().await.unwrap();
    listener.result().await.unwrap();
}

/// What was written and finished before a goodbye arrives before it.
pub(super) async fn closing_delivers_what_was_finished(upgrade: &BoxMuxerUpgrade) {
    let Ends { dialer, listener } = Ends::over(upgrade, pair(4096));
    let sent = pattern(100_000, 6);
    let mut near = dialer.muxer.open().await.unwrap();
    let sending = async {
        near.write_all(&sent).await.unwrap();
        near.shutdown().await.unwrap();
        dialer.muxer.close().await.unwrap();
    };
    let receiving = async {
        let mut far = listener.muxer.accept().await.unwrap();
        let mut received = Vec::new();
        far.read_to_end(&mut received).await.unwrap();
        (received, far)
    };
    let ((), (received, far)) = tokio::join!(sending, receiving);
    assert!(received == sent);
    // Dropped any earlier it may reset the stream while the other side still sees its end off.
    drop(far);
    dialer.result().await.unwrap();
    listener.result().await.unwrap();
}

/// When the driver is dropped, nothing waits for ever: streams, opens and accepts fail on both sides.
pub(super) async fn without_the_driver_everything_fails(
    upgrade: &BoxMuxerUpgrade,
    goodbye: Goodbye,
) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    let Ends { dialer, listener } = ends;
    let mut buffer = [0; 8];
    let abort = async { dialer.driver.abort() };
    let (accepted, read, ()) = tokio::join!(dialer.muxer.accept(), near.read(&mut buffer), abort);
    assert!(accepted.is_err());
    assert!(read.is_err());
    assert!(near.write_all(b"?").await.is_err());
    assert!(dialer.muxer.open().await.is_err());
    assert!(dialer.muxer.close().await.is_err());
    assert!(far.read(&mut [0; 8]).await.is_err(), "the line is closed, though handles remain");
    goodbye.check_end_of_line(listener.result().await);
}

/// A line that ends without a goodbye fails every stream, after what had arrived has been read.
pub(super) async fn a_lost_line_fails_every_stream(upgrade: &BoxMuxerUpgrade, goodbye: Goodbye) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    near.write_all(b"last words").await.unwrap();
    near.flush().await.unwrap();
    let Ends { dialer, listener } = ends;
    let mut words = [0; 10];
    far.read_exact(&mut words).await.unwrap();
    dialer.driver.abort();
    goodbye.check_end_of_line(listener.result().await);
    assert_eq!(read_error(&mut far).await, ErrorKind::ConnectionAborted);
    assert!(far.write_all(b"?").await.is_err());
}

/// Bytes that are no frames end the connection with an error, and hold nothing up.
pub(super) async fn nonsense_ends_the_connection(upgrade: &BoxMuxerUpgrade) {
    let (near, mut far) = pair(64 * 1024);
    let dialer = End::new(upgrade.multiplex(near, Role::Dialer));
    far.write_all(&[0xff; 4096]).await.unwrap();
    let accepted = dialer.muxer.accept().await;
    assert!(accepted.is_err());
    let error = dialer.result().await.expect_err("nonsense is no goodbye");
    assert_eq!(error.fault(), peerloom_core::Fault::Peer);
}

async fn read_error(stream: &mut peerloom_core::BoxSubstream) -> ErrorKind {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect_err("the stream has not ended well").kind()
}
