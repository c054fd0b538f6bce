//! TCP does what every transport does.

use peerloom_core::BoxTransport;
use peerloom_testkit::transport::conforms;
use peerloom_transport_tcp::{Config, Transport};

#[tokio::test]
async fn tcp_conforms() {
    conforms(BoxTransport::new(Transport::default()), "/ip4/127.0.0.1/tcp/0").await;
}

#[tokio::test]
async fn tcp_conforms_over_ip6() {
    if machine_has_ip6() {
        conforms(BoxTransport::new(Transport::default()), "/ip6/::1/tcp/0").await;
    }
}

#[tokio::test]
async fn tcp_conforms_behind_a_wildcard() {
    conforms(BoxTransport::new(Transport::default()), "/ip4/0.0.0.0/tcp/0").await;
    if machine_has_ip6() {
        conforms(BoxTransport::new(Transport::default()), "/ip6/::/tcp/0").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tcp_conforms_when_dials_leave_from_listening_ports() {
    let config = Config { port_reuse: true, ..Config::default() };
    conforms(BoxTransport::new(Transport::new(config.clone())), "/ip4/127.0.0.1/tcp/0").await;
    conforms(BoxTransport::new(Transport::new(config)), "/ip4/0.0.0.0/tcp/0").await;
}

fn machine_has_ip6() -> bool {
    std::net::TcpListener::bind("[::1]:0").is_ok()
}
