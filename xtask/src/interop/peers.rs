//! The table of peers: a few lines for each. `tests/interop/README.md` has the command line that they share.

use std::fmt;
use std::path::{Path, PathBuf};

/// A program of another implementation.
#[derive(Clone, Copy)]
pub(super) struct Peer {
    /// Its name, and that of its folder in `tests/interop`.
    pub(super) name: &'static str,
    /// The tools without which it cannot be built or run.
    pub(super) needs: &'static [&'static str],
    /// The command lines that build it, in its folder; `{builds}` is where to put what they build.
    pub(super) build: &'static [&'static [&'static str]],
    /// How it is started, in its folder.
    pub(super) program: &'static [&'static str],
    /// What it speaks and we do.
    pub(super) stacks: &'static [Stack],
    /// The types of key, beside Ed25519, that it can verify.
    pub(super) keys: &'static [&'static str],
    /// What is known not to work, and why.
    pub(super) faults: &'static [Fault],
}

/// A transport, a security and a muxer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stack {
    pub(super) transport: &'static str,
    pub(super) security: &'static str,
    pub(super) muxer: &'static str,
}

/// What cannot pass; what is not named is meant in all its forms.
#[derive(Clone, Copy)]
pub(super) struct Fault {
    pub(super) direction: Option<Direction>,
    pub(super) stack: Option<Stack>,
    pub(super) action: Option<Action>,
    pub(super) reason: &'static str,
}

/// Who dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    OursDials,
    OursListens,
}

/// What the dialer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Ping,
    Identify,
    Echo,
    Streams,
    Bulk,
}

pub(super) const PEERS: &[Peer] = &[Peer {
    name: "rust-libp2p",
    needs: &["cargo"],
    build: &[&["cargo", "build", "--release", "--locked"]],
    program: &["{builds}/release/interop-rust-libp2p"],
    stacks: &[TCP_NOISE_YAMUX],
    keys: &["secp256k1", "ecdsa", "rsa"],
    faults: &[],
}];

const TCP_NOISE_YAMUX: Stack = Stack { transport: "tcp", security: "noise", muxer: "yamux" };

impl Peer {
    /// Where it lives, from the root.
    pub(super) fn folder(&self) -> PathBuf {
        Path::new("tests/interop").join(self.name)
    }
}

impl Stack {
    /// The address on which our program listens.
    pub(super) fn address(self) -> &'static str {
        match self.transport {
            "ws" => "/ip4/127.0.0.1/tcp/0/ws",
            "quic" => "/ip4/127.0.0.1/udp/0/quic-v1",
            _ => "/ip4/127.0.0.1/tcp/0",
        }
    }
}

impl Action {
    pub(super) const ALL: [Action; 5] =
        [Action::Ping, Action::Identify, Action::Echo, Action::Streams, Action::Bulk];

    /// The name by which the peers know it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Action::Ping => "ping",
            Action::Identify => "identify",
            Action::Echo => "echo",
            Action::Streams => "streams",
            Action::Bulk => "bulk",
        }
    }

    /// The same in our program's words: the command, and what follows the address.
    pub(super) fn ours(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Action::Ping => ("ping", &["--count", "3"]),
            Action::Identify => ("identify", &[]),
            Action::Echo => ("echo", &["--size", "1048576"]),
            Action::Streams => ("echo", &["--streams", "100", "--size", "8192"]),
            Action::Bulk => ("echo", &["--size", "8388608"]),
        }
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stack { transport, security, muxer } = self;
        write!(f, "{transport} {security} {muxer}")
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::OursDials => "ours dials",
            Direction::OursListens => "ours listens",
        })
    }
}
