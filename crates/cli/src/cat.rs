//! `peerloom cat`: stdin and stdout over a stream.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, copy, split, stdin, stdout};

use crate::arguments::CatArguments;
use crate::node::Hosts;
use crate::output::{Failure, unprinted};

pub(crate) async fn run(arguments: &CatArguments, hosts: &Hosts) -> Result<(), Failure> {
    let (host, connection) = hosts.connect(&arguments.remote).await?;
    let stream = host.new_stream_on(&connection, [arguments.protocol.as_str()]).await?;
    let (reader, mut writer) = split(stream);
    let sending = async {
        copy(&mut stdin(), &mut writer).await?;
        writer.shutdown().await
    };
    let receiving = print(reader);
    tokio::pin!(receiving);
    tokio::select! {
        sent = sending => {
            sent?;
            receiving.await?;
        }
        // The remote has said all; nobody hears what else is typed.
        received = &mut receiving => received?,
    }
    Ok(())
}

/// Copies to stdout, and tells its failures from those of the reader.
async fn print(mut reader: impl AsyncRead + Unpin) -> Result<(), Failure> {
    let mut out = stdout();
    let mut buffer = Vec::with_capacity(CHUNK);
    while reader.read_buf(&mut buffer).await? != 0 {
        out.write_all(&buffer).await.map_err(|error| unprinted(&error))?;
        out.flush().await.map_err(|error| unprinted(&error))?;
        buffer.clear();
    }
    Ok(())
}

/// How much is written at once.
const CHUNK: usize = 64 * 1024;
