//! Data signed for one purpose ([RFC 0002]).
//!
//! [RFC 0002]: https://github.com/libp2p/specs/blob/master/RFC/0002-signed-envelopes.md

use std::fmt;

use peerloom_peer_id::EncodedKey;

use crate::message::{Fields, Malformed, Value, write_bytes, write_with_length};
use crate::{Error, Keypair, PublicKey};

/// A payload with the key and the signature of who vouches for it, as it travels.
///
/// The payload comes out only through [`verify`](SignedEnvelope::verify). The signature covers a
/// domain, which is not in the envelope: what was signed for one purpose is worth nothing for
/// another.
///
/// ```
/// use peerloom_identity::{Keypair, SignedEnvelope};
///
/// let keypair = Keypair::generate_ed25519()?;
/// let envelope = SignedEnvelope::seal(&keypair, "greetings", b"/text", b"hello")?;
///
/// let received = SignedEnvelope::decode(&envelope.encode())?;
/// let greeting = received.verify("greetings", b"/text")?;
/// assert_eq!(greeting.payload(), b"hello");
/// assert_eq!(greeting.signer().peer_id(), keypair.peer_id());
/// assert!(received.verify("insults", b"/text").is_err());
/// # Ok::<(), peerloom_identity::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SignedEnvelope {
    key: PublicKey,
    payload_type: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// What was in an envelope whose signature was found good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'a> {
    envelope: &'a SignedEnvelope,
}

impl SignedEnvelope {
    /// Signs a payload of some type for the purpose that `domain` names.
    ///
    /// # Errors
    /// When the keys cannot sign, or the envelope would be longer than [`MAX_ENVELOPE_LENGTH`].
    pub fn seal(
        keypair: &Keypair,
        domain: &str,
        payload_type: &[u8],
        payload: &[u8],
    ) -> Result<Self, Error> {
        let envelope = SignedEnvelope {
            key: keypair.public_key().clone(),
            payload_type: payload_type.to_vec(),
            payload: payload.to_vec(),
            signature: keypair.sign(&signed_bytes(domain, payload_type, payload))?,
        };
        let length = envelope.encode().len();
        if MAX_ENVELOPE_LENGTH < length {
            return Err(Error::EnvelopeTooLong(length));
        }
        Ok(envelope)
    }

    /// Reads an envelope. Its signature is not looked at here.
    ///
    /// # Errors
    /// When it is longer than [`MAX_ENVELOPE_LENGTH`], malformed, or has no key that can be used.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        if MAX_ENVELOPE_LENGTH < bytes.len() {
            return Err(Error::EnvelopeTooLong(bytes.len()));
        }
        let (mut key, mut payload_type, mut payload, mut signature) = (None, None, None, None);
        for field in Fields::of(bytes) {
            match field? {
                (1, Value::Bytes(bytes)) => key = Some(bytes),
                (2, Value::Bytes(bytes)) => payload_type = Some(bytes),
                (3, Value::Bytes(bytes)) => payload = Some(bytes),
                (5, Value::Bytes(bytes)) => signature = Some(bytes),
                (0 | 1 | 2 | 3 | 5, _) => return Err(Error::MalformedEnvelope),
                (_, _) => {}
            }
        }
        let key = EncodedKey::decode(key.ok_or(Error::MalformedEnvelope)?)?;
        Ok(SignedEnvelope {
            key: PublicKey::try_from(&key)?,
            payload_type: payload_type.unwrap_or_default().to_vec(),
            payload: payload.unwrap_or_default().to_vec(),
            signature: signature.ok_or(Error::MalformedEnvelope)?.to_vec(),
        })
    }

    /// The envelope as it travels.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut message = Vec::new();
        write_bytes(&mut message, 1, &self.key.encode().encode());
        write_bytes(&mut message, 2, &self.payload_type);
        write_bytes(&mut message, 3, &self.payload);
        write_bytes(&mut message, 5, &self.signature);
        message
    }

    /// What the envelope says that its payload is; it may lie until it is verified.
    #[must_use]
    pub fn payload_type(&self) -> &[u8] {
        &self.payload_type
    }

    /// Opens the envelope, if it was signed for this domain and holds a payload of this type.
    ///
    /// # Errors
    /// [`Error::PayloadType`] or [`Error::WrongSignature`].
    pub fn verify(&self, domain: &str, payload_type: &[u8]) -> Result<Verified<'_>, Error> {
        if self.payload_type != payload_type {
            return Err(Error::PayloadType);
        }
        let signed = signed_bytes(domain, &self.payload_type, &self.payload);
        self.key.verify(&signed, &self.signature)?;
        Ok(Verified { envelope: self })
    }
}

impl fmt::Debug for SignedEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedEnvelope").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<'a> Verified<'a> {
    /// Who signed the payload.
    #[must_use]
    pub fn signer(&self) -> &'a PublicKey {
        &self.envelope.key
    }

    /// What was signed.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        &self.envelope.payload
    }
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Error::MalformedEnvelope
    }
}

/// Domain, type and payload, each behind its length (RFC 0002, "Signature Production").
fn signed_bytes(domain: &str, payload_type: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut signed = Vec::with_capacity(domain.len() + payload_type.len() + payload.len() + 12);
    for part in [domain.as_bytes(), payload_type, payload] {
        write_with_length(&mut signed, part);
    }
    signed
}

/// The longest envelope that is made or read, in bytes.
///
/// Others read identify messages of up to 8 KiB, with the envelope inside; this leaves room for the
/// largest RSA key and signature beside such a payload.
pub const MAX_ENVELOPE_LENGTH: usize = 16 * 1024;
