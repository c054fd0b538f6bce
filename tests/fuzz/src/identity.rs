//! One identity for all targets, so that inputs mean the same in every run.

use std::sync::LazyLock;

use peerloom_identity::Keypair;

/// The keys of this side, and of a remote that is honest about who it is.
pub fn identity() -> &'static Keypair {
    &IDENTITY
}

static IDENTITY: LazyLock<Keypair> =
    LazyLock::new(|| Keypair::from_protobuf(PROTOBUF).expect("the specification has good keys"));

/// The Ed25519 test vector of the peer-ids specification.
const PROTOBUF: &[u8] = b"\x08\x01\x12\x40\
    \x7e\x08\x30\x61\x7c\x4a\x7d\xe8\x39\x25\xdf\xb2\x69\x45\x56\xb1\
    \x29\x36\xc4\x77\xa0\xe1\xfe\xb2\xe1\x48\xec\x9d\xa6\x0f\xee\x7d\
    \x1e\xd1\xe8\xfa\xe2\xc4\xa1\x44\xb8\xbe\x8f\xd4\xb4\x7b\xf3\xd3\
    \xb3\x4b\x87\x1c\x3c\xac\xf6\x01\x0f\x0e\x42\xd4\x74\xfc\xe2\x7e";
