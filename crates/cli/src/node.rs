//! The hosts that the arguments describe, and the way to a remote.

use std::sync::{Mutex, MutexGuard, PoisonError};

use peerloom::identity::{KeyKind, Keypair};
use peerloom::peer_id;
use peerloom::{Builder, Connection, Host, dns};

use crate::arguments::{KeyType, NodeArguments, RemoteArguments};
use crate::layers;
use crate::listed::each_once;
use crate::output::Failure;

/// The hosts of one run of the program. They are closed when it ends, whichever way it does, for
/// an open host leaves things behind, such as the file of a Unix socket.
#[derive(Default)]
pub(crate) struct Hosts(Mutex<Vec<Host>>);

impl Hosts {
    /// Starts a host.
    pub(crate) async fn start(&self, builder: Builder) -> Result<Host, Failure> {
        let host = builder.start().await?;
        self.lock().push(host.clone());
        Ok(host)
    }

    /// Starts the host that the arguments describe and connects it to the remote that they name.
    pub(crate) async fn connect(
        &self,
        remote: &RemoteArguments,
    ) -> Result<(Host, Connection), Failure> {
        let host = self.start(remote.node.builder()?).await?;
        let connection = host.connect(&remote.address).await?;
        Ok((host, connection))
    }

    /// Closes all that were started.
    pub(crate) async fn close(&self) {
        let hosts = std::mem::take(&mut *self.lock());
        for host in hosts {
            host.close().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Host>> {
        // A list is whole after every step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NodeArguments {
    /// A host as described, not started yet.
    pub(crate) fn builder(&self) -> Result<Builder, Failure> {
        let mut builder = Host::builder()
            .keypair(self.keypair()?)
            .agent_version(concat!("peerloom-cli/", env!("CARGO_PKG_VERSION")));
        if let Some(file) = &self.swarm_key {
            builder = builder.private_network(layers::swarm_key(file)?);
        }
        if !self.dns_servers.is_empty() {
            builder = builder.dns(dns::Config::with_servers(self.dns_servers.iter().copied()));
        }
        builder = builder.ws(layers::web_socket(&self.tls)?);
        for security in each_once(&self.security) {
            builder = layers::security(builder, security, &self.secio);
        }
        for muxer in each_once(&self.muxer) {
            builder = layers::muxer(builder, muxer);
        }
        Ok(builder)
    }

    fn keypair(&self) -> Result<Keypair, Failure> {
        let kind = self.key_type.unwrap_or_default().into();
        let Some(file) = &self.key else { return Ok(Keypair::generate(kind)?) };
        let keypair = Keypair::load_or_generate(file, kind)?;
        let found = keypair.public_key().encode().key_type();
        match self.key_type.map(peer_id::KeyType::from) {
            Some(wanted) if wanted != found => {
                let file = file.display();
                let (found, wanted) = (key_type_name(found), key_type_name(wanted));
                Err(format!("{file} holds a key of type {found}, not {wanted}").into())
            }
            _ => Ok(keypair),
        }
    }
}

impl From<KeyType> for KeyKind {
    fn from(key_type: KeyType) -> Self {
        match key_type {
            KeyType::Ed25519 => KeyKind::Ed25519,
            KeyType::Secp256k1 => KeyKind::Secp256k1,
            KeyType::Ecdsa => KeyKind::EcdsaP256,
            KeyType::Rsa => KeyKind::Rsa(Default::default()),
        }
    }
}

impl From<KeyType> for peer_id::KeyType {
    fn from(key_type: KeyType) -> Self {
        match key_type {
            KeyType::Ed25519 => peer_id::KeyType::Ed25519,
            KeyType::Secp256k1 => peer_id::KeyType::Secp256k1,
            KeyType::Ecdsa => peer_id::KeyType::Ecdsa,
            KeyType::Rsa => peer_id::KeyType::Rsa,
        }
    }
}

/// A key type as the arguments have it.
pub(crate) fn key_type_name(key_type: peer_id::KeyType) -> String {
    format!("{key_type:?}").to_lowercase()
}
