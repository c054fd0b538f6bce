//! The host, with a builder that knows all layers.

use std::ops::Deref;

use crate::builder::Builder;

/// A peer of a network: it dials, listens, and speaks protocols on streams.
///
/// All that it does is in [`peerloom_host::Host`], which this is but for [`Host::builder`].
#[derive(Clone)]
pub struct Host(pub(crate) peerloom_host::Host);

impl Host {
    /// A host of tcp, noise or tls, and yamux, to be made otherwise where one wants it.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Deref for Host {
    type Target = peerloom_host::Host;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
