//! A rust-libp2p node that listens or dials, so that Peerloom can be tested against it.

mod actions;
mod echo;
mod node;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use libp2p::Multiaddr;
use serde_json::json;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print an address and serve ping, identify and echo there until standard input ends.
    Listen {
        #[command(flatten)]
        layers: Layers,
    },
    /// Do one thing with the node at an address, and print how it went as a line of JSON.
    Dial {
        /// Where the node is, with its peer id at the end.
        address: Multiaddr,
        action: Action,
        #[command(flatten)]
        layers: Layers,
    },
}

/// What the connection is made of; nothing else is offered to the other side.
#[derive(Args, Clone, Copy)]
struct Layers {
    /// What a listener binds. A dialer goes by the address.
    #[arg(long, value_enum, default_value_t = Transport::Tcp)]
    transport: Transport,
    #[arg(long, value_enum, default_value_t = Security::Noise)]
    security: Security,
    #[arg(long, value_enum, default_value_t = Muxer::Yamux)]
    muxer: Muxer,
    /// Of the node's own identity.
    #[arg(long, value_enum, default_value_t = KeyType::Ed25519)]
    key_type: KeyType,
}

#[derive(Clone, Copy, ValueEnum)]
enum Transport {
    Tcp,
    Ws,
}

#[derive(Clone, Copy, ValueEnum)]
enum Security {
    Noise,
    Tls,
}

#[derive(Clone, Copy, ValueEnum)]
enum Muxer {
    Yamux,
    Mplex,
}

/// rust-libp2p makes no RSA keys.
#[derive(Clone, Copy, ValueEnum)]
enum KeyType {
    Ed25519,
    Secp256k1,
    Ecdsa,
}

#[derive(Clone, Copy, ValueEnum)]
enum Action {
    /// Ping three times.
    Ping,
    /// Wait for the other side's identify message and check it.
    Identify,
    /// Send 1 MiB in odd chunks, half-close, and read it back to the end.
    Echo,
    /// Echo 8 KiB on each of 100 streams at once.
    Streams,
    /// Echo 8 MiB on one stream, both ways at once.
    Bulk,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(EnvFilter::from_default_env())
        .init();
    match Arguments::parse().command {
        Command::Listen { layers } => match node::listen(layers).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::FAILURE
            }
        },
        Command::Dial { address, action, layers } => {
            report(action, dial(address, action, layers).await)
        }
    }
}

async fn dial(address: Multiaddr, action: Action, layers: Layers) -> Result<()> {
    tokio::time::timeout(TIME_LIMIT, actions::run(address, action, layers))
        .await
        .with_context(|| format!("not done after {TIME_LIMIT:?}"))?
}

fn report(action: Action, outcome: Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => {
            let name = action.to_possible_value().map(|value| value.get_name().to_owned());
            println!("{}", json!({ "ok": true, "action": name }));
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}", json!({ "ok": false, "error": format!("{error:#}") }));
            ExitCode::FAILURE
        }
    }
}

/// How long a dial and its action may take in all.
const TIME_LIMIT: Duration = Duration::from_secs(30);
