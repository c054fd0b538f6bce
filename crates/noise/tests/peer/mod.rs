//! A peer on the other end, built on another implementation of Noise, that does as it is told.
#![allow(dead_code, reason = "no test file uses all of it")]

use peerloom_core::{ByteStream, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_identity::{Keypair, PublicKey};
use peerloom_noise::{Config, Error};
use peerloom_peer_id::EncodedKey;
use prost::Message as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Speaks the handshake, message by message.
pub(crate) struct Peer {
    pub(crate) stream: DuplexStream,
    pub(crate) keypair: Keypair,
    noise: snow::HandshakeState,
    noise_key: Vec<u8>,
}

/// Speaks records.
pub(crate) struct Records {
    pub(crate) stream: DuplexStream,
    noise: snow::TransportState,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Payload {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub(crate) identity_key: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) identity_sig: Option<Vec<u8>>,
    #[prost(message, optional, tag = "4")]
    pub(crate) extensions: Option<Extensions>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Extensions {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) webtransport_certhashes: Vec<Vec<u8>>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) stream_muxers: Vec<String>,
}

impl Peer {
    /// A peer, and our end of the line to it.
    pub(crate) fn new(role: Role, keypair: Keypair) -> (Self, ByteStream) {
        let (stream, ours) = tokio::io::duplex(256 * 1024);
        let builder = snow::Builder::new("Noise_XX_25519_ChaChaPoly_SHA256".parse().unwrap());
        let key = builder.generate_keypair().unwrap();
        let builder = builder.local_private_key(&key.private).unwrap();
        let noise = match role {
            Role::Dialer => builder.build_initiator(),
            Role::Listener => builder.build_responder(),
        };
        let peer = Peer { stream, keypair, noise: noise.unwrap(), noise_key: key.public };
        (peer, ByteStream::from_io(ours))
    }

    pub(crate) fn payload(&self) -> Payload {
        Payload {
            identity_key: Some(self.keypair.public_key().encode().encode()),
            identity_sig: Some(self.keypair.sign(&signed(&self.noise_key)).unwrap()),
            extensions: None,
        }
    }

    pub(crate) async fn send(&mut self, payload: &[u8]) {
        let mut message = vec![0; 65_535];
        let length = self.noise.write_message(payload, &mut message).unwrap();
        send_framed(&mut self.stream, message.get(..length).unwrap()).await;
    }

    /// The payload of our message.
    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        let message = receive_framed(&mut self.stream).await.expect("a message");
        let mut payload = vec![0; 65_535];
        let length = self.noise.read_message(&message, &mut payload).unwrap();
        payload.truncate(length);
        payload
    }

    /// What the remote sent as its payload, decoded and found to be signed.
    pub(crate) async fn receive_payload(&mut self) -> Payload {
        let payload = Payload::decode(&self.receive().await[..]).unwrap();
        let key = EncodedKey::decode(payload.identity_key.as_ref().unwrap()).unwrap();
        let signed = signed(self.noise.get_remote_static().unwrap());
        let signature = payload.identity_sig.as_ref().unwrap();
        PublicKey::try_from(&key).unwrap().verify(&signed, signature).unwrap();
        payload
    }

    /// The whole handshake as a dialer, with `payload` in message 3. Returns what came in message 2.
    pub(crate) async fn dial(&mut self, payload: &Payload) -> Payload {
        self.send(&[]).await;
        let theirs = self.receive_payload().await;
        self.send(&payload.encode_to_vec()).await;
        theirs
    }

    /// The handshake as a listener up to message 2, with `payload` in it.
    pub(crate) async fn answer(&mut self, payload: &Payload) {
        assert!(self.receive().await.is_empty(), "message 1 carries nothing");
        self.send(&payload.encode_to_vec()).await;
    }

    pub(crate) fn into_records(self) -> Records {
        Records { stream: self.stream, noise: self.noise.into_transport_mode().unwrap() }
    }
}

impl Records {
    /// A record as it goes over the wire, with its length.
    pub(crate) fn seal(&mut self, plaintext: &[u8]) -> Vec<u8> {
        let mut record = vec![0; 65_535];
        let length = self.noise.write_message(plaintext, &mut record).unwrap();
        [&u16::try_from(length).unwrap().to_be_bytes(), record.get(..length).unwrap()].concat()
    }

    /// The plaintext of the next record, or nothing at the end.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        let record = receive_framed(&mut self.stream).await?;
        let mut plaintext = vec![0; 65_535];
        let length = self.noise.read_message(&record, &mut plaintext).unwrap();
        plaintext.truncate(length);
        Some(plaintext)
    }
}

fn signed(noise_key: &[u8]) -> Vec<u8> {
    [b"noise-libp2p-static-key:", noise_key].concat()
}

pub(crate) fn ed25519() -> Keypair {
    Keypair::generate_ed25519().unwrap()
}

/// Our side of a handshake.
pub(crate) async fn secure(
    config: &Config,
    stream: ByteStream,
    role: Role,
    muxers: &[&str],
) -> Result<Secured, peerloom_core::Error> {
    config.secure(stream, Handshake { role, expected: None, muxers }).await
}

/// Our own error inside the seam's.
pub(crate) fn own(error: &peerloom_core::Error) -> &Error {
    error.downcast_ref().expect("an error of this crate")
}

/// An honest handshake with our side as the listener.
pub(crate) async fn secured() -> (Secured, Records) {
    let (mut peer, stream) = Peer::new(Role::Dialer, ed25519());
    let config = Config::new(&ed25519());
    let payload = peer.payload();
    let (secured, _) =
        tokio::join!(secure(&config, stream, Role::Listener, &[]), peer.dial(&payload));
    (secured.unwrap(), peer.into_records())
}

pub(crate) async fn send_framed(stream: &mut DuplexStream, message: &[u8]) {
    stream.write_u16(u16::try_from(message.len()).unwrap()).await.unwrap();
    stream.write_all(message).await.unwrap();
}

pub(crate) async fn receive_framed(stream: &mut DuplexStream) -> Option<Vec<u8>> {
    let length = stream.read_u16().await.ok()?;
    let mut message = vec![0; length.into()];
    stream.read_exact(&mut message).await.unwrap();
    Some(message)
}
