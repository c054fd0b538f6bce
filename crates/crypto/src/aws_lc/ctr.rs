//! Block ciphers in counter mode.

use std::fmt;

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use zeroize::{Zeroize, Zeroizing};

use crate::blowfish::Blowfish;
use crate::{Cipher, Error};

/// A running key stream of a block cipher in counter mode ([SP 800-38A, section 6.5]), the whole
/// block a big-endian counter. It is wiped when dropped.
///
/// It authenticates nothing. The caller sees to it that no counter is ever used twice with one key.
///
/// [SP 800-38A, section 6.5]: https://doi.org/10.6028/NIST.SP.800-38A
pub struct Ctr(Stream);

enum Stream {
    Aes(Box<Aes>),
    Blowfish(Blowfish),
}

impl Ctr {
    /// The key stream that follows from `key` and the first counter `iv`, from its start.
    ///
    /// # Errors
    /// When one of them has not the length that `cipher` has, or when this build has no such
    /// cipher: Blowfish needs the feature `blowfish`.
    pub fn new(cipher: Cipher, key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        cipher.check(key, iv)?;
        Ok(Ctr(match cipher {
            Cipher::Aes128 | Cipher::Aes256 => Stream::Aes(Box::new(Aes::new(cipher, key, iv)?)),
            Cipher::Blowfish => Stream::Blowfish(Blowfish::new(key, iv)?),
        }))
    }

    /// Encrypts or decrypts the next `data` in place.
    pub fn apply(&mut self, data: &mut [u8]) {
        match &mut self.0 {
            Stream::Aes(aes) => aes.apply(data),
            Stream::Blowfish(blowfish) => blowfish.apply(data),
        }
    }
}

impl fmt::Debug for Ctr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ctr")
    }
}

/// The provider encrypts from the start of a block; this remembers where within one we are.
struct Aes {
    key: EncryptingKey,
    /// The counter of the next whole block.
    counter: u128,
    /// The key stream of the last block that was begun.
    begun: Zeroizing<[u8; BLOCK]>,
    /// How much of that has been used.
    used: usize,
}

impl Aes {
    fn new(cipher: Cipher, key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        let algorithm = if cipher == Cipher::Aes128 { &AES_128 } else { &AES_256 };
        let key = UnboundCipherKey::new(algorithm, key).and_then(EncryptingKey::ctr);
        Ok(Aes {
            key: key.map_err(|_| Error::MalformedKey)?,
            counter: u128::from_be_bytes(iv.try_into().map_err(|_| Error::MalformedKey)?),
            begun: Zeroizing::new([0; BLOCK]),
            used: BLOCK,
        })
    }

    fn apply(&mut self, data: &mut [u8]) {
        let rest = self.use_begun(data);
        let (blocks, rest) = rest.split_at_mut(rest.len() - rest.len() % BLOCK);
        if !blocks.is_empty() {
            self.apply_whole(blocks);
        }
        if !rest.is_empty() {
            let mut block = Zeroizing::new([0; BLOCK]);
            self.apply_whole(block.as_mut_slice());
            self.begun = block;
            self.used = 0;
            self.use_begun(rest);
        }
    }

    /// Uses what is left of the block that was begun, and returns the data behind it.
    fn use_begun<'a>(&mut self, data: &'a mut [u8]) -> &'a mut [u8] {
        let left = self.begun.get(self.used..).unwrap_or_default();
        let (data, rest) = data.split_at_mut(left.len().min(data.len()));
        for (byte, key) in data.iter_mut().zip(left) {
            *byte ^= key;
        }
        self.used += data.len();
        rest
    }

    /// Goes on by whole blocks.
    fn apply_whole(&mut self, blocks: &mut [u8]) {
        let mut iv = self.counter.to_be_bytes();
        let context = EncryptionContext::Iv128((&iv).into());
        iv.zeroize();
        self.key.less_safe_encrypt(blocks, context).expect("counter mode takes any length");
        let count = u128::try_from(blocks.len() / BLOCK).expect("a length has 64 bits at most");
        self.counter = self.counter.wrapping_add(count);
    }
}

/// The block of AES, in bytes.
const BLOCK: usize = 16;
