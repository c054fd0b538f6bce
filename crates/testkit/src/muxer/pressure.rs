//! Streams that have more to say than the other side, or the line, takes.

use std::task::Poll;

use peerloom_core::{BoxMuxerUpgrade, BoxSubstream, Role, StreamMuxer};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::ends::{End, Ends, pattern};
use crate::pair;

/// A stream that nobody reads takes up its window and nothing else: the others go on.
pub(super) async fn an_unread_stream_stops_no_other(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (mut unread, _kept) = ends.stream().await;
    fill(&mut unread).await;
    let (mut near, mut far) = ends.stream().await;
    let sent = pattern(1 << 20, 4);
    let sending = async {
        near.write_all(&sent).await.unwrap();
        near.shutdown().await.unwrap();
    };
    let mut received = Vec::new();
    let (_, read) = tokio::join!(sending, far.read_to_end(&mut received));
    read.unwrap();
    assert!(received == sent);
}

/// A writer whose data nobody reads is stopped (or its stream fails) before memory has grown much;
/// once its data is read, all of it arrives.
pub(super) async fn a_reader_that_stops_stops_its_writer(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::new(upgrade);
    let (mut near, mut far) = ends.stream().await;
    let Some(written) = fill(&mut near).await else { return };
    let finishing = tokio::spawn(async move { near.shutdown().await });
    let mut received = Vec::new();
    far.read_to_end(&mut received).await.unwrap();
    finishing.await.unwrap().unwrap();
    assert_eq!(received.len(), written);
}

/// Two streams that write without pause over a narrow line get about the same of it, and a third
/// that has only a word to say is heard.
pub(super) async fn writers_share_the_line(upgrade: &BoxMuxerUpgrade) {
    let ends = Ends::over(upgrade, pair(4096));
    let (one, mut from_one) = ends.stream().await;
    let (other, mut from_other) = ends.stream().await;
    let writers = [one, other].map(|mut stream| {
        tokio::spawn(async move { while stream.write_all(&[7; 32 * 1024]).await.is_ok() {} })
    });
    let (mut first, mut second) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let (mut of_one, mut of_other) = (0, 0);
    while of_one + of_other < SHARED {
        tokio::select! {
            length = from_one.read(&mut first) => of_one += length.unwrap(),
            length = from_other.read(&mut second) => of_other += length.unwrap(),
        }
    }
    let (less, more) = (of_one.min(of_other), of_one.max(of_other));
    assert!(more < 3 * less, "one stream got {of_one} bytes through, the other {of_other}");
    let reading = tokio::spawn(async move {
        loop {
            tokio::select! {
                length = from_one.read(&mut first) => { length.unwrap(); }
                length = from_other.read(&mut second) => { length.unwrap(); }
            }
        }
    });
    ends.stream().await;
    reading.abort();
    writers.iter().for_each(tokio::task::JoinHandle::abort);
}

/// A line that takes nothing stops every writer with bounded memory, and lets go of them when it moves again.
pub(super) async fn a_line_that_stands_still_stops_its_writers(upgrade: &BoxMuxerUpgrade) {
    let (one, other) = pair(4096);
    let dialer = End::new(upgrade.multiplex(one, Role::Dialer));
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(dialer.muxer.open().await.unwrap());
    }
    let mut held = 0;
    let mut written = Vec::new();
    for stream in &mut streams {
        let length = fill(stream).await.expect("a line that stands still is no failure");
        held += length;
        written.push(length);
    }
    assert!(
        held < MAX_HELD,
        "{held} bytes were taken from the writers of a line that stands still"
    );
    let sending = tokio::spawn(async move {
        for stream in &mut streams {
            stream.write_all(b"the rest").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let listener = End::new(upgrade.multiplex(other, Role::Listener));
    let mut received = 0;
    for _ in &written {
        let mut far = listener.muxer.accept().await.unwrap();
        let mut bytes = Vec::new();
        far.read_to_end(&mut bytes).await.unwrap();
        received += bytes.len();
    }
    sending.await.unwrap();
    assert_eq!(received, held + written.len() * "the rest".len());
}

/// Writes until nothing more is taken, for a good while; how much was. `None` when the stream failed.
async fn fill(stream: &mut BoxSubstream) -> Option<usize> {
    let (chunk, mut written, mut idle) = (vec![5; 16 * 1024], 0, 0);
    while idle < PATIENCE {
        let taken = std::future::poll_fn(|cx| {
            Poll::Ready(match std::pin::Pin::new(&mut *stream).poll_write(cx, &chunk) {
                Poll::Ready(result) => result.map(Some),
                Poll::Pending => Ok(None),
            })
        });
        match taken.await {
            Ok(Some(length)) => {
                written += length;
                idle = 0;
            }
            Ok(None) => idle += 1,
            Err(_) => return None,
        }
        assert!(written < MAX_HELD, "a writer that nobody reads is never stopped");
        tokio::task::yield_now().await;
    }
    Some(written)
}

/// What may be on its way and unread on behalf of streams that nobody reads.
const MAX_HELD: usize = 20 * 1024 * 1024;

/// For how many turns of the scheduler a writer must be stopped to count as stopped.
const PATIENCE: usize = 200;

/// How much two streams share between them: many turns each, and many times what may wait unread.
const SHARED: usize = 16 * 1024 * 1024;
