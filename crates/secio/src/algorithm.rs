//! The algorithms that peers agree on by name, and how they agree.

use std::fmt;
use std::str::FromStr;

use peerloom_crypto::Curve;

use crate::Error;

/// A curve on which the peers agree on a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

/// A cipher that hides what is sent, in counter mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// AES with a key of 256 bits.
    Aes256,
    /// AES with a key of 128 bits.
    Aes128,
    /// Blowfish, for peers of the first years. Its blocks of 64 bits begin to tell about what they hide after some 32 GiB.
    Blowfish,
}

/// The hash function under keys and tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-256; a tag has 32 bytes.
    Sha256,
    /// SHA-512; a tag has 64 bytes.
    Sha512,
}

/// What peers have to have one of in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An [`Exchange`].
    Exchange,
    /// A [`Cipher`].
    Cipher,
    /// A [`Hash`](enum@Hash).
    Hash,
}

/// A name that no algorithm of its kind has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} {name:?}; there are: {}", known(*.kind))]
pub struct UnknownName {
    /// Of which kind.
    pub kind: Kind,
    /// The name.
    pub name: String,
}

/// What this side offers, in its order of preference.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) ciphers: Vec<Cipher>,
    pub(crate) hashes: Vec<Hash>,
}

/// What both sides use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suite {
    pub(crate) exchange: Exchange,
    pub(crate) cipher: Cipher,
    pub(crate) hash: Hash,
}

/// An algorithm with a name on the wire.
pub(crate) trait Algorithm: Copy + 'static {
    const KIND: Kind;
    const ALL: &'static [Self];

    fn name(self) -> &'static str;
}

impl Default for Offer {
    fn default() -> Self {
        Offer {
            exchanges: vec![Exchange::P256, Exchange::P384, Exchange::P521],
            // As strong as P-256, which stands first above, and a third faster than the other.
            ciphers: vec![Cipher::Aes128, Cipher::Aes256],
            hashes: vec![Hash::Sha256, Hash::Sha512],
        }
    }
}

/// The names of a list as they stand in a proposal.
pub(crate) fn names<A: Algorithm>(list: &[A]) -> String {
    list.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(",")
}

fn named<A: Algorithm>(name: &str) -> Result<A, UnknownName> {
    let found = A::ALL.iter().copied().find(|known| known.name() == name);
    found.ok_or_else(|| UnknownName { kind: A::KIND, name: name.to_owned() })
}

/// The names that there are, for people.
fn known(kind: Kind) -> String {
    let names = match kind {
        Kind::Exchange => Exchange::ALL.map(Exchange::name).to_vec(),
        Kind::Cipher => Cipher::ALL.map(Cipher::name).to_vec(),
        Kind::Hash => Hash::ALL.map(Hash::name).to_vec(),
    };
    names.join(", ")
}

/// The first algorithm of the preferred side's list that the other side has too.
///
/// [Determining roles and algorithms](https://github.com/libp2p/specs/blob/master/secio/README.md#determining-roles-and-algorithms).
pub(crate) fn choose<A: Algorithm>(
    ours: &[A],
    theirs: &str,
    we_are_preferred: bool,
) -> Result<A, Error> {
    let find = |name: &str| ours.iter().copied().find(|own| own.name() == name);
    let chosen = if we_are_preferred {
        ours.iter().copied().find(|own| theirs.split(',').any(|name| own.name() == name))
    } else {
        theirs.split(',').find_map(find)
    };
    chosen.ok_or_else(|| Error::NothingInCommon {
        kind: A::KIND,
        ours: names(ours),
        theirs: theirs.to_owned(),
    })
}

impl Exchange {
    /// Every one that there is.
    pub const ALL: [Self; 3] = [Exchange::P256, Exchange::P384, Exchange::P521];
}

impl Algorithm for Exchange {
    const KIND: Kind = Kind::Exchange;
    const ALL: &'static [Self] = &Exchange::ALL;

    fn name(self) -> &'static str {
        match self {
            Exchange::P256 => "P-256",
            Exchange::P384 => "P-384",
            Exchange::P521 => "P-521",
        }
    }
}

impl Cipher {
    /// Every one that there is.
    pub const ALL: [Self; 3] = [Cipher::Aes256, Cipher::Aes128, Cipher::Blowfish];
}

impl Algorithm for Cipher {
    const KIND: Kind = Kind::Cipher;
    const ALL: &'static [Self] = &Cipher::ALL;

    fn name(self) -> &'static str {
        match self {
            Cipher::Aes256 => "AES-256",
            Cipher::Aes128 => "AES-128",
            Cipher::Blowfish => "Blowfish",
        }
    }
}

impl Hash {
    /// Every one that there is.
    pub const ALL: [Self; 2] = [Hash::Sha256, Hash::Sha512];
}

impl Algorithm for Hash {
    const KIND: Kind = Kind::Hash;
    const ALL: &'static [Self] = &Hash::ALL;

    fn name(self) -> &'static str {
        match self {
            Hash::Sha256 => "SHA256",
            Hash::Sha512 => "SHA512",
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Exchange {
    type Err = UnknownName;

    /// Reads the name that it has on the wire.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        named(name)
    }
}

impl fmt::Display for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Cipher {
    type Err = UnknownName;

    /// Reads the name that it has on the wire.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        named(name)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Hash {
    type Err = UnknownName;

    /// Reads the name that it has on the wire.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        named(name)
    }
}

impl From<Exchange> for Curve {
    fn from(exchange: Exchange) -> Curve {
        match exchange {
            Exchange::P256 => Curve::P256,
            Exchange::P384 => Curve::P384,
            Exchange::P521 => Curve::P521,
        }
    }
}

impl From<Cipher> for peerloom_crypto::Cipher {
    fn from(cipher: Cipher) -> Self {
        match cipher {
            Cipher::Aes256 => Self::Aes256,
            Cipher::Aes128 => Self::Aes128,
            Cipher::Blowfish => Self::Blowfish,
        }
    }
}

impl From<Hash> for peerloom_crypto::Hash {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::Sha256,
            Hash::Sha512 => Self::Sha512,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Exchange => "key exchange",
            Kind::Cipher => "cipher",
            Kind::Hash => "hash",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_sides_order_decides() {
        let ours = [Cipher::Aes256, Cipher::Aes128];
        let theirs = "Blowfish,AES-128,AES-256";
        assert_eq!(choose(&ours, theirs, true).unwrap(), Cipher::Aes256);
        assert_eq!(choose(&ours, theirs, false).unwrap(), Cipher::Aes128);
    }

    #[test]
    fn a_name_counts_only_as_it_is() {
        for theirs in ["", ",", "p-256", " P-256", "P-2560", "P-256;P-384"] {
            for preferred in [true, false] {
                let error = choose(&[Exchange::P256], theirs, preferred).unwrap_err();
                let Error::NothingInCommon { kind: Kind::Exchange, ours, theirs: shown } = error
                else {
                    panic!("{error:?}")
                };
                assert_eq!((ours.as_str(), shown.as_str()), ("P-256", theirs));
            }
        }
        assert!(choose(&[Cipher::Aes128], "NULL", false).is_err());
    }

    #[test]
    fn every_algorithm_is_read_by_the_name_it_is_shown_with() {
        assert!(Exchange::ALL.iter().all(|own| own.to_string().parse() == Ok(*own)));
        assert!(Cipher::ALL.iter().all(|own| own.to_string().parse() == Ok(*own)));
        assert!(Hash::ALL.iter().all(|own| own.to_string().parse() == Ok(*own)));
        assert_eq!(
            "NULL".parse::<Cipher>().unwrap_err().to_string(),
            r#"unknown cipher "NULL"; there are: AES-256, AES-128, Blowfish"#
        );
        for name in ["", "p-256", " P-256", "AES-128"] {
            let error = name.parse::<Exchange>().unwrap_err();
            assert_eq!(error, UnknownName { kind: Kind::Exchange, name: name.to_owned() });
        }
    }
}
