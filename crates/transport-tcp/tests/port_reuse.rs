//! Dials leave from the port that is listened on, where that was asked for.
#![cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos", target_os = "cygwin"))))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use peerloom_core::{BoxListener, Link, Listener, ListenerEvent, Raw, Transport as _};
use peerloom_multiaddr::Multiaddr;
use peerloom_transport_tcp::{Config, Transport};

fn reusing() -> Transport {
    Transport::new(Config { port_reuse: true, ..Config::default() })
}

async fn listen(transport: &Transport) -> (BoxListener, Multiaddr) {
    let listener = transport.listen(&"/ip4/127.0.0.1/tcp/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().remove(0);
    (listener, address)
}

async fn connect(from: &Transport, to: &mut BoxListener) -> (Raw, Raw) {
    let address = to.addresses().remove(0);
    match tokio::join!(from.dial(&address), to.next()) {
        (Ok(Link::Raw(dialed)), Ok(ListenerEvent::Incoming(Link::Raw(accepted)))) => {
            assert_eq!(dialed.local, accepted.remote);
            (dialed, accepted)
        }
        other => panic!("a dial that is accepted was expected, not {other:?}"),
    }
}

#[tokio::test]
async fn a_dial_leaves_from_the_listening_port() {
    let (here, there) = (reusing(), Transport::default());
    let (_listener, ours) = listen(&here).await;
    let (mut first, _) = listen(&there).await;
    let (mut second, _) = listen(&there).await;
    let (_kept, accepted) = connect(&here, &mut first).await;
    assert_eq!(accepted.remote, ours);
    let (_, accepted) = connect(&here, &mut second).await;
    assert_eq!(accepted.remote, ours, "the port serves for several remotes");
}

#[tokio::test]
async fn a_second_connection_to_the_same_remote_leaves_from_another_port() {
    let (here, there) = (reusing(), Transport::default());
    let (_listener, ours) = listen(&here).await;
    let (mut theirs, _) = listen(&there).await;
    let (_kept, first) = connect(&here, &mut theirs).await;
    let (_, second) = connect(&here, &mut theirs).await;
    assert_eq!(first.remote, ours);
    assert_ne!(second.remote, ours);
}

#[tokio::test]
async fn a_node_that_dials_itself_is_accepted_by_itself() {
    let here = reusing();
    let mut listener = here.listen(&"/ip4/0.0.0.0/tcp/0".parse().unwrap()).await.unwrap();
    let (dialed, accepted) = connect(&here, &mut listener).await;
    assert_ne!(dialed.local, dialed.remote, "the socket did not meet itself");
    assert_eq!(accepted.local, dialed.remote);
}

#[tokio::test]
async fn without_listeners_or_the_option_a_dial_leaves_from_a_port_of_the_systems() {
    let there = Transport::default();
    let (mut theirs, _) = listen(&there).await;
    let (_, accepted) = connect(&reusing(), &mut theirs).await;
    assert_ne!(accepted.remote, accepted.local);
    let (_listener, ours) = listen(&there).await;
    let (_, accepted) = connect(&there, &mut theirs).await;
    assert_ne!(accepted.remote, ours);
}
