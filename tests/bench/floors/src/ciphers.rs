//! What records are sealed with, under fixed keys: as noise does it, and as secio does.

use std::io;

use aws_lc_rs::cipher::{
    AES_128, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::frames::Cipher;

/// ChaCha20-Poly1305 by ring.
pub(crate) struct ChaCha(LessSafeKey);

/// AES-128 in counter mode and HMAC-SHA256 of what it makes, by aws-lc-rs.
pub(crate) struct Secio {
    encrypting: EncryptingKey,
    decrypting: DecryptingKey,
    authentication: hmac::Key,
}

impl ChaCha {
    pub(crate) fn new() -> Self {
        let key =
            UnboundKey::new(&CHACHA20_POLY1305, &[42; 32]).expect("a key of the right length");
        ChaCha(LessSafeKey::new(key))
    }
}

impl Cipher for ChaCha {
    const TAG: usize = 16;

    fn seal(&self, number: u64, data: &mut [u8], tag: &mut [u8]) -> io::Result<()> {
        let sealed = self.0.seal_in_place_separate_tag(nonce(number), Aad::empty(), data);
        tag.copy_from_slice(sealed.map_err(|_| io::ErrorKind::InvalidInput)?.as_ref());
        Ok(())
    }

    fn open(&self, number: u64, record: &mut [u8]) -> io::Result<()> {
        let opened = self.0.open_in_place(nonce(number), Aad::empty(), record);
        opened.map(drop).map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

impl Secio {
    pub(crate) fn new() -> Self {
        let key = || UnboundCipherKey::new(&AES_128, &[42; 16]).expect("a key of the right length");
        Secio {
            encrypting: EncryptingKey::ctr(key()).expect("a key for counter mode"),
            decrypting: DecryptingKey::ctr(key()).expect("a key for counter mode"),
            authentication: hmac::Key::new(hmac::HMAC_SHA256, &[42; 32]),
        }
    }
}

impl Cipher for Secio {
    const TAG: usize = 32;

    fn seal(&self, number: u64, data: &mut [u8], tag: &mut [u8]) -> io::Result<()> {
        let context = EncryptionContext::Iv128(counter(number));
        self.encrypting.less_safe_encrypt(data, context).map_err(io::Error::other)?;
        tag.copy_from_slice(hmac::sign(&self.authentication, data).as_ref());
        Ok(())
    }

    fn open(&self, number: u64, record: &mut [u8]) -> io::Result<()> {
        let (data, tag) = record.split_at_mut(record.len() - Self::TAG);
        hmac::verify(&self.authentication, data, tag).map_err(io::Error::other)?;
        let context = DecryptionContext::Iv128(counter(number));
        self.decrypting.decrypt(data, context).map(drop).map_err(io::Error::other)
    }
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[NONCE_LEN - 8..].copy_from_slice(&number.to_le_bytes());
    Nonce::assume_unique_for_key(nonce)
}

/// No record is longer than the blocks that its own half of the counter can number.
fn counter(number: u64) -> FixedLength<16> {
    let mut counter = [0; 16];
    counter[..8].copy_from_slice(&number.to_be_bytes());
    counter.into()
}
