//! Both ends of an echo: without an argument it listens, with an address it says hello there.
#![expect(clippy::print_stdout, reason = "an example prints")]

use peerloom::{Host, Multiaddr, echo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let host = Host::builder().listen("/ip4/127.0.0.1/tcp/0")?.start().await?;
    let Some(address) = std::env::args().nth(1) else {
        host.set_stream_handler(echo::PROTOCOL, echo::serve);
        host.addresses().iter().for_each(|address| println!("{address}"));
        return Ok(tokio::signal::ctrl_c().await?);
    };
    let mut stream = host.new_stream(address.parse::<Multiaddr>()?, [echo::PROTOCOL]).await?;
    stream.write_all(b"hello, loom").await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("{answer}");
    Ok(())
}
