//! What a host is made of.

use std::time::Duration;

use peerloom_identity::Keypair;
use peerloom_multiaddr::Multiaddr;
use peerloom_swarm::{self as swarm, Layers};

/// What a host is made of.
pub struct Config {
    /// The key that proves who we are. The securities in `layers` hold the same one.
    pub keypair: Keypair,
    /// The transports, securities and muxers.
    pub layers: Layers,
    /// Timeouts and limits of connections.
    pub swarm: swarm::Config,
    /// Where to listen from the start.
    pub listen: Vec<Multiaddr>,
    /// Whether to tell and ask who is who on every connection, and to answer when asked.
    pub identify: bool,
    /// What identify tells of the program, for example `my-program/1.0.0`.
    pub agent_version: String,
    /// What identify tells of the family of protocols; may be empty.
    pub protocol_version: String,
    /// How long opening a stream and agreeing on its protocol may take.
    pub stream_negotiation: Duration,
    /// How many streams others may have open with us.
    pub limits: StreamLimits,
}

/// How many streams others may have open with us. What goes beyond is reset.
///
/// Each has a task and what its handler holds.
#[derive(Clone, Debug)]
pub struct StreamLimits {
    /// Inbound streams in all.
    pub inbound: usize,
    /// Inbound streams of one connection.
    pub inbound_per_connection: usize,
    /// Inbound streams of one connection that have not agreed on a protocol yet. An honest peer
    /// that opens a burst has them settled in a moment.
    pub negotiating_per_connection: usize,
}

impl Default for StreamLimits {
    fn default() -> Self {
        StreamLimits {
            inbound: 16_384,
            inbound_per_connection: 1024,
            negotiating_per_connection: 512,
        }
    }
}

impl Config {
    /// A host with this key and these layers, which listens nowhere yet.
    #[must_use]
    pub fn new(keypair: Keypair, layers: Layers) -> Self {
        Config {
            keypair,
            layers,
            swarm: swarm::Config::default(),
            listen: Vec::new(),
            identify: true,
            agent_version: concat!("peerloom/", env!("CARGO_PKG_VERSION")).to_owned(),
            protocol_version: String::new(),
            stream_negotiation: Duration::from_secs(10),
            limits: StreamLimits::default(),
        }
    }
}
