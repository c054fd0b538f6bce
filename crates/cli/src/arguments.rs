//! What the program can be told.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use clap::builder::EnumValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use peerloom::Multiaddr;
use peerloom::secio::{Cipher, Exchange, Hash};

use crate::listed::Listed;

/// The curl of libp2p: dial, listen, ping, identify and measure any libp2p node.
///
/// Exits with 0 when all went well and with 1 when not; errors go to stderr and say which layer
/// failed and why. PEERLOOM_LOG=debug (or any tracing filter) logs to stderr.
#[derive(Parser)]
#[command(name = "peerloom", version)]
pub(crate) struct Arguments {
    /// Print one JSON object a line, with "ok".
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Fail when the verb is not done after this many seconds, for example 2.5; without it a slow
    /// node is waited for.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Three hosts in one program, a listener and a dialer of each generation: every step of a
    /// connection with its time, then ping, then bulk.
    Demo(DemoArguments),
    /// Listen and serve ping, identify, echo and perf until SIGINT or SIGTERM.
    Listen(ListenArguments),
    /// Ping a node.
    Ping(PingArguments),
    /// Send random bytes to a node's echo and compare what comes back.
    Echo(EchoArguments),
    /// Print what a node tells of itself.
    Identify(RemoteArguments),
    /// Measure how fast bytes move to a node and back.
    Perf(PerfArguments),
    /// List the protocols that a node speaks.
    Ls(RemoteArguments),
    /// Connect to a node and report every step, time and choice.
    Dial(RemoteArguments),
    /// Connect stdin and stdout to a stream.
    Cat(CatArguments),
    /// Make or show a key file.
    Key(KeyArguments),
    /// Show multiaddrs: their canonical text, bytes and parts.
    Addr(AddrArguments),
}

/// What kind of node this is.
#[derive(Args, Clone, Default)]
pub(crate) struct NodeArguments {
    /// The key file; made when it is not there. Without one the key is new each time.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The type of a new key, ed25519 if not given; a key file that is there must hold this type.
    #[arg(long, value_name = "TYPE")]
    pub(crate) key_type: Option<KeyType>,
    /// The security protocols to offer, in this order; noise and tls if not given.
    #[arg(long, value_name = "LIST", value_delimiter = ',',
        value_parser = Listed(EnumValueParser::<Security>::new()))]
    pub(crate) security: Vec<Security>,
    /// The muxers to offer, in this order; yamux if not given.
    #[arg(long, value_name = "LIST", value_delimiter = ',',
        value_parser = Listed(EnumValueParser::<Muxer>::new()))]
    pub(crate) muxer: Vec<Muxer>,
    /// A server to ask what names stand for, for example 127.0.0.1:5353, instead of the system's;
    /// may be given several times. Without a port it is 53.
    #[arg(long = "dns-server", value_name = "IP[:PORT]", value_parser = server)]
    pub(crate) dns_servers: Vec<SocketAddr>,
    #[command(flatten)]
    pub(crate) tls: TlsArguments,
    #[command(flatten)]
    pub(crate) secio: SecioArguments,
    /// The key file of a private network (swarm.key): only nodes that have the same can connect.
    #[arg(long, value_name = "FILE")]
    pub(crate) swarm_key: Option<PathBuf>,
}

/// What WebSocket in TLS needs.
#[derive(Args, Clone, Default)]
pub(crate) struct TlsArguments {
    /// The certificates to listen with on wss, in PEM, our own first.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The key of the first of those certificates, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The authorities to believe when dialing wss, in PEM, instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_roots: Option<PathBuf>,
}

/// What secio offers.
#[derive(Args, Clone, Default)]
pub(crate) struct SecioArguments {
    /// The key exchanges that secio offers, in this order.
    #[arg(long = "secio-exchanges", value_name = "LIST", value_delimiter = ',',
        value_parser = Listed(Exchange::from_str), default_value = "P-256,P-384,P-521")]
    pub(crate) exchanges: Vec<Exchange>,
    /// The ciphers that secio offers, in this order; there is also Blowfish.
    #[arg(long = "secio-ciphers", value_name = "LIST", value_delimiter = ',',
        value_parser = Listed(Cipher::from_str), default_value = "AES-128,AES-256")]
    pub(crate) ciphers: Vec<Cipher>,
    /// The hashes that secio offers, in this order.
    #[arg(long = "secio-hashes", value_name = "LIST", value_delimiter = ',',
        value_parser = Listed(Hash::from_str), default_value = "SHA256,SHA512")]
    pub(crate) hashes: Vec<Hash>,
}

/// A security protocol.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Security {
    /// What every node of today speaks.
    Noise,
    /// What most nodes of today speak too.
    Tls,
    /// For nodes of before 2021.
    Secio,
    /// Protects nothing; for tests.
    InsecurePlaintext,
}

/// A muxer.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Muxer {
    /// What every node of today speaks.
    Yamux,
    /// For nodes of before 2021.
    Mplex,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum KeyType {
    #[default]
    Ed25519,
    Secp256k1,
    Ecdsa,
    Rsa,
}

#[derive(Args)]
pub(crate) struct RemoteArguments {
    /// The node's address; with /p2p/… only that peer will do.
    pub(crate) address: Multiaddr,
    #[command(flatten)]
    pub(crate) node: NodeArguments,
}

#[derive(Args)]
pub(crate) struct DemoArguments {
    /// How much to move each way, for example 64MiB.
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "256MiB")]
    pub(crate) size: u64,
    #[command(flatten)]
    pub(crate) node: NodeArguments,
}

#[derive(Args)]
pub(crate) struct ListenArguments {
    /// Where to listen; may be given several times.
    #[arg(long = "addr", value_name = "MULTIADDR", default_value = "/ip4/127.0.0.1/tcp/0")]
    pub(crate) addresses: Vec<Multiaddr>,
    #[command(flatten)]
    pub(crate) node: NodeArguments,
}

#[derive(Args)]
pub(crate) struct PingArguments {
    #[command(flatten)]
    pub(crate) remote: RemoteArguments,
    /// How many pings to send.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
}

#[derive(Args)]
pub(crate) struct EchoArguments {
    #[command(flatten)]
    pub(crate) remote: RemoteArguments,
    /// How much to send on each stream, for example 8MiB.
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "1MiB")]
    pub(crate) size: u64,
    /// How many streams to use at once.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) streams: u32,
}

#[derive(Args)]
pub(crate) struct PerfArguments {
    #[command(flatten)]
    pub(crate) remote: RemoteArguments,
    /// How much to send, for example 1GiB.
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "64MiB")]
    pub(crate) upload: u64,
    /// How much to ask for.
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "64MiB")]
    pub(crate) download: u64,
}

#[derive(Args)]
pub(crate) struct CatArguments {
    #[command(flatten)]
    pub(crate) remote: RemoteArguments,
    /// The protocol to speak, for example /echo/1.0.0.
    pub(crate) protocol: String,
}

#[derive(Args)]
pub(crate) struct KeyArguments {
    #[command(subcommand)]
    pub(crate) verb: KeyVerb,
}

#[derive(Subcommand)]
pub(crate) enum KeyVerb {
    /// Make a key and write it to a file that only its owner can read.
    New {
        /// The file; an existing one is not overwritten.
        file: PathBuf,
        /// The type of the key.
        #[arg(long, value_name = "TYPE", default_value = "ed25519")]
        key_type: KeyType,
    },
    /// Print the type, peer id and public key of a key file.
    Show {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct AddrArguments {
    /// Addresses as text or as bytes in hexadecimal; `-` reads one a line from stdin,
    /// where empty lines are skipped.
    #[arg(required = true, value_name = "ADDR")]
    pub(crate) addresses: Vec<String>,
}

/// A time in seconds, whole or not.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    seconds.ok_or_else(|| "that is no number of seconds".to_owned())
}

/// A server of names, with an optional port.
fn server(text: &str) -> Result<SocketAddr, String> {
    let server = text.parse().or_else(|_| text.parse::<IpAddr>().map(|ip| (ip, DNS_PORT).into()));
    server.map_err(|_| "that is no IP address, with a port or without one".to_owned())
}

/// A number of bytes, with an optional unit.
fn bytes(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        other => {
            return Err(format!("unknown unit {other}; there are B, kB, MB, GB, KiB, MiB, GiB"));
        }
    };
    let number: u64 = number.parse().map_err(|_| "a number of bytes is missing".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "that is more than 2^64 bytes".to_owned())
}

/// Where servers of names are asked.
const DNS_PORT: u16 = 53;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_are_numbers_of_seconds() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        for text in ["-1", "inf", "NaN", "", "5s", "1e300"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn servers_may_have_a_port() {
        for (text, meant) in [
            ("8.8.8.8", "8.8.8.8:53"),
            ("127.0.0.1:5353", "127.0.0.1:5353"),
            ("::1", "[::1]:53"),
            ("[::1]:1", "[::1]:1"),
        ] {
            assert_eq!(server(text), Ok(meant.parse().unwrap()));
        }
        for text in ["", "localhost", "8.8.8.8:", "8.8.8.8:65536", "8.8.8"] {
            assert!(server(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bytes_have_units() {
        assert_eq!(bytes("10"), Ok(10));
        assert_eq!(bytes("8MiB"), Ok(8 << 20));
        assert_eq!(bytes("2GB"), Ok(2_000_000_000));
        assert!(bytes("MiB").is_err());
        assert!(bytes("1XB").is_err());
        assert!(bytes("99999999999GiB").is_err());
    }
}
