//! `peerloom ls`: the protocols that a node speaks.

use peerloom::{Connection, Host, multistream_select};
use serde_json::json;

use crate::arguments::RemoteArguments;
use crate::output::{Failure, Output};

pub(crate) async fn run(arguments: &RemoteArguments, output: Output) -> Result<(), Failure> {
    let (host, connection) = arguments.node.connect(&arguments.address).await?;
    let (protocols, source) = protocols(&host, &connection).await?;
    let object = json!({ "protocols": protocols, "source": source });
    output.print(protocols.join("\n"), object);
    host.close().await;
    Ok(())
}

/// Asks by multistream-select, and by identify where that is not answered: newer nodes do not.
async fn protocols(
    host: &Host,
    connection: &Connection,
) -> Result<(Vec<String>, &'static str), Failure> {
    let mut stream = connection.open().await?;
    match multistream_select::ls(&mut stream).await {
        Ok(protocols) => Ok((protocols, "multistream-select")),
        Err(_) => Ok((host.identified(connection).await?.protocols.clone(), "identify")),
    }
}
