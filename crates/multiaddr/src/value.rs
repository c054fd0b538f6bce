//! How the value of a protocol is read and written, and the values that there are types for already.

mod certhash;
mod checked;
mod garlic;
mod http_path;
mod mac;
mod name;
mod onion;

use std::borrow::Cow;
use std::fmt::Display;
use std::net::{Ipv4Addr, Ipv6Addr};

use peerloom_peer_id::PeerId;

pub use certhash::Certhash;
pub use garlic::{Garlic32, Garlic64};
pub use http_path::HttpPath;
pub use mac::MacAddress;
pub use name::{Name, UnixPath};
pub use onion::{Onion, Onion3, OnionService};

use crate::ValueError;

/// A value that stands behind a protocol's name or code; `Display` is its canonical text.
pub(crate) trait Value<'a>: Display + Sized {
    /// How many bytes it has, `None` when its length stands before it.
    const LENGTH: Option<usize>;
    /// Whether it takes the rest of a text, slashes and all.
    const TAKES_REST: bool = false;
    /// The same without a borrow.
    type Owned;

    fn decode(bytes: &'a [u8]) -> Result<Self, ValueError>;
    fn parse(text: &'a str) -> Result<Self, ValueError>;
    fn encode(&self) -> Cow<'_, [u8]>;
    fn into_owned(self) -> Self::Owned;
}

impl Value<'_> for Ipv4Addr {
    const LENGTH: Option<usize> = Some(4);
    type Owned = Self;

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        array(bytes, "4").map(<[u8; 4]>::into)
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        text.parse().map_err(|_| ValueError::NotIp4(excerpt(text)))
    }

    fn encode(&self) -> Cow<'_, [u8]> {
        self.octets().to_vec().into()
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Value<'_> for Ipv6Addr {
    const LENGTH: Option<usize> = Some(16);
    type Owned = Self;

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        array(bytes, "16").map(<[u8; 16]>::into)
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        text.parse().map_err(|_| ValueError::NotIp6(excerpt(text)))
    }

    fn encode(&self) -> Cow<'_, [u8]> {
        self.octets().to_vec().into()
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// A port.
impl Value<'_> for u16 {
    const LENGTH: Option<usize> = Some(2);
    type Owned = Self;

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        array(bytes, "2").map(u16::from_be_bytes)
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        parse_number(text, "port", u16::MAX)
    }

    fn encode(&self) -> Cow<'_, [u8]> {
        self.to_be_bytes().to_vec().into()
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// The length of a network's prefix.
impl Value<'_> for u8 {
    const LENGTH: Option<usize> = Some(1);
    type Owned = Self;

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        array(bytes, "1").map(u8::from_be_bytes)
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        parse_number(text, "prefix length", u16::from(u8::MAX))
    }

    fn encode(&self) -> Cow<'_, [u8]> {
        vec![*self].into()
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl Value<'_> for PeerId {
    const LENGTH: Option<usize> = None;
    type Owned = Self;

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        PeerId::from_bytes(bytes).map_err(ValueError::PeerId)
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        text.parse().map_err(ValueError::PeerId)
    }

    fn encode(&self) -> Cow<'_, [u8]> {
        self.as_bytes().into()
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// A value of a fixed length; `expected` is that length, to name it.
pub(crate) fn array<const N: usize>(
    bytes: &[u8],
    expected: &'static str,
) -> Result<[u8; N], ValueError> {
    bytes.try_into().map_err(|_| ValueError::Length { expected, actual: bytes.len() })
}

/// A decimal number without a sign, not above `max`.
pub(crate) fn parse_number<N: TryFrom<u16>>(
    text: &str,
    what: &'static str,
    max: u16,
) -> Result<N, ValueError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ValueError::NotNumber { what, text: excerpt(text) });
    }
    let number = text.parse().ok().filter(|number: &u16| *number <= max);
    number.and_then(|number| number.try_into().ok()).ok_or_else(|| ValueError::TooLarge {
        what,
        text: excerpt(text),
        max,
    })
}

/// As much of somebody else's text as an error should show, without what could do harm there.
pub(crate) fn excerpt(text: &str) -> String {
    let harmless = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().take(MAX_EXCERPT).map(harmless).collect()
}

/// Longer than any name, IP address or number that is right.
const MAX_EXCERPT: usize = 64;
