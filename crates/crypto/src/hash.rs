//! The hash functions that tags are made with, and those tags.

use std::fmt;

use zeroize::Zeroize;

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The length of its hashes, and of the tags made with it, in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Hash::Sha256 => 32,
            Hash::Sha512 => 64,
        }
    }
}

/// A tag that authenticates data. It is not compared but verified, which takes constant time.
///
/// Where keys are derived it is a secret, and wrapped into [`Zeroizing`](zeroize::Zeroizing).
#[derive(Clone, Copy)]
pub struct Tag {
    bytes: [u8; MAX_LENGTH],
    hash: Hash,
}

impl Tag {
    /// The tag with these bytes, as many as `hash` has.
    pub(crate) fn new(hash: Hash, tag: &[u8]) -> Self {
        let mut bytes = [0; MAX_LENGTH];
        for (byte, given) in bytes.iter_mut().zip(tag) {
            *byte = *given;
        }
        Tag { bytes, hash }
    }
}

impl AsRef<[u8]> for Tag {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.hash.length()).unwrap_or_default()
    }
}

impl Zeroize for Tag {
    fn zeroize(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({:?})", self.hash)
    }
}

/// The hashes of SHA-512 are the longest.
const MAX_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_can_be_wiped() {
        let mut tag = Tag::new(Hash::Sha512, &[7; 64]);
        tag.zeroize();
        assert_eq!(tag.as_ref(), [0; 64]);
    }
}
