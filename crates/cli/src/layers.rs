//! The layers that the program knows.

use std::error::Error;
use std::fs;
use std::path::Path;

use peerloom::insecure_plaintext::InsecurePlaintext;
use peerloom::pnet::PreSharedKey;
use peerloom::ws::{self, Certificate, Roots};
use peerloom::{Builder, mplex, noise, secio, tls, yamux};

use crate::arguments::{Muxer, SecioArguments, Security, TlsArguments};
use crate::output::Failure;
use crate::story;

/// Offers a security protocol.
pub(crate) fn security(builder: Builder, security: Security, secio: &SecioArguments) -> Builder {
    match security {
        Security::Noise => builder.security(noise::Config::new),
        Security::Tls => builder.security(tls::Config::new),
        Security::Secio => {
            let SecioArguments { exchanges, ciphers, hashes } = secio.clone();
            builder.security(|keypair| {
                let config = secio::Config::new(keypair);
                config.with_exchanges(exchanges).with_ciphers(ciphers).with_hashes(hashes)
            })
        }
        Security::InsecurePlaintext => {
            builder.security(|key| InsecurePlaintext::new(key.public_key().encode()))
        }
    }
}

/// Offers a muxer.
pub(crate) fn muxer(builder: Builder, muxer: Muxer) -> Builder {
    match muxer {
        Muxer::Yamux => builder.muxer(yamux::Config::default()),
        Muxer::Mplex => builder.muxer(mplex::Config::default()),
    }
}

/// What WebSocket needs for TLS.
pub(crate) fn web_socket(arguments: &TlsArguments) -> Result<ws::Config, Failure> {
    let mut config = ws::Config::default();
    if let (Some(chain), Some(key)) = (&arguments.tls_certificate, &arguments.tls_key) {
        let certificate = Certificate::from_pem(&read(chain)?, &read(key)?);
        config.certificate = Some(certificate.map_err(|error| of_file(chain, &error))?);
    }
    if let Some(file) = &arguments.tls_roots {
        let roots = Roots::none().with_pem(&read(file)?);
        config.roots = roots.map_err(|error| of_file(file, &error))?;
    }
    Ok(config)
}

/// The key of a private network, from its file.
pub(crate) fn swarm_key(file: &Path) -> Result<PreSharedKey, Failure> {
    Ok(PreSharedKey::from_key_file(&read(file)?).map_err(|error| of_file(file, &error))?)
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| of_file(file, &error))
}

fn of_file(file: &Path, error: &(dyn Error + 'static)) -> String {
    format!("{}: {}", file.display(), story::causes(error))
}
