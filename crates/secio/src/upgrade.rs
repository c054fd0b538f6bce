//! `/secio/1.0.0`: the handshake carried over a byte stream.

use std::sync::Arc;

use peerloom_core::{ByteStream, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_crypto::ecdh::SecretKey;
use peerloom_crypto::fill_random;
use peerloom_identity::Keypair;
use peerloom_record_stream::{Budget, RecordReader, RecordWriter, read_message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::algorithm::Offer;
use crate::handshake::{Channel, Proposing};
use crate::message::{MAX_MESSAGE, NONCE};
use crate::{Cipher, Error, Exchange, Hash, Kind, Message};

/// The `/secio/1.0.0` security protocol, for one identity. A clone shares its budget.
#[derive(Clone, Debug)]
pub struct Config {
    keypair: Keypair,
    offer: Arc<Offer>,
    long_frames: Budget,
}

impl Config {
    /// Secures connections in the name of the peer that has `keypair`. It offers, in this order:
    /// P-256, P-384, P-521; AES-128, AES-256; SHA256, SHA512.
    #[must_use]
    pub fn new(keypair: &Keypair) -> Self {
        Config {
            keypair: keypair.clone(),
            offer: Arc::default(),
            long_frames: Budget::new(LONG_FRAME_MEMORY),
        }
    }

    /// Offers these key exchanges, the preferred one first. With none, every handshake fails with [`Error::NothingToOffer`].
    #[must_use]
    pub fn with_exchanges(self, exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        self.with_offer(|offer| offer.exchanges = each_once(exchanges))
    }

    /// Offers these ciphers, the preferred one first. With none, every handshake fails with [`Error::NothingToOffer`].
    #[must_use]
    pub fn with_ciphers(self, ciphers: impl IntoIterator<Item = Cipher>) -> Self {
        self.with_offer(|offer| offer.ciphers = each_once(ciphers))
    }

    /// Offers these hash functions, the preferred one first. With none, every handshake fails with [`Error::NothingToOffer`].
    #[must_use]
    pub fn with_hashes(self, hashes: impl IntoIterator<Item = Hash>) -> Self {
        self.with_offer(|offer| offer.hashes = each_once(hashes))
    }

    /// How much memory the frames of above 256 KiB may take that all connections of this configuration and its
    /// clones are receiving; 64 MiB unless it is said here. A connection that needs more ends with
    /// [`Error::LongFrameMemory`].
    #[must_use]
    pub fn with_long_frame_memory(self, bytes: usize) -> Self {
        Config { long_frames: Budget::new(bytes), ..self }
    }

    fn with_offer(mut self, change: impl FnOnce(&mut Offer)) -> Self {
        change(Arc::make_mut(&mut self.offer));
        self
    }

    fn propose(&self) -> Result<Proposing<'_>, Error> {
        self.offer.check()?;
        let mut nonce = [0; NONCE];
        fill_random(&mut nonce).map_err(Error::Key)?;
        Ok(Proposing::new(&self.keypair, &self.offer, nonce))
    }
}

impl SecurityUpgrade for Config {
    fn name(&self) -> &str {
        "/secio/1.0.0"
    }

    async fn secure(
        &self,
        mut stream: ByteStream,
        handshake: Handshake<'_>,
    ) -> Result<Secured, peerloom_core::Error> {
        let proposing = self.propose()?;
        let Channel { sealer, opener, remote_key, .. } = match handshake.role {
            Role::Dialer => dial(&mut stream, proposing, handshake).await?,
            Role::Listener => listen(&mut stream, proposing, handshake).await?,
        };
        let (reader, writer) = stream.into_split();
        let stream = ByteStream::new(
            RecordReader::with_budget(reader, opener, self.long_frames.clone()),
            RecordWriter::new(writer, sealer),
        );
        Ok(Secured { stream, remote_key, muxer: None })
    }
}

impl Offer {
    /// An offer that lacks a kind leads to no connection, whoever the remote is.
    fn check(&self) -> Result<(), Error> {
        let Offer { exchanges, ciphers, hashes } = self;
        for (kind, is_empty) in [
            (Kind::Exchange, exchanges.is_empty()),
            (Kind::Cipher, ciphers.is_empty()),
            (Kind::Hash, hashes.is_empty()),
        ] {
            if is_empty {
                return Err(Error::NothingToOffer(kind));
            }
        }
        Ok(())
    }
}

/// A list without repetitions, and so a short one.
fn each_once<A: PartialEq>(list: impl IntoIterator<Item = A>) -> Vec<A> {
    let mut once = Vec::new();
    for algorithm in list {
        if !once.contains(&algorithm) {
            once.push(algorithm);
        }
    }
    once
}

/// Waits for the listener's proposal, so that a wrong peer learns nothing. It costs no round trip:
/// the exchange goes with the proposal.
async fn dial(
    stream: &mut ByteStream,
    proposing: Proposing<'_>,
    handshake: Handshake<'_>,
) -> Result<Channel, peerloom_core::Error> {
    // What was agreed on before may not have left yet, and the listener waits for it.
    stream.flush().await.map_err(|e| Error::Stream(Message::Proposal, e))?;
    let message = receive(stream, Message::Proposal).await?;
    let introduced = proposing.receive(message)?;
    // It has claimed so, and has yet to sign.
    handshake.check("secio", introduced.claimed_key().peer_id())?;
    let chosen = introduced.choose()?;

    let ephemeral = SecretKey::generate(chosen.curve()).map_err(Error::Key)?;
    let proposal = chosen.proposal().to_vec();
    let (exchange, exchanging) = chosen.send(ephemeral)?;
    send(stream, Message::Exchange, &[&proposal, &exchange]).await?;

    let message = receive(stream, Message::Exchange).await?;
    let deciding = exchanging.receive(&message)?;
    let mut frame = receive(stream, Message::FirstFrame).await?;
    let mut channel = deciding.receive(&mut frame)?;
    let frame = channel.first_frame()?;
    send(stream, Message::FirstFrame, &[&frame]).await?;
    Ok(channel)
}

/// Waits for the dialer's exchange before it makes its own, so that it can choose a secret that all
/// implementations read alike. It costs no round trip: the first frame goes with the exchange.
async fn listen(
    stream: &mut ByteStream,
    proposing: Proposing<'_>,
    handshake: Handshake<'_>,
) -> Result<Channel, peerloom_core::Error> {
    send(stream, Message::Proposal, &[proposing.proposal()]).await?;
    let message = receive(stream, Message::Proposal).await?;
    let introduced = proposing.receive(message)?;
    // It has claimed so, and has yet to sign.
    handshake.check("secio", introduced.claimed_key().peer_id())?;
    let chosen = introduced.choose()?;

    let message = receive(stream, Message::Exchange).await?;
    let answering = chosen.receive(&message)?;
    let agreement = answering.draw(SecretKey::generate)?;
    let (exchange, mut channel) = answering.send(&agreement)?;
    let frame = channel.first_frame()?;
    send(stream, Message::Exchange, &[&exchange, &frame]).await?;

    let mut frame = receive(stream, Message::FirstFrame).await?;
    channel.receive(&mut frame)?;
    Ok(channel)
}

/// Sends messages, each behind its length, with one write.
async fn send(stream: &mut ByteStream, name: Message, messages: &[&[u8]]) -> Result<(), Error> {
    let mut framed = Vec::new();
    for message in messages {
        let length = u32::try_from(message.len())
            .expect("keys and signatures are short, and each name stands once");
        framed.extend_from_slice(&length.to_be_bytes());
        framed.extend_from_slice(message);
    }
    stream.write_all(&framed).await.map_err(|e| Error::Stream(name, e))?;
    stream.flush().await.map_err(|e| Error::Stream(name, e))
}

/// Receives a message and nothing behind it.
async fn receive(stream: &mut ByteStream, name: Message) -> Result<Vec<u8>, Error> {
    let length = stream.read_u32().await.map_err(|e| Error::Stream(name, e))?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if MAX_MESSAGE < length {
        return Err(Error::TooLong { message: name, length, longest: MAX_MESSAGE });
    }
    read_message(stream, length).await.map_err(|e| Error::Stream(name, e))
}

/// Eight frames of the longest kind.
const LONG_FRAME_MEMORY: usize = 64 * 1024 * 1024;
