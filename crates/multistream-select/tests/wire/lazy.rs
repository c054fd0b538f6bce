//! Streams that speak before they are answered.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use peerloom_multistream_select::{Error, Negotiated, listen, propose};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream, duplex, join, split};

use crate::support::{Chopped, HEADER, NOT_AVAILABLE, Script, Then, message, soon};

fn proposal(name: &str) -> Vec<u8> {
    [HEADER, &message(name)].concat()
}

fn refusal(error: &io::Error) -> &str {
    match Error::carried_by(error) {
        Some(Error::NotSupported { protocol }) => protocol,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_first_write_carries_the_proposal_in_one_flight() {
    for vectored in [false, true] {
        let remote = Script { vectored, ..Script::silent() };
        let mut stream = Negotiated::lazy(remote, "/a").unwrap();
        assert!(stream.inner().writes.is_empty());
        assert_eq!(stream.write(b"hello").await.unwrap(), 5);
        assert_eq!(stream.write(b" there").await.unwrap(), 6);
        assert_eq!(
            stream.inner().writes,
            [[&proposal("/a")[..], b"hello"].concat(), b" there".into()]
        );
        assert!(!stream.is_agreed());
    }
}

#[test]
fn who_reads_the_answer_is_not_woken_for_it() {
    struct Woken(AtomicUsize);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(woken.clone());
    let remote = Script::new(&[&proposal("/a"), b"hello"]);
    let mut stream = Negotiated::lazy(remote, "/a").unwrap();
    assert!(stream.poll_agreed(&mut Context::from_waker(&waker)).is_ready());
    assert_eq!(woken.0.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_vectored_first_write_goes_out_in_one_flight_too() {
    for vectored in [false, true] {
        let remote = Script { vectored, ..Script::silent() };
        let mut stream = Negotiated::lazy(remote, "/a").unwrap();
        let slices = [IoSlice::new(b"hel"), IoSlice::new(b""), IoSlice::new(b"lo")];
        assert_eq!(stream.write_vectored(&slices).await.unwrap(), 5);
        assert_eq!(stream.inner().writes, [[&proposal("/a")[..], b"hello"].concat()]);
    }
}

#[tokio::test]
async fn a_large_first_write_is_taken_in_part() {
    let mut stream = Negotiated::lazy(Script::silent(), "/a").unwrap();
    let data = vec![7; 100_000];
    let taken = stream.write(&data).await.unwrap();
    assert_eq!(taken + proposal("/a").len(), 16 * 1024);

    // Nothing is copied where the stream takes slices.
    let remote = Script { vectored: true, ..Script::silent() };
    let mut stream = Negotiated::lazy(remote, "/a").unwrap();
    assert_eq!(stream.write(&data).await.unwrap(), data.len());
}

#[tokio::test]
async fn a_flush_or_a_read_sends_the_proposal_alone_and_an_unused_stream_nothing() {
    let mut stream = Negotiated::lazy(Script::silent(), "/a").unwrap();
    stream.flush().await.unwrap();
    assert_eq!(stream.inner().writes, [proposal("/a")]);

    let remote = Script::new(&[HEADER, &message("/a"), b"data"]);
    let mut stream = Negotiated::lazy(remote, "/a").unwrap();
    let mut data = [0; 64];
    assert_eq!(stream.read(&mut data).await.unwrap(), 4);
    assert_eq!(&data[..4], b"data");
    assert_eq!(stream.inner().writes, [proposal("/a")]);
    assert!(stream.is_agreed());

    let mut stream = Negotiated::lazy(Script::silent(), "/a").unwrap();
    assert_eq!(stream.write(b"").await.unwrap(), 0);
    assert_eq!(stream.into_inner().writes.concat(), proposal("/a"));
    assert!(Negotiated::lazy(Script::silent(), "/a").unwrap().into_inner().writes.is_empty());
}

#[tokio::test]
async fn a_flush_reaches_what_buffers_below() {
    let mut stream = Negotiated::lazy(BufStream::new(Script::silent()), "/a").unwrap();
    for data in ["first", "second"] {
        stream.write_all(data.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        assert!(stream.inner().get_ref().writes.concat().ends_with(data.as_bytes()));
    }
    let mut stream = Negotiated::awaiting(BufStream::new(Script::silent()), "/a").unwrap();
    stream.write_all(b"data").await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(stream.inner().get_ref().writes, [b"data"]);

    let remote = Script::new(&[HEADER, &message("/a")]);
    let mut stream = Negotiated::lazy(BufStream::new(remote), "/a").unwrap();
    stream.write_all(b"data").await.unwrap();
    stream.agreed().await.unwrap();
    let sent = stream.inner().get_ref().writes.concat();
    assert_eq!(sent, [&proposal("/a")[..], b"data"].concat(), "who reads flushes the proposal");
}

#[tokio::test(start_paused = true)]
async fn a_remote_that_agrees_before_it_is_asked_is_asked_nevertheless() {
    let (slow, mut far) = duplex(8);
    let answered = Script::new(&[HEADER, &message("/a")]);
    let mut stream = Negotiated::lazy(join(answered, slow), "/a").unwrap();
    let agreeing = tokio::spawn(async move { stream.agreed().await.map(|()| stream) });
    let mut sent = [0; 24];
    soon(far.read_exact(&mut sent)).await.unwrap();
    assert_eq!(sent, *proposal("/a"));
    assert!(soon(agreeing).await.unwrap().unwrap().is_agreed());
}

#[tokio::test(start_paused = true)]
async fn partial_writes_lose_and_double_nothing() {
    for most in 1..60 {
        for vectored in [false, true] {
            // The answer has room, though nobody reads it before the end.
            let (near, mut far) = duplex(24);
            let near = Chopped::new(near, most, vectored);
            let mut stream = Negotiated::lazy(near, "/a").unwrap();
            let sending = async {
                stream.write_all(b"some data, ").await.unwrap();
                stream.write_all(b"more data").await.unwrap();
                stream.shutdown().await.unwrap();
            };
            let receiving = async {
                let agreed = listen(&mut far, &["/a"]).await.unwrap();
                let mut data = String::new();
                far.read_to_string(&mut data).await.unwrap();
                (agreed.name, data)
            };
            let ((), received) = soon(async { tokio::join!(sending, receiving) }).await;
            assert_eq!(received, ("/a".into(), "some data, more data".into()));
        }
    }
}

#[tokio::test]
async fn a_refusal_fails_reads_and_writes_from_then_on() {
    let mut stream = Negotiated::lazy(Script::new(&[HEADER, NOT_AVAILABLE]), "/a").unwrap();
    stream.write_all(b"hello").await.unwrap();
    for _ in 0..2 {
        let error = stream.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!((error.kind(), refusal(&error)), (io::ErrorKind::Unsupported, "/a"));
    }
    assert_eq!(refusal(&stream.write(b"more").await.unwrap_err()), "/a");
    assert_eq!(refusal(&stream.flush().await.unwrap_err()), "/a");
    assert_eq!(refusal(&stream.shutdown().await.unwrap_err()), "/a");
    assert!(matches!(stream.agreed().await, Err(Error::NotSupported { .. })));
    assert_eq!(stream.inner().writes.len(), 1, "nothing is sent after the refusal");
}

#[tokio::test]
async fn a_wrong_answer_never_counts_as_data() {
    let answers: [&[&[u8]]; 6] = [
        &[b"data"],
        &[NOT_AVAILABLE],
        &[HEADER, b"\x03/b\n"],
        &[HEADER, HEADER],
        &[HEADER, b"\x83\x00/a\n"],
        &[HEADER, b"\x03/"],
    ];
    for answer in answers {
        let mut stream = Negotiated::lazy(Script::new(answer), "/a").unwrap();
        let error = stream.read(&mut [0; 8]).await.unwrap_err();
        assert!(Error::carried_by(&error).is_some(), "{error}");
        assert!(!stream.is_agreed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_half_close_waits_for_the_answer() {
    let (near, mut far) = duplex(1024);
    let mut stream = Negotiated::lazy(near, "/a").unwrap();
    let closing = tokio::spawn(async move {
        stream.write_all(b"all").await.unwrap();
        stream.shutdown().await.map(|()| stream)
    });
    let mut sent = vec![0; proposal("/a").len() + 3];
    soon(far.read_exact(&mut sent)).await.unwrap();
    let mut byte = [0];
    let end = tokio::time::timeout(std::time::Duration::from_secs(1), far.read(&mut byte)).await;
    assert!(end.is_err(), "the end came before the answer");
    far.write_all(&proposal("/a")).await.unwrap();
    let stream = soon(closing).await.unwrap().unwrap();
    assert!(stream.is_agreed());
    assert_eq!(soon(far.read(&mut byte)).await.unwrap(), 0);
}

#[tokio::test]
async fn an_unused_stream_proposes_before_it_is_shut_down() {
    let mut stream = Negotiated::lazy(Script::new(&[HEADER, &message("/a")]), "/a").unwrap();
    stream.shutdown().await.unwrap();
    assert!(stream.inner().shut_down);
    assert_eq!(stream.inner().writes, [proposal("/a")]);
}

#[tokio::test(start_paused = true)]
async fn the_answer_may_be_awaited_and_given_up() {
    let (near, mut far) = duplex(1024);
    let mut stream = Negotiated::lazy(near, "/a").unwrap();
    far.write_all(&HEADER[..7]).await.unwrap();
    let wait = std::time::Duration::from_secs(1);
    assert!(tokio::time::timeout(wait, stream.agreed()).await.is_err());
    far.write_all(&HEADER[7..]).await.unwrap();
    assert!(tokio::time::timeout(wait, stream.agreed()).await.is_err());
    far.write_all(&message("/a")).await.unwrap();
    soon(stream.agreed()).await.unwrap();
    let mut sent = [0; 24];
    far.read_exact(&mut sent).await.unwrap();
    assert_eq!(sent, *proposal("/a"), "and was sent once");
}

#[tokio::test]
async fn half_a_stream_can_read_the_answer_to_what_the_other_half_proposed() {
    let mut remote = Script::new(&[HEADER, &message("/a"), b"data"]);
    propose(&mut remote, "/a").await.unwrap();
    remote.write_all(b"first").await.unwrap();
    assert_eq!(remote.writes.concat(), [&proposal("/a")[..], b"first"].concat());
    let (reader, _writer) = split(remote);
    let mut reader = Negotiated::awaiting(reader, "/a").unwrap();
    let mut data = String::new();
    reader.read_to_string(&mut data).await.unwrap();
    assert_eq!(data, "data");
}

#[tokio::test(start_paused = true)]
async fn reader_and_writer_may_be_different_tasks() {
    for (buffer, reader_first) in [(20, false), (20, true), (64, false), (64, true)] {
        let (near, mut far) = duplex(buffer);
        let (mut reader, mut writer) = split(Negotiated::lazy(near, "/a").unwrap());
        let reading = tokio::spawn(async move {
            if !reader_first {
                tokio::task::yield_now().await;
            }
            let mut data = String::new();
            reader.read_to_string(&mut data).await.map(|_| data)
        });
        let writing = tokio::spawn(async move {
            writer.write_all(b"a question of some length").await?;
            writer.shutdown().await
        });
        let answering = tokio::spawn(async move {
            listen(&mut far, &["/a"]).await.unwrap();
            let (mut read, mut write) = split(far);
            tokio::io::copy(&mut read, &mut write).await.unwrap();
            write.shutdown().await.unwrap();
        });
        soon(writing).await.unwrap().unwrap();
        assert_eq!(soon(reading).await.unwrap().unwrap(), "a question of some length");
        soon(answering).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn both_halves_are_woken_by_the_answer_whoever_asked_last() {
    for writer_first in [false, true] {
        let (near, mut far) = duplex(1024);
        let (mut reader, mut writer) = split(Negotiated::lazy(near, "/a").unwrap());
        let writing = async move { writer.shutdown().await };
        let reading = async move { reader.read_u8().await };
        let (writing, reading) = if writer_first {
            let writing = tokio::spawn(writing);
            tokio::task::yield_now().await;
            (writing, tokio::spawn(reading))
        } else {
            let reading = tokio::spawn(reading);
            tokio::task::yield_now().await;
            (tokio::spawn(writing), reading)
        };
        tokio::task::yield_now().await;
        listen(&mut far, &["/a"]).await.unwrap();
        tokio::task::yield_now().await;
        far.write_all(b"x").await.unwrap();
        soon(writing).await.unwrap().unwrap();
        assert_eq!(soon(reading).await.unwrap().unwrap(), b'x');
    }
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_waits_for_room_learns_of_a_refusal() {
    let (near, mut far) = duplex(32);
    let (mut reader, mut writer) = split(Negotiated::lazy(near, "/a").unwrap());
    let writing = tokio::spawn(async move { writer.write_all(&[0; 100]).await });
    tokio::task::yield_now().await;
    far.write_all(&[HEADER, NOT_AVAILABLE].concat()).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(refusal(&reader.read_u8().await.unwrap_err()), "/a");
    assert_eq!(refusal(&soon(writing).await.unwrap().unwrap_err()), "/a");
}

#[tokio::test(start_paused = true)]
async fn a_half_that_gives_up_does_not_leave_the_other_asleep() {
    let (near, mut far) = duplex(64);
    let (mut reader, mut writer) = split(Negotiated::lazy(near, "/a").unwrap());
    let reading = tokio::spawn(async move { reader.read_u8().await });
    tokio::task::yield_now().await;
    let wait = std::time::Duration::from_secs(1);
    assert!(tokio::time::timeout(wait, writer.shutdown()).await.is_err());
    far.write_all(&[HEADER, &message("/a"), b"x"].concat()).await.unwrap();
    assert_eq!(soon(reading).await.unwrap().unwrap(), b'x');
}

#[tokio::test]
async fn a_settled_stream_passes_everything_on() {
    let mut stream = Negotiated::settled(Script::new(&[b"data"]), "/a");
    assert!(stream.is_agreed());
    assert_eq!(stream.protocol(), "/a");
    stream.write_all(b"x").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut data = String::new();
    stream.read_to_string(&mut data).await.unwrap();
    assert_eq!(data, "data");
    assert_eq!(stream.inner().writes, [b"x"]);
}

#[tokio::test]
async fn a_broken_stream_reports_its_own_error() {
    let remote = Script { then: Then::Reset, ..Script::default() };
    let mut stream = Negotiated::lazy(remote, "/a").unwrap();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let mut stream = Negotiated::lazy(Script { deaf: true, ..Script::silent() }, "/a").unwrap();
    let error = stream.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}
