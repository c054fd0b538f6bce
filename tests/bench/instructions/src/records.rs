//! Bytes through a secured stream: sealed, moved over a line in memory, opened.

use peerloom_core::{ByteStream, Handshake, Role, SecurityUpgrade, read_bytes};
use peerloom_identity::Keypair;
use tokio::io::AsyncWriteExt;

use crate::line;
use crate::meter::{finish, measure};

pub fn noise_long() {
    transfer(peerloom_noise::Config::new, LONG);
}

pub fn noise_short() {
    transfer(peerloom_noise::Config::new, SHORT);
}

pub fn tls_long() {
    transfer(peerloom_tls::Config::new, LONG);
}

pub fn tls_short() {
    transfer(peerloom_tls::Config::new, SHORT);
}

pub fn secio_long() {
    transfer(peerloom_secio::Config::new, LONG);
}

pub fn secio_short() {
    transfer(peerloom_secio::Config::new, SHORT);
}

fn transfer<U: SecurityUpgrade>(upgrade: impl Fn(&Keypair) -> U, length: usize) {
    let (mut writer, mut reader) = connect(upgrade);
    let bytes = vec![0; length];
    measure(|| finish(send(&mut writer, &mut reader, &bytes), |_| {}));
}

async fn send(writer: &mut ByteStream, reader: &mut ByteStream, bytes: &[u8]) {
    writer.write_all(bytes).await.expect("the line never breaks");
    writer.flush().await.expect("the line never breaks");
    let mut received = 0;
    while received < bytes.len() {
        received += read_bytes(reader).await.expect("the records are good ones").len();
    }
}

/// Both ends, after their handshake.
fn connect<U: SecurityUpgrade>(upgrade: impl Fn(&Keypair) -> U) -> (ByteStream, ByteStream) {
    let (near, far) = line::connect();
    let secure = async |stream, role| {
        let keys = Keypair::generate_ed25519().expect("there is randomness");
        let handshake = Handshake { role, expected: None, muxers: &[] };
        upgrade(&keys).secure(stream, handshake).await.expect("they understand each other").stream
    };
    finish(async { tokio::join!(secure(near, Role::Dialer), secure(far, Role::Listener)) }, |_| {})
}

const LONG: usize = 64 * 1024;

const SHORT: usize = 32;
