//! Swarms that connect, talk and part.

mod harness;

use peerloom_core::Role;
use peerloom_swarm::{Config, Event, Limits, Phase, UpgradeError};
use peerloom_transport_memory::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use harness::{Node, Wishes, failure};

#[tokio::test]
async fn two_swarms_connect_and_move_bytes() {
    let network = Network::default();
    let (dialer, mut listener) = (Node::new(&network), Node::new(&network));
    let address = listener.listen().await;
    let connection = dialer.swarm.dial(None, vec![address.clone()]).await.unwrap();
    assert_eq!(connection.peer(), listener.swarm.local_peer());
    assert_eq!(connection.role(), Role::Dialer);
    assert_eq!(connection.remote(), &address);
    assert_eq!((connection.security(), connection.muxer()), ("/noise", "/yamux/1.0.0"));
    let phases: Vec<_> = connection.report().steps.iter().map(|step| step.phase).collect();
    use Phase::{Connect, Handshake, MuxerNegotiation, SecurityNegotiation};
    assert_eq!(phases, [Connect, SecurityNegotiation, Handshake, MuxerNegotiation]);

    let mut stream = connection.open().await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut arrived = listener
        .until(|event| match event {
            Event::Stream { stream, .. } => Some(stream),
            _ => None,
        })
        .await;
    let mut heard = String::new();
    arrived.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "hello");
}

#[tokio::test]
async fn streams_that_come_together_are_told_of_together() {
    let network = Network::default();
    let (dialer, mut listener) = (Node::new(&network), Node::new(&network));
    let address = listener.listen().await;
    let connection = dialer.swarm.dial(None, vec![address]).await.unwrap();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = connection.open().await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        streams.push(stream);
    }
    listener.until(|event| matches!(event, Event::Stream { .. }).then_some(())).await;
    for _ in 1..streams.len() {
        assert!(matches!(listener.events.try_recv(), Ok(Event::Stream { .. })));
    }
}

#[tokio::test]
async fn closing_a_connection_is_told_on_both_sides_as_orderly() {
    let network = Network::default();
    let (mut dialer, mut listener) = (Node::new(&network), Node::new(&network));
    let address = listener.listen().await;
    let connection = dialer.swarm.dial(None, vec![address]).await.unwrap();
    connection.close().await;
    assert!(connection.is_closed());
    for node in [&mut dialer, &mut listener] {
        let reason = node
            .until(|event| match event {
                Event::Disconnected { reason, .. } => Some(reason),
                _ => None,
            })
            .await;
        assert!(reason.is_none(), "{reason:?}");
        assert!(node.swarm.peers().is_empty());
    }
}

#[tokio::test]
async fn dropping_the_last_handle_closes_everything() {
    let network = Network::default();
    let (dialer, mut listener) = (Node::new(&network), Node::new(&network));
    let address = listener.listen().await;
    let connection = dialer.swarm.dial(None, vec![address]).await.unwrap();
    drop(dialer);
    connection.closed().await;
    listener.until(|event| matches!(event, Event::Disconnected { .. }).then_some(())).await;
}

#[tokio::test]
async fn closing_a_swarm_stops_its_listeners() {
    let network = Network::default();
    let (dialer, mut listener) = (Node::new(&network), Node::new(&network));
    let address = listener.listen().await;
    listener.swarm.close().await;
    listener.until(|event| matches!(event, Event::AddressGone(_)).then_some(())).await;
    assert!(dialer.swarm.dial(None, vec![address]).await.is_err());
    assert!(listener.swarm.listen(&"/memory/0".parse().unwrap()).await.is_err());
}

#[tokio::test]
async fn the_first_address_that_leads_to_the_peer_wins() {
    let network = Network::default();
    let (dialer, listener) = (Node::new(&network), Node::new(&network));
    let good = listener.listen().await;
    let nobody = "/memory/nobody".parse().unwrap();
    let peer = Some(listener.swarm.local_peer());
    let connection = dialer.swarm.dial(peer, vec![nobody, good.clone()]).await.unwrap();
    assert_eq!(connection.remote(), &good);
    assert_eq!(connection.report().failed.len(), 1);
}

#[tokio::test]
async fn several_connections_with_one_peer_up_to_the_limit() {
    let network = Network::default();
    let limits = Limits { connections_per_peer: 2, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let dialer = Node::with(&network, Wishes { config, ..Wishes::default() });
    let listener = Node::new(&network);
    let address = listener.listen().await;
    for _ in 0..2 {
        dialer.swarm.dial(None, vec![address.clone()]).await.unwrap();
    }
    assert_eq!(dialer.swarm.connections_with(&listener.swarm.local_peer()).len(), 2);
    let error = dialer.swarm.dial(None, vec![address]).await.unwrap_err();
    assert!(
        matches!(failure(&error), UpgradeError::Limit(limit) if limit.knob == "connections_per_peer")
    );
}

#[tokio::test]
async fn a_connection_whose_task_panics_is_forgotten() {
    let network = Network::default();
    let dialer = Node::new(&network);
    let listener = Node::with(&network, Wishes { panics: true, ..Wishes::default() });
    let address = listener.listen().await;
    let connection = dialer.swarm.dial(None, vec![address]).await.unwrap();
    let mut stream = connection.open().await.unwrap();
    stream.write_all(b"boom").await.unwrap();
    connection.closed().await;
    assert!(listener.swarm.connections().is_empty());
    listener.swarm.close().await;
}

#[tokio::test]
async fn dialling_oneself_is_an_error() {
    let network = Network::default();
    let node = Node::new(&network);
    let address = node.listen().await;
    let error = node.swarm.dial(None, vec![address]).await.unwrap_err();
    assert!(matches!(failure(&error), UpgradeError::Myself(_)), "{error}");
}

#[tokio::test]
async fn a_limit_turns_away_what_is_not_admitted() {
    let network = Network::default();
    let limits = Limits { pending_inbound: 0, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let mut listener = Node::with(&network, Wishes { config, ..Wishes::default() });
    let dialer = Node::new(&network);
    let address = listener.listen().await;
    assert!(dialer.swarm.dial(None, vec![address]).await.is_err());
    let limit = listener
        .until(|event| match event {
            Event::Refused { limit, .. } => Some(limit),
            _ => None,
        })
        .await;
    assert_eq!(limit.knob, "pending_inbound");
}
