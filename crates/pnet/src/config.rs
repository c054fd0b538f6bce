//! What a private network is made of.

use peerloom_core::ByteStream;

use crate::PreSharedKey;
use crate::greeting::Greeter;
use crate::opening::Opening;
use crate::reader::Reader;
use crate::writer::Writer;

/// A private network: its key, and whether remotes have to show that they have it.
#[derive(Clone, Debug)]
pub struct Config {
    key: PreSharedKey,
    checked: bool,
}

impl Config {
    /// The network with this key, whose connections begin as all of libp2p do: with the header of
    /// multistream-select. A remote whose first words do not decrypt to it is refused.
    #[must_use]
    pub fn new(key: PreSharedKey) -> Self {
        Config { key, checked: true }
    }

    /// Lets connections begin with anything. The cipher authenticates nothing, so what a remote
    /// with another key says then comes out as noise, and no error tells why.
    #[must_use]
    pub fn without_check(self) -> Self {
        Config { checked: false, ..self }
    }

    /// Puts the key around a stream.
    ///
    /// Nothing is sent or awaited: our nonce goes out with the first data, or by itself when we read
    /// first, and the remote's is read before its first data.
    #[must_use]
    pub fn protect(&self, stream: ByteStream) -> ByteStream {
        let (reader, writer) = stream.into_split();
        let opening = Opening::new(self.key.clone(), self.checked);
        let (writer, greeting) = Greeter::new(Writer::new(writer, self.key.clone()));
        ByteStream::new(Reader::new(reader, opening, greeting), writer)
    }
}

impl From<PreSharedKey> for Config {
    fn from(key: PreSharedKey) -> Self {
        Config::new(key)
    }
}
