//! The order in which addresses are tried.

use std::collections::VecDeque;

use peerloom_multiaddr::{Multiaddr, Protocol};

/// IPv6 and IPv4 in turn, IPv6 first ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305#section-4));
/// others where they were found.
pub(crate) fn interleave(addresses: Vec<Multiaddr>) -> Vec<Multiaddr> {
    let (mut six, mut rest) = (VecDeque::new(), VecDeque::new());
    for address in addresses {
        let family = if is_six(&address) { &mut six } else { &mut rest };
        family.push_back(address);
    }
    let mut ordered = Vec::with_capacity(six.len() + rest.len());
    while !(six.is_empty() && rest.is_empty()) {
        ordered.extend(six.pop_front());
        ordered.extend(rest.pop_front());
    }
    ordered
}

fn is_six(address: &Multiaddr) -> bool {
    matches!(address.iter().next(), Some(Protocol::Ip6(_) | Protocol::Dns6(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_each_keeps_its_order() {
        let addresses = |texts: &[&str]| -> Vec<Multiaddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let found =
            addresses(&["/ip4/1.1.1.1", "/ip4/2.2.2.2", "/ip6/::1", "/memory/1", "/ip6/::2"]);
        let ordered =
            addresses(&["/ip6/::1", "/ip4/1.1.1.1", "/ip6/::2", "/ip4/2.2.2.2", "/memory/1"]);
        assert_eq!(interleave(found), ordered);
    }
}
