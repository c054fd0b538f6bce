//! The frames after a secio handshake: what is sealed arrives, both ways, and what is not ends the stream.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, Handshake, Role, SecurityUpgrade};
use peerloom_fuzz::{Lie, SecioPeer, Talk, finish, identity};
use peerloom_secio::Config;

fuzz_target!(|talk: Talk<'_>| {
    let (near, far) = tokio::io::duplex(MAX_IN_FLIGHT);
    let handshake = Handshake { role: Role::Listener, expected: None, muxers: &[] };
    let ours = CONFIG.secure(ByteStream::from_io(near), handshake);
    let theirs = SecioPeer::shake_hands(far, Role::Dialer, Lie::None);
    let (ours, theirs) = finish(async { tokio::join!(ours, theirs) });
    let stream = ours.expect("the remote is honest").stream;
    talk.hold(stream, &mut theirs.expect("and so are we"));
});

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::new(identity()));

/// Less than a long frame, so that it arrives in pieces.
const MAX_IN_FLIGHT: usize = 50_000;
