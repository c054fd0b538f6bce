//! The conformance suite of every security protocol.
#![expect(clippy::panic, reason = "what does not conform fails the test")]

mod hostile;
mod link;

use std::fmt;
use std::io;
use std::time::Duration;

use peerloom_core::{
    BoxSecurityUpgrade, ByteStream, Error, Handshake, Role, Secured, SecurityUpgrade, WrongPeer,
    read_bytes,
};
use peerloom_identity::Keypair;
use peerloom_peer_id::PeerId;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::time::timeout;

use self::link::{Attack, Link};

/// Checks all that a security protocol owes to the layers above and below it.
///
/// `make` makes the protocol for the peer that has a key. Some of the attacks end in silence, so
/// run it with paused time (`#[tokio::test(start_paused = true)]`), or have patience.
///
/// # Panics
/// When the protocol fails, with what it failed at.
pub async fn conforms(make: impl Fn(&Keypair) -> BoxSecurityUpgrade) {
    let pair = Pair::new(make);
    pair.behaves().await;
    pair.is_left_by_whoever_meets_the_wrong_peer().await;
    pair.is_not_taken_in_by_a_mirror().await;
    pair.hides_what_is_said().await;
    pair.reports_changed_data().await;
    pair.reports_truncated_data().await;
}

/// The same for a protocol that encrypts nothing and proves nothing, and so is of no use but in
/// tests: all of it but that the listener learns of a dialer who went away, that nobody can read
/// along, and that a mirror, changed data and truncated data are noticed.
///
/// # Panics
/// When the protocol fails, with what it failed at.
pub async fn conforms_without_authenticating(make: impl Fn(&Keypair) -> BoxSecurityUpgrade) {
    Pair::new(make).behaves().await;
}

/// Two peers that speak the protocol.
struct Pair {
    dialer: Peer,
    listener: Peer,
}

struct Peer {
    id: PeerId,
    protocol: BoxSecurityUpgrade,
}

impl Pair {
    fn new(make: impl Fn(&Keypair) -> BoxSecurityUpgrade) -> Self {
        let peer = || {
            let keypair = Keypair::generate_ed25519().expect("there are random bytes");
            Peer { id: keypair.peer_id(), protocol: make(&keypair) }
        };
        Pair { dialer: peer(), listener: peer() }
    }

    /// What even a protocol can that authenticates nothing.
    async fn behaves(&self) {
        self.identifies().await;
        self.refuses_the_wrong_peer().await;
        self.sends_what_was_written_before().await;
        self.agrees_on_a_muxer_or_on_none().await;
        self.carries_data_and_half_closes().await;
        self.carries_much_in_odd_pieces().await;
        self.gives_owned_bytes().await;
        self.works_byte_by_byte().await;
        self.survives_a_changed_handshake().await;
        self.reports_a_lost_handshake().await;
    }

    async fn identifies(&self) {
        let link = Link::default();
        let (dialer, listener) = self.secure(&link).await;
        let (dialer, listener) = (expect(dialer, "dialer"), expect(listener, "listener"));
        assert_eq!(dialer.remote_key.peer_id(), self.listener.id, "who the dialer sees");
        assert_eq!(listener.remote_key.peer_id(), self.dialer.id, "who the listener sees");
        assert_eq!(self.dialer.protocol.name(), self.listener.protocol.name());
    }

    async fn refuses_the_wrong_peer(&self) {
        let other = Pair::somebody();
        let options = [expecting(Some(&other)), expecting(None)];
        let (dialer, _) = self.secure_with(&Link::default(), options).await;
        is_wrong_peer(dialer, &other, &self.listener.id);

        let options = [expecting(None), expecting(Some(&other))];
        let (_, listener) = self.secure_with(&Link::default(), options).await;
        is_wrong_peer(listener, &other, &self.dialer.id);

        let options = [expecting(Some(&self.listener.id)), expecting(Some(&self.dialer.id))];
        let (dialer, listener) = self.secure_with(&Link::default(), options).await;
        assert!(dialer.is_ok() && listener.is_ok(), "the expected peers fail");
    }

    async fn sends_what_was_written_before(&self) {
        let (dialer, mut listener) = Link::default().connect();
        let (reader, writer) = dialer.into_split();
        let mut dialer = ByteStream::new(reader, BufWriter::new(writer));
        dialer.write_all(b"!").await.expect("the buffer has room");
        let listening = async {
            let read = timeout(PATIENCE, listener.read_u8()).await;
            let read = read.expect("the dialer keeps back what was written before");
            assert_eq!(read.expect("the link holds"), b'!');
            self.listener.secure(listener, Role::Listener, Options::default()).await
        };
        let dialing = self.dialer.secure(dialer, Role::Dialer, Options::default());
        let (dialer, listener) = tokio::join!(dialing, listening);
        assert!(dialer.is_ok() && listener.is_ok(), "a proposal before the handshake disturbs it");
    }

    async fn agrees_on_a_muxer_or_on_none(&self) {
        let cases: [(&[&str], &[&str]); 5] = [
            (&["/a", "/b"], &["/b", "/a"]),
            (&["/a", "/b"], &["/c", "/b"]),
            (&["/a"], &["/b"]),
            (&["/a"], &[]),
            (&[], &["/a"]),
        ];
        for (ours, theirs) in cases {
            let offering = |muxers| Options { muxers, ..Options::default() };
            let options = [offering(ours), offering(theirs)];
            let (dialer, listener) = self.secure_with(&Link::default(), options).await;
            let agreed = expect(dialer, "dialer").muxer;
            assert_eq!(agreed, expect(listener, "listener").muxer, "{ours:?} {theirs:?}");
            if let Some(muxer) = agreed.as_deref() {
                assert!(ours.contains(&muxer) && theirs.contains(&muxer), "{muxer} is not shared");
            }
        }
    }

    async fn carries_data_and_half_closes(&self) {
        let (mut dialer, mut listener) = self.secured(&Link::default()).await;
        send(&mut dialer, b"ping").await;
        let mut request = [0; 4];
        listener.read_exact(&mut request).await.expect("a request");
        assert_eq!(&request, b"ping");
        send(&mut dialer, b"and no more").await;
        dialer.shutdown().await.expect("shutdown");
        assert_eq!(read_all(&mut listener).await.expect("the rest"), b"and no more");
        send(&mut listener, b"pong").await;
        listener.shutdown().await.expect("shutdown");
        assert_eq!(read_all(&mut dialer).await.expect("an answer"), b"pong");
    }

    async fn carries_much_in_odd_pieces(&self) {
        let (dialer, listener) = self.secured(&Link::default()).await;
        let data = pattern(1_000_003);
        let (mut dialer_reader, mut dialer_writer) = dialer.into_split();
        let (mut listener_reader, mut listener_writer) = listener.into_split();
        let (up, down, (), ()) = tokio::join!(
            read_all(&mut listener_reader),
            read_all(&mut dialer_reader),
            send_in_pieces(&mut dialer_writer, &data),
            send_in_pieces(&mut listener_writer, &data),
        );
        assert!(up.expect("upload") == data, "the upload was changed");
        assert!(down.expect("download") == data, "the download was changed");
    }

    async fn gives_owned_bytes(&self) {
        let (mut dialer, mut listener) = self.secured(&Link::default()).await;
        let data = pattern(200_000);
        let receive = async {
            let mut received = Vec::new();
            loop {
                let bytes = read_bytes(&mut listener).await.expect("bytes");
                if bytes.is_empty() {
                    return received;
                }
                received.extend_from_slice(&bytes);
            }
        };
        let (received, ()) = tokio::join!(receive, send_in_pieces(&mut dialer, &data));
        assert!(received == data, "the owned bytes are not what was sent");
    }

    async fn works_byte_by_byte(&self) {
        let link = Link::with_chunks_of(1);
        let (mut dialer, mut listener) = self.secured(&link).await;
        let data = pattern(500);
        let (received, ()) =
            tokio::join!(read_all(&mut listener), send_in_pieces(&mut dialer, &data));
        assert_eq!(received.expect("data"), data);
    }

    /// A changed handshake need not fail, as not all of its bytes need mean something, but it
    /// must never end with somebody else at the other end, nor with a panic.
    async fn survives_a_changed_handshake(&self) {
        for (direction, length) in self.handshake_lengths().await {
            for at in places(length) {
                let link = Link::default();
                link.attack(direction, Attack::Flip, at);
                let (dialer, listener) = self.secure(&link).await;
                if let Ok(secured) = dialer {
                    assert_eq!(secured.remote_key.peer_id(), self.listener.id, "flipped {at}");
                }
                if let Ok(secured) = listener {
                    assert_eq!(secured.remote_key.peer_id(), self.dialer.id, "flipped {at}");
                }
            }
        }
    }

    async fn reports_a_lost_handshake(&self) {
        for (direction, length) in self.handshake_lengths().await {
            for at in places(length) {
                let link = Link::default();
                link.attack(direction, Attack::Cut, at);
                let (dialer, listener) = self.secure(&link).await;
                let receiver = if direction.is_dialer() { listener } else { dialer };
                let Ok(Secured { mut stream, .. }) = receiver else { continue };
                assert_ne!(at, 0, "a handshake without the other side succeeded");
                let received = read_all(&mut stream).await.unwrap_or_default();
                assert!(received.is_empty(), "data came from nowhere after {at} bytes");
            }
        }
    }

    /// How many bytes an honest handshake takes, from the dialer and from the listener.
    async fn handshake_lengths(&self) -> [(Role, usize); 2] {
        let link = Link::default();
        let _secured = self.secured(&link).await;
        [Role::Dialer, Role::Listener].map(|role| (role, link.passed(role)))
    }

    async fn secured(&self, link: &Link) -> (ByteStream, ByteStream) {
        let (dialer, listener) = self.secure(link).await;
        (expect(dialer, "dialer").stream, expect(listener, "listener").stream)
    }

    async fn secure(&self, link: &Link) -> (Outcome, Outcome) {
        self.secure_with(link, [Options::default(), Options::default()]).await
    }

    async fn secure_with(&self, link: &Link, options: [Options<'_>; 2]) -> (Outcome, Outcome) {
        let (near, far) = link.connect();
        let [ours, theirs] = options;
        tokio::join!(
            self.dialer.secure(near, Role::Dialer, ours),
            self.listener.secure(far, Role::Listener, theirs),
        )
    }

    fn somebody() -> PeerId {
        Keypair::generate_ed25519().expect("there are random bytes").peer_id()
    }
}

impl Peer {
    async fn secure(&self, stream: ByteStream, role: Role, options: Options<'_>) -> Outcome {
        let Options { expected, muxers } = options;
        let handshake = Handshake { role, expected, muxers };
        match timeout(PATIENCE, self.protocol.secure(stream, handshake)).await {
            Ok(outcome) => outcome.map_err(Failure::Error),
            Err(_) => Err(Failure::Silence),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Options<'a> {
    expected: Option<&'a PeerId>,
    muxers: &'a [&'a str],
}

fn expecting(expected: Option<&PeerId>) -> Options<'_> {
    Options { expected, ..Options::default() }
}

type Outcome = Result<Secured, Failure>;

/// Why a handshake did not succeed.
#[derive(Debug)]
enum Failure {
    Error(Error),
    /// Both sides waited for each other, which a limit above this layer ends.
    Silence,
}

fn expect(outcome: Outcome, who: impl fmt::Display) -> Secured {
    outcome.unwrap_or_else(|failure| panic!("the {who} fails: {failure:?}"))
}

fn is_wrong_peer(outcome: Outcome, expected: &PeerId, actual: &PeerId) {
    let Err(Failure::Error(error)) = outcome else { panic!("the wrong peer was taken") };
    let Some(wrong) = error.downcast_ref::<WrongPeer>() else {
        panic!("the wrong peer is not the reason: {error:?}")
    };
    assert_eq!((&wrong.expected, &wrong.actual), (expected, actual));
}

/// Places to attack among `length` bytes: the first ones, and some everywhere.
fn places(length: usize) -> impl Iterator<Item = usize> {
    let step = (length / 20).max(1);
    (0..4.min(length)).chain((4..length).step_by(step))
}

fn pattern(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

async fn send(stream: &mut ByteStream, bytes: &[u8]) {
    stream.write_all(bytes).await.expect("a write");
    stream.flush().await.expect("a flush");
}

/// Writes in pieces around the sizes of buffers and records, now and then flushes, and closes.
async fn send_in_pieces(writer: &mut (impl AsyncWrite + Unpin), mut data: &[u8]) {
    let sizes = [1, 16, 17, 4_095, 65_519, 65_520, 65_535, 65_536, 100_003, 12, 300_000];
    for size in sizes.into_iter().cycle() {
        let (piece, rest) = data.split_at(size.min(data.len()));
        writer.write_all(piece).await.expect("a write");
        if size % 2 == 1 {
            writer.flush().await.expect("a flush");
        }
        data = rest;
        if data.is_empty() {
            break;
        }
    }
    writer.shutdown().await.expect("shutdown");
}

async fn read_all(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let (received, end) = read_all_or_error(reader).await;
    end.map(|()| received)
}

/// Everything up to the end, and how it ended.
async fn read_all_or_error(reader: &mut (impl AsyncRead + Unpin)) -> (Vec<u8>, io::Result<()>) {
    let mut received = Vec::new();
    let end = match timeout(PATIENCE, reader.read_to_end(&mut received)).await {
        Ok(end) => end.map(|_| ()),
        Err(_) => panic!("the stream neither goes on nor ends"),
    };
    (received, end)
}

/// How long a side may wait in vain before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(10);
