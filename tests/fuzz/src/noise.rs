//! A remote that speaks Noise by another implementation, and says of itself what it is told to.

use std::io;
use std::sync::LazyLock;

use peerloom_core::Role;
use snow::params::NoiseParams;
use snow::{Builder, HandshakeState, TransportState};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::{RecordPeer, identity};

/// The remote, after its handshake.
pub struct NoisePeer {
    stream: DuplexStream,
    noise: TransportState,
}

/// The handshake payload that proves the remote to be [`identity`].
pub fn claim() -> &'static [u8] {
    &CLAIM
}

impl NoisePeer {
    /// Shakes hands in its role, with this payload in place of a proof of who it is.
    pub async fn shake_hands(
        mut stream: DuplexStream,
        role: Role,
        payload: &[u8],
    ) -> io::Result<NoisePeer> {
        let mut handshake = start(role).map_err(io::Error::other)?;
        let mut buffer = vec![0; MAX_MESSAGE];
        let mut turn = 0;
        while !handshake.is_handshake_finished() {
            if handshake.is_my_turn() {
                let payload = if turn == 0 { &[] } else { payload };
                let length = handshake.write_message(payload, &mut buffer);
                send(&mut stream, &buffer[..length.map_err(io::Error::other)?]).await?;
            } else {
                let message = receive(&mut stream).await?;
                handshake.read_message(&message, &mut buffer).map_err(io::Error::other)?;
            }
            turn += 1;
        }
        let noise = handshake.into_transport_mode().map_err(io::Error::other)?;
        Ok(NoisePeer { stream, noise })
    }
}

impl RecordPeer for NoisePeer {
    const LONGEST: usize = MAX_MESSAGE - TAG;

    async fn say(&mut self, plaintext: &[u8]) -> io::Result<()> {
        let mut record = vec![0; plaintext.len() + TAG];
        self.noise.write_message(plaintext, &mut record).map_err(io::Error::other)?;
        send(&mut self.stream, &record).await
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
            let record = receive(&mut self.stream).await?;
            let mut plaintext = vec![0; record.len()];
            let opened = self.noise.read_message(&record, &mut plaintext);
            heard.extend_from_slice(&plaintext[..opened.map_err(io::Error::other)?]);
        }
        Ok(heard)
    }
}

fn start(role: Role) -> Result<HandshakeState, snow::Error> {
    let builder = Builder::new(PARAMETERS.clone()).local_private_key(&STATIC_SECRET)?;
    match role {
        Role::Dialer => builder.build_initiator(),
        Role::Listener => builder.build_responder(),
    }
}

async fn send(stream: &mut DuplexStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(message).await
}

async fn receive(stream: &mut DuplexStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut message = vec![0; length.into()];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

static PARAMETERS: LazyLock<NoiseParams> = LazyLock::new(|| {
    "Noise_XX_25519_ChaChaPoly_SHA256".parse().expect("the pattern of the libp2p specification")
});

/// `message NoiseHandshakePayload { bytes identity_key = 1; bytes identity_sig = 2; … }`
static CLAIM: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = identity().public_key().encode().encode();
    let signed = [b"noise-libp2p-static-key:", STATIC_PUBLIC].concat();
    let signature = identity().sign(&signed).expect("an Ed25519 key signs everything");
    let mut claim = Vec::new();
    for (tag, field) in [(0x0a, key), (0x12, signature)] {
        claim.extend([tag, u8::try_from(field.len()).expect("Ed25519 has short ones")]);
        claim.extend(field);
    }
    claim
});

/// The remote's Noise key.
const STATIC_SECRET: [u8; 32] = [7; 32];

const STATIC_PUBLIC: &[u8] = b"\
    \x13\xbe\x4f\xea\xea\xf2\x04\xc7\xfd\x33\x58\xfc\x9c\x00\x72\x18\
    \x81\xd1\x74\x27\x81\x28\x22\x7e\xc6\x74\xf3\x7f\x7f\xe9\x7b\x6d";

/// The longest Noise message.
const MAX_MESSAGE: usize = 65_535;

/// How much longer a record is than what it says.
const TAG: usize = 16;
