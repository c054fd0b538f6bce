//! The hash of a certificate.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use peerloom_peer_id::{decode_multibase, decode_varint};

use super::checked::checked;
use crate::ValueError;

checked! {
    /// The hash of a certificate, a multihash of any function; in text it is multibase, base64url
    /// when written.
    Certhash([u8]), check, |text| decode_multibase(text).map_err(ValueError::Multibase)
}

impl fmt::Display for Certhash<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "u{}", BASE64URL_NOPAD.encode(self))
    }
}

/// A multihash is the code of its function, the length of the digest, and the digest.
fn check(multihash: &[u8]) -> Result<(), ValueError> {
    if MAX_LENGTH < multihash.len() {
        return Err(ValueError::Length { expected: "at most 128", actual: multihash.len() });
    }
    match decode_varint(multihash).and_then(|(_function, rest)| decode_varint(rest)) {
        Ok((length, digest)) if usize::try_from(length) == Ok(digest.len()) => Ok(()),
        _ => Err(ValueError::NotMultihash),
    }
}

/// The longest digests in use have 64 bytes; the function and the length take a few more.
const MAX_LENGTH: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_one_whole_multihash_of_a_sensible_length() {
        assert!(Certhash::new(vec![0x12, 1, 9]).is_ok());
        for bytes in [&[][..], &[0x12], &[0x12, 1], &[0x12, 1, 9, 9], &[0x92, 0x00, 1, 9]] {
            assert_eq!(Certhash::new(bytes), Err(ValueError::NotMultihash), "{bytes:?}");
        }
        assert!(Certhash::new([&[0x12, 126][..], &[0; 126]].concat()).is_ok());
        let wrong = ValueError::Length { expected: "at most 128", actual: 129 };
        assert_eq!(Certhash::new([&[0x12, 127][..], &[0; 127]].concat()), Err(wrong));
    }
}
