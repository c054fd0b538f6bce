//! Addresses as text.

use std::fmt;
use std::str::FromStr;

use crate::value::{Value, excerpt};
use crate::{Error, MAX_LENGTH, Multiaddr, PeerId, Protocol};

/// `/ip4/127.0.0.1/tcp/80`; slashes at the end are passed over.
impl FromStr for Multiaddr {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut rest = text.trim_end_matches('/');
        if rest.is_empty() {
            return Err(Error::Empty);
        }
        if !rest.starts_with('/') {
            return Err(Error::NoLeadingSlash(excerpt(text)));
        }
        let mut bytes = Vec::new();
        while !rest.is_empty() {
            Protocol::parse(&mut rest)?.encode(&mut bytes);
            if MAX_LENGTH < bytes.len() {
                return Err(Error::TooLong);
            }
        }
        Ok(Multiaddr::from_checked(bytes))
    }
}

impl TryFrom<&str> for Multiaddr {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for Multiaddr {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

/// The canonical text; `/` for the empty address.
impl fmt::Display for Multiaddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("/");
        }
        self.iter().try_for_each(|part| write!(f, "{part}"))
    }
}

impl fmt::Debug for Multiaddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Multiaddr({self})")
    }
}

/// Takes `/name` from the front.
pub(crate) fn take_name<'a>(input: &mut &'a str) -> Result<&'a str, Error> {
    take_part(input).ok_or(Error::EmptyPart)
}

/// Takes `/value` from the front, or everything but a peer at the end when the value is a path.
pub(crate) fn take_text<'a, V: Value<'a>>(
    name: &'static str,
    input: &mut &'a str,
) -> Result<V, Error> {
    let value = if V::TAKES_REST {
        let (path, peer) = split_path(input);
        *input = peer;
        Some(path).filter(|path| !path.is_empty())
    } else {
        take_part(input)
    };
    V::parse(value.ok_or(Error::MissingValue(name))?)
        .map_err(|problem| Error::Value { protocol: name, problem })
}

/// A path that takes the rest of a text, and the `/p2p/<peer id>` behind it, if that is how it ends.
pub(crate) fn split_path(text: &str) -> (&str, &str) {
    let path = text.rsplit_once('/').and_then(|(before, last)| {
        let path = before.strip_suffix("/p2p").or_else(|| before.strip_suffix("/ipfs"))?;
        (!path.is_empty() && last.parse::<PeerId>().is_ok()).then_some(path)
    });
    text.split_at(path.map_or(text.len(), str::len))
}

fn take_part<'a>(input: &mut &'a str) -> Option<&'a str> {
    let rest = input.strip_prefix('/')?;
    let (part, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    *input = rest;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(text.parse::<Multiaddr>().unwrap_err().to_string(), message);
    }

    #[test]
    fn errors_name_the_part_and_what_is_wrong() {
        refused("/", "an address has at least one part, such as /ip4/127.0.0.1");
        refused("ip4/1.2.3.4", "an address begins with a slash, \"ip4/1.2.3.4\" does not");
        refused("/foo/1", "unknown protocol foo");
        refused("/ip4", "protocol ip4 needs a value");
        refused("/unix", "protocol unix needs a value");
        refused("/ip4/1.2.3.4/tcp/70000", "protocol tcp: port 70000 is above 65535");
        refused("/ip4/1.2.3.4/tcp/+80", "protocol tcp: port \"+80\" is not a number");
        refused("/ip4/1.2.3.4/ipcidr/256", "protocol ipcidr: prefix length 256 is above 255");
        refused("/ip4/1.2.3.4.5", "protocol ip4: \"1.2.3.4.5\" is no IPv4 address");
        refused("/ip6/fe80::1%eth0", "protocol ip6: \"fe80::1%eth0\" is no IPv6 address");
        refused(
            "/ip4/1.2.3.4//tcp/1",
            "two slashes follow each other where the name of a protocol should stand",
        );
        refused(
            "/ipfs/x",
            "protocol ipfs: no peer id, no encoding that is known here has the prefix 'x'",
        );
        refused("/http-path/%f", "protocol http-path: a % is written as %25");
        refused(
            "/ether/acfdec0b7cfe",
            "protocol ether: \"acfdec0b7cfe\" is no MAC address such as ac:fd:ec:0b:7c:fe",
        );
    }

    #[test]
    fn an_error_shows_only_the_beginning_of_a_long_text() {
        let error = format!("/{}", "x".repeat(10_000)).parse::<Multiaddr>().unwrap_err();
        assert!(error.to_string().len() < 100);
    }

    #[test]
    fn a_text_of_a_longer_address_than_bytes_may_have_is_refused() {
        assert_eq!("/ws".repeat(MAX_LENGTH).parse::<Multiaddr>(), Err(Error::TooLong));
    }

    #[test]
    fn every_spelling_has_one_canonical_form() {
        for (text, canonical) in [
            ("/ip4/1.2.3.4/tcp/0080///", "/ip4/1.2.3.4/tcp/80"),
            ("/ip6/2001:DB8:0:0::1", "/ip6/2001:db8::1"),
            ("/ip6/::ffff:7f00:1", "/ip6/::ffff:127.0.0.1"),
            ("/http-path/a%2fb+c%20d", "/http-path/a%2Fb%2Bc%20d"),
            ("/ether/AC:FD:EC:0B:7C:FE", "/ether/ac:fd:ec:0b:7c:fe"),
            ("/onion/TIMAQ4YGG2IEGCI7:080", "/onion/timaq4ygg2iegci7:80"),
            ("/unix//a//b/", "/unix//a//b"),
        ] {
            assert_eq!(text.parse::<Multiaddr>().unwrap().to_string(), canonical);
        }
        assert_eq!(Multiaddr::empty().to_string(), "/");
    }
}
