//! A peer on the other end, built on all of rustls, that does as it is told.
#![allow(dead_code, reason = "no test file uses all of it")]

pub(crate) mod certificate;
pub(crate) mod records;

use std::io::{Read, Write};
use std::sync::Arc;

use peerloom_core::{ByteStream, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_crypto::Curve;
use peerloom_crypto::ecdsa::SecretKey;
use peerloom_identity::Keypair;
use peerloom_tls::{Config, Error};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ResolvesServerCert;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, DistinguishedName,
    ServerConfig, ServerConnection, SignatureScheme, SupportedCipherSuite,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use self::certificate::Certificate;

/// What it is told.
pub(crate) struct Script {
    /// What it shows; nothing if it shows none.
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) key: SecretKey,
    pub(crate) protocols: Vec<&'static str>,
    pub(crate) suites: Vec<SupportedCipherSuite>,
    pub(crate) tickets: usize,
}

/// A peer in the middle of something.
pub(crate) struct Peer {
    pub(crate) stream: DuplexStream,
    pub(crate) connection: Connection,
}

impl Script {
    /// An honest peer.
    pub(crate) fn new(identity: &Keypair) -> Self {
        let key = certificate_key();
        Script {
            certificates: vec![Certificate::new(&key, identity).encode()],
            key,
            protocols: vec!["libp2p"],
            suites: aws_lc_rs::DEFAULT_CIPHER_SUITES.to_vec(),
            tickets: 0,
        }
    }

    /// Makes a peer of it, and our end of the line to that.
    pub(crate) fn start(self, role: Role) -> (Peer, ByteStream) {
        let (stream, ours) = tokio::io::duplex(1 << 20);
        let connection = match role {
            Role::Dialer => Connection::Client(self.dialer()),
            Role::Listener => Connection::Server(self.listener()),
        };
        (Peer { stream, connection }, ByteStream::from_io(ours))
    }

    fn dialer(&self) -> ClientConnection {
        let config = ClientConfig::builder_with_provider(self.provider())
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody));
        let mut config = match self.certified() {
            Some(own) => config.with_client_cert_resolver(Arc::new(own)),
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols =
            self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config.enable_secret_extraction = true;
        ClientConnection::new(Arc::new(config), "a.name".try_into().unwrap()).unwrap()
    }

    fn listener(&self) -> ServerConnection {
        let mut config = ServerConfig::builder_with_provider(self.provider())
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_client_cert_verifier(Arc::new(Anybody))
            .with_cert_resolver(Arc::new(self.certified().unwrap()));
        config.alpn_protocols =
            self.protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config.enable_secret_extraction = true;
        config.send_tls13_tickets = self.tickets;
        ServerConnection::new(Arc::new(config)).unwrap()
    }

    fn provider(&self) -> Arc<CryptoProvider> {
        let cipher_suites = self.suites.clone();
        Arc::new(CryptoProvider { cipher_suites, ..aws_lc_rs::default_provider() })
    }

    fn certified(&self) -> Option<Own> {
        if self.certificates.is_empty() {
            return None;
        }
        let key = PrivateKeyDer::Sec1(self.key.to_sec1().to_vec().into());
        let key = aws_lc_rs::default_provider().key_provider.load_private_key(key).unwrap();
        let chain = self.certificates.iter().map(|one| one.clone().into()).collect();
        Some(Own(Arc::new(CertifiedKey::new(chain, key))))
    }
}

impl Peer {
    /// Goes through the handshake, as far as it leads.
    pub(crate) async fn shake_hands(&mut self) -> Result<(), rustls::Error> {
        while self.connection.is_handshaking() {
            self.send().await;
            if self.connection.is_handshaking() && !self.receive().await? {
                return Err(rustls::Error::HandshakeNotComplete);
            }
        }
        self.send().await;
        Ok(())
    }

    /// Sends what there is to be sent.
    pub(crate) async fn send(&mut self) {
        let mut outgoing = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut outgoing).unwrap();
        }
        // Our side may have given up.
        let _ = self.stream.write_all(&outgoing).await;
    }

    /// Receives more, and says whether there was more.
    pub(crate) async fn receive(&mut self) -> Result<bool, rustls::Error> {
        let mut bytes = Vec::new();
        if self.stream.read_buf(&mut bytes).await.unwrap_or_default() == 0 {
            return Ok(false);
        }
        let mut bytes = &bytes[..];
        while !bytes.is_empty() {
            self.connection.read_tls(&mut bytes).unwrap();
            let outcome = self.connection.process_new_packets();
            if outcome.is_err() {
                self.send().await;
            }
            outcome?;
        }
        Ok(true)
    }

    /// Seals data and sends it.
    pub(crate) async fn say(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(1 << 14) {
            self.connection.writer().write_all(piece).unwrap();
            self.send().await;
        }
    }

    /// The data that come until the end, and whether the other side said that it is the end.
    pub(crate) async fn hear(&mut self) -> Result<(Vec<u8>, bool), rustls::Error> {
        let mut heard = Vec::new();
        while self.receive().await? {
            let _ = self.connection.reader().read_to_end(&mut heard);
            self.send().await;
        }
        let said_so = self.connection.reader().read(&mut [0]).is_ok();
        Ok((heard, said_so))
    }
}

/// A key for a certificate.
pub(crate) fn certificate_key() -> SecretKey {
    SecretKey::generate(Curve::P256).unwrap()
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

/// An honest handshake, with the peer in that role.
pub(crate) async fn secured(script: Script, role: Role) -> (Secured, Peer) {
    let (mut peer, stream) = script.start(role);
    let config = Config::new(&ed25519());
    let (ours, theirs) =
        tokio::join!(secure(&config, stream, role.other(), &[]), peer.shake_hands());
    theirs.unwrap();
    (ours.unwrap(), peer)
}

#[derive(Debug)]
struct Own(Arc<CertifiedKey>);

impl rustls::client::ResolvesClientCert for Own {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl ResolvesServerCert for Own {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

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
        unreachable!("this is TLS 1.3")
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
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        unreachable!("this is TLS 1.3")
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
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
