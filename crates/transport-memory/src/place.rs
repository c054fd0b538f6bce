//! Places of a network: memory addresses, without the peer.

use peerloom_multiaddr::{Multiaddr, Name, Protocol};

/// The place that an address points at, if it is `/memory/…`, with `/p2p` behind it or not.
pub(crate) fn of(address: &Multiaddr) -> Option<Multiaddr> {
    let place = address.without_peer_id();
    let is_one = matches!(place.iter().next(), Some(Protocol::Memory(_))) && place.len() == 1;
    is_one.then_some(place)
}

/// The place with a number for its name.
pub(crate) fn numbered(number: u64) -> Multiaddr {
    Protocol::Memory(Name::from(number)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &str) -> Option<String> {
        of(&address.parse().unwrap()).map(|place| place.to_string())
    }

    #[test]
    fn a_place_has_a_number_or_a_name() {
        assert_eq!(place("/memory/7").as_deref(), Some("/memory/7"));
        assert_eq!(place("/memory/kitchen").as_deref(), Some("/memory/kitchen"));
    }

    #[test]
    fn the_peer_at_a_place_is_left_out() {
        let address = "/memory/7/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
        assert_eq!(place(address).as_deref(), Some("/memory/7"));
    }

    #[test]
    fn other_addresses_are_no_places() {
        for address in
            ["/ip4/127.0.0.1/tcp/1", "/memory/7/ws", "/memory/7/memory/8", "/ws/memory/7"]
        {
            assert_eq!(place(address), None, "{address}");
        }
        assert_eq!(of(&Multiaddr::empty()), None);
    }
}
