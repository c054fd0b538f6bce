//! Hosts that meet, tell of themselves, and part.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod harness;

use std::sync::Arc;
use std::time::Duration;

use peerloom_core::{
    BoxListener, BoxTransport, Error, Handshake, Link, Listener as _, ListenerEvent, Role,
    SecurityUpgrade as _, Transport,
};
use peerloom_host::{Event, Events, Host, Stream, StreamError, StreamLimits};
use peerloom_identity::Keypair;
use peerloom_multiaddr::Multiaddr;
use peerloom_multistream_select as multistream;
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

#[tokio::test(start_paused = true)]
async fn a_change_while_peers_are_getting_to_know_each_other_is_not_lost() {
    for moment in 0..60 {
        let (near, far, address) = pair().await;
        let mut events = near.events();
        near.connect(&address).await.unwrap();
        for _ in 0..moment {
            tokio::task::yield_now().await;
        }
        far.set_stream_handler("/new/1.0.0", echo);
        let hearing = until(&mut events, |event| match event {
            Event::Identified { info, .. } => {
                info.protocols.contains(&"/new/1.0.0".to_owned()).then_some(())
            }
            _ => None,
        });
        tokio::time::timeout(Duration::from_secs(60), hearing).await.unwrap();
    }
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

#[tokio::test(start_paused = true)]
async fn who_knows_better_addresses_need_not_wait_for_a_dial_that_is_stuck() {
    let network = Network::default();
    let (near, far) = (host(&network).await, host(&network).await);
    // Takes connections and never says a word.
    let mute: Multiaddr = "/memory/mute".parse().unwrap();
    let _mute = network.transport().listen(&mute).await.unwrap();
    let stuck = {
        let (near, target) = (near.clone(), (far.peer_id(), mute));
        tokio::spawn(async move { near.connect(target).await })
    };
    tokio::task::yield_now().await;
    let better =
        tokio::time::timeout(Duration::from_secs(1), near.connect(far.addresses().remove(0)));
    better.await.unwrap().unwrap();
    assert!(!stuck.is_finished());
}

#[tokio::test]
async fn a_transport_that_panics_fails_the_dial_and_not_the_host() {
    let network = Network::default();
    let mut config = config(&network);
    config.layers.transports.insert(0, BoxTransport::new(Panicking));
    let near = Host::start(config).await.unwrap();
    let far = host(&network).await;
    let target = (far.peer_id(), "/ip4/127.0.0.1/tcp/1".parse::<Multiaddr>().unwrap());
    for _ in 0..2 {
        assert!(near.connect(target.clone()).await.is_err());
    }
    near.connect(&far.addresses()[0]).await.unwrap();
}

/// A transport with a fault: it panics at every IPv4 address.
struct Panicking;

impl Transport for Panicking {
    fn name(&self) -> &'static str {
        "panicking"
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        assert!(!address.to_string().starts_with("/ip4"), "on purpose");
        false
    }

    async fn dial(&self, _: &Multiaddr) -> Result<Link, Error> {
        std::future::pending().await
    }

    async fn listen(&self, _: &Multiaddr) -> Result<BoxListener, Error> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn an_address_without_a_peer_is_dialled_once() {
    let (near, far, address) = pair().await;
    far.set_stream_handler("/echo/1.0.0", echo);
    let address = address.without_peer_id();
    for _ in 0..20 {
        let mut stream = near.new_stream(&address, ["/echo/1.0.0"]).await.unwrap();
        assert_eq!(ask(&mut stream, "hello").await.unwrap(), "hello");
    }
    assert_eq!(near.connections().len(), 1);
}

#[tokio::test]
async fn events_and_incoming_streams_end_when_the_host_closes() {
    let (near, far, _address) = pair().await;
    let (mut events, mut incoming) = (near.events(), near.accept("/chat/1"));
    let (mut far_events, mut far_incoming) = (far.events(), far.accept("/chat/1"));
    near.close().await;
    assert!(incoming.next().await.is_none());
    while events.next().await.is_some() {}
    drop(far);
    assert!(far_incoming.next().await.is_none());
    while far_events.next().await.is_some() {}
}

#[tokio::test]
async fn a_handler_may_hold_the_incoming_streams_of_another_protocol() {
    let (near, _far, _address) = pair().await;
    for round in 0..3 {
        let incoming = Arc::new(near.accept("/chat/1"));
        near.set_stream_handler("/relay/1", move |_| {
            let incoming = incoming.clone();
            async move { drop(incoming) }
        });
        match round {
            0 => near.set_stream_handler("/relay/1", echo),
            1 => assert!(near.remove_stream_handler("/relay/1")),
            _ => near.close().await,
        }
        assert!(!near.protocols().contains(&"/chat/1".to_owned()), "it has been let go of");
    }
}

#[tokio::test]
async fn a_place_is_free_as_soon_as_it_is_given_back() {
    let network = Network::default();
    let host = host(&network).await;
    let place: Multiaddr = "/memory/here".parse().unwrap();
    for _ in 0..3 {
        let listening = host.listen(place.clone()).await.unwrap();
        host.stop_listening(listening.id).await;
    }
    host.listen(place.clone()).await.unwrap();
    host.close().await;
    assert!(host.addresses().is_empty());
    let next = harness::host(&network).await;
    next.listen(place).await.unwrap();
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

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_no_streams_times_out() {
    let network = Network::default();
    let near = host(&network).await;
    let mut listener = network.transport().listen(&"/memory/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().remove(0);
    tokio::spawn(async move {
        let Ok(ListenerEvent::Incoming(Link::Raw(mut raw))) = listener.next().await else { return };
        multistream::listen(&mut raw.stream, ["/noise"].as_slice()).await.unwrap();
        let noise = peerloom_noise::Config::new(&Keypair::generate_ed25519().unwrap());
        let handshake =
            Handshake { role: Role::Listener, expected: None, muxers: &["/yamux/1.0.0"] };
        let mut secured = noise.secure(raw.stream, handshake).await.unwrap();
        // Reads everything and answers nothing, so that no stream is ever acknowledged.
        tokio::io::copy(&mut secured.stream, &mut tokio::io::sink()).await.unwrap();
    });
    let connection = near.connect(address).await.unwrap();
    let mut held = Vec::new();
    let error = loop {
        match near.new_stream_lazily(&connection, "/echo/1.0.0").await {
            Ok(stream) => held.push(stream),
            Err(error) => break error,
        }
        assert!(held.len() < 10_000, "streams that nobody takes are bounded");
    };
    assert!(matches!(error, StreamError::Timeout { .. }), "{error}");
}

#[tokio::test]
async fn streams_beyond_the_limit_of_a_connection_are_reset() {
    only_ten(StreamLimits { inbound_per_connection: 10, ..StreamLimits::default() }).await;
}

#[tokio::test]
async fn streams_beyond_the_limit_of_a_host_are_reset() {
    only_ten(StreamLimits { inbound: 10, ..StreamLimits::default() }).await;
}

/// Opens more streams than these limits allow, and again when their places are free.
async fn only_ten(limits: StreamLimits) {
    let network = Network::default();
    let mut config = config(&network);
    config.limits = limits;
    let far = Host::start(config).await.unwrap();
    far.set_stream_handler("/echo/1.0.0", echo);
    let near = host(&network).await;
    let connection = near.connect(&far.addresses().remove(0)).await.unwrap();
    near.identified(&connection).await.unwrap();
    far.identified(&far.connections().remove(0)).await.unwrap();
    let mut held = Vec::new();
    let mut reset = 0;
    for _ in 0..20 {
        let mut stream = near.new_stream_lazily(&connection, "/echo/1.0.0").await.unwrap();
        stream.write_all(b"x").await.unwrap();
        match stream.read_u8().await {
            Ok(_) => held.push(stream),
            Err(_) => reset += 1,
        }
    }
    assert!((8..=10).contains(&held.len()) && reset == 20 - held.len(), "{} {reset}", held.len());
    drop(held);
    // The places are given back when far hears of it.
    let room_again = async {
        loop {
            let mut stream = near.new_stream_lazily(&connection, "/echo/1.0.0").await.unwrap();
            if ask(&mut stream, "room again").await.is_ok() {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), room_again).await.unwrap();
}

#[tokio::test]
async fn streams_without_a_protocol_are_bounded_and_honest_ones_come_through_again() {
    let network = Network::default();
    let mut config = config(&network);
    config.identify = false;
    config.stream_negotiation = Duration::from_millis(200);
    let near = Host::start(config).await.unwrap();
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

#[tokio::test(start_paused = true)]
async fn only_streams_without_a_protocol_take_the_places_of_those() {
    let network = Network::default();
    let mut config = config(&network);
    config.identify = false;
    config.limits.negotiating_per_connection = 4;
    let near = Host::start(config).await.unwrap();
    near.set_stream_handler("/echo/1.0.0", echo);
    let far = mute(&network);
    let connection = far.dial(None, near.addresses()).await.unwrap();
    // More than there are places for, one after the other: each gives its place back.
    let mut agreed = Vec::new();
    for _ in 0..8 {
        let mut stream = connection.open().await.unwrap();
        multistream::dial(&mut stream, &["/echo/1.0.0"]).await.unwrap();
        stream.write_all(b"x").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        agreed.push(stream);
    }
    let start = tokio::time::Instant::now();
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = connection.open().await.unwrap();
        multistream::dial(&mut stream, &["/other/1.0.0"]).await.unwrap_err();
        held.push(stream);
    }
    let mut fifth = connection.open().await.unwrap();
    fifth.write_all(b"\x13").await.unwrap();
    assert!(fifth.read_u8().await.is_err());
    assert_eq!(start.elapsed(), Duration::ZERO, "the fifth does not even get the time to agree");
}

/// Waits for the event that `pick` wants.
async fn until<T>(events: &mut Events, mut pick: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        if let Some(picked) = pick(events.next().await.unwrap()) {
            return picked;
        }
    }
}
