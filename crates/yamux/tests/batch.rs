//! What a bulk writer leaves for a moment goes out together, and before anybody waits for it.

#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use peerloom_core::{
    BoxMuxer, BoxSubstream, ByteStream, Multiplexed, MuxerUpgrade, Role, StreamMuxer,
};
use peerloom_yamux::{Config, Frame, HEADER_LENGTH};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufWriter, DuplexStream, ReadBuf};

#[tokio::test(start_paused = true)]
async fn three_frames_leave_together_behind_a_first_one() {
    let (_muxer, mut stream, mut remote) = start().await;
    for come in [1, 0, 0, 3] {
        stream.write_all(&BODY).await.unwrap();
        assert_eq!(come_to(&mut remote), come * FRAME);
    }
}

#[tokio::test(start_paused = true)]
async fn small_pieces_leave_together_once_there_were_many_without_a_pause() {
    let (_muxer, mut stream, mut remote) = start().await;
    for _ in 0..2 {
        for _ in 0..8 {
            stream.write_all(&[7; 4096]).await.unwrap();
            assert_eq!(come_to(&mut remote), HEADER_LENGTH + 4096);
        }
        for _ in 0..5 {
            stream.write_all(&[7; 4096]).await.unwrap();
            assert_eq!(come_to(&mut remote), 0);
        }
        stream.flush().await.unwrap();
        assert_eq!(come_to(&mut remote), 5 * (HEADER_LENGTH + 4096));
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_message_does_not_wait_nor_do_messages_with_pauses() {
    let (_muxer, mut stream, mut remote) = start().await;
    stream.write_all(&[7; 100_000]).await.unwrap();
    assert!(100_000 < come_to(&mut remote));

    let (_muxer, mut stream, mut remote) = start().await;
    for _ in 0..5 {
        stream.write_all(&[7; 40_000]).await.unwrap();
        assert_eq!(come_to(&mut remote), HEADER_LENGTH + 40_000);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_frame_leaves_when_it_is_flushed() {
    let (_muxer, mut stream, mut remote) = start_with_a_frame().await;
    assert!(pin!(stream.flush()).poll(&mut nobody()).is_ready());
    assert_eq!(come_to(&mut remote), FRAME);
    stream.write_all(&BODY).await.unwrap();
    assert_eq!(come_to(&mut remote), FRAME, "a flush is a pause");
}

#[tokio::test(start_paused = true)]
async fn a_frame_leaves_when_anybody_waits_for_an_answer() {
    let (_muxer, mut stream, mut remote) = start_with_a_frame().await;
    assert!(pin!(stream.read_u8()).poll(&mut nobody()).is_pending());
    assert_eq!(come_to(&mut remote), FRAME);

    let (muxer, mut stream, mut remote) = start().await;
    let mut other = muxer.open().await.unwrap();
    other.flush().await.unwrap();
    for come in [HEADER_LENGTH + FRAME, 0] {
        stream.write_all(&BODY).await.unwrap();
        assert_eq!(come_to(&mut remote), come);
    }
    assert!(pin!(other.read_u8()).poll(&mut nobody()).is_pending());
    assert_eq!(come_to(&mut remote), FRAME);
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_while_its_answer_is_waited_for() {
    let (_muxer, stream, mut remote) = start().await;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let reading = tokio::spawn(async move { reader.read_u8().await });
    tokio::task::yield_now().await;
    come_to(&mut remote);
    for _ in 0..3 {
        writer.write_all(&BODY).await.unwrap();
        assert_eq!(come_to(&mut remote), FRAME);
    }
    reading.abort();
}

#[tokio::test(start_paused = true)]
async fn a_frame_leaves_when_the_window_has_no_room_for_more() {
    let (_muxer, mut stream, mut remote) = start().await;
    let half = HEADER_LENGTH + 32 * 1024;
    for (length, come) in [(32, half), (64, 0), (64, 0), (64, 3 * FRAME), (32, 0)] {
        stream.write_all(&BODY[..length * 1024]).await.unwrap();
        assert_eq!(come_to(&mut remote), come);
    }
    assert!(pin!(stream.write(b"more")).poll(&mut nobody()).is_pending());
    assert_eq!(come_to(&mut remote), half);
}

#[tokio::test(start_paused = true)]
async fn a_frame_leaves_with_what_another_stream_writes() {
    let (muxer, _stream, mut remote) = start_with_a_frame().await;
    muxer.open().await.unwrap().write_all(b"message").await.unwrap();
    assert!(FRAME + HEADER_LENGTH + 7 <= come_to(&mut remote));
}

#[tokio::test(start_paused = true)]
async fn what_the_line_has_no_room_for_leaves_as_soon_as_it_has() {
    let (muxer, mut stream, mut remote) = start_over(FRAME, 4 * FRAME).await;
    for come in [FRAME, 0] {
        stream.write_all(&BODY).await.unwrap();
        assert_eq!(come_to(&mut remote), come);
    }
    let mut other = muxer.open().await.unwrap();
    other.write_all(b"message").await.unwrap();
    assert_eq!(come_to(&mut remote), FRAME);
    tokio::task::yield_now().await;
    assert_eq!(come_to(&mut remote), HEADER_LENGTH + 7);

    let (_muxer, mut stream, mut remote) = start_over(1000, 0).await;
    stream.write_all(&BODY).await.unwrap();
    for _ in 0..3 {
        assert_eq!(come_to(&mut remote), 1000);
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_frame_leaves_with_an_answer_of_the_connections_own() {
    let (_muxer, _stream, mut remote) = start_with_a_frame().await;
    remote.write_all(&Frame::Ping(1).encode()).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(come_to(&mut remote), FRAME + HEADER_LENGTH);
}

#[tokio::test(start_paused = true)]
async fn a_frame_leaves_before_the_end_of_its_stream_and_of_the_connection() {
    let (_muxer, mut stream, mut remote) = start_with_a_frame().await;
    assert!(pin!(stream.shutdown()).poll(&mut nobody()).is_ready());
    assert_eq!(come_to(&mut remote), FRAME + HEADER_LENGTH);

    let (muxer, _stream, mut remote) = start_with_a_frame().await;
    assert!(pin!(muxer.close()).poll(&mut nobody()).is_pending());
    assert_eq!(come_to(&mut remote), FRAME + HEADER_LENGTH);
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_nobody_waits_for_leaves_soon() {
    let (_muxer, mut stream, mut remote) = start().await;
    for _ in 0..2 {
        for come in [FRAME, 0] {
            stream.write_all(&BODY).await.unwrap();
            assert_eq!(come_to(&mut remote), come);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(come_to(&mut remote), 0);
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert_eq!(come_to(&mut remote), FRAME);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_frame_does_not_wait_while_others_wait_for_their_turn() {
    let (muxer, mut stream, mut remote) = start_over(FRAME, 4 * FRAME).await;
    let (mut next, mut last) = (muxer.open().await.unwrap(), muxer.open().await.unwrap());
    stream.write_all(&[7; 4 * BODY.len()]).await.unwrap();
    for waiting in [&mut next, &mut last] {
        while pin!(waiting.write(&BODY)).poll(&mut nobody()).is_ready() {}
    }
    let mut come = 0;
    while come < 4 * FRAME {
        tokio::task::yield_now().await;
        come += come_to(&mut remote);
    }
    tokio::task::yield_now().await;
    come_to(&mut remote);
    for _ in 0..2 {
        next.write_all(&BODY).await.unwrap();
        assert_eq!(come_to(&mut remote), FRAME);
        tokio::task::yield_now().await;
    }
}

/// A connection that has been ready for a while, a stream of it, and its remote.
async fn start() -> (BoxMuxer, BoxSubstream, DuplexStream) {
    start_over(8 * FRAME, 4 * FRAME).await
}

/// The same over a line that takes so many bytes before they are read, behind a buffer.
async fn start_over(capacity: usize, buffer: usize) -> (BoxMuxer, BoxSubstream, DuplexStream) {
    let (near, mut remote) = tokio::io::duplex(capacity);
    let (reader, writer) = tokio::io::split(near);
    // As secured streams do, it writes when it is full, or flushed.
    let near = ByteStream::from_halves(reader, BufWriter::with_capacity(buffer, writer));
    let Multiplexed { muxer, driver } = Config::default().multiplex(near, Role::Dialer);
    tokio::spawn(driver);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stream = muxer.open().await.unwrap();
    come_to(&mut remote);
    (muxer, stream, remote)
}

/// The same, and a frame that has been written behind another and waits for more.
async fn start_with_a_frame() -> (BoxMuxer, BoxSubstream, DuplexStream) {
    let (muxer, mut stream, mut remote) = start().await;
    for come in [FRAME, 0] {
        stream.write_all(&BODY).await.unwrap();
        assert_eq!(come_to(&mut remote), come);
    }
    (muxer, stream, remote)
}

fn nobody() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// How many bytes have come by now.
fn come_to(remote: &mut DuplexStream) -> usize {
    let mut bytes = vec![0; 8 * FRAME];
    let mut bytes = ReadBuf::new(&mut bytes);
    let read = Pin::new(remote).poll_read(&mut nobody(), &mut bytes);
    assert!(!matches!(read, Poll::Ready(Err(_))));
    bytes.filled().len()
}

static BODY: [u8; 64 * 1024] = [7; 64 * 1024];

const FRAME: usize = HEADER_LENGTH + 64 * 1024;
