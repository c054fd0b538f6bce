//! Tags over data, with HMAC.

use std::fmt;

use hmac::{KeyInit, Mac};

use crate::{Error, Hash, Tag};

/// A key for making and verifying tags ([RFC 2104]), made ready once. It is wiped when dropped.
///
/// [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
pub struct Hmac(State);

/// What is left of the key: the states of the two hashes that begin with it.
enum State {
    Sha256(hmac::Hmac<sha2::Sha256>),
    Sha512(hmac::Hmac<sha2::Sha512>),
}

impl Hmac {
    /// Makes a key of any length ready for use.
    #[must_use]
    pub fn new(hash: Hash, key: &[u8]) -> Self {
        Hmac(match hash {
            Hash::Sha256 => State::Sha256(ready(key)),
            Hash::Sha512 => State::Sha512(ready(key)),
        })
    }

    /// The tag of `parts`, one behind the other.
    #[must_use]
    pub fn tag(&self, parts: &[&[u8]]) -> Tag {
        match &self.0 {
            State::Sha256(key) => Tag::new(Hash::Sha256, &over(key, parts).finalize().into_bytes()),
            State::Sha512(key) => Tag::new(Hash::Sha512, &over(key, parts).finalize().into_bytes()),
        }
    }

    /// Checks in constant time that `tag` is that of `parts`, whole.
    ///
    /// # Errors
    /// When it is not.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), Error> {
        match &self.0 {
            State::Sha256(key) => over(key, parts).verify_slice(tag),
            State::Sha512(key) => over(key, parts).verify_slice(tag),
        }
        .map_err(|_| Error::NotAuthentic)
    }
}

impl fmt::Debug for Hmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            State::Sha256(_) => "Hmac(Sha256)",
            State::Sha512(_) => "Hmac(Sha512)",
        })
    }
}

/// HMAC-SHA256 under `key` of `parts`, one behind the other.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    over(&ready::<hmac::Hmac<sha2::Sha256>>(key), parts).finalize().into_bytes().into()
}

fn ready<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("a key of any length will do")
}

fn over<M: Mac + Clone>(key: &M, parts: &[&[u8]]) -> M {
    let mut context = key.clone();
    for part in parts {
        context.update(part);
    }
    context
}
