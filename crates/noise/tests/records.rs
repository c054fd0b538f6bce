//! Records of another implementation, honest ones and others.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod peer;

use std::io;

use peer::secured;
use peerloom_core::read_bytes;
use peerloom_noise::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What our reader says to the bytes that `make` makes, after it has read everything.
async fn outcome(make: impl FnOnce(&mut peer::Records) -> Vec<u8>) -> (Vec<u8>, io::Error) {
    let (mut secured, mut records) = secured().await;
    let wire = make(&mut records);
    records.stream.write_all(&wire).await.unwrap();
    records.stream.shutdown().await.unwrap();
    let mut received = Vec::new();
    let error = secured.stream.read_to_end(&mut received).await.unwrap_err();
    // It stays broken.
    assert!(read_bytes(&mut secured.stream).await.is_err());
    (received, error)
}

fn own(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

#[tokio::test]
async fn a_replayed_record_is_refused() {
    let (received, error) = outcome(|records| records.seal(b"pay 100").repeat(2)).await;
    assert_eq!(received, b"pay 100");
    assert!(matches!(own(&error), Error::ForgedRecord));
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn records_that_changed_places_are_refused() {
    let (received, error) = outcome(|records| {
        let (first, second) = (records.seal(b"first"), records.seal(b"second"));
        [second, first].concat()
    })
    .await;
    assert!(received.is_empty());
    assert!(matches!(own(&error), Error::ForgedRecord));
}

#[tokio::test]
async fn a_record_that_is_left_out_is_noticed() {
    let (received, error) = outcome(|records| {
        records.seal(b"first");
        records.seal(b"second")
    })
    .await;
    assert!(received.is_empty());
    assert!(matches!(own(&error), Error::ForgedRecord));
}

#[tokio::test]
async fn a_record_that_is_shorter_than_a_tag_is_refused() {
    for length in [0, 1, 15] {
        let wire = [&[0, length], &[0; 15][..length.into()]].concat();
        let (received, error) = outcome(|_| wire).await;
        assert!(received.is_empty());
        assert!(matches!(own(&error), Error::ShortRecord(found) if *found == length.into()));
    }
}

#[tokio::test]
async fn a_stream_that_ends_in_a_record_is_no_clean_end() {
    let length = 2 + 4 + 16;
    for kept in [1, 2, 3, length - 1] {
        let (received, error) = outcome(|records| {
            let mut wire = records.seal(b"whole");
            wire.extend(&records.seal(b"part")[..kept]);
            wire
        })
        .await;
        assert_eq!(received, b"whole");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(matches!(own(&error), Error::Truncated));
    }
}

#[tokio::test]
async fn empty_and_longest_records_are_read() {
    let (mut secured, mut records) = secured().await;
    let longest = vec![3; 65_519];
    let mut wire = Vec::new();
    for plaintext in [&[][..], b"a", &[], &[], &longest, &[]] {
        wire.extend(records.seal(plaintext));
    }
    records.stream.write_all(&wire).await.unwrap();
    drop(records);
    assert_eq!(read_bytes(&mut secured.stream).await.unwrap(), "a");
    assert_eq!(read_bytes(&mut secured.stream).await.unwrap(), longest);
    assert!(read_bytes(&mut secured.stream).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_we_write_is_read_by_others_up_to_our_end() {
    let (mut secured, mut records) = secured().await;
    let data: Vec<u8> = (0..=250).cycle().take(200_000).collect();
    secured.stream.write_all(&data).await.unwrap();
    secured.stream.shutdown().await.unwrap();
    let mut received = Vec::new();
    while let Some(plaintext) = records.receive().await {
        received.extend(plaintext);
    }
    assert!(received == data);
    // The other direction is still open.
    let record = records.seal(b"thanks");
    records.stream.write_all(&record).await.unwrap();
    assert_eq!(read_bytes(&mut secured.stream).await.unwrap(), "thanks");
}
