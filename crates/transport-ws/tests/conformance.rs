//! WebSocket does what every transport does, whatever is below.

use peerloom_core::BoxTransport;
use peerloom_testkit::transport::conforms;
use peerloom_transport_memory::Network;
use peerloom_transport_ws::{Config, Transport};

fn over(inner: BoxTransport, config: Config) -> BoxTransport {
    BoxTransport::new(Transport::new(inner, config))
}

fn tcp() -> BoxTransport {
    BoxTransport::new(peerloom_transport_tcp::Transport::default())
}

#[tokio::test]
async fn it_conforms_over_memory() {
    let memory = BoxTransport::new(Network::default().transport());
    conforms(over(memory, Config::default()), "/memory/0/ws").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_conforms_over_tcp() {
    conforms(over(tcp(), Config::default()), "/ip4/127.0.0.1/tcp/0/ws").await;
}

#[tokio::test]
async fn it_conforms_at_a_path_behind_a_wildcard() {
    conforms(over(tcp(), Config::default()), "/ip4/0.0.0.0/tcp/0/ws/http-path/a%2Fb").await;
}

#[cfg(feature = "tls")]
mod tls {
    use peerloom_transport_ws::{Certificate, Roots};

    use super::*;

    fn config() -> Config {
        let names = ["127.0.0.1".to_owned(), "a.example".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("the names are good ones");
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let certificate = Certificate::from_pem(chain.as_bytes(), key.as_bytes());
        Config {
            certificate: Some(certificate.expect("it was just made")),
            roots: Roots::none().with_pem(chain.as_bytes()).expect("it was just made"),
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_conforms_in_tls_over_tcp() {
        conforms(over(tcp(), config()), "/ip4/127.0.0.1/tcp/0/wss").await;
        conforms(over(tcp(), config()), "/ip4/127.0.0.1/tcp/0/tls/ws").await;
    }

    #[tokio::test]
    async fn it_conforms_in_tls_over_memory_where_the_name_is_in_the_address() {
        let memory = BoxTransport::new(Network::default().transport());
        conforms(over(memory, config()), "/memory/0/tls/sni/a.example/ws").await;
    }
}
