//! What the builder is told either has an effect or is an error.
#![cfg(all(feature = "dns", feature = "memory", feature = "ws"))]
#![expect(clippy::panic, reason = "a failed step fails the test")]

use peerloom::core::Fault;
use peerloom::memory::Network;
use peerloom::{Builder, Host, StartError};

/// The two calls that contradict each other.
async fn contradiction(builder: Builder) -> [&'static str; 2] {
    let Err(error) = builder.start().await else { panic!("the host started") };
    assert_eq!(error.fault(), Fault::Caller);
    let told = error.to_string();
    let StartError::Unheard { call, named } = error else { panic!("{error:?}") };
    assert!(told.contains(call) && told.contains(named), "{told}");
    [call, named]
}

#[tokio::test]
async fn servers_of_names_are_not_for_transports_that_are_named() {
    let config = peerloom::dns::Config::with_servers([]);
    let builder = Host::builder().dns(config.clone()).transport(Network::default().transport());
    assert_eq!(contradiction(builder).await, ["Builder::dns", "Builder::transport"]);
    Host::builder().dns(config).start().await.unwrap();
}

#[tokio::test]
async fn certificates_are_not_for_transports_that_are_named() {
    let config = peerloom::ws::Config::default();
    let builder = Host::builder().transport(Network::default().transport()).ws(config.clone());
    assert_eq!(contradiction(builder).await, ["Builder::ws", "Builder::transport"]);
    Host::builder().ws(config).start().await.unwrap();
}

#[tokio::test]
async fn a_named_transport_is_all_there_is() {
    let builder = Host::builder().transport(Network::default().transport());
    let error = builder.listen("/ip4/127.0.0.1/tcp/0").unwrap().start().await.err().unwrap();
    assert_eq!(error.fault(), Fault::Caller);
    assert!(matches!(error, StartError::Listen(_)), "{error:?}");
}
