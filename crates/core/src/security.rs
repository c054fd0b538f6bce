//! The seam that makes a stream private and tells who is at the other end.

use std::future::Future;
use std::pin::Pin;

use peerloom_peer_id::{EncodedKey, PeerId};

use crate::{ByteStream, Error, Fault, Role, WrongPeer};

/// A protocol that secures a byte stream with the keys of both peers.
pub trait SecurityUpgrade: Send + Sync + 'static {
    /// The protocol's id, as multistream-select agrees on it (`/noise`, …).
    fn name(&self) -> &str;

    /// Shakes hands over `stream`.
    ///
    /// What was written to the stream before may not have been flushed, so that it leaves together with the
    /// first message of the handshake: who waits for the remote first has to flush.
    ///
    /// When `handshake.expected` names a peer and another one answers, a dialer stops before it
    /// has shown its own identity, where the protocol allows that.
    ///
    /// # Errors
    /// When the remote breaks the protocol, cannot prove its key, is not the expected peer
    /// ([`WrongPeer`](crate::WrongPeer) is the source), or the stream ends.
    fn secure(
        &self,
        stream: ByteStream,
        handshake: Handshake<'_>,
    ) -> impl Future<Output = Result<Secured, Error>> + Send;
}

/// What a handshake has to know.
#[derive(Clone, Copy, Debug)]
pub struct Handshake<'a> {
    /// Which end this is.
    pub role: Role,
    /// Who has to be at the other end, if that is known.
    pub expected: Option<&'a PeerId>,
    /// The muxers this side offers, in its order of preference, for protocols that can agree on
    /// one inside the handshake.
    pub muxers: &'a [&'a str],
}

impl Handshake<'_> {
    /// Makes sure that the peer who answered is the expected one, if there is one.
    ///
    /// # Errors
    /// [`WrongPeer`], as the failure of `layer`.
    pub fn check(&self, layer: &'static str, actual: PeerId) -> Result<(), Error> {
        match self.expected {
            Some(&expected) if expected != actual => {
                Err(Error::new(layer, Fault::Peer, WrongPeer { expected, actual }))
            }
            _ => Ok(()),
        }
    }
}

/// A secured stream and who is at its other end.
#[derive(Debug)]
pub struct Secured {
    /// What is written here is private and authentic.
    pub stream: ByteStream,
    /// The key that the remote proved to have; its peer id follows from it.
    pub remote_key: EncodedKey,
    /// The muxer, when the handshake has agreed on one.
    pub muxer: Option<String>,
}

/// A [`SecurityUpgrade`] whose type is forgotten.
pub struct BoxSecurityUpgrade(Box<dyn DynSecurityUpgrade>);

impl BoxSecurityUpgrade {
    /// Forgets the type.
    pub fn new(upgrade: impl SecurityUpgrade) -> Self {
        BoxSecurityUpgrade(Box::new(upgrade))
    }
}

impl SecurityUpgrade for BoxSecurityUpgrade {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn secure(&self, stream: ByteStream, handshake: Handshake<'_>) -> Result<Secured, Error> {
        self.0.secure(stream, handshake).await
    }
}

type Securing<'a> = Pin<Box<dyn Future<Output = Result<Secured, Error>> + Send + 'a>>;

trait DynSecurityUpgrade: Send + Sync {
    fn name(&self) -> &str;
    fn secure<'a>(&'a self, stream: ByteStream, handshake: Handshake<'a>) -> Securing<'a>;
}

impl<U: SecurityUpgrade> DynSecurityUpgrade for U {
    fn name(&self) -> &str {
        SecurityUpgrade::name(self)
    }

    fn secure<'a>(&'a self, stream: ByteStream, handshake: Handshake<'a>) -> Securing<'a> {
        Box::pin(SecurityUpgrade::secure(self, stream, handshake))
    }
}

#[cfg(test)]
mod tests {
    use peerloom_peer_id::KeyType;

    use super::*;

    #[test]
    fn nobody_but_the_expected_peer_is_taken_and_anybody_where_none_is() {
        let id = |byte| EncodedKey::new(KeyType::Ed25519, [byte; 32]).peer_id();
        let (one, other) = (id(1), id(2));
        let check = |expected, actual| {
            Handshake { role: Role::Listener, expected, muxers: &[] }.check("test", actual)
        };
        assert!(check(None, one).is_ok());
        assert!(check(Some(&one), one).is_ok());
        let error = check(Some(&one), other).unwrap_err();
        assert_eq!((error.layer(), error.fault()), ("test", Fault::Peer));
        assert_eq!(error.downcast_ref(), Some(&WrongPeer { expected: one, actual: other }));
    }
}
