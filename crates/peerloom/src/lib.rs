//! A libp2p network stack: hosts that dial, listen and speak protocols by name.
//!
//! This crate only names the layers and chooses defaults. Each layer is a crate of its own, to be
//! used without the others; they are re-exported here as modules.
//!
#![doc = include_str!("../README.md")]

mod builder;
mod facade;
mod transports;

pub use crate::builder::{Builder, StartError};
pub use crate::facade::Host;
pub use peerloom_host::{Event, Events, Incoming, Stream, StreamError, Target};
pub use peerloom_identity::Keypair;
pub use peerloom_multiaddr::Multiaddr;
pub use peerloom_multistream_select::Matcher;
pub use peerloom_peer_id::PeerId;
pub use peerloom_swarm::{Connection, DialError, ListenError};

pub use {
    peerloom_core as core, peerloom_echo as echo, peerloom_host as host,
    peerloom_identify as identify, peerloom_identity as identity, peerloom_multiaddr as multiaddr,
    peerloom_multistream_select as multistream_select, peerloom_noise as noise,
    peerloom_peer_id as peer_id, peerloom_perf as perf, peerloom_ping as ping,
    peerloom_swarm as swarm, peerloom_transport_tcp as tcp, peerloom_yamux as yamux,
};

#[cfg(feature = "mplex")]
pub use peerloom_mplex as mplex;
#[cfg(feature = "insecure-plaintext")]
pub use peerloom_plaintext as insecure_plaintext;
#[cfg(feature = "pnet")]
pub use peerloom_pnet as pnet;
#[cfg(feature = "secio")]
pub use peerloom_secio as secio;
#[cfg(feature = "tls")]
pub use peerloom_tls as tls;
#[cfg(feature = "dns")]
pub use peerloom_transport_dns as dns;
#[cfg(feature = "memory")]
pub use peerloom_transport_memory as memory;
#[cfg(feature = "unix")]
pub use peerloom_transport_unix as unix;
#[cfg(feature = "ws")]
pub use peerloom_transport_ws as ws;

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
