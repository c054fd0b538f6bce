//! `/noise`: the handshake carried over a byte stream.

use std::sync::{Arc, OnceLock};

use peerloom_core::{ByteStream, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_crypto::x25519::SecretKey;
use peerloom_identity::Keypair;
use peerloom_record_stream::{RecordReader, RecordWriter, read_message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::handshake::{self, AwaitFirst, Done};
use crate::payload::{Proof, Remote};
use crate::{Error, Message};

/// The `/noise` security protocol, for one identity.
///
/// The Noise key is made and signed when the first connection needs it, and serves all of them
/// from then on, as a signature costs more than the rest of a handshake with some identity keys.
#[derive(Clone, Debug)]
pub struct Config {
    keypair: Keypair,
    /// The Noise key of all connections; none when each makes its own.
    shared: Option<Arc<OnceLock<NoiseKey>>>,
}

impl Config {
    /// Secures connections in the name of the peer that has `keypair`.
    #[must_use]
    pub fn new(keypair: &Keypair) -> Self {
        Config { keypair: keypair.clone(), shared: Some(Arc::default()) }
    }

    /// Makes and signs a new Noise key for each connection, so that two connections of this peer
    /// have nothing in common but its identity.
    #[must_use]
    pub fn with_fresh_keys(self) -> Self {
        Config { shared: None, ..self }
    }

    fn noise_key(&self) -> Result<NoiseKey, Error> {
        let Some(shared) = &self.shared else { return NoiseKey::new(&self.keypair) };
        if let Some(made) = shared.get() {
            return Ok(made.clone());
        }
        let made = NoiseKey::new(&self.keypair)?;
        Ok(shared.get_or_init(|| made).clone())
    }
}

impl SecurityUpgrade for Config {
    fn name(&self) -> &str {
        "/noise"
    }

    async fn secure(
        &self,
        mut stream: ByteStream,
        handshake: Handshake<'_>,
    ) -> Result<Secured, peerloom_core::Error> {
        let key = self.noise_key()?;
        let Agreed { done, remote, muxer } = match handshake.role {
            Role::Dialer => dial(&mut stream, &key, handshake).await?,
            Role::Listener => listen(&mut stream, &key, handshake).await?,
        };
        let (reader, writer) = stream.into_split();
        let stream = ByteStream::new(
            RecordReader::new(reader, done.opener),
            RecordWriter::new(writer, done.sealer),
        );
        Ok(Secured { stream, remote_key: remote.key, muxer })
    }
}

/// A Noise key and the proof of whose it is.
#[derive(Clone, Debug)]
struct NoiseKey {
    secret: Arc<SecretKey>,
    proof: Proof,
}

impl NoiseKey {
    fn new(keypair: &Keypair) -> Result<Self, Error> {
        let secret = SecretKey::generate().map_err(Error::Key)?;
        let proof = Proof::new(keypair, &secret.public_key())?;
        Ok(NoiseKey { secret: Arc::new(secret), proof })
    }
}

/// What a handshake ends with.
struct Agreed {
    done: Done,
    remote: Remote,
    muxer: Option<String>,
}

async fn dial(
    stream: &mut ByteStream,
    key: &NoiseKey,
    handshake: Handshake<'_>,
) -> Result<Agreed, peerloom_core::Error> {
    let ephemeral = SecretKey::generate().map_err(Error::Key)?;
    let (message, await_second) = handshake::start(PROLOGUE, &key.secret, ephemeral, &[])?;
    send(stream, Message::First, &message).await?;

    let message = receive(stream, Message::Second).await?;
    let (received, send_third) = await_second.receive(&message)?;
    let remote = Remote::verify(Message::Second, &received.payload, &received.static_key)?;
    handshake.check("noise", remote.key.peer_id())?;

    let muxer = agree(handshake.muxers, &remote.muxers);
    // With nothing in common it is better to offer nothing: some responders then give up, where
    // multistream-select would find a muxer that is in neither list.
    let hopeless = muxer.is_none() && !remote.muxers.is_empty();
    let payload = key.proof.payload(if hopeless { &[] } else { handshake.muxers });
    let (message, done) = send_third.send(&payload)?;
    send(stream, Message::Third, &message).await?;
    Ok(Agreed { done, remote, muxer })
}

async fn listen(
    stream: &mut ByteStream,
    key: &NoiseKey,
    handshake: Handshake<'_>,
) -> Result<Agreed, peerloom_core::Error> {
    let message = receive(stream, Message::First).await?;
    // Whatever stands in the payload of message 1, nothing protects it and nothing needs it.
    let (_, send_second) = AwaitFirst::new(PROLOGUE, &key.secret).receive(&message)?;

    let ephemeral = SecretKey::generate().map_err(Error::Key)?;
    let (message, await_third) =
        send_second.send(ephemeral, &key.proof.payload(handshake.muxers))?;
    send(stream, Message::Second, &message).await?;

    let message = receive(stream, Message::Third).await?;
    let (received, done) = await_third.receive(&message)?;
    let remote = Remote::verify(Message::Third, &received.payload, &received.static_key)?;
    handshake.check("noise", remote.key.peer_id())?;
    let muxer = agree(&remote.muxers, handshake.muxers);
    Ok(Agreed { done, remote, muxer })
}

/// The first muxer of the initiator that the responder has too.
fn agree<I: AsRef<str>, R: AsRef<str>>(initiator: &[I], responder: &[R]) -> Option<String> {
    let shared = |muxer: &&I| responder.iter().any(|other| other.as_ref() == muxer.as_ref());
    initiator.iter().find(shared).map(|muxer| muxer.as_ref().to_owned())
}

/// Sends a handshake message with one write.
async fn send(stream: &mut ByteStream, name: Message, message: &[u8]) -> Result<(), Error> {
    let length = u16::try_from(message.len()).map_err(|_| Error::PayloadTooLong(name))?;
    let framed = [&length.to_be_bytes(), message].concat();
    stream.write_all(&framed).await.map_err(|e| Error::Stream(name, e))?;
    stream.flush().await.map_err(|e| Error::Stream(name, e))
}

/// Receives a handshake message and nothing behind it.
async fn receive(stream: &mut ByteStream, name: Message) -> Result<Vec<u8>, Error> {
    let length = stream.read_u16().await.map_err(|e| Error::Stream(name, e))?;
    read_message(stream, length.into()).await.map_err(|e| Error::Stream(name, e))
}

/// libp2p mixes in nothing that was said before the handshake.
const PROLOGUE: &[u8] = &[];
