//! Streams that do what streams are for.

use std::future::poll_fn;
use std::pin::pin;

use peerloom_core::{BoxMuxerUpgrade, BoxSubstream, Multiplexed, Role, StreamMuxer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::ends::{End, Ends, pattern};
use crate::pair;

/// What one side writes the other reads, and both agree on the stream's number.
pub(super) async fn bytes_go_both_ways(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    assert_eq!(near.id(), far.id());
    far.write_all(b"world").await.unwrap();
    let mut answer = [0; 5];
    near.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"world");
}

/// Whoever asks after every turn of the driver gets each stream, without waiting for it.
pub(super) async fn streams_come_with_the_turns_of_the_driver(upgrade: &BoxMuxerUpgrade) {
    let (one, other) = pair(64 * 1024);
    let dialer = End::new(upgrade.multiplex(one, Role::Dialer));
    let Multiplexed { muxer, mut driver } = upgrade.multiplex(other, Role::Listener);
    let arriving = tokio::spawn(poll_fn(move |cx| {
        assert!(pin!(&mut driver).poll(cx).is_pending(), "the connection is open");
        pin!(muxer.accept()).poll(cx).map(|accepted| accepted.is_ok())
    }));
    // Later than the first turn.
    tokio::task::yield_now().await;
    let mut near = dialer.muxer.open().await.unwrap();
    near.write_all(b"hello").await.unwrap();
    assert!(arriving.await.unwrap(), "it arrives");
}

/// Both sides open streams at the same time, and none is mistaken for another.
pub(super) async fn either_side_opens_streams(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (dialer, listener) = (&ends.dialer.muxer, &ends.listener.muxer);
    let (mut ours, mut theirs) = (dialer.open().await.unwrap(), listener.open().await.unwrap());
    ours.write_all(b"from the dialer").await.unwrap();
    theirs.write_all(b"from the listener").await.unwrap();
    ours.shutdown().await.unwrap();
    theirs.shutdown().await.unwrap();
    let (mut at_listener, mut at_dialer) =
        (listener.accept().await.unwrap(), dialer.accept().await.unwrap());
    assert_eq!(text(&mut at_listener).await, "from the dialer");
    assert_eq!(text(&mut at_dialer).await, "from the listener");
}

/// Hundreds of streams exchange data at once.
pub(super) async fn many_streams_at_once(upgrade: &BoxMuxerUpgrade) {
    let Ends { dialer, listener } = Ends::new(upgrade);
    let serving = tokio::spawn(async move {
        for _ in 0..STREAMS {
            let mut stream = listener.muxer.accept().await.unwrap();
            tokio::spawn(async move {
                let mut request = Vec::new();
                stream.read_to_end(&mut request).await.unwrap();
                stream.write_all(&request).await.unwrap();
                stream.shutdown().await.unwrap();
            });
        }
        listener
    });
    let mut asking = tokio::task::JoinSet::new();
    for seed in 0..STREAMS {
        let mut stream = dialer.muxer.open().await.unwrap();
        asking.spawn(async move {
            let request = pattern(1000 + usize::from(seed) * 10, seed);
            stream.write_all(&request).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert!(request == answer, "stream {seed} got another's data");
        });
    }
    asking.join_all().await;
    serving.await.unwrap();
}

/// A side that has finished still reads; a side that reads the end still writes.
pub(super) async fn each_side_finishes_by_itself(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    near.write_all(b"question").await.unwrap();
    near.shutdown().await.unwrap();
    assert_eq!(text(&mut far).await, "question");
    assert!(near.write_all(b"more").await.is_err(), "nobody writes after having finished");
    far.write_all(b"answer").await.unwrap();
    far.shutdown().await.unwrap();
    assert_eq!(text(&mut near).await, "answer");
    assert_eq!(near.read(&mut [0; 8]).await.unwrap(), 0, "the end stays the end");
}

/// Write, finish, drop: all of it arrives, and the end too.
pub(super) async fn what_was_finished_is_delivered(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let sent = pattern(100_000, 1);
    let mut near = ends.dialer.muxer.open().await.unwrap();
    near.write_all(&sent).await.unwrap();
    near.shutdown().await.unwrap();
    drop(near);
    let mut far = ends.listener.muxer.accept().await.unwrap();
    let mut received = Vec::new();
    far.read_to_end(&mut received).await.unwrap();
    assert!(received == sent, "what was written before the drop is lost or changed");
}

/// A stream opens, and its first data leaves, while the other side says nothing at all.
pub(super) async fn opening_takes_no_round_trip(upgrade: &BoxMuxerUpgrade) {
    let (one, other) = pair(64 * 1024);
    let dialer = End::new(upgrade.multiplex(one, Role::Dialer));
    let mut near = dialer.muxer.open().await.unwrap();
    near.write_all(b"without asking").await.unwrap();
    near.flush().await.unwrap();
    near.shutdown().await.unwrap();
    let listener = End::new(upgrade.multiplex(other, Role::Listener));
    let mut far = listener.muxer.accept().await.unwrap();
    assert_eq!(text(&mut far).await, "without asking");
}

/// A stream on which nothing is written is announced by a flush, or by reading from it.
pub(super) async fn a_flush_announces_a_stream(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let mut flushed = ends.dialer.muxer.open().await.unwrap();
    flushed.flush().await.unwrap();
    let mut far = ends.listener.muxer.accept().await.unwrap();
    far.write_all(b"first").await.unwrap();
    far.shutdown().await.unwrap();
    assert_eq!(text(&mut flushed).await, "first");

    let mut read = ends.dialer.muxer.open().await.unwrap();
    let answering = async {
        let mut far = ends.listener.muxer.accept().await.unwrap();
        far.write_all(b"second").await.unwrap();
        far.shutdown().await.unwrap();
    };
    let (second, ()) = tokio::join!(text(&mut read), answering);
    assert_eq!(second, "second");
}

/// Megabytes go both ways at once, in pieces of odd sizes, over a link that cuts them anew.
pub(super) async fn large_transfers_arrive_unchanged(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::over(upgrade, pair(50_021));
    let (near, far) = ends.stream().await;
    let ((near_got, near_sent), (far_got, far_sent)) =
        tokio::join!(transfer(near, 2, 70_001), transfer(far, 3, 9_973));
    assert!(near_got == far_sent, "what the listener sent is lost or changed");
    assert!(far_got == near_sent, "what the dialer sent is lost or changed");
}

/// The status tells how many streams are open, and forgets those that ended.
pub(super) async fn the_status_counts_streams(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    assert_eq!(ends.dialer.muxer.status().streams, 1);
    assert_eq!(ends.listener.muxer.status().streams, 1);
    near.shutdown().await.unwrap();
    assert_eq!(text(&mut far).await, "");
    far.shutdown().await.unwrap();
    assert_eq!(text(&mut near).await, "");
    drop((near, far));
    while 0 < ends.dialer.muxer.status().streams + ends.listener.muxer.status().streams {
        tokio::task::yield_now().await;
    }
}

/// Sends a pattern in pieces of one size and reads until the end; gives what was read and sent.
async fn transfer(stream: BoxSubstream, seed: u8, piece: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let sent = pattern(TRANSFER, seed);
    let sending = async {
        for piece in sent.chunks(piece) {
            writer.write_all(piece).await.unwrap();
        }
        writer.shutdown().await.unwrap();
    };
    let receiving = async {
        let (mut received, mut buffer) = (Vec::new(), vec![0; 12_345]);
        loop {
            let length = reader.read(&mut buffer).await.unwrap();
            if length == 0 {
                return received;
            }
            received.extend_from_slice(buffer.get(..length).unwrap_or_default());
        }
    };
    let ((), received) = tokio::join!(sending, receiving);
    (received, sent)
}

async fn text(stream: &mut BoxSubstream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

/// How many streams are open at once: within what peers let wait unaccepted.
const STREAMS: u8 = 200;

/// How much is transferred each way: many times any window or buffer on the way.
const TRANSFER: usize = 8 * 1024 * 1024;
