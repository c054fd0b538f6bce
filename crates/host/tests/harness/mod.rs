//! Hosts on one memory network.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use peerloom_core::{BoxSecurityUpgrade, BoxTransport};
use peerloom_host::{Config, Host, Stream};
use peerloom_identity::Keypair;
use peerloom_multiaddr::Multiaddr;
use peerloom_swarm::Layers;
use peerloom_transport_memory::Network;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The layers of every host here, for this key.
pub(crate) fn layers(network: &Network, keypair: &Keypair) -> Layers {
    Layers {
        transports: vec![BoxTransport::new(network.transport())],
        securities: vec![BoxSecurityUpgrade::new(peerloom_noise::Config::new(keypair))],
        muxers: vec![Box::new(peerloom_yamux::Config::default())],
    }
}

/// What a host is started with; it listens.
pub(crate) fn config(network: &Network) -> Config {
    let keypair = Keypair::generate_ed25519().unwrap();
    let layers = layers(network, &keypair);
    let mut config = Config::new(keypair, layers);
    config.listen.push("/memory/0".parse().unwrap());
    config
}

/// A host that listens.
pub(crate) async fn host(network: &Network) -> Host {
    Host::start(config(network)).await.unwrap()
}

/// Two hosts, and the address of the second.
pub(crate) async fn pair() -> (Host, Host, Multiaddr) {
    let network = Network::default();
    let (near, far) = (host(&network).await, host(&network).await);
    let address = far.addresses().remove(0);
    (near, far, address)
}

/// A handler that sends back what it gets.
pub(crate) async fn echo(mut stream: Stream) -> std::io::Result<()> {
    let (mut reader, mut writer) = tokio::io::split(&mut stream);
    tokio::io::copy(&mut reader, &mut writer).await?;
    writer.shutdown().await
}

/// Says something, half-closes, and reads the answer to its end.
pub(crate) async fn ask(stream: &mut Stream, question: &str) -> std::io::Result<String> {
    stream.write_all(question.as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
