//! The key of a private network, and the file `swarm.key` that it is kept in.
//!
//! ```text
//! /key/swarm/psk/1.0.0/
//! /base16/
//! 0123…
//! ```

use std::fmt;
use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use crate::Error;

/// The 32 secret bytes that all peers of a private network share. They are wiped when the last
/// clone is dropped, and do not show in `Debug`.
#[derive(Clone)]
pub struct PreSharedKey(Arc<Zeroizing<[u8; LENGTH]>>);

/// How the key is written in a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Hexadecimal digits, which is what most key files have.
    Base16,
    /// Base64 with padding.
    Base64,
    /// The bytes as they are.
    Binary,
}

impl PreSharedKey {
    /// A new random key, and so a new network.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn generate() -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; LENGTH]);
        peerloom_crypto::fill_random(key.as_mut_slice()).map_err(Error::NoRandomness)?;
        Ok(PreSharedKey(Arc::new(key)))
    }

    /// The key that is these bytes.
    #[must_use]
    pub fn from_bytes(key: &[u8; LENGTH]) -> Self {
        PreSharedKey(Arc::new(Zeroizing::new(*key)))
    }

    /// The secret bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// Reads a key file of version 1 in any of its encodings. A line may end as on Windows, and
    /// the last one need not end.
    ///
    /// # Errors
    /// When it is no key file, or has less or more than one key.
    pub fn from_key_file(file: &[u8]) -> Result<Self, Error> {
        let (codec, rest) = split_line(file).ok_or(Error::NotAKey)?;
        if codec != CODEC {
            return Err(Error::NotAKey);
        }
        let (encoding, rest) = split_line(rest).ok_or(Error::UnknownEncoding)?;
        let encoding = Encoding::named(encoding).ok_or(Error::UnknownEncoding)?;
        encoding.decode(rest).ok_or(Error::MalformedKey)
    }

    /// Writes a key file of version 1.
    #[must_use]
    pub fn to_key_file(&self, encoding: Encoding) -> Zeroizing<Vec<u8>> {
        // All of it is reserved at once, for growing would leave copies of the secret behind.
        let mut file = Zeroizing::new(Vec::with_capacity(MAX_FILE));
        for line in [CODEC, encoding.name()] {
            file.extend_from_slice(line);
            file.push(b'\n');
        }
        match encoding {
            Encoding::Base16 => encode_text(&mut file, &HEXLOWER, self.as_bytes()),
            Encoding::Base64 => encode_text(&mut file, &BASE64, self.as_bytes()),
            Encoding::Binary => file.extend_from_slice(self.as_bytes()),
        }
        file
    }
}

impl fmt::Debug for PreSharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreSharedKey")
    }
}

impl Encoding {
    /// The line that names it.
    fn name(self) -> &'static [u8] {
        match self {
            Encoding::Base16 => b"/base16/",
            Encoding::Base64 => b"/base64/",
            Encoding::Binary => b"/bin/",
        }
    }

    fn named(name: &[u8]) -> Option<Self> {
        [Encoding::Base16, Encoding::Base64, Encoding::Binary]
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    /// The key in the last line of a file.
    fn decode(self, line: &[u8]) -> Option<PreSharedKey> {
        let mut key = Zeroizing::new([0; LENGTH]);
        match self {
            Encoding::Base16 => decode_text(&HEXLOWER_PERMISSIVE, without_end(line), &mut key)?,
            Encoding::Base64 => decode_text(&BASE64, without_end(line), &mut key)?,
            Encoding::Binary => {
                // A key may end in any byte, so that one has an end only where it is longer.
                let bytes = if line.len() == LENGTH { line } else { without_end(line) };
                *key = bytes.try_into().ok()?;
            }
        }
        Some(PreSharedKey(Arc::new(key)))
    }
}

/// The first line without its end, and what follows it.
fn split_line(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = file.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = file.split_at_checked(end + 1)?;
    Some((without_end(line), rest))
}

/// A line without its end, if it has one.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn decode_text(
    encoding: &data_encoding::Encoding,
    text: &[u8],
    key: &mut [u8; LENGTH],
) -> Option<()> {
    let mut decoded = Zeroizing::new([0; MAX_DECODED]);
    let decoded = decoded.get_mut(..encoding.decode_len(text.len()).ok()?)?;
    let length = encoding.decode_mut(text, decoded).ok()?;
    *key = decoded.get(..length)?.try_into().ok()?;
    Some(())
}

fn encode_text(file: &mut Vec<u8>, encoding: &data_encoding::Encoding, key: &[u8; LENGTH]) {
    let start = file.len();
    file.resize(start + encoding.encode_len(LENGTH), 0);
    encoding.encode_mut(key, file.get_mut(start..).unwrap_or_default());
    file.push(b'\n');
}

/// The first line of version 1.
const CODEC: &[u8] = b"/key/swarm/psk/1.0.0/";

/// The length of a key, in bytes.
const LENGTH: usize = 32;

/// What 44 digits of base64 could be without their padding.
const MAX_DECODED: usize = 33;

/// More than the longest file that is written: two lines of 22 and 9 bytes, and one of 65.
const MAX_FILE: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = *b"a key that everybody may know...";

    /// As go-libp2p's key generators and ipfs-swarm-key-gen write it.
    const BASE16: &[u8] = b"/key/swarm/psk/1.0.0/\n/base16/\n\
        61206b65792074686174206576657279626f6479206d6179206b6e6f772e2e2e";

    fn read(file: &[u8]) -> Result<[u8; 32], Error> {
        PreSharedKey::from_key_file(file).map(|key| *key.as_bytes())
    }

    #[test]
    fn every_encoding_is_read() {
        let base64 =
            b"/key/swarm/psk/1.0.0/\n/base64/\nYSBrZXkgdGhhdCBldmVyeWJvZHkgbWF5IGtub3cuLi4=";
        let binary = [b"/key/swarm/psk/1.0.0/\n/bin/\n", &KEY[..]].concat();
        for file in [BASE16, base64, &binary] {
            assert_eq!(read(file), Ok(KEY));
            assert_eq!(read(&[file, b"\n"].concat()), Ok(KEY));
            assert_eq!(read(&[file, b"\r\n"].concat()), Ok(KEY));
        }
        assert_eq!(read(&BASE16.to_ascii_uppercase()), Err(Error::NotAKey));
        let (lines, digits) = BASE16.split_at(BASE16.len() - 64);
        assert_eq!(read(&[lines, &digits.to_ascii_uppercase()].concat()), Ok(KEY));
        let windows = String::from_utf8_lossy(BASE16).replace('\n', "\r\n");
        assert_eq!(read(windows.as_bytes()), Ok(KEY));
    }

    #[test]
    fn a_binary_key_may_end_like_a_line() {
        let mut key = KEY;
        key[30..].copy_from_slice(b"\r\n");
        let file = PreSharedKey::from_bytes(&key).to_key_file(Encoding::Binary);
        assert_eq!(read(&file), Ok(key));
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let key = PreSharedKey::generate().unwrap();
        for encoding in [Encoding::Base16, Encoding::Base64, Encoding::Binary] {
            let file = key.to_key_file(encoding);
            assert!(file.capacity() == MAX_FILE, "the secret was moved");
            assert_eq!(read(&file), Ok(*key.as_bytes()));
        }
        let file = PreSharedKey::from_bytes(&KEY).to_key_file(Encoding::Base16);
        assert_eq!(*file, [BASE16, b"\n"].concat());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for length in 0..BASE16.len() {
            let expected = match length {
                ..22 => Error::NotAKey,
                22..31 => Error::UnknownEncoding,
                _ => Error::MalformedKey,
            };
            assert_eq!(read(&BASE16[..length]), Err(expected), "{length}");
        }
        for behind in [&b"0"[..], b"00", b" ", b"\n\n", b"\nmore"] {
            assert_eq!(read(&[BASE16, behind].concat()), Err(Error::MalformedKey));
        }
        for (from, to, expected) in [
            ("1.0.0", "1.0.1", Error::NotAKey),
            ("base16", "base32", Error::UnknownEncoding),
            ("base16", "base64", Error::MalformedKey),
            ("base16", "bin", Error::MalformedKey),
            ("6120", "612g", Error::MalformedKey),
        ] {
            let file = String::from_utf8_lossy(BASE16).replace(from, to);
            assert_eq!(read(file.as_bytes()), Err(expected));
        }
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", PreSharedKey::from_bytes(&KEY)), "PreSharedKey");
    }
}
