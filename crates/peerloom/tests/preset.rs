//! What hosts offer that were told nothing, whom they agree with, and how many round trips that takes.
#![cfg(all(feature = "memory", feature = "tls"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use std::time::Duration;

use peerloom::core::{
    BoxListener, ByteStream, Error, Handshake, Link, ReadHalf, Secured, SecurityUpgrade, Transport,
    read_bytes,
};
use peerloom::memory::{self, Network};
use peerloom::{Builder, Host, Multiaddr, echo, noise, tls};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, simplex};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

/// A security that the builder is told to offer.
#[derive(Clone, Copy, Debug)]
enum Offer {
    Noise,
    Tls,
    /// TLS that knows of no muxers, so that one is agreed on behind it.
    TlsWithoutMuxers,
}

use Offer::{Noise, Tls, TlsWithoutMuxers};

/// A host that is a round trip away from everybody it dials.
fn builder(network: &Network, offers: &[Offer]) -> Builder {
    let builder = Host::builder().transport(Distant(network.transport()));
    offers.iter().fold(builder, |builder, offer| match offer {
        Noise => builder.security(noise::Config::new),
        Tls => builder.security(tls::Config::new),
        TlsWithoutMuxers => builder.security(|key| WithoutMuxers(tls::Config::new(key))),
    })
}

/// What both agree on, and how many round trips it takes until the dialer has its first byte back.
async fn meet(dialer: &[Offer], listener: &[Offer]) -> (String, u128) {
    let network = Network::default();
    let listener = builder(&network, listener).listen("/memory/0").unwrap().start().await.unwrap();
    listener.set_stream_handler(echo::PROTOCOL, echo::serve);
    let address = listener.addresses().pop().unwrap();
    let dialer = builder(&network, dialer).start().await.unwrap();

    let start = Instant::now();
    let connection = dialer.dial(address).await.unwrap();
    let mut stream = dialer.new_stream_lazily(&connection, echo::PROTOCOL).await.unwrap();
    stream.write_all(b"?").await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'?');
    let round_trips = start.elapsed().as_millis() / ROUND_TRIP.as_millis();
    assert_eq!(connection.muxer(), "/yamux/1.0.0");
    (connection.security().to_owned(), round_trips)
}

#[tokio::test(start_paused = true)]
async fn noise_is_offered_first_and_tls_behind_it() {
    for (dialer, listener, security) in [
        (DEFAULT, DEFAULT, "/noise"),
        (DEFAULT, &[Tls][..], "/tls/1.0.0"),
        (DEFAULT, &[Noise], "/noise"),
        (&[Tls], DEFAULT, "/tls/1.0.0"),
        (&[Noise], DEFAULT, "/noise"),
        // The dialer's order decides.
        (&[Tls, Noise], DEFAULT, "/tls/1.0.0"),
        (DEFAULT, &[Tls, Noise], "/noise"),
    ] {
        assert_eq!(meet(dialer, listener).await.0, security, "{dialer:?} {listener:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_refusal_and_a_muxer_that_the_handshake_does_not_agree_on_cost_round_trips() {
    for (dialer, listener, round_trips) in [
        // To connect, to shake hands, to ask and be answered.
        (DEFAULT, DEFAULT, 3),
        (DEFAULT, &[Noise][..], 3),
        (&[Noise], DEFAULT, 3),
        (&[Tls], DEFAULT, 3),
        (&[Tls, Noise], DEFAULT, 3),
        (&[Tls], &[Tls], 3),
        // And to agree on the muxer, where the handshake does not.
        (&[TlsWithoutMuxers], &[Tls], 4),
        (&[Tls], &[TlsWithoutMuxers], 4),
        // A proposal that went ahead and was refused costs its connection; the next one goes ahead on another.
        (DEFAULT, &[Tls], 5),
        (&[Tls, Noise], &[Noise], 5),
    ] {
        assert_eq!(meet(dialer, listener).await.1, round_trips, "{dialer:?} {listener:?}");
    }
}

/// Memory, one round trip long.
struct Distant(memory::Transport);

impl Transport for Distant {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn supports(&self, address: &Multiaddr) -> bool {
        self.0.supports(address)
    }

    async fn dial(&self, address: &Multiaddr) -> Result<Link, Error> {
        sleep(ROUND_TRIP).await;
        let Link::Raw(mut raw) = self.0.dial(address).await? else { panic!("memory is raw") };
        let (reader, writer) = raw.stream.into_split();
        let (near_reader, coming) = simplex(ON_THE_WAY);
        let (going, near_writer) = simplex(ON_THE_WAY);
        tokio::spawn(carry(reader, coming));
        tokio::spawn(carry(ByteStream::from_halves(going, tokio::io::sink()), writer));
        raw.stream = ByteStream::from_halves(near_reader, near_writer);
        Ok(Link::Raw(raw))
    }

    async fn listen(&self, address: &Multiaddr) -> Result<BoxListener, Error> {
        self.0.listen(address).await
    }
}

/// Takes what comes out to where it goes in, half a round trip later.
async fn carry(mut from: impl ReadHalf, mut to: impl AsyncWrite + Unpin) {
    let (sender, mut receiver) = mpsc::channel(MAX_CHUNKS);
    let depart = async move {
        while let Ok(bytes) = read_bytes(&mut from).await
            && !bytes.is_empty()
            && sender.send((Instant::now() + ROUND_TRIP / 2, bytes)).await.is_ok()
        {}
    };
    let arrive = async move {
        while let Some((at, bytes)) = receiver.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() || to.flush().await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(depart, arrive);
}

/// TLS that is told of no muxers.
struct WithoutMuxers(tls::Config);

impl SecurityUpgrade for WithoutMuxers {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn secure(&self, stream: ByteStream, handshake: Handshake<'_>) -> Result<Secured, Error> {
        self.0.secure(stream, Handshake { muxers: &[], ..handshake }).await
    }
}

/// Nothing is said of securities.
const DEFAULT: &[Offer] = &[];

const ROUND_TRIP: Duration = Duration::from_millis(100);

/// More than a handshake and a byte, so that nothing waits but for the way.
const ON_THE_WAY: usize = 64 * 1024;

/// As much in pieces.
const MAX_CHUNKS: usize = 64;
