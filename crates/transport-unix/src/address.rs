//! Addresses of Unix sockets, and the paths in them.

use std::path::PathBuf;

use peerloom_multiaddr::{Multiaddr, Protocol};

/// The path of a Unix socket, and the address that it has without a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) path: PathBuf,
    pub(crate) address: Multiaddr,
}

impl Target {
    /// Reads `/unix/<path>`, with `/p2p` behind it or not, and nothing else.
    pub(crate) fn parse(address: &Multiaddr) -> Option<Self> {
        let address = address.without_peer_id();
        let mut parts = address.iter();
        let path = match (parts.next()?, parts.next()) {
            (Protocol::Unix(path), None) => PathBuf::from(&*path),
            _ => return None,
        };
        Some(Target { path, address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(address: &str) -> Option<PathBuf> {
        Target::parse(&address.parse().unwrap()).map(|target| target.path)
    }

    #[test]
    fn a_path_is_a_target_and_the_peer_is_left_out() {
        let peer = "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
        for end in ["", peer] {
            let address = format!("/unix/run/my node.sock{end}");
            assert_eq!(path(&address), Some("/run/my node.sock".into()));
        }
    }

    #[test]
    fn anything_else_is_none() {
        for address in ["/ip4/127.0.0.1/tcp/80", "/ip4/127.0.0.1/tcp/80/unix/run/a", "/memory/1"] {
            assert_eq!(path(address), None, "{address}");
        }
        let beyond = "/unix/run/a".parse::<Multiaddr>().unwrap().with(Protocol::Ws);
        assert_eq!(Target::parse(&beyond), None);
        assert_eq!(Target::parse(&Multiaddr::empty()), None);
    }
}
