//! Frames: encrypted in counter mode, then tagged.
//!
//! [Secure message framing](https://github.com/libp2p/specs/blob/master/secio/README.md#secure-message-framing).

use peerloom_crypto::{Ctr, Hash, Hmac};
use peerloom_record_stream::{Format, Open, Seal};
use zeroize::Zeroizing;

use crate::Error;
use crate::algorithm::Suite;

/// The keys of one direction, and how far its key stream has been used.
///
/// The key stream moves on only after a frame has been sealed, or its tag has proved to be right.
pub(crate) struct FrameCipher {
    stream: Ctr,
    tags: Hmac,
    hash: Hash,
}

/// The keys that follow from a secret: of the preferred side's frames, and of the other side's.
///
/// [Key stretching](https://github.com/libp2p/specs/blob/master/secio/README.md#key-stretching).
pub(crate) fn stretch(
    suite: Suite,
    secret: &[u8],
) -> Result<(FrameCipher, FrameCipher), peerloom_crypto::Error> {
    let cipher = peerloom_crypto::Cipher::from(suite.cipher);
    let side = cipher.iv_length() + cipher.key_length() + TAG_KEY;
    let output = expand(&Hmac::new(suite.hash.into(), secret), 2 * side);
    let (preferred, other) = output.split_at(side);
    Ok((FrameCipher::new(suite, preferred)?, FrameCipher::new(suite, other)?))
}

/// As many bytes as are needed, from a chain of tags under the secret.
fn expand(secret: &Hmac, length: usize) -> Zeroizing<Vec<u8>> {
    let mut output = Zeroizing::new(Vec::with_capacity(length));
    let tag = |parts: &[&[u8]]| Zeroizing::new(secret.tag(parts));
    let mut link = tag(&[SEED]);
    while output.len() < length {
        let block = tag(&[(*link).as_ref(), SEED]);
        let missing = length - output.len();
        output.extend((*block).as_ref().iter().take(missing));
        link = tag(&[(*link).as_ref()]);
    }
    output
}

impl FrameCipher {
    /// The cipher of one direction, from `| IV | cipher key | tag key |`.
    fn new(suite: Suite, keys: &[u8]) -> Result<Self, peerloom_crypto::Error> {
        let (cipher, hash) = (peerloom_crypto::Cipher::from(suite.cipher), Hash::from(suite.hash));
        let (iv, keys) = keys.split_at(cipher.iv_length());
        let (key, tag_key) = keys.split_at(cipher.key_length());
        Ok(FrameCipher { stream: Ctr::new(cipher, key, iv)?, tags: Hmac::new(hash, tag_key), hash })
    }
}

impl Format for FrameCipher {
    const PREFIX: usize = 4;
    const LONGEST_SENT: usize = LONGEST_SENT;
    const LONGEST_ACCEPTED: usize = LONGEST_ACCEPTED;
    type Error = Error;

    fn overhead(&self) -> usize {
        self.hash.length()
    }
}

impl Seal for FrameCipher {
    fn seal(&mut self, frame: &mut [u8]) -> Result<(), Error> {
        let (text, tag) = self.split(frame)?;
        self.stream.apply(text);
        tag.copy_from_slice(self.tags.tag(&[&*text]).as_ref());
        Ok(())
    }
}

impl Open for FrameCipher {
    fn open(&mut self, frame: &mut [u8]) -> Result<usize, Error> {
        let (text, tag) = self.split(frame)?;
        self.tags.verify(&[&*text], tag).map_err(|_| Error::ForgedFrame)?;
        self.stream.apply(text);
        Ok(text.len())
    }
}

impl FrameCipher {
    /// The text of a frame, and the place of its tag.
    fn split<'a>(&self, frame: &'a mut [u8]) -> Result<(&'a mut [u8], &'a mut [u8]), Error> {
        let (length, tag) = (frame.len(), self.overhead());
        let short = Error::ShortFrame { length, tag };
        let text = length.checked_sub(tag);
        text.and_then(|text| frame.split_at_mut_checked(text)).ok_or(short)
    }
}

/// What is expanded.
const SEED: &[u8] = b"key expansion";

/// The key of a tag, whatever its hash.
const TAG_KEY: usize = 20;

/// So long that four frames, each with its length, fill a batch.
const LONGEST_SENT: usize = 64 * 1024 - 3;

/// [Message framing](https://github.com/libp2p/specs/blob/master/secio/README.md#message-framing): 8 MiB.
const LONGEST_ACCEPTED: usize = 0x0080_0000;

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::{Cipher, Exchange, Hash};

    const SUITE: Suite =
        Suite { exchange: Exchange::P256, cipher: Cipher::Aes128, hash: Hash::Sha256 };

    proptest! {
        #[test]
        fn a_forged_frame_moves_nothing_and_a_good_one_opens_after_it(
            texts in vec(vec(any::<u8>(), 0..100), 1..6),
            forged in vec(any::<u8>(), 0..200),
        ) {
            let (mut sealer, _) = stretch(SUITE, b"secret").unwrap();
            let (mut opener, _) = stretch(SUITE, b"secret").unwrap();
            for text in texts {
                let mut frame = [&text[..], &[0; 32]].concat();
                sealer.seal(&mut frame).unwrap();
                let mut kept = forged.clone();
                prop_assert!(opener.open(&mut kept).is_err());
                prop_assert_eq!(&kept, &forged);
                prop_assert_eq!(opener.open(&mut frame).unwrap(), text.len());
                prop_assert_eq!(&frame[..text.len()], &text);
            }
        }
    }
}
