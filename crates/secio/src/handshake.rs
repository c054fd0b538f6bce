//! The handshake: one consuming step a message; no I/O, no clock, and no randomness of its own.
//!
//! ```text
//!            dialer                                       listener
//!          Proposing ◀──────────── proposal ───────────── Proposing
//!    Proposing::receive                                       │
//!     Introduced::choose                                      │
//!       Chosen::send ─────────── proposal ──────────────▶ Proposing::receive, Introduced::choose
//!            │ ───────────────── exchange ──────────────▶ Chosen::receive
//!         Exchanging                                      Answering::draw
//! Exchanging::receive ◀──── exchange, first frame ─────── Answering::send
//!   Deciding::receive                                         │
//!            Channel ───────────── first frame ─────────▶ Channel::receive
//! ```
//!
//! Either side may send its proposal first and its exchange first; this is the order in which ours do.
//!
//! [Protocol](https://github.com/libp2p/specs/blob/master/secio/README.md#protocol).

use peerloom_crypto::ecdh::SecretKey;
use peerloom_crypto::{Curve, Sha256, is_equal};
use peerloom_identity::{Keypair, PublicKey};
use peerloom_peer_id::EncodedKey;
use peerloom_record_stream::{Open, Seal};
use zeroize::Zeroizing;

use crate::Error;
use crate::algorithm::{Offer, Suite, choose};
use crate::frame::{FrameCipher, stretch};
use crate::message::{NONCE, Proposal, Proposed, SignedPoint};

/// A side that has made its proposal.
pub(crate) struct Proposing<'a> {
    keypair: &'a Keypair,
    offer: &'a Offer,
    own: Proposal,
}

/// A side that has both proposals, and so knows who the remote claims to be.
pub(crate) struct Introduced<'a> {
    proposing: Proposing<'a>,
    theirs: Proposed,
    we_are_preferred: bool,
}

/// A side that knows what is agreed on.
pub(crate) struct Chosen<'a> {
    keypair: &'a Keypair,
    own: Proposal,
    remote: Proposal,
    remote_key: PublicKey,
    remote_encoded_key: EncodedKey,
    suite: Suite,
    we_are_preferred: bool,
}

/// A dialer that has sent its exchange.
pub(crate) struct Exchanging<'a> {
    chosen: Chosen<'a>,
    ephemeral: SecretKey,
}

/// A listener that has the dialer's exchange, and not made its own.
pub(crate) struct Answering<'a> {
    chosen: Chosen<'a>,
    remote_point: Vec<u8>,
}

/// An ephemeral key, and the secret that it leads to.
pub(crate) struct Agreement {
    point: Vec<u8>,
    /// As wide as the curve's field.
    secret: Zeroizing<Vec<u8>>,
}

/// A dialer that has both exchanges. The listener's first frame tells how it reads the secret.
pub(crate) struct Deciding {
    full: Channel,
    /// Without the leading zeros, when there are any.
    stripped: Option<Channel>,
}

/// The keys for what follows the handshake.
pub(crate) struct Channel {
    /// Seals what this side sends.
    pub(crate) sealer: FrameCipher,
    /// Opens what the remote sends.
    pub(crate) opener: FrameCipher,
    /// The key that the remote has signed with.
    pub(crate) remote_key: EncodedKey,
    own_nonce: [u8; NONCE],
    remote_nonce: [u8; NONCE],
}

impl<'a> Proposing<'a> {
    /// Begins; `nonce` has to be random.
    pub(crate) fn new(keypair: &'a Keypair, offer: &'a Offer, nonce: [u8; NONCE]) -> Self {
        Proposing { keypair, offer, own: Proposal::new(keypair.public_key(), offer, nonce) }
    }

    /// What to send.
    pub(crate) fn proposal(&self) -> &[u8] {
        &self.own.bytes
    }

    /// Takes the remote's proposal.
    pub(crate) fn receive(self, message: Vec<u8>) -> Result<Introduced<'a>, Error> {
        let theirs = Proposed::decode(message)?;
        let we_are_preferred = are_we_preferred(&self.own, &theirs.proposal)?;
        Ok(Introduced { proposing: self, theirs, we_are_preferred })
    }
}

impl<'a> Introduced<'a> {
    /// The key that the remote claims to have.
    pub(crate) fn claimed_key(&self) -> &EncodedKey {
        &self.theirs.encoded_key
    }

    /// Chooses the algorithms.
    pub(crate) fn choose(self) -> Result<Chosen<'a>, Error> {
        let Introduced { proposing, theirs, we_are_preferred } = self;
        let Proposing { keypair, offer, own } = proposing;
        let suite = Suite {
            exchange: choose(&offer.exchanges, &theirs.exchanges, we_are_preferred)?,
            cipher: choose(&offer.ciphers, &theirs.ciphers, we_are_preferred)?,
            hash: choose(&offer.hashes, &theirs.hashes, we_are_preferred)?,
        };
        let Proposed { proposal: remote, key: remote_key, encoded_key, .. } = theirs;
        let remote_encoded_key = encoded_key;
        Ok(Chosen { keypair, own, remote, remote_key, remote_encoded_key, suite, we_are_preferred })
    }
}

impl<'a> Chosen<'a> {
    /// The curve of the ephemeral keys.
    pub(crate) fn curve(&self) -> Curve {
        self.suite.exchange.into()
    }

    /// What to send, for a side that has not sent it before.
    pub(crate) fn proposal(&self) -> &[u8] {
        &self.own.bytes
    }

    /// The dialer's exchange.
    pub(crate) fn send(self, ephemeral: SecretKey) -> Result<(Vec<u8>, Exchanging<'a>), Error> {
        let message = self.sign(ephemeral.public_point())?;
        Ok((message, Exchanging { chosen: self, ephemeral }))
    }

    /// Takes the dialer's exchange.
    pub(crate) fn receive(self, message: &[u8]) -> Result<Answering<'a>, Error> {
        let remote_point = self.verify(message)?;
        Ok(Answering { chosen: self, remote_point })
    }

    fn sign(&self, point: &[u8]) -> Result<Vec<u8>, Error> {
        let corpus = [&self.own.bytes, &self.remote.bytes, point].concat();
        let signature = self.keypair.sign(&corpus).map_err(|e| Error::Signing(e.into()))?;
        Ok(SignedPoint { point: point.to_vec(), signature }.encode())
    }

    /// The remote's ephemeral key, which it has signed.
    fn verify(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let SignedPoint { point, signature } = SignedPoint::decode(message)?;
        let corpus = [&*self.remote.bytes, &self.own.bytes, &point].concat();
        self.remote_key.verify(&corpus, &signature).map_err(|_| Error::Signature)?;
        Ok(point)
    }

    fn channel(&self, secret: &[u8]) -> Result<Channel, Error> {
        let (preferred, other) = stretch(self.suite, secret).map_err(Error::Key)?;
        let (sealer, opener) =
            if self.we_are_preferred { (preferred, other) } else { (other, preferred) };
        Ok(Channel {
            sealer,
            opener,
            remote_key: self.remote_encoded_key.clone(),
            own_nonce: self.own.nonce,
            remote_nonce: self.remote.nonce,
        })
    }
}

impl Exchanging<'_> {
    /// Takes the listener's exchange.
    pub(crate) fn receive(self, message: &[u8]) -> Result<Deciding, Error> {
        let Exchanging { chosen, ephemeral } = self;
        let agreement = Agreement::new(&ephemeral, &chosen.verify(message)?)?;
        let stripped = agreement.stripped().map(|secret| chosen.channel(secret)).transpose()?;
        Ok(Deciding { full: chosen.channel(&agreement.secret)?, stripped })
    }
}

impl Answering<'_> {
    /// Draws ephemeral keys until one leads to a secret without a leading zero, which all
    /// implementations read alike.
    pub(crate) fn draw(
        &self,
        mut generate: impl FnMut(Curve) -> Result<SecretKey, peerloom_crypto::Error>,
    ) -> Result<Agreement, Error> {
        for _ in 0..MAX_DRAWS {
            let ephemeral = generate(self.chosen.curve()).map_err(Error::Key)?;
            let agreement = Agreement::new(&ephemeral, &self.remote_point)?;
            if agreement.stripped().is_none() {
                return Ok(agreement);
            }
        }
        Err(Error::NoSecret(MAX_DRAWS))
    }

    /// The listener's exchange.
    pub(crate) fn send(self, agreement: &Agreement) -> Result<(Vec<u8>, Channel), Error> {
        let message = self.chosen.sign(&agreement.point)?;
        Ok((message, self.chosen.channel(&agreement.secret)?))
    }
}

impl Agreement {
    fn new(ephemeral: &SecretKey, remote_point: &[u8]) -> Result<Self, Error> {
        let secret = ephemeral.agree(remote_point).map_err(Error::EphemeralKey)?;
        Ok(Agreement { point: ephemeral.public_point().to_vec(), secret })
    }

    /// The secret without its leading zeros, when it has any.
    fn stripped(&self) -> Option<&[u8]> {
        let zeros = self.secret.iter().take_while(|byte| **byte == 0).count();
        if zeros == 0 { None } else { self.secret.get(zeros..) }
    }
}

impl Deciding {
    /// Takes the listener's first frame, which is sealed under one of the two sets of keys.
    pub(crate) fn receive(self, frame: &mut [u8]) -> Result<Channel, Error> {
        let Deciding { mut full, stripped } = self;
        match (full.receive(frame), stripped) {
            // A frame with a false tag is as it was.
            (Err(Error::ForgedFrame), Some(mut stripped)) => {
                stripped.receive(frame).map(|()| stripped)
            }
            (outcome, _) => outcome.map(|()| full),
        }
    }
}

impl Channel {
    /// The first frame of this side, without its length: it returns the remote's nonce.
    pub(crate) fn first_frame(&mut self) -> Result<Vec<u8>, Error> {
        let mut frame = self.remote_nonce.to_vec();
        frame.resize(NONCE + peerloom_record_stream::Format::overhead(&self.sealer), 0);
        self.sealer.seal(&mut frame)?;
        Ok(frame)
    }

    /// Takes the remote's first frame.
    pub(crate) fn receive(&mut self, frame: &mut [u8]) -> Result<(), Error> {
        let length = self.opener.open(frame)?;
        let echo = frame.get(..length).unwrap_or_default();
        if is_equal(echo, &self.own_nonce) { Ok(()) } else { Err(Error::NonceEcho) }
    }
}

/// Whether the local side's preferences and the first set of keys are used.
///
/// [Determining roles and algorithms](https://github.com/libp2p/specs/blob/master/secio/README.md#determining-roles-and-algorithms).
fn are_we_preferred(own: &Proposal, remote: &Proposal) -> Result<bool, Error> {
    let rank = |key: &[u8], nonce: &[u8]| {
        let mut hasher = Sha256::new();
        hasher.update(key);
        hasher.update(nonce);
        hasher.finish()
    };
    let (ours, theirs) = (rank(&remote.key, &own.nonce), rank(&own.key, &remote.nonce));
    if ours == theirs { Err(Error::TalkingToOneself) } else { Ok(ours > theirs) }
}

/// How many ephemeral keys a listener tries. On P-521, where every second secret has a leading zero, no honest
/// handshake fails more often than once in 2^64.
const MAX_DRAWS: usize = 64;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use peerloom_record_stream::Format;
    use serde_json::Value;

    use super::*;
    use crate::algorithm::Algorithm;
    use crate::{Cipher, Exchange, Hash};

    /// One side of a recorded conversation.
    struct Recorded {
        keypair: Keypair,
        nonce: [u8; NONCE],
        ephemeral: SecretKey,
        /// Without their lengths: proposal, exchange, first frame and data.
        sent: Vec<Vec<u8>>,
        data: Vec<Vec<u8>>,
    }

    impl Recorded {
        fn read(side: &Value, curve: Curve) -> Self {
            let all = |list: &Value| list.as_array().unwrap().iter().map(unhex).collect();
            let framed: Vec<Vec<u8>> = all(&side["sent"]);
            let unframed = |frame: Vec<u8>| {
                let (length, message) = frame.split_first_chunk().unwrap();
                assert_eq!(u32::from_be_bytes(*length) as usize, message.len());
                message.to_vec()
            };
            Recorded {
                keypair: Keypair::from_protobuf(&unhex(&side["identity"])).unwrap(),
                nonce: unhex(&side["nonce"]).try_into().unwrap(),
                ephemeral: SecretKey::from_scalar(curve, &unhex(&side["ephemeral"])).unwrap(),
                sent: framed.into_iter().map(unframed).collect(),
                data: all(&side["data"]),
            }
        }

        fn choose<'a>(&'a self, offer: &'a Offer, other: &Recorded) -> Chosen<'a> {
            let proposing = Proposing::new(&self.keypair, offer, self.nonce);
            assert_eq!(proposing.proposal(), self.sent[0]);
            proposing.receive(other.sent[0].clone()).unwrap().choose().unwrap()
        }

        /// What follows the exchanges.
        fn talk(&self, mut channel: Channel, other: &Recorded) {
            assert_eq!(channel.remote_key, other.keypair.public_key().encode());
            assert_eq!(channel.first_frame().unwrap(), self.sent[2]);
            assert_eq!(
                (self.sent.len(), other.sent.len()),
                (3 + self.data.len(), 3 + other.data.len())
            );
            for (data, sent) in self.data.iter().zip(&self.sent[3..]) {
                let mut frame = [&data[..], &vec![0; channel.sealer.overhead()]].concat();
                channel.sealer.seal(&mut frame).unwrap();
                assert_eq!(frame, *sent);
            }
            for (data, sent) in other.data.iter().zip(&other.sent[3..]) {
                let mut frame = sent.clone();
                let length = channel.opener.open(&mut frame).unwrap();
                assert_eq!(frame[..length], *data);
            }
        }
    }

    fn unhex(value: &Value) -> Vec<u8> {
        let text = value.as_str().unwrap();
        let byte = |index| u8::from_str_radix(&text[index..index + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(byte).collect()
    }

    fn named<A: Algorithm>(all: &[A], name: &Value) -> A {
        *all.iter().find(|algorithm| Some(algorithm.name()) == name.as_str()).unwrap()
    }

    const EXCHANGES: [Exchange; 3] = [Exchange::P256, Exchange::P384, Exchange::P521];
    const CIPHERS: [Cipher; 3] = [Cipher::Aes256, Cipher::Aes128, Cipher::Blowfish];
    const HASHES: [Hash; 2] = [Hash::Sha256, Hash::Sha512];

    #[test]
    fn both_sides_say_what_go_says_whatever_the_algorithms() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
        let (mut suites, mut with_leading_zeros) = (Vec::new(), 0);
        for file in fs::read_dir(folder).unwrap() {
            let vector: Value =
                serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
            let suite = Suite {
                exchange: named(&EXCHANGES, &vector["exchange"]),
                cipher: named(&CIPHERS, &vector["cipher"]),
                hash: named(&HASHES, &vector["hash"]),
            };
            let offer = Offer {
                exchanges: vec![suite.exchange],
                ciphers: vec![suite.cipher],
                hashes: vec![suite.hash],
            };
            let side = |name| Recorded::read(&vector[name], suite.exchange.into());
            let (dialer, listener) = (side("dialer"), side("listener"));

            let answering = listener.choose(&offer, &dialer).receive(&dialer.sent[1]).unwrap();
            let mut agreement =
                Agreement::new(&listener.ephemeral, &answering.remote_point).unwrap();
            // We would have drawn another key; go reads such a secret without its zeros.
            if let Some(stripped) = agreement.stripped() {
                agreement.secret = Zeroizing::new(stripped.to_vec());
                with_leading_zeros += 1;
            }
            let (exchange, mut channel) = answering.send(&agreement).unwrap();
            assert_eq!(exchange, listener.sent[1]);
            channel.receive(&mut dialer.sent[2].clone()).unwrap();
            listener.talk(channel, &dialer);

            let ephemeral = SecretKey::from_scalar(
                suite.exchange.into(),
                &unhex(&vector["dialer"]["ephemeral"]),
            );
            let (exchange, exchanging) =
                dialer.choose(&offer, &listener).send(ephemeral.unwrap()).unwrap();
            assert_eq!(exchange, dialer.sent[1]);
            let deciding = exchanging.receive(&listener.sent[1]).unwrap();
            let channel = deciding.receive(&mut listener.sent[2].clone()).unwrap();
            dialer.talk(channel, &listener);
            suites.push(suite);
        }
        for exchange in EXCHANGES {
            for cipher in CIPHERS {
                for hash in HASHES {
                    assert!(suites.contains(&Suite { exchange, cipher, hash }));
                }
            }
        }
        assert!(4 <= with_leading_zeros, "{with_leading_zeros}");
    }

    /// Two peers that have chosen, in this crate's own steps.
    struct Pair {
        dialer: Keypair,
        listener: Keypair,
        offer: Offer,
    }

    impl Pair {
        fn new(exchange: Exchange) -> Self {
            let offer = Offer { exchanges: vec![exchange], ..Offer::default() };
            let keypair = || Keypair::generate_ed25519().unwrap();
            Pair { dialer: keypair(), listener: keypair(), offer }
        }

        fn choose(&self) -> (Chosen<'_>, Chosen<'_>) {
            let dialer = Proposing::new(&self.dialer, &self.offer, [1; NONCE]);
            let listener = Proposing::new(&self.listener, &self.offer, [2; NONCE]);
            let (first, second) = (dialer.proposal().to_vec(), listener.proposal().to_vec());
            let (dialer, listener) = (dialer.receive(second), listener.receive(first));
            (dialer.unwrap().choose().unwrap(), listener.unwrap().choose().unwrap())
        }
    }

    /// A key that leads to a secret that begins with zeros, or one that does not.
    fn draw(curve: Curve, remote_point: &[u8], with_zeros: bool) -> SecretKey {
        loop {
            let ephemeral = SecretKey::generate(curve).unwrap();
            let agreement = Agreement::new(&ephemeral, remote_point).unwrap();
            if agreement.stripped().is_some() == with_zeros {
                return ephemeral;
            }
        }
    }

    #[test]
    fn a_dialer_finds_out_how_the_listener_reads_a_secret_with_leading_zeros() {
        for exchange in EXCHANGES {
            for strips in [false, true] {
                let pair = Pair::new(exchange);
                let (dialer, listener) = pair.choose();
                let curve = dialer.curve();
                let (message, exchanging) =
                    dialer.send(SecretKey::generate(curve).unwrap()).unwrap();

                let answering = listener.receive(&message).unwrap();
                let ephemeral = draw(curve, &answering.remote_point, true);
                let mut agreement = Agreement::new(&ephemeral, &answering.remote_point).unwrap();
                assert_eq!(agreement.secret[0], 0);
                if strips {
                    agreement.secret = Zeroizing::new(agreement.stripped().unwrap().to_vec());
                }
                let (message, mut listener) = answering.send(&agreement).unwrap();
                let mut frame = listener.first_frame().unwrap();

                let deciding = exchanging.receive(&message).unwrap();
                assert!(deciding.stripped.is_some());
                let mut dialer = deciding.receive(&mut frame).unwrap();
                listener.receive(&mut dialer.first_frame().unwrap()).unwrap();
            }
        }
    }

    #[test]
    fn a_listener_draws_until_the_secret_has_no_leading_zero() {
        for exchange in [Exchange::P256, Exchange::P521] {
            let pair = Pair::new(exchange);
            let (dialer, listener) = pair.choose();
            let curve = dialer.curve();
            let (message, exchanging) = dialer.send(SecretKey::generate(curve).unwrap()).unwrap();
            let answering = listener.receive(&message).unwrap();
            let good = draw(curve, &answering.remote_point, false);
            let bad = draw(curve, &answering.remote_point, true);
            let (point, mut drawn) = (good.public_point().to_vec(), vec![good, bad]);
            let agreement = answering.draw(|_| Ok(drawn.pop().unwrap())).unwrap();
            assert!(agreement.point == point && agreement.secret[0] != 0);

            let (message, mut listener) = answering.send(&agreement).unwrap();
            let deciding = exchanging.receive(&message).unwrap();
            assert!(deciding.stripped.is_none());
            deciding.receive(&mut listener.first_frame().unwrap()).unwrap();
        }
    }

    #[test]
    fn a_listener_that_draws_only_leading_zeros_gives_up() {
        let pair = Pair::new(Exchange::P521);
        let (dialer, listener) = pair.choose();
        let curve = dialer.curve();
        let (message, _) = dialer.send(SecretKey::generate(curve).unwrap()).unwrap();
        let answering = listener.receive(&message).unwrap();
        let mut draws = 0;
        let outcome = answering.draw(|curve| {
            draws += 1;
            Ok(draw(curve, &answering.remote_point, true))
        });
        assert!(matches!(outcome, Err(Error::NoSecret(MAX_DRAWS))));
        assert_eq!(draws, MAX_DRAWS);
    }

    #[test]
    fn both_sides_agree_on_who_is_preferred() {
        let preferred = (0..64).filter(|_| {
            let pair = Pair::new(Exchange::P256);
            let (dialer, listener) = pair.choose();
            assert_ne!(dialer.we_are_preferred, listener.we_are_preferred);
            dialer.we_are_preferred
        });
        assert!((1..64).contains(&preferred.count()), "it is always the same side");
    }
}
