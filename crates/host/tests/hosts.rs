//! Hosts that meet, tell of themselves, and part.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod harness;

use std::sync::Arc;
use std::time::Duration;

use peerloom_host::{Event, Events, Stream, StreamError};
use peerloom_identity::Keypair;
use peerloom_swarm::Swarm;
use peerloom_transport_memory::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use harness::{ask, config, echo, host, layers, pair};

#[tokio::test]
async fn hosts_tell_each_other_who_they_are() {
    let (near, far, address) = pair().await;
    far.set_stream_handler("/echo/1.0.0", echo);
    let connection = near.connect(&address).await.unwrap();
    let info = near.identified(&connection).await.unwrap();
    assert!(info.protocols.contains(&"/echo/1.0.0".to_owned()));
    assert!(info.agent_version.starts_with("peerloom/"));
    assert_eq!(info.public_key.as_ref().unwrap().peer_id(), far.peer_id());
    let record = info.signed_record.as_ref().unwrap().record();
    assert_eq!(record.peer, far.peer_id());
    assert_eq!(record.addresses, info.listen_addresses);
    assert_eq!(info.observed_address.as_ref(), Some(connection.local()));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_pushed_to_whoever_is_connected() {
    let (near, far, address) = pair().await;
    let mut events = near.events();
    let connection = near.connect(&address).await.unwrap();
    near.identified(&connection).await.unwrap();
    far.set_stream_handler("/new/1.0.0", echo);
    until(&mut events, |event| match event {
        Event::Identified { info, .. } if info.protocols.contains(&"/new/1.0.0".to_owned()) => {
            Some(())
        }
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn callers_for_one_peer_share_one_dial() {
    let (near, far, address) = pair().await;
    let dials: Vec<_> = (0..10)
        .map(|_| {
            let (near, address) = (near.clone(), address.clone());
            tokio::spawn(async move { near.connect(address).await.unwrap().id() })
        })
        .collect();
    for dial in dials {
        dial.await.unwrap();
    }
    assert_eq!(near.connections().len(), 1);
    assert_eq!(near.peers(), [far.peer_id()]);
}

#[tokio::test]
async fn a_dial_that_nobody_waits_for_any_more_stops_and_can_be_made_again() {
    let (near, _far, address) = pair().await;
    tokio::select! {
        biased;
        _ = near.connect(&address) => panic!("a dial takes longer than one look"),
        () = std::future::ready(()) => {}
    }
    near.connect(&address).await.unwrap();
}

#[tokio::test]
async fn a_peer_of_whom_nothing_is_known_cannot_be_reached_and_that_is_said() {
    let (near, _far, _address) = pair().await;
    let stranger = Keypair::generate_ed25519().unwrap().peer_id();
    let error = near.new_stream(stranger, ["/echo/1.0.0"]).await.unwrap_err();
    let StreamError::Dial(error) = error else { panic!("{error}") };
    assert_eq!(error.peer(), Some(stranger));
    assert!(error.to_string().contains("no address is known"), "{error}");
}

#[tokio::test]
async fn an_address_that_was_told_is_used() {
    let (near, far, address) = pair().await;
    near.add_address(far.peer_id(), &address);
    near.connect(far.peer_id()).await.unwrap();
}

#[tokio::test]
async fn closing_a_host_ends_its_connections_and_its_handlers() {
    let (near, far, address) = pair().await;
    let (alive, ended) = oneshot::channel::<()>();
    let alive = std::sync::Mutex::new(Some(alive));
    far.set_stream_handler("/wait", move |mut stream: Stream| {
        let alive = alive.lock().unwrap().take();
        async move {
            stream.write_u8(1).await.unwrap();
            std::future::pending::<()>().await;
            drop((alive, stream));
        }
    });
    let mut stream = near.new_stream(&address, ["/wait"]).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 1);
    far.close().await;
    assert!(ended.await.is_err(), "the handler was dropped");
    assert!(stream.read_u8().await.is_err());
    stream.connection().closed().await;
    assert!(near.peers().is_empty());
}

#[tokio::test]
async fn dropping_the_last_handle_closes_the_host() {
    let (near, far, address) = pair().await;
    let connection = near.connect(&address).await.unwrap();
    let clone = far.clone();
    drop(far);
    assert!(!connection.is_closed());
    drop(clone);
    connection.closed().await;
    assert!(near.dial(&address).await.is_err());
}

#[tokio::test]
async fn disconnecting_is_told_at_both_ends() {
    let (near, far, address) = pair().await;
    let (mut near_events, mut far_events) = (near.events(), far.events());
    near.connect(&address).await.unwrap();
    near.disconnect(&far.peer_id()).await;
    for events in [&mut near_events, &mut far_events] {
        let reason = until(events, |event| match event {
            Event::Disconnected { reason, .. } => Some(reason),
            _ => None,
        })
        .await;
        assert!(reason.is_none(), "{reason:?}");
    }
}

/// A swarm that accepts streams and says nothing on them.
struct Mute;

impl peerloom_swarm::Handler for Mute {
    fn handle(&self, event: peerloom_swarm::Event) {
        if let peerloom_swarm::Event::Stream { stream, .. } = event {
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(stream);
            });
        }
    }
}

fn mute(network: &Network) -> Swarm {
    let keypair = Keypair::generate_ed25519().unwrap();
    let layers = layers(network, &keypair);
    Swarm::new(keypair.peer_id(), layers, peerloom_swarm::Config::default(), Arc::new(Mute))
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_answer_the_negotiation_times_out() {
    let network = Network::default();
    let near = host(&network).await;
    let far = mute(&network);
    let listening = far.listen(&"/memory/0".parse().unwrap()).await.unwrap();
    let error = near.new_stream(&listening.addresses[0], ["/echo/1.0.0"]).await.unwrap_err();
    assert!(
        matches!(error, StreamError::Timeout { peer, .. } if peer == far.local_peer()),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_dawdles_over_its_negotiation_is_reset() {
    let network = Network::default();
    let near = host(&network).await;
    let far = mute(&network);
    let connection = far.dial(None, near.addresses()).await.unwrap();
    let mut stream = connection.open().await.unwrap();
    stream.write_all(b"\x13/multistream").await.unwrap();
    let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(!connection.is_closed());
}

#[tokio::test]
async fn streams_without_a_protocol_are_bounded_and_honest_ones_come_through_again() {
    let network = Network::default();
    let mut config = config(&network);
    config.identify = false;
    config.stream_negotiation = Duration::from_millis(200);
    let near = peerloom_host::Host::start(config).await.unwrap();
    near.set_stream_handler("/echo/1.0.0", echo);
    let far = mute(&network);
    let connection = far.dial(None, near.addresses()).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..600 {
        let mut stream = connection.open().await.unwrap();
        stream.write_all(b"\x13").await.unwrap();
        held.push(stream);
    }
    for stream in &mut held {
        assert!(stream.read_to_end(&mut Vec::new()).await.is_err());
    }
    let honest = host(&network).await;
    let mut stream = honest.new_stream(&near.addresses()[0], ["/echo/1.0.0"]).await.unwrap();
    assert_eq!(ask(&mut stream, "hello").await.unwrap(), "hello");
}

/// Waits for the event that `pick` wants.
async fn until<T>(events: &mut Events, mut pick: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        if let Some(picked) = pick(events.next().await.unwrap()) {
            return picked;
        }
    }
}
