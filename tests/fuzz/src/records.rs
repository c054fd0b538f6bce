//! Talking in records: what is sealed arrives, both ways, and what is not ends the stream.

use std::io;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use peerloom_core::ByteStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::finish;

/// A remote after its handshake.
pub trait RecordPeer {
    /// The most that it puts into one record.
    const LONGEST: usize;

    /// Sends a record.
    fn say(&mut self, plaintext: &[u8]) -> impl Future<Output = io::Result<()>>;

    /// Sends bytes that are no record.
    fn babble(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>>;

    /// Half-closes the stream.
    fn fall_silent(&mut self) -> impl Future<Output = io::Result<()>>;

    /// Reads records until so many bytes have been heard.
    fn hear(&mut self, length: usize) -> impl Future<Output = io::Result<Vec<u8>>>;
}

/// What the remote does, and what this side says.
#[derive(Arbitrary, Debug)]
pub struct Talk<'a> {
    remote: Vec<Piece<'a>>,
    ours: Vec<&'a [u8]>,
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    /// A record.
    Sealed(&'a [u8]),
    /// A record as long as it is said to be, if that is possible.
    Long(u32),
    /// Bytes that nobody sealed.
    Unsealed(&'a [u8]),
}

impl Talk<'_> {
    /// Holds the conversation.
    ///
    /// # Panics
    /// When either side hears something else than was said.
    pub fn hold<P: RecordPeer>(&self, mut stream: ByteStream, peer: &mut P) {
        let said = self.ours.concat();
        let heard = finish(async {
            let write = async {
                for piece in &self.ours {
                    stream.write_all(piece).await?;
                }
                stream.flush().await
            };
            tokio::join!(write, peer.hear(said.len())).1
        });
        assert_eq!(heard.expect("our records are good ones"), said);

        let expected = self.expected::<P>();
        let ((received, ends_well), _) =
            finish(async { tokio::join!(hear_out(stream), self.speak(peer)) });
        assert!(received == expected.plaintext);
        assert_eq!(ends_well, expected.ends_well);
    }

    fn expected<P: RecordPeer>(&self) -> Expected {
        let mut plaintext = Vec::new();
        for piece in &self.remote {
            match piece {
                Piece::Sealed(bytes) => plaintext.extend_from_slice(bytes),
                Piece::Long(length) => plaintext.extend(long::<P>(*length)),
                Piece::Unsealed([]) => {}
                Piece::Unsealed(_) => return Expected { plaintext, ends_well: false },
            }
        }
        Expected { plaintext, ends_well: true }
    }

    async fn speak<P: RecordPeer>(&self, peer: &mut P) -> io::Result<()> {
        for piece in &self.remote {
            match piece {
                Piece::Sealed(bytes) => peer.say(bytes).await?,
                Piece::Long(length) => peer.say(&long::<P>(*length)).await?,
                Piece::Unsealed(bytes) => peer.babble(bytes).await?,
            }
        }
        peer.fall_silent().await
    }
}

/// What is to be read.
struct Expected {
    plaintext: Vec<u8>,
    ends_well: bool,
}

/// Reads to the end, and hangs up.
async fn hear_out(mut stream: ByteStream) -> (Vec<u8>, bool) {
    let mut received = Vec::new();
    let outcome = stream.read_to_end(&mut received).await;
    (received, outcome.is_ok())
}

fn long<P: RecordPeer>(length: u32) -> Vec<u8> {
    vec![0; usize::try_from(length).unwrap_or(usize::MAX) % (P::LONGEST + 1)]
}
