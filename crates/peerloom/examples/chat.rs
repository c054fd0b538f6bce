//! A chat of two: without an argument it listens, with an address it dials; lines go both ways.
#![expect(clippy::print_stdout, reason = "an example prints")]

use peerloom::{Host, Multiaddr, Stream};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

const PROTOCOL: &str = "/chat/1.0.0";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let host = Host::builder().listen("/ip4/127.0.0.1/tcp/0")?.start().await?;
    let stream = match std::env::args().nth(1) {
        Some(address) => host.new_stream(address.parse::<Multiaddr>()?, [PROTOCOL]).await?,
        None => {
            println!("waiting for somebody at");
            host.addresses().iter().for_each(|address| println!("{address}"));
            let mut incoming = host.accept(PROTOCOL);
            incoming.next().await.ok_or("the host has closed")?
        }
    };
    println!("connected to {}; a line is sent with enter, the end with ctrl-d", stream.peer());
    chat(stream).await?;
    host.close().await;
    // A read of stdin may still be under way, and nobody is to wait for another line.
    std::process::exit(0)
}

/// Sends what is typed and prints what comes, until either side has said all.
async fn chat(stream: Stream) -> std::io::Result<()> {
    let (reader, mut writer) = tokio::io::split(stream);
    let mut heard = BufReader::new(reader).lines();
    let mut typed = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            line = typed.next_line() => match line? {
                Some(line) => writer.write_all(format!("{line}\n").as_bytes()).await?,
                None => return writer.shutdown().await,
            },
            line = heard.next_line() => match line? {
                Some(line) => println!("> {line}"),
                None => return Ok(()),
            },
        }
    }
}
