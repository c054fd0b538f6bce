//! Counting inbound connections that have not proved anything yet.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use peerloom_multiaddr::{Multiaddr, Protocol};

use crate::config::Limits;
use crate::error::Limit;

/// The inbound connections that are being upgraded, in all and by sender.
#[derive(Debug, Default)]
pub(crate) struct Admission(Mutex<Pending>);

/// The right to upgrade one inbound connection; dropping it gives the place back.
pub(crate) struct Permit {
    admission: Arc<Admission>,
    sender: Option<IpAddr>,
}

#[derive(Debug, Default)]
struct Pending {
    total: usize,
    by_sender: HashMap<IpAddr, usize>,
}

impl Admission {
    /// Takes a place for a connection from `remote`, if there is one.
    pub(crate) fn admit(
        self: &Arc<Self>,
        remote: &Multiaddr,
        limits: &Limits,
    ) -> Result<Permit, Limit> {
        let sender = sender(remote);
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_sender =
            sender.and_then(|sender| pending.by_sender.get(&sender)).copied().unwrap_or(0);
        if limits.pending_inbound_per_address <= of_sender {
            let allowed = limits.pending_inbound_per_address;
            return Err(Limit { knob: "pending_inbound_per_address", allowed });
        }
        if limits.pending_inbound <= pending.total {
            return Err(Limit { knob: "pending_inbound", allowed: limits.pending_inbound });
        }
        pending.total += 1;
        if let Some(sender) = sender {
            *pending.by_sender.entry(sender).or_default() += 1;
        }
        Ok(Permit { admission: self.clone(), sender })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut pending = self.admission.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.total -= 1;
        let Some(sender) = self.sender else { return };
        if let Some(count) = pending.by_sender.get_mut(&sender) {
            *count -= 1;
            if *count == 0 {
                pending.by_sender.remove(&sender);
            }
        }
    }
}

/// Who a connection comes from: an IPv4 address, or an IPv6 network of 64 bits, which is what one
/// customer of a provider has. Nobody for addresses without an IP.
fn sender(remote: &Multiaddr) -> Option<IpAddr> {
    remote.iter().find_map(|protocol| match protocol {
        Protocol::Ip4(address) => Some(IpAddr::V4(address)),
        Protocol::Ip6(address) => {
            Some(IpAddr::V6((u128::from(address) & (u128::MAX << 64)).into()))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(total: usize, per_address: usize) -> Limits {
        Limits {
            pending_inbound: total,
            pending_inbound_per_address: per_address,
            ..Limits::default()
        }
    }

    #[test]
    fn one_sender_cannot_shut_out_the_others() {
        let admission = Arc::new(Admission::default());
        let greedy: Multiaddr = "/ip4/10.0.0.1/tcp/1".parse().unwrap();
        let honest: Multiaddr = "/ip4/10.0.0.2/tcp/1".parse().unwrap();
        let limits = limits(10, 2);
        let _held: Vec<_> =
            (0..2).map(|_| admission.admit(&greedy, &limits).ok().unwrap()).collect();
        let refused = admission.admit(&greedy, &limits).err().unwrap();
        assert_eq!(refused, Limit { knob: "pending_inbound_per_address", allowed: 2 });
        assert!(admission.admit(&honest, &limits).is_ok());
    }

    #[test]
    fn neighbours_in_an_ipv6_network_count_as_one_sender() {
        let admission = Arc::new(Admission::default());
        let limits = limits(10, 1);
        let _held = admission.admit(&"/ip6/2001:db8::1/tcp/1".parse().unwrap(), &limits).ok();
        assert!(admission.admit(&"/ip6/2001:db8::2/tcp/1".parse().unwrap(), &limits).is_err());
        assert!(admission.admit(&"/ip6/2001:db8:0:1::2/tcp/1".parse().unwrap(), &limits).is_ok());
    }

    #[test]
    fn a_place_is_given_back() {
        let admission = Arc::new(Admission::default());
        let remote: Multiaddr = "/memory/1".parse().unwrap();
        let limits = limits(1, 1);
        let held = admission.admit(&remote, &limits).ok();
        assert!(admission.admit(&remote, &limits).is_err());
        drop(held);
        assert!(admission.admit(&remote, &limits).is_ok());
    }
}
