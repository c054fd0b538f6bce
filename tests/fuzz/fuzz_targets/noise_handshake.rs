//! A Noise handshake with a stranger who says anything, and with one who knows Noise and lies about who it is.
//!
//! The first byte of the input chooses the role and which of the two; the rest is what the remote says.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, Error, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_fuzz::{NoisePeer, finish, identity};
use peerloom_noise::Config;

fuzz_target!(|input: &[u8]| {
    let [choice, said @ ..] = input else { return };
    let role = if choice & 1 == 0 { Role::Dialer } else { Role::Listener };
    let outcome = if choice & 2 == 0 { with_liar(role, said) } else { with_stranger(role, said) };
    if let Ok(secured) = outcome {
        // The input can repeat the one proof that exists for the remote's Noise key, and make no other.
        assert_eq!(secured.remote_key, identity().public_key().encode());
    }
});

fn with_stranger(role: Role, said: &[u8]) -> Result<Secured, Error> {
    let stream = ByteStream::from_halves(std::io::Cursor::new(said.to_vec()), tokio::io::sink());
    finish(CONFIG.secure(stream, handshake(role)))
}

fn with_liar(role: Role, payload: &[u8]) -> Result<Secured, Error> {
    let (near, far) = tokio::io::duplex(MAX_IN_FLIGHT);
    let ours = CONFIG.secure(ByteStream::from_io(near), handshake(role));
    let theirs = NoisePeer::shake_hands(far, role.other(), payload);
    finish(async { tokio::join!(ours, theirs).0 })
}

fn handshake(role: Role) -> Handshake<'static> {
    Handshake { role, expected: None, muxers: &["/yamux/1.0.0", "/mplex/6.7.0"] }
}

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::new(identity()));

/// Less than the longest message, so that messages arrive in pieces.
const MAX_IN_FLIGHT: usize = 1000;
