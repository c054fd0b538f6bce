//! What is read and written before there are streams: addresses, names of protocols, who one is.

use std::hint::black_box;
use std::io::Cursor;

use peerloom_identify::Info;
use peerloom_identity::Keypair;
use peerloom_multiaddr::Multiaddr;
use peerloom_multistream_select::{Decoded, Message};

use crate::meter::{finish, measure};

pub fn multiaddr_from_text() {
    measure(|| {
        let address: Result<Multiaddr, _> = black_box(ADDRESS).parse();
        black_box(address.expect("it is a good one"));
    });
}

pub fn multiaddr_from_bytes() {
    let bytes = address().into_bytes();
    measure(|| {
        let address = Multiaddr::try_from(black_box(&bytes[..]));
        black_box(address.expect("it is a good one"));
    });
}

pub fn multistream_in() {
    let mut bytes = Vec::new();
    proposal().encode(&mut bytes).expect("the name is a good one");
    measure(|| {
        let decoded = Message::decode(black_box(&bytes));
        assert!(matches!(decoded, Ok(Decoded::Complete { value: Message::Protocol(_), .. })));
    });
}

pub fn multistream_out() {
    let mut bytes = Vec::new();
    let proposal = proposal();
    measure(|| {
        bytes.clear();
        black_box(&proposal).encode(&mut bytes).expect("the name is a good one");
        black_box(&bytes);
    });
}

pub fn identify_in() {
    let (keys, info) = identity();
    let (peer, mut stream) = (keys.peer_id(), Cursor::new(Vec::new()));
    finish(peerloom_identify::send(&mut stream, &info), |_| {}).expect("a vector takes it all");
    let bytes = stream.into_inner();
    measure(|| {
        let received = finish(peerloom_identify::receive(&mut &bytes[..], &peer), |_| {});
        black_box(received.expect("it is our own message"));
    });
}

pub fn identify_out() {
    let (_, info) = identity();
    let mut stream = Cursor::new(Vec::new());
    measure(|| {
        stream.set_position(0);
        let sent = finish(peerloom_identify::send(&mut stream, &info), |_| {});
        sent.expect("a vector takes it all");
    });
}

fn address() -> Multiaddr {
    ADDRESS.parse().expect("it is a good one")
}

fn proposal() -> Message {
    Message::Protocol("/ipfs/kad/1.0.0".to_owned())
}

/// What a node of a few protocols says of itself; the key is the same in every run.
fn identity() -> (Keypair, Info) {
    let keys = Keypair::from_protobuf(KEY).expect("the specification has good keys");
    let info = Info {
        public_key: Some(keys.public_key().encode()),
        listen_addresses: vec![address(); 4],
        protocols: (0..8).map(|number| format!("/protocol/{number}.0.0")).collect(),
        observed_address: Some(address()),
        agent_version: "peerloom".to_owned(),
        ..Info::default()
    };
    (keys, info)
}

const ADDRESS: &str =
    "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";

/// The Ed25519 test vector of the peer-ids specification.
const KEY: &[u8] = b"\x08\x01\x12\x40\
    \x7e\x08\x30\x61\x7c\x4a\x7d\xe8\x39\x25\xdf\xb2\x69\x45\x56\xb1\
    \x29\x36\xc4\x77\xa0\xe1\xfe\xb2\xe1\x48\xec\x9d\xa6\x0f\xee\x7d\
    \x1e\xd1\xe8\xfa\xe2\xc4\xa1\x44\xb8\xbe\x8f\xd4\xb4\x7b\xf3\xd3\
    \xb3\x4b\x87\x1c\x3c\xac\xf6\x01\x0f\x0e\x42\xd4\x74\xfc\xe2\x7e";
