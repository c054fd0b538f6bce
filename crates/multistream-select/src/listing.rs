//! The answer to `ls`, in each of the encodings that have been in use.
//!
//! ```text
//! nested     <length> { <length> /name \n } … \n        the specification, go, rust, newer js
//! counted    <length> <count> { <length> /name \n } …   go of 2015 and 2016
//! lines      <length> { /name \n } … \n                 py
//! announced  <length> <count> <size> \n                 js of before 2020: the names follow as
//!                                                       that many messages
//! ```

use unsigned_varint::decode;

use crate::message::is_name;
use crate::{Decoded, Malformed, frame};

/// What a listener answers to `ls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The names of the protocols that it speaks.
    Names(Vec<String>),
    /// The names follow, as so many messages of their own.
    Announced(usize),
    /// It does not answer `ls`.
    NotAvailable,
}

impl Listing {
    /// Reads the message at the start of `bytes`, however much of it has arrived.
    ///
    /// # Errors
    /// When the bytes are not the beginning of any message, or the message is no list.
    pub fn decode(bytes: &[u8]) -> Result<Decoded<Listing>, Malformed> {
        match frame::decode(bytes, MAX_LISTING)? {
            Decoded::Incomplete(missing) => Ok(Decoded::Incomplete(missing)),
            Decoded::Complete { value, length } => {
                Ok(Decoded::Complete { value: Listing::from_line(value)?, length })
            }
        }
    }

    /// Appends the nested form of a list to `out`, with as many of the names as a message holds.
    ///
    /// Names that could not be proposed are left out.
    pub fn encode<N: AsRef<str>>(names: &[N], out: &mut Vec<u8>) {
        let mut nested = Vec::new();
        let sendable = names.iter().map(AsRef::as_ref).filter(|name| is_name(name));
        for name in sendable.take(MAX_NAMES) {
            let end = nested.len();
            frame::encode(name.as_bytes(), &mut nested);
            if MAX_LISTING <= nested.len() {
                nested.truncate(end);
                break;
            }
        }
        frame::encode(&nested, out);
    }

    fn from_line(line: &[u8]) -> Result<Listing, Malformed> {
        if line == b"na\n" {
            return Ok(Listing::NotAvailable);
        }
        let text = line.strip_suffix(b"\n").ok_or(Malformed::NoLineBreak)?;
        let names = nested(text)
            .or_else(|| counted(line))
            .map(Ok)
            .or_else(|| announced(text).map(Err))
            .or_else(|| lines(text).map(Ok))
            .ok_or(Malformed::NotAList)?;
        match names {
            Ok(names) if names.len() <= MAX_NAMES => Ok(Listing::Names(names)),
            Err(count) if count <= MAX_NAMES => Ok(Listing::Announced(count)),
            Ok(_) | Err(_) => Err(Malformed::TooManyNames { limit: MAX_NAMES }),
        }
    }
}

fn nested(mut bytes: &[u8]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    while !bytes.is_empty() {
        let Ok(Decoded::Complete { value, length }) = frame::decode(bytes, bytes.len()) else {
            return None;
        };
        names.push(name(value.strip_suffix(b"\n")?)?);
        bytes = bytes.get(length..)?;
    }
    Some(names)
}

fn counted(line: &[u8]) -> Option<Vec<String>> {
    let (count, rest) = decode::u32(line).ok()?;
    nested(rest).filter(|names| u32::try_from(names.len()) == Ok(count))
}

fn announced(text: &[u8]) -> Option<usize> {
    let (count, rest) = decode::u32(text).ok()?;
    let (_, rest) = decode::u32(rest).ok()?;
    if rest.is_empty() { usize::try_from(count).ok() } else { None }
}

fn lines(text: &[u8]) -> Option<Vec<String>> {
    let lines = text.strip_suffix(b"\n").unwrap_or(text).split(|byte| *byte == b'\n');
    let names = lines.map(name).collect::<Option<Vec<_>>>()?;
    // Control characters are the lengths of some other encoding.
    if names.iter().any(|name| name.contains(char::is_control)) { None } else { Some(names) }
}

fn name(bytes: &[u8]) -> Option<String> {
    let name = str::from_utf8(bytes).ok()?;
    is_name(name).then(|| name.to_owned())
}

/// The longest listing that is read or sent, in bytes: what go has read since 2015.
const MAX_LISTING: usize = 64 * 1024;

/// The most names that a listing may have: more than any host speaks, few enough to keep.
pub(crate) const MAX_NAMES: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<Listing, Malformed> {
        match Listing::decode(bytes)? {
            Decoded::Complete { value, length } => {
                assert_eq!(length, bytes.len());
                Ok(value)
            }
            Decoded::Incomplete(missing) => panic!("{missing} bytes are missing"),
        }
    }

    fn two() -> Result<Listing, Malformed> {
        Ok(Listing::Names(vec!["/a".into(), "/b".into()]))
    }

    #[test]
    fn every_encoding_of_a_list_is_understood() {
        assert_eq!(decoded(b"\x09\x03/a\n\x03/b\n\n"), two());
        assert_eq!(decoded(b"\x09\x02\x03/a\n\x03/b\n"), two());
        assert_eq!(decoded(b"\x07/a\n/b\n\n"), two());
        assert_eq!(decoded(b"\x06/a\n/b\n"), two());
        assert_eq!(decoded(b"\x03\x02\x06\n"), Ok(Listing::Announced(2)));
    }

    #[test]
    fn an_empty_list_is_a_list_and_a_refusal_is_none() {
        assert_eq!(decoded(b"\x01\n"), Ok(Listing::Names(vec![])));
        assert_eq!(decoded(b"\x03na\n"), Ok(Listing::NotAvailable));
    }

    #[test]
    fn a_count_that_is_not_that_of_the_names_is_refused() {
        assert_eq!(decoded(b"\x09\x03\x03/a\n\x03/b\n"), Err(Malformed::NotAList));
    }

    #[test]
    fn too_many_names_are_refused_however_they_come() {
        let limit = Err(Malformed::TooManyNames { limit: MAX_NAMES });
        assert_eq!(decoded(b"\x04\xe9\x07\x01\n"), limit);
        let mut nested = Vec::new();
        for _ in 0..=MAX_NAMES {
            frame::encode(b"/a", &mut nested);
        }
        let mut bytes = Vec::new();
        frame::encode(&nested, &mut bytes);
        assert_eq!(decoded(&bytes), limit);
    }

    #[test]
    fn what_is_sent_is_what_can_be_read() {
        let long = "x".repeat(1000);
        let mut names = vec![long.as_str(); 200];
        names.push("a\nb");
        let mut bytes = Vec::new();
        Listing::encode(&names, &mut bytes);
        let Ok(Listing::Names(read)) = decoded(&bytes) else { panic!("no list") };
        assert_eq!(read.len(), 65, "as many as fit");
        assert!(read.iter().all(|name| *name == long));
    }
}
