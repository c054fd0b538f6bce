//! The address of a network card.

use std::borrow::Cow;
use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::{Value, array, excerpt};
use crate::ValueError;

/// The address of a network card, in text six pairs of hexadecimal digits with colons between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.map(|byte| format!("{byte:02x}")).join(":"))
    }
}

impl Value<'_> for MacAddress {
    const LENGTH: Option<usize> = Some(6);
    type Owned = Self;

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        array(bytes, "6").map(MacAddress)
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let pairs = text.split(':').map(|pair| {
            let byte = HEXLOWER_PERMISSIVE.decode(pair.as_bytes()).ok()?;
            (byte.len() == 1).then_some(byte)
        });
        let bytes =
            pairs.collect::<Option<Vec<_>>>().and_then(|bytes| bytes.concat().try_into().ok());
        bytes.map(MacAddress).ok_or_else(|| ValueError::NotMac(excerpt(text)))
    }

    fn encode(&self) -> Cow<'_, [u8]> {
        self.0[..].into()
    }

    fn into_owned(self) -> Self {
        self
    }
}
