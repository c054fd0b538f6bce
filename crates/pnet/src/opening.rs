//! The first bytes of the remote: its nonce, and whether it has our key.

use peerloom_crypto::{XSalsa20, is_equal};

use crate::{Error, PreSharedKey};

/// What has come of the beginning of a stream.
///
/// ```text
///  0       24                                  44
///  | nonce | "\x13/multistream/1.0.0\n", sealed | …
/// ```
///
/// The second part is looked at only where the key is to be checked.
pub(crate) struct Opening {
    key: PreSharedKey,
    checked: bool,
    bytes: [u8; NONCE + HEADER.len()],
    length: usize,
}

/// A stream whose beginning was good.
pub(crate) struct Opened {
    /// The key stream of what comes next.
    pub(crate) cipher: XSalsa20,
    /// What has been read of the plaintext already.
    pub(crate) plaintext: &'static [u8],
}

impl Opening {
    pub(crate) fn new(key: PreSharedKey, checked: bool) -> Self {
        Opening { key, checked, bytes: [0; NONCE + HEADER.len()], length: 0 }
    }

    /// Where the bytes that are still missing go.
    pub(crate) fn missing(&mut self) -> &mut [u8] {
        let end = if self.checked { NONCE + HEADER.len() } else { NONCE };
        self.bytes.get_mut(self.length..end).unwrap_or_default()
    }

    /// Takes note of bytes that were put into [`missing`](Self::missing). The stream opens when
    /// all are there.
    pub(crate) fn handle_received(&mut self, count: usize) -> Result<Option<Opened>, Error> {
        self.length += count;
        if self.checked && self.bytes.get(..self.length).unwrap_or_default().starts_with(HEADER) {
            return Err(Error::NotPrivate);
        }
        if !self.missing().is_empty() {
            return Ok(None);
        }
        let (nonce, sealed) = self.bytes.split_first_chunk_mut().expect("a nonce is part of it");
        let mut cipher = XSalsa20::new(self.key.as_bytes(), nonce);
        if !self.checked {
            return Ok(Some(Opened { cipher, plaintext: &[] }));
        }
        // Whoever learned where a difference is could try out the key stream of a nonce byte by byte.
        // So nothing is decrypted before all of the header is there, and all of it is compared.
        cipher.apply(sealed);
        if !is_equal(sealed, HEADER) {
            return Err(Error::OtherNetwork);
        }
        Ok(Some(Opened { cipher, plaintext: HEADER }))
    }

    /// What it means that the connection was reset here, if that is a sign of another key: it is what
    /// is left of a connection to somebody who could make no sense of ours.
    pub(crate) fn handle_reset(&self) -> Option<Error> {
        self.checked.then_some(Error::HungUp)
    }

    /// What the end of the stream means here; nothing if it may end.
    pub(crate) fn handle_end(&self) -> Result<(), Error> {
        match self.length {
            _ if self.checked => Err(Error::HungUp),
            0 => Ok(()),
            _ => Err(Error::Truncated),
        }
    }
}

/// The length of a nonce, in bytes.
pub(crate) const NONCE: usize = 24;

/// How every connection of libp2p begins, both ways.
pub(crate) const HEADER: &[u8] = b"\x13/multistream/1.0.0\n";

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn sealed(key: [u8; 32], plaintext: &[u8]) -> Vec<u8> {
        let nonce = [9; 24];
        let mut bytes = plaintext.to_vec();
        XSalsa20::new(&key, &nonce).apply(&mut bytes);
        [&nonce[..], &bytes].concat()
    }

    /// What the stream opens to when so many bytes come at a time, and after how many.
    fn open(checked: bool, bytes: &[u8], step: usize) -> (Result<Vec<u8>, Error>, usize) {
        let mut opening = Opening::new(PreSharedKey::from_bytes(&KEY), checked);
        let mut rest = bytes;
        loop {
            let missing = opening.missing();
            let count = step.min(rest.len()).min(missing.len());
            assert_ne!(count, 0, "it waits for more");
            missing[..count].copy_from_slice(&rest[..count]);
            rest = &rest[count..];
            let taken = bytes.len() - rest.len();
            match opening.handle_received(count) {
                Ok(None) => {}
                Ok(Some(opened)) => return (Ok(opened.plaintext.to_vec()), taken),
                Err(error) => return (Err(error), taken),
            }
        }
    }

    #[test]
    fn the_header_under_our_key_opens_the_stream() {
        for step in 1..=45 {
            let (opened, taken) = open(true, &sealed(KEY, &[HEADER, b"more"].concat()), step);
            assert_eq!((opened.unwrap().as_slice(), taken), (HEADER, 44));
        }
    }

    #[test]
    fn anything_else_does_not_and_no_earlier_than_after_the_last_byte() {
        for at in 0..HEADER.len() {
            let mut changed = sealed(KEY, HEADER);
            changed[24 + at] ^= 1;
            assert_eq!(open(true, &changed, 1), (Err(Error::OtherNetwork), 44));
        }
        assert_eq!(open(true, &sealed([8; 32], HEADER), 44), (Err(Error::OtherNetwork), 44));
        assert_eq!(open(true, &[0; 44], 1), (Err(Error::OtherNetwork), 44));
    }

    #[test]
    fn a_header_in_the_clear_is_known_at_once() {
        for step in [1, 7, 19, 20] {
            let (refused, taken) = open(true, &[HEADER, b"\x07/noise\n"].concat(), step);
            assert_eq!(refused, Err(Error::NotPrivate));
            assert!((20..20 + step).contains(&taken), "{taken} bytes");
        }
        assert_eq!(open(true, &[HEADER, HEADER, HEADER].concat(), 60).0, Err(Error::NotPrivate));
    }

    #[test]
    fn without_the_check_a_nonce_is_enough() {
        assert_eq!(open(false, &[HEADER, HEADER].concat(), 5), (Ok(vec![]), 24));
    }

    #[test]
    fn a_stream_may_end_before_it_begins_only_where_nothing_is_checked() {
        let key = PreSharedKey::from_bytes(&KEY);
        let ended = |checked, count| {
            let mut opening = Opening::new(key.clone(), checked);
            opening.handle_received(count).unwrap();
            opening.handle_end()
        };
        assert_eq!(ended(true, 0), Err(Error::HungUp));
        assert_eq!(ended(true, 43), Err(Error::HungUp));
        assert_eq!(ended(false, 0), Ok(()));
        assert_eq!(ended(false, 23), Err(Error::Truncated));
    }
}
