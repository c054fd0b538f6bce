//! The memory transport does what every transport does.

use peerloom_core::BoxTransport;
use peerloom_transport_memory::{Config, Network};

#[tokio::test]
async fn the_memory_transport_conforms() {
    let transport = BoxTransport::new(Network::default().transport());
    peerloom_testkit::transport::conforms(transport, "/memory/0").await;
}

#[tokio::test]
async fn it_conforms_with_hardly_any_room() {
    let network = Network::new(Config { capacity: 1000, backlog: 1 });
    let transport = BoxTransport::new(network.transport());
    peerloom_testkit::transport::conforms(transport, "/memory/0").await;
}
