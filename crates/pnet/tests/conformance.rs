//! A transport with a key around it does what every transport does.

use peerloom_core::BoxTransport;
use peerloom_pnet::{Config, PreSharedKey, Transport};
use peerloom_testkit::transport::conforms;
use peerloom_transport_memory::Network;

/// The suite does not begin its conversations as libp2p does.
fn private(inner: BoxTransport) -> BoxTransport {
    let key = PreSharedKey::from_bytes(&[7; 32]);
    BoxTransport::new(Transport::new(inner, Config::new(key).without_check()))
}

#[tokio::test]
async fn a_private_memory_transport_conforms() {
    let memory = BoxTransport::new(Network::default().transport());
    conforms(private(memory), "/memory/0").await;
}

#[tokio::test]
async fn it_conforms_with_hardly_any_room() {
    let config = peerloom_transport_memory::Config { capacity: 1000, backlog: 1 };
    let memory = BoxTransport::new(Network::new(config).transport());
    conforms(private(memory), "/memory/0").await;
}

#[tokio::test]
async fn a_private_tcp_transport_conforms() {
    let tcp = BoxTransport::new(peerloom_transport_tcp::Transport::default());
    conforms(private(tcp), "/ip4/127.0.0.1/tcp/0").await;
}
