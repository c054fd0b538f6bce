//! A remote that speaks TLS by all of rustls, and seals what it is told to.

use std::io;
use std::sync::{Arc, LazyLock};

use peerloom_crypto::{AesGcm, Curve, ecdsa};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, ConnectionTrafficSecrets, DigitallySignedStruct,
    ExtractedSecrets, SignatureScheme,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// The remote, a dialer, after its handshake.
pub struct TlsPeer {
    stream: DuplexStream,
    said: Direction,
    heard: Direction,
}

/// A certificate that proves the remote to be [`identity`](crate::identity).
pub fn certificate() -> &'static [u8] {
    // Before it stands what its target makes of it.
    let [_, certificate @ ..] = SEED else { unreachable!("it is not empty") };
    certificate
}

impl TlsPeer {
    /// Shakes hands.
    pub async fn dial(mut stream: DuplexStream) -> io::Result<TlsPeer> {
        let name = ServerName::try_from("a.name").map_err(io::Error::other)?;
        let mut tls = ClientConnection::new(CONFIG.clone(), name).map_err(io::Error::other)?;
        while tls.is_handshaking() || tls.wants_write() {
            let mut outgoing = Vec::new();
            while tls.wants_write() {
                tls.write_tls(&mut outgoing)?;
            }
            stream.write_all(&outgoing).await?;
            if tls.is_handshaking() {
                let mut bytes = Vec::new();
                stream.read_buf(&mut bytes).await?;
                tls.read_tls(&mut &bytes[..])?;
                tls.process_new_packets().map_err(io::Error::other)?;
            }
        }
        let secrets = tls.dangerous_extract_secrets().map_err(io::Error::other)?;
        let ExtractedSecrets { tx, rx } = secrets;
        Ok(TlsPeer { stream, said: Direction::new(tx)?, heard: Direction::new(rx)? })
    }

    /// Sends a record of that kind, with so many zeros behind it.
    pub async fn say(&mut self, kind: u8, text: &[u8], zeros: usize) -> io::Result<()> {
        let mut content = [text, &[kind], &vec![0; zeros]].concat();
        let header = header(content.len() + TAG)?;
        let nonce = self.said.nonce();
        let tag = self.said.key.seal(&nonce, &header, &mut content);
        self.stream.write_all(&[&header[..], &content, &tag].concat()).await
    }

    /// Sends bytes that are no record.
    pub async fn babble(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Half-closes the stream.
    pub async fn fall_silent(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Reads records until so many bytes of data have been heard.
    pub async fn hear(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut heard = Vec::new();
        while heard.len() < length {
            let mut prefix = [0; 5];
            self.stream.read_exact(&mut prefix).await?;
            let length = u16::from_be_bytes([prefix[3], prefix[4]]);
            assert_eq!(prefix, header(length.into())?);
            let mut record = vec![0; length.into()];
            self.stream.read_exact(&mut record).await?;
            let nonce = self.heard.nonce();
            let text = self.heard.key.open(&nonce, &prefix, &mut record);
            let Some((&mut DATA, text)) = text.map_err(io::Error::other)?.split_last_mut() else {
                return Err(io::Error::other("a record without data"));
            };
            heard.extend_from_slice(text);
        }
        Ok(heard)
    }
}

/// A key and how often it has been used.
struct Direction {
    key: AesGcm,
    iv: [u8; 12],
    sequence: u64,
}

impl Direction {
    fn new((sequence, secrets): (u64, ConnectionTrafficSecrets)) -> io::Result<Self> {
        let ConnectionTrafficSecrets::Aes128Gcm { key, iv } = secrets else {
            return Err(io::Error::other("another cipher than the only one"));
        };
        let key = AesGcm::new(key.as_ref()).map_err(io::Error::other)?;
        let iv = iv.as_ref().try_into().map_err(io::Error::other)?;
        Ok(Direction { key, iv, sequence })
    }

    fn nonce(&mut self) -> [u8; 12] {
        let mut nonce = self.iv;
        for (place, byte) in nonce.iter_mut().skip(4).zip(self.sequence.to_be_bytes()) {
            *place ^= byte;
        }
        self.sequence += 1;
        nonce
    }
}

fn header(length: usize) -> io::Result<[u8; 5]> {
    let [high, low] = u16::try_from(length).map_err(io::Error::other)?.to_be_bytes();
    Ok([DATA, 3, 3, high, low])
}

static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let cipher_suites = vec![TLS13_AES_128_GCM_SHA256];
    let provider = CryptoProvider { cipher_suites, ..default_provider() };
    let key = ecdsa::SecretKey::from_bytes(Curve::P256, &SECRET).expect("a scalar of P-256");
    let key = PrivateKeyDer::Sec1(key.to_sec1().to_vec().into());
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("there is TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_client_auth_cert(vec![certificate().into()], key)
        .expect("the certificate is of this key");
    config.alpn_protocols = vec![b"libp2p".to_vec()];
    config.enable_secret_extraction = true;
    Arc::new(config)
});

/// Believes everybody.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::HandshakeNotComplete)
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

const SEED: &[u8] = include_bytes!("../corpus-seeds/tls_certificate/own");

/// The key of the certificate.
const SECRET: [u8; 32] = [7; 32];

const DATA: u8 = 23;

const TAG: usize = 16;
