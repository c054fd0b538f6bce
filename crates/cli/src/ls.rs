//! `peerloom ls`: the protocols that a node speaks.

use std::time::Duration;

use peerloom::{Connection, Host, multistream_select};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::arguments::RemoteArguments;
use crate::node::Hosts;
use crate::output::{Failure, Output};

pub(crate) async fn run(
    arguments: &RemoteArguments,
    hosts: &Hosts,
    output: Output,
) -> Result<(), Failure> {
    let (host, connection) = hosts.connect(arguments).await?;
    let (protocols, source) = protocols(&host, &connection).await?;
    let object = json!({ "protocols": protocols, "source": source });
    output.print(&protocols, object)?;
    Ok(())
}

/// Asks by multistream-select, and by identify where that is not answered: newer nodes do not.
async fn protocols(
    host: &Host,
    connection: &Connection,
) -> Result<(Vec<String>, &'static str), Failure> {
    match list(connection.open().await?).await {
        Some(protocols) => Ok((protocols, "multistream-select")),
        None => Ok((host.identified(connection).await?.protocols.clone(), "identify")),
    }
}

async fn list(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> Option<Vec<String>> {
    let asking = multistream_select::ls(&mut stream);
    tokio::time::timeout(PATIENCE, asking).await.ok()?.ok()
}

/// How long the answer to `ls` may take. Identify is soon asked instead, so this is short.
const PATIENCE: Duration = Duration::from_secs(5);
