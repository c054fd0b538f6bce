//! What holds for every address, every text and all bytes.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::num::NonZeroU16;

use peerloom_multiaddr::{
    Certhash, Garlic32, Garlic64, HttpPath, MacAddress, Multiaddr, Name, OnionService, PeerId,
    Protocol, UnixPath, pattern,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = Name<'static>> {
    r"[^/\x00-\x1f\x7f-\x{9f}]{1,12}".prop_map(|name| Name::new(name).unwrap())
}

fn port() -> impl Strategy<Value = NonZeroU16> {
    (1..=u16::MAX).prop_map(|port| NonZeroU16::new(port).unwrap())
}

fn peer() -> impl Strategy<Value = PeerId> {
    let inline = vec(any::<u8>(), 0..=42).prop_map(|key| (0x00, key));
    let hashed = vec(any::<u8>(), 32).prop_map(|digest| (0x12, digest));
    prop_oneof![inline, hashed].prop_map(|(function, digest): (u8, Vec<u8>)| {
        let length = u8::try_from(digest.len()).unwrap();
        PeerId::from_bytes(&[&[function, length], &digest[..]].concat()).unwrap()
    })
}

fn certhash() -> impl Strategy<Value = Certhash<'static>> {
    vec(any::<u8>(), 0..=64).prop_map(|digest| {
        let length = u8::try_from(digest.len()).unwrap();
        Certhash::new([&[0x12, length], &digest[..]].concat()).unwrap()
    })
}

fn with_value() -> impl Strategy<Value = Protocol<'static>> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(|ip| Protocol::Ip4(ip.into())),
        any::<[u8; 16]>().prop_map(|ip| Protocol::Ip6(ip.into())),
        any::<u16>().prop_map(Protocol::Tcp),
        any::<u16>().prop_map(Protocol::Udp),
        any::<u16>().prop_map(Protocol::Dccp),
        any::<u16>().prop_map(Protocol::Sctp),
        any::<u8>().prop_map(Protocol::Ipcidr),
        name().prop_map(Protocol::Ip6zone),
        name().prop_map(Protocol::Dns),
        name().prop_map(Protocol::Dns4),
        name().prop_map(Protocol::Dns6),
        name().prop_map(Protocol::Dnsaddr),
        name().prop_map(Protocol::Sni),
        name().prop_map(Protocol::Memory),
        peer().prop_map(Protocol::P2p),
        (any::<[u8; 10]>(), port())
            .prop_map(|(address, port)| Protocol::Onion(OnionService { address, port })),
        (vec(any::<u8>(), 35), port()).prop_map(|(address, port)| {
            Protocol::Onion3(OnionService { address: address.try_into().unwrap(), port })
        }),
        vec(any::<u8>(), 386..400).prop_map(|it| Protocol::Garlic64(Garlic64::new(it).unwrap())),
        vec(any::<u8>(), 35..60).prop_map(|it| Protocol::Garlic32(Garlic32::new(it).unwrap())),
        vec(any::<u8>(), 32).prop_map(|it| Protocol::Garlic32(Garlic32::new(it).unwrap())),
        vec(any::<u8>(), 1..20).prop_map(|it| Protocol::HttpPath(HttpPath::new(it).unwrap())),
        certhash().prop_map(Protocol::Certhash),
        any::<[u8; 6]>().prop_map(|it| Protocol::Ether(MacAddress(it))),
    ]
}

fn without_value() -> impl Strategy<Value = Protocol<'static>> {
    use Protocol::*;
    proptest::sample::select(vec![
        Udt,
        Utp,
        Tls,
        Noise,
        Quic,
        QuicV1,
        WebTransport,
        Http,
        Https,
        Ws,
        Wss,
        P2pWebSocketStar,
        P2pStardust,
        P2pWebRtcStar,
        P2pWebRtcDirect,
        WebRtcDirect,
        WebRtc,
        P2pCircuit,
    ])
}

/// The peer id of the specification's examples.
const SOMEBODY: &str = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

/// Up to six parts, at times with a path at the end, and a peer behind it.
fn address() -> impl Strategy<Value = Multiaddr> {
    let path = r"(/[^/\x00-\x1f\x7f-\x{9f}]{1,8}){1,3}"
        .prop_map(|path| Protocol::Unix(UnixPath::new(path).unwrap()));
    let peer = proptest::option::of(Just(Protocol::P2p(SOMEBODY.parse().unwrap())));
    let parts = vec(prop_oneof![with_value(), without_value()], 1..=6);
    (parts, proptest::option::weighted(0.2, (path, peer))).prop_map(|(parts, end)| {
        let end = end.into_iter().flat_map(|(path, peer)| std::iter::once(path).chain(peer));
        parts.into_iter().chain(end).collect()
    })
}

/// Bytes that look like an address more often than chance has it.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    (address(), any::<prop::sample::Index>(), any::<u8>(), any::<prop::sample::Index>()).prop_map(
        |(address, place, byte, end)| {
            let mut bytes = address.into_bytes();
            let place = place.index(bytes.len());
            *bytes.get_mut(place).unwrap() = byte;
            bytes.truncate(1 + end.index(bytes.len()).max(place));
            bytes
        },
    )
}

fn check_bytes(bytes: &[u8]) {
    if let Ok(address) = Multiaddr::try_from(bytes) {
        assert_eq!(address.as_bytes(), bytes);
        assert_eq!(address.iter().collect::<Multiaddr>(), address);
        assert_eq!(address.to_string().parse(), Ok(address.clone()));
        let _ = (pattern::P2P.matches(&address), address.to_socket_addr(), address.peer_id());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_address_round_trips(address in address()) {
        prop_assert_eq!(Multiaddr::try_from(address.as_bytes()), Ok(address.clone()));
        prop_assert_eq!(address.to_string().parse(), Ok(address.clone()));
        prop_assert_eq!(address.iter().map(Protocol::into_owned).collect::<Multiaddr>(), address);
    }

    #[test]
    fn every_split_joins_again(address in address(), index in 0..8_usize) {
        let (before, behind) = address.split_at(index);
        prop_assert_eq!(before.encapsulate(&behind), address.clone());
        prop_assert!(address.starts_with(&before) && address.ends_with(&behind));
        prop_assert!(address.starts_with(&address.decapsulate(&behind)));
        let (rest, last) = address.split_last().unwrap();
        prop_assert_eq!(rest.with(last), address);
    }

    #[test]
    fn the_text_of_a_part_is_its_name_and_value(address in address()) {
        let text: String = address.iter().map(|part| match (part.name(), part.value()) {
            ("unix", Some(path)) => format!("/unix{path}"),
            (name, Some(value)) => format!("/{name}/{value}"),
            (name, None) => format!("/{name}"),
        }).collect();
        prop_assert_eq!(text, address.to_string());
    }

    #[test]
    fn any_bytes_are_refused_or_kept(bytes in vec(any::<u8>(), 0..64)) {
        check_bytes(&bytes);
    }

    #[test]
    fn broken_bytes_are_refused_or_kept(bytes in mutated()) {
        check_bytes(&bytes);
    }

    #[test]
    fn any_text_is_refused_or_has_a_canonical_form(text in "(/[a-z0-9/%:.-]{0,12}|.{0,4}|/(ip4|tcp|dns|http-path|unix|p2p|ws|memory)){0,6}") {
        if let Ok(address) = text.parse::<Multiaddr>() {
            check_bytes(address.as_bytes());
            prop_assert_eq!(address.to_string().parse(), Ok(address));
        }
    }
}
