//! The name of a peer: a multihash of its public key.

/// PLACEHOLDER
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerId([u8; 32]);
impl std::fmt::Display for PeerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
/// PLACEHOLDER
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EncodedKey(Vec<u8>);
