//! Handshakes with another implementation, honest ones and others.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod peer;

use std::time::Duration;

use peer::{Extensions, Payload, Peer, ed25519, own, receive_framed, secure, send_framed};
use peerloom_core::{Fault, Role};
use peerloom_identity::{KeyKind, Keypair};
use peerloom_noise::{Config, Error, Message};
use prost::Message as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const KINDS: &[KeyKind] = &[
    KeyKind::Ed25519,
    #[cfg(any(feature = "aws-lc", feature = "portable-curves"))]
    KeyKind::Secp256k1,
    #[cfg(any(feature = "aws-lc", feature = "portable-curves"))]
    KeyKind::EcdsaP256,
    #[cfg(feature = "aws-lc")]
    KeyKind::Rsa(peerloom_crypto::RsaSize::Bits2048),
];

#[tokio::test]
async fn peers_with_keys_of_any_kind_dial_us() {
    for &kind in KINDS {
        let (mut peer, stream) = Peer::new(Role::Dialer, Keypair::generate(kind).unwrap());
        let own = ed25519();
        let config = Config::new(&own);
        let payload = peer.payload();
        let (secured, theirs) =
            tokio::join!(secure(&config, stream, Role::Listener, &[]), peer.dial(&payload));
        let mut secured = secured.unwrap();
        assert_eq!(secured.remote_key, peer.keypair.public_key().encode());
        assert_eq!(theirs.identity_key, Some(own.public_key().encode().encode()));

        let mut records = peer.into_records();
        secured.stream.write_all(b"hello").await.unwrap();
        secured.stream.flush().await.unwrap();
        assert_eq!(records.receive().await.unwrap(), b"hello");
        let record = records.seal(b"hello to you");
        records.stream.write_all(&record).await.unwrap();
        drop(records);
        let mut received = Vec::new();
        secured.stream.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, b"hello to you");
    }
}

#[tokio::test]
async fn with_a_key_of_any_kind_we_dial_others() {
    for &kind in KINDS {
        let (mut peer, stream) = Peer::new(Role::Listener, ed25519());
        let own = Keypair::generate(kind).unwrap();
        let config = Config::new(&own);
        let payload = peer.payload();
        let conversation = async {
            peer.answer(&payload).await;
            peer.receive_payload().await
        };
        let (secured, theirs) =
            tokio::join!(secure(&config, stream, Role::Dialer, &[]), conversation);
        assert_eq!(secured.unwrap().remote_key, peer.keypair.public_key().encode());
        assert_eq!(theirs.identity_key, Some(own.public_key().encode().encode()));
        assert_eq!(theirs.extensions, None);
    }
}

#[tokio::test]
async fn data_in_the_same_flight_as_message_3_arrive() {
    // Also behind a message that is received in several pieces.
    for muxers in [0, 700] {
        let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
        let (config, payload) = (Config::new(&ed25519()), offering(&peer, &vec!["/x"; muxers]));
        let conversation = async {
            peer.dial(&payload).await;
            // All of it is on the line before the listener looks at message 3.
            let mut records = peer.into_records();
            let record = records.seal(b"early");
            records.stream.write_all(&record).await.unwrap();
            records
        };
        let (secured, _records) =
            tokio::join!(secure(&config, stream, Role::Listener, &[]), conversation);
        let mut early = [0; 5];
        secured.unwrap().stream.read_exact(&mut early).await.unwrap();
        assert_eq!(&early, b"early");
    }
}

/// What a dialer agrees on, and what it offers to a listener that offers `theirs`.
async fn dial_muxers(ours: &[&str], theirs: &[&str]) -> (Option<String>, Vec<String>) {
    let (mut peer, stream) = Peer::new(Role::Listener, ed25519());
    let (config, payload) = (Config::new(&ed25519()), offering(&peer, theirs));
    let conversation = async {
        peer.answer(&payload).await;
        peer.receive_payload().await
    };
    let (secured, offered) =
        tokio::join!(secure(&config, stream, Role::Dialer, ours), conversation);
    (secured.unwrap().muxer, offered.extensions.unwrap_or_default().stream_muxers)
}

/// What a listener agrees on, and what it offers to a dialer that offers `theirs`.
async fn listen_muxers(ours: &[&str], theirs: &[&str]) -> (Option<String>, Vec<String>) {
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let (config, payload) = (Config::new(&ed25519()), offering(&peer, theirs));
    let (secured, offered) =
        tokio::join!(secure(&config, stream, Role::Listener, ours), peer.dial(&payload));
    (secured.unwrap().muxer, offered.extensions.unwrap_or_default().stream_muxers)
}

fn offering(peer: &Peer, muxers: &[&str]) -> Payload {
    let stream_muxers = muxers.iter().map(ToString::to_string).collect();
    let webtransport_certhashes = vec![vec![0xff; 34]];
    let extensions = Some(Extensions { webtransport_certhashes, stream_muxers });
    Payload { extensions, ..peer.payload() }
}

#[tokio::test]
async fn the_initiators_order_of_muxers_wins() {
    let (agreed, offered) = dial_muxers(&["/b", "/a"], &["/x", "/a", "/b"]).await;
    assert_eq!(agreed.as_deref(), Some("/b"));
    assert_eq!(offered, ["/b", "/a"]);
    let (agreed, offered) = listen_muxers(&["/b", "/a"], &["/x", "/a", "/b"]).await;
    assert_eq!(agreed.as_deref(), Some("/a"));
    assert_eq!(offered, ["/b", "/a"]);
}

#[tokio::test]
async fn without_a_shared_muxer_none_is_agreed_and_a_dialer_offers_none() {
    assert_eq!(dial_muxers(&["/a"], &["/b"]).await, (None, vec![]));
    assert_eq!(dial_muxers(&["/a"], &[]).await, (None, vec!["/a".to_owned()]));
    assert_eq!(dial_muxers(&[], &["/a"]).await, (None, vec![]));
    assert_eq!(listen_muxers(&["/a"], &["/b"]).await, (None, vec!["/a".to_owned()]));
    assert_eq!(listen_muxers(&[], &["/a"]).await, (None, vec![]));
}

/// What both roles make of a payload.
async fn outcomes(spoil: impl Fn(&Peer) -> Vec<u8>) -> [(Message, peerloom_core::Error); 2] {
    let config = Config::new(&ed25519());

    let (mut peer, stream) = Peer::new(Role::Listener, ed25519());
    let payload = spoil(&peer);
    let conversation = async {
        peer.receive().await;
        peer.send(&payload).await;
        assert_eq!(receive_framed(&mut peer.stream).await, None, "we told our identity");
    };
    let (dialed, ()) = tokio::join!(secure(&config, stream, Role::Dialer, &[]), conversation);

    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let payload = spoil(&peer);
    let conversation = async {
        peer.send(&[]).await;
        peer.receive().await;
        peer.send(&payload).await;
    };
    let (listened, ()) = tokio::join!(secure(&config, stream, Role::Listener, &[]), conversation);
    [(Message::Second, dialed.unwrap_err()), (Message::Third, listened.unwrap_err())]
}

#[tokio::test]
async fn a_signature_that_is_not_the_peers_is_refused() {
    let spoilers: [fn(&Peer) -> Payload; 6] = [
        // Changed.
        |peer| {
            let mut payload = peer.payload();
            payload.identity_sig.as_mut().unwrap()[7] ^= 1;
            payload
        },
        // By another peer, over its own Noise key (CVE-2022-24759).
        |peer| Payload {
            identity_sig: Peer::new(Role::Dialer, ed25519()).0.payload().identity_sig,
            ..peer.payload()
        },
        // A whole honest payload of another peer, replayed.
        |_| Peer::new(Role::Dialer, ed25519()).0.payload(),
        // Another peer's key with the own signature.
        |peer| Payload {
            identity_key: Some(ed25519().public_key().encode().encode()),
            ..peer.payload()
        },
        |peer| Payload { identity_sig: None, ..peer.payload() },
        |peer| Payload { identity_sig: Some(vec![0; 64]), ..peer.payload() },
    ];
    for spoil in spoilers {
        for (message, error) in outcomes(|peer| spoil(peer).encode_to_vec()).await {
            assert!(matches!(own(&error), Error::Signature(m) if *m == message), "{error:?}");
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
}

#[tokio::test]
async fn a_payload_without_a_usable_key_is_refused() {
    let spoilers: [fn(&Peer) -> Payload; 4] = [
        |_| Payload::default(),
        |peer| Payload { identity_key: None, ..peer.payload() },
        |peer| Payload { identity_key: Some(vec![8, 1, 18, 2, 0, 0]), ..peer.payload() },
        |peer| Payload { identity_key: Some(vec![0xff; 5_000]), ..peer.payload() },
    ];
    for spoil in spoilers {
        for (message, error) in outcomes(|peer| spoil(peer).encode_to_vec()).await {
            assert!(matches!(own(&error), Error::IdentityKey(m, _) if *m == message), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_payload_that_is_no_protobuf_is_refused() {
    for bytes in [vec![0xff; 10], vec![10, 0xff, 0xff, 0xff, 0xff, 0x0f], vec![0x23; 60_000]] {
        for (message, error) in outcomes(|_| bytes.clone()).await {
            assert!(matches!(own(&error), Error::MalformedPayload(m, _) if *m == message));
        }
    }
}

#[tokio::test]
async fn the_longest_handshake_messages_are_read() {
    let long = |peer: &Peer| offering(peer, &["/x"; 15_000]);
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let (config, payload) = (Config::new(&ed25519()), long(&peer));
    let conversation = async {
        peer.send(&vec![1; 65_000]).await;
        peer.receive().await;
        peer.send(&payload.encode_to_vec()).await;
    };
    let (secured, ()) =
        tokio::join!(secure(&config, stream, Role::Listener, &["/y"]), conversation);
    assert_eq!(secured.unwrap().muxer, None);
}

#[tokio::test]
async fn more_muxers_than_fit_are_the_callers_fault() {
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let config = Config::new(&ed25519());
    peer.send(&[]).await;
    let muxers = ["/muxer/1.0.0"; 6_000];
    let error = secure(&config, stream, Role::Listener, &muxers).await.unwrap_err();
    assert!(matches!(own(&error), Error::PayloadTooLong(Message::Second)));
    assert_eq!(error.fault(), Fault::Caller);
}

#[tokio::test]
async fn a_line_that_ends_in_any_message_is_the_networks_fault() {
    let config = Config::new(&ed25519());
    for length in [0, 1, 2, 33] {
        let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
        peer.stream.write_all(&[&[0, 32], &[9; 32][..]].concat()[..length]).await.unwrap();
        drop(peer);
        let error = secure(&config, stream, Role::Listener, &[]).await.unwrap_err();
        assert!(matches!(own(&error), Error::Stream(Message::First, _)), "{error:?}");
        assert_eq!(error.fault(), Fault::Network);
    }
    let (peer, stream) = Peer::new(Role::Listener, ed25519());
    drop(peer);
    let error = secure(&config, stream, Role::Dialer, &[]).await.unwrap_err();
    assert!(matches!(own(&error), Error::Stream(Message::First, _)));
}

#[tokio::test]
async fn a_first_message_that_is_too_short_or_of_low_order_is_refused() {
    let config = Config::new(&ed25519());
    for length in [0, 1, 31, 32] {
        let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
        send_framed(&mut peer.stream, &vec![0; length]).await;
        let error = secure(&config, stream, Role::Listener, &[]).await.unwrap_err();
        assert_eq!(error.fault(), Fault::Peer);
        match own(&error) {
            Error::Short(Message::First) => assert!(length < 32),
            Error::LowOrder(Message::First) => assert_eq!(length, 32),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stalls_is_left_to_the_callers_timeout() {
    let config = Config::new(&ed25519());
    let (_peer, stream) = Peer::new(Role::Listener, ed25519());
    let securing = secure(&config, stream, Role::Dialer, &[]);
    assert!(tokio::time::timeout(Duration::from_secs(60), securing).await.is_err());
}

#[tokio::test]
async fn connections_share_a_noise_key_unless_each_is_to_have_its_own() {
    let keypair = ed25519();
    for (config, same) in
        [(Config::new(&keypair), true), (Config::new(&keypair).with_fresh_keys(), false)]
    {
        let mut signatures = Vec::new();
        for _ in 0..2 {
            let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
            let payload = peer.payload();
            let (_, theirs) =
                tokio::join!(secure(&config, stream, Role::Listener, &[]), peer.dial(&payload));
            signatures.push(theirs.identity_sig);
        }
        assert_eq!(signatures[0] == signatures[1], same);
    }
}
