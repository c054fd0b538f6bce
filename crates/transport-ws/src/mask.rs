//! The mask over what a client sends.

/// A masking key, turned to where the next byte needs it.
///
/// It hides nothing: it keeps the sender's data from looking like another protocol to what is on
/// the way (<https://www.rfc-editor.org/rfc/rfc6455#section-10.3>).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask([u8; 4]);

impl Mask {
    /// The mask of a frame; one without a key changes nothing.
    pub(crate) fn new(key: Option<[u8; 4]>) -> Self {
        Mask(key.unwrap_or_default())
    }

    /// Masks the next bytes of a payload, or unmasks them.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        if self.0 == [0; 4] {
            return;
        }
        let [a, b, c, d] = self.0;
        let key = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let (words, rest) = bytes.as_chunks_mut();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ key).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(self.0.into_iter().cycle()) {
            *byte ^= key;
        }
        self.0.rotate_left(bytes.len() % 4);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_rfc_is_unmasked() {
        // https://www.rfc-editor.org/rfc/rfc6455#section-5.7
        let mut bytes = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        Mask::new(Some([0x37, 0xfa, 0x21, 0x3d])).apply(&mut bytes);
        assert_eq!(&bytes, b"Hello");
    }

    proptest! {
        #[test]
        fn pieces_are_masked_like_the_whole(
            key in any::<[u8; 4]>(),
            pieces in vec(vec(any::<u8>(), 0..40), 0..6),
        ) {
            let whole = pieces.concat();
            let expected: Vec<u8> =
                whole.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
            let mut mask = Mask::new(Some(key));
            let mut masked = pieces;
            for piece in &mut masked {
                mask.apply(piece);
            }
            prop_assert_eq!(masked.concat(), expected);
        }
    }
}
