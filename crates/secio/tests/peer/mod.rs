//! A peer on the other end, written apart from the crate, that does as it is told.
#![allow(dead_code, reason = "no test file uses all of it")]

use peerloom_core::{ByteStream, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_crypto::ecdh::SecretKey;
use peerloom_crypto::{Cipher, Ctr, Curve, Hash, Hmac, sha256};
use peerloom_identity::{Keypair, PublicKey};
use peerloom_peer_id::EncodedKey;
use peerloom_secio::{Config, Error};
use prost::Message as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Speaks the handshake, message by message. It knows P-256 and P-521, AES-128 and SHA256.
pub(crate) struct Peer {
    pub(crate) stream: DuplexStream,
    pub(crate) role: Role,
    pub(crate) keypair: Keypair,
    pub(crate) proposal: Proposal,
    pub(crate) reading: Reading,
    /// Whether it takes only ephemeral keys that lead to a secret with a leading zero.
    pub(crate) wants_zeros: bool,
    pub(crate) theirs: Proposal,
    /// Both proposals as they were sent: its own, and ours.
    proposals: [Vec<u8>; 2],
}

/// How a peer reads a secret with leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As js and rust do.
    Full,
    /// As go and py do.
    Stripped,
}

/// Speaks frames.
pub(crate) struct Frames {
    pub(crate) stream: DuplexStream,
    sealer: Keys,
    opener: Keys,
}

struct Keys {
    stream: Ctr,
    tags: Hmac,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Proposal {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(crate) rand: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) pubkey: Option<Vec<u8>>,
    #[prost(string, optional, tag = "3")]
    pub(crate) exchanges: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) ciphers: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) hashes: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Exchange {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(crate) epubkey: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) signature: Option<Vec<u8>>,
}

impl Peer {
    /// A peer, and our end of the line to it.
    pub(crate) fn new(role: Role, keypair: Keypair) -> (Self, ByteStream) {
        let (stream, ours) = tokio::io::duplex(256 * 1024);
        let mut nonce = vec![0; 16];
        peerloom_crypto::fill_random(&mut nonce).unwrap();
        let proposal = Proposal {
            rand: Some(nonce),
            pubkey: Some(keypair.public_key().encode().encode()),
            exchanges: Some("P-256".to_owned()),
            ciphers: Some("NULL,AES-128".to_owned()),
            hashes: Some("SHA256".to_owned()),
        };
        let peer = Peer {
            stream,
            role,
            keypair,
            proposal,
            reading: Reading::Full,
            wants_zeros: false,
            theirs: Proposal::default(),
            proposals: Default::default(),
        };
        (peer, ByteStream::from_io(ours))
    }

    /// Sends its proposal and receives ours, in the order in which a dialer and a listener of 2021 do.
    pub(crate) async fn propose(&mut self) {
        let own = self.proposal.encode_to_vec();
        send_framed(&mut self.stream, &own).await;
        let theirs = receive_framed(&mut self.stream).await.expect("a proposal");
        self.theirs = Proposal::decode(&*theirs).unwrap();
        self.proposals = [own, theirs];
    }

    /// Waits for our proposal, and then makes its own with our nonce in it.
    pub(crate) async fn propose_our_nonce(&mut self) {
        let theirs = receive_framed(&mut self.stream).await.expect("a proposal");
        self.theirs = Proposal::decode(&*theirs).unwrap();
        self.proposal.rand = self.theirs.rand.clone();
        let own = self.proposal.encode_to_vec();
        send_framed(&mut self.stream, &own).await;
        self.proposals = [own, theirs];
    }

    pub(crate) fn curve(&self) -> Curve {
        if self.proposal.exchanges() == "P-521" { Curve::P521 } else { Curve::P256 }
    }

    /// An exchange that is as it should be.
    pub(crate) fn exchange(&self, point: &[u8]) -> Exchange {
        let signature = self.keypair.sign(&self.corpus(point)).unwrap();
        Exchange { epubkey: Some(point.to_vec()), signature: Some(signature) }
    }

    /// What it signs.
    pub(crate) fn corpus(&self, point: &[u8]) -> Vec<u8> {
        let [own, theirs] = &self.proposals;
        [&own[..], theirs, point].concat()
    }

    pub(crate) async fn send_exchange(&mut self, exchange: &Exchange) {
        send_framed(&mut self.stream, &exchange.encode_to_vec()).await;
    }

    /// Our ephemeral key, found to be signed.
    pub(crate) async fn receive_exchange(&mut self) -> Vec<u8> {
        let message = receive_framed(&mut self.stream).await.expect("an exchange");
        let exchange = Exchange::decode(&*message).unwrap();
        let [own, theirs] = &self.proposals;
        let corpus = [&theirs[..], own, exchange.epubkey()].concat();
        let key = EncodedKey::decode(self.theirs.pubkey()).unwrap();
        PublicKey::try_from(&key).unwrap().verify(&corpus, exchange.signature()).unwrap();
        exchange.epubkey().to_vec()
    }

    /// Exchanges after the proposals, each in its turn. Returns the frames that both sides may now send.
    pub(crate) async fn agree(mut self) -> Frames {
        let (ephemeral, point) = if self.role.is_dialer() {
            let ephemeral = SecretKey::generate(self.curve()).unwrap();
            let exchange = self.exchange(ephemeral.public_point());
            self.send_exchange(&exchange).await;
            (ephemeral, self.receive_exchange().await)
        } else {
            let point = self.receive_exchange().await;
            let ephemeral = self.draw(&point);
            let exchange = self.exchange(ephemeral.public_point());
            self.send_exchange(&exchange).await;
            (ephemeral, point)
        };
        let secret = ephemeral.agree(&point).unwrap();
        self.into_frames(&secret)
    }

    fn draw(&self, point: &[u8]) -> SecretKey {
        loop {
            let ephemeral = SecretKey::generate(self.curve()).unwrap();
            if !self.wants_zeros || ephemeral.agree(point).unwrap().first() == Some(&0) {
                return ephemeral;
            }
        }
    }

    fn into_frames(self, secret: &[u8]) -> Frames {
        let zeros = secret.iter().take_while(|byte| **byte == 0).count();
        let secret = match self.reading {
            Reading::Full => secret,
            Reading::Stripped => secret.split_at(zeros).1,
        };
        let rank = |key: &[u8], nonce: &[u8]| sha256(&[key, nonce].concat());
        let order = rank(self.theirs.pubkey(), self.proposal.rand())
            .cmp(&rank(self.proposal.pubkey(), self.theirs.rand()));
        let (first, second) = stretch(secret);
        let (sealer, opener) = if order.is_gt() { (first, second) } else { (second, first) };
        Frames { stream: self.stream, sealer, opener }
    }

    /// The whole handshake.
    pub(crate) async fn shake_hands(mut self) -> Frames {
        self.propose().await;
        self.finish().await
    }

    /// What follows the proposals.
    pub(crate) async fn finish(self) -> Frames {
        let (own, theirs) = (self.proposal.rand().to_vec(), self.theirs.rand().to_vec());
        let mut frames = self.agree().await;
        frames.send(&theirs).await;
        assert_eq!(frames.receive().await.unwrap(), own);
        frames
    }
}

/// Two sets of keys for AES-128 and SHA256: 16 bytes of IV, 16 of key, 20 of tag key.
fn stretch(secret: &[u8]) -> (Keys, Keys) {
    let hmac = Hmac::new(Hash::Sha256, secret);
    let seed = &b"key expansion"[..];
    let (mut output, mut a) = (Vec::new(), hmac.tag(&[seed]));
    while output.len() < 104 {
        output.extend(hmac.tag(&[a.as_ref(), seed]).as_ref());
        a = hmac.tag(&[a.as_ref()]);
    }
    let keys = |keys: &[u8]| Keys {
        stream: Ctr::new(Cipher::Aes128, keys.get(16..32).unwrap(), keys.get(..16).unwrap())
            .unwrap(),
        tags: Hmac::new(Hash::Sha256, keys.get(32..52).unwrap()),
    };
    (keys(output.get(..52).unwrap()), keys(output.get(52..).unwrap()))
}

impl Frames {
    /// A frame as it goes over the wire, with its length.
    pub(crate) fn seal(&mut self, plaintext: &[u8]) -> Vec<u8> {
        let mut frame = plaintext.to_vec();
        self.sealer.stream.apply(&mut frame);
        let tag = self.sealer.tags.tag(&[&frame]);
        frame.extend(tag.as_ref());
        [&u32::try_from(frame.len()).unwrap().to_be_bytes(), &frame[..]].concat()
    }

    pub(crate) async fn send(&mut self, plaintext: &[u8]) {
        let frame = self.seal(plaintext);
        self.stream.write_all(&frame).await.unwrap();
    }

    /// The next of our frames as it came, without its length, or nothing at the end.
    pub(crate) async fn receive_sealed(&mut self) -> Option<Vec<u8>> {
        receive_framed(&mut self.stream).await
    }

    /// The plaintext of the next frame, or nothing at the end.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        let mut frame = self.receive_sealed().await?;
        let tag = frame.split_off(frame.len() - 32);
        self.opener.tags.verify(&[&frame], &tag).unwrap();
        self.opener.stream.apply(&mut frame);
        Some(frame)
    }
}

pub(crate) fn ed25519() -> Keypair {
    Keypair::generate_ed25519().unwrap()
}

/// Our side of a handshake.
pub(crate) async fn secure(
    config: &Config,
    stream: ByteStream,
    role: Role,
) -> Result<Secured, peerloom_core::Error> {
    config.secure(stream, Handshake { role, expected: None, muxers: &["/yamux/1.0.0"] }).await
}

/// Our own error inside the seam's.
pub(crate) fn own(error: &peerloom_core::Error) -> &Error {
    error.downcast_ref().expect("an error of this crate")
}

/// An honest handshake with our side as the listener.
pub(crate) async fn secured(config: &Config) -> (Secured, Frames) {
    let (peer, stream) = Peer::new(Role::Dialer, ed25519());
    let (secured, frames) =
        tokio::join!(secure(config, stream, Role::Listener), peer.shake_hands());
    (secured.unwrap(), frames)
}

pub(crate) async fn send_framed(stream: &mut DuplexStream, message: &[u8]) {
    stream.write_u32(u32::try_from(message.len()).unwrap()).await.unwrap();
    stream.write_all(message).await.unwrap();
}

pub(crate) async fn receive_framed(stream: &mut DuplexStream) -> Option<Vec<u8>> {
    let length = stream.read_u32().await.ok()?;
    let mut message = vec![0; length as usize];
    stream.read_exact(&mut message).await.unwrap();
    Some(message)
}
