//! Both ends of an echo: without an argument it listens, with an address it sends a line there.

use peerloom::{Host, echo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(address) = std::env::args().nth(1) else {
        let host = Host::builder().listen("/ip4/127.0.0.1/tcp/0")?.start().await?;
        host.set_stream_handler(echo::PROTOCOL, echo::serve);
        println!("{}", host.addresses()[0]);
        return Ok(tokio::signal::ctrl_c().await?);
    };
    let host = Host::builder().start().await?;
    let address: peerloom::Multiaddr = address.parse()?;
    let mut stream = host.new_stream(address, [echo::PROTOCOL]).await?;
    stream.write_all(b"hello, loom").await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("{answer}");
    Ok(())
}
