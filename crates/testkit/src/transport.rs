//! What every transport of raw byte streams does, whatever it runs over.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Buf;
use peerloom_core::{
    BoxListener, BoxTransport, ByteStream, Error, Fault, Link, Listener, ListenerEvent, Raw,
    Transport, read_bytes,
};
use peerloom_multiaddr::{Multiaddr, Protocol};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

/// Puts a transport through everything that the layers above count on, at an address to listen on
/// that can be had several times over, such as `/ip4/127.0.0.1/tcp/0`.
///
/// It wants a tokio runtime with its clock running: whatever takes longer than a minute has failed.
///
/// # Panics
/// When the transport does not conform; the message says how.
pub async fn conforms(transport: BoxTransport, listen: &str) {
    let listen: Multiaddr = listen.parse().expect("the address to listen on is one");
    let listen = Box::new(move || listen.clone());
    run(&Place { transport: Arc::new(transport), listen, dialers_have_names: true }).await;
}

/// The same for a transport that listens once at each address and whose dialers have none, such as one
/// of Unix sockets: `fresh` makes the addresses to listen on, and a dialer's end shows as the listener's.
///
/// # Panics
/// When the transport does not conform; the message says how.
pub async fn conforms_without_wildcard(
    transport: BoxTransport,
    fresh: impl Fn() -> Multiaddr + Send + Sync + 'static,
) {
    let listen = Box::new(fresh);
    run(&Place { transport: Arc::new(transport), listen, dialers_have_names: false }).await;
}

async fn run(place: &Place) {
    soon("a dial is accepted", a_dial_is_accepted(place)).await;
    soon("a peer id is ignored", a_peer_id_is_ignored(place)).await;
    soon("half-closing", one_direction_ends_before_the_other(place)).await;
    soon("dropping", a_dropped_stream_ends_at_the_other_side(place)).await;
    soon("integrity", much_data_arrives_unharmed_both_ways_at_once(place)).await;
    soon("several listeners", several_listeners_each_get_their_own(place)).await;
    soon("a dropped listener", a_dropped_listener_refuses_and_keeps_what_it_gave(place)).await;
    soon("a taken address", an_address_is_listened_on_once(place)).await;
    soon("foreign addresses", foreign_addresses_are_named_in_the_error(place)).await;
    soon("cancelling", a_cancelled_accept_loses_nothing(place)).await;
    soon("many dials", many_dials_at_once_are_all_accepted(place)).await;
}

/// Where the suite runs.
struct Place {
    transport: Arc<BoxTransport>,
    /// Where the next listener can be.
    listen: Box<dyn Fn() -> Multiaddr + Send + Sync>,
    dialers_have_names: bool,
}

impl Place {
    async fn listen(&self) -> (BoxListener, Multiaddr) {
        let listener = self.transport.listen(&(self.listen)()).await.expect("the address is free");
        let address = listener.addresses().first().expect("a listener has an address").clone();
        (listener, address)
    }

    async fn dial(&self, address: &Multiaddr) -> Raw {
        raw(self.transport.dial(address).await.expect("the listener can be dialled"))
    }

    /// A connection's two ends: the dialer's, and the listener's.
    async fn connect(&self) -> (Raw, Raw) {
        let (mut listener, address) = self.listen().await;
        tokio::join!(self.dial(&address), accept(&mut listener))
    }

    async fn streams(&self) -> (ByteStream, ByteStream) {
        let (dialed, accepted) = self.connect().await;
        (dialed.stream, accepted.stream)
    }
}

async fn a_dial_is_accepted(place: &Place) {
    let (mut listener, _) = place.listen().await;
    for address in listener.addresses() {
        assert!(place.transport.supports(&address), "its own address {address} is supported");
        let (dialed, accepted) = tokio::join!(place.dial(&address), accept(&mut listener));
        assert_eq!(dialed.remote, address, "the dialer knows whom it dialled");
        assert_eq!(accepted.local, address, "the listener knows where it was dialled");
        assert_eq!(dialed.local, accepted.remote, "both know the dialer's end alike");
        let differ = dialed.local != dialed.remote;
        assert_eq!(differ, place.dialers_have_names, "the ends differ where dialers have names");
        talk(dialed.stream, accepted.stream).await;
    }
}

/// A word each way, as negotiations go: written whole, read a byte at a time.
async fn talk(mut dialed: ByteStream, mut accepted: ByteStream) {
    say(&mut dialed, &mut accepted, b"/multistream/1.0.0\n").await;
    say(&mut accepted, &mut dialed, b"na\n").await;
}

async fn say(from: &mut ByteStream, to: &mut ByteStream, words: &[u8]) {
    from.write_all(words).await.expect("the stream is open");
    from.flush().await.expect("the stream is open");
    for word in words {
        assert_eq!(to.read_u8().await.expect("what was written arrives"), *word);
    }
}

async fn a_peer_id_is_ignored(place: &Place) {
    let (mut listener, address) = place.listen().await;
    let named = parsed(&format!("{address}/p2p/{SOMEBODY}"));
    assert!(place.transport.supports(&named), "{named} is supported");
    let (dialed, accepted) = tokio::join!(place.dial(&named), accept(&mut listener));
    talk(dialed.stream, accepted.stream).await;
}

async fn one_direction_ends_before_the_other(place: &Place) {
    let (mut dialed, mut accepted) = place.streams().await;
    end(&mut dialed, &mut accepted).await;
    end(&mut accepted, &mut dialed).await;
}

async fn end(from: &mut ByteStream, to: &mut ByteStream) {
    from.write_all(b"last words").await.expect("this direction is open");
    from.shutdown().await.expect("this direction is open");
    let mut words = Vec::new();
    to.read_to_end(&mut words).await.expect("this direction ends well");
    assert_eq!(words, b"last words");
}

async fn a_dropped_stream_ends_at_the_other_side(place: &Place) {
    for dialer_goes in [true, false] {
        let (dialed, accepted) = place.streams().await;
        let (gone, mut left) = if dialer_goes { (dialed, accepted) } else { (accepted, dialed) };
        drop(gone);
        let read = read_bytes(&mut left).await;
        assert!(read.is_err() || read.is_ok_and(|bytes| bytes.is_empty()), "nothing is to be read");
        while left.write_all(&[0; 1024]).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}

async fn much_data_arrives_unharmed_both_ways_at_once(place: &Place) {
    let (dialed, accepted) = place.streams().await;
    let (there, back) = (noise(1), noise(2));
    let (mut dialed_reader, mut dialed_writer) = dialed.into_split();
    let (mut accepted_reader, mut accepted_writer) = accepted.into_split();
    let write_there = async {
        dialed_writer.write_all(&there).await.expect("the stream is open");
        dialed_writer.shutdown().await.expect("the stream is open");
    };
    let write_back = async {
        let (first, second) = back.split_at(back.len() / 3);
        accepted_writer
            .write_all_buf(&mut Buf::chain(first, second))
            .await
            .expect("the stream is open");
        accepted_writer.shutdown().await.expect("the stream is open");
    };
    let read_there = async {
        let mut received = Vec::new();
        accepted_reader.read_to_end(&mut received).await.expect("the stream ends well");
        received
    };
    let read_back = async {
        let mut received = Vec::new();
        loop {
            let bytes = read_bytes(&mut dialed_reader).await.expect("the stream ends well");
            if bytes.is_empty() {
                return received;
            }
            received.extend_from_slice(&bytes);
        }
    };
    let ((), (), arrived_there, arrived_back) =
        tokio::join!(write_there, write_back, read_there, read_back);
    assert!(arrived_there == there, "the dialer's bytes arrive unharmed");
    assert!(arrived_back == back, "the listener's bytes arrive unharmed");
}

async fn several_listeners_each_get_their_own(place: &Place) {
    let (mut first, first_address) = place.listen().await;
    let (mut second, second_address) = place.listen().await;
    assert_ne!(first_address, second_address, "two listeners have two addresses");
    let to_second = tokio::join!(place.dial(&second_address), accept(&mut second));
    let to_first = tokio::join!(place.dial(&first_address), accept(&mut first));
    for (dialed, accepted) in [to_first, to_second] {
        assert_eq!(dialed.remote, accepted.local);
        talk(dialed.stream, accepted.stream).await;
    }
}

async fn a_dropped_listener_refuses_and_keeps_what_it_gave(place: &Place) {
    let (mut listener, address) = place.listen().await;
    let (dialed, accepted) = tokio::join!(place.dial(&address), accept(&mut listener));
    drop(listener);
    let error = place.transport.dial(&address).await.expect_err("nobody listens");
    assert_names(&error, &address);
    assert_ne!(error.fault(), Fault::Caller, "there was nothing wrong with the address");
    talk(dialed.stream, accepted.stream).await;
}

async fn an_address_is_listened_on_once(place: &Place) {
    let (_listener, address) = place.listen().await;
    let error = place.transport.listen(&address).await.map(drop).expect_err("it is taken");
    assert_names(&error, &address);
    assert_eq!(error.fault(), Fault::Caller, "a taken address is the caller's to change");
}

async fn foreign_addresses_are_named_in_the_error(place: &Place) {
    let beyond = (place.listen)().with(Protocol::Utp);
    for address in [parsed(FOREIGN), beyond, Multiaddr::empty()] {
        assert!(!place.transport.supports(&address), "{address} is not supported");
        let dialing = place.transport.dial(&address).await.map(drop);
        let listening = place.transport.listen(&address).await.map(drop);
        for attempt in [dialing, listening] {
            let error = attempt.expect_err("an address that is not supported is an error");
            assert_names(&error, &address);
            assert_eq!(error.fault(), Fault::Caller, "the caller chose {address}");
        }
    }
}

async fn a_cancelled_accept_loses_nothing(place: &Place) {
    let (mut listener, address) = place.listen().await;
    let dials = dial_many(place, &address);
    let mut accepted = 0;
    while accepted < MANY {
        let next = tokio::select! {
            biased;
            event = listener.next() => Some(event.expect("the listener goes on")),
            () = std::future::ready(()) => None,
        };
        match next {
            Some(ListenerEvent::Incoming(link)) => {
                answer(raw(link)).await;
                accepted += 1;
            }
            Some(ListenerEvent::NewAddress(_) | ListenerEvent::AddressGone(_)) => {}
            None => tokio::task::yield_now().await,
        }
    }
    assert_eq!(dials.join_all().await.len(), usize::from(MANY));
}

async fn many_dials_at_once_are_all_accepted(place: &Place) {
    let (mut listener, address) = place.listen().await;
    let dials = dial_many(place, &address);
    let mut answers = JoinSet::new();
    for _ in 0..MANY {
        answers.spawn(answer(accept(&mut listener).await));
    }
    answers.join_all().await;
    let answered: BTreeSet<u8> = dials.join_all().await.into_iter().collect();
    assert_eq!(answered.len(), usize::from(MANY), "each dialer has a connection of its own");
}
/// Dials, each with a number to say, which hear it back.
fn dial_many(place: &Place, address: &Multiaddr) -> JoinSet<u8> {
    let mut dials = JoinSet::new();
    for number in 0..MANY {
        let (transport, address) = (Arc::clone(&place.transport), address.clone());
        dials.spawn(async move {
            let link = transport.dial(&address).await.expect("each of many dials succeeds");
            let mut stream = raw(link).stream;
            stream.write_u8(number).await.expect("the stream is open");
            stream.flush().await.expect("the stream is open");
            assert_eq!(stream.read_u8().await.expect("the answer arrives"), number);
            number
        });
    }
    dials
}

async fn answer(mut accepted: Raw) {
    let number = accepted.stream.read_u8().await.expect("the dialer says its number");
    accepted.stream.write_u8(number).await.expect("the stream is open");
    accepted.stream.flush().await.expect("the stream is open");
}

/// Takes a connection, and does what its dialer waits for: some transports hand a connection on
/// before their handshake, which is then for whoever uses it first.
async fn accept(listener: &mut BoxListener) -> Raw {
    loop {
        if let ListenerEvent::Incoming(link) = listener.next().await.expect("the listener goes on")
        {
            let mut accepted = raw(link);
            accepted.stream.flush().await.expect("the dialer is honest");
            return accepted;
        }
    }
}

#[expect(clippy::panic, reason = "a transport that is of another kind fails the suite")]
fn raw(link: Link) -> Raw {
    match link {
        Link::Raw(raw) => raw,
        Link::Complete(_) => panic!("this suite is for transports of raw byte streams"),
    }
}

fn assert_names(error: &Error, address: &Multiaddr) {
    let mut story = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        story = format!("{story}: {error}");
        cause = error.source();
    }
    assert!(story.contains(&address.to_string()), "{address} stands in the error: {story}");
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(LONG, future).await;
    done.unwrap_or_else(|_| unreachable!("{what} takes forever"))
}

fn parsed(address: &str) -> Multiaddr {
    address.parse().expect("the suite knows how addresses are written")
}

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(MUCH);
    while bytes.len() < MUCH {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

/// A step that takes longer hangs.
const LONG: Duration = Duration::from_secs(60);

/// Dials at once: more than a task's turn serves, and few enough for any machine.
const MANY: u8 = 100;

/// Bytes that fill every buffer on the way many times over.
const MUCH: usize = 4 * 1024 * 1024;

/// The peer id of the specification's examples.
const SOMEBODY: &str = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

/// An address that is of no transport's kind.
const FOREIGN: &str = "/ip4/192.0.2.1/udp/4001/utp";
