//! What becomes of remotes that say something else than who they are.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::time::Duration;

use peerloom_core::{ByteStream, Fault, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_peer_id::{EncodedKey, KeyType};
use peerloom_plaintext::{Error, InsecurePlaintext};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

const ROLES: [Role; 2] = [Role::Dialer, Role::Listener];

fn key(byte: u8) -> EncodedKey {
    EncodedKey::new(KeyType::Ed25519, [byte; 32])
}

/// What an honest peer with this key says.
fn honest(key: &EncodedKey) -> Vec<u8> {
    let (id, key) = (key.peer_id().as_bytes().to_vec(), key.encode());
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
    let message = [&[10, length(&id)], &id[..], &[18, length(&key)], &key].concat();
    [&[length(&message)], &message[..]].concat()
}

async fn secure(stream: DuplexStream, role: Role) -> Result<Secured, peerloom_core::Error> {
    let handshake = Handshake { role, expected: None, muxers: &["/yamux/1.0.0"] };
    InsecurePlaintext::new(key(1)).secure(ByteStream::from_io(stream), handshake).await
}

/// The outcome with a stranger who says this and goes.
async fn after(said: &[u8], role: Role) -> Result<Secured, peerloom_core::Error> {
    let (near, mut stranger) = tokio::io::duplex(8 * 1024);
    stranger.write_all(said).await.unwrap();
    stranger.shutdown().await.unwrap();
    secure(near, role).await
}

fn own(error: &peerloom_core::Error) -> &Error {
    error.downcast_ref().expect("an error of this crate")
}

#[tokio::test]
async fn we_say_who_we_are_and_hear_what_follows_untouched() {
    for role in ROLES {
        let (near, mut stranger) = tokio::io::duplex(1024);
        stranger.write_all(&[&honest(&key(2))[..], b"hello"].concat()).await.unwrap();
        let mut secured = secure(near, role).await.unwrap();
        assert_eq!((secured.remote_key, secured.muxer), (key(2), None));
        let mut heard = vec![0; honest(&key(1)).len()];
        stranger.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, honest(&key(1)));

        let mut greeting = [0; 5];
        secured.stream.read_exact(&mut greeting).await.unwrap();
        assert_eq!(&greeting, b"hello");
        secured.stream.write_all(b"as it is").await.unwrap();
        secured.stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stranger.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "as it is");
    }
}

#[tokio::test]
async fn a_message_that_ends_early_is_the_networks_fault() {
    let message = honest(&key(2));
    for length in 0..message.len() {
        let error = after(&message[..length], Role::Listener).await.unwrap_err();
        assert!(matches!(own(&error), Error::Stream(_)), "{error:?}");
        assert_eq!((error.layer(), error.fault()), ("plaintext", Fault::Network));
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_is_refused_before_it_is_read() {
    // 4097, 16383, and everything with a third byte: 16384, 2^63 - 1.
    for length in [&[0x81, 0x20][..], &[0xff, 0x7f], &[0x80, 0x80, 0x01], &[0xff; 9]] {
        for role in ROLES {
            let error = after(length, role).await.unwrap_err();
            assert!(matches!(own(&error), Error::TooLong(4096)), "{error:?}");
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
    // 4096 is read: it is not there.
    let error = after(&[0x80, 0x20], Role::Dialer).await.unwrap_err();
    assert!(matches!(own(&error), Error::Stream(_)));
}

#[tokio::test]
async fn a_length_has_one_form() {
    for length in [&[0x80, 0x00][..], &[0xce, 0x00]] {
        let error = after(length, Role::Dialer).await.unwrap_err();
        assert!(matches!(own(&error), Error::MalformedLength), "{error:?}");
        assert_eq!(error.fault(), Fault::Peer);
    }
}

#[tokio::test]
async fn what_is_no_message_or_a_false_one_is_refused() {
    let mut foreign = honest(&key(2));
    *foreign.last_mut().unwrap() ^= 1;
    for (said, is_right) in [
        (vec![0], (|error| matches!(error, Error::Key(_))) as fn(&Error) -> bool),
        (vec![3, 0xff, 0xff, 0xff], |error| matches!(error, Error::Malformed(_))),
        (b"\x13/multistream/1.0.0\n".to_vec(), |error| matches!(error, Error::Malformed(_))),
        (foreign, |error| matches!(error, Error::ForeignId { .. })),
    ] {
        for role in ROLES {
            let error = after(&said, role).await.unwrap_err();
            assert!(is_right(own(&error)), "{error:?}");
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_who_stalls_is_left_to_the_callers_timeout() {
    let (near, mut stranger) = tokio::io::duplex(1024);
    stranger.write_all(&[78, 10]).await.unwrap();
    let securing = secure(near, Role::Listener);
    assert!(tokio::time::timeout(Duration::from_secs(60), securing).await.is_err());
}
