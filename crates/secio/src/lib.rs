//! The secio handshake and its frames, for peers that speak nothing newer.
//!
//! [`Config`] secures a byte stream with the identity keys of both peers. **libp2p has given secio
//! up; where both sides have noise, use noise.** The README says what secio lacks.
//!
//! # Secrets that begin with zeros
//!
//! The specification leaves open whether a shared secret is stretched as wide as the curve's field,
//! as js and rust do, or without its leading zeros, as go and py do. So some handshakes between the
//! two fail: one in 256 on P-256, every second one on P-521. Here none does:
//!
//! - A *listener* waits for the dialer's ephemeral key before it makes its own, and draws until the
//!   secret has no leading zero. Then every implementation reads it alike. If 64 draws bring none,
//!   as on P-521 happens once in 2^64, the handshake fails with [`Error::NoSecret`].
//! - A *dialer* whose secret begins with a zero keeps both sets of keys, stretched from all of it
//!   and from what follows *all* of its leading zeros, and sends nothing under either before the
//!   tag of the listener's first frame has told which one it is.
//!
//! Neither costs a round trip, as each would have waited there anyway. It takes a listener that
//! sends its first frame without waiting for the dialer's, which all known ones do.
//!
//! # Who speaks first
//!
//! A listener proposes at once. A dialer waits for that proposal, checks the key in it against the
//! peer that it expects, and sends its own together with its exchange: the wrong peer does not
//! learn who called, and it takes no longer. Again, all known listeners propose without waiting.
//!
//! Specification: <https://github.com/libp2p/specs/blob/master/secio/README.md>

mod algorithm;
mod error;
mod frame;
mod handshake;
mod message;
mod upgrade;

pub use algorithm::{Cipher, Exchange, Hash, Kind, UnknownName};
pub use error::{Error, Message};
pub use upgrade::Config;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
