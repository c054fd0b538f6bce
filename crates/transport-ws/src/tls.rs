//! TLS below WebSocket: the certificates of this side, whom it believes, and the handshakes.

mod certificate;
mod failure;
mod heard;
mod roots;

use std::sync::{Arc, OnceLock};

use peerloom_core::{BoxError, ByteStream};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub use certificate::Certificate;
pub use roots::Roots;

use crate::error::Error;
use failure::failure;
use heard::Heard;

/// The client's side. Who the system believes is looked up when it is first needed.
#[derive(Clone)]
pub(crate) struct Client {
    roots: Roots,
    config: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Client {
    pub(crate) fn new(roots: Roots) -> Self {
        Client { roots, config: Arc::default() }
    }

    /// Secures a stream to the server that has this name, and can prove it.
    pub(crate) async fn connect(
        &self,
        stream: ByteStream,
        name: ServerName<'static>,
    ) -> Result<ByteStream, Error> {
        let connector = TlsConnector::from(self.config()?);
        let connecting = connector.connect(name, Heard::new(stream)).into_fallible();
        match connecting.await {
            Ok(secured) => Ok(ByteStream::from_io(secured)),
            Err((error, heard)) => Err(failure(error, heard.begin()).hung_up(heard.begin())),
        }
    }

    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        let roots = self.roots.store()?;
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable("this system's TLS", error))?;
        let mut config = builder.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![HTTP.to_vec()];
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
    }
}

/// Secures a stream from a client, to whom this certificate is shown.
pub(crate) async fn accept(
    stream: ByteStream,
    certificate: &Certificate,
) -> Result<ByteStream, Error> {
    let acceptor = TlsAcceptor::from(certificate.config());
    let accepting = acceptor.accept(Heard::new(stream)).into_fallible();
    match accepting.await {
        Ok(secured) => Ok(ByteStream::from_io(secured)),
        Err((error, heard)) => Err(failure(error, heard.begin())),
    }
}

fn unusable(what: &'static str, error: impl Into<BoxError>) -> Error {
    Error::Credentials(what, error.into())
}

/// The one that is built in, whatever the process has set as its own.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// What is spoken inside: WebSocket begins with this version of HTTP.
const HTTP: &[u8] = b"http/1.1";
