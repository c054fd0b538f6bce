//! The symmetric state of a handshake: everything said so far, hashed, and the key that follows from it.
//!
//! Section 5.2 of the [Noise specification](https://noiseprotocol.org/noise.html#the-symmetricstate-object).

use peerloom_crypto::{Sha256, hmac_sha256};
use zeroize::Zeroizing;

use crate::cipher::Cipher;
use crate::{Error, Message};

/// The running hash, the chaining key and, once there is a shared secret, a cipher.
pub(crate) struct Symmetric {
    hash: [u8; 32],
    chaining_key: Zeroizing<[u8; 32]>,
    cipher: Option<Cipher>,
}

impl Symmetric {
    pub(crate) fn new(prologue: &[u8]) -> Self {
        let hash = *PROTOCOL_NAME;
        let mut symmetric = Symmetric { hash, chaining_key: Zeroizing::new(hash), cipher: None };
        symmetric.mix_hash(prologue);
        symmetric
    }

    /// Both sides know `data` from here on, or none of their messages will open.
    pub(crate) fn mix_hash(&mut self, data: &[u8]) {
        let mut hasher = Sha256::new();
        hasher.update(&self.hash);
        hasher.update(data);
        self.hash = hasher.finish();
    }

    /// Takes a shared secret in, and a new cipher from it.
    pub(crate) fn mix_key(&mut self, secret: &[u8; 32]) {
        let (chaining_key, key) = derive(&self.chaining_key, secret);
        self.chaining_key = chaining_key;
        self.cipher = Some(Cipher::new(&key));
    }

    /// Appends `plaintext` to `message`: sealed once there is a key, as it is before.
    pub(crate) fn seal(&mut self, plaintext: &[u8], message: &mut Vec<u8>) -> Result<(), Error> {
        let start = message.len();
        message.extend_from_slice(plaintext);
        let sealed = message.get_mut(start..).unwrap_or_default();
        if let Some(cipher) = &mut self.cipher {
            let tag = cipher.seal(&self.hash, sealed)?;
            message.extend_from_slice(&tag);
        }
        self.mix_hash(message.get(start..).unwrap_or_default());
        Ok(())
    }

    /// Opens what [`Symmetric::seal`] of the other side made of something; nothing has changed if that fails.
    pub(crate) fn open(&mut self, message: Message, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let mut plaintext = sealed.to_vec();
        if let Some(cipher) = &mut self.cipher {
            let opened = cipher.open(&self.hash, &mut plaintext);
            let length = opened.map_err(|_| Error::Forged(message))?.len();
            plaintext.truncate(length);
        }
        self.mix_hash(sealed);
        Ok(plaintext)
    }

    /// The ciphers for what follows the handshake: of the initiator's messages, and of the responder's.
    pub(crate) fn split(self) -> (Cipher, Cipher) {
        let (initiator, responder) = derive(&self.chaining_key, &[]);
        (Cipher::new(&initiator), Cipher::new(&responder))
    }

    /// Names this handshake: two sides have the same hash only if they saw the same messages.
    #[cfg(test)]
    pub(crate) fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

type Key = Zeroizing<[u8; 32]>;

/// HKDF with two outputs, as section 4.3 of the specification writes it.
fn derive(chaining_key: &[u8; 32], input: &[u8]) -> (Key, Key) {
    let temporary = Zeroizing::new(hmac_sha256(chaining_key, &[input]));
    let first = Zeroizing::new(hmac_sha256(&*temporary, &[&[1]]));
    let second = Zeroizing::new(hmac_sha256(&*temporary, &[&*first, &[2]]));
    (first, second)
}

/// The name is as long as the hash, and so stands for it.
const PROTOCOL_NAME: &[u8; 32] = b"Noise_XX_25519_ChaChaPoly_SHA256";
