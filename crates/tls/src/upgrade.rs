//! `/tls/1.0.0`: a byte stream becomes a secure one.

use std::sync::{Arc, OnceLock};

use peerloom_core::{BoxError, ByteStream, Handshake, Secured, SecurityUpgrade};
use peerloom_identity::Keypair;
use peerloom_record_stream::{RecordReader, RecordWriter};

use crate::Error;
use crate::handshake::{Agreed, shake_hands};
use crate::key::TrafficKey;
use crate::own_certificate;
use crate::records::Records;
use crate::settings::Settings;
use crate::shared::Shared;

/// The `/tls/1.0.0` security protocol, for one identity.
///
/// The certificate is made and signed when the first connection needs it, and serves all of them
/// from then on; it never expires.
#[derive(Clone, Debug)]
pub struct Config {
    keypair: Keypair,
    /// What all connections use; none when each has a certificate of its own.
    shared: Option<Arc<OnceLock<Settings>>>,
}

impl Config {
    /// Secures connections in the name of the peer that has `keypair`.
    #[must_use]
    pub fn new(keypair: &Keypair) -> Self {
        Config { keypair: keypair.clone(), shared: Some(Arc::default()) }
    }

    /// Makes and signs a new certificate for each connection, so that two connections of this peer
    /// have nothing in common but its identity.
    #[must_use]
    pub fn with_fresh_certificates(self) -> Self {
        Config { shared: None, ..self }
    }

    fn settings(&self) -> Result<Settings, Error> {
        let Some(shared) = &self.shared else { return self.make_settings() };
        if let Some(made) = shared.get() {
            return Ok(made.clone());
        }
        let made = self.make_settings()?;
        Ok(shared.get_or_init(|| made).clone())
    }

    fn make_settings(&self) -> Result<Settings, Error> {
        let make = || -> Result<Settings, BoxError> {
            let key = own_certificate::generate_key()?;
            Settings::new(own_certificate::make(&self.keypair, &key)?, &key)
        };
        make().map_err(Error::OwnCertificate)
    }
}

impl SecurityUpgrade for Config {
    fn name(&self) -> &str {
        "/tls/1.0.0"
    }

    async fn secure(
        &self,
        mut stream: ByteStream,
        handshake: Handshake<'_>,
    ) -> Result<Secured, peerloom_core::Error> {
        let agreed = shake_hands(&mut stream, &self.settings()?, handshake).await?;
        let Agreed { secrets, schedule, remote_key, muxer, behind } = agreed;
        let shared = Arc::new(Shared::new(schedule));
        let (sealing, opening) = (TrafficKey::new(&secrets.tx)?, TrafficKey::new(&secrets.rx)?);
        let (reader, writer) = stream.into_split();
        let stream = ByteStream::new(
            RecordReader::new(reader, Records::inbound(opening, shared.clone()))
                .with_received(&behind),
            RecordWriter::new(writer, Records::outbound(sealing, shared)),
        );
        Ok(Secured { stream, remote_key, muxer })
    }
}
