//! Records of another implementation, honest ones and others.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod peer;

use std::io;

use peer::records::Records;
use peer::{Peer, Script, ed25519, secured};
use peerloom_core::{Role, Secured, read_bytes};
use peerloom_tls::{Alert, Error};
use rustls::AlertDescription;
use rustls::crypto::aws_lc_rs::DEFAULT_CIPHER_SUITES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ALERT: u8 = 21;
const MESSAGE: u8 = 22;
const DATA: u8 = 23;

/// What our reader says to the bytes that `make` makes, after it has read everything.
async fn outcome_as(
    theirs: Role,
    make: impl FnOnce(&mut Records) -> Vec<u8>,
) -> (Vec<u8>, io::Result<()>) {
    let (mut secured, mut records) = Records::after_handshake(theirs).await;
    let wire = make(&mut records);
    records.stream.write_all(&wire).await.unwrap();
    records.stream.shutdown().await.unwrap();
    let mut received = Vec::new();
    let end = secured.stream.read_to_end(&mut received).await;
    // It stays as it is.
    let again = read_bytes(&mut secured.stream).await;
    assert_eq!(end.is_err(), again.is_err());
    assert!(again.unwrap_or_default().is_empty());
    (received, end.map(|_| ()))
}

async fn outcome(make: impl FnOnce(&mut Records) -> Vec<u8>) -> (Vec<u8>, io::Result<()>) {
    outcome_as(Role::Dialer, make).await
}

fn own(outcome: &io::Result<()>) -> &Error {
    outcome.as_ref().unwrap_err().get_ref().unwrap().downcast_ref().unwrap()
}

#[tokio::test]
async fn records_of_every_cipher_go_both_ways() {
    // Where another crate of a build wants TLS 1.2, its suites stand there too.
    for &suite in DEFAULT_CIPHER_SUITES.iter().filter(|suite| suite.tls13().is_some()) {
        for role in [Role::Dialer, Role::Listener] {
            let script = Script { suites: vec![suite], ..Script::new(&ed25519()) };
            let (mut ours, mut peer) = secured(script, role).await;
            let long = vec![7; 100_000];
            peer.say(b"hello").await;
            peer.say(&long).await;
            peer.connection.send_close_notify();
            peer.send().await;
            let mut received = Vec::new();
            ours.stream.read_to_end(&mut received).await.unwrap();
            assert!(received == [b"hello", &long[..]].concat());

            ours.stream.write_all(&long).await.unwrap();
            ours.stream.write_all(b"bye").await.unwrap();
            ours.stream.shutdown().await.unwrap();
            drop(ours);
            let (heard, said_so) = peer.hear().await.unwrap();
            assert!(heard == [&long[..], b"bye"].concat());
            assert!(said_so, "we left without a word");
        }
    }
}

#[tokio::test]
async fn a_replayed_record_is_refused() {
    let (received, end) = outcome(|records| records.seal(DATA, b"pay 100", 0).repeat(2)).await;
    assert_eq!(received, b"pay 100");
    assert!(matches!(own(&end), Error::ForgedRecord));
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn records_that_changed_places_or_were_left_out_are_refused() {
    for left_out in [false, true] {
        let (received, end) = outcome(|records| {
            let first = records.seal(DATA, b"first", 0);
            let second = records.seal(DATA, b"second", 0);
            if left_out { second } else { [second, first].concat() }
        })
        .await;
        assert!(received.is_empty());
        assert!(matches!(own(&end), Error::ForgedRecord));
    }
}

#[tokio::test]
async fn no_changed_bit_of_a_record_goes_unnoticed() {
    let length = 5 + 4 + 1 + 16;
    for bit in 0..length * 8 {
        let (received, end) = outcome(|records| {
            let mut record = records.seal(DATA, b"text", 0);
            record[bit / 8] ^= 1 << (bit % 8);
            record
        })
        .await;
        assert!(received.is_empty());
        // Where the length was changed, the end comes too early or the record is cut short.
        match own(&end) {
            Error::NotARecord => assert!(bit < 24),
            Error::Truncated | Error::LongRecord | Error::ShortRecord(_) => {
                assert!((24..40).contains(&bit));
            }
            Error::ForgedRecord => assert!(24 <= bit),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_end_within_a_record_is_an_error_and_between_records_the_end() {
    for missing in [1, 16, 20] {
        let (_, end) = outcome(|records| {
            let mut record = records.seal(DATA, b"text", 0);
            record.truncate(record.len() - missing);
            record
        })
        .await;
        assert!(matches!(own(&end), Error::Truncated));
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
    let (received, end) = outcome(|records| records.seal(DATA, b"text", 0)).await;
    assert_eq!((received.as_slice(), end.is_ok()), (&b"text"[..], true));
}

#[tokio::test]
async fn the_longest_record_is_read_and_a_longer_one_refused() {
    let longest = vec![9; 1 << 14];
    let (received, end) = outcome(|records| records.seal(DATA, &longest, 0)).await;
    assert!(end.is_ok() && received == longest);
    let longer = vec![9; (1 << 14) + 1];
    for (length, zeros) in [(longer.len(), 0), (longest.len(), 1), (100, 16_300)] {
        let text = longer.get(..length).unwrap();
        let (received, end) = outcome(|records| records.seal(DATA, text, zeros)).await;
        assert!(received.is_empty());
        assert!(matches!(own(&end), Error::LongRecord));
    }
    // It does not wait for what is announced.
    let (_, end) = outcome(|_| vec![23, 3, 3, 0x41, 1]).await;
    assert!(matches!(own(&end), Error::LongRecord));
    let (_, end) = outcome(|_| vec![23, 3, 3, 0, 16]).await;
    assert!(matches!(own(&end), Error::ShortRecord(16)));
}

#[tokio::test]
async fn zeros_behind_the_kind_are_not_data() {
    for zeros in [1, 255, 16_000] {
        let (received, end) = outcome(|records| records.seal(DATA, b"text\0", zeros)).await;
        assert!(end.is_ok());
        assert_eq!(received, b"text\0");
    }
    let (_, end) = outcome(|records| records.seal(0, &[0; 9], 3)).await;
    assert!(matches!(own(&end), Error::UnexpectedRecord));
}

#[tokio::test]
async fn a_record_that_has_no_place_is_refused() {
    for kind in [1, 20, 24, 255] {
        let (_, end) = outcome(|records| records.seal(kind, &[1], 0)).await;
        assert!(matches!(own(&end), Error::UnexpectedRecord), "{kind}");
    }
    // Not encrypted: what makes it look like TLS 1.2, an alert, another version.
    for bytes in [&[20, 3, 3, 0, 1, 1][..], &[21, 3, 3, 0, 2, 1, 0], &[23, 3, 4, 0, 20]] {
        let (_, end) = outcome(|_| bytes.to_vec()).await;
        assert!(matches!(own(&end), Error::NotARecord));
    }
}

#[tokio::test]
async fn behind_the_close_nothing_is_looked_at() {
    let (received, end) = outcome(|records| {
        let records = [
            records.seal(DATA, b"all", 0),
            records.seal(ALERT, &[1, 90], 0),
            records.seal(ALERT, &[1, 0], 0),
            records.seal(DATA, b"more", 0),
            vec![0xff; 100],
        ];
        records.concat()
    })
    .await;
    assert!(end.is_ok());
    assert_eq!(received, b"all");
}

#[tokio::test]
async fn an_alert_says_why_the_remote_gave_up() {
    let (_, end) = outcome(|records| records.seal(ALERT, &[2, 42], 0)).await;
    assert!(matches!(own(&end), Error::Alert(Alert(42))));
    assert_eq!(own(&end).to_string(), "the remote gave up: bad certificate");
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    for text in [&[][..], &[2], &[2, 42, 0]] {
        let (_, end) = outcome(|records| records.seal(ALERT, text, 0)).await;
        assert!(matches!(own(&end), Error::MalformedAlert));
    }
}

#[tokio::test]
async fn a_flood_of_records_without_data_is_refused() {
    let ticket = [4, 0, 0, 3, 1, 2, 3];
    for (kind, text) in [(ALERT, &[1, 90][..]), (DATA, &[]), (MESSAGE, &ticket)] {
        let flood = |records: &mut Records, count: usize| {
            (0..count).flat_map(|_| records.seal(kind, text, 0)).collect::<Vec<_>>()
        };
        let (_, end) = outcome_as(Role::Listener, |records| flood(records, 33)).await;
        assert!(matches!(own(&end), Error::Flood { most: 32 }), "{kind}");
        let (received, end) = outcome_as(Role::Listener, |records| {
            let (first, data) = (flood(records, 32), records.seal(DATA, b"x", 0));
            [first, data, flood(records, 32), records.seal(ALERT, &[1, 0], 0)].concat()
        })
        .await;
        assert!(end.is_ok());
        assert_eq!(received, b"x");
    }
}

#[tokio::test]
async fn messages_are_read_in_parts_but_with_nothing_between() {
    let (received, end) = outcome_as(Role::Listener, |records| {
        let parts = [&[4, 0][..], &[0, 6, 1], &[2, 3, 4, 5, 6]];
        let mut wire = parts.map(|part| records.seal(MESSAGE, part, 0)).concat();
        wire.extend(records.seal(DATA, b"data", 0));
        wire
    })
    .await;
    assert!(end.is_ok());
    assert_eq!(received, b"data");
    let (_, end) = outcome_as(Role::Listener, |records| {
        [records.seal(MESSAGE, &[4, 0], 0), records.seal(DATA, b"data", 0)].concat()
    })
    .await;
    assert!(matches!(own(&end), Error::UnexpectedRecord));
    // A dialer has no tickets to give.
    let (_, end) = outcome(|records| records.seal(MESSAGE, &[4, 0, 0, 0], 0)).await;
    assert!(matches!(own(&end), Error::UnexpectedMessage));
}

#[tokio::test]
async fn the_tickets_of_a_listener_are_skipped() {
    let script = Script { tickets: 8, ..Script::new(&ed25519()) };
    let (mut ours, mut peer) = secured(script, Role::Listener).await;
    peer.say(b"hello").await;
    let mut received = [0; 5];
    ours.stream.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"hello");
}

/// Says something each way and sees that it comes.
async fn talk(ours: &mut Secured, peer: &mut Peer) {
    peer.say(b"ping").await;
    let mut received = [0; 4];
    ours.stream.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"ping");
    ours.stream.write_all(b"pong").await.unwrap();
    ours.stream.flush().await.unwrap();
    peer.receive().await.unwrap();
    let mut heard = [0; 4];
    io::Read::read_exact(&mut peer.connection.reader(), &mut heard).unwrap();
    assert_eq!(&heard, b"pong");
}

#[tokio::test]
async fn a_remote_may_take_new_keys_and_ask_for_ours() {
    for role in [Role::Dialer, Role::Listener] {
        let (mut ours, mut peer) = secured(Script::new(&ed25519()), role).await;
        for _ in 0..5 {
            peer.connection.refresh_traffic_keys().unwrap();
            talk(&mut ours, &mut peer).await;
            talk(&mut ours, &mut peer).await;
        }
    }
}

#[tokio::test]
async fn a_flood_of_new_keys_is_refused_and_the_remote_learns_why() {
    let (mut ours, mut peer) = secured(Script::new(&ed25519()), Role::Dialer).await;
    for _ in 0..33 {
        peer.connection.refresh_traffic_keys().unwrap();
    }
    peer.send().await;
    let end = ours.stream.read(&mut [0]).await.map(|_| ());
    assert!(matches!(own(&end), Error::Flood { most: 32 }));
    ours.stream.shutdown().await.unwrap();
    drop(ours);
    let said = rustls::Error::AlertReceived(AlertDescription::UnexpectedMessage);
    assert_eq!(peer.hear().await.unwrap_err(), said);
}

#[tokio::test]
async fn data_in_the_same_flight_as_the_end_of_the_handshake_arrive() {
    let (mut peer, stream) = Script::new(&ed25519()).start(Role::Dialer);
    let config = peerloom_tls::Config::new(&ed25519());
    let conversation = async {
        // What is written before the end of the handshake goes out with it.
        io::Write::write_all(&mut peer.connection.writer(), b"early").unwrap();
        peer.shake_hands().await.unwrap();
        peer
    };
    let (ours, _peer) =
        tokio::join!(peer::secure(&config, stream, Role::Listener, &[]), conversation);
    let mut early = [0; 5];
    ours.unwrap().stream.read_exact(&mut early).await.unwrap();
    assert_eq!(&early, b"early");
}
