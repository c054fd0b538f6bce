//! Tags over data, with HMAC.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};

use crate::{Error, Hash, Tag};

/// A key for making and verifying tags ([RFC 2104]), made ready once. It is wiped when dropped.
///
/// [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
pub struct Hmac {
    key: hmac::Key,
    hash: Hash,
}

impl Hmac {
    /// Makes a key of any length ready for use.
    #[must_use]
    pub fn new(hash: Hash, key: &[u8]) -> Self {
        let algorithm = match hash {
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        Hmac { key: hmac::Key::new(algorithm, key), hash }
    }

    /// The tag of `parts`, one behind the other.
    #[must_use]
    pub fn tag(&self, parts: &[&[u8]]) -> Tag {
        Tag::new(self.hash, self.sign(parts).as_ref())
    }

    /// Checks in constant time that `tag` is that of `parts`, whole.
    ///
    /// # Errors
    /// When it is not.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), Error> {
        constant_time::verify_slices_are_equal(self.sign(parts).as_ref(), tag)
            .map_err(|_| Error::NotAuthentic)
    }

    fn sign(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.key);
        for part in parts {
            context.update(part);
        }
        context.sign()
    }
}

impl fmt::Debug for Hmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hmac({:?})", self.hash)
    }
}

/// HMAC-SHA256 under `key` of `parts`, one behind the other.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let tag = Hmac::new(Hash::Sha256, key).sign(parts);
    tag.as_ref().try_into().expect("a hash function has one length of output")
}
