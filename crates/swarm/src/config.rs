//! What a swarm is made of, and where its limits are.

use std::time::Duration;

use peerloom_core::{BoxMuxerUpgrade, BoxSecurityUpgrade, BoxTransport, Transport as _};
use peerloom_multiaddr::Multiaddr;

/// The layers that a swarm may use, each list in the order of preference.
#[derive(Default)]
pub struct Layers {
    /// Ways to reach addresses; the first that supports an address takes it.
    pub transports: Vec<BoxTransport>,
    /// Protocols that secure a connection.
    pub securities: Vec<BoxSecurityUpgrade>,
    /// Protocols that carry many streams over one.
    pub muxers: Vec<BoxMuxerUpgrade>,
}

impl Layers {
    /// The transport that takes an address.
    pub(crate) fn transport_for(&self, address: &Multiaddr) -> Option<&BoxTransport> {
        self.transports.iter().find(|transport| transport.supports(address))
    }

    /// The muxers' names, as they are offered.
    pub(crate) fn muxer_names(&self) -> Vec<&str> {
        self.muxers.iter().map(|muxer| muxer.name()).collect()
    }
}

/// How a swarm behaves.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// How long each phase of a connection may take.
    pub timeouts: Timeouts,
    /// How much of everything there may be.
    pub limits: Limits,
}

/// How long each phase of a connection may take; the other side decides how long it does.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// Finding out which addresses a name stands for.
    pub resolve: Duration,
    /// Reaching an address, until there are bytes both ways.
    pub connect: Duration,
    /// Agreeing on the security protocol. A dialer sends its first proposal together with the first
    /// handshake message; the answer then has the time of the handshake.
    pub security_negotiation: Duration,
    /// The security protocol's handshake.
    pub handshake: Duration,
    /// Agreeing on the muxer.
    pub muxer_negotiation: Duration,
    /// Saying goodbye when a connection is closed.
    pub goodbye: Duration,
}

/// How much of everything there may be at once. What goes beyond is refused, and told in an event.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections in all, of both directions.
    pub connections: usize,
    /// Connections with one peer.
    pub connections_per_peer: usize,
    /// Inbound connections that are not yet secured and multiplexed.
    pub pending_inbound: usize,
    /// The same for one address (an IPv4 address or an IPv6 /64), so that one sender cannot shut out the others.
    pub pending_inbound_per_address: usize,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            resolve: Duration::from_secs(15),
            connect: Duration::from_secs(15),
            security_negotiation: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            muxer_negotiation: Duration::from_secs(10),
            goodbye: Duration::from_secs(1),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 8192,
            connections_per_peer: 8,
            pending_inbound: 512,
            pending_inbound_per_address: 128,
        }
    }
}
