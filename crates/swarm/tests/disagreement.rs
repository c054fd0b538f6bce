//! Peers that do not agree, stall, lie or break off: each ends in an error that says so.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod harness;

use std::error::Error as _;

use peerloom_core::{BoxTransport, Fault, Link, Listener as _, ListenerEvent, Raw, Transport as _};
use peerloom_identity::Keypair;
use peerloom_multiaddr::Multiaddr;
use peerloom_multistream_select as multistream;
use peerloom_swarm::{Config, Event, ListenError, Outcome, Phase, Skipped, Timeouts, UpgradeError};
use peerloom_transport_memory::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use harness::{Node, Wishes, failure};

async fn inbound_failure(node: &mut Node) -> std::sync::Arc<UpgradeError> {
    node.until(|event| match event {
        Event::InboundFailed { reason, .. } => Some(reason),
        _ => None,
    })
    .await
}

fn speaking(securities: Vec<&'static str>, muxers: Vec<&'static str>) -> Wishes {
    Wishes { securities: Some(securities), muxers: Some(muxers), ..Wishes::default() }
}

const YAMUX: &str = "/yamux/1.0.0";

#[tokio::test]
async fn the_wrong_peer_is_named_with_the_right_one() {
    let network = Network::default();
    let (dialer, listener) = (Node::new(&network), Node::new(&network));
    let address = listener.listen().await.without_peer_id();
    let other = Keypair::generate_ed25519().unwrap().peer_id();
    let error = dialer.swarm.dial(Some(other), vec![address]).await.unwrap_err();
    let UpgradeError::WrongPeer(wrong) = failure(&error) else { panic!("{error}") };
    assert_eq!((wrong.expected, wrong.actual), (other, listener.swarm.local_peer()));
    let text = error.to_string();
    assert!(text.contains(&other.to_string()), "{text}");
    assert!(text.contains(&listener.swarm.local_peer().to_string()), "{text}");
}

#[tokio::test]
async fn without_a_common_security_both_sides_name_both_lists() {
    let network = Network::default();
    let dialer = Node::with(&network, speaking(vec!["/a", "/b"], vec![YAMUX]));
    let mut listener = Node::with(&network, speaking(vec!["/c"], vec![YAMUX]));
    let address = listener.listen().await;
    let error = dialer.swarm.dial(None, vec![address]).await.unwrap_err();
    let UpgradeError::Negotiation { phase, source } = failure(&error) else { panic!("{error}") };
    assert_eq!(*phase, Phase::SecurityNegotiation);
    let multistream::Error::NoneAccepted { offered, remote } = source else { panic!("{source}") };
    assert_eq!(offered, &["/a", "/b"]);
    assert_eq!(remote.as_deref(), Some(["/c".to_owned()].as_slice()));
    let reason = inbound_failure(&mut listener).await;
    assert_eq!(reason.fault(), Fault::Peer);
}

#[tokio::test]
async fn an_address_that_is_dialled_twice_says_why_in_its_first_attempt() {
    let network = Network::default();
    let dialer = Node::with(&network, speaking(vec!["/a", "/b"], vec![YAMUX]));
    for (listens, succeeds) in [("/b", true), ("/c", false)] {
        let listener = Node::with(&network, speaking(vec![listens], vec![YAMUX]));
        let address = listener.listen().await;
        let attempts = match dialer.swarm.dial(None, vec![address]).await {
            Ok(connection) if succeeds => connection.report().failed.clone(),
            Err(error) if !succeeds => error.attempts().to_vec(),
            outcome => panic!("{outcome:?}"),
        };
        assert_eq!(attempts.len(), if succeeds { 1 } else { 3 });
        let Outcome::Failed(error) = &attempts[0].outcome else { panic!("{attempts:?}") };
        assert!(matches!(**error, UpgradeError::Repeated(_)), "{error:?}");
        assert_eq!(error.fault(), Fault::Peer);
        let text = attempts[0].to_string();
        assert!(text.contains("once more") && text.contains("does not speak \"/a\""), "{text}");
        let last = attempts.get(2).map(ToString::to_string);
        assert!(last.is_none_or(|last| !last.contains("once more")), "{attempts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_remote_that_does_not_show_the_network_key_is_given_up_after_one_try_and_says_so() {
    for (says, reason) in [
        (b"".as_slice(), "the remote has not shown the network key within 8s"),
        (&[0; 44], "the remote has another network key, or none"),
    ] {
        let network = Network::default();
        let address = stalling_listener(&network, says).await;
        let key = peerloom_pnet::PreSharedKey::from_bytes(&[7; 32]);
        let private = peerloom_pnet::Transport::new(BoxTransport::new(network.transport()), key);
        let transports = Some(vec![BoxTransport::new(private)]);
        let dialer = Node::with(&network, Wishes { transports, ..Wishes::default() });
        let error = dialer.swarm.dial(None, vec![address]).await.unwrap_err();
        assert_eq!(error.attempts().len(), 1, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn without_a_common_muxer_both_lists_are_named() {
    let network = Network::default();
    let dialer = Node::with(&network, speaking(vec!["/noise"], vec!["/a"]));
    let mut listener = Node::with(&network, speaking(vec!["/noise"], vec!["/b"]));
    let address = listener.listen().await;
    let error = dialer.swarm.dial(None, vec![address]).await.unwrap_err();
    let UpgradeError::Negotiation { phase, source } = failure(&error) else { panic!("{error}") };
    assert_eq!(*phase, Phase::MuxerNegotiation);
    assert!(
        matches!(source, multistream::Error::NoneAccepted { remote: Some(remote), .. } if remote == &["/b"])
    );
    let reason = inbound_failure(&mut listener).await;
    let text = reason.source().unwrap().to_string();
    assert!(text.contains("/a") && text.contains("/b"), "{text}");
}

#[tokio::test]
async fn the_dialers_first_choice_that_both_share_is_taken() {
    let network = Network::default();
    for (ours, theirs, agreed) in [
        (vec!["/a", "/b"], vec!["/b", "/a"], "/a"),
        (vec!["/x", "/b", "/a"], vec!["/a", "/b"], "/b"),
        (vec!["/b"], vec!["/a", "/b"], "/b"),
    ] {
        let dialer = Node::with(&network, speaking(ours.clone(), ours));
        let listener = Node::with(&network, speaking(theirs.clone(), theirs));
        let address = listener.listen().await;
        let connection = dialer.swarm.dial(None, vec![address]).await.unwrap();
        assert_eq!((connection.security(), connection.muxer()), (agreed, agreed));
    }
}

#[tokio::test]
async fn an_address_that_nobody_supports_is_skipped_and_says_so() {
    let node = Node::new(&Network::default());
    let address: Multiaddr = "/ip4/127.0.0.1/udp/1/utp".parse().unwrap();
    let error = node.swarm.dial(None, vec![address.clone()]).await.unwrap_err();
    let attempt = error.attempts().first().unwrap();
    assert_eq!(attempt.address, address);
    let Outcome::Skipped(reason @ Skipped::NoTransport(_)) = &attempt.outcome else {
        panic!("{error}")
    };
    assert!(reason.to_string().contains("/ip4/udp/utp"), "{reason}");
    let error = node.swarm.listen(&address).await.unwrap_err();
    let ListenError::NoTransport { address: given, needed, present } = &error else {
        panic!("{error}")
    };
    assert_eq!(*given, address);
    assert!(needed.contains("/ip4/udp/utp") && present.contains("memory"), "{error}");
}

#[tokio::test]
async fn a_place_that_is_taken_is_an_error_of_the_transport() {
    let network = Network::default();
    let (first, second) = (Node::new(&network), Node::new(&network));
    let address = first.listen().await.without_peer_id();
    let error = second.swarm.listen(&address).await.unwrap_err();
    assert!(matches!(error, ListenError::Transport { .. }), "{error}");
}

/// Accepts connections by hand, and says nothing after the bytes that are given.
async fn stalling_listener(network: &Network, says: &'static [u8]) -> Multiaddr {
    let mut listener = network.transport().listen(&"/memory/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().first().unwrap().clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok(ListenerEvent::Incoming(Link::Raw(Raw { mut stream, .. }))) =
            listener.next().await
        {
            let _ = stream.write_all(says).await;
            held.push(stream);
        }
    });
    address
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_stalls_fails_the_dial_in_the_phase_where_it_stalls() {
    let network = Network::default();
    let agreed: &[u8] = b"\x13/multistream/1.0.0\n\x07/noise\n";
    for (says, expected) in
        [(b"".as_slice(), Phase::SecurityNegotiation), (agreed, Phase::Handshake)]
    {
        let dialer = Node::new(&network);
        let address = stalling_listener(&network, says).await;
        let error = dialer.swarm.dial(None, vec![address]).await.unwrap_err();
        let UpgradeError::Timeout { phase, limit } = failure(&error) else { panic!("{error}") };
        assert_eq!((*phase, *limit), (expected, Timeouts::default().handshake));
        assert!(error.to_string().contains(&format!("{expected} took longer than 10s")), "{error}");
        let last = error.attempts().first().unwrap().steps.last().unwrap();
        assert_eq!(last.phase, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_never_answers_fails_the_dial_in_the_connect() {
    let network = Network::default();
    let limit = std::time::Duration::from_secs(3);
    let timeouts = Timeouts { connect: limit, ..Timeouts::default() };
    let config = Config { timeouts, ..Config::default() };
    let dialer = Node::with(&network, Wishes { config, ..Wishes::default() });
    // A dial waits for room in the backlog of a listener, and this one never takes anybody out.
    let _full = network.transport().listen(&"/memory/full".parse().unwrap()).await.unwrap();
    let full: Multiaddr = "/memory/full".parse().unwrap();
    let mut waiting = Vec::new();
    while let Ok(link) =
        tokio::time::timeout(std::time::Duration::from_millis(1), network.transport().dial(&full))
            .await
    {
        waiting.push(link);
    }
    let error = dialer.swarm.dial(None, vec![full]).await.unwrap_err();
    let UpgradeError::Timeout { phase, limit: told } = failure(&error) else { panic!("{error}") };
    assert_eq!((*phase, *told), (Phase::Connect, limit));
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_stalls_after_the_handshake_fails_the_dial_in_the_muxer_negotiation() {
    let network = Network::default();
    let limit = std::time::Duration::from_secs(3);
    let timeouts = Timeouts { muxer_negotiation: limit, ..Timeouts::default() };
    let config = Config { timeouts, ..Config::default() };
    let dialer = Node::with(&network, Wishes { config, ..Wishes::default() });
    let mut listener = network.transport().listen(&"/memory/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().remove(0);
    tokio::spawn(async move {
        let Ok(ListenerEvent::Incoming(Link::Raw(mut raw))) = listener.next().await else { return };
        multistream::listen(&mut raw.stream, ["/noise"].as_slice()).await.unwrap();
        let noise = peerloom_noise::Config::new(&Keypair::generate_ed25519().unwrap());
        let role = peerloom_core::Role::Listener;
        let handshake = peerloom_core::Handshake { role, expected: None, muxers: &[] };
        let _secured = peerloom_core::SecurityUpgrade::secure(&noise, raw.stream, handshake).await;
        std::future::pending::<()>().await;
    });
    let error = dialer.swarm.dial(None, vec![address]).await.unwrap_err();
    let UpgradeError::Timeout { phase, limit: told } = failure(&error) else { panic!("{error}") };
    assert_eq!((*phase, *told), (Phase::MuxerNegotiation, limit));
}

#[tokio::test(start_paused = true)]
async fn closing_a_swarm_ends_its_dials_and_refuses_new_ones() {
    let network = Network::default();
    let dialer = Node::new(&network);
    let address = stalling_listener(&network, b"").await;
    let swarm = dialer.swarm.clone();
    let stuck = {
        let address = address.clone();
        tokio::spawn(async move { swarm.dial(None, vec![address]).await })
    };
    tokio::task::yield_now().await;
    dialer.swarm.close().await;
    let ended = tokio::time::timeout(std::time::Duration::from_millis(100), stuck).await;
    for error in [ended.unwrap().unwrap(), dialer.swarm.dial(None, vec![address]).await] {
        assert!(matches!(failure(&error.unwrap_err()), UpgradeError::Closed));
    }
}

#[tokio::test]
async fn a_remote_that_hangs_up_on_what_came_ahead_is_asked_with_patience_at_once() {
    let network = Network::default();
    let dialer = Node::with(&network, speaking(vec!["/a", "/b"], vec![YAMUX]));
    let mut listener = network.transport().listen(&"/memory/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().first().unwrap().clone();
    tokio::spawn(async move { while listener.next().await.is_ok() {} });
    let error = dialer.swarm.dial(None, vec![address]).await.unwrap_err();
    // Nobody has refused the first, so the second is not tried ahead.
    assert_eq!(error.attempts().len(), 2, "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_nobody_waits_for_any_more_hangs_up() {
    let network = Network::default();
    let dialer = Node::new(&network);
    let mut listener = network.transport().listen(&"/memory/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().first().unwrap().clone();
    let mut dial = Box::pin(dialer.swarm.dial(None, vec![address]));
    let event = tokio::select! {
        ended = &mut dial => panic!("{ended:?}"),
        event = listener.next() => event,
    };
    let Ok(ListenerEvent::Incoming(Link::Raw(mut raw))) = event else { panic!("no link") };
    drop(dial);
    let start = tokio::time::Instant::now();
    raw.stream.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(start.elapsed(), std::time::Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_dialer_that_stalls_is_given_up_in_the_phase_where_it_stalls() {
    let header: &[u8] = b"\x13/multistream/1.0.0\n";
    let proposal: &[u8] = b"\x13/multistream/1.0.0\n\x07/noise\n";
    for (says, expected) in [
        (b"".as_slice(), Phase::SecurityNegotiation),
        (header, Phase::SecurityNegotiation),
        (proposal, Phase::Handshake),
    ] {
        let network = Network::default();
        let mut listener = Node::new(&network);
        let address = listener.listen().await;
        let Link::Raw(mut raw) = network.transport().dial(&address).await.unwrap() else {
            panic!("a memory connection is raw");
        };
        raw.stream.write_all(says).await.unwrap();
        let reason = inbound_failure(&mut listener).await;
        let UpgradeError::Timeout { phase, .. } = *reason else { panic!("{reason}") };
        assert_eq!(phase, expected);
        assert_eq!(reason.fault(), Fault::Peer);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dialer_that_stalls_after_the_handshake_is_given_up() {
    let network = Network::default();
    let mut listener = Node::new(&network);
    let address = listener.listen().await;
    let Link::Raw(mut raw) = network.transport().dial(&address).await.unwrap() else {
        panic!("a memory connection is raw");
    };
    multistream::dial(&mut raw.stream, &["/noise"]).await.unwrap();
    let noise = peerloom_noise::Config::new(&Keypair::generate_ed25519().unwrap());
    let role = peerloom_core::Role::Dialer;
    let handshake = peerloom_core::Handshake { role, expected: None, muxers: &[] };
    let _secured =
        peerloom_core::SecurityUpgrade::secure(&noise, raw.stream, handshake).await.unwrap();
    let reason = inbound_failure(&mut listener).await;
    assert!(
        matches!(*reason, UpgradeError::Timeout { phase: Phase::MuxerNegotiation, .. }),
        "{reason}"
    );
}

#[tokio::test]
async fn garbage_and_early_ends_are_errors() {
    for says in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), b"\xff\xff\xff\xff\xff", b"\x13/multi"] {
        let network = Network::default();
        let mut listener = Node::new(&network);
        let address = listener.listen().await;
        let Link::Raw(mut raw) = network.transport().dial(&address).await.unwrap() else {
            panic!("a memory connection is raw");
        };
        raw.stream.write_all(says).await.unwrap();
        raw.stream.shutdown().await.unwrap();
        let reason = inbound_failure(&mut listener).await;
        assert!(matches!(*reason, UpgradeError::Negotiation { .. }), "{reason}");
        // What the listener says to it is bounded by what it was asked.
        let mut said = Vec::new();
        let _ = raw.stream.read_to_end(&mut said).await;
        assert!(said.len() < 100);
    }
}
