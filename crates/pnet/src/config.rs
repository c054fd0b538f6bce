//! What a private network is made of.

use std::time::Duration;

use peerloom_core::ByteStream;

use crate::PreSharedKey;
use crate::greeting::Greeter;
use crate::opening::Opening;
use crate::patience::Patience;
use crate::reader::Reader;
use crate::writer::Writer;

/// A private network: its key, and whether remotes have to show that they have it.
#[derive(Clone, Debug)]
pub struct Config {
    key: PreSharedKey,
    checked: bool,
    patience: Duration,
}

impl Config {
    /// The network with this key, whose connections begin as all of libp2p do: with the header of
    /// multistream-select. A remote whose first words do not decrypt to it is refused.
    #[must_use]
    pub fn new(key: PreSharedKey) -> Self {
        Config { key, checked: true, patience: PATIENCE }
    }

    /// Lets connections begin with anything. The cipher authenticates nothing, so what a remote
    /// with another key says then comes out as noise, and no error tells why.
    #[must_use]
    pub fn without_check(self) -> Self {
        Config { checked: false, ..self }
    }

    /// How long a remote may take to show the key, from when it is first waited for; 8 s unless it is said here.
    /// Let it be shorter than what the layer above waits, whose error does not tell about the key. Where nothing is
    /// checked, nothing is limited.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Config { patience, ..self }
    }

    /// Puts the key around a stream.
    ///
    /// Nothing is sent or awaited: our nonce goes out with the first data, or by itself when we read
    /// first, and the remote's is read before its first data. Reading takes a tokio runtime with a timer.
    #[must_use]
    pub fn protect(&self, stream: ByteStream) -> ByteStream {
        let (reader, writer) = stream.into_split();
        let opening = Opening::new(self.key.clone(), self.checked);
        let (writer, greeting) = Greeter::new(Writer::new(writer, self.key.clone()));
        let patience = Patience::new(self.checked.then_some(self.patience));
        ByteStream::new(Reader::new(reader, opening, greeting, patience), writer)
    }
}

impl From<PreSharedKey> for Config {
    fn from(key: PreSharedKey) -> Self {
        Config::new(key)
    }
}

/// Shorter than the 10 s that a swarm gives to the negotiation, and longer than any honest line takes.
const PATIENCE: Duration = Duration::from_secs(8);
