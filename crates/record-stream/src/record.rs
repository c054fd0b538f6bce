//! A record on the wire, and what seals and opens one.

use std::io;

/// How the records of a protocol look, and what their errors are called.
///
/// ```text
/// | length, PREFIX bytes, big-endian | plaintext, sealed in place | overhead |
///                                    └─────────────── length ──────────────┘
/// ```
pub trait Format {
    /// How many bytes tell the length of a record: one to four.
    const PREFIX: usize;

    /// The longest record that is sent, its overhead included. Not much more than 64 KiB, as a batch has to hold one.
    const LONGEST_SENT: usize;

    /// The longest record that is accepted, its overhead included.
    const LONGEST_ACCEPTED: usize;

    /// What fails: the cipher in its own way, or the records in one of ours.
    type Error: From<crate::Error> + Into<io::Error>;

    /// How many bytes longer a sealed record is than its plaintext; the same at any time.
    fn overhead(&self) -> usize;
}

/// Turns the plaintext of a record into what goes over the wire, in place.
pub trait Seal: Format {
    /// Seals a record: plaintext, and behind it the overhead, which is overwritten.
    ///
    /// # Errors
    /// When this cipher can seal no more.
    fn seal(&mut self, record: &mut [u8]) -> Result<(), Self::Error>;
}

/// Turns a record back into its plaintext, in place.
pub trait Open: Format {
    /// Opens a record and tells how many of its first bytes are the plaintext.
    ///
    /// A record that fails changes nothing in the state of the opener. None is shorter than the overhead.
    ///
    /// # Errors
    /// When the record is not what the other side has sealed.
    fn open(&mut self, record: &mut [u8]) -> Result<usize, Self::Error>;
}

/// The length that a prefix tells, when all of it is there.
pub(crate) fn announced<F: Format>(received: &[u8]) -> Option<usize> {
    let prefix = received.get(..F::PREFIX)?;
    Some(prefix.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)))
}

/// Writes the length of a record into the prefix before it.
pub(crate) fn announce(prefix: &mut [u8], length: usize) {
    for (place, byte) in prefix.iter_mut().rev().zip(length.to_le_bytes()) {
        *place = byte;
    }
}

#[cfg(test)]
pub(crate) mod toy {
    //! A cipher to see through: it flips every bit and checks a counter.

    use super::*;

    /// Seals with a counter in place of a tag, with a prefix as noise has or as secio has.
    #[derive(Default)]
    pub(crate) struct Toy<const PREFIX: usize = 2>(pub(crate) u16);

    /// What fails in a toy.
    #[derive(Debug, PartialEq, Eq, thiserror::Error)]
    pub(crate) enum Broken {
        #[error("forged")]
        Forged,
        #[error(transparent)]
        Record(#[from] crate::Error),
    }

    pub(crate) const OVERHEAD: usize = 2;

    impl<const PREFIX: usize> Format for Toy<PREFIX> {
        const PREFIX: usize = PREFIX;
        const LONGEST_SENT: usize = 65_537 - PREFIX;
        const LONGEST_ACCEPTED: usize = if PREFIX == 2 { 65_535 } else { 2_000_000 };
        type Error = Broken;

        fn overhead(&self) -> usize {
            OVERHEAD
        }
    }

    impl<const PREFIX: usize> Seal for Toy<PREFIX> {
        fn seal(&mut self, record: &mut [u8]) -> Result<(), Broken> {
            let (plaintext, tag) = record.split_last_chunk_mut().unwrap();
            plaintext.iter_mut().for_each(|byte| *byte = !*byte);
            let tag: &mut [u8; OVERHEAD] = tag;
            *tag = self.0.to_be_bytes();
            self.0 += 1;
            Ok(())
        }
    }

    impl<const PREFIX: usize> Open for Toy<PREFIX> {
        fn open(&mut self, record: &mut [u8]) -> Result<usize, Broken> {
            let (ciphertext, tag) = record.split_last_chunk_mut().unwrap();
            if *tag != self.0.to_be_bytes() {
                return Err(Broken::Forged);
            }
            ciphertext.iter_mut().for_each(|byte| *byte = !*byte);
            self.0 += 1;
            Ok(ciphertext.len())
        }
    }

    impl From<Broken> for io::Error {
        fn from(error: Broken) -> io::Error {
            let kind = match error {
                Broken::Record(crate::Error::Truncated) => io::ErrorKind::UnexpectedEof,
                _ => io::ErrorKind::InvalidData,
            };
            io::Error::new(kind, error)
        }
    }

    #[test]
    fn a_length_is_read_as_it_was_written() {
        for length in [0, 1, 255, 256, 65_535] {
            let mut prefix = [9; 2];
            announce(&mut prefix, length);
            assert_eq!(announced::<Toy<2>>(&prefix), Some(length));
        }
        let mut prefix = [9; 4];
        announce(&mut prefix, 0x0080_0001);
        assert_eq!(prefix, [0, 0x80, 0, 1]);
        assert_eq!(announced::<Toy<4>>(&prefix), Some(0x0080_0001));
        assert_eq!(announced::<Toy<4>>(&[0xff; 9]), Some(0xffff_ffff));
        assert_eq!(announced::<Toy<4>>(&[0; 3]), None);
    }
}
