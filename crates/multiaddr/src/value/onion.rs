//! Onion services of Tor: an address and a port in one value.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU16;

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};

use super::{Value, parse_number};
use crate::ValueError;

/// An onion service of version 2.
pub type Onion = OnionService<10>;

/// An onion service of version 3: public key, checksum and version.
///
/// Whether the checksum is right is not looked at, as in other implementations.
pub type Onion3 = OnionService<35>;

/// An onion service, `address:port` in text, the address in base32 without `.onion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OnionService<const N: usize> {
    /// The service's name, decoded.
    pub address: [u8; N],
    /// The port that it serves.
    pub port: NonZeroU16,
}

impl<const N: usize> fmt::Display for OnionService<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = BASE32_NOPAD.encode(&self.address).to_ascii_lowercase();
        write!(f, "{address}:{}", self.port)
    }
}

impl<const N: usize> Value<'_> for OnionService<N> {
    const LENGTH: Option<usize> = Some(N + 2);
    type Owned = Self;

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        let wrong =
            || ValueError::Length { expected: "an address and a port", actual: bytes.len() };
        let (address, port) = bytes.split_first_chunk().ok_or_else(wrong)?;
        let port = u16::from_be_bytes(port.try_into().map_err(|_| wrong())?);
        let port = NonZeroU16::new(port).ok_or(ValueError::ZeroPort)?;
        Ok(OnionService { address: *address, port })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let (address, port) = text.split_once(':').ok_or(ValueError::NoPort)?;
        let port =
            NonZeroU16::new(parse_number(port, "port", u16::MAX)?).ok_or(ValueError::ZeroPort)?;
        let address = BASE32_NOPAD_NOCASE
            .decode(address.as_bytes())
            .map_err(|_| ValueError::NotEncoded("base32"))?;
        let address = address.try_into().map_err(|address: Vec<u8>| ValueError::Length {
            expected: "those of an onion service of this version",
            actual: address.len(),
        })?;
        Ok(OnionService { address, port })
    }

    fn encode(&self) -> Cow<'_, [u8]> {
        [&self.address[..], &self.port.get().to_be_bytes()].concat().into()
    }

    fn into_owned(self) -> Self {
        self
    }
}
