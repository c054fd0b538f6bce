//! Frames of a remote, honest ones and others.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step fails the test"
)]

mod peer;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use peer::{BINARY, CLOSE, CONTINUATION, LAST, PING, PONG, TEXT, frame, heard, own, websocket};
use peerloom_core::{ByteStream, Role, read_bytes};
use peerloom_transport_ws::{Error, Violation};
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

const ROLES: [Role; 2] = [Role::Dialer, Role::Listener];

/// What our reader says to the end of these bytes, and what it answers before it hangs up.
async fn outcome(role: Role, wire: &[u8]) -> (Vec<u8>, io::Result<()>, Vec<(u8, Vec<u8>)>) {
    let (mut ours, mut remote) = websocket(role, 1 << 20).await;
    remote.write_all(wire).await.unwrap();
    remote.shutdown().await.unwrap();
    let mut received = Vec::new();
    let result = ours.read_to_end(&mut received).await.map(drop);
    if result.is_err() {
        let again = read_bytes(&mut ours).await.unwrap_err();
        assert!(matches!(own(&again), Error::Failed), "it stays broken");
    }
    drop(ours);
    let mut answers = Vec::new();
    while let Ok(answer) = heard(&mut remote).await {
        answers.push(answer);
    }
    (received, result, answers)
}

async fn refused(role: Role, bad: &[u8]) -> Violation {
    let wire = [&frame(role, LAST | BINARY, b"good"), bad].concat();
    let (received, result, answers) = outcome(role, &wire).await;
    assert_eq!(received, b"good", "what came before is read");
    let error = result.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let Error::Violation(violation) = own(&error) else { panic!("{error:?}") };
    let status = match violation {
        Violation::Text => 1003_u16,
        Violation::TooLong(_) => 1009,
        _ => 1002,
    };
    assert_eq!(answers, [(LAST | CLOSE, status.to_be_bytes().to_vec())], "the remote is told");
    *violation
}

#[tokio::test]
async fn what_breaks_the_protocol_is_refused_by_its_name() {
    for role in ROLES {
        let frame = |first, payload: &[u8]| frame(role, first, payload);
        assert_eq!(refused(role, &frame(LAST | TEXT, b"text")).await, Violation::Text);
        assert_eq!(refused(role, &frame(TEXT, b"te")).await, Violation::Text);
        for bits in [0x10, 0x20, 0x40] {
            let bad = frame(LAST | BINARY | bits, b"compressed");
            assert_eq!(refused(role, &bad).await, Violation::ReservedBits);
        }
        let bad = frame(LAST | 11, b"");
        assert_eq!(refused(role, &bad).await, Violation::UnknownOpcode(11));
        assert_eq!(refused(role, &frame(PING, b"")).await, Violation::Control);
        assert_eq!(refused(role, &frame(LAST | PING, &[0; 126])).await, Violation::Control);
        assert_eq!(refused(role, &frame(LAST | CLOSE, &[3])).await, Violation::Close);
        let bad = frame(LAST | CONTINUATION, b"of nothing");
        assert_eq!(refused(role, &bad).await, Violation::Continuation);
        let bad = [frame(BINARY, b""), frame(LAST | BINARY, b"again")].concat();
        assert_eq!(refused(role, &bad).await, Violation::Interrupted);
        let masked = if role.is_dialer() { 0 } else { 0x80 };
        let bad = [&[LAST | BINARY, masked | 127][..], &[0xff; 8], &[0; 4]].concat();
        assert_eq!(refused(role, &bad).await, Violation::TooLong(u64::MAX));
        let bad = peer::frame(role.other(), LAST | BINARY, b"from the other end");
        let expected = if role.is_dialer() { Violation::Masked } else { Violation::Unmasked };
        assert_eq!(refused(role, &bad).await, expected);
    }
}

#[tokio::test]
async fn a_close_frame_is_the_end_whatever_follows() {
    for role in ROLES {
        for said in
            [&[][..], &1000_u16.to_be_bytes(), b"\x03\xe9going away", &4000_u16.to_be_bytes()]
        {
            let wire = [
                frame(role, LAST | BINARY, b"all"),
                frame(role, LAST | CLOSE, said),
                frame(role, LAST | TEXT, b"ignored"),
            ];
            let (received, result, answers) = outcome(role, &wire.concat()).await;
            assert_eq!(received, b"all");
            result.unwrap();
            assert!(answers.is_empty(), "this side has not ended yet");
        }
    }
}

#[tokio::test]
async fn a_remote_that_closes_because_of_an_error_has_not_ended() {
    let wire = frame(Role::Dialer, LAST | CLOSE, &1009_u16.to_be_bytes());
    let (_, result, _) = outcome(Role::Dialer, &wire).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(matches!(own(&error), Error::GaveUp(1009)));
}

#[tokio::test]
async fn a_connection_that_ends_without_a_close_frame_was_cut_off() {
    for role in ROLES {
        let whole = frame(role, LAST | BINARY, b"some");
        let within = frame(role, BINARY, b"some");
        let parts = (1..whole.len()).map(|length| [&whole[..], &whole[..length]].concat());
        for wire in parts.chain([whole.clone(), within]) {
            let (received, result, _) = outcome(role, &wire).await;
            assert!(received.starts_with(b"some"), "what came is read");
            let error = result.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            assert!(matches!(own(&error), Error::CutOff));
        }
    }
}

#[tokio::test]
async fn who_leaves_within_a_message_has_not_ended_whatever_was_closed() {
    for role in ROLES {
        let begun = frame(role, BINARY, b"some");
        let closed = [&begun[..], &frame(role, LAST | CLOSE, &1000_u16.to_be_bytes())].concat();
        for wire in [&begun, &begun[..begun.len() - 1], &begun[..1], &closed] {
            let (mut ours, mut remote) = websocket(role, 1024).await;
            ours.shutdown().await.unwrap();
            remote.write_all(wire).await.unwrap();
            remote.shutdown().await.unwrap();
            let error = ours.read_to_end(&mut Vec::new()).await.unwrap_err();
            assert!(matches!(own(&error), Error::CutOff), "{error:?}");
        }
    }
}

#[tokio::test]
async fn after_our_close_frame_the_remote_may_go_on_or_just_leave() {
    for role in ROLES {
        for leaves in [true, false] {
            let (mut ours, mut remote) = websocket(role, 1024).await;
            ours.write_all(b"last words").await.unwrap();
            ours.shutdown().await.unwrap();
            let error = ours.write(b"more").await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
            assert_eq!(heard(&mut remote).await.unwrap(), (LAST | BINARY, b"last words".to_vec()));
            let normal = 1000_u16.to_be_bytes().to_vec();
            assert_eq!(heard(&mut remote).await.unwrap(), (LAST | CLOSE, normal));
            remote.write_all(&frame(role, LAST | BINARY, b"an answer")).await.unwrap();
            if !leaves {
                remote.write_all(&frame(role, LAST | CLOSE, b"")).await.unwrap();
            }
            if leaves {
                remote.shutdown().await.unwrap();
            }
            let mut answer = Vec::new();
            ours.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"an answer");
            if !leaves {
                assert_eq!(
                    remote.read(&mut [0]).await.unwrap(),
                    0,
                    "the connection below has ended"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_close_frame_that_answers_the_remotes_ends_the_connection() {
    let (mut ours, mut remote) = websocket(Role::Listener, 1024).await;
    remote.write_all(&frame(Role::Listener, LAST | CLOSE, b"")).await.unwrap();
    assert!(read_bytes(&mut ours).await.unwrap().is_empty());
    ours.write_all(b"still open").await.unwrap();
    ours.shutdown().await.unwrap();
    assert_eq!(heard(&mut remote).await.unwrap().1, b"still open");
    assert_eq!(heard(&mut remote).await.unwrap().0, LAST | CLOSE);
    assert_eq!(remote.read(&mut [0]).await.unwrap(), 0, "the connection below has ended");
}

#[tokio::test]
async fn pings_are_answered_by_the_reader_and_between_messages() {
    for role in ROLES {
        let (mut ours, mut remote) = websocket(role, 1024).await;
        ours.write_all(b"begun").await.unwrap();
        remote.write_all(&frame(role, LAST | PING, b"here?")).await.unwrap();
        remote.write_all(&frame(role, LAST | BINARY, b"data")).await.unwrap();
        assert_eq!(read_bytes(&mut ours).await.unwrap(), "data");
        assert_eq!(heard(&mut remote).await.unwrap(), (LAST | BINARY, b"begun".to_vec()));
        assert_eq!(heard(&mut remote).await.unwrap(), (LAST | PONG, b"here?".to_vec()));
        ours.write_all(b"more").await.unwrap();
        ours.flush().await.unwrap();
        assert_eq!(heard(&mut remote).await.unwrap(), (LAST | BINARY, b"more".to_vec()));
    }
}

#[tokio::test]
async fn a_flood_of_pings_that_reads_no_answers_is_answered_with_as_many_as_fit() {
    let (mut ours, mut remote) = websocket(Role::Listener, 200).await;
    let flood = tokio::spawn(async move {
        for number in 0..10_000_u32 {
            let ping = [number.to_be_bytes().repeat(30), vec![7; 5]].concat();
            remote.write_all(&frame(Role::Listener, LAST | PING, &ping)).await.unwrap();
        }
        remote.write_all(&frame(Role::Listener, LAST | BINARY, b"data")).await.unwrap();
        remote
    });
    assert_eq!(read_bytes(&mut ours).await.unwrap(), "data", "nothing is held up");
    let mut remote = flood.await.unwrap();
    // What waits is one answer in the pipe below, one being sent, and the one to the last ping.
    let answers = tokio::spawn(async move {
        let mut answers = Vec::new();
        while let Ok((first, payload)) = heard(&mut remote).await {
            assert_eq!(first, LAST | PONG);
            answers.push(u32::from_be_bytes(*payload.first_chunk().unwrap()));
        }
        answers
    });
    ours.flush().await.unwrap();
    drop(ours);
    let answers = answers.await.unwrap();
    assert!(answers.len() <= 4, "{answers:?}");
    assert_eq!(answers.last(), Some(&9_999), "the last is answered");
}

#[tokio::test]
async fn the_reader_goes_on_answering_while_the_writer_waits_for_the_line() {
    let (ours, remote) = websocket(Role::Dialer, 64).await;
    let (mut reader, mut writer) = ours.into_split();
    let data = vec![5; 300_000];
    let expected = data.clone();
    let write = tokio::spawn(async move {
        writer.write_all(&data).await.unwrap();
        writer.shutdown().await.unwrap();
        writer
    });
    let read = tokio::spawn(async move {
        let mut received = Vec::new();
        reader.read_to_end(&mut received).await.map(|_| received)
    });
    let (mut from_us, mut to_us) = tokio::io::split(remote);
    let hear = async {
        let (mut data, mut pongs) = (Vec::new(), 0);
        loop {
            match heard(&mut from_us).await.unwrap() {
                (first, payload) if first == LAST | BINARY => data.extend(payload),
                (first, _) if first == LAST | PONG => pongs += 1,
                (first, _) => {
                    assert_eq!(first, LAST | CLOSE);
                    return (data, pongs);
                }
            }
        }
    };
    let say = async {
        for _ in 0..100 {
            to_us.write_all(&frame(Role::Dialer, LAST | PING, b"?")).await.unwrap();
            to_us.write_all(&frame(Role::Dialer, LAST | BINARY, b"!")).await.unwrap();
        }
        to_us.write_all(&frame(Role::Dialer, LAST | CLOSE, b"")).await.unwrap();
    };
    let ((data, pongs), ()) = tokio::join!(hear, say);
    assert!(data == expected);
    assert!((1..=100).contains(&pongs));
    assert_eq!(read.await.unwrap().unwrap(), vec![b'!'; 100]);
    drop(write.await.unwrap());
}

#[tokio::test]
async fn what_is_written_before_a_flush_is_one_message_up_to_64_kib() {
    for role in ROLES {
        let (mut ours, mut remote) = websocket(role, 1 << 20).await;
        for piece in [&b"one "[..], b"message ", b"in pieces"] {
            ours.write_all(piece).await.unwrap();
        }
        ours.flush().await.unwrap();
        let one = b"one message in pieces".to_vec();
        assert_eq!(heard(&mut remote).await.unwrap(), (LAST | BINARY, one));

        let data: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        ours.write_all(&data).await.unwrap();
        ours.shutdown().await.unwrap();
        let (mut received, mut messages) = (Vec::new(), 0);
        while let (0x82, message) = heard(&mut remote).await.unwrap() {
            assert!(message.len() < 65_536);
            received.extend(message);
            messages += 1;
        }
        assert!(received == data);
        assert_eq!(messages, 4);
    }
}

#[tokio::test]
async fn a_line_that_takes_nothing_lets_64_kib_gather_and_no_more() {
    for role in ROLES {
        let (mut ours, mut remote) = websocket(role, 256).await;
        let mut taken = 0;
        loop {
            let written = poll_fn(|cx| Poll::Ready(Pin::new(&mut ours).poll_write(cx, &[7; 1000])));
            match written.await {
                Poll::Ready(count) => taken += count.unwrap(),
                Poll::Pending => break,
            }
        }
        assert!((60_000..=65_536 + 256).contains(&taken), "{taken}");
        let hear = async {
            let mut received = 0;
            while let (0x82, message) = heard(&mut remote).await.unwrap() {
                received += message.len();
            }
            received
        };
        let (ended, received) = tokio::join!(ours.shutdown(), hear);
        ended.unwrap();
        assert_eq!(received, taken);
    }
}

#[tokio::test]
async fn the_payload_of_a_large_frame_is_handed_on_as_it_comes() {
    let (mut ours, mut remote) = websocket(Role::Listener, 1 << 20).await;
    // Of a frame of 200 MB, the first bytes.
    let announced = [&[LAST | BINARY, 0x80 | 127][..], &200_000_000_u64.to_be_bytes(), &[0; 4]];
    remote.write_all(&announced.concat()).await.unwrap();
    remote.write_all(b"first").await.unwrap();
    assert_eq!(read_bytes(&mut ours).await.unwrap(), "first");
    remote.write_all(&[1; 100_000]).await.unwrap();
    let mut received = vec![0; 100_000];
    ours.read_exact(&mut received).await.unwrap();
    assert!(received == [1; 100_000]);
}

#[tokio::test]
async fn a_flood_of_empty_frames_lets_others_have_their_turn() {
    let (mut ours, mut remote) = websocket(Role::Dialer, 1 << 20).await;
    let mut wire = frame(Role::Dialer, BINARY, b"");
    for _ in 0..1000 {
        wire.extend(frame(Role::Dialer, CONTINUATION, b""));
        wire.extend(frame(Role::Dialer, LAST | PONG, b""));
    }
    wire.extend(frame(Role::Dialer, LAST | CONTINUATION, b"data"));
    remote.write_all(&wire).await.unwrap();
    let mut turns = 0;
    let data = poll_fn(|cx| {
        turns += 1;
        peerloom_core::ReadHalf::poll_read_bytes(&mut ours, cx)
    });
    assert_eq!(data.await.unwrap(), "data");
    assert!(20 < turns, "{turns}");
}

/// What a remote sends, in order.
#[derive(Clone, Debug)]
enum Item {
    /// A message in fragments.
    Message(Vec<Vec<u8>>),
    /// A control frame, which may also stand within a message.
    Control(bool, Vec<u8>),
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let fragment = prop_oneof![vec(any::<u8>(), 0..20), vec(any::<u8>(), 0..9_000)];
    let item = prop_oneof![
        vec(fragment, 1..4).prop_map(Item::Message),
        (any::<bool>(), vec(any::<u8>(), 0..=125))
            .prop_map(|(ping, said)| Item::Control(ping, said)),
    ];
    vec(item, 0..8)
}

/// The bytes of the items, where each control frame moves into the message behind it, if any.
fn wire(role: Role, items: &[Item]) -> Vec<u8> {
    let mut wire = Vec::new();
    let mut waiting = Vec::new();
    for item in items {
        match item {
            Item::Control(ping, said) => {
                waiting.extend(frame(role, LAST | if *ping { PING } else { PONG }, said));
            }
            Item::Message(fragments) => {
                for (index, fragment) in fragments.iter().enumerate() {
                    let opcode = if index == 0 { BINARY } else { CONTINUATION };
                    let last = if index + 1 == fragments.len() { LAST } else { 0 };
                    wire.extend(frame(role, last | opcode, fragment));
                    if last == 0 {
                        wire.append(&mut waiting);
                    }
                }
            }
        }
    }
    wire.append(&mut waiting);
    wire.extend(frame(role, LAST | CLOSE, b""));
    wire
}

/// Reads to the end: into buffers of these sizes in turn, or, where one is 0, owned bytes.
async fn read_out(mut stream: ByteStream, sizes: &[usize]) -> Vec<u8> {
    let mut received = Vec::new();
    for size in sizes.iter().cycle() {
        if *size == 0 {
            let bytes = read_bytes(&mut stream).await.unwrap();
            if bytes.is_empty() {
                break;
            }
            received.extend(bytes);
        } else {
            let mut buffer = vec![0; *size];
            let count = stream.read(&mut buffer).await.unwrap();
            if count == 0 {
                break;
            }
            received.extend(&buffer[..count]);
        }
    }
    received
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn however_messages_are_cut_the_same_bytes_come_out(
        dialer in any::<bool>(),
        items in items(),
        capacity in prop_oneof![1..40_usize, 1..20_000_usize],
        sizes in vec(prop_oneof![Just(0), 1..30_usize, 1..20_000_usize], 1..5),
    ) {
        let role = if dialer { Role::Dialer } else { Role::Listener };
        let expected: Vec<u8> = items
            .iter()
            .flat_map(|item| match item {
                Item::Message(fragments) => fragments.concat(),
                Item::Control(..) => Vec::new(),
            })
            .collect();
        let wire = wire(role, &items);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let received = runtime.block_on(async {
            let (ours, mut remote) = websocket(role, capacity).await;
            let (received, ()) = tokio::join!(read_out(ours, &sizes), async {
                remote.write_all(&wire).await.unwrap();
            });
            received
        });
        prop_assert!(received == expected);
    }
}
