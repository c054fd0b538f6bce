//! The protobuf message of a key, public or private: its type and its data.

use std::fmt;

use crate::Error;
use crate::varint::decode_varint;

/// The kinds of keys that peers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// RSA; public data are a DER `SubjectPublicKeyInfo`.
    Rsa = 0,
    /// Ed25519; public data are its 32 bytes.
    Ed25519 = 1,
    /// The curve of Bitcoin; public data are a compressed point.
    Secp256k1 = 2,
    /// ECDSA on the NIST curves; public data are a DER `SubjectPublicKeyInfo`.
    Ecdsa = 3,
}

/// The message in which keys are written, borrowing the data.
///
/// Public and private keys share it. Nothing is copied on reading, so that a private key stays
/// in the caller's memory only, and `Debug` does not show the data.
///
/// ```text
/// message PublicKey { required KeyType Type = 1; required bytes Data = 2; }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyMessage<'a> {
    /// The kind of key.
    pub key_type: KeyType,
    /// The key itself, in the form of its type.
    pub data: &'a [u8],
}

impl<'a> KeyMessage<'a> {
    /// Reads a message as protobuf says: fields in any order, of several the last, unknown ones
    /// skipped. Both fields have to be there.
    ///
    /// # Errors
    /// When the bytes are no such message. The size is the caller's to bound; reading takes no memory.
    pub fn decode(mut bytes: &'a [u8]) -> Result<Self, Error> {
        let mut key_type = None;
        let mut data = None;
        while !bytes.is_empty() {
            let (tag, rest) = decode_varint(bytes)?;
            let (value, rest) = read_value(tag, rest)?;
            bytes = rest;
            match (tag >> 3, value) {
                (1, Value::Number(number)) => key_type = Some(KeyType::try_from(number)?),
                (2, Value::Bytes(value)) => data = Some(value),
                (field @ 0..=2, _) => {
                    return Err(Error::WireType { field, wire_type: wire_type(tag) });
                }
                (_, _) => {}
            }
        }
        Ok(KeyMessage {
            key_type: key_type.ok_or(Error::MissingField("Type"))?,
            data: data.ok_or(Error::MissingField("Data"))?,
        })
    }

    /// The message in its one canonical form.
    ///
    /// The buffer is allocated once at its full size, so that a caller that wipes it leaves no
    /// copy of a private key behind.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut buffer = unsigned_varint::encode::usize_buffer();
        let length = unsigned_varint::encode::usize(self.data.len(), &mut buffer);
        let mut message = Vec::with_capacity(3 + length.len() + self.data.len());
        message.extend([TYPE_TAG, self.key_type as u8, DATA_TAG]);
        message.extend_from_slice(length);
        message.extend_from_slice(self.data);
        message
    }
}

impl fmt::Debug for KeyMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMessage({:?}, {} bytes)", self.key_type, self.data.len())
    }
}

impl TryFrom<u64> for KeyType {
    type Error = Error;

    fn try_from(number: u64) -> Result<Self, Error> {
        match number {
            0 => Ok(KeyType::Rsa),
            1 => Ok(KeyType::Ed25519),
            2 => Ok(KeyType::Secp256k1),
            3 => Ok(KeyType::Ecdsa),
            _ => Err(Error::KeyType(number)),
        }
    }
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

fn read_value(tag: u64, bytes: &[u8]) -> Result<(Value<'_>, &[u8]), Error> {
    let (length, rest) = match wire_type(tag) {
        0 => return decode_varint(bytes).map(|(number, rest)| (Value::Number(number), rest)),
        1 => (8, bytes),
        2 => decode_varint(bytes)?,
        5 => (4, bytes),
        wire_type => return Err(Error::WireType { field: tag >> 3, wire_type }),
    };
    let length = usize::try_from(length).map_err(|_| Error::Truncated)?;
    let (value, rest) = rest.split_at_checked(length).ok_or(Error::Truncated)?;
    let value = if wire_type(tag) == 2 { Value::Bytes(value) } else { Value::Fixed };
    Ok((value, rest))
}

/// How a field is encoded: the low three bits of its tag.
fn wire_type(tag: u64) -> u8 {
    tag.to_le_bytes()[0] & 7
}

/// Field 1, a varint.
const TYPE_TAG: u8 = 1 << 3;
/// Field 2, bytes with their length.
const DATA_TAG: u8 = 2 << 3 | 2;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: KeyMessage<'_> = KeyMessage { key_type: KeyType::Secp256k1, data: b"abc" };

    #[test]
    fn the_canonical_form_has_the_type_first_even_when_it_is_zero() {
        let rsa = KeyMessage { key_type: KeyType::Rsa, data: &[9; 200] };
        assert_eq!(rsa.encode()[..5], [0x08, 0, 0x12, 0xc8, 0x01]);
        assert_eq!(rsa.encode().capacity(), rsa.encode().len(), "one allocation of the right size");
        assert_eq!(KeyMessage { data: b"", ..KEY }.encode(), [0x08, 2, 0x12, 0]);
    }

    #[test]
    fn fields_come_in_any_order_and_the_last_one_counts() {
        for bytes in [
            &b"\x08\x02\x12\x03abc"[..],
            b"\x12\x03abc\x08\x02",
            b"\x08\x00\x12\x01x\x12\x03abc\x08\x02",
        ] {
            assert_eq!(KeyMessage::decode(bytes), Ok(KEY));
        }
    }

    #[test]
    fn unknown_fields_are_skipped_whatever_they_hold() {
        let known = KEY.encode();
        for unknown in [
            &[3 << 3, 0x96, 0x01][..],
            &[3 << 3 | 1, 1, 2, 3, 4, 5, 6, 7, 8],
            &[3 << 3 | 2, 2, 0, 0],
            &[3 << 3 | 5, 1, 2, 3, 4],
        ] {
            assert_eq!(KeyMessage::decode(&[&known, unknown].concat()), Ok(KEY));
            assert_eq!(KeyMessage::decode(&[unknown, &known].concat()), Ok(KEY));
            let cut = &unknown[..unknown.len() - 1];
            assert_eq!(KeyMessage::decode(&[&known, cut].concat()), Err(Error::Truncated));
        }
    }

    #[test]
    fn what_is_no_key_message_says_why() {
        let wrong = |field, wire_type| Error::WireType { field, wire_type };
        for (bytes, error) in [
            (&b""[..], Error::MissingField("Type")),
            (b"\x12\x03abc", Error::MissingField("Type")),
            (b"\x08\x01", Error::MissingField("Data")),
            (b"\x08\x04\x12\x00", Error::KeyType(4)),
            (b"\x08\x04\x12\x00\x08\x00", Error::KeyType(4)),
            (b"\x08\x81\x00\x12\x00", Error::Varint),
            (b"\x08\x01\x12\x04abc", Error::Truncated),
            (b"\x08\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f", Error::Truncated),
            (b"\x08\x01\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Error::Varint),
            (b"\x08\x01\x12", Error::Truncated),
            (b"\x0a\x01\x00", wrong(1, 2)),
            (b"\x10\x01", wrong(2, 0)),
            (b"\x15abcd", wrong(2, 5)),
            (b"\x00\x01", wrong(0, 0)),
            (b"\x1b\x1c", wrong(3, 3)),
            (b"\x1f", wrong(3, 7)),
        ] {
            assert_eq!(KeyMessage::decode(bytes), Err(error), "{bytes:?}");
        }
    }
}
