//! A stranger who says anything in place of its name: it is the name of a key, or nobody.
//!
//! The first byte of the input chooses the role and whether a peer is expected; the rest is what the remote says.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, Handshake, Role, SecurityUpgrade};
use peerloom_fuzz::{finish, identity};
use peerloom_peer_id::PeerId;
use peerloom_plaintext::InsecurePlaintext;
use tokio::io::AsyncReadExt;

fuzz_target!(|input: &[u8]| {
    let [choice, said @ ..] = input else { return };
    let role = if choice & 1 == 0 { Role::Dialer } else { Role::Listener };
    let expected = (choice & 2 == 0).then_some(&*EXPECTED);
    let stream = ByteStream::from_halves(std::io::Cursor::new(said.to_vec()), tokio::io::sink());
    let ours = InsecurePlaintext::new(identity().public_key().encode());
    let Ok(mut secured) = finish(ours.secure(stream, Handshake { role, expected, muxers: &[] }))
    else {
        return;
    };

    let peer = secured.remote_key.peer_id();
    assert!(expected.is_none_or(|expected| *expected == peer));
    let mut rest = Vec::new();
    finish(secured.stream.read_to_end(&mut rest)).expect("memory does not fail");
    let (message, behind) = said.split_at(said.len() - rest.len());
    assert_eq!(behind, rest, "what follows the message is data");
    assert!(message.len() <= MAX_MESSAGE);
    let id = peer.as_bytes();
    assert!(message.windows(id.len()).any(|part| part == id), "nobody named this peer");
});

static EXPECTED: LazyLock<PeerId> = LazyLock::new(|| identity().peer_id());

/// The longest message that is read, and its length.
const MAX_MESSAGE: usize = 4096 + 2;
