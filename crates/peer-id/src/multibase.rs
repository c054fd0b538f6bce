//! Bytes as text whose first character names the encoding.

use data_encoding::{
    BASE32_DNSSEC, BASE32_NOPAD, BASE32_NOPAD_NOCASE, BASE64, BASE64_NOPAD, BASE64URL,
    BASE64URL_NOPAD, Encoding, HEXLOWER_PERMISSIVE,
};

use crate::Error;

/// Decodes a multibase text: base16, 32, 32hex, 36, 58btc, and 64 in its four forms.
///
/// Where an encoding has one case only, both are read.
///
/// # Errors
/// When the prefix is none of these, the text does not fit its encoding, or it is above 512
/// bytes.
///
/// Specification: <https://github.com/multiformats/multibase>
pub fn decode_multibase(text: &str) -> Result<Vec<u8>, Error> {
    if MAX_MULTIBASE < text.len() {
        return Err(Error::TextTooLong(text.len()));
    }
    let prefix = text.chars().next().ok_or(Error::Empty)?;
    let digits = text.get(prefix.len_utf8()..).unwrap_or_default();
    match prefix {
        'f' | 'F' => decode(&HEXLOWER_PERMISSIVE, "base16", digits),
        'b' | 'B' => decode(&BASE32_NOPAD_NOCASE, "base32", digits),
        'v' | 'V' => decode(&BASE32_DNSSEC, "base32hex", digits),
        'm' => decode(&BASE64_NOPAD, "base64", digits),
        'M' => decode(&BASE64, "base64pad", digits),
        'u' => decode(&BASE64URL_NOPAD, "base64url", digits),
        'U' => decode(&BASE64URL, "base64urlpad", digits),
        'k' | 'K' => base_x::decode(BASE36, &digits.to_ascii_lowercase())
            .map_err(|_| Error::InvalidText("base36")),
        'z' => base58_decode(digits),
        _ => Err(Error::UnknownBase(prefix)),
    }
}

/// Base58btc without a prefix.
pub(crate) fn base58_decode(digits: &str) -> Result<Vec<u8>, Error> {
    bs58::decode(digits).into_vec().map_err(|_| Error::InvalidText("base58btc"))
}

/// Lower-case base32 without padding and without a prefix.
pub(crate) fn encode_base32(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

fn decode(encoding: &Encoding, name: &'static str, digits: &str) -> Result<Vec<u8>, Error> {
    encoding.decode(digits.as_bytes()).map_err(|_| Error::InvalidText(name))
}

/// The digits of base36.
pub(crate) const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
/// Base36 and base58 take time that grows with the square of the length; a hash in any base is shorter.
const MAX_MULTIBASE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    // From the specification of multibase (tests/basic.csv and tests/case_insensitivity.csv).
    #[test]
    fn every_base_reads_the_same_text() {
        for text in [
            "f796573206d616e692021",
            "F796573206D616E692021",
            "bpfsxgidnmfxgsibb",
            "BPFSXGIDNMFXGSIBB",
            "vf5in683dc5n6i811",
            "VF5IN683DC5N6I811",
            "k2lcpzo5yikidynfl",
            "K2LCPZO5YIKIDYNFL",
            "z7paNL19xttacUY",
            "meWVzIG1hbmkgIQ",
            "MeWVzIG1hbmkgIQ==",
            "ueWVzIG1hbmkgIQ",
            "UeWVzIG1hbmkgIQ==",
        ] {
            assert_eq!(decode_multibase(text).unwrap(), b"yes mani !", "{text}");
        }
        assert_eq!(decode_multibase("f68656c6c6f20776F726C64").unwrap(), b"hello world");
    }

    #[test]
    fn a_long_text_is_refused_before_it_is_decoded() {
        assert!(decode_multibase(&format!("z{}", "2".repeat(MAX_MULTIBASE - 1))).is_ok());
        let above = format!("z{}", "2".repeat(MAX_MULTIBASE));
        assert_eq!(decode_multibase(&above), Err(Error::TextTooLong(MAX_MULTIBASE + 1)));
    }
}
