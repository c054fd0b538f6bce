//! Peers that know nothing of each other agree: on the dialer's first choice that both have, or on an error that names both lists.
#![cfg(all(
    feature = "memory",
    feature = "secio",
    feature = "mplex",
    feature = "tls",
    feature = "insecure-plaintext"
))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use peerloom::insecure_plaintext::InsecurePlaintext;
use peerloom::memory::Network;
use peerloom::{Builder, DialError, Host, Multiaddr, echo, mplex, noise, secio, tls, yamux};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const NOISE: &str = "/noise";
const TLS: &str = "/tls/1.0.0";
const SECIO: &str = "/secio/1.0.0";
const PLAINTEXT: &str = "/plaintext/2.0.0";
const YAMUX: &str = "/yamux/1.0.0";
const MPLEX: &str = "/mplex/6.7.0";

const SECURITIES: [&str; 4] = [NOISE, TLS, SECIO, PLAINTEXT];
const MUXERS: [&str; 2] = [YAMUX, MPLEX];

/// What a host offers, in its order of preference.
#[derive(Clone, Debug)]
struct Offer {
    securities: Vec<&'static str>,
    muxers: Vec<&'static str>,
}

impl Offer {
    fn new(securities: &[&'static str], muxers: &[&'static str]) -> Self {
        Offer { securities: securities.to_vec(), muxers: muxers.to_vec() }
    }

    fn builder(&self, network: &Network) -> Builder {
        let mut builder = Host::builder().transport(network.transport());
        for name in &self.securities {
            builder = match *name {
                NOISE => builder.security(noise::Config::new),
                TLS => builder.security(tls::Config::new),
                SECIO => builder.security(secio::Config::new),
                _ => builder.security(|key| InsecurePlaintext::new(key.public_key().encode())),
            };
        }
        for name in &self.muxers {
            builder = match *name {
                YAMUX => builder.muxer(yamux::Config::default()),
                _ => builder.muxer(mplex::Config::default()),
            };
        }
        builder
    }
}

/// A host that echoes, and where it is.
async fn listener(network: &Network, offer: &Offer) -> (Host, Multiaddr) {
    let host = offer.builder(network).listen("/memory/0").unwrap().start().await.unwrap();
    host.set_stream_handler(echo::PROTOCOL, echo::serve);
    let address = host.addresses().pop().unwrap();
    (host, address)
}

/// The first of the dialer's that the listener has too.
fn agreed(dialer: &[&'static str], listener: &[&'static str]) -> Option<&'static str> {
    dialer.iter().find(|name| listener.contains(name)).copied()
}

/// Every choice of some of `names`, in every order.
fn selections(names: &[&'static str]) -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&'static str>> = Vec::new();
    let mut last = vec![Vec::new()];
    for _ in names {
        let longer = |begun: &Vec<&'static str>| {
            let begun = begun.clone();
            let left = names.iter().filter(|name| !begun.contains(name)).collect::<Vec<_>>();
            left.into_iter().map(|name| [&begun[..], &[*name]].concat()).collect::<Vec<_>>()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.clone());
    }
    all
}

/// Dials, and checks that both ends have what they should have agreed on, or that they have not.
async fn try_pair(network: &Network, ours: &Offer, theirs: &Offer) {
    let (listener, address) = listener(network, theirs).await;
    let dialer = ours.builder(network).start().await.unwrap();
    let security = agreed(&ours.securities, &theirs.securities);
    let muxer = agreed(&ours.muxers, &theirs.muxers);
    match (dialer.dial(address).await, security.zip(muxer)) {
        (Ok(connection), Some(both)) => {
            assert_eq!((connection.security(), connection.muxer()), both, "{ours:?} {theirs:?}");
            let mut stream = dialer.new_stream_on(&connection, [echo::PROTOCOL]).await.unwrap();
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"hello", "{ours:?} {theirs:?}");
        }
        (Err(error), None) if security.is_none() => {
            assert_names_both(&error, &ours.securities, &theirs.securities);
        }
        (Err(error), None) => assert_names_both(&error, &ours.muxers, &theirs.muxers),
        (Ok(_), None) => panic!("nothing is shared: {ours:?} {theirs:?}"),
        (Err(error), Some(_)) => panic!("{ours:?} {theirs:?}: {error}"),
    }
    dialer.close().await;
    listener.close().await;
}

fn assert_names_both(error: &DialError, ours: &[&str], theirs: &[&str]) {
    let text = error.to_string();
    for name in ours.iter().chain(theirs) {
        assert!(text.contains(name), "{name} is not in: {text}");
    }
}

#[tokio::test]
async fn whatever_the_orders_of_securities_the_dialers_first_that_both_have_is_taken() {
    let network = Network::default();
    // Of all four there would be thousands of pairs.
    let some = [NOISE, TLS, SECIO];
    for ours in selections(&some) {
        for theirs in selections(&some) {
            try_pair(&network, &Offer::new(&ours, &MUXERS), &Offer::new(&theirs, &MUXERS)).await;
        }
    }
}

#[tokio::test]
async fn whatever_the_orders_of_muxers_the_dialers_first_that_both_have_is_taken() {
    let network = Network::default();
    for security in SECURITIES {
        for ours in selections(&MUXERS) {
            for theirs in selections(&MUXERS) {
                let ours = Offer::new(&[security], &ours);
                try_pair(&network, &ours, &Offer::new(&[security], &theirs)).await;
            }
        }
    }
}

#[tokio::test]
async fn a_host_of_today_reaches_one_of_2018_when_it_offers_the_legacy_too() {
    let network = Network::default();
    let (_listener, address) = listener(&network, &Offer::new(&[SECIO], &[MPLEX])).await;
    let today = Host::builder().transport(network.transport()).start().await.unwrap();
    let error = today.dial(address.clone()).await.unwrap_err();
    assert_names_both(&error, &[NOISE, TLS], &[SECIO]);

    let both = Host::builder().transport(network.transport()).legacy().start().await.unwrap();
    let connection = both.dial(address).await.unwrap();
    assert_eq!((connection.security(), connection.muxer()), (SECIO, MPLEX));
}

#[tokio::test]
async fn the_legacy_is_the_last_choice() {
    let network = Network::default();
    let host = || Host::builder().transport(network.transport()).legacy();
    let listener = host().listen("/memory/0").unwrap().start().await.unwrap();
    let dialer = host().start().await.unwrap();
    let connection = dialer.dial(listener.addresses().pop().unwrap()).await.unwrap();
    assert_eq!((connection.security(), connection.muxer()), (NOISE, YAMUX));
}
