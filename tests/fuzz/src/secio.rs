//! A remote that speaks secio, written apart from the crate, and tells one lie.

use std::io;
use std::sync::LazyLock;

use peerloom_core::Role;
use peerloom_crypto::ecdh::SecretKey;
use peerloom_crypto::{Cipher, Ctr, Curve, Hash, Hmac, sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::{RecordPeer, identity};

/// The remote, after its handshake.
pub struct SecioPeer {
    stream: DuplexStream,
    sealer: Keys,
    opener: Keys,
}

/// What it says in place of the truth. The rest of its handshake is honest.
#[derive(Clone, Copy, Debug)]
pub enum Lie<'a> {
    /// Nothing.
    None,
    /// Its proposal.
    Proposal(&'a [u8]),
    /// Its exchange.
    Exchange(&'a [u8]),
    /// Its ephemeral key, which it signs.
    Point(&'a [u8]),
    /// What is changed in its first frame before it is sealed.
    FirstFrame(&'a [u8]),
}

struct Keys {
    stream: Ctr,
    tags: Hmac,
}

impl SecioPeer {
    /// Shakes hands as [`identity`], over P-256 with AES-128 and SHA256.
    pub async fn shake_hands(
        mut stream: DuplexStream,
        role: Role,
        lie: Lie<'_>,
    ) -> io::Result<SecioPeer> {
        let own = if let Lie::Proposal(bytes) = lie { bytes.to_vec() } else { proposal() };
        send(&mut stream, &own).await?;
        let theirs = receive(&mut stream).await?;

        let point = if let Lie::Point(bytes) = lie { bytes } else { EPHEMERAL.public_point() };
        let exchange = match lie {
            Lie::Exchange(bytes) => bytes.to_vec(),
            _ => exchange(&[&own, &theirs, point].concat(), point),
        };
        let their_exchange = if role.is_dialer() {
            send(&mut stream, &exchange).await?;
            receive(&mut stream).await?
        } else {
            let theirs = receive(&mut stream).await?;
            send(&mut stream, &exchange).await?;
            theirs
        };

        let their_point = field(&their_exchange, 0)?;
        let secret = EPHEMERAL.agree(their_point).map_err(io::Error::other)?;
        let (key, nonce) = (field(&theirs, 1)?, field(&theirs, 0)?);
        let own_key = identity().public_key().encode().encode();
        let order = sha256(&[key, NONCE].concat()).cmp(&sha256(&[&own_key, nonce].concat()));
        let (first, second) = stretch(&secret);
        let (sealer, opener) = if order.is_gt() { (first, second) } else { (second, first) };
        let mut peer = SecioPeer { stream, sealer, opener };

        let mut frame = nonce.to_vec();
        if let Lie::FirstFrame(change) = lie {
            frame.resize(frame.len().max(change.len()), 0);
            frame.iter_mut().zip(change).for_each(|(byte, change)| *byte ^= change);
        }
        peer.say(&frame).await?;
        if peer.hear(NONCE.len()).await? == NONCE { Ok(peer) } else { Err(wrong()) }
    }
}

impl RecordPeer for SecioPeer {
    /// Above what a pooled buffer holds.
    const LONGEST: usize = 600_000;

    async fn say(&mut self, plaintext: &[u8]) -> io::Result<()> {
        let mut frame = plaintext.to_vec();
        self.sealer.stream.apply(&mut frame);
        let tag = self.sealer.tags.tag(&[&frame]);
        frame.extend_from_slice(tag.as_ref());
        send(&mut self.stream, &frame).await
    }

    async fn babble(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    async fn fall_silent(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    async fn hear(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut heard = Vec::new();
        while heard.len() < length {
            let mut frame = receive(&mut self.stream).await?;
            let text = frame.len().checked_sub(TAG).ok_or_else(wrong)?;
            let tag = frame.split_off(text);
            self.opener.tags.verify(&[&frame], &tag).map_err(io::Error::other)?;
            self.opener.stream.apply(&mut frame);
            heard.extend_from_slice(&frame);
        }
        Ok(heard)
    }
}

fn proposal() -> Vec<u8> {
    let key = identity().public_key().encode().encode();
    message(&[NONCE, &key, b"P-256", b"AES-128", b"SHA256"])
}

fn exchange(corpus: &[u8], point: &[u8]) -> Vec<u8> {
    let signature = identity().sign(corpus).expect("an Ed25519 key signs everything");
    message(&[point, &signature])
}

/// A protobuf message of byte strings, numbered from 1.
fn message(fields: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::new();
    for (number, field) in (1_u8..).zip(fields) {
        message.push(number << 3 | 2);
        let mut length = field.len();
        while 0x80 <= length {
            message.push(length as u8 | 0x80);
            length >>= 7;
        }
        message.push(length as u8);
        message.extend_from_slice(field);
    }
    message
}

/// The field at `index` of a message of ours, whose fields stand in their order and have under 16 KiB.
fn field(mut message: &[u8], index: usize) -> io::Result<&[u8]> {
    for at in 0.. {
        let [_, length, rest @ ..] = message else { break };
        let (length, rest) = match (length, rest) {
            (low @ 0x80.., [high, rest @ ..]) => {
                (usize::from(low & 0x7f) | usize::from(*high) << 7, rest)
            }
            (length, rest) => (usize::from(*length), rest),
        };
        let (field, behind) = rest.split_at_checked(length).ok_or_else(wrong)?;
        if at == index {
            return Ok(field);
        }
        message = behind;
    }
    Err(wrong())
}

/// Two sets of keys for AES-128 and SHA256: 16 bytes of IV, 16 of key, 20 of tag key.
fn stretch(secret: &[u8]) -> (Keys, Keys) {
    let hmac = Hmac::new(Hash::Sha256, secret);
    let (mut output, mut link) = (Vec::new(), hmac.tag(&[SEED]));
    while output.len() < 2 * SIDE {
        output.extend_from_slice(hmac.tag(&[link.as_ref(), SEED]).as_ref());
        link = hmac.tag(&[link.as_ref()]);
    }
    (keys(&output[..SIDE]), keys(&output[SIDE..2 * SIDE]))
}

fn keys(bytes: &[u8]) -> Keys {
    let stream = Ctr::new(Cipher::Aes128, &bytes[16..32], &bytes[..16]);
    let stream = stream.expect("these are the lengths of AES-128");
    Keys { stream, tags: Hmac::new(Hash::Sha256, &bytes[32..]) }
}

async fn send(stream: &mut DuplexStream, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(message).await
}

async fn receive(stream: &mut DuplexStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u32().await?;
    let mut message = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

fn wrong() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The remote's ephemeral key. As our side draws its own, nothing hangs on it that this one is not random; now and then
/// the secret begins with a zero, which this remote reads in full.
static EPHEMERAL: LazyLock<SecretKey> = LazyLock::new(|| {
    SecretKey::from_scalar(Curve::P256, &[7; 32]).expect("it is below the order of P-256")
});

const NONCE: &[u8] = b"sixteen bytes!!!";

const SEED: &[u8] = b"key expansion";

/// The keys of one side.
const SIDE: usize = 16 + 16 + 20;

/// How much longer a frame is than what it says.
const TAG: usize = 32;
