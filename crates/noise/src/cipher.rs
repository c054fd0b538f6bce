//! ChaCha20-Poly1305 with a counter for a nonce.
//!
//! Section 5.1 of the [Noise specification](https://noiseprotocol.org/noise.html#the-cipherstate-object).

use peerloom_crypto::{ChaCha20Poly1305, NONCE_LENGTH, TAG_LENGTH};
use peerloom_record_stream::{Format, Open, Seal};

use crate::Error;

/// A key and how often it has been used.
///
/// The counter moves on only after a message has been sealed, or has proved to be authentic, so
/// that a forged one does no more harm than to fail.
pub(crate) struct Cipher {
    key: ChaCha20Poly1305,
    counter: u64,
}

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Cipher { key: ChaCha20Poly1305::new(key), counter: 0 }
    }

    /// Encrypts in place.
    pub(crate) fn seal(
        &mut self,
        associated: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], Error> {
        let nonce = self.nonce()?;
        let tag = self.key.seal(&nonce, associated, data);
        self.counter += 1;
        Ok(tag)
    }

    /// Decrypts in place what [`Cipher::seal`] made, with its tag behind it.
    pub(crate) fn open<'a>(
        &mut self,
        associated: &[u8],
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], Error> {
        let nonce = self.nonce()?;
        let length = sealed.len();
        if length < TAG_LENGTH {
            return Err(Error::ShortRecord(length));
        }
        let data = self.key.open(&nonce, associated, sealed).map_err(|_| Error::ForgedRecord)?;
        self.counter += 1;
        Ok(data)
    }

    /// 32 zero bits and the counter; the last counter is not for messages.
    fn nonce(&self) -> Result<[u8; NONCE_LENGTH], Error> {
        if self.counter == u64::MAX {
            return Err(Error::NoncesExhausted);
        }
        let mut nonce = [0; NONCE_LENGTH];
        nonce[4..].copy_from_slice(&self.counter.to_le_bytes());
        Ok(nonce)
    }
}

/// The transport messages of [the libp2p specification](https://github.com/libp2p/specs/blob/master/noise/README.md#wire-format).
impl Format for Cipher {
    const PREFIX: usize = 2;
    const LONGEST_SENT: usize = MAX_MESSAGE;
    const LONGEST_ACCEPTED: usize = MAX_MESSAGE;
    type Error = Error;

    fn overhead(&self) -> usize {
        TAG_LENGTH
    }
}

impl Seal for Cipher {
    fn seal(&mut self, record: &mut [u8]) -> Result<(), Error> {
        let length = record.len();
        let (plaintext, tag) = record.split_last_chunk_mut().ok_or(Error::ShortRecord(length))?;
        *tag = Cipher::seal(self, &[], plaintext)?;
        Ok(())
    }
}

impl Open for Cipher {
    fn open(&mut self, record: &mut [u8]) -> Result<usize, Error> {
        Ok(Cipher::open(self, &[], record)?.len())
    }
}

/// The longest Noise message: what two bytes can say.
pub(crate) const MAX_MESSAGE: usize = u16::MAX as usize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_record_does_not_move_the_counter() {
        let (mut sealer, mut opener) = (Cipher::new(&[1; 32]), Cipher::new(&[1; 32]));
        let mut record = *b"hello................";
        Seal::seal(&mut sealer, &mut record).unwrap();
        for index in 0..record.len() {
            let mut forged = record;
            forged[index] ^= 0x80;
            assert!(matches!(Open::open(&mut opener, &mut forged), Err(Error::ForgedRecord)));
        }
        assert_eq!(Open::open(&mut opener, &mut record).unwrap(), 5);
        assert_eq!(&record[..5], b"hello");
    }

    #[test]
    fn the_last_counter_is_never_used() {
        let mut cipher = Cipher { key: ChaCha20Poly1305::new(&[1; 32]), counter: u64::MAX - 1 };
        cipher.seal(&[], &mut []).unwrap();
        assert!(matches!(cipher.seal(&[], &mut []), Err(Error::NoncesExhausted)));
        assert!(matches!(cipher.open(&[], &mut [0; 16]), Err(Error::NoncesExhausted)));
    }
}
