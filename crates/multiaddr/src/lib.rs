//! Self-describing network addresses, as text and as bytes.

/// PLACEHOLDER until the crate is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Multiaddr(Vec<u8>);
