//! Addresses, as bytes and as text: what can be read can be written, and is read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use peerloom_multiaddr::{Multiaddr, Protocol};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(address) = Multiaddr::try_from(bytes) {
        assert_eq!(address.as_bytes(), bytes);
        check(&address);
    }
    if let Ok(Ok(address)) = str::from_utf8(bytes).map(str::parse) {
        check(&address);
    }
});

fn check(address: &Multiaddr) {
    assert_eq!(Multiaddr::try_from(address.as_bytes()).as_ref(), Ok(address));
    assert_eq!(address.to_string().parse().as_ref(), Ok(address), "{address}");
    assert_eq!(address.iter().collect::<Multiaddr>(), *address);
    check_parts(address);
    if let Ok(socket) = address.to_socket_addr() {
        let rebuilt = [Multiaddr::from_tcp(socket), Multiaddr::from_udp(socket)];
        assert!(rebuilt.iter().all(|address| address.to_socket_addr() == Ok(socket)), "{address}");
    }
}

fn check_parts(address: &Multiaddr) {
    for index in 0..=address.len() {
        let (before, behind) = address.split_at(index);
        assert_eq!(before.encapsulate(&behind), *address);
        assert!(address.starts_with(&before) && address.ends_with(&behind));
    }
    let mut shorter = address.clone();
    let last = shorter.pop().expect("what was read has a part");
    assert_eq!(shorter.with(last), *address);
    if let Some(peer) = address.without_peer_id().peer_id() {
        assert!(address.iter().any(|part| part == Protocol::P2p(peer)));
    }
}
