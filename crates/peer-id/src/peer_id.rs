//! The peer id: a multihash of at most 44 bytes, kept inline.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::multibase::{BASE36, base58_decode, decode_multibase, encode_base32};
use crate::varint::decode_varint;
use crate::{EncodedKey, Error};

/// The name of a peer.
///
/// A small public key (Ed25519, secp256k1) stands in it as it is, of a large one (RSA, ECDSA) it
/// holds the SHA-256 hash. It is shown as base58btc (`12D3Koo…`, `Qm…`) and read in that form
/// and as a CID (`bafz…`, `k51…`).
///
/// The order of peer ids is that of their bytes.
///
/// ```
/// use peerloom_peer_id::PeerId;
///
/// let peer: PeerId = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA".parse()?;
/// assert_eq!(peer.to_cid().parse::<PeerId>()?, peer);
/// # Ok::<(), peerloom_peer_id::Error>(())
/// ```
///
/// Specification: <https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#peer-ids>
// The multihash, then zeros. Both of its varints take one byte, so the second byte is the length
// of the digest and the derived comparisons are those of the multihash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId([u8; MAX_LENGTH]);

impl PeerId {
    /// Reads the bytes of a multihash: identity with a digest of up to 42 bytes, or SHA-256.
    ///
    /// Whether the bytes inside an identity multihash are a key is not looked at; see
    /// [`PeerId::public_key`].
    ///
    /// # Errors
    /// When the bytes are no such multihash, or more than that.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::Empty);
        }
        let (function, rest) = decode_varint(bytes)?;
        let (length, digest) = decode_varint(rest)?;
        match (function, length) {
            (IDENTITY, 0..=MAX_INLINE_KEY) | (SHA2_256, SHA2_256_LENGTH) => {}
            (IDENTITY, _) => return Err(Error::IdentityLength(length)),
            (SHA2_256, _) => return Err(Error::Sha256Length(length)),
            _ => return Err(Error::HashFunction(function)),
        }
        let announced = usize::try_from(length).map_err(|_| Error::Truncated)?;
        if digest.len() < announced {
            return Err(Error::Truncated);
        }
        if announced < digest.len() {
            return Err(Error::TrailingBytes(digest.len() - announced));
        }
        let mut multihash = [0; MAX_LENGTH];
        multihash.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(PeerId(multihash))
    }

    /// The multihash, 2 to 44 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        let [_, digest_length, ..] = self.0;
        self.0.get(..2 + usize::from(digest_length)).unwrap_or(&self.0)
    }

    /// The public key, when the peer id holds it as it is.
    #[must_use]
    pub fn public_key(&self) -> Option<EncodedKey> {
        let encoding = self.as_bytes().strip_prefix(&[0])?.get(1..)?;
        EncodedKey::decode(encoding).ok()
    }

    /// The text form as a CID in base32 (`bafz…`), which also fits where capitals are lost.
    #[must_use]
    pub fn to_cid(&self) -> String {
        format!("b{}", encode_base32(&self.cid_bytes()))
    }

    /// The text form as a CID in base36 (`k51…`, `k2k4…`), short enough for a DNS label.
    #[must_use]
    pub fn to_cid_base36(&self) -> String {
        format!("k{}", base_x::encode(BASE36, &self.cid_bytes()))
    }

    /// The name that follows from a key's encoding.
    pub(crate) fn of_encoding(encoding: &[u8]) -> Self {
        let mut multihash = [0; MAX_LENGTH];
        let digest = Sha256::digest(encoding);
        let (function, value) = match u8::try_from(encoding.len()) {
            Ok(length @ ..=MAX_INLINE_KEY_BYTE) => ([0x00, length], encoding),
            _ => ([0x12, 0x20], digest.as_slice()),
        };
        multihash.iter_mut().zip(function.iter().chain(value)).for_each(|(to, from)| *to = *from);
        PeerId(multihash)
    }

    fn cid_bytes(&self) -> Vec<u8> {
        [&CID_PREFIX, self.as_bytes()].concat()
    }

    fn from_cid_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (version, rest) = decode_varint(bytes)?;
        if version != 1 {
            return Err(Error::CidVersion(version));
        }
        let (codec, multihash) = decode_varint(rest)?;
        if codec != LIBP2P_KEY {
            return Err(Error::CidCodec(codec));
        }
        PeerId::from_bytes(multihash)
    }
}

/// Reads both text forms; which one it is, the first characters tell.
impl FromStr for PeerId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if MAX_TEXT < text.len() {
            return Err(Error::TextTooLong(text.len()));
        }
        if text.starts_with('1') || text.starts_with("Qm") {
            return PeerId::from_bytes(&base58_decode(text)?);
        }
        PeerId::from_cid_bytes(&decode_multibase(text)?)
    }
}

/// The base58btc form.
impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&bs58::encode(self.as_bytes()).into_string())
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({self})")
    }
}

impl TryFrom<&[u8]> for PeerId {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        PeerId::from_bytes(bytes)
    }
}

impl AsRef<[u8]> for PeerId {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&EncodedKey> for PeerId {
    fn from(key: &EncodedKey) -> Self {
        key.peer_id()
    }
}

/// Multihash code of "the value itself".
const IDENTITY: u64 = 0x00;
/// Multihash code of SHA-256.
const SHA2_256: u64 = 0x12;
const SHA2_256_LENGTH: u64 = 32;
/// The longest encoded key that is not hashed (specification, "Peer Ids").
const MAX_INLINE_KEY: u64 = MAX_INLINE_KEY_BYTE as u64;
const MAX_INLINE_KEY_BYTE: u8 = 42;
/// An identity multihash: function, length and the longest key that is not hashed.
const MAX_LENGTH: usize = 2 + MAX_INLINE_KEY_BYTE as usize;
/// Multicodec of a public key.
const LIBP2P_KEY: u64 = 0x72;
/// Version 1, a key.
const CID_PREFIX: [u8; 2] = [0x01, 0x72];
/// The longest text that is read: 46 bytes of a CID in hexadecimal, the widest base that is known, fill 93.
const MAX_TEXT: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    /// A multihash of `length` zeros.
    fn multihash(function: u8, announced: u8, length: usize) -> Vec<u8> {
        [vec![function, announced], vec![0; length]].concat()
    }

    #[test]
    fn identity_and_sha2_256_are_the_only_hashes() {
        for good in [multihash(0, 0, 0), multihash(0, 42, 42), multihash(0x12, 32, 32)] {
            assert_eq!(PeerId::from_bytes(&good).unwrap().as_bytes(), good);
        }
        for (bad, error) in [
            (vec![], Error::Empty),
            (vec![0], Error::Truncated),
            (multihash(0, 42, 41), Error::Truncated),
            (multihash(0, 42, 43), Error::TrailingBytes(1)),
            (multihash(0, 43, 43), Error::IdentityLength(43)),
            (multihash(0x12, 32, 31), Error::Truncated),
            (multihash(0x12, 32, 33), Error::TrailingBytes(1)),
            (multihash(0x12, 31, 31), Error::Sha256Length(31)),
            (multihash(0x12, 33, 33), Error::Sha256Length(33)),
            (multihash(0x13, 64, 64), Error::HashFunction(0x13)),
            (multihash(0x1b, 32, 32), Error::HashFunction(0x1b)),
            ([&[0x92, 0x00, 32][..], &[0; 32]].concat(), Error::Varint),
            ([&[0x12, 0xa0, 0x00][..], &[0; 32]].concat(), Error::Varint),
            (vec![0xff; 20], Error::Varint),
        ] {
            assert_eq!(PeerId::from_bytes(&bad), Err(error), "{bad:?}");
        }
    }

    #[test]
    fn a_key_of_43_bytes_is_hashed_and_one_of_42_is_not() {
        assert_eq!(PeerId::of_encoding(&[7; 42]).as_bytes()[..2], [0, 42]);
        let hashed = PeerId::of_encoding(&[7; 43]);
        assert_eq!(hashed.as_bytes()[..2], [0x12, 32]);
        assert_eq!(hashed.as_bytes()[2..], Sha256::digest([7; 43])[..]);
        assert_eq!(PeerId::of_encoding(&[7; 300]).as_bytes().len(), 34, "256 does not wrap");
    }

    #[test]
    fn the_order_is_that_of_the_bytes() {
        let mut peers =
            [multihash(0x12, 32, 32), multihash(0, 2, 2), vec![0, 1, 9], multihash(0, 1, 1)]
                .map(|bytes| PeerId::from_bytes(&bytes).unwrap());
        peers.sort();
        assert!(peers.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
    }

    #[test]
    fn texts_that_name_no_peer_say_why() {
        let cid = |bytes: &[u8]| format!("b{}", encode_base32(bytes));
        let sha = multihash(0x12, 32, 32);
        for (text, error) in [
            (String::new(), Error::Empty),
            ("1".into(), Error::Truncated),
            ("Qm0".into(), Error::InvalidText("base58btc")),
            ("QmxoHT6iViN5xAjoz1VZ553cL31U9F94ht3QvWR1FrEbZY".into(), Error::Sha256Length(33)),
            ("?".into(), Error::UnknownBase('?')),
            ("é1".into(), Error::UnknownBase('é')),
            ("b1".into(), Error::InvalidText("base32")),
            ("k-".into(), Error::InvalidText("base36")),
            (cid(&[]), Error::Truncated),
            (cid(&sha), Error::CidVersion(0x12)),
            (cid(&[&[1, 0x70], &sha[..]].concat()), Error::CidCodec(0x70)),
            (cid(&[&[2, 0x72], &sha[..]].concat()), Error::CidVersion(2)),
            (cid(&[&[1, 0x72], &sha[..], &[0]].concat()), Error::TrailingBytes(1)),
            (cid(&[1, 0x72]), Error::Empty),
            ("1".repeat(97), Error::TextTooLong(97)),
        ] {
            assert_eq!(text.parse::<PeerId>(), Err(error), "{text}");
        }
    }

    #[test]
    fn the_text_can_be_padded() {
        let peer = PeerId::of_encoding(&[7; 43]);
        assert_eq!(format!("{peer:<50}").len(), 50);
        assert_eq!(format!("{peer:?}"), format!("PeerId({peer})"));
    }
}
