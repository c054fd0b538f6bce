//! The records after a TLS handshake: what is sealed arrives, both ways, and what has no place ends the stream.
#![no_main]

use std::io;
use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use peerloom_core::{ByteStream, Handshake, Role, SecurityUpgrade};
use peerloom_fuzz::{TlsPeer, finish, identity};
use peerloom_tls::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the remote does, and what this side says.
#[derive(Arbitrary, Debug)]
struct Input<'a> {
    remote: Vec<Piece<'a>>,
    ours: Vec<&'a [u8]>,
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    /// A record of data, with zeros behind it.
    Data(&'a [u8], u8),
    /// A record of data as long as it is said to be, if that is possible.
    Long(u16),
    /// The end, said aloud.
    Close,
    /// An alert that says nothing.
    Canceled,
    /// A record of any other kind but a message.
    Other(u8, &'a [u8]),
    /// A message or a part of one.
    Message(&'a [u8]),
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
    let (mut plaintext, mut silent) = (Vec::new(), 0);
    for piece in pieces {
        match piece {
            Piece::Data([], _) | Piece::Long(0) | Piece::Canceled => silent += 1,
            Piece::Unsealed([]) => {}
            Piece::Data(bytes, _) => {
                plaintext.extend_from_slice(bytes);
                silent = 0;
            }
            Piece::Long(length) => {
                plaintext.resize(plaintext.len() + long(*length).len(), 1);
                silent = 0;
            }
            Piece::Close => return Expected { plaintext, ends_well: true },
            Piece::Other(..) | Piece::Message(_) | Piece::Unsealed(_) => {
                silent = usize::MAX;
            }
        }
        if MAX_SILENT < silent {
            return Expected { plaintext, ends_well: false };
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

async fn speak(peer: &mut TlsPeer, pieces: &[Piece<'_>]) -> io::Result<()> {
    for piece in pieces {
        match piece {
            Piece::Data(bytes, zeros) => peer.say(DATA, bytes, (*zeros).into()).await?,
            Piece::Long(length) => peer.say(DATA, long(*length), 0).await?,
            Piece::Close => peer.say(ALERT, &[1, 0], 0).await?,
            Piece::Canceled => peer.say(ALERT, &[1, 90], 0).await?,
            Piece::Other(kind, text) if ![0, ALERT, MESSAGE, DATA].contains(kind) => {
                peer.say(*kind, text, 0).await?;
            }
            // Always one that is not for a listener.
            Piece::Other(..) => peer.say(ALERT, &[2, 80], 0).await?,
            Piece::Message(text) => peer.say(MESSAGE, &[&[4, 0, 0, 0], *text].concat(), 0).await?,
            Piece::Unsealed(bytes) => peer.babble(bytes).await?,
        }
    }
    peer.fall_silent().await
}

fn connect() -> (ByteStream, TlsPeer) {
    let (near, far) = tokio::io::duplex(MAX_IN_FLIGHT);
    let handshake = Handshake { role: Role::Listener, expected: None, muxers: &[] };
    let ours = CONFIG.secure(ByteStream::from_io(near), handshake);
    let (ours, theirs) = finish(async { tokio::join!(ours, TlsPeer::dial(far)) });
    let ours = ours.expect("the remote is honest");
    assert_eq!(ours.remote_key, identity().public_key().encode());
    (ours.stream, theirs.expect("and so are we"))
}

fn long(length: u16) -> &'static [u8] {
    &[1; MAX_TEXT][..usize::from(length).min(MAX_TEXT)]
}

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::new(identity()));

const ALERT: u8 = 21;
const MESSAGE: u8 = 22;
const DATA: u8 = 23;

/// The longest text of a record.
const MAX_TEXT: usize = 1 << 14;

/// How many records without data are taken in a row.
const MAX_SILENT: usize = 32;

/// Less than a long record, so that it arrives in pieces.
const MAX_IN_FLIGHT: usize = 10_000;
