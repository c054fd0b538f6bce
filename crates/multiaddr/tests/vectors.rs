//! Addresses that the specification and other implementations read, write and refuse.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use peerloom_multiaddr::{Multiaddr, Protocol};

/// The lines of a file of vectors, but for the first, which says where they are from.
fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().skip(1)
}

fn round_trip(text: &str) -> Multiaddr {
    let address: Multiaddr = text.parse().expect(text);
    assert_eq!(address.to_string().parse().as_ref(), Ok(&address), "{text} as text");
    assert_eq!(Multiaddr::try_from(address.as_bytes()).as_ref(), Ok(&address), "{text} as bytes");
    assert_eq!(address.iter().collect::<Multiaddr>(), address, "{text} in parts");
    address
}

#[test]
fn what_go_reads_is_read() {
    for text in lines(include_str!("vectors/good.txt")) {
        round_trip(text);
    }
}

#[test]
fn what_go_refuses_is_refused() {
    for text in lines(include_str!("vectors/bad.txt")) {
        assert!(text.parse::<Multiaddr>().is_err(), "{text} is refused");
    }
    for hexadecimal in lines(include_str!("vectors/bad-bytes.txt")) {
        let bytes = HEXLOWER.decode(hexadecimal.as_bytes()).unwrap();
        assert!(Multiaddr::try_from(bytes).is_err(), "{hexadecimal} is refused");
    }
}

#[test]
fn bytes_are_those_of_go() {
    for line in lines(include_str!("vectors/bytes.txt")) {
        let (text, hexadecimal) = line.split_once(' ').unwrap();
        let bytes = HEXLOWER.decode(hexadecimal.as_bytes()).unwrap();
        assert_eq!(round_trip(text).into_bytes(), bytes, "{text}");
        assert_eq!(Multiaddr::try_from(bytes).unwrap().to_string(), text);
    }
}

#[test]
fn the_table_is_that_of_the_specification() {
    for row in lines(include_str!("vectors/protocols.csv")) {
        let [code, size, name, ..] = row.split(',').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{row} has three columns");
        };
        let value = sample(name);
        let address =
            round_trip(&format!("/{name}{}{value}", if value.is_empty() { "" } else { "/" }));
        let part = address.iter().next().unwrap();
        assert_eq!(part.code(), code.parse::<u32>().unwrap(), "{name}");
        assert_eq!(part.name(), if name == "ipfs" { "p2p" } else { name });
        assert_eq!(part.value().is_none(), size == "0", "{name}");
        assert_eq!(address.len(), 1);
        let (read, rest) = unsigned_varint::decode::u32(address.as_bytes()).unwrap();
        assert_eq!(read, part.code());
        match size {
            "V" => {
                let (length, value) = unsigned_varint::decode::usize(rest).unwrap();
                assert_eq!(value.len(), length, "{name}");
            }
            _ => assert_eq!(rest.len() * 8, size.parse::<usize>().unwrap(), "{name}"),
        }
    }
}

/// Some value of a protocol.
fn sample(protocol: &str) -> &'static str {
    let good = include_str!("vectors/good.txt");
    match protocol {
        "tcp" | "udp" | "dccp" | "sctp" => "4001",
        "ip4" => "1.2.3.4",
        "ip6" => "fe80::1",
        "ip6zone" => "eth0",
        "ipcidr" => "24",
        "dns" | "dns4" | "dns6" | "dnsaddr" | "sni" => "example.com",
        "unix" => "run/socket",
        "p2p" | "ipfs" => "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
        "onion" => "timaq4ygg2iegci7:80",
        "onion3" => "vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:80",
        "garlic64" => good.lines().find_map(|line| line.strip_prefix("/garlic64/")).unwrap(),
        "garlic32" => "566niximlxdzpanmn4qouucvua3k7neniwss47li5r6ugoertzuq",
        "certhash" => "uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
        "http-path" => "a%2Fb",
        "memory" => "4",
        _ => "",
    }
}

#[test]
fn text_comes_back_as_it_was() {
    for text in [
        "/unix/a/b/c/d",
        "/ip6/::ffff:127.0.0.1/tcp/111",
        "/ip4/127.0.0.1/udp/123/ip6/::",
        "/ip4/127.0.0.1/udp/1234/quic-v1/webtransport/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
        "/p2p/QmbHVEEepCi7rn7VL7Exxpd2Ci9NNB6ifvqwhsrbRMgQFP/unix/a/b/c",
        "/http-path/tmp%2Fbar/p2p-circuit",
        "/ip4/127.0.0.1/tcp/443/tls/sni/example.com/http/http-path/foo",
        "/memory/18446744073709551616",
        "/memory/somewhere",
    ] {
        assert_eq!(round_trip(text).to_string(), text);
    }
}

#[test]
fn old_addresses_with_ipfs_are_written_with_p2p() {
    for text in [
        "/ip6/fe80::8823:6dff:fee7:f172/tcp/4001/ipfs/QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu",
        "/ip4/162.246.145.218/udp/4001/utp/ipfs/QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu",
        "/ip6/fe80::8823:6dff:fee7:f172/ipfs/QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu",
        "/dns4/example.com/tcp/4001/ipfs/QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu",
        "/ip4/162.246.145.218/tcp/7650/ip4/192.168.0.1/tcp/4001/ipfs/QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu",
        "/ether/ac:fd:ec:0b:7c:fe/ipfs/QmYJyUMAcXEw1b5bFfbBbzYu5wyyjLMRHXGUkCXpag74Fu",
    ] {
        let address = round_trip(text);
        assert_eq!(address.to_string(), text.replace("/ipfs/", "/p2p/"));
        assert_eq!(
            address.without_peer_id().with(Protocol::P2p(address.peer_id().unwrap())),
            address
        );
    }
}

#[test]
fn peers_written_as_cids_are_shown_in_base58() {
    let cid = "/p2p/bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe";
    assert_eq!(round_trip(cid).to_string(), "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
}

#[test]
fn a_memory_address_carries_its_name_with_the_length() {
    assert_eq!(round_trip("/memory/42").into_bytes(), b"\x89\x06\x0242");
}

#[test]
fn a_network_card_has_a_code_for_private_use() {
    let bytes = round_trip("/ether/ac:fd:ec:0b:7c:fe").into_bytes();
    assert_eq!(bytes, HEXLOWER_PERMISSIVE.decode(b"E79DC001ACFDEC0B7CFE").unwrap());
}
