//! A public key as it travels.

use std::fmt;

use crate::{Error, KeyMessage, KeyType, PeerId};

/// A public key, encoded: its type, and data that a crate with the arithmetic understands.
///
/// That the data are a key of that type is not looked at here.
///
/// ```
/// use peerloom_peer_id::{EncodedKey, KeyType};
///
/// let key = EncodedKey::new(KeyType::Ed25519, [7; 32]);
/// assert_eq!(EncodedKey::decode(&key.encode())?, key);
/// assert!(key.peer_id().to_string().starts_with("12D3Koo"));
/// # Ok::<(), peerloom_peer_id::Error>(())
/// ```
///
/// Specification: <https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys>
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EncodedKey {
    key_type: KeyType,
    data: Box<[u8]>,
}

impl EncodedKey {
    /// A key from its parts: the data as the specification has them for that type.
    pub fn new(key_type: KeyType, data: impl Into<Box<[u8]>>) -> Self {
        EncodedKey { key_type, data: data.into() }
    }

    /// Reads the protobuf message of a public key, as [`KeyMessage::decode`] does.
    ///
    /// # Errors
    /// When it is above [`MAX_KEY_LENGTH`] or no key message.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        if MAX_KEY_LENGTH < bytes.len() {
            return Err(Error::KeyTooLong(bytes.len()));
        }
        let KeyMessage { key_type, data } = KeyMessage::decode(bytes)?;
        Ok(EncodedKey::new(key_type, data))
    }

    /// The protobuf message in its one canonical form, from which the peer id follows.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        KeyMessage { key_type: self.key_type, data: &self.data }.encode()
    }

    /// The kind of key.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The key itself, in the form of its type (raw, compressed point, or DER).
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The name of the peer that has this key.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        PeerId::of_encoding(&self.encode())
    }
}

impl fmt::Debug for EncodedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedKey({:?}, {:?})", self.key_type, self.peer_id())
    }
}

/// The longest encoding of a public key that is read, in bytes.
///
/// RSA keys are the largest, and one of 8192 bits, the most that this stack verifies with, takes
/// some 1,070 bytes; the rest is room for fields that are skipped.
pub const MAX_KEY_LENGTH: usize = 2 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_largest_size_is_read_and_a_larger_one_is_not() {
        let fit = EncodedKey::new(KeyType::Rsa, vec![0; MAX_KEY_LENGTH - 5]).encode();
        assert_eq!(fit.len(), MAX_KEY_LENGTH);
        assert!(EncodedKey::decode(&fit).is_ok());
        let above = EncodedKey::new(KeyType::Rsa, vec![0; MAX_KEY_LENGTH - 4]).encode();
        assert_eq!(EncodedKey::decode(&above), Err(Error::KeyTooLong(MAX_KEY_LENGTH + 1)));
    }

    #[test]
    fn the_name_follows_from_the_canonical_form() {
        let canonical = EncodedKey::new(KeyType::Ed25519, [7; 32]);
        let mut turned = [&[0x12, 32][..], &[7; 32]].concat();
        turned.extend([0x08, 1]);
        assert_eq!(EncodedKey::decode(&turned).unwrap().peer_id(), canonical.peer_id());
    }

    #[test]
    fn debug_shows_the_kind_and_the_name() {
        let shown = format!("{:?}", EncodedKey::new(KeyType::Ed25519, [7; 32]));
        assert!(shown.starts_with("EncodedKey(Ed25519, PeerId(12D3Koo"), "{shown}");
    }
}
