//! Destinations of I2P.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE, BASE64URL, Encoding};

use super::checked::checked;
use crate::ValueError;

checked! {
    /// A destination: 386 bytes or more, in text the base64 of I2P.
    Garlic64([u8]), check_destination, decode_base64
}

checked! {
    /// The hash of a destination (32 bytes) or what names an encrypted one (35 or more), in text base32.
    ///
    /// See <https://geti2p.net/spec/b32encrypted>.
    Garlic32([u8]), check_hash, decode_base32
}

/// I2P's last two digits are `-` and `~`, those of base64url `-` and `_`.
impl fmt::Display for Garlic64<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL.encode(self).replace('_', "~"))
    }
}

impl fmt::Display for Garlic32<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(self).to_ascii_lowercase())
    }
}

fn check_destination(bytes: &[u8]) -> Result<(), ValueError> {
    match bytes.len() {
        386.. => Ok(()),
        actual => Err(ValueError::Length { expected: "386 or more", actual }),
    }
}

fn check_hash(bytes: &[u8]) -> Result<(), ValueError> {
    match bytes.len() {
        32 | 35.. => Ok(()),
        actual => Err(ValueError::Length { expected: "32, or 35 and more", actual }),
    }
}

fn decode_base64(text: &str) -> Result<Vec<u8>, ValueError> {
    let wrong = ValueError::NotEncoded("base64 of I2P");
    if text.contains('_') {
        return Err(wrong);
    }
    BASE64URL.decode(text.replace('~', "_").as_bytes()).map_err(|_| wrong)
}

fn decode_base32(text: &str) -> Result<Vec<u8>, ValueError> {
    LENIENT_BASE32.decode(text.as_bytes()).map_err(|_| ValueError::NotEncoded("base32"))
}

/// Base32 whose last digit may have bits that stand for nothing: there are such addresses, and
/// other implementations read them.
static LENIENT_BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut lenient = BASE32_NOPAD_NOCASE.specification();
    lenient.check_trailing_bits = false;
    lenient.encoding().expect("less strict than an encoding that is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_and_hashes_have_their_lengths() {
        for (length, fits) in
            [(0, false), (31, false), (32, true), (33, false), (34, false), (35, true)]
        {
            assert_eq!(Garlic32::new(vec![0; length]).is_ok(), fits, "{length}");
        }
        assert!(Garlic64::new(vec![0; 385]).is_err() && Garlic64::new(vec![0; 386]).is_ok());
    }

    #[test]
    fn the_digits_are_those_of_i2p() {
        assert_eq!(decode_base64("-~~-"), Ok(vec![0xfb, 0xff, 0xfe]));
        assert!(decode_base64("-__-").is_err() && decode_base64("+//+").is_err());
    }
}
