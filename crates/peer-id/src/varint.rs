//! Numbers as the multiformats write them.

use unsigned_varint::decode;

use crate::Error;

/// Takes a number from the front of `bytes`, and returns the rest.
///
/// There is one way to write a number, and none has more than nine bytes, as the
/// [specification](https://github.com/multiformats/unsigned-varint) says.
///
/// # Errors
/// When the bytes end too early, or are no number written in that way.
pub fn decode_varint(bytes: &[u8]) -> Result<(u64, &[u8]), Error> {
    let longest = bytes.get(..MAX_LENGTH).unwrap_or(bytes);
    match decode::u64(longest) {
        Ok((number, rest)) => {
            let length = longest.len() - rest.len();
            Ok((number, bytes.get(length..).unwrap_or_default()))
        }
        Err(decode::Error::Insufficient) if longest.len() < MAX_LENGTH => Err(Error::Truncated),
        Err(_) => Err(Error::Varint),
    }
}

/// Sixty-three bits, seven a byte.
const MAX_LENGTH: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form_of_at_most_nine_bytes() {
        assert_eq!(decode_varint(&[0x05, 9]), Ok((5, &[9][..])));
        let largest = [[0xff; 8].as_slice(), &[0x7f, 1]].concat();
        assert_eq!(decode_varint(&largest), Ok((u64::MAX >> 1, &[1][..])));
        assert_eq!(decode_varint(&[]), Err(Error::Truncated));
        assert_eq!(decode_varint(&[0x80; 8]), Err(Error::Truncated));
        assert_eq!(decode_varint(&[0x80, 0x00]), Err(Error::Varint));
        // Ten bytes, whose last has bits that no number has room for.
        let overflowing = [[0x80; 9].as_slice(), &[0x42]].concat();
        assert_eq!(decode_varint(&overflowing), Err(Error::Varint));
    }
}
