//! Records of any kind, sealed with the keys of a connection.

use peerloom_core::{Role, Secured};
use peerloom_crypto::AesGcm;
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;
use rustls::{Connection, ConnectionTrafficSecrets};
use tokio::io::DuplexStream;

use super::{Peer, Script, ed25519, secured};

/// Seals what it is told to.
pub(crate) struct Records {
    pub(crate) stream: DuplexStream,
    key: AesGcm,
    iv: [u8; 12],
    sequence: u64,
}

impl Records {
    /// The records of an honest peer in that role.
    pub(crate) async fn after_handshake(role: Role) -> (Secured, Records) {
        let script = Script { suites: vec![TLS13_AES_128_GCM_SHA256], ..Script::new(&ed25519()) };
        let (ours, Peer { stream, connection }) = secured(script, role).await;
        let secrets = match connection {
            Connection::Client(connection) => connection.dangerous_extract_secrets(),
            Connection::Server(connection) => connection.dangerous_extract_secrets(),
        };
        let (sequence, ConnectionTrafficSecrets::Aes128Gcm { key, iv }) = secrets.unwrap().tx
        else {
            panic!("another cipher than the only one")
        };
        let (key, iv) = (AesGcm::new(key.as_ref()).unwrap(), iv.as_ref().try_into().unwrap());
        (ours, Records { stream, key, iv, sequence })
    }

    /// A record of that kind, with so many zeros behind it.
    pub(crate) fn seal(&mut self, kind: u8, text: &[u8], zeros: usize) -> Vec<u8> {
        let mut content = [text, &[kind], &vec![0; zeros]].concat();
        let length = u16::try_from(content.len() + 16).unwrap().to_be_bytes();
        let header = [&[23, 3, 3], &length[..]].concat();
        let mut nonce = self.iv;
        for (place, byte) in nonce.iter_mut().skip(4).zip(self.sequence.to_be_bytes()) {
            *place ^= byte;
        }
        self.sequence += 1;
        let tag = self.key.seal(&nonce, &header, &mut content);
        [&header[..], &content, &tag].concat()
    }
}
