//! Who gets into a private network, and what becomes of all others.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use peerloom_core::{
    BoxListener, BoxMuxer, BoxSubstream, BoxTransport, ByteStream, Complete, Driver, Fault, Link,
    Listener, ListenerEvent, Multiplexed, MuxerStatus, StreamMuxer, Transport as _, read_bytes,
};
use peerloom_crypto::XSalsa20;
use peerloom_multiaddr::Multiaddr;
use peerloom_pnet::{Config, Error, PreSharedKey, Transport};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream, ReadBuf};

const HEADER: &[u8] = b"\x13/multistream/1.0.0\n";

fn key(byte: u8) -> PreSharedKey {
    PreSharedKey::from_bytes(&[byte; 32])
}

/// A stream in the network of `byte`, and the bare line to it.
fn member(byte: u8) -> (ByteStream, DuplexStream) {
    let (near, far) = tokio::io::duplex(256 * 1024);
    (Config::new(key(byte)).protect(ByteStream::from_io(near)), far)
}

/// The two ends of a line, each in the network of its key.
fn members(one: u8, other: u8) -> (ByteStream, ByteStream) {
    let (near, far) = member(one);
    (near, Config::new(key(other)).protect(ByteStream::from_io(far)))
}

fn reason(error: &io::Error) -> &Error {
    error.get_ref().and_then(|error| error.downcast_ref()).expect("an error of this crate")
}

/// Nothing is read from a remote of another network, now or later, as bytes or otherwise.
async fn refuses(stream: &mut ByteStream, expected: &Error) {
    for _ in 0..2 {
        assert_eq!(reason(&stream.read(&mut [0; 100]).await.unwrap_err()), expected);
        assert_eq!(reason(&read_bytes(stream).await.unwrap_err()), expected);
    }
}

#[tokio::test]
async fn members_understand_each_other() {
    let (mut one, mut other) = members(1, 1);
    let words = [HEADER, b"\x07/noise\n", &[5; 100_000]].concat();
    for piecewise in [false, true] {
        if piecewise {
            (one, other) = members(1, 1);
        }
        one.write_all(&words).await.unwrap();
        other.write_all(HEADER).await.unwrap();
        let mut heard = Vec::new();
        while heard.len() < words.len() {
            if piecewise {
                heard.extend_from_slice(&read_bytes(&mut other).await.unwrap());
            } else {
                other.read_buf(&mut heard).await.unwrap();
            }
        }
        assert!(heard == words);
        let mut answer = [0; HEADER.len()];
        for byte in &mut answer {
            *byte = one.read_u8().await.unwrap();
        }
        assert_eq!(answer, HEADER);
        one.shutdown().await.unwrap();
        assert!(read_bytes(&mut other).await.unwrap().is_empty());
    }
}

/// As js-libp2p does, whichever side it is.
#[tokio::test]
async fn a_peer_that_says_nothing_before_it_has_our_nonce_gets_it_though_we_wait_for_its_words() {
    for capacity in [1, 100] {
        let (near, mut far) = tokio::io::duplex(capacity);
        let mut ours = Config::new(key(1)).protect(ByteStream::from_io(near));
        let listen = async {
            assert_eq!(ours.write(b"").await.unwrap(), 0);
            ours.flush().await.unwrap();
            let mut heard = [0; HEADER.len()];
            ours.read_exact(&mut heard).await.unwrap();
            assert_eq!(heard, HEADER);
            ours.write_all(HEADER).await.unwrap();
            ours.shutdown().await.unwrap();
        };
        let dial = async {
            let mut nonce = [0; 24];
            far.read_exact(&mut nonce).await.unwrap();
            let mut words = HEADER.to_vec();
            XSalsa20::new(&[1; 32], &[8; 24]).apply(&mut words);
            far.write_all(&[&[8; 24], &words[..]].concat()).await.unwrap();
            let mut answer = Vec::new();
            far.read_to_end(&mut answer).await.unwrap();
            XSalsa20::new(&[1; 32], &nonce).apply(&mut answer);
            assert_eq!(answer, HEADER);
        };
        let both = async { tokio::join!(listen, dial) };
        tokio::time::timeout(Duration::from_secs(10), both).await.expect("nobody waits for ever");
    }
}

#[tokio::test]
async fn a_writing_half_that_is_dropped_ends_the_line_though_nothing_was_written() {
    let (near, mut far) = tokio::io::duplex(100);
    let line = ByteStream::from_halves(tokio::io::empty(), near);
    let (_reader, writer) = Config::new(key(1)).protect(line).into_split();
    drop(writer);
    assert_eq!(far.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn the_wire_is_that_of_the_specification() {
    // Made with Go's golang.org/x/crypto/salsa20: the key 00 01 …, the nonce a0 a1 …, the header,
    // then the numbers from 20 to 299, each the byte that it ends with.
    let sealed = "
        5269c6e070400d32b677362022a56c3557a556d1bf45a4e87a47af6a91be4adb16b49539a643c189
        5f021160da8558e964aae29d0dbe3e08087269ef765ed1398fab09e76a012762b7022a7d43a647bf
        304a8816d8e7024667b593774065f5287ce02dcd32e7917c50b6666bedac618b7c8715f84a8ebfc1
        6be4f0899cff8e852f8d5b8eb00981da17d1e83f198221a8de3daf47de3a2466ff2d701c8bef453a
        fd4c2a03d0fd98e33c4106e61a95a2a775705187b9bf5b8128949870d39fb7241cd6677d6e2239c8
        0b38b769dd873a4e23c276db645f74db75640223328c7c59a465e3c2c2ff16b6b24ac13deb472f2f
        7022bbf4272f615e4502753016ea90ea1d2cfe6fd973d5f047955f717d1984ce8d2f59bd229079a5
        e6556cc48d15d5862f0b233aaa0eafc6a1b5866a";
    let digits: Vec<u8> =
        sealed.chars().filter_map(|c| c.to_digit(16)).map(|d| u8::try_from(d).unwrap()).collect();
    let sealed: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let nonce: Vec<u8> = (0xa0..0xb8).collect();
    let numbers = (20..300_u16).map(|number| number.to_le_bytes()[0]);
    let plaintext: Vec<u8> = HEADER.iter().copied().chain(numbers).collect();

    let bytes: Vec<u8> = (0..32).collect();
    let key = PreSharedKey::from_bytes(&bytes.try_into().unwrap());
    for step in [1, 23, 24, 25, 43, 44, 45, 64, 400] {
        let (near, mut far) = tokio::io::duplex(step);
        let mut stream = Config::new(key.clone()).protect(ByteStream::from_io(near));
        let wire = [nonce.as_slice(), &sealed].concat();
        let say = async {
            far.write_all(&wire).await.unwrap();
            far.shutdown().await.unwrap();
        };
        let mut heard = Vec::new();
        let (read, ()) = tokio::join!(stream.read_to_end(&mut heard), say);
        read.unwrap();
        assert_eq!(heard, plaintext);
    }
}

#[tokio::test]
async fn peers_of_two_networks_find_out_and_hear_nothing() {
    let (mut one, mut other) = members(1, 2);
    one.write_all(HEADER).await.unwrap();
    other.write_all(HEADER).await.unwrap();
    refuses(&mut one, &Error::OtherNetwork).await;
    refuses(&mut other, &Error::OtherNetwork).await;
    assert_eq!(Error::OtherNetwork.fault(), Fault::Peer);
}

#[tokio::test]
async fn a_plain_peer_is_known_at_its_first_words_and_hears_nothing_but_noise() {
    for words in [HEADER.to_vec(), [HEADER, b"\x07/noise\n", &[9; 40]].concat()] {
        let (mut stream, mut plain) = member(1);
        plain.write_all(&words).await.unwrap();
        refuses(&mut stream, &Error::NotPrivate).await;
        assert_eq!(Error::NotPrivate.fault(), Fault::Peer);

        stream.write_all(HEADER).await.unwrap();
        drop(stream);
        let mut heard = Vec::new();
        plain.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard.len(), 24 + HEADER.len());
        assert!(!heard.windows(4).any(|part| HEADER.windows(4).any(|word| word == part)));
    }
}

#[tokio::test]
async fn a_peer_that_says_anything_else_is_refused() {
    for words in [
        vec![0; 44],
        vec![0xff; 100],
        b"GET / HTTP/1.1\r\nHost: a.private.network.example\r\n".to_vec(),
    ] {
        let (mut stream, mut stranger) = member(1);
        stranger.write_all(&words).await.unwrap();
        refuses(&mut stream, &Error::OtherNetwork).await;
    }
}

#[tokio::test]
async fn a_peer_that_goes_before_it_has_shown_the_key_may_have_none() {
    for length in [0, 1, 23, 24, 43] {
        let (mut stream, mut stranger) = member(1);
        stranger.write_all(&vec![1; length]).await.unwrap();
        drop(stranger);
        refuses(&mut stream, &Error::HungUp).await;
        assert_eq!(Error::HungUp.fault(), Fault::Network);
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_show_the_key_is_given_up_however_it_dawdles() {
    for (given, expected) in [(None, 8), (Some(3), 3)] {
        let config = Config::new(key(1));
        let config = match given {
            Some(seconds) => config.with_patience(Duration::from_secs(seconds)),
            None => config,
        };
        let (near, mut stranger) = tokio::io::duplex(1_000);
        let mut stream = config.protect(ByteStream::from_io(near));
        let start = tokio::time::Instant::now();
        let dawdle = async {
            while start.elapsed() < Duration::from_secs(20) {
                stranger.write_all(&[1]).await.unwrap();
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let reason = Error::Silent(Duration::from_secs(expected));
        tokio::select! {
            () = refuses(&mut stream, &reason) => {}
            () = dawdle => panic!("nobody gave up"),
        }
        assert_eq!(start.elapsed().as_secs(), expected);
        assert_eq!(reason.fault(), Fault::Peer);
    }
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_to_show_a_key_or_has_shown_it_nobody_is_given_up() {
    let hour = Duration::from_secs(3_600);
    let (near, _silent) = tokio::io::duplex(100);
    let mut stream = Config::new(key(1)).without_check().protect(ByteStream::from_io(near));
    assert!(tokio::time::timeout(hour, stream.read_u8()).await.is_err());

    let (mut one, mut other) = members(1, 1);
    other.write_all(HEADER).await.unwrap();
    one.read_exact(&mut [0; HEADER.len()]).await.unwrap();
    assert!(tokio::time::timeout(hour, one.read_u8()).await.is_err());
}

/// A plain listener, as many are, closes a connection whose first bytes it does not understand.
#[tokio::test]
async fn a_plain_listener_that_closes_a_tcp_connection_gives_the_same_reason() {
    let tcp = || BoxTransport::new(peerloom_transport_tcp::Transport::default());
    let mut listener = tcp().listen(&"/ip4/127.0.0.1/tcp/0".parse().unwrap()).await.unwrap();
    let address = listener.addresses().remove(0);
    let private = Transport::new(tcp(), key(1));
    let (dialed, accepted) = tokio::join!(private.dial(&address), listener.next());
    let (Link::Raw(mut dialed), ListenerEvent::Incoming(Link::Raw(accepted))) =
        (dialed.unwrap(), accepted.unwrap())
    else {
        panic!("tcp gives byte streams");
    };
    // Some are left unread, so that the end is followed by a reset.
    dialed.stream.write_all(&[HEADER, &[0; 20_000]].concat()).await.unwrap();
    let (mut reader, writer) = accepted.stream.into_split();
    reader.read_u8().await.unwrap();
    drop((reader, writer));
    refuses(&mut dialed.stream, &Error::HungUp).await;
}

/// A line on which reading fails.
struct Failing(io::ErrorKind);

impl AsyncRead for Failing {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(self.0.into()))
    }
}

#[tokio::test]
async fn other_failures_of_the_line_are_told_as_they_are() {
    let (checked, unchecked) = (Config::new(key(1)), Config::new(key(1)).without_check());
    let over = |config: &Config, kind| {
        config.protect(ByteStream::from_halves(Failing(kind), tokio::io::sink()))
    };
    refuses(&mut over(&checked, io::ErrorKind::ConnectionReset), &Error::HungUp).await;
    for (config, kind) in [
        (checked, io::ErrorKind::TimedOut),
        // Nobody was to show the key, so this is no sign of another, and no end of the stream.
        (unchecked, io::ErrorKind::ConnectionReset),
    ] {
        let error = over(&config, kind).read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.get_ref().is_none());
    }
}

#[tokio::test]
async fn without_the_check_a_stream_may_end_at_once_but_not_within_the_nonce() {
    for (length, whole) in [(0, true), (1, false), (23, false), (24, true)] {
        let (near, mut far) = tokio::io::duplex(100);
        let config = Config::new(key(1)).without_check();
        let mut stream = config.protect(ByteStream::from_io(near));
        far.write_all(&vec![1; length]).await.unwrap();
        far.shutdown().await.unwrap();
        if whole {
            for _ in 0..2 {
                assert_eq!(stream.read(&mut [0; 9]).await.unwrap(), 0);
                assert!(read_bytes(&mut stream).await.unwrap().is_empty());
            }
        } else {
            refuses(&mut stream, &Error::Truncated).await;
        }
    }
}

/// A transport like QUIC, whose connections need no upgrade.
struct Quick;

struct QuickListener;

struct NoStreams;

fn complete() -> Link {
    let address: Multiaddr = "/memory/1".parse().unwrap();
    Link::Complete(Complete {
        protocol: "/quic-v1",
        multiplexed: Multiplexed {
            muxer: BoxMuxer::new(NoStreams),
            driver: Driver::new(std::future::ready(Ok(()))),
        },
        remote_key: peerloom_peer_id::EncodedKey::decode(&[8, 1, 18, 0]).unwrap(),
        local: address.clone(),
        remote: address,
    })
}

impl peerloom_core::Transport for Quick {
    fn name(&self) -> &'static str {
        "quick"
    }

    fn supports(&self, _: &Multiaddr) -> bool {
        true
    }

    async fn resolve(&self, _: &Multiaddr) -> Result<Vec<Multiaddr>, peerloom_core::Error> {
        Ok(vec!["/memory/2".parse().unwrap(), "/memory/3".parse().unwrap()])
    }

    async fn dial(&self, _: &Multiaddr) -> Result<Link, peerloom_core::Error> {
        Ok(complete())
    }

    async fn listen(&self, _: &Multiaddr) -> Result<BoxListener, peerloom_core::Error> {
        Ok(BoxListener::new(QuickListener))
    }
}

impl Listener for QuickListener {
    fn addresses(&self) -> Vec<Multiaddr> {
        vec![]
    }

    async fn next(&mut self) -> Result<ListenerEvent, peerloom_core::Error> {
        Ok(ListenerEvent::Incoming(complete()))
    }
}

impl StreamMuxer for NoStreams {
    async fn open(&self) -> Result<BoxSubstream, peerloom_core::Error> {
        Err(peerloom_core::Error::new("quick", Fault::Peer, "no streams"))
    }

    async fn accept(&self) -> Result<BoxSubstream, peerloom_core::Error> {
        self.open().await
    }

    async fn close(&self) -> Result<(), peerloom_core::Error> {
        Ok(())
    }

    fn status(&self) -> MuxerStatus {
        MuxerStatus::default()
    }
}

#[tokio::test]
async fn a_name_stands_for_what_it_stands_for_without_the_key() {
    let transport = Transport::new(BoxTransport::new(Quick), key(1));
    let found = transport.resolve(&"/memory/1".parse().unwrap()).await.unwrap();
    assert_eq!(found, ["/memory/2".parse().unwrap(), "/memory/3".parse().unwrap()]);
}

#[tokio::test]
async fn connections_that_are_complete_already_are_refused_by_name() {
    let transport = Transport::new(BoxTransport::new(Quick), key(1));
    let address = "/memory/1".parse().unwrap();
    assert_eq!((transport.name(), transport.supports(&address)), ("quick", true));
    let mut listener = transport.listen(&address).await.unwrap();
    for error in [transport.dial(&address).await.unwrap_err(), listener.next().await.unwrap_err()] {
        assert_eq!(error.downcast_ref(), Some(&Error::Complete("/quic-v1")));
        assert_eq!((error.layer(), error.fault()), ("pnet", Fault::Caller));
    }
}
