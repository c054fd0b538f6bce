//! The layers and algorithms that the program knows, by their names on the command line.

use std::error::Error;
use std::fs;
use std::path::Path;

use peerloom::insecure_plaintext::InsecurePlaintext;
use peerloom::pnet::PreSharedKey;
use peerloom::secio::{self, Cipher, Exchange, Hash};
use peerloom::ws::{self, Certificate, Roots};
use peerloom::{Builder, mplex, noise, yamux};

use crate::arguments::{SecioArguments, TlsArguments};
use crate::output::Failure;
use crate::story;

/// Offers a security protocol.
pub(crate) fn security(
    builder: Builder,
    name: &str,
    secio: &SecioArguments,
) -> Result<Builder, Failure> {
    Ok(match name {
        "noise" => builder.security(noise::Config::new),
        "secio" => {
            let SecioArguments { exchanges, ciphers, hashes } = secio.clone();
            builder.security(|keypair| {
                let config = secio::Config::new(keypair);
                config.with_exchanges(exchanges).with_ciphers(ciphers).with_hashes(hashes)
            })
        }
        "insecure-plaintext" => {
            builder.security(|key| InsecurePlaintext::new(key.public_key().encode()))
        }
        other => {
            return Err(unknown("security protocol", other, "noise, secio, insecure-plaintext"));
        }
    })
}

/// Offers a muxer.
pub(crate) fn muxer(builder: Builder, name: &str) -> Result<Builder, Failure> {
    Ok(match name {
        "yamux" => builder.muxer(yamux::Config::default()),
        "mplex" => builder.muxer(mplex::Config::default()),
        other => return Err(unknown("muxer", other, "yamux, mplex")),
    })
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

/// An exchange of secio.
pub(crate) fn exchange(name: &str) -> Result<Exchange, String> {
    Ok(match name {
        "P-256" => Exchange::P256,
        "P-384" => Exchange::P384,
        "P-521" => Exchange::P521,
        _ => return Err("there are: P-256, P-384, P-521".into()),
    })
}

/// A cipher of secio.
pub(crate) fn cipher(name: &str) -> Result<Cipher, String> {
    Ok(match name {
        "AES-256" => Cipher::Aes256,
        "AES-128" => Cipher::Aes128,
        "Blowfish" => Cipher::Blowfish,
        _ => return Err("there are: AES-128, AES-256, Blowfish".into()),
    })
}

/// A hash of secio.
pub(crate) fn hash(name: &str) -> Result<Hash, String> {
    Ok(match name {
        "SHA256" => Hash::Sha256,
        "SHA512" => Hash::Sha512,
        _ => return Err("there are: SHA256, SHA512".into()),
    })
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| of_file(file, &error))
}

fn of_file(file: &Path, error: &(dyn Error + 'static)) -> String {
    format!("{}: {}", file.display(), story::causes(error))
}

fn unknown(what: &str, name: &str, known: &str) -> Failure {
    Failure::from(format!("unknown {what} {name:?}; this program has: {known}"))
}
