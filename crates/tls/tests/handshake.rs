//! Handshakes with another implementation, honest ones and others.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod peer;

use std::time::Duration;

use peer::certificate::{Certificate, IDENTITY, extension, honest_identity, identity, sequence};
use peer::{Peer, Script, certificate_key, ed25519, own, secure};
use peerloom_core::{Fault, Handshake, Role, SecurityUpgrade, WrongPeer};
use peerloom_crypto::RsaSize;
use peerloom_crypto::ecdsa::SecretKey;
use peerloom_identity::{KeyKind, Keypair};
use peerloom_tls::{CertificateError, Config, Error};
use rustls::crypto::aws_lc_rs::cipher_suite::{
    TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256,
};
use rustls::{AlertDescription, Connection, SupportedCipherSuite};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn peers_with_keys_of_any_kind_know_each_other_in_both_roles() {
    let kinds =
        [KeyKind::Ed25519, KeyKind::Secp256k1, KeyKind::EcdsaP256, KeyKind::Rsa(RsaSize::Bits2048)];
    for kind in kinds {
        for role in [Role::Dialer, Role::Listener] {
            let keypair = Keypair::generate(kind).unwrap();
            let (mut peer, stream) = Script::new(&keypair).start(role);
            let config = Config::new(&keypair);
            let (ours, theirs) =
                tokio::join!(secure(&config, stream, role.other(), &[]), peer.shake_hands());
            theirs.unwrap();
            assert_eq!(ours.unwrap().remote_key, keypair.public_key().encode());
            let shown = shown(&peer);
            let proved = peerloom_tls::verify_certificate(&shown, std::time::SystemTime::now());
            assert_eq!(proved.unwrap(), keypair.public_key().encode());
        }
    }
}

/// The certificate that our side showed.
fn shown(peer: &Peer) -> Vec<u8> {
    let [certificate] = peer.connection.peer_certificates().unwrap() else {
        panic!("there is not one certificate")
    };
    certificate.to_vec()
}

#[tokio::test]
async fn connections_share_a_certificate_unless_each_is_to_have_its_own() {
    let keypair = ed25519();
    for (config, same) in
        [(Config::new(&keypair), true), (Config::new(&keypair).with_fresh_certificates(), false)]
    {
        let mut certificates = Vec::new();
        for role in [Role::Dialer, Role::Listener] {
            let (mut peer, stream) = Script::new(&ed25519()).start(role);
            let (_, theirs) =
                tokio::join!(secure(&config, stream, role.other(), &[]), peer.shake_hands());
            theirs.unwrap();
            certificates.push(shown(&peer));
        }
        assert_eq!(certificates[0] == certificates[1], same);
    }
}

#[tokio::test]
async fn a_dialer_names_no_server_and_agrees_with_whom_knows_only_libp2p() {
    let (mut peer, stream) = Script::new(&ed25519()).start(Role::Listener);
    let config = Config::new(&ed25519());
    let (ours, theirs) =
        tokio::join!(secure(&config, stream, Role::Dialer, &["/a"]), peer.shake_hands());
    theirs.unwrap();
    assert_eq!(ours.unwrap().muxer, None);
    assert_eq!(peer.connection.alpn_protocol(), Some(&b"libp2p"[..]));
    let Connection::Server(connection) = &peer.connection else { panic!("it listens") };
    assert_eq!(connection.server_name(), None);
}

/// What our side, in the role that the peer has not, agrees on with a peer that has these protocols.
async fn agree(role: Role, ours: &[&str], theirs: &[&'static str]) -> Option<String> {
    let script = Script { protocols: theirs.to_vec(), ..Script::new(&ed25519()) };
    let (mut peer, stream) = script.start(role);
    let config = Config::new(&ed25519());
    let (secured, shaken) =
        tokio::join!(secure(&config, stream, role.other(), ours), peer.shake_hands());
    shaken.unwrap();
    secured.unwrap().muxer
}

#[tokio::test]
async fn a_listener_takes_the_first_muxer_of_the_dialer_that_it_has() {
    let dialed_with = async |ours: &[&str], theirs| agree(Role::Dialer, ours, theirs).await;
    let agreed = dialed_with(&["/b", "/a"], &["/x", "/a", "/b", "libp2p"]).await;
    assert_eq!(agreed.as_deref(), Some("/a"));
    assert_eq!(dialed_with(&["/b"], &["/a", "libp2p"]).await, None);
    assert_eq!(dialed_with(&[], &["/a", "libp2p"]).await, None);
    assert_eq!(dialed_with(&["/a"], &["libp2p"]).await, None);
    // It need not offer anything at all.
    assert_eq!(dialed_with(&["/a"], &[]).await, None);
}

#[tokio::test]
async fn a_dialer_takes_the_muxer_that_the_listener_chose() {
    let agreed = agree(Role::Listener, &["/b", "/a"], &["/a", "/b", "libp2p"]).await;
    assert_eq!(agreed.as_deref(), Some("/a"));
    let long = "/long".repeat(52);
    assert_eq!(agree(Role::Listener, &["", &long], &["libp2p"]).await, None);
    let many = vec!["/many"; 10_000];
    assert_eq!(agree(Role::Listener, &many, &["libp2p"]).await, None);
}

/// The cipher that is agreed on with a peer, in this role, that has these in this order.
async fn agree_on_cipher(role: Role, suites: Vec<SupportedCipherSuite>) -> SupportedCipherSuite {
    let (mut peer, stream) = Script { suites, ..Script::new(&ed25519()) }.start(role);
    let config = Config::new(&ed25519());
    let (ours, theirs) =
        tokio::join!(secure(&config, stream, role.other(), &[]), peer.shake_hands());
    theirs.unwrap();
    ours.unwrap();
    peer.connection.negotiated_cipher_suite().unwrap()
}

/// Whether the CPU has instructions for what AES-GCM does.
fn has_aes() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("aes") && is_x86_feature_detected!("pclmulqdq");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("aes")
        && std::arch::is_aarch64_feature_detected!("pmull");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

#[tokio::test]
async fn the_dialers_first_cipher_is_taken_and_ours_is_aes_where_the_cpu_has_it() {
    let (aes, chacha) = (TLS13_AES_128_GCM_SHA256, TLS13_CHACHA20_POLY1305_SHA256);
    let first = if has_aes() { aes } else { chacha };
    for theirs in [vec![aes, chacha], vec![chacha, aes]] {
        assert_eq!(agree_on_cipher(Role::Dialer, theirs.clone()).await, theirs[0]);
        assert_eq!(agree_on_cipher(Role::Listener, theirs).await, first);
    }
}

/// What our side, in the role that the peer has not, makes of a peer; and what the peer hears of it.
async fn refuse(script: Script, role: Role) -> (peerloom_core::Error, rustls::Error) {
    let (mut peer, stream) = script.start(role);
    let config = Config::new(&ed25519());
    let conversation = async {
        match peer.shake_hands().await {
            Err(error) => error,
            // A dialer is done before our side has seen its certificate.
            Ok(()) => peer.hear().await.unwrap_err(),
        }
    };
    // Should it go well, the peer is left alone, and not waited for.
    let ours = async { secure(&config, stream, role.other(), &[]).await.map(drop) };
    let (ours, theirs) = tokio::join!(ours, conversation);
    (ours.unwrap_err(), theirs)
}

#[tokio::test]
async fn a_dialer_that_wants_something_else_is_refused() {
    let script = Script { protocols: vec!["h2"], ..Script::new(&ed25519()) };
    let (ours, theirs) = refuse(script, Role::Dialer).await;
    assert!(matches!(own(&ours), Error::Handshake(_)), "{ours:?}");
    assert_eq!(theirs, rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol));
}

#[tokio::test]
async fn a_dialer_without_a_certificate_is_refused() {
    let script = Script { certificates: vec![], ..Script::new(&ed25519()) };
    let (ours, theirs) = refuse(script, Role::Dialer).await;
    assert!(matches!(own(&ours), Error::Handshake(_)), "{ours:?}");
    assert_eq!(ours.fault(), Fault::Peer);
    assert_eq!(theirs, rustls::Error::AlertReceived(AlertDescription::CertificateRequired));
}

#[tokio::test]
async fn more_than_one_certificate_is_refused() {
    for role in [Role::Dialer, Role::Listener] {
        let script = Script::new(&ed25519());
        let certificates = [&script.certificates[..], &script.certificates].concat();
        let (ours, _) = refuse(Script { certificates, ..script }, role).await;
        assert!(matches!(own(&ours), Error::Certificate(CertificateError::Several)), "{ours:?}");
    }
}

/// What both roles say of a certificate that was spoilt; nothing if they take it.
async fn verdicts(spoil: impl Fn(&mut Certificate<'_>, &Keypair)) -> [Option<CertificateError>; 2] {
    let verdict = async |role: Role| {
        let keypair = ed25519();
        let mut script = Script::new(&keypair);
        let mut certificate = Certificate::new(&script.key, &keypair);
        spoil(&mut certificate, &keypair);
        script.certificates = vec![certificate.encode()];
        let (mut peer, stream) = script.start(role);
        let config = Config::new(&ed25519());
        let (ours, _) =
            tokio::join!(secure(&config, stream, role.other(), &[]), peer.shake_hands());
        match ours {
            Ok(secured) => {
                assert_eq!(secured.remote_key, keypair.public_key().encode());
                None
            }
            Err(error) => {
                assert_eq!(error.fault(), Fault::Peer);
                let Error::Certificate(error) = own(&error) else { panic!("{error:?}") };
                Some(error.clone())
            }
        }
    };
    [verdict(Role::Dialer).await, verdict(Role::Listener).await]
}

async fn is_refused(error: CertificateError, spoil: impl Fn(&mut Certificate<'_>, &Keypair)) {
    assert_eq!(verdicts(spoil).await, [Some(error.clone()), Some(error)]);
}

async fn is_taken(spoil: impl Fn(&mut Certificate<'_>, &Keypair)) {
    assert_eq!(verdicts(spoil).await, [None, None]);
}

/// 2.5.29.15 and 2.5.29.19
const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
/// 2.5.29.17, which names a server.
const ALTERNATIVE_NAME: &[u8] = b"\x55\x1d\x11";

#[tokio::test]
async fn the_libp2p_extension_may_be_critical_and_stand_anywhere() {
    is_taken(|_, _| {}).await;
    is_taken(|certificate, keypair| {
        let identity = honest_identity(certificate.key, keypair);
        certificate.extensions = vec![extension(IDENTITY, true, &identity)];
    })
    .await;
    is_taken(|certificate, _| {
        certificate.extensions.insert(0, extension(ALTERNATIVE_NAME, false, b"whatever"));
        certificate.extensions.push(extension(ALTERNATIVE_NAME, false, b""));
    })
    .await;
    // As py-libp2p has it.
    is_taken(|certificate, _| {
        certificate.extensions.insert(0, extension(BASIC_CONSTRAINTS, true, &sequence(&[])));
        certificate.extensions.insert(1, extension(KEY_USAGE, true, &[3, 2, 7, 0x80]));
    })
    .await;
}

#[tokio::test]
async fn extensions_that_forbid_it_or_that_nobody_knows_are_refused() {
    is_refused(CertificateError::UnknownCriticalExtension, |certificate, _| {
        certificate.extensions.push(extension(ALTERNATIVE_NAME, true, b"whatever"));
    })
    .await;
    is_refused(CertificateError::NotForSignatures, |certificate, _| {
        certificate.extensions.push(extension(KEY_USAGE, true, &[3, 2, 2, 4]));
    })
    .await;
}

#[tokio::test]
async fn a_certificate_without_one_good_identity_is_refused() {
    is_refused(CertificateError::NoIdentity, |certificate, _| certificate.extensions.clear()).await;
    is_refused(CertificateError::MalformedIdentity, |certificate, _| {
        certificate.extensions.extend_from_within(..);
    })
    .await;
    for text in [&b""[..], b"\x30\x02\x04\x00", b"\x30\x05\x04\x00\x04\x00\x00", &[0xff; 300]] {
        is_refused(CertificateError::MalformedIdentity, |certificate, _| {
            certificate.extensions = vec![extension(IDENTITY, false, text)];
        })
        .await;
    }
    for key in [&b""[..], &[0xff; 40], &[8, 1, 18, 2, 0, 0]] {
        is_refused(CertificateError::IdentityKey, |certificate, _| {
            certificate.extensions = vec![extension(IDENTITY, false, &identity(key, &[0; 64]))];
        })
        .await;
    }
}

#[tokio::test]
async fn a_signature_that_is_not_the_identitys_is_refused() {
    let spoilers: [fn(&SecretKey, &Keypair) -> Vec<u8>; 4] = [
        |_, keypair| identity(&keypair.public_key().encode().encode(), &[]),
        |_, keypair| identity(&keypair.public_key().encode().encode(), &[0; 64]),
        // Over another certificate's key, as in a certificate that was copied.
        |_, keypair| honest_identity(&certificate_key(), keypair),
        // Without saying what for.
        |key, keypair| {
            let signature = keypair.sign(&key.public_key().to_spki()).unwrap();
            identity(&keypair.public_key().encode().encode(), &signature)
        },
    ];
    for spoil in spoilers {
        is_refused(CertificateError::IdentitySignature, |certificate, keypair| {
            let identity = spoil(certificate.key, keypair);
            certificate.extensions = vec![extension(IDENTITY, false, &identity)];
        })
        .await;
    }
}

#[tokio::test]
async fn a_certificate_that_another_key_signed_is_refused() {
    static OTHER: std::sync::LazyLock<SecretKey> = std::sync::LazyLock::new(certificate_key);
    is_refused(CertificateError::SelfSignature, |certificate, _| certificate.signer = &OTHER).await;
    // Signed with an algorithm that nobody should use any more, ECDSA over SHA-1.
    is_refused(CertificateError::UnknownAlgorithm, |certificate, _| {
        certificate.algorithm = b"\x06\x07\x2a\x86\x48\xce\x3d\x04\x01";
        certificate.signed_algorithm = certificate.algorithm;
    })
    .await;
}

#[tokio::test]
async fn the_certificate_of_somebody_else_is_of_no_use_without_its_key() {
    for role in [Role::Dialer, Role::Listener] {
        let somebody = Script::new(&ed25519());
        let script = Script { key: certificate_key(), ..somebody };
        let (ours, theirs) = refuse(script, role).await;
        assert!(matches!(own(&ours), Error::Handshake(_)), "{ours:?}");
        assert_eq!(theirs, rustls::Error::AlertReceived(AlertDescription::DecryptError));
    }
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_refused() {
    is_refused(CertificateError::Expired, |certificate, _| {
        certificate.validity = b"\x17\x0d000101000000Z\x17\x0d200101000000Z";
    })
    .await;
    is_refused(CertificateError::NotYetValid, |certificate, _| {
        certificate.validity = b"\x18\x0f40000101000000Z\x18\x0f40960101000000Z";
    })
    .await;
}

#[tokio::test]
async fn a_certificate_that_is_none_is_refused() {
    is_refused(CertificateError::Malformed, |certificate, _| {
        certificate.validity = b"\x17\x0d000101000000Z";
    })
    .await;
    // Signed in another way than it says, with ECDSA over SHA-384.
    is_refused(CertificateError::Malformed, |certificate, _| {
        certificate.signed_algorithm = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03";
    })
    .await;
    // The id of its issuer.
    is_refused(CertificateError::Malformed, |certificate, _| {
        certificate.unique_id = b"\x81\x02\x00\x01";
    })
    .await;
}

#[tokio::test]
async fn who_dials_the_wrong_peer_does_not_tell_who_it_is() {
    let (right, wrong) = (ed25519().peer_id(), ed25519());
    let (mut peer, stream) = Script::new(&wrong).start(Role::Listener);
    let config = Config::new(&ed25519());
    let handshake = Handshake { role: Role::Dialer, expected: Some(&right), muxers: &[] };
    let (ours, theirs) = tokio::join!(config.secure(stream, handshake), peer.shake_hands());
    let expected = WrongPeer { expected: right, actual: wrong.peer_id() };
    assert_eq!(ours.unwrap_err().downcast_ref(), Some(&expected));
    assert_eq!(theirs.unwrap_err(), rustls::Error::HandshakeNotComplete);
    assert!(peer.connection.peer_certificates().is_none());
}

/// What our side says to a peer that says these bytes, and what it answers.
async fn babble(role: Role, bytes: &[u8]) -> (peerloom_core::Error, Vec<u8>) {
    let (mut theirs, ours) = tokio::io::duplex(1 << 20);
    theirs.write_all(bytes).await.unwrap();
    theirs.shutdown().await.unwrap();
    let stream = peerloom_core::ByteStream::from_io(ours);
    let config = Config::new(&ed25519());
    let error = secure(&config, stream, role, &[]).await.unwrap_err();
    let mut answer = Vec::new();
    theirs.read_to_end(&mut answer).await.unwrap();
    (error, answer)
}

/// A message of a handshake as it begins, in a record.
fn hello(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u16::try_from(bytes).unwrap().to_be_bytes();
    let message = [&[kind, 0], &length(body.len())[..], body].concat();
    [&[22, 3, 1], &length(message.len())[..], &message].concat()
}

/// An alert that is not encrypted, as the last that was said.
fn is_alert(answer: &[u8], alert: AlertDescription) -> bool {
    answer.ends_with(&[21, 3, 3, 0, 2, 2, alert.into()])
}

#[tokio::test]
async fn a_peer_that_knows_only_tls_1_2_is_refused() {
    let random = [7; 32];
    // ECDHE-ECDSA-AES128-GCM-SHA256; P-256; ECDSA over SHA-256.
    let extensions = [0, 16, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3];
    let dialer = [&[3, 3], &random[..], &[0, 0, 2, 0xc0, 0x2b, 1, 0], &extensions].concat();
    let (error, answer) = babble(Role::Listener, &hello(1, &dialer)).await;
    assert!(matches!(own(&error), Error::Handshake(_)), "{error:?}");
    assert!(is_alert(&answer, AlertDescription::ProtocolVersion), "{answer:?}");

    let listener = [&[3, 3], &random[..], &[0, 0xc0, 0x2b, 0, 0, 0]].concat();
    let (error, answer) = babble(Role::Dialer, &hello(2, &listener)).await;
    assert!(matches!(own(&error), Error::Handshake(_)), "{error:?}");
    assert!(is_alert(&answer, AlertDescription::ProtocolVersion), "{answer:?}");
}

#[tokio::test]
async fn a_peer_that_speaks_something_else_is_refused_at_once() {
    for role in [Role::Dialer, Role::Listener] {
        for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\x13/multistream/1.0.0\n", &[0; 100]] {
            let (error, _) = babble(role, bytes).await;
            assert!(matches!(own(&error), Error::Handshake(_)), "{error:?}");
            assert_eq!(error.fault(), Fault::Peer);
        }
    }
}

#[tokio::test]
async fn an_alert_in_the_handshake_says_why_the_remote_gave_up() {
    let (error, _) = babble(Role::Dialer, &[21, 3, 3, 0, 2, 2, 40]).await;
    assert!(matches!(own(&error), Error::Alert(alert) if alert.0 == 40), "{error:?}");
}

#[tokio::test]
async fn a_handshake_without_end_is_refused() {
    // One message in many records, and records that mean nothing.
    let long = hello(1, &[0; 16_000]).repeat(20);
    let nothing = [20, 3, 3, 0, 1, 1].repeat(20_000);
    for bytes in [long, nothing] {
        for role in [Role::Dialer, Role::Listener] {
            let (error, _) = babble(role, &bytes).await;
            assert_eq!(error.fault(), Fault::Peer, "{error:?}");
        }
    }
    for role in [Role::Dialer, Role::Listener] {
        let script = Script::new(&ed25519());
        let certificates = vec![script.certificates.concat(); 100];
        let (mut peer, stream) = Script { certificates, ..script }.start(role);
        let config = Config::new(&ed25519());
        let (ours, _) =
            tokio::join!(secure(&config, stream, role.other(), &[]), peer.shake_hands());
        let error = ours.unwrap_err();
        assert!(matches!(own(&error), Error::HandshakeTooLong { longest: 32_768 }), "{error:?}");
    }
}

#[tokio::test]
async fn a_line_that_ends_in_the_handshake_is_the_networks_fault() {
    for role in [Role::Dialer, Role::Listener] {
        for bytes in [&b""[..], &[22], &[22, 3, 3, 1, 0, 1]] {
            let (error, _) = babble(role, bytes).await;
            assert!(matches!(own(&error), Error::Stream(_)), "{error:?}");
            assert_eq!(error.fault(), Fault::Network);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stalls_is_left_to_the_callers_timeout() {
    for role in [Role::Dialer, Role::Listener] {
        let (_peer, stream) = Script::new(&ed25519()).start(role);
        let config = Config::new(&ed25519());
        let securing = secure(&config, stream, role.other(), &[]);
        assert!(tokio::time::timeout(Duration::from_secs(60), securing).await.is_err());
    }
}
