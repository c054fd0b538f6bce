//! Just enough protobuf for the messages of this crate; reading borrows and takes no memory.

use unsigned_varint::{decode, encode};

/// The fields of a message, one after the other.
pub(crate) struct Fields<'a>(&'a [u8]);

/// The value of a field.
pub(crate) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes, which none of our messages has.
    Fixed,
}

/// The bytes are no protobuf message.
pub(crate) struct Malformed;

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Fields(message)
    }

    fn read(&mut self) -> Result<(u64, Value<'a>), Malformed> {
        let tag = self.read_number()?;
        let value = match tag & 7 {
            0 => Value::Number(self.read_number()?),
            1 => self.read_bytes(8).map(|_| Value::Fixed)?,
            2 => {
                let length = self.read_number()?;
                Value::Bytes(self.read_bytes(length)?)
            }
            5 => self.read_bytes(4).map(|_| Value::Fixed)?,
            _ => return Err(Malformed),
        };
        Ok((tag >> 3, value))
    }

    fn read_number(&mut self) -> Result<u64, Malformed> {
        let (number, rest) = decode::u64(self.0).map_err(|_| Malformed)?;
        self.0 = rest;
        Ok(number)
    }

    fn read_bytes(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }
}

/// Ends after the first field that is malformed.
impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

/// Appends a number, unless it is the zero that a missing field means.
pub(crate) fn write_number(message: &mut Vec<u8>, field: u64, number: u64) {
    if number != 0 {
        write_varint(message, field << 3);
        write_varint(message, number);
    }
}

/// Appends bytes, even when there are none.
pub(crate) fn write_bytes(message: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    write_varint(message, field << 3 | 2);
    write_with_length(message, bytes);
}

/// Appends the length of some bytes, and them.
pub(crate) fn write_with_length(message: &mut Vec<u8>, bytes: &[u8]) {
    message.extend_from_slice(encode::usize(bytes.len(), &mut encode::usize_buffer()));
    message.extend_from_slice(bytes);
}

fn write_varint(message: &mut Vec<u8>, number: u64) {
    message.extend_from_slice(encode::u64(number, &mut encode::u64_buffer()));
}
