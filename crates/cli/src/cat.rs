//! `peerloom cat`: stdin and stdout over a stream.

use tokio::io::{AsyncWriteExt as _, copy, split, stdin, stdout};

use crate::arguments::CatArguments;
use crate::output::Failure;

pub(crate) async fn run(arguments: &CatArguments) -> Result<(), Failure> {
    let remote = &arguments.remote;
    let (host, connection) = remote.node.connect(&remote.address).await?;
    let stream = host.new_stream_on(&connection, [arguments.protocol.as_str()]).await?;
    let (mut reader, mut writer) = split(stream);
    let sending = async {
        copy(&mut stdin(), &mut writer).await?;
        writer.shutdown().await
    };
    let receiving = async {
        let mut out = stdout();
        copy(&mut reader, &mut out).await?;
        out.flush().await
    };
    tokio::pin!(receiving);
    tokio::select! {
        sent = sending => {
            sent?;
            receiving.await?;
        }
        // The remote has said all; nobody hears what else is typed.
        received = &mut receiving => received?,
    }
    host.close().await;
    Ok(())
}
