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
    /// What it speaks and we do, the most telling first.
    pub(super) stacks: &'static [Stack],
    /// The types of key, beside Ed25519, that it can verify.
    pub(super) keys: &'static [&'static str],
    /// The types of key, beside Ed25519, that it can have.
    pub(super) identities: &'static [&'static str],
    /// The ciphers that its secio can be held to, each with every exchange and every hash.
    pub(super) ciphers: &'static [&'static str],
    /// Whether it takes the key of a private network.
    pub(super) takes_swarm_key: bool,
    /// What is known not to work, and why.
    pub(super) faults: &'static [Fault],
    /// What its program has set otherwise than the library does by itself and what it cannot at all, and why.
    pub(super) notes: &'static [&'static str],
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
    pub(super) twist: Option<Twist>,
    pub(super) reason: &'static str,
}

/// What is unusual about a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    None,
    /// The type of our key.
    OurKey(&'static str),
    /// The type of the peer's key.
    TheirKey(&'static str),
    /// The one suite of algorithms that the peer's secio offers.
    Suite(Suite),
    /// Both are in the same private network.
    PrivateNetwork,
}

/// An exchange, a cipher and a hash of secio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Suite {
    pub(super) exchange: &'static str,
    pub(super) cipher: &'static str,
    pub(super) hash: &'static str,
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

pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "rust-libp2p",
        needs: &["cargo"],
        build: &[&["cargo", "build", "--release", "--locked"]],
        program: &["{builds}/release/interop-rust-libp2p"],
        stacks: &[
            TCP_NOISE_YAMUX,
            TCP_NOISE_MPLEX,
            TCP_TLS_YAMUX,
            TCP_TLS_MPLEX,
            WS_NOISE_YAMUX,
            WS_TLS_YAMUX,
        ],
        keys: &["secp256k1", "ecdsa", "rsa"],
        identities: &["secp256k1", "ecdsa"],
        ciphers: &[],
        takes_swarm_key: false,
        faults: &[],
        notes: &["it cannot make an RSA key"],
    },
    Peer {
        name: "js-libp2p",
        needs: &["node", "npm"],
        build: &[&["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
        program: &["node", "main.mjs"],
        stacks: &[
            TCP_NOISE_YAMUX,
            TCP_NOISE_MPLEX,
            TCP_TLS_YAMUX,
            TCP_TLS_MPLEX,
            WS_NOISE_YAMUX,
            WS_NOISE_MPLEX,
            WS_TLS_YAMUX,
        ],
        keys: &["secp256k1", "rsa"],
        identities: &["secp256k1", "rsa"],
        ciphers: &[],
        takes_swarm_key: true,
        faults: &[],
        notes: &[
            "maxEarlyStreams, disconnectThreshold and its limits of streams a protocol are raised: a node of its defaults refuses an honest peer that opens 100 streams at once",
            "inboundConnectionThreshold is raised: a node of its defaults takes five connections a second from one address",
            "it knows no ECDSA keys",
        ],
    },
    Peer {
        name: "js-libp2p-0.29",
        needs: &["node", "npm"],
        build: &[&["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]],
        program: &["node", "main.mjs"],
        stacks: &[TCP_SECIO_MPLEX, WS_SECIO_MPLEX, TCP_NOISE_MPLEX],
        keys: &["secp256k1", "rsa"],
        identities: &["secp256k1", "rsa"],
        ciphers: &[],
        takes_swarm_key: false,
        faults: &[],
        notes: &["it knows no ECDSA keys"],
    },
    Peer {
        name: "go-libp2p",
        needs: &["go"],
        build: &[&["go", "build", "-o", "{builds}/interop-go-libp2p", "."]],
        program: &["{builds}/interop-go-libp2p"],
        stacks: &[TCP_NOISE_YAMUX, TCP_TLS_YAMUX, WS_NOISE_YAMUX, WS_TLS_YAMUX],
        keys: &["secp256k1", "ecdsa", "rsa"],
        identities: &["secp256k1", "ecdsa", "rsa"],
        ciphers: &[],
        takes_swarm_key: true,
        faults: &[],
        notes: &[
            "its resource manager is off: by its defaults it takes 64 streams of one protocol from a peer",
        ],
    },
    Peer {
        name: "go-libp2p-0.14",
        needs: &["go"],
        build: &[&["go", "build", "-o", "{builds}/interop-go-libp2p-0.14", "."]],
        program: &["{builds}/interop-go-libp2p-0.14"],
        stacks: &[TCP_SECIO_MPLEX, TCP_SECIO_YAMUX, TCP_NOISE_MPLEX, WS_SECIO_MPLEX],
        keys: &["secp256k1", "ecdsa", "rsa"],
        identities: &["secp256k1", "ecdsa", "rsa"],
        ciphers: &["AES-256", "AES-128"],
        takes_swarm_key: true,
        faults: &[],
        notes: &["its secio has forgotten Blowfish"],
    },
    Peer {
        name: "go-libp2p-0.2",
        needs: &["go"],
        build: &[&["go", "build", "-o", "{builds}/interop-go-libp2p-0.2", "."]],
        program: &["{builds}/interop-go-libp2p-0.2"],
        stacks: &[TCP_SECIO_MPLEX],
        keys: &[],
        identities: &[],
        ciphers: &["AES-256", "AES-128", "Blowfish"],
        takes_swarm_key: false,
        faults: &[],
        notes: &[],
    },
    Peer {
        name: "py-libp2p",
        needs: &["python3"],
        build: &[&["sh", "install.sh", "{builds}/"]],
        program: &["{builds}/py-libp2p/bin/python", "main.py"],
        stacks: &[
            TCP_SECIO_MPLEX,
            TCP_NOISE_MPLEX,
            TCP_NOISE_YAMUX,
            TCP_TLS_YAMUX,
            TCP_TLS_MPLEX,
            WS_SECIO_MPLEX,
            WS_NOISE_YAMUX,
            WS_TLS_YAMUX,
        ],
        keys: &["secp256k1", "rsa"],
        identities: &["secp256k1", "rsa"],
        ciphers: &[],
        takes_swarm_key: false,
        faults: &[],
        notes: &[
            "its limit of dials from one address is off: by its defaults it takes ten a second",
            "it reads and writes an echo in turns: two tasks on one of its mplex streams wait for each other for ever",
            "it knows no ECDSA keys",
        ],
    },
];

const TCP_NOISE_YAMUX: Stack = Stack { transport: "tcp", security: "noise", muxer: "yamux" };
const TCP_NOISE_MPLEX: Stack = Stack { muxer: "mplex", ..TCP_NOISE_YAMUX };
const TCP_TLS_YAMUX: Stack = Stack { security: "tls", ..TCP_NOISE_YAMUX };
const TCP_TLS_MPLEX: Stack = Stack { security: "tls", ..TCP_NOISE_MPLEX };
const TCP_SECIO_YAMUX: Stack = Stack { security: "secio", ..TCP_NOISE_YAMUX };
const TCP_SECIO_MPLEX: Stack = Stack { security: "secio", ..TCP_NOISE_MPLEX };
const WS_NOISE_YAMUX: Stack = Stack { transport: "ws", ..TCP_NOISE_YAMUX };
const WS_NOISE_MPLEX: Stack = Stack { transport: "ws", ..TCP_NOISE_MPLEX };
const WS_TLS_YAMUX: Stack = Stack { transport: "ws", ..TCP_TLS_YAMUX };
const WS_SECIO_MPLEX: Stack = Stack { transport: "ws", ..TCP_SECIO_MPLEX };

impl Peer {
    /// Where it lives, from the root.
    pub(super) fn folder(&self) -> PathBuf {
        Path::new("tests/interop").join(self.name)
    }

    /// Each security proves a key in its own way: the most telling stack of each.
    pub(super) fn first_of_each_security(&self) -> impl Iterator<Item = Stack> {
        self.stacks.iter().enumerate().filter_map(|(index, &stack)| {
            let mut before = self.stacks.iter().take(index);
            before.all(|other| other.security != stack.security).then_some(stack)
        })
    }
}

impl Stack {
    /// The address on which our program listens.
    pub(super) fn address(self) -> &'static str {
        match self.transport {
            "ws" => "/ip4/127.0.0.1/tcp/0/ws",
            _ => "/ip4/127.0.0.1/tcp/0",
        }
    }

    /// The layers above the transport, as every program is told of them.
    pub(super) fn layers(self) -> [&'static str; 4] {
        ["--security", self.security, "--muxer", self.muxer]
    }
}

impl Direction {
    pub(super) const BOTH: [Direction; 2] = [Direction::OursDials, Direction::OursListens];
}

impl Twist {
    /// What our program is told of it.
    pub(super) fn ours(self) -> Vec<&'static str> {
        match self {
            Twist::None | Twist::TheirKey(_) => Vec::new(),
            Twist::OurKey(key) => vec!["--key-type", key],
            // Everything that ours knows, also what it does not offer by itself.
            Twist::Suite(_) => vec!["--secio-ciphers", "AES-256,AES-128,Blowfish"],
            Twist::PrivateNetwork => vec!["--swarm-key", "tests/interop/swarm.key"],
        }
    }

    /// What the peer is told of it.
    pub(super) fn theirs(self) -> Vec<&'static str> {
        match self {
            Twist::None | Twist::OurKey(_) => Vec::new(),
            Twist::TheirKey(key) => vec!["--key-type", key],
            Twist::Suite(Suite { exchange, cipher, hash }) => {
                vec!["--exchange", exchange, "--cipher", cipher, "--hash", hash]
            }
            Twist::PrivateNetwork => vec!["--swarm-key", "../swarm.key"],
        }
    }
}

impl Suite {
    /// These ciphers with every exchange and every hash that secio has ever had.
    pub(super) fn with(ciphers: &[&'static str]) -> impl Iterator<Item = Suite> {
        ciphers.iter().flat_map(|&cipher| {
            let suite = move |exchange| move |hash| Suite { exchange, cipher, hash };
            let exchanges = ["P-256", "P-384", "P-521"].into_iter().map(suite);
            exchanges.flat_map(|suite| ["SHA256", "SHA512"].map(suite))
        })
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

impl fmt::Display for Twist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Twist::None => Ok(()),
            Twist::OurKey(key) => write!(f, "our key {key}"),
            Twist::TheirKey(key) => write!(f, "their key {key}"),
            Twist::Suite(Suite { exchange, cipher, hash }) => {
                write!(f, "{exchange} {cipher} {hash}")
            }
            Twist::PrivateNetwork => f.write_str("private network"),
        }
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
