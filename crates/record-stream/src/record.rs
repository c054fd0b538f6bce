//! A record on the wire, and what seals and opens one.

use std::io;

/// How the records of a protocol look, and what their errors are called.
///
/// ```text
/// | prefix, PREFIX bytes | plaintext, sealed in place | overhead |
///                        └─────────────── length ──────────────┘
/// ```
pub trait Format {
    /// How many bytes stand before a record and tell its length: one to eight.
    const PREFIX: usize;

    /// The longest record that is sent, its overhead included. Not much more than 64 KiB, as a batch has to hold one.
    const LONGEST_SENT: usize;

    /// The longest record that is accepted, its overhead included.
    const LONGEST_ACCEPTED: usize;

    /// What fails: the cipher in its own way, or the records in one of ours.
    type Error: From<crate::Error> + Into<io::Error>;

    /// How many bytes longer a sealed record is than its plaintext; the same at any time.
    fn overhead(&self) -> usize;

    /// The length that a prefix tells; unless the format says otherwise, nothing else stands in it.
    ///
    /// # Errors
    /// When no record begins like this.
    fn announced(prefix: &[u8]) -> Result<usize, Self::Error> {
        Ok(prefix.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)))
    }

    /// Writes the prefix of a record of this length; unless the format says otherwise, big-endian.
    fn announce(prefix: &mut [u8], length: usize) {
        for (place, byte) in prefix.iter_mut().rev().zip(length.to_le_bytes()) {
            *place = byte;
        }
    }
}

/// Turns the plaintext of a record into what goes over the wire, in place.
pub trait Seal: Format {
    /// Seals a record: plaintext, and behind it the overhead, which is overwritten.
    ///
    /// # Errors
    /// When this cipher can seal no more.
    fn seal(&mut self, record: &mut [u8]) -> Result<(), Self::Error>;

    /// A whole record of the protocol's own, its prefix included, that has to go out before the next one is
    /// sealed: none, unless the protocol has such. No longer than the longest that is sent.
    ///
    /// # Errors
    /// When this cipher can seal no more.
    fn interlude(&mut self) -> Result<Option<Vec<u8>>, Self::Error> {
        Ok(None)
    }

    /// The record, its prefix included, with which the protocol takes its leave when the stream is shut down:
    /// none, unless the protocol has one.
    ///
    /// # Errors
    /// When this cipher can seal no more.
    fn farewell(&mut self) -> Result<Option<Vec<u8>>, Self::Error> {
        Ok(None)
    }
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

    /// Whether the records that were opened said that this is the end; nothing behind them is looked at.
    fn ended(&self) -> bool {
        false
    }
}

/// The length that is announced, when the whole prefix is there.
pub(crate) fn announced<F: Format>(received: &[u8]) -> Result<Option<usize>, F::Error> {
    received.get(..F::PREFIX).map(F::announced).transpose()
}

#[cfg(test)]
pub(crate) mod toy {
    //! A cipher to see through: it flips every bit and checks a counter.

    use super::*;

    /// Seals with a counter in place of a tag, with a prefix as noise has or as secio has.
    #[derive(Default)]
    pub(crate) struct Toy<const PREFIX: usize = 2> {
        records: u16,
        /// Whether a record of its own has to go out first.
        pub(crate) interrupts: bool,
        /// Whether it takes its leave.
        pub(crate) polite: bool,
        ended: bool,
    }

    /// What fails in a toy.
    #[derive(Debug, PartialEq, Eq, thiserror::Error)]
    pub(crate) enum Broken {
        #[error("forged")]
        Forged,
        #[error(transparent)]
        Record(#[from] crate::Error),
    }

    pub(crate) const OVERHEAD: usize = 2;

    /// A toy's own record.
    pub(crate) const INTERLUDE: &[u8] = b"attention";

    /// A toy's last record.
    pub(crate) const FAREWELL: &[u8] = b"farewell";

    impl<const PREFIX: usize> Toy<PREFIX> {
        fn own_record(&mut self, text: &[u8]) -> Result<Option<Vec<u8>>, Broken> {
            let mut record = vec![0; PREFIX];
            Self::announce(&mut record, text.len() + OVERHEAD);
            record.extend_from_slice(text);
            record.extend_from_slice(&[0; OVERHEAD]);
            self.seal(record.get_mut(PREFIX..).unwrap())?;
            Ok(Some(record))
        }
    }

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
            *tag = self.records.to_be_bytes();
            self.records += 1;
            Ok(())
        }

        fn interlude(&mut self) -> Result<Option<Vec<u8>>, Broken> {
            if std::mem::take(&mut self.interrupts) { self.own_record(INTERLUDE) } else { Ok(None) }
        }

        fn farewell(&mut self) -> Result<Option<Vec<u8>>, Broken> {
            if self.polite { self.own_record(FAREWELL) } else { Ok(None) }
        }
    }

    impl<const PREFIX: usize> Open for Toy<PREFIX> {
        fn open(&mut self, record: &mut [u8]) -> Result<usize, Broken> {
            let (ciphertext, tag) = record.split_last_chunk_mut().unwrap();
            if *tag != self.records.to_be_bytes() {
                return Err(Broken::Forged);
            }
            ciphertext.iter_mut().for_each(|byte| *byte = !*byte);
            self.records += 1;
            self.ended = ciphertext == FAREWELL;
            Ok(if self.ended { 0 } else { ciphertext.len() })
        }

        fn ended(&self) -> bool {
            self.ended
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
            Toy::<2>::announce(&mut prefix, length);
            assert_eq!(announced::<Toy<2>>(&prefix), Ok(Some(length)));
        }
        let mut prefix = [9; 4];
        Toy::<4>::announce(&mut prefix, 0x0080_0001);
        assert_eq!(prefix, [0, 0x80, 0, 1]);
        assert_eq!(announced::<Toy<4>>(&prefix), Ok(Some(0x0080_0001)));
        assert_eq!(announced::<Toy<4>>(&[0xff; 9]), Ok(Some(0xffff_ffff)));
        assert_eq!(announced::<Toy<4>>(&[0; 3]), Ok(None));
    }
}
