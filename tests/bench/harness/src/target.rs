//! Whom a scenario dials, and from which nodes.

use std::io;
use std::sync::Arc;

use crate::stack::Node;

/// The listener, and a node that dials it.
pub(crate) struct Target<N> {
    pub(crate) node: Arc<N>,
    pub(crate) variant: String,
    pub(crate) address: String,
}

impl<N: Node> Target<N> {
    pub(crate) async fn dial(&self) -> io::Result<N::Conn> {
        self.node.dial(&self.address).await
    }

    /// A node to make one of many connections from: this one, or one more where a stack has but one with a peer.
    pub(crate) async fn node(&self) -> io::Result<Arc<N>> {
        if N::MANY { Ok(self.node.clone()) } else { Ok(Arc::new(N::dialer(&self.variant).await?)) }
    }
}

/// Many connections at once, and the nodes that have them.
pub(crate) struct Held<'a, N: Node> {
    target: &'a Target<N>,
    nodes: Vec<Arc<N>>,
    pub(crate) conns: Vec<N::Conn>,
}

impl<'a, N: Node> Held<'a, N> {
    pub(crate) fn new(target: &'a Target<N>) -> Self {
        Held { target, nodes: Vec::new(), conns: Vec::new() }
    }

    /// Dials until there are this many.
    pub(crate) async fn grow(&mut self, count: usize) -> io::Result<()> {
        while self.conns.len() < count {
            let node = self.target.node().await?;
            self.conns.push(node.dial(&self.target.address).await?);
            self.nodes.push(node);
        }
        Ok(())
    }
}
