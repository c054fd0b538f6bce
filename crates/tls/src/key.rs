//! The key of one direction: sealing and opening records, one after the other.
//!
//! [RFC 8446, section 5.2](https://www.rfc-editor.org/rfc/rfc8446#section-5.2).

use peerloom_crypto::{AesGcm, ChaCha20Poly1305, NONCE_LENGTH, TAG_LENGTH};
use rustls::ConnectionTrafficSecrets;

use crate::Error;

/// A traffic key and how many records it has sealed or opened.
///
/// The number moves on only after a record has been sealed, or has proved to be authentic.
pub(crate) struct TrafficKey {
    cipher: Cipher,
    iv: [u8; NONCE_LENGTH],
    sequence: u64,
}

enum Cipher {
    AesGcm(AesGcm),
    ChaCha20Poly1305(ChaCha20Poly1305),
}

impl TrafficKey {
    /// The key that rustls agreed on, after so many records.
    pub(crate) fn new(
        (sequence, secrets): &(u64, ConnectionTrafficSecrets),
    ) -> Result<Self, Error> {
        let (cipher, iv) = match secrets {
            ConnectionTrafficSecrets::Aes128Gcm { key, iv }
            | ConnectionTrafficSecrets::Aes256Gcm { key, iv } => {
                let key = AesGcm::new(key.as_ref()).map_err(|e| Error::Keys(e.into()))?;
                (Cipher::AesGcm(key), iv)
            }
            ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => {
                let key = key.as_ref().try_into().map_err(|e| Error::Keys(Box::new(e)))?;
                (Cipher::ChaCha20Poly1305(ChaCha20Poly1305::new(key)), iv)
            }
            // No other cipher is offered.
            _ => return Err(Error::Keys("a cipher that was not offered".into())),
        };
        let iv = iv.as_ref().try_into().map_err(|e| Error::Keys(Box::new(e)))?;
        Ok(TrafficKey { cipher, iv, sequence: *sequence })
    }

    /// How many records it has sealed or opened.
    pub(crate) fn used(&self) -> u64 {
        self.sequence
    }

    /// Seals a record in place: its text and its kind, and behind them the place of its tag.
    pub(crate) fn seal(&mut self, record: &mut [u8]) -> Result<(), Error> {
        let (header, nonce) = (header(record.len()), self.nonce()?);
        let length = record.len();
        let (text, tag) = record.split_last_chunk_mut().ok_or(Error::ShortRecord(length))?;
        let tag: &mut [u8; TAG_LENGTH] = tag;
        *tag = match &self.cipher {
            Cipher::AesGcm(key) => key.seal(&nonce, &header, text),
            Cipher::ChaCha20Poly1305(key) => key.seal(&nonce, &header, text),
        };
        self.sequence += 1;
        Ok(())
    }

    /// Opens in place what [`TrafficKey::seal`] made: text, kind, and perhaps zeros behind them.
    pub(crate) fn open<'a>(&mut self, record: &'a mut [u8]) -> Result<&'a mut [u8], Error> {
        let (header, nonce) = (header(record.len()), self.nonce()?);
        let text = match &self.cipher {
            Cipher::AesGcm(key) => key.open(&nonce, &header, record),
            Cipher::ChaCha20Poly1305(key) => key.open(&nonce, &header, record),
        };
        let text = text.map_err(|_| Error::ForgedRecord)?;
        self.sequence += 1;
        Ok(text)
    }

    /// The record's number, on the last eight bytes of what is random about the key.
    fn nonce(&self) -> Result<[u8; NONCE_LENGTH], Error> {
        if self.sequence == u64::MAX {
            return Err(Error::SequenceExhausted);
        }
        let mut nonce = self.iv;
        let (_, last) = nonce.split_at_mut(NONCE_LENGTH - 8);
        for (place, byte) in last.iter_mut().zip(self.sequence.to_be_bytes()) {
            *place ^= byte;
        }
        Ok(nonce)
    }
}

/// What stands before a sealed record of this length, and is authenticated with it.
pub(crate) fn header(length: usize) -> [u8; HEADER] {
    // Two bytes hold the length of any record that is sealed, or was received.
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let [kind, major, minor] = BEGINNING;
    [kind, major, minor, high, low]
}

/// How a sealed record begins, whatever is in it: as data, and with the number of TLS 1.2.
pub(crate) const BEGINNING: [u8; 3] = [23, 3, 3];

pub(crate) const HEADER: usize = 5;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A key that everybody knows.
    pub(crate) fn known_key(sequence: u64) -> TrafficKey {
        let cipher = Cipher::AesGcm(AesGcm::new(&[1; 16]).unwrap());
        TrafficKey { cipher, iv: [7; NONCE_LENGTH], sequence }
    }

    #[test]
    fn a_forged_record_does_not_move_the_number() {
        let (mut sealer, mut opener) = (known_key(5), known_key(5));
        let mut record = *b"hello................";
        sealer.seal(&mut record).unwrap();
        for index in 0..record.len() {
            let mut forged = record;
            forged[index] ^= 0x80;
            assert!(matches!(opener.open(&mut forged), Err(Error::ForgedRecord)));
        }
        assert_eq!(opener.open(&mut record).unwrap(), b"hello");
        assert_eq!((sealer.used(), opener.used()), (6, 6));
    }

    #[test]
    fn the_last_number_is_never_used() {
        let mut key = known_key(u64::MAX - 1);
        key.seal(&mut [0; 17]).unwrap();
        assert!(matches!(key.seal(&mut [0; 17]), Err(Error::SequenceExhausted)));
        assert!(matches!(key.open(&mut [0; 17]), Err(Error::SequenceExhausted)));
    }
}
