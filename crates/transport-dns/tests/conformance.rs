//! DNS in front of a transport leaves addresses without a name to it.

use peerloom_core::BoxTransport;
use peerloom_testkit::transport::conforms;
use peerloom_transport_dns::{Config, Transport};
use peerloom_transport_memory::Network;

/// Whoever asks this server waits for ever; nobody does.
fn nobody() -> Config {
    Config::with_servers(["127.0.0.1:9".parse().expect("this is an address")])
}

#[tokio::test]
async fn dns_before_tcp_conforms() {
    let tcp = BoxTransport::new(peerloom_transport_tcp::Transport::default());
    conforms(BoxTransport::new(Transport::new(tcp, nobody())), "/ip4/127.0.0.1/tcp/0").await;
}

#[tokio::test]
async fn dns_before_memory_conforms() {
    let memory = BoxTransport::new(Network::default().transport());
    conforms(BoxTransport::new(Transport::new(memory, nobody())), "/memory/0").await;
}
