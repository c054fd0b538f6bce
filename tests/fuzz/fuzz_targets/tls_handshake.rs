//! A TLS handshake with a stranger who says anything.
//!
//! The first byte of the input chooses the role; the rest is what the remote says.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, Handshake, Role, SecurityUpgrade};
use peerloom_fuzz::{finish, identity};
use peerloom_tls::Config;

fuzz_target!(|input: &[u8]| {
    let [choice, said @ ..] = input else { return };
    let role = if choice & 1 == 0 { Role::Dialer } else { Role::Listener };
    let stream = ByteStream::from_halves(std::io::Cursor::new(said.to_vec()), tokio::io::sink());
    let handshake = Handshake { role, expected: None, muxers: &["/yamux/1.0.0", "/mplex/6.7.0"] };
    // Nobody can know what our side will say, and sign that.
    assert!(finish(CONFIG.secure(stream, handshake)).is_err());
});

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::new(identity()));
