//! Handshakes with a peer written apart from the crate, honest ones and others.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod peer;

use std::time::Duration;

use peer::{Exchange, Peer, Proposal, Reading, ed25519, own, receive_framed, secure, send_framed};
use peerloom_core::{Fault, Handshake, Role, SecurityUpgrade, WrongPeer};
use peerloom_crypto::Curve;
use peerloom_crypto::ecdh::SecretKey;
use peerloom_identity::{KeyKind, Keypair};
use peerloom_secio::{Cipher, Config, Error, Hash, Kind, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ROLES: [Role; 2] = [Role::Dialer, Role::Listener];

const KINDS: &[KeyKind] = &[
    KeyKind::Ed25519,
    KeyKind::Secp256k1,
    KeyKind::EcdsaP256,
    #[cfg(feature = "aws-lc")]
    KeyKind::Rsa(peerloom_crypto::RsaSize::Bits2048),
];

#[tokio::test]
async fn peers_with_keys_of_any_kind_talk_in_both_roles() {
    for &kind in KINDS {
        for role in ROLES {
            let (peer, stream) = Peer::new(role.other(), Keypair::generate(kind).unwrap());
            let theirs = peer.keypair.public_key().encode();
            let config = Config::new(&Keypair::generate(kind).unwrap());
            let (secured, mut frames) =
                tokio::join!(secure(&config, stream, role), peer.shake_hands());
            let mut secured = secured.unwrap();
            assert_eq!((secured.remote_key, secured.muxer), (theirs, None));

            secured.stream.write_all(b"hello").await.unwrap();
            secured.stream.flush().await.unwrap();
            assert_eq!(frames.receive().await.unwrap(), b"hello");
            frames.send(b"hello to you").await;
            drop(frames);
            let mut received = String::new();
            secured.stream.read_to_string(&mut received).await.unwrap();
            assert_eq!(received, "hello to you");
        }
    }
}

#[tokio::test]
async fn a_dialer_gets_along_with_listeners_of_both_readings_whose_secrets_begin_with_zeros() {
    let config = Config::new(&ed25519());
    for exchange in ["P-256", "P-521"] {
        for reading in [Reading::Full, Reading::Stripped] {
            let (mut peer, stream) = Peer::new(Role::Listener, ed25519());
            peer.proposal.exchanges = Some(exchange.to_owned());
            (peer.reading, peer.wants_zeros) = (reading, true);
            let (secured, mut frames) =
                tokio::join!(secure(&config, stream, Role::Dialer), peer.shake_hands());
            frames.send(b"understood").await;
            let mut received = [0; 10];
            secured.unwrap().stream.read_exact(&mut received).await.unwrap();
            assert_eq!(&received, b"understood", "{exchange} {reading:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_dialer_says_nothing_before_it_knows_how_the_listener_reads_the_secret() {
    let config = Config::new(&ed25519());
    let (mut peer, stream) = Peer::new(Role::Listener, ed25519());
    peer.wants_zeros = true;
    let conversation = async {
        peer.propose().await;
        let nonce = peer.theirs.rand().to_vec();
        let mut frames = peer.agree().await;
        let silence = tokio::time::timeout(Duration::from_secs(60), frames.stream.read_u8()).await;
        assert!(silence.is_err());
        frames.send(&nonce).await;
        frames.receive().await.unwrap()
    };
    let (secured, nonce) = tokio::join!(secure(&config, stream, Role::Dialer), conversation);
    secured.unwrap();
    assert_eq!(nonce.len(), 16);
}

#[tokio::test]
async fn a_listener_gets_along_with_dialers_of_both_readings() {
    let config = Config::new(&ed25519());
    for reading in [Reading::Full, Reading::Stripped] {
        // Without its care for leading zeros, one of the two readings would fail in half of these.
        for _ in 0..32 {
            let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
            peer.proposal.exchanges = Some("P-521".to_owned());
            peer.reading = reading;
            let (secured, _) =
                tokio::join!(secure(&config, stream, Role::Listener), peer.shake_hands());
            secured.unwrap();
        }
    }
}

#[tokio::test]
async fn a_dialer_says_nothing_to_the_wrong_peer() {
    let (mut peer, stream) = Peer::new(Role::Listener, ed25519());
    let (config, expected) = (Config::new(&ed25519()), ed25519().peer_id());
    let handshake = Handshake { role: Role::Dialer, expected: Some(&expected), muxers: &[] };
    let conversation = async {
        let proposal = prost::Message::encode_to_vec(&peer.proposal);
        send_framed(&mut peer.stream, &proposal).await;
        receive_framed(&mut peer.stream).await
    };
    let (error, heard) = tokio::join!(config.secure(stream, handshake), conversation);
    let error = error.unwrap_err();
    let wrong: &WrongPeer = error.downcast_ref().unwrap();
    assert_eq!((wrong.expected, wrong.actual), (expected, peer.keypair.peer_id()));
    assert_eq!(heard, None);
}

#[tokio::test]
async fn a_listener_signs_nothing_for_the_wrong_peer() {
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let (config, expected) = (Config::new(&ed25519()), ed25519().peer_id());
    let handshake = Handshake { role: Role::Listener, expected: Some(&expected), muxers: &[] };
    let conversation = async {
        peer.propose().await;
        receive_framed(&mut peer.stream).await
    };
    let (error, heard) = tokio::join!(config.secure(stream, handshake), conversation);
    assert!(error.unwrap_err().downcast_ref::<WrongPeer>().is_some());
    assert_eq!(heard, None);
}

/// What both roles make of a proposal.
async fn proposals(spoil: impl Fn(&mut Proposal)) -> [peerloom_core::Error; 2] {
    let config = Config::new(&ed25519());
    let outcome = async |role: Role| {
        let (mut peer, stream) = Peer::new(role.other(), ed25519());
        spoil(&mut peer.proposal);
        let conversation = async {
            let proposal = prost::Message::encode_to_vec(&peer.proposal);
            send_framed(&mut peer.stream, &proposal).await;
            let mut heard = Vec::new();
            peer.stream.read_to_end(&mut heard).await.unwrap();
        };
        tokio::join!(secure(&config, stream, role), conversation).0.unwrap_err()
    };
    [outcome(Role::Dialer).await, outcome(Role::Listener).await]
}

#[tokio::test]
async fn a_nonce_has_16_bytes() {
    for length in [0, 15, 17, 2000] {
        for error in proposals(|proposal| proposal.rand = Some(vec![7; length])).await {
            assert!(matches!(own(&error), Error::Nonce(found) if *found == length), "{error:?}");
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
    for error in proposals(|proposal| proposal.rand = None).await {
        assert!(matches!(own(&error), Error::Nonce(0)));
    }
}

#[tokio::test]
async fn a_proposal_without_a_usable_key_is_refused() {
    for key in [None, Some(vec![]), Some(vec![8, 1, 18, 2, 0, 0]), Some(vec![0xff; 3_000])] {
        for error in proposals(|proposal| proposal.pubkey = key.clone()).await {
            assert!(matches!(own(&error), Error::IdentityKey(_)), "{error:?}");
        }
    }
}

#[tokio::test]
async fn nothing_in_common_is_told_with_both_lists() {
    type Spoil = fn(&mut Proposal);
    let cases: [(Spoil, Kind, &str, &str); 4] = [
        (|p| p.exchanges = Some("P-224,X".into()), Kind::Exchange, "P-256,P-384,P-521", "P-224,X"),
        (
            |p| p.ciphers = Some("NULL,Blowfish".into()),
            Kind::Cipher,
            "AES-128,AES-256",
            "NULL,Blowfish",
        ),
        (|p| p.hashes = Some(String::new()), Kind::Hash, "SHA256,SHA512", ""),
        (|p| p.hashes = None, Kind::Hash, "SHA256,SHA512", ""),
    ];
    for (spoil, expected, our_list, their_list) in cases {
        for error in proposals(spoil).await {
            let Error::NothingInCommon { kind, ours, theirs } = own(&error) else {
                panic!("{error:?}")
            };
            assert_eq!((*kind, ours.as_str(), theirs.as_str()), (expected, our_list, their_list));
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
}

#[tokio::test]
async fn the_wrong_peer_is_the_wrong_peer_though_nothing_is_in_common() {
    for role in [Role::Dialer, Role::Listener] {
        let (mut peer, stream) = Peer::new(role.other(), ed25519());
        peer.proposal.ciphers = Some("NULL".into());
        let (config, expected) = (Config::new(&ed25519()), ed25519().peer_id());
        let handshake = Handshake { role, expected: Some(&expected), muxers: &[] };
        let proposal = prost::Message::encode_to_vec(&peer.proposal);
        let conversation = send_framed(&mut peer.stream, &proposal);
        let (error, ()) = tokio::join!(config.secure(stream, handshake), conversation);
        let error = error.unwrap_err();
        let wrong: &WrongPeer = error.downcast_ref().unwrap_or_else(|| panic!("{error:?}"));
        assert_eq!((wrong.expected, wrong.actual), (expected, peer.keypair.peer_id()));
    }
}

#[tokio::test(start_paused = true)]
async fn to_offer_nothing_is_the_callers_fault_and_nothing_is_said() {
    let config = Config::new(&ed25519());
    for (config, expected) in [
        (config.clone().with_exchanges([]), Kind::Exchange),
        (config.clone().with_ciphers([]), Kind::Cipher),
        (config.clone().with_hashes([]), Kind::Hash),
    ] {
        for role in [Role::Dialer, Role::Listener] {
            let (mut peer, stream) = Peer::new(role.other(), ed25519());
            let securing = secure(&config, stream, role);
            let ended = tokio::time::timeout(Duration::from_secs(60), securing).await;
            let error = ended.expect("it waits for the remote").unwrap_err();
            let Error::NothingToOffer(kind) = own(&error) else { panic!("{error:?}") };
            assert_eq!((*kind, error.fault()), (expected, Fault::Caller));
            assert_eq!(receive_framed(&mut peer.stream).await, None);
        }
    }
}

#[tokio::test]
async fn a_config_offers_what_it_is_told_to_and_each_once() {
    let config = Config::new(&ed25519())
        .with_ciphers([Cipher::Blowfish, Cipher::Aes128, Cipher::Blowfish])
        .with_hashes([Hash::Sha256]);
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let conversation = async {
        peer.propose().await;
        peer.stream.shutdown().await.unwrap();
    };
    let (_, ()) = tokio::join!(secure(&config, stream, Role::Listener), conversation);
    assert_eq!(peer.theirs.ciphers(), "Blowfish,AES-128");
    assert_eq!(peer.theirs.hashes(), "SHA256");
    assert_eq!(peer.theirs.exchanges(), "P-256,P-384,P-521");
    assert_eq!(peer.theirs.rand().len(), 16);
}

#[tokio::test]
async fn our_own_proposal_sent_back_is_noticed() {
    let config = Config::new(&ed25519());
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let mirror = async {
        let theirs = receive_framed(&mut peer.stream).await.unwrap();
        send_framed(&mut peer.stream, &theirs).await;
        receive_framed(&mut peer.stream).await
    };
    let (error, heard) = tokio::join!(secure(&config, stream, Role::Listener), mirror);
    assert!(matches!(own(&error.unwrap_err()), Error::TalkingToOneself));
    assert_eq!(heard, None);
}

#[tokio::test]
async fn equal_nonces_of_different_peers_do_no_harm() {
    let config = Config::new(&ed25519());
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let theirs = peer.keypair.public_key().encode();
    let conversation = async {
        peer.propose_our_nonce().await;
        peer.finish().await
    };
    let (secured, mut frames) = tokio::join!(secure(&config, stream, Role::Listener), conversation);
    let mut secured = secured.unwrap();
    assert_eq!(secured.remote_key, theirs);
    secured.stream.write_all(b"hello").await.unwrap();
    secured.stream.flush().await.unwrap();
    assert_eq!(frames.receive().await.unwrap(), b"hello");
}

/// What both roles make of an exchange.
async fn exchanges(spoil: impl Fn(&Peer, Exchange) -> Exchange) -> [peerloom_core::Error; 2] {
    let config = Config::new(&ed25519());
    let outcome = async |role: Role| {
        let (mut peer, stream) = Peer::new(role.other(), ed25519());
        let conversation = async {
            peer.propose().await;
            if !peer.role.is_dialer() {
                peer.receive_exchange().await;
            }
            let ephemeral = SecretKey::generate(Curve::P256).unwrap();
            let exchange = spoil(&peer, peer.exchange(ephemeral.public_point()));
            peer.send_exchange(&exchange).await;
            assert_eq!(receive_framed(&mut peer.stream).await, None, "we went on");
        };
        tokio::join!(secure(&config, stream, role), conversation).0.unwrap_err()
    };
    [outcome(Role::Dialer).await, outcome(Role::Listener).await]
}

#[tokio::test]
async fn a_signature_that_is_not_the_peers_is_refused() {
    let spoilers: [fn(&Peer, Exchange) -> Exchange; 5] = [
        // Changed.
        |_, mut exchange| {
            exchange.signature.as_mut().unwrap()[7] ^= 1;
            exchange
        },
        // By another key, over the same.
        |peer, exchange| {
            let signature = ed25519().sign(&peer.corpus(exchange.epubkey())).unwrap();
            Exchange { signature: Some(signature), ..exchange }
        },
        // By the right key, over another ephemeral key.
        |peer, exchange| {
            let other = SecretKey::generate(Curve::P256).unwrap();
            Exchange { signature: peer.exchange(other.public_point()).signature, ..exchange }
        },
        |_, exchange| Exchange { signature: None, ..exchange },
        |_, _| Exchange::default(),
    ];
    for spoil in spoilers {
        for error in exchanges(spoil).await {
            assert!(matches!(own(&error), Error::Signature), "{error:?}");
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
}

#[tokio::test]
async fn a_signed_point_that_is_not_on_the_curve_is_refused() {
    let good = SecretKey::generate(Curve::P256).unwrap().public_point().to_vec();
    let mut beside = good.clone();
    *beside.last_mut().unwrap() ^= 1;
    let compressed = [&[2], &good[1..33]].concat();
    let of_another_curve = SecretKey::generate(Curve::P384).unwrap().public_point().to_vec();
    let points =
        [beside, compressed, of_another_curve, vec![0], vec![4; 65], vec![], good[..64].to_vec()];
    for point in points {
        for error in exchanges(|peer, _| peer.exchange(&point)).await {
            assert!(matches!(own(&error), Error::EphemeralKey(_)), "{error:?}");
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
}

#[tokio::test]
async fn messages_that_are_no_protobuf_are_refused() {
    for bytes in [vec![0xff; 10], vec![10, 0xff, 0xff, 0xff, 0xff, 0x0f], vec![0x23; 4_000]] {
        for (role, message) in [
            (Role::Dialer, Message::Proposal),
            (Role::Listener, Message::Proposal),
            (Role::Listener, Message::Exchange),
        ] {
            let config = Config::new(&ed25519());
            let (mut peer, stream) = Peer::new(role.other(), ed25519());
            let conversation = async {
                if message == Message::Exchange {
                    peer.propose().await;
                }
                send_framed(&mut peer.stream, &bytes).await;
            };
            let (outcome, ()) = tokio::join!(secure(&config, stream, role), conversation);
            let error = outcome.unwrap_err();
            assert!(matches!(own(&error), Error::Malformed(found, _) if *found == message));
        }
    }
}

#[tokio::test]
async fn a_message_that_is_announced_as_too_long_is_refused_before_it_comes() {
    let config = Config::new(&ed25519());
    for length in [4 * 1024 + 1, 0x0080_0000, u32::MAX] {
        for role in ROLES {
            let (mut peer, stream) = Peer::new(role.other(), ed25519());
            peer.stream.write_u32(length).await.unwrap();
            let error = secure(&config, stream, role).await.unwrap_err();
            assert!(matches!(
                own(&error),
                Error::TooLong { message: Message::Proposal, longest: 4096, length: found }
                    if *found == length as usize
            ));
        }
    }
}

#[tokio::test]
async fn a_first_frame_that_does_not_return_the_nonce_is_refused() {
    let config = Config::new(&ed25519());
    for role in ROLES {
        for wrong in [&[][..], &[0; 16], &[0; 15], &[0; 17], b"GET / HTTP/1.1\r\n\r\n"] {
            let (mut peer, stream) = Peer::new(role.other(), ed25519());
            let conversation = async {
                peer.propose().await;
                peer.agree().await.send(wrong).await;
            };
            let (outcome, ()) = tokio::join!(secure(&config, stream, role), conversation);
            assert!(matches!(own(&outcome.unwrap_err()), Error::NonceEcho));
        }
    }
}

#[tokio::test]
async fn a_first_frame_that_is_changed_or_cut_is_refused() {
    let config = Config::new(&ed25519());
    for role in ROLES {
        for at in 0..16 + 32 {
            for cut in [false, true] {
                let (mut peer, stream) = Peer::new(role.other(), ed25519());
                let conversation = async {
                    peer.propose().await;
                    let nonce = peer.theirs.rand().to_vec();
                    let mut frames = peer.agree().await;
                    let mut frame = frames.seal(&nonce).split_off(4);
                    if cut {
                        frame.truncate(at);
                    } else {
                        frame[at] ^= 0x10;
                    }
                    send_framed(&mut frames.stream, &frame).await;
                };
                let (outcome, ()) = tokio::join!(secure(&config, stream, role), conversation);
                let error = outcome.unwrap_err();
                match own(&error) {
                    Error::ForgedFrame => assert!(!cut || 32 <= at),
                    Error::ShortFrame { length, tag: 32 } => {
                        assert!(cut && *length == at && at < 32);
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn our_first_frame_sent_back_is_refused() {
    let config = Config::new(&ed25519());
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let conversation = async {
        peer.propose().await;
        let mut frames = peer.agree().await;
        let frame = frames.receive_sealed().await.unwrap();
        send_framed(&mut frames.stream, &frame).await;
    };
    let (outcome, ()) = tokio::join!(secure(&config, stream, Role::Listener), conversation);
    assert!(matches!(own(&outcome.unwrap_err()), Error::ForgedFrame));
}

#[tokio::test]
async fn a_line_that_ends_in_any_message_is_the_networks_fault() {
    let config = Config::new(&ed25519());
    let is = |error: &peerloom_core::Error, message| {
        assert!(matches!(own(error), Error::Stream(found, _) if *found == message), "{error:?}");
        assert_eq!(error.fault(), Fault::Network);
    };
    for role in ROLES {
        for length in [0, 1, 4, 20] {
            let (mut peer, stream) = Peer::new(role.other(), ed25519());
            peer.stream
                .write_all(&[&[0, 0, 0, 99], &[9; 32][..]].concat()[..length])
                .await
                .unwrap();
            peer.stream.shutdown().await.unwrap();
            is(&secure(&config, stream, role).await.unwrap_err(), Message::Proposal);
        }
    }
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let conversation = async {
        peer.propose().await;
        drop(peer);
    };
    let (outcome, ()) = tokio::join!(secure(&config, stream, Role::Listener), conversation);
    is(&outcome.unwrap_err(), Message::Exchange);

    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let conversation = async {
        peer.propose().await;
        peer.agree().await;
    };
    let (outcome, ()) = tokio::join!(secure(&config, stream, Role::Listener), conversation);
    is(&outcome.unwrap_err(), Message::FirstFrame);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stalls_is_left_to_the_callers_timeout() {
    let config = Config::new(&ed25519());
    let (_peer, stream) = Peer::new(Role::Listener, ed25519());
    let securing = secure(&config, stream, Role::Dialer);
    assert!(tokio::time::timeout(Duration::from_secs(60), securing).await.is_err());
}
