//! Just enough DER to read and write keys, signatures and certificates, and only in its one canonical form.

use crate::Error;

/// Reads one value after the other; every length is the shortest possible.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads these.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    /// The content of the next value, which has to have this tag.
    pub fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (length, rest) = read_length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (found == tag).then_some(content)
    }

    /// The next value as it stands, its tag and its length before it.
    pub fn read_whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        self.read(tag)?;
        before.get(..before.len() - self.0.len())
    }

    /// The content of the next value, if there is one with this tag.
    pub fn read_optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.0.first() == Some(&tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    /// The next value as a number that is not negative, big-endian, without leading zeros.
    pub fn read_unsigned(&mut self) -> Option<&'a [u8]> {
        match self.read(INTEGER)? {
            [] | [0x80..=0xff, ..] => None,
            [0, rest @ ..] if rest.first().is_some_and(|next| *next < 0x80) => None,
            [0, rest @ ..] => Some(rest),
            number => Some(number),
        }
    }

    /// The content of the next value, a bit string of whole bytes.
    pub fn read_bits(&mut self) -> Option<&'a [u8]> {
        self.read(BIT_STRING)?.strip_prefix(&[0])
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing is left.
    pub fn finish(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Reads `bytes` with `read`, to the end; anything else is a malformed key.
pub(crate) fn read_key<'a, T>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Option<T>,
) -> Result<T, Error> {
    read_all(bytes, read).ok_or(Error::MalformedKey)
}

/// Reads `bytes` with `read`, to the end.
pub fn read_all<'a, T>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Option<T>,
) -> Option<T> {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader)?;
    reader.finish()?;
    Some(value)
}

/// Appends the tag and the length of a value whose content is then appended by the caller.
pub fn write_header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    let bytes = length.to_be_bytes();
    let bytes = without_leading_zeros(&bytes);
    match bytes {
        [] => out.push(0),
        [short @ ..=0x7f] => out.push(*short),
        _ => {
            // Eight bytes at most.
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend_from_slice(bytes);
        }
    }
}

/// How long the tag, the length and the content of a value are together.
#[must_use]
pub fn written_length(content: usize) -> usize {
    let mut header = Vec::with_capacity(10);
    write_header(&mut header, SEQUENCE, content);
    header.len() + content
}

/// Appends a number that is not negative.
pub fn write_unsigned(out: &mut Vec<u8>, number: &[u8]) {
    let number = without_leading_zeros(number);
    let needs_zero = number.first().is_none_or(|first| 0x80 <= *first);
    write_header(out, INTEGER, number.len() + usize::from(needs_zero));
    if needs_zero {
        out.push(0);
    }
    out.extend_from_slice(number);
}

/// The number without the zeros that lead it.
pub(crate) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [short @ ..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, length @ 0x80..=0xff, rest @ ..] => Some((usize::from(*length), rest)),
        [0x82, high @ 1..=0xff, low, rest @ ..] => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        // Nothing that is read here needs 64 KiB.
        _ => None,
    }
}

/// The tag of a number.
pub const INTEGER: u8 = 0x02;
/// The tag of a string of bits.
pub const BIT_STRING: u8 = 0x03;
/// The tag of a string of bytes.
pub const OCTET_STRING: u8 = 0x04;
/// The tag of the name of a thing.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// The tag of values one behind the other.
pub const SEQUENCE: u8 = 0x30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_and_read_in_their_shortest_form() {
        for length in [0, 1, 127, 128, 255, 256, 65535] {
            let mut value = Vec::new();
            write_header(&mut value, SEQUENCE, length);
            value.resize(value.len() + length, 7);
            assert_eq!(value.len(), written_length(length));
            let content = read_all(&value, |reader| reader.read(SEQUENCE)).unwrap();
            assert_eq!(content.len(), length);
        }
    }

    #[test]
    fn longer_forms_of_a_length_are_refused() {
        for value in [&[0x30, 0x81, 1, 0][..], &[0x30, 0x82, 0, 1, 0], &[0x30, 0x80, 0, 0]] {
            assert_eq!(read_all(value, |reader| reader.read(SEQUENCE)), None);
        }
    }

    #[test]
    fn numbers_are_minimal_and_not_negative() {
        for value in [&[2, 0][..], &[2, 1, 0x80], &[2, 2, 0, 0x7f], &[2, 2, 0, 0]] {
            assert_eq!(read_all(value, Reader::read_unsigned), None);
        }
        assert_eq!(read_all(&[2, 1, 0], Reader::read_unsigned), Some(&[][..]));
        assert_eq!(read_all(&[2, 2, 0, 0x80], Reader::read_unsigned), Some(&[0x80][..]));
    }

    #[test]
    fn written_numbers_read_back() {
        for number in [&[][..], &[1], &[0x7f], &[0x80], &[0xff; 66]] {
            let mut value = Vec::new();
            write_unsigned(&mut value, number);
            assert_eq!(read_all(&value, Reader::read_unsigned), Some(number));
        }
    }
}
