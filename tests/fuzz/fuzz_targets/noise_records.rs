//! The records after a Noise handshake: what is sealed arrives, both ways, and what is not ends the stream.
#![no_main]

use std::io;
use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, Handshake, Role, SecurityUpgrade};
use peerloom_fuzz::{NoisePeer, claim, finish, identity};
use peerloom_noise::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the remote does, and what this side says.
#[derive(Arbitrary, Debug)]
struct Input<'a> {
    remote: Vec<Piece<'a>>,
    ours: Vec<&'a [u8]>,
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    /// A record.
    Sealed(&'a [u8]),
    /// A record as long as it is said to be, if that is possible.
    Long(u16),
    /// Bytes that nobody sealed.
    Unsealed(&'a [u8]),
}

fuzz_target!(|input: Input<'_>| {
    let (mut stream, mut peer) = connect();
    let said = input.ours.concat();
    let heard = finish(async {
        let write = async {
            for piece in &input.ours {
                stream.write_all(piece).await?;
            }
            stream.flush().await
        };
        tokio::join!(write, peer.hear(said.len())).1
    });
    assert_eq!(heard.expect("our records are good ones"), said);

    let expected = expected(&input.remote);
    let ((received, ends_well), _) =
        finish(async { tokio::join!(hear_out(stream), speak(&mut peer, &input.remote)) });
    assert_eq!(received, expected.plaintext);
    assert_eq!(ends_well, expected.ends_well);
});

/// What is to be read.
struct Expected {
    plaintext: Vec<u8>,
    ends_well: bool,
}

fn expected(pieces: &[Piece<'_>]) -> Expected {
    let mut plaintext = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Sealed(bytes) => plaintext.extend_from_slice(bytes),
            Piece::Long(length) => plaintext.resize(plaintext.len() + long(*length).len(), 0),
            Piece::Unsealed([]) => {}
            Piece::Unsealed(_) => return Expected { plaintext, ends_well: false },
        }
    }
    Expected { plaintext, ends_well: true }
}

/// Reads to the end, and hangs up.
async fn hear_out(mut stream: ByteStream) -> (Vec<u8>, bool) {
    let mut received = Vec::new();
    let outcome = stream.read_to_end(&mut received).await;
    (received, outcome.is_ok())
}

async fn speak(peer: &mut NoisePeer, pieces: &[Piece<'_>]) -> io::Result<()> {
    for piece in pieces {
        match piece {
            Piece::Sealed(bytes) => peer.say(bytes).await?,
            Piece::Long(length) => peer.say(long(*length)).await?,
            Piece::Unsealed(bytes) => peer.babble(bytes).await?,
        }
    }
    peer.fall_silent().await
}

fn connect() -> (ByteStream, NoisePeer) {
    let (near, far) = tokio::io::duplex(MAX_IN_FLIGHT);
    let handshake = Handshake { role: Role::Listener, expected: None, muxers: &[] };
    let ours = CONFIG.secure(ByteStream::from_io(near), handshake);
    let theirs = NoisePeer::shake_hands(far, Role::Dialer, claim());
    let (ours, theirs) = finish(async { tokio::join!(ours, theirs) });
    (ours.expect("the remote is honest").stream, theirs.expect("and so are we"))
}

fn long(length: u16) -> &'static [u8] {
    &[0; MAX_RECORD][..usize::from(length).min(MAX_RECORD)]
}

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::new(identity()));

/// The most that a record can say.
const MAX_RECORD: usize = 65_535 - 16;

/// Less than a long record, so that it arrives in pieces.
const MAX_IN_FLIGHT: usize = 10_000;
