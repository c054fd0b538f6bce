//! A record on the wire, and what seals and opens one.

use crate::Error;

/// Turns the plaintext of a record into what goes over the wire, in place.
///
/// ```text
/// | length, 2 bytes, big-endian | plaintext, sealed in place | OVERHEAD bytes |
///                                └─────────────── length ────────────────────┘
/// ```
pub(crate) trait Seal {
    /// How many bytes longer a sealed record is than its plaintext.
    const OVERHEAD: usize;

    /// Seals a record: plaintext, and behind it `OVERHEAD` bytes that are overwritten.
    fn seal(&mut self, record: &mut [u8]) -> Result<(), Error>;
}

/// Turns a record back into its plaintext, in place.
pub(crate) trait Open {
    /// Opens a record and tells how many of its first bytes are the plaintext.
    ///
    /// A record that fails changes nothing in the state of the opener.
    fn open(&mut self, record: &mut [u8]) -> Result<usize, Error>;
}

/// The length in front of each record.
pub(crate) const PREFIX: usize = 2;

/// The longest record: what two bytes can say.
pub(crate) const MAX_RECORD: usize = u16::MAX as usize;

#[cfg(test)]
pub(crate) mod toy {
    //! A cipher to see through: it flips every bit and checks a counter.

    use super::*;

    /// Seals with a counter in place of a tag.
    #[derive(Default)]
    pub(crate) struct Toy(pub(crate) u16);

    impl Seal for Toy {
        const OVERHEAD: usize = 2;

        fn seal(&mut self, record: &mut [u8]) -> Result<(), Error> {
            let (plaintext, tag) = record.split_last_chunk_mut().unwrap();
            plaintext.iter_mut().for_each(|byte| *byte = !*byte);
            let tag: &mut [u8; 2] = tag;
            *tag = self.0.to_be_bytes();
            self.0 += 1;
            Ok(())
        }
    }

    impl Open for Toy {
        fn open(&mut self, record: &mut [u8]) -> Result<usize, Error> {
            let length = record.len();
            let (ciphertext, tag) =
                record.split_last_chunk_mut().ok_or(Error::ShortRecord(length))?;
            if *tag != self.0.to_be_bytes() {
                return Err(Error::ForgedRecord);
            }
            ciphertext.iter_mut().for_each(|byte| *byte = !*byte);
            self.0 += 1;
            Ok(length - 2)
        }
    }
}
