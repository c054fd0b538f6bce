//! Frames of a peer written apart from the crate, honest ones and others.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod peer;

use std::io;

use peer::{Frames, ed25519, secured};
use peerloom_core::{Secured, read_bytes};
use peerloom_secio::{Config, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What our reader says to the bytes that `make` makes, after it has read everything.
async fn outcome(make: impl FnOnce(&mut Frames) -> Vec<u8>) -> (Vec<u8>, io::Error) {
    let (secured, mut frames) = secured(&Config::new(&ed25519())).await;
    let wire = make(&mut frames);
    read_out(secured, &mut frames, &wire).await
}

async fn read_out(mut secured: Secured, frames: &mut Frames, wire: &[u8]) -> (Vec<u8>, io::Error) {
    let write = async {
        // The reader may go away before it has everything.
        let _ = frames.stream.write_all(wire).await;
        let _ = frames.stream.shutdown().await;
    };
    let read = async {
        let mut received = Vec::new();
        let error = secured.stream.read_to_end(&mut received).await.unwrap_err();
        // It stays broken.
        assert!(read_bytes(&mut secured.stream).await.is_err());
        drop(secured);
        (received, error)
    };
    tokio::join!(write, read).1
}

fn own(error: &io::Error) -> &Error {
    error.get_ref().unwrap().downcast_ref().unwrap()
}

#[tokio::test]
async fn a_frame_that_is_changed_anywhere_is_refused() {
    for at in 0..5 + 32 {
        let (received, error) = outcome(|frames| {
            let (good, mut changed) = (frames.seal(b"whole"), frames.seal(b"taken"));
            changed[4 + at] ^= 1;
            [good, changed].concat()
        })
        .await;
        assert_eq!(received, b"whole");
        assert!(matches!(own(&error), Error::ForgedFrame));
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}

/// What the protocol cannot notice: the tag of a frame does not cover its place.
#[tokio::test]
async fn a_frame_out_of_its_place_comes_out_as_noise_and_says_nothing_of_what_was_sent() {
    type Move = fn(Vec<u8>, Vec<u8>) -> Vec<u8>;
    let moves: [Move; 3] = [
        |first, second| [first.clone(), first, second].concat(),
        |first, second| [second, first].concat(),
        |_, second| second,
    ];
    for (number, moved) in moves.into_iter().enumerate() {
        let (mut secured, mut frames) = secured(&Config::new(&ed25519())).await;
        let (first, second) = (frames.seal(&[b'a'; 100]), frames.seal(&[b'b'; 100]));
        frames.stream.write_all(&moved(first, second)).await.unwrap();
        drop(frames);
        let mut received = Vec::new();
        secured.stream.read_to_end(&mut received).await.unwrap();
        let untouched = if number == 0 { 100 } else { 0 };
        let (honest, noise) = received.split_at(untouched);
        assert_eq!(honest, &[b'a'; 100][..untouched]);
        assert!(!noise.is_empty() && noise.iter().filter(|byte| b"ab".contains(byte)).count() < 20);
    }
}

#[tokio::test]
async fn our_own_frame_sent_back_is_refused() {
    let (mut secured, mut frames) = secured(&Config::new(&ed25519())).await;
    secured.stream.write_all(b"pay 100").await.unwrap();
    secured.stream.flush().await.unwrap();
    let frame = frames.receive_sealed().await.unwrap();
    let wire = [&u32::try_from(frame.len()).unwrap().to_be_bytes(), &frame[..]].concat();
    let (received, error) = read_out(secured, &mut frames, &wire).await;
    assert!(received.is_empty());
    assert!(matches!(own(&error), Error::ForgedFrame));
}

#[tokio::test]
async fn a_frame_that_is_shorter_than_a_tag_is_refused() {
    for length in [0, 1, 31] {
        let wire = [&[0, 0, 0, length], &[0; 31][..length.into()]].concat();
        let (received, error) = outcome(|_| wire).await;
        assert!(received.is_empty());
        assert!(matches!(
            own(&error),
            Error::ShortFrame { length: found, tag: 32 } if *found == usize::from(length)
        ));
    }
}

#[tokio::test]
async fn a_frame_that_is_announced_as_too_long_is_refused_before_it_comes() {
    for length in [0x0080_0001, u32::MAX] {
        let (_, error) = outcome(|_| length.to_be_bytes().to_vec()).await;
        assert!(matches!(
            own(&error),
            Error::LongFrame { length: found, longest: 0x0080_0000 } if *found == length as usize
        ));
    }
}

#[tokio::test]
async fn a_stream_that_ends_in_a_frame_is_no_clean_end() {
    let length = 4 + 4 + 32;
    for kept in [1, 3, 4, 5, length - 1] {
        let (received, error) = outcome(|frames| {
            let mut wire = frames.seal(b"whole");
            wire.extend(&frames.seal(b"part")[..kept]);
            wire
        })
        .await;
        assert_eq!(received, b"whole");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(matches!(own(&error), Error::Truncated));
    }
}

#[tokio::test]
async fn empty_and_longest_frames_are_read() {
    let (mut secured, mut frames) = secured(&Config::new(&ed25519())).await;
    let longest: Vec<u8> = (0..=250).cycle().take(0x0080_0000 - 32).collect();
    let mut wire = Vec::new();
    for plaintext in [&[][..], b"a", &[], &longest, &[], b"b"] {
        wire.extend(frames.seal(plaintext));
    }
    let write = async {
        frames.stream.write_all(&wire).await.unwrap();
        drop(frames);
    };
    let read = async {
        assert_eq!(read_bytes(&mut secured.stream).await.unwrap(), "a");
        assert!(read_bytes(&mut secured.stream).await.unwrap() == longest);
        assert_eq!(read_bytes(&mut secured.stream).await.unwrap(), "b");
        assert!(read_bytes(&mut secured.stream).await.unwrap().is_empty());
    };
    tokio::join!(write, read);
}

#[tokio::test]
async fn long_frames_that_fill_their_memory_end_the_connection_and_the_error_names_the_knob() {
    let config = Config::new(&ed25519()).with_long_frame_memory(1024 * 1024);
    for (length, fits) in [(1024 * 1024 - 32, true), (1024 * 1024 - 31, false)] {
        let (mut secured, mut frames) = secured(&config.clone()).await;
        let wire = frames.seal(&vec![1; length]);
        if fits {
            let write = frames.stream.write_all(&wire);
            let mut received = vec![0; length];
            tokio::join!(async { write.await.unwrap() }, async {
                secured.stream.read_exact(&mut received).await.unwrap();
            });
            assert!(received == vec![1; length]);
        } else {
            let (received, error) = read_out(secured, &mut frames, &wire).await;
            assert!(received.is_empty());
            assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
            assert!(matches!(own(&error), Error::LongFrameMemory(1_048_576)));
            assert!(error.to_string().contains("with_long_frame_memory"), "{error}");
        }
    }
}

#[tokio::test]
async fn several_writes_go_into_one_frame_and_long_ones_fill_their_frames() {
    let (mut secured, mut frames) = secured(&Config::new(&ed25519())).await;
    for piece in [&b"one "[..], b"two ", b"three"] {
        secured.stream.write_all(piece).await.unwrap();
    }
    secured.stream.flush().await.unwrap();
    assert_eq!(frames.receive().await.unwrap(), b"one two three");

    let data: Vec<u8> = (0..=250).cycle().take(200_000).collect();
    secured.stream.write_all(&data).await.unwrap();
    secured.stream.shutdown().await.unwrap();
    let mut received = Vec::new();
    let mut sizes = Vec::new();
    while let Some(plaintext) = frames.receive().await {
        sizes.push(plaintext.len());
        received.extend(plaintext);
    }
    assert!(received == data);
    assert_eq!(sizes, [65_501, 65_501, 65_501, 200_000 - 3 * 65_501]);
    // The other direction is still open.
    frames.send(b"thanks").await;
    assert_eq!(read_bytes(&mut secured.stream).await.unwrap(), "thanks");
}
