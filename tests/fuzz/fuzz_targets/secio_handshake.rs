//! A secio handshake with a stranger who says anything, and with one who knows secio and lies about one thing.
//!
//! The first byte of the input chooses the role and what the rest of it is: all that the remote says, or its one lie.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, Error, Handshake, Role, Secured, SecurityUpgrade};
use peerloom_fuzz::{Lie, SecioPeer, finish, identity};
use peerloom_identity::Keypair;
use peerloom_secio::Config;

fuzz_target!(|input: &[u8]| {
    let [choice, said @ ..] = input else { return };
    let role = if choice & 1 == 0 { Role::Dialer } else { Role::Listener };
    let (outcome, honest) = match choice >> 1 {
        0 => (with_liar(role, Lie::Proposal(said)), None),
        1 => (with_liar(role, Lie::Exchange(said)), Some(false)),
        2 => (with_liar(role, Lie::Point(said)), None),
        3 => {
            let honest = said.len() <= NONCE && said.iter().all(|change| *change == 0);
            (with_liar(role, Lie::FirstFrame(said)), Some(honest))
        }
        _ => (with_stranger(role, said), Some(false)),
    };
    if let Some(honest) = honest {
        assert_eq!(outcome.is_ok(), honest, "{:?}", outcome.err());
    }
    if let Ok(secured) = outcome {
        // Only who has the key can sign our nonce.
        assert_eq!(secured.remote_key, identity().public_key().encode());
    }
});

fn with_stranger(role: Role, said: &[u8]) -> Result<Secured, Error> {
    let stream = ByteStream::from_halves(std::io::Cursor::new(said.to_vec()), tokio::io::sink());
    finish(CONFIG.secure(stream, handshake(role)))
}

fn with_liar(role: Role, lie: Lie<'_>) -> Result<Secured, Error> {
    let (near, far) = tokio::io::duplex(MAX_IN_FLIGHT);
    let ours = async {
        let outcome = CONFIG.secure(ByteStream::from_io(near), handshake(role)).await;
        // The remote may still wait for us.
        outcome.map(|secured| Secured { stream: nothing(), ..secured })
    };
    let theirs = SecioPeer::shake_hands(far, role.other(), lie);
    finish(async { tokio::join!(ours, theirs).0 })
}

fn nothing() -> ByteStream {
    ByteStream::from_halves(tokio::io::empty(), tokio::io::sink())
}

fn handshake(role: Role) -> Handshake<'static> {
    Handshake { role, expected: None, muxers: &[] }
}

/// Our own identity is another one.
static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::new(&Keypair::generate_ed25519().expect("there are random bytes")));

/// How long a nonce is.
const NONCE: usize = 16;

/// Less than the longest message, so that messages arrive in pieces.
const MAX_IN_FLIGHT: usize = 1000;
