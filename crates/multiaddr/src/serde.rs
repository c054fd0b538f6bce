//! Addresses in serde's formats: as text where people read, else as bytes.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::Multiaddr;

impl Serialize for Multiaddr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(self.as_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Multiaddr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(MultiaddrVisitor)
        } else {
            deserializer.deserialize_bytes(MultiaddrVisitor)
        }
    }
}

struct MultiaddrVisitor;

impl Visitor<'_> for MultiaddrVisitor {
    type Value = Multiaddr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a multiaddr")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Multiaddr, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Multiaddr, E> {
        bytes.try_into().map_err(E::custom)
    }
}
