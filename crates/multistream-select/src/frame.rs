//! The frame of every message: a length, that many bytes, the last of them a line break.

use unsigned_varint::{decode, encode};

use crate::Malformed;

/// What the bytes that have arrived so far amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded<T> {
    /// At least this many bytes of the message have still to come; never 0.
    Incomplete(usize),
    /// The message.
    Complete {
        /// What it says.
        value: T,
        /// How many bytes it took.
        length: usize,
    },
}

/// Finds the first message in `bytes`, and hands it out with its line break.
pub(crate) fn decode(bytes: &[u8], limit: usize) -> Result<Decoded<&[u8]>, Malformed> {
    let prefix = bytes.get(..MAX_PREFIX).unwrap_or(bytes);
    let announced = match decode::usize(prefix) {
        Ok((announced, _)) => announced,
        Err(decode::Error::Insufficient) if prefix.len() < MAX_PREFIX => {
            return Ok(Decoded::Incomplete(1));
        }
        Err(decode::Error::NotMinimal) => return Err(Malformed::LengthNotMinimal),
        Err(_) => return Err(Malformed::TooLong { limit }),
    };
    if limit < announced {
        return Err(Malformed::TooLong { limit });
    }
    let start = encode::usize(announced, &mut encode::usize_buffer()).len();
    let length = start + announced;
    match bytes.get(start..length) {
        None => Ok(Decoded::Incomplete(length.saturating_sub(bytes.len()))),
        Some(line) if line.ends_with(b"\n") => Ok(Decoded::Complete { value: line, length }),
        Some(_) => Err(Malformed::NoLineBreak),
    }
}

/// Appends a message, and the line break that it has to have.
pub(crate) fn encode(text: &[u8], out: &mut Vec<u8>) {
    let mut buffer = encode::usize_buffer();
    let prefix = encode::usize(text.len() + 1, &mut buffer);
    out.reserve(prefix.len() + text.len() + 1);
    out.extend_from_slice(prefix);
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// How long the message is that says this.
pub(crate) fn length(text: &[u8]) -> usize {
    let line = text.len() + 1;
    encode::usize(line, &mut encode::usize_buffer()).len() + line
}

/// No length that is allowed takes more bytes: three hold 2 MiB.
const MAX_PREFIX: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1024;

    #[test]
    fn says_how_much_is_missing_and_never_too_much() {
        assert_eq!(decode(b"", LIMIT), Ok(Decoded::Incomplete(1)));
        assert_eq!(decode(b"\x80", LIMIT), Ok(Decoded::Incomplete(1)));
        assert_eq!(decode(b"\x03", LIMIT), Ok(Decoded::Incomplete(3)));
        assert_eq!(decode(b"\x03n", LIMIT), Ok(Decoded::Incomplete(2)));
        let complete = Decoded::Complete { value: &b"na\n"[..], length: 4 };
        assert_eq!(decode(b"\x03na\nmore", LIMIT), Ok(complete));
    }

    #[test]
    fn a_length_above_the_limit_is_refused_before_its_bytes_come() {
        assert_eq!(decode(b"\x80\x08", LIMIT), Ok(Decoded::Incomplete(1024)));
        assert_eq!(decode(b"\x81\x08", LIMIT), Err(Malformed::TooLong { limit: LIMIT }));
        assert_eq!(decode(b"\xff\xff\xff", LIMIT), Err(Malformed::TooLong { limit: LIMIT }));
        assert_eq!(decode(&[0xff; 32], LIMIT), Err(Malformed::TooLong { limit: LIMIT }));
    }

    #[test]
    fn a_length_that_could_be_shorter_is_refused() {
        assert_eq!(decode(b"\x83\x00na\n", LIMIT), Err(Malformed::LengthNotMinimal));
        assert_eq!(decode(b"\x80\x80\x00", LIMIT), Err(Malformed::LengthNotMinimal));
    }

    #[test]
    fn a_message_without_its_line_break_is_refused() {
        assert_eq!(decode(b"\x02na\n", LIMIT), Err(Malformed::NoLineBreak));
        assert_eq!(decode(b"\x00", LIMIT), Err(Malformed::NoLineBreak));
    }
}
