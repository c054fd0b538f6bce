//! `/plaintext/2.0.0`: both sides say who they are, and that is all.

use peerloom_core::{BoxReader, BoxWriter, ByteStream, Handshake, Secured, SecurityUpgrade};
use peerloom_peer_id::EncodedKey;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::error::NAME;
use crate::{Error, exchange};

/// **Neither encrypts nor proves anything.** `/plaintext/2.0.0`, for tests and debugging only.
///
/// Everybody on the way can read and change all data, and every remote can pass for any peer. A node
/// that offers this beside a real protocol can be talked down to it by anybody on the way.
#[derive(Clone, Debug)]
pub struct InsecurePlaintext {
    key: EncodedKey,
}

impl InsecurePlaintext {
    /// Tells remotes that we are the peer with this public key. They have to believe it.
    #[must_use]
    pub fn new(key: EncodedKey) -> Self {
        InsecurePlaintext { key }
    }
}

impl SecurityUpgrade for InsecurePlaintext {
    fn name(&self) -> &str {
        "/plaintext/2.0.0"
    }

    async fn secure(
        &self,
        stream: ByteStream,
        handshake: Handshake<'_>,
    ) -> Result<Secured, peerloom_core::Error> {
        let (mut reader, mut writer) = stream.into_split();
        // Both speak at once, so that neither waits for the other to listen.
        let ((), remote_key) =
            tokio::try_join!(send(&mut writer, &self.key), receive(&mut reader))?;
        handshake.check(NAME, remote_key.peer_id())?;
        Ok(Secured { stream: ByteStream::new(reader, writer), remote_key, muxer: None })
    }
}

/// Sends our message with one write.
async fn send(writer: &mut BoxWriter, key: &EncodedKey) -> Result<(), Error> {
    writer.write_all(&exchange::encode(key)).await.map_err(Error::Stream)?;
    writer.flush().await.map_err(Error::Stream)
}

/// Receives the remote's message and nothing behind it.
async fn receive(reader: &mut BoxReader) -> Result<EncodedKey, Error> {
    let length = receive_length(reader).await?;
    let mut message = vec![0; length];
    reader.read_exact(&mut message).await.map_err(Error::Stream)?;
    exchange::decode(&message)
}

/// An [unsigned varint](https://github.com/multiformats/unsigned-varint) in its shortest form.
async fn receive_length(reader: &mut BoxReader) -> Result<usize, Error> {
    let mut length = 0;
    for shift in [0, 7] {
        let byte = reader.read_u8().await.map_err(Error::Stream)?;
        length |= usize::from(byte & 0x7f) << shift;
        match byte {
            0 if shift != 0 => return Err(Error::MalformedLength),
            0..0x80 if length <= MAX_MESSAGE => return Ok(length),
            0..0x80 => break,
            _ => {}
        }
    }
    Err(Error::TooLong(MAX_MESSAGE))
}

/// The longest message that is read, in bytes: the longest public key, which is 2 KiB, its peer id,
/// and room for fields that are skipped. Its length has two bytes at most.
const MAX_MESSAGE: usize = 4 * 1024;
